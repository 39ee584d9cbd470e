"""Two functions compared, as text for a mail: the classes on which they differ, a run of each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import groupby

from staleproof.report.layout import TABLE_WIDTH, Paint, plain, wrapped
from staleproof.report.trace_text import TraceText
from staleproof.trace.itf import from_itf
from staleproof.trace.model import State, Trace
from staleproof.verdict import Comparison, Difference, Unsettled, Word

WIDTH = TABLE_WIDTH
SIDES = ("A", "B")


def diff_report(result: Comparison, paint: Paint = plain) -> Iterator[str]:
    """The verdict, the classes, one witness each, and what it all rests on."""
    head = f"{result.function}: A is {result.first}, B is {result.second}"
    yield from (paint(line, "strong") for line in wrapped(head, WIDTH, "", "  "))
    if result.condition:
        yield from wrapped(f"compared where {result.condition}", WIDTH, "  ")
    for note in result.notes:
        yield from wrapped(note, WIDTH, "  ")
    yield ""
    yield from wrapped(_summary(result), WIDTH)
    number = 0
    for what, group in groupby(result.differences, key=lambda d: d.what):
        yield ""
        yield from (paint(line, "bad") for line in wrapped(f"{what}:", WIDTH))
        for difference in group:
            number += 1
            lead = f"  {number:>2}. "
            yield from wrapped(_told(difference), WIDTH, lead, " " * len(lead))
    if result.unsettled:
        yield ""
        yield from _unsettled(result.unsettled)
    for number, difference in enumerate(result.differences, 1):
        yield ""
        yield from _witness(number, difference, paint)
    yield ""
    yield "This rests on these assumptions:"
    for name, sentence in result.assumptions:
        yield from wrapped(f"{name}: {sentence}", WIDTH, "  ", "    ")


def _told(class_: Difference | Unsettled) -> str:
    return f"A {class_.first}, B {class_.second}"


def _unsettled(classes: tuple[Unsettled, ...]) -> Iterator[str]:
    """The classes that are left open, and what to do about them."""
    yield "Open: no run of these classes was found, and no proof that there is none."
    for one in classes:
        yield from wrapped(f"{one.what}: {_told(one)}; {one.searched}", WIDTH, "  - ", "    ")
    yield from wrapped(
        "Next: compare where only one of them is left (--when), or read the two for what the loops "
        "keep: a relation of their variables that is not found is what the proof lacks.",
        WIDTH,
        "  ",
    )


def _summary(result: Comparison) -> str:
    word, rest = result.verdict.word, result.rest
    if word is Word.PROVED:
        which = "all inputs that meet the condition" if result.condition else "all inputs"
        return f"PROVED: the two do the same for {which}."
    if word is Word.REFUTED:
        number = len(result.differences)
        found = "1 class" if number == 1 else f"{number} classes"
        lead = f"REFUTED: the two differ on {found} of inputs. "
        if rest.word is Word.PROVED:
            return lead + "That they do the same on all other inputs is proved."
        if result.unsettled:
            return lead + f"Of the rest not all is proved; the open classes are below: {rest}."
        return lead + f"Of all other inputs no difference is known, and no proof: {rest}."
    if word is Word.HELD_TO_BOUND:
        return f"UNDECIDED: no difference was found ({result.verdict.detail}), and no proof."
    return f"{result.verdict}."


def _witness(number: int, difference: Difference, paint: Paint) -> Iterator[str]:
    trace = from_itf(difference.trace)
    head = f"{number}. {difference.what}: replayed without a solver"
    yield from (paint(line, "strong") for line in wrapped(head, WIDTH, "", "   "))
    yield from TraceText(_without_copies(trace), WIDTH, paint).world()
    for side in SIDES:
        part = one_side(trace, side)
        told = difference.first if side == SIDES[0] else difference.second
        yield from wrapped(f"{side} {told}:", WIDTH, "", "  ")
        yield from TraceText(part, WIDTH, paint).steps()


def _without_copies(trace: Trace) -> Trace:
    """The world at the start, which both sides share."""
    kept = tuple(c for c in trace.columns if c.name[:2] not in ("A.", "B."))
    return replace(trace, columns=kept, states=_states(trace, {c.name: c.name for c in kept}))


def one_side(trace: Trace, side: str) -> Trace:
    """The steps of one side alone, with its variables under their own names."""
    mine = [i for i, s in enumerate(trace.steps) if s.action.startswith(f"{side} ")]
    names = {
        c.name: c.name.removeprefix(f"{side}.")
        for c in trace.columns
        if c.name.startswith(f"{side}.") or c.name[:2] not in ("A.", "B.")
    }
    own = {n for old, n in names.items() if old != n}
    names = {old: n for old, n in names.items() if old != n or n not in own}
    columns = tuple(replace(c, name=names[c.name]) for c in trace.columns if c.name in names)
    states = _states(trace, names)
    first = mine[0] if mine else 0
    kept = (states[first], *(states[i + 1] for i in mine))
    return replace(trace, columns=columns, states=kept, steps=tuple(trace.steps[i] for i in mine))


def _states(trace: Trace, names: dict[str, str]) -> tuple[State, ...]:
    return tuple(
        State(s.location, {names[n]: v for n, v in s.values.items() if n in names})
        for s in trace.states
    )
