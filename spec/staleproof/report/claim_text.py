"""One claim in full: its report, its explanation, and the mail that can be pasted to a list."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from staleproof.report.claims_table import Statement
from staleproof.report.layout import (
    MAIL_WIDTH,
    TERMINAL_WIDTH,
    Paint,
    ascii_only,
    count,
    plain,
    style_of,
    wrapped,
)
from staleproof.report.trace_text import TraceText
from staleproof.trace.itf import from_itf
from staleproof.verdict import ClaimResult

MOST_LINES = 8
"""How much is shown of the answer to one question about vacuity: some list many actions."""


@dataclass(frozen=True, slots=True)
class Logic:
    """A claim as the engines see it: the formula and the system it is asked of, as text."""

    formula: str
    system: str
    assumptions: tuple[tuple[str, str], ...]


def trace_report(statement: Statement, result: ClaimResult, paint: Paint = plain) -> list[str]:
    """The counterexample on a terminal: what fails, every step, and how to see it again."""
    return [
        *_title(statement, result, TERMINAL_WIDTH, paint),
        "",
        *_trace(result, TERMINAL_WIDTH, paint),
        "",
        *_assumptions(result.assumptions, TERMINAL_WIDTH),
        *_repeat(result, TERMINAL_WIDTH),
    ]


def mail(statement: Statement, result: ClaimResult) -> list[str]:
    """The claim and its counterexample as plain ASCII in 72 columns, ready to paste."""
    lines = [
        *_title(statement, result, MAIL_WIDTH, plain),
        "",
        *_paragraphs(statement.because, MAIL_WIDTH),
        *_trace(result, MAIL_WIDTH, plain),
        "",
        *_assumptions(result.assumptions, MAIL_WIDTH),
        *_repeat(result, MAIL_WIDTH),
    ]
    escaped = [ascii_only(line) for line in lines]
    return [part for line in escaped for part in _folded(line)]


def _folded(line: str) -> list[str]:
    # An escaped character is longer than the one it stands for.
    return [line] if len(line) <= MAIL_WIDTH else textwrap.wrap(line, MAIL_WIDTH)


def explanation(
    statement: Statement, logic: Logic | None, last: ClaimResult | None, paint: Paint = plain
) -> list[str]:
    """What a claim says, in kernel words and in logic, and what its last verdict rests on."""
    width = TERMINAL_WIDTH
    lines = [
        paint(f"{statement.name}: expected {statement.expected.name}", "strong"),
        *wrapped(statement.sentence, width, "  "),
        "",
        *_paragraphs(statement.because, width),
    ]
    if statement.table:
        text = f"First table (docs/findings.md): {statement.table}"
        lines.extend([*wrapped(text, width, "", "  "), ""])
    if logic is not None:
        lines.append(f"In logic, of the system {logic.system}:")
        lines.extend([*wrapped(logic.formula, width, "  ", "    "), ""])
    assumptions = logic.assumptions if logic is not None else last.assumptions if last else ()
    lines.extend(_assumptions(assumptions, width))
    if last is None:
        lines.append(f"No verdict is on record. To get one: staleproof prove {statement.name}")
        return lines
    lines.extend(_verdict(last, width, paint))
    lines.extend(_repeat(last, width))
    return lines


def _title(statement: Statement, result: ClaimResult, width: int, paint: Paint) -> Iterator[str]:
    style = style_of(result.verdict, result.expected)
    agreed = "as expected" if result.as_expected else f"expected {result.expected.name}"
    text = f"{result.claim} is {result.verdict} ({agreed})"
    yield from (paint(line, style) for line in wrapped(text, width))
    yield from wrapped(statement.sentence, width, "  ")


def _trace(result: ClaimResult, width: int, paint: Paint) -> list[str]:
    assert result.trace is not None
    trace = from_itf(result.trace)
    steps = count(len(trace.steps), "step")
    by = f", found with {', '.join(result.solvers)}" if result.solvers else ""
    system = f"{trace.system} (system {trace.system_digest})"
    text = f"A run of {system} in {steps}{by}, replayed step by step without a solver."
    return [*wrapped(text, width), "", *TraceText(trace, width, paint).lines()]


def _verdict(result: ClaimResult, width: int, paint: Paint) -> Iterator[str]:
    style = style_of(result.verdict, result.expected)
    text = f"Last verdict: {result.verdict}"
    yield from (paint(line, style) for line in wrapped(text, width))
    yield from wrapped(result.verdict.word.value, width, "  ")
    if result.method:
        yield from wrapped(f"by {result.method}", width, "  ")
    if result.solvers:
        yield from wrapped(f"with {', '.join(result.solvers)}", width, "  ")
    if result.trace is not None:
        steps = len(result.trace["states"]) - 1
        yield f"  a counterexample of {count(steps, 'step')}: staleproof trace {result.claim}"
    if result.obligations:
        yield f"  {count(len(result.obligations), 'question')} to the solver:"
        for obligation in result.obligations:
            text = f"{obligation.name}: {obligation.answer} ({obligation.digest})"
            yield from wrapped(text, width, "    ", "      ")
    if result.lemmas:
        yield f"  {count(len(result.lemmas), 'lemma')}:"
        for lemma in result.lemmas:
            yield from wrapped(lemma, width, "    ", "      ")
    if result.killers:
        yield f"  {count(len(result.killers), 'killer')} (wrong variants that must be refuted):"
        for killer in result.killers:
            steps_text = "" if killer.steps is None else f" in {count(killer.steps, 'step')}"
            text = f"{killer.name}: {killer.verdict}{steps_text}: {killer.sentence}"
            yield from wrapped(text, width, "    ", "      ")
    if result.vacuity:
        yield "  not vacuous:"
        for question, answer in result.vacuity:
            lines = wrapped(f"{question}: {answer}", width, "    ", "      ")
            yield from lines[:MOST_LINES]
            if len(lines) > MOST_LINES:
                yield f"      ... ({count(len(lines) - MOST_LINES, 'more line')} in prove --json)"
    yield ""


def _assumptions(assumptions: Sequence[tuple[str, str]], width: int) -> Iterator[str]:
    if assumptions:
        yield "It rests on these assumptions:"
        for name, sentence in assumptions:
            yield from wrapped(f"{name}: {sentence}", width, "  ", "    ")
        yield ""


def _repeat(result: ClaimResult, width: int) -> list[str]:
    command = "trace" if result.trace is not None else "prove --no-cache"
    return wrapped(f"To repeat: staleproof {command} {result.claim}", width)


def _paragraphs(text: str, width: int) -> Iterator[str]:
    for paragraph in text.strip().split("\n\n") if text.strip() else ():
        yield from wrapped(paragraph, width)
        yield ""
