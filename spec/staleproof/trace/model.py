"""Traces as values: what happened, step by step, with no solver and no system object in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from staleproof.errors import Place
from staleproof.lang.sorts import Value

Arguments = tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Column:
    """How a symbol stands in a trace: its sorts, and whether its words are printed signed.

    `meant` is False of a constant whose value at the start means nothing: it is set before it is
    read.
    """

    name: str
    domain: tuple[str, ...]
    range: str
    mutable: bool
    signed: bool
    meant: bool = True


@dataclass(frozen=True, slots=True)
class State:
    """One state: the location, and per symbol its value at each point that the trace touches.

    A constant has the one point ``()``.
    """

    location: str
    values: Mapping[str, Mapping[Arguments, Value]]


@dataclass(frozen=True, slots=True)
class Step:
    """One action taken: `params` are its chosen parameters as (name, sort name, value)."""

    action: str
    params: tuple[tuple[str, str, Value], ...]
    doc: str
    kernel: str
    holds: str
    place: Place | None
    notes: tuple[str, ...]

    @property
    def headline(self) -> str:
        """Where in the kernel, and what, in one line."""
        place = self.place
        if place is None:
            return f"{self.kernel}: {self.action}" if self.kernel else self.action
        source = " ".join(place.source.split())
        # A line that ends so is the first of several.
        ends = (",", "(", "&&", "||", "+", "-", "|", "=", "?")
        more = " ..." if source.endswith(ends) else ""
        return f"{Path(place.file).name}:{place.line}: {source or self.action}{more}"


@dataclass(frozen=True, slots=True)
class Trace:
    """A replayed run: ``len(states) == len(steps) + 1``.

    `violation` says for which parameters the property fails in the last state, as
    (name, sort name, value). `loops_to` is the index of the state that the last one repeats, in a
    trace that shows an endless run.
    """

    property: str
    system: str
    system_digest: str
    columns: tuple[Column, ...]
    universes: Mapping[str, int]
    states: tuple[State, ...]
    steps: tuple[Step, ...]
    violation: tuple[tuple[str, str, Value], ...] = ()
    loops_to: int | None = None


def changes(trace: Trace, index: int) -> list[tuple[str, Arguments, Value | None, Value]]:
    """What step `index` changed: (symbol, arguments, value before, value after)."""
    before, after = trace.states[index], trace.states[index + 1]
    changed = []
    for name, points in after.values.items():
        for arguments, value in points.items():
            old = before.values.get(name, {}).get(arguments)
            if old != value:
                changed.append((name, arguments, old, value))
    return changed
