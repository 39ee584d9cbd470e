"""Symbolic runs: the state after some actions, as terms over the state before them.

Because actions are functional updates, running one is substitution. Where two runs meet at a
location they are merged with if-then-else on the path taken; that is exact only when at most one
of them can have been taken, so a nondeterministic choice between actions is made explicit by
Boolean *choice* variables, which are parameters like any other. The condition of the if-then-else
is the run's *mark*: the part of its guard that tells it from the runs it can meet.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from staleproof.lang.sorts import BOOL
from staleproof.lang.substitute import Substitution, Update, formals_of
from staleproof.lang.system import Action, System
from staleproof.lang.terms import (
    FALSE,
    TRUE,
    Operation,
    Symbol,
    Term,
    Var,
    conj,
    disj,
    has_quantifier,
    ite,
    neg,
    variable,
)

Assignment = Mapping[Symbol, Update]


@dataclass(frozen=True, slots=True, eq=False)
class Run:
    """What happened so far: the condition under which it did, and the state it led to.

    Of the runs that can meet at one location, at most one mark holds where their guards do.
    """

    guard: Term
    mark: Term
    state: Assignment
    params: tuple[Var, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Taken:
    """One action within a run: its parameters under their fresh names, and when it was taken."""

    action: Action
    renaming: Mapping[Var, Var]
    choices: tuple[Var, ...]
    when: Term
    target: str


START = Run(TRUE, TRUE, {})


def read(run: Run, term: Term, variables: Mapping[Var, Term] | None = None) -> Term:
    """`term`, read in the state that the run led to."""
    return Substitution(variables or {}, run.state)(term)


def successors(
    system: System, location: str, run: Run, tag: str, target: str | None = None
) -> Iterator[tuple[Taken, Run]]:
    """The run extended by each action that leaves `location` (for `target`, where that is named);
    `tag` makes parameter names fresh.
    """
    actions = tuple(a for a in system.leaving(location) if target in (None, a.target))
    chosen = _choices(actions, f"{location}{tag}")
    plain = Substitution({}, run.state)
    for index, action in enumerate(actions):
        renaming = {p: variable(f"{p.name}{tag}", p.sort) for p in action.params}
        reading = Substitution(renaming, run.state) if renaming else plain
        guards = [reading(g) for g in action.guard]
        guard = conj(run.guard, *guards, chosen[index])
        if guard is FALSE:
            continue
        telling = [g for g, original in zip(guards, action.guard, strict=True) if tells(original)]
        mark = conj(run.mark, *telling, chosen[index])
        state = dict(run.state)
        for update in action.updates:
            state[update.symbol] = Update(update.symbol, update.formals, reading(update.value))
        choices = tuple(sorted(chosen[index].free, key=lambda v: v.name))
        params = (*run.params, *renaming.values(), *choices)
        taken = Taken(action, renaming, choices, guard, action.target)
        yield taken, Run(guard, mark, state, params)


def is_choice(term: Term) -> bool:
    """Whether the term is a variable that says that an action, and no later one, is chosen."""
    return isinstance(term, Var) and term.name.startswith("choice!")


def _choices(actions: tuple[Action, ...], tag: str) -> list[Term]:
    """Per action the condition that it is the one chosen; true where guards exclude each other."""
    if exclude_each_other(actions):
        return [TRUE] * len(actions)
    choices: list[Term] = []
    others: Term = TRUE
    for index in range(len(actions)):
        last = index == len(actions) - 1
        pick = TRUE if last else variable(f"choice!{index}.{tag}", BOOL)
        choices.append(conj(others, pick))
        others = conj(others, neg(pick))
    return choices


def tells(guard: Term) -> bool:
    """Whether a guard may tell runs apart: no parameter, which each action chooses for itself, and
    no quantifier, which is costly as a condition.
    """
    return not guard.free and not has_quantifier(guard)


@lru_cache(maxsize=512)
def exclude_each_other(actions: tuple[Action, ...]) -> bool:
    """Whether guards alone tell which of the actions can be taken."""
    return all(_exclusive(a, b) for i, a in enumerate(actions) for b in actions[i + 1 :])


def _exclusive(a: Action, b: Action) -> bool:
    """Whether a telling conjunct of one guard is the negation of one of the other."""
    negations = {neg(g) for g in a.guard if tells(g)}
    return any(g in negations for g in b.guard)


def merge(runs: list[Run]) -> Run:
    """The runs that meet at one location, of which at most one can have been taken."""
    if len(runs) == 1:
        return runs[0]
    touched = dict.fromkeys(symbol for run in runs for symbol in run.state)
    state: dict[Symbol, Update] = {}
    for symbol in touched:
        formals = formals_of(symbol)
        value = _value(runs[-1], symbol, formals)
        for run in reversed(runs[:-1]):
            value = ite(run.mark, _value(run, symbol, formals), value)
        state[symbol] = Update(symbol, formals, value)
    params = tuple(dict.fromkeys(p for run in runs for p in run.params))
    guard = _either([run.guard for run in runs])
    return Run(guard, _either([run.mark for run in runs]), state, params)


def _either(terms: list[Term]) -> Term:
    """The disjunction, with what all have in common taken out once."""
    whole = terms[0]
    for term in terms[1:]:
        mine, other = _conjuncts(whole), _conjuncts(term)
        common = [t for t in mine if t in other]
        shared = set(common)
        left = conj(*(t for t in mine if t not in shared))
        right = conj(*(t for t in other if t not in shared))
        whole = conj(*common, TRUE if left is neg(right) else disj(left, right))
    return whole


def _conjuncts(term: Term) -> dict[Term, None]:
    if isinstance(term, Operation) and term.operator.name == "and":
        return dict.fromkeys(term.children)
    return {term: None}


def _value(run: Run, symbol: Symbol, formals: tuple[Var, ...]) -> Term:
    update = run.state.get(symbol)
    return symbol(*formals) if update is None else update.at(formals)
