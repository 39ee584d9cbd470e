"""Replay: execute a run on plain values, without a solver, and check everything it claims."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from staleproof.errors import EvaluationError, ReplayError
from staleproof.lang.evaluate import Interpretation, evaluate
from staleproof.lang.liveness import live_constants
from staleproof.lang.operators import to_signed
from staleproof.lang.sorts import BitVec, Sort, Unbounded, Value, is_value_of, show_value
from staleproof.lang.system import Action, Note, Property, System
from staleproof.lang.terms import Term, Var, neg
from staleproof.trace.model import Column, State, Step, Trace

Environment = Mapping[Var, Value]


@dataclass(frozen=True, slots=True)
class Choice:
    """One action and the values of its parameters."""

    action: Action
    environment: Environment


@dataclass(frozen=True, slots=True)
class Script:
    """What a run consists of, before anybody has checked that it happens."""

    initial: Interpretation
    choices: tuple[Choice, ...]
    violation: Environment


def execute(system: System, script: Script) -> list[Interpretation]:
    """The states of the run. Raises ReplayError unless it starts in an initial state, every guard
    holds, each action is one of the system's and starts where the one before ended, and every
    value is one of its sort.
    """
    _demand_values(system, script)
    for kind, formulas in (("axiom", system.axioms), ("initial condition", system.init)):
        for formula in formulas:
            _demand(formula, script.initial, {}, f"the {kind} does not hold")
    known = {action.name: action for action in system.actions}
    states, location = [script.initial], system.entry
    for number, choice in enumerate(script.choices, 1):
        action = choice.action
        own = known.get(action.name)
        if own is None or (own is not action and own.digest != action.digest):
            raise ReplayError(f"step {number} ({action.name}) is no action of {system.name}")
        if action.source != location:
            raise ReplayError(f"step {number} ({action.name}) starts at {action.source}")
        for guard in action.guard:
            what = f"step {number} ({action.name}) is not enabled"
            _demand(guard, states[-1], choice.environment, what)
        states.append(states[-1].after(action.updates, choice.environment))
        location = action.target
    return states


def _demand_values(system: System, script: Script) -> None:
    """Raise ReplayError unless what the script gives is complete and of the right sorts."""
    universes = script.initial.universes
    if any(size < 1 for size in universes.values()):
        raise ReplayError("a universe is empty")
    for symbol in system.symbols:
        function = script.initial.functions.get(symbol)
        if function is None:
            raise ReplayError(f"the initial state has no value for {symbol.name}")
        for point in ((),) if not symbol.domain else function.support():
            sorts = (*symbol.domain, symbol.range)
            for value, sort in zip((*point, function.at(point)), sorts, strict=True):
                _demand_value(value, sort, universes, f"{symbol.name} in the initial state")
    chosen = [(c.action.name, c.action.params, c.environment) for c in script.choices]
    for name, params, environment in chosen:
        if set(environment) != set(params):
            raise ReplayError(f"{name} is given values for other parameters than its own")
    for name, environment in [*((n, e) for n, _, e in chosen), ("violation", script.violation)]:
        for param, value in environment.items():
            _demand_value(value, param.sort, universes, f"{param.name} of {name}")


def _demand_value(value: Value, sort: Sort, universes: Mapping[Unbounded, int], what: str) -> None:
    size = universes.get(sort, 1) if isinstance(sort, Unbounded) else None
    if not is_value_of(value, sort) or (size is not None and int(value) >= size):
        raise ReplayError(f"{what} is {value!r}, which is no {sort.name}")


def _demand(formula: Term, state: Interpretation, environment: Environment, what: str) -> None:
    try:
        holds = evaluate(formula, state, environment)
    except EvaluationError as failure:
        raise ReplayError(f"{what}: {failure.message}") from failure
    if not holds:
        raise ReplayError(f"{what}: {formula}")


def replay(system: System, prop: Property, script: Script) -> Trace:
    """The trace of a run that violates `prop` in its last state. Raises ReplayError if it does
    not.
    """
    return as_trace(system, prop, script, check_violation(system, prop, script))


def check_violation(system: System, prop: Property, script: Script) -> list[Interpretation]:
    """The states of a run that violates `prop` in the last of them: for whoever needs no trace.
    Raises ReplayError if it does not.
    """
    states = execute(system, script)
    location = script.choices[-1].action.target if script.choices else system.entry
    if not prop.holds_at(location):
        raise ReplayError(f"{prop.name} says nothing about {location}")
    what = f"{prop.name} is not violated in the last state"
    _demand(neg(prop.formula), states[-1], script.violation, what)
    return states


def as_trace(
    system: System,
    prop: Property,
    script: Script,
    states: Sequence[Interpretation],
    loops_to: int | None = None,
) -> Trace:
    """The run as a value that needs no system to be read."""
    touched = {
        symbol: tuple(dict.fromkeys(states[-1].functions[symbol].support()))
        if symbol.domain
        else ((),)
        for symbol in system.symbols
    }
    live = live_constants(system)[system.entry]
    locations = [system.entry, *(c.action.target for c in script.choices)]
    return Trace(
        property=prop.name,
        system=system.name,
        system_digest=system.digest,
        columns=tuple(
            Column(
                s.name,
                tuple(d.name for d in s.domain),
                s.range.name,
                s.mutable,
                s.signed,
                meant=bool(s.domain) or not s.mutable or s in live,
            )
            for s in system.symbols
        ),
        universes={sort.name: size for sort, size in script.initial.universes.items()},
        states=tuple(
            State(
                location,
                {s.name: {p: state.value(s, *p) for p in points} for s, points in touched.items()},
            )
            for location, state in zip(locations, states, strict=True)
        ),
        steps=tuple(_step(c, states[i]) for i, c in enumerate(script.choices)),
        violation=_named(script.violation),
        loops_to=loops_to,
    )


def _named(environment: Environment) -> tuple[tuple[str, str, Value], ...]:
    return tuple((v.name, v.sort.name, value) for v, value in environment.items())


def _step(choice: Choice, state: Interpretation) -> Step:
    action = choice.action
    return Step(
        action=action.name,
        params=_named(choice.environment),
        doc=action.doc,
        kernel=action.kernel,
        holds=action.holds,
        place=action.place,
        notes=tuple(_note(n, state, choice.environment) for n in action.notes),
    )


def _note(note: Note, state: Interpretation, environment: Environment) -> str:
    values = []
    signs = note.signed or (False,) * len(note.terms)
    for term, signed in zip(note.terms, signs, strict=True):
        value = evaluate(term, state, environment)
        if signed and isinstance(term.sort, BitVec):
            assert isinstance(value, int)
            values.append(str(to_signed(value, term.sort.width)))
        else:
            values.append(show_value(value, term.sort))
    return note.text.format(*values)
