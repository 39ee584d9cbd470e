"""Many claims at a glance: the table of `prove` and the list of `list`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol

from staleproof.report.layout import TABLE_WIDTH, Paint, count, plain, style_of, wrapped
from staleproof.verdict import ClaimResult, Summary, Word

CLAIM = 20
VERDICT = 9
"""The two words that are longer are rare, and have nothing behind the time."""
EXPECTED = 8
TIME = 7
SHOWN_BY = TABLE_WIDTH - sum(2 + column for column in (CLAIM, VERDICT, EXPECTED, TIME))


class Statement(Protocol):
    """What a claim says, as far as a report shows it."""

    @property
    def name(self) -> str: ...
    @property
    def version(self) -> str: ...
    @property
    def expected(self) -> Word: ...
    @property
    def sentence(self) -> str: ...
    @property
    def because(self) -> str: ...
    @property
    def table(self) -> str: ...

    # Last, because it hides the builtin that the lines above need.
    @property
    def property(self) -> str: ...


def shown_by(result: ClaimResult) -> str:
    """What a verdict rests on, in three words: the trace, or the killers and lemmas."""
    if result.trace is not None:
        return count(len(result.trace["states"]) - 1, "step")
    if result.verdict.word is not Word.PROVED:
        return ""
    parts = [count(len(result.killers), "killer")]
    if result.lemmas:
        parts.append(count(len(result.lemmas), "lemma"))
    return ", ".join(parts)


def heading() -> str:
    """The first line of the table of verdicts."""
    verdict = f"{'verdict':{VERDICT}}  {'expected':{EXPECTED}}"
    return f"{'claim':{CLAIM}}  {verdict}  {'time':>{TIME}}  shown by"


def row(result: ClaimResult, paint: Paint = plain) -> list[str]:
    """The line of one claim, and more lines below it where something is not as it should be."""
    verdict, expected = result.verdict, result.expected
    style = style_of(verdict, expected)
    word = verdict.word.name
    cells = (
        paint(word, style) + " " * (VERDICT - len(word)),
        f"{expected.name:{EXPECTED}}",
        _time(result.seconds),
    )
    lines = [] if len(result.claim) <= CLAIM else [result.claim]
    name = "" if lines else result.claim
    lines.append(f"{name:{CLAIM}}  {'  '.join(cells)}")
    by = shown_by(result)
    if len(by) <= SHOWN_BY:
        lines[-1] = f"{lines[-1]}  {by}".rstrip()
    else:
        lines.append(f"    {by}")
    if verdict.detail:
        lines.extend(wrapped(verdict.detail, TABLE_WIDTH, "    "))
    for killer in result.killers:
        if killer.verdict != Word.REFUTED.name:
            text = f"killer {killer.name} came out {killer.verdict}, not REFUTED"
            lines.extend(paint(line, "bad") for line in wrapped(text, TABLE_WIDTH, "    "))
    if not result.as_expected:
        lines.append(f"    {_next_step(result)}")
    return lines


def _time(seconds: float) -> str:
    """As exactly as the column allows."""
    told = (f"{seconds:5.{digits}f} s" for digits in (2, 1, 0))
    return min(told, key=lambda text: max(len(text), TIME))


def _next_step(result: ClaimResult) -> str:
    if result.verdict.word is Word.BROKEN:
        return f"repeat: STALEPROOF_DEBUG=1 staleproof prove '{result.claim}'"
    if result.trace is not None:
        return f"see: staleproof trace {result.claim}"
    return f"see: staleproof explain {result.claim}"


def footing(results: Sequence[ClaimResult], paint: Paint = plain) -> Iterator[str]:
    """What stands under the table: the assumptions, then the count of verdicts."""
    sentences = {name: sentence for r in results for name, sentence in r.assumptions}
    users = Counter(name for r in results for name in dict(r.assumptions))
    if sentences:
        yield "Assumptions that these verdicts rest on:"
        for name, sentence in sorted(sentences.items()):
            which = "all" if users[name] == len(results) else f"{users[name]} of {len(results)}"
            yield from wrapped(f"{name} ({which}): {sentence}", TABLE_WIDTH, "  ", "    ")
        yield ""
    yield from wrapped(summary(results), TABLE_WIDTH)
    for result in results:
        if not result.as_expected:
            text = f"{result.claim} is {result.verdict.word.name}, expected {result.expected.name}"
            yield paint(text, style_of(result.verdict, result.expected))


def summary(
    results: Sequence[ClaimResult],
    what: str = "claim",
    plural: str = "",
    excused: Sequence[ClaimResult] = (),
) -> str:
    """How many claims (or whatever is counted) came out how; `excused` are not held to it."""
    words = Counter(r.verdict.word for r in results)
    parts = [f"{words[word]} {word.name}" for word in Word if words[word]]
    differing = sum(not r.as_expected for r in results if r not in excused)
    ending = "all as expected" if not differing else f"{differing} not as expected"
    return f"{count(len(results), what, plural)}: {', '.join(parts) or 'none'}; {ending}."


def listing(
    claims: Iterable[tuple[Statement, Summary | None]], paint: Paint = plain
) -> Iterator[str]:
    """Every claim with its expectation and last verdict, under the sentence it states."""
    yield f"  {'claim':{CLAIM}}  {'expected':{VERDICT}}  last verdict"
    said: tuple[str, str] | None = None
    for statement, last in claims:
        if said != (statement.property, statement.sentence):
            said = (statement.property, statement.sentence)
            text = f"{statement.property}: {statement.sentence}"
            yield ""
            yield from (paint(line, "strong") for line in wrapped(text, TABLE_WIDTH, "", "  "))
        word = (
            "-" if last is None else paint(str(last.verdict), style_of(last.verdict, last.expected))
        )
        yield f"  {statement.name:{CLAIM}}  {statement.expected.name:{VERDICT}}  {word}"
