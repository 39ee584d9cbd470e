"""Mutants of a system: one condition or one assignment of one action is left out of each.

A condition left out can only add runs. An assignment left out leaves the symbol as it was, so it
can add runs and take others away; where it is all that the action does, the action is left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from staleproof.lang.substitute import Update, replace_terms
from staleproof.lang.system import Action, System
from staleproof.lang.terms import TRUE, Operation, Term, conj, ite, show


@dataclass(frozen=True, slots=True, eq=False)
class Mutant:
    """An action with something left out; `action` is None where nothing is left of it.

    `part` is the condition or the whole assignment from which something is left out.
    """

    name: str
    of: Action
    part: str
    action: Action | None
    only_adds_runs: bool = False

    def is_of(self, system: System) -> bool:
        """Whether the action is one of the system."""
        return any(a.digest == self.of.digest for a in system.actions)

    def within(self, system: System) -> System:
        """The system with the mutant in place of the action of that name."""
        mutated = (self.action if a.name == self.of.name else a for a in system.actions)
        return system.with_actions(a for a in mutated if a is not None)

    def counterpart(self, system: System) -> Mutant | None:
        """What leaves the same out of the action of that name; None where it is not there."""
        if self.is_of(system):
            return self
        namesakes = (a for a in system.actions if a.name == self.of.name)
        return next((m for a in namesakes for m in mutants(a) if m.name == self.name), None)


def mutants(action: Action) -> tuple[Mutant, ...]:
    """Every mutant of the action, each with a name of its own."""
    return (*_without_conditions(action), *_without_assignments(action), *_anywhere(action))


def _without_conditions(action: Action) -> Iterator[Mutant]:
    guard = conditions(action)
    for left_out in guard:
        rest = tuple(g for g in guard if g is not left_out)
        part = show(left_out)
        name = f"{action.name}: without require {part}"
        yield Mutant(name, action, part, replace(action, guard=rest), only_adds_runs=True)


def conditions(action: Action) -> tuple[Term, ...]:
    """The conjuncts of the guard, each once."""
    return tuple(dict.fromkeys(part for g in action.guard for part in _parts("and", g)))


def _without_assignments(action: Action) -> Iterator[Mutant]:
    for update in action.updates:
        name = f"{action.name}: without {update.symbol.name}"
        written = _parts("or", update.where)
        part = _shown(update)
        if len(written) == 1:
            rest = tuple(u for u in action.updates if u is not update)
            yield Mutant(name, action, part, replace(action, updates=rest) if rest else None)
            continue
        for here in written:
            kept = Update(
                update.symbol,
                update.formals,
                ite(here, update.symbol(*update.formals), update.value),
                conj(update.where, ~here),
            )
            mutated = _with(action, update, kept)
            yield Mutant(f"{name} where {show(here)}", action, part, mutated)


def _anywhere(action: Action) -> Iterator[Mutant]:
    """Assignments that forget a condition on where they write, unless it names the very point."""
    for update in action.updates:
        written = (c for d in _parts("or", update.where) for c in _parts("and", d))
        for here in dict.fromkeys(written):
            value = replace_terms(update.value, {here: TRUE})
            if _names_a_point(here, update) or value is update.value:
                continue
            where = replace_terms(update.where, {here: TRUE})
            wider = Update(update.symbol, update.formals, value, where)
            name = f"{action.name}: {update.symbol.name} also without {show(here)}"
            yield Mutant(name, action, _shown(update), _with(action, update, wider))


def _names_a_point(condition: Term, update: Update) -> bool:
    return (
        isinstance(condition, Operation)
        and condition.operator.name == "eq"
        and not {*update.formals}.isdisjoint(condition.children)
    )


def _shown(update: Update) -> str:
    """The assignment, written out."""
    point = show(update.symbol(*update.formals))
    return f"{point} = {show(update.value)} where {show(update.where)}"


def _with(action: Action, old: Update, new: Update) -> Action:
    return replace(action, updates=tuple(new if u is old else u for u in action.updates))


def _parts(junction: str, term: Term) -> tuple[Term, ...]:
    """What the term is the conjunction, or disjunction, of; the term itself if it is none."""
    if isinstance(term, Operation) and term.operator.name == junction:
        return term.children
    return (term,)
