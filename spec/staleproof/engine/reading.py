"""The run that an answer of the solver is about, read from its model."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol

from staleproof.engine.scoped import Asked, Goal, violating
from staleproof.engine.solve import Session
from staleproof.lang.evaluate import FunctionValue, Interpretation, Table
from staleproof.lang.sorts import Value, default_value
from staleproof.lang.system import System
from staleproof.lang.terms import App, Literal, Symbol, Term, postorder
from staleproof.logic.runs import Run, Taken
from staleproof.trace.replay import Choice, Script


class Runs(Protocol):
    """The runs of a system by length, each location's merged into one."""

    @property
    def layers(self) -> Sequence[Mapping[str, Sequence[Taken]]]:
        """Per length, per location the actions that leave the runs there."""

    def runs(self, length: int) -> dict[str, Run]:
        """The runs of that length by the location where they are."""


def steps_of(system: System, runs: Runs, goal: Goal, asked: Asked) -> Iterator[Taken]:
    """The steps of the run to the goal that the last answer is about."""
    at = system.entry
    for layer in runs.layers[: goal.depth]:
        if at in layer:
            step = next(s for s in layer[at] if asked.value(s.when) is True)
            yield step
            at = step.target
    assert at == goal.location


def script_of(system: System, runs: Runs, goal: Goal, asked: Asked) -> Script:
    """The run to the goal that the last answer is about, as something to replay."""
    choices = tuple(
        Choice(step.action, {p: asked.value(fresh) for p, fresh in step.renaming.items()})
        for step in steps_of(system, runs, goal, asked)
    )
    violation = {p: asked.value(v) for p, v in violating(goal.prop).items()}
    initial = Interpretation(_tables(system, asked), dict(asked.scope.sizes))
    return Script(initial, choices, violation)


def _tables(system: System, asked: Asked) -> dict[Symbol, FunctionValue]:
    """The initial interpretation: each symbol at each point where the formulas read it."""
    session, scoper = asked.session, asked.scoper
    entries: dict[str, dict[tuple[Value, ...], Value]] = {}
    named = {scoper.symbol(s).name: s for s in system.symbols}
    for node in postorder(*asked.terms):
        if not isinstance(node, App):
            continue
        symbol = named[node.symbol.name]
        point = tuple(
            scoper.decode(_known(session, c), s)
            for c, s in zip(node.children, symbol.domain, strict=True)
        )
        value = scoper.decode(_known(session, node), symbol.range)
        entries.setdefault(symbol.name, {})[point] = value
    return {
        s: Table(entries.get(s.name, {}), default_value(s.range))
        if s.domain
        else Table({}, entries.get(s.name, {}).get((), default_value(s.range)))
        for s in system.symbols
    }


def _known(session: Session, term: Term) -> Value:
    if isinstance(term, Literal):
        return term.value
    value = session.value(term)
    assert value is not None
    return value
