"""The verdicts on a C function of the user's own, with every counterexample in full."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from staleproof.report.claims_table import summary
from staleproof.report.layout import TERMINAL_WIDTH, Paint, count, plain, style_of, wrapped
from staleproof.report.trace_text import TraceText
from staleproof.trace.itf import from_itf
from staleproof.verdict import ClaimResult


def check_report(
    file: str, function: str, results: Sequence[ClaimResult], paint: Paint = plain
) -> Iterator[str]:
    """One line per property, the traces of the refuted ones, the assumptions."""
    width = TERMINAL_WIDTH
    yield paint(f"{function} in {file}", "strong")
    longest = max((len(r.property) for r in results), default=0)
    for result in results:
        word = paint(result.verdict.word.name, style_of(result.verdict, result.expected))
        yield f"  {result.property:{longest}}  {word}"
        if result.verdict.detail:
            yield from wrapped(result.verdict.detail, width, "      ")
    for result in results:
        if result.trace is None:
            continue
        trace = from_itf(result.trace)
        steps = count(len(trace.steps), "step")
        title = f"{result.property}: a counterexample in {steps}, replayed without a solver"
        yield ""
        yield paint(title, "bad")
        yield ""
        yield from TraceText(trace, width, paint).lines()
    sentences = {name: sentence for r in results for name, sentence in r.assumptions}
    yield ""
    if sentences:
        yield "The verdicts rest on these assumptions:"
        for name, sentence in sentences.items():
            yield from wrapped(f"{name}: {sentence}", width, "  ", "    ")
        yield ""
    yield summary(results, "property", "properties")
