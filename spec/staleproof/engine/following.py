"""A run of one system, followed in a variant of it: from the same start, with the same choices.

Where the variant has no such action the first that can happen is taken. What comes out is a script
that nobody has checked yet.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import product

from staleproof.errors import EvaluationError
from staleproof.lang.evaluate import Evaluator, Interpretation, Table
from staleproof.lang.sorts import (
    BitVec,
    BoolSort,
    Enum,
    IntSort,
    Sort,
    Unbounded,
    Value,
    default_value,
)
from staleproof.lang.system import Action, Property, System
from staleproof.lang.terms import Term, Var
from staleproof.trace.replay import Choice, Script

MOST_STEPS = 60
"""How long a run is followed at most: a variant may loop."""

WORDS_TRIED = range(4)
"""The values that are tried for a parameter of a property that is a word."""


def followed(system: System, prop: Property, script: Script) -> Script | None:
    """The run of the variant `system`, up to its first violation of `prop`; None if it has none."""
    state = _start(system, script)
    location, choices = system.entry, list[Choice]()
    ahead = [(_what(c.action), c.environment) for c in script.choices]
    start = state
    if not all_hold((*system.axioms, *system.init), state, {}):
        return None
    while len(choices) <= MOST_STEPS:
        values = violation(prop, location, state)
        if values is not None:
            return Script(start, tuple(choices), values)
        choice = _next(system, prop, location, state, ahead)
        if choice is None:
            return None
        choices.append(choice)
        state = state.after(choice.action.updates, choice.environment)
        location = choice.action.target
    return None


def violation(prop: Property, location: str, state: Interpretation) -> Mapping[Var, Value] | None:
    """Values of the parameters for which the property fails in the state, of the few tried."""
    closed = Evaluator(state, {})
    for values in _values(prop, state) if prop.holds_at(location) else ():
        try:
            if not closed.inside(values).value(prop.formula):
                return values
        except EvaluationError:
            continue
    return None


def _values(prop: Property, state: Interpretation) -> Iterator[Mapping[Var, Value]]:
    for values in product(*(tried(p.sort, state) for p in prop.params)):
        yield dict(zip(prop.params, values, strict=True))


def tried(sort: Sort, state: Interpretation) -> tuple[Value, ...]:
    """The values of a sort that are tried: all of them, or the least words."""
    match sort:
        case BoolSort():
            return (False, True)
        case Enum(_, members):
            return members
        case Unbounded():
            return tuple(range(state.universes.get(sort, 1)))
        case BitVec(width):
            return tuple(v for v in WORDS_TRIED if v < 1 << width)
        case IntSort():
            return tuple(WORDS_TRIED)


def _start(system: System, script: Script) -> Interpretation:
    known = script.initial.functions
    functions = {s: known.get(s) or Table({}, default_value(s.range)) for s in system.symbols}
    return Interpretation(functions, script.initial.universes)


def _next(
    system: System,
    prop: Property,
    location: str,
    state: Interpretation,
    ahead: list[tuple[str, Mapping[Var, Value]]],
) -> Choice | None:
    """The step to take: into a violation, else what the run does next, else any. What was `ahead`
    and is taken now is removed from it.
    """
    places = {what: i for i, (what, _) in reversed([*enumerate(ahead)])}

    def rank(action: Action) -> tuple[bool, int]:
        return not prop.holds_at(action.target), places.get(_what(action), len(ahead))

    for action in sorted(system.leaving(location), key=rank):
        place = places.get(_what(action))
        chosen = {} if place is None else ahead[place][1]
        environment = {p: chosen.get(p, default_value(p.sort)) for p in action.params}
        if all_hold(action.guard, state, environment):
            if place is not None:
                del ahead[place]
            return Choice(action, environment)
    return None


def _what(action: Action) -> str:
    """What an action does, without where: a variant numbers its locations anew."""
    return action.name.removeprefix(action.source)


def all_hold(
    formulas: tuple[Term, ...], state: Interpretation, environment: Mapping[Var, Value]
) -> bool:
    """Whether the formulas are true; what cannot be evaluated counts as false."""
    here = Evaluator(state, environment)
    try:
        return all(here.value(f) for f in formulas)
    except EvaluationError:
        return False
