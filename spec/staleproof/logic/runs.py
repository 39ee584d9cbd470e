"""Symbolic runs: the state after some actions, as terms over the state before them.

Because actions are functional updates, running one is substitution. Where two runs meet at a
location they are merged with if-then-else on the path taken; that is exact only when at most one
of them can have been taken, so a nondeterministic choice between actions is made explicit by
Boolean *choice* variables, which are parameters like any other.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from staleproof.lang.sorts import BOOL
from staleproof.lang.substitute import Substitution, Update, formals_of
from staleproof.lang.system import Action, System
from staleproof.lang.terms import FALSE, TRUE, Symbol, Term, Var, conj, disj, ite, neg, variable

Assignment = Mapping[Symbol, Update]


@dataclass(frozen=True, slots=True, eq=False)
class Run:
    """What happened so far: the condition under which it did, and the state it led to."""

    guard: Term
    state: Assignment
    params: tuple[Var, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Taken:
    """One action within a run: its parameters under their fresh names, and when it was taken."""

    action: Action
    renaming: Mapping[Var, Var]
    when: Term
    target: str


START = Run(TRUE, {})


def read(run: Run, term: Term, variables: Mapping[Var, Term] | None = None) -> Term:
    """`term`, read in the state that the run led to."""
    return Substitution(variables or {}, run.state)(term)


def successors(system: System, location: str, run: Run, tag: str) -> Iterator[tuple[Taken, Run]]:
    """The run extended by each action that leaves `location`; `tag` makes parameter names fresh."""
    actions = system.leaving(location)
    chosen = _choices(actions, f"{location}{tag}")
    for index, action in enumerate(actions):
        renaming = {p: variable(f"{p.name}{tag}", p.sort) for p in action.params}
        reading = Substitution(renaming, run.state)
        guard = conj(run.guard, *(reading(g) for g in action.guard), chosen[index])
        if guard is FALSE:
            continue
        state = dict(run.state)
        for update in action.updates:
            state[update.symbol] = Update(update.symbol, update.formals, reading(update.value))
        params = (*run.params, *renaming.values(), *chosen[index].free)
        yield Taken(action, renaming, guard, action.target), Run(guard, state, params)


def _choices(actions: tuple[Action, ...], tag: str) -> list[Term]:
    """Per action the condition that it is the one chosen; true where guards exclude each other."""
    if all(_exclusive(a, b) for i, a in enumerate(actions) for b in actions[i + 1 :]):
        return [TRUE] * len(actions)
    choices: list[Term] = []
    others: Term = TRUE
    for index in range(len(actions)):
        last = index == len(actions) - 1
        pick = TRUE if last else variable(f"choice{index}.{tag}", BOOL)
        choices.append(conj(others, pick))
        others = conj(others, neg(pick))
    return choices


def _exclusive(a: Action, b: Action) -> bool:
    """Whether a conjunct of one guard is the negation of a conjunct of the other.

    A conjunct that mentions a parameter does not count: each action chooses its own.
    """
    if set(a.params) & frozenset[Var]().union(*(g.free for g in a.guard)):
        closed = [g for g in a.guard if not g.free]
    else:
        closed = list(a.guard)
    negations = {neg(g) for g in closed}
    return any(g in negations for g in b.guard if not g.free)


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
            value = ite(run.guard, _value(run, symbol, formals), value)
        state[symbol] = Update(symbol, formals, value)
    params = tuple(dict.fromkeys(p for run in runs for p in run.params))
    return Run(disj(*(run.guard for run in runs)), state, params)


def _value(run: Run, symbol: Symbol, formals: tuple[Var, ...]) -> Term:
    update = run.state.get(symbol)
    return symbol(*formals) if update is None else update.at(formals)
