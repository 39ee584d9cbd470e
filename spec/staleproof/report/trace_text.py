"""Traces as text: the world at the start, then per step only what changed."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from pathlib import Path

from staleproof.lang.sorts import BitVec, Value, show_value
from staleproof.report.layout import Paint, aligned, count, plain, wrapped
from staleproof.trace.model import Arguments, Column, Step, Trace, changes

BIT_VECTOR = re.compile(r"BitVec(\d+)")
NULL = re.compile(r".*\bNULL")
"""A constant of such a name says which element of its sort is the null pointer."""


def shown(
    value: Value, sort: str, universes: Mapping[str, int], signed: bool | None = False
) -> str:
    """A value by the name of its sort. With `signed` None both readings of a word are given."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value
    if sort in universes:
        return f"{sort}{value}"
    match = BIT_VECTOR.fullmatch(sort)
    if match is None:
        return str(value)
    word = BitVec(int(match[1]))
    unsigned = show_value(value, word)
    if signed is None:
        negative = show_value(value, word, signed=True)
        return f"{negative} ({unsigned} unsigned)" if negative.startswith("-") else unsigned
    return show_value(value, word, signed=signed)


class TraceText:
    """One trace, laid out in lines of at most `width`."""

    def __init__(self, trace: Trace, width: int, paint: Paint = plain) -> None:
        self._trace = trace
        self._width = width
        self._paint = paint
        self._columns = {c.name: c for c in trace.columns}
        first = trace.states[0].values
        self._nulls = {
            (c.range, first[c.name][()])
            for c in trace.columns
            if NULL.fullmatch(c.name) and c.range in trace.universes and () in first.get(c.name, {})
        }

    def lines(self) -> list[str]:
        """The whole trace: the world at the start, the steps, the violated property."""
        return [*self.world(), "", *self.steps(), "", *self.ending()]

    def _shown(self, value: Value, sort: str, signed: bool | None = False) -> str:
        if (sort, value) in self._nulls:
            return "NULL"
        return shown(value, sort, self._trace.universes, signed)

    def _value(self, value: Value, column: Column) -> str:
        return self._shown(value, column.range, column.signed)

    def _named(self, named: Iterable[tuple[str, str, Value]]) -> list[str]:
        return [f"{name} = {self._shown(value, sort, None)}" for name, sort, value in named]

    def _point(self, name: str, arguments: Arguments) -> str:
        if not arguments:
            return name
        sorts = self._columns[name].domain
        return f"{name}[{', '.join(self._arguments(arguments, sorts))}]"

    def _arguments(self, arguments: Arguments, sorts: tuple[str, ...]) -> list[str]:
        return [self._shown(a, s) for a, s in zip(arguments, sorts, strict=True)]

    # The world

    def world(self) -> list[str]:
        """What holds at the start: the constants, then one table per kind of thing."""
        nulls = Counter(sort for sort, _ in self._nulls)
        sizes = [count(n - nulls[s], s) for s, n in self._trace.universes.items()]
        with_sizes = f" ({', '.join(sizes)})" if sizes else ""
        lines = self._painted(f"At the start{with_sizes}:", "", "strong")
        lines.extend(self._constants())
        first = self._trace.states[0].values
        functions = [c for c in self._trace.columns if c.domain and first.get(c.name)]
        for domain, columns in groupby(sorted(functions, key=_domain), _domain):
            lines.extend(self._table(domain, list(columns)))
        if len(lines) == 1:
            lines.append("  nothing is known of it but what the steps show")
        return lines

    def _constants(self) -> Iterator[str]:
        """What nothing can change is always told, what can be only where it is not nothing."""
        first = self._trace.states[0].values
        told, left_out = [], False
        for column in self._trace.columns:
            if column.domain or not column.meant or () not in first.get(column.name, {}):
                continue
            value = first[column.name][()]
            if NULL.fullmatch(column.name) and (column.range, value) in self._nulls:
                continue
            if column.mutable and self._is_nothing(value, column.range):
                left_out = True
            else:
                told.append(f"{column.name} = {self._value(value, column)}")
        yield from self._several(told, "  ")
        if left_out:
            others = "every other variable" if told else "every variable"
            yield from wrapped(f"{others} is 0, false or NULL", self._width, "  ")

    def _is_nothing(self, value: Value, sort: str) -> bool:
        if sort in self._trace.universes:
            return (sort, value) in self._nulls
        return not value

    def _table(self, domain: tuple[str, ...], columns: list[Column]) -> Iterator[str]:
        """The values at every point but NULL, of which nothing is ever read."""
        first = self._trace.states[0].values
        points = sorted({p for c in columns for p in first[c.name]}, key=_order)
        named = [BIT_VECTOR.sub("number", sort) for sort in domain]
        rows = [[", ".join(named), *(c.name for c in columns)]]
        for point in points:
            if not self._nulls.isdisjoint(zip(domain, point, strict=True)):
                continue
            values = [(first[c.name].get(point), c) for c in columns]
            texts = ["" if v is None else self._value(v, c) for v, c in values]
            rows.append([", ".join(self._arguments(point, domain)), *texts])
        if len(rows) == 1:
            return
        table = aligned(rows, "  ")
        if max(map(len, table)) <= self._width:
            yield from table
            return
        for row in rows[1:]:
            cells = zip(rows[0][1:], row[1:], strict=True)
            known = [f"{name} = {cell}" for name, cell in cells if cell]
            yield from self._several(known, f"  {row[0]}: ")

    def _several(self, items: Iterable[str], first: str) -> list[str]:
        """Items on as few lines as hold them, never broken inside unless one is too long alone."""
        lines, line = [], first
        indent = " " * (len(first) - len(first.lstrip()) + 2) if first.strip() else first
        empty = True
        for item in items:
            if not empty and len(line) + 2 + len(item) > self._width:
                lines.append(line + ",")
                line, empty = indent, True
            line += item if empty else f", {item}"
            empty = False
        if not empty:
            lines.append(line)
        return [part for text in lines for part in self._fitted(text, indent)]

    def _fitted(self, text: str, indent: str) -> list[str]:
        if len(text) <= self._width:
            return [text]
        return wrapped(text, self._width, text[: len(text) - len(text.lstrip())], indent)

    # The steps

    def steps(self) -> list[str]:
        """Every step: where it is in the kernel, what was chosen, what changed, what to note."""
        lines = self._files()
        digits = len(str(len(self._trace.steps)))
        for index, step in enumerate(self._trace.steps):
            if index == self._trace.loops_to:
                lines.extend(
                    self._painted("Here begins the loop that the run stays in:", "", "bad")
                )
            lead = f"{index + 1:>{digits}}. "
            lines.extend(self._painted(step.headline, lead, "strong"))
            lines.extend(self._details(index, step, " " * len(lead)))
        return lines or ["The state at the start already violates it; no step is needed."]

    def _files(self) -> list[str]:
        """Which files the short names in the steps stand for."""
        files = dict.fromkeys(s.place.file for s in self._trace.steps if s.place is not None)
        told = [f"{Path(f).name} is {f}" for f in files if Path(f).name != f]
        return [line for text in told for line in wrapped(text, self._width)]

    def _painted(self, text: str, lead: str, style: str) -> list[str]:
        cut = len(lead)
        lines = wrapped(text, self._width, lead)
        return [line[:cut] + self._paint(line[cut:], style) for line in lines]

    def _details(self, index: int, step: Step, indent: str) -> Iterator[str]:
        if step.doc:
            yield from wrapped(step.doc, self._width, indent)
        if step.place is not None and step.kernel:
            yield from wrapped(f"in {step.kernel}", self._width, indent)
        if step.holds:
            yield from wrapped(f"holds {step.holds}", self._width, indent)
        if step.params:
            yield from self._several(self._named(step.params), f"{indent}chosen: ")
        for note in step.notes:
            yield from wrapped(note, self._width, f"{indent}note: ", f"{indent}      ")
        for name, arguments, before, after in changes(self._trace, index):
            column = self._columns[name]
            old = "" if before is None else f"{self._value(before, column)} -> "
            text = f"{self._point(name, arguments)}: {old}{self._value(after, column)}"
            yield from wrapped(text, self._width, f"{indent}* ", f"{indent}  ")

    # The end

    def ending(self) -> list[str]:
        """The property that fails in the last state and for which elements, or by which loop."""
        trace = self._trace
        if trace.loops_to is not None:
            return self._painted(
                _endless(trace.property, trace.loops_to, len(trace.steps)), "", "bad"
            )
        where = self._named(trace.violation)
        text = f"Now {trace.property} is violated" + (f", for {', '.join(where)}" if where else "")
        return self._painted(f"{text}.", "", "bad")


def _endless(violated: str, loops_to: int, last: int) -> str:
    """That the last step leads back to an earlier state, and what follows."""
    state = f"after step {loops_to}" if loops_to else "at the start"
    first = loops_to + 1
    steps = f"steps {first} to {last} go" if first < last else f"step {last} goes"
    return f"Now the state is again that {state}: {steps} round for ever. Violated: {violated}."


def _domain(column: Column) -> tuple[str, ...]:
    return column.domain


def _order(point: Arguments) -> tuple[tuple[str, int, str], ...]:
    """A total order of points whose values may be numbers, truth values or names."""
    return tuple(
        (type(v).__name__, v, "") if not isinstance(v, str) else ("str", 0, v) for v in point
    )
