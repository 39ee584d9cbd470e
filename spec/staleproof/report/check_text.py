"""The verdicts on a C function of the user's own, with every counterexample in full."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from staleproof.report.claims_table import summary
from staleproof.report.layout import TABLE_WIDTH, Paint, count, plain, style_of, wrapped
from staleproof.report.trace_text import TraceText
from staleproof.trace.itf import from_itf
from staleproof.verdict import ClaimResult, says_nothing

WIDTH = TABLE_WIDTH
"""As wide as a mail: a report is pasted into reviews."""


def check_report(
    file: str,
    function: str,
    results: Sequence[ClaimResult],
    said: Mapping[str, str],
    paint: Paint = plain,
) -> Iterator[str]:
    """Each property with its verdict and what it says, the traces, the assumptions."""
    silent = says_nothing(results)
    yield from (paint(line, "strong") for line in wrapped(f"{function} in {file}", WIDTH, "", "  "))
    name_width = max((len(r.property) for r in results), default=0)
    word_width = max((len(r.verdict.word.name) for r in results), default=0)
    for result in results:
        word = result.verdict.word.name
        lead = f"  {result.property:{name_width}}  {word:{word_width}}  "
        texts = [said.get(result.property, ""), _detail(result, silent)]
        lines = [line for t in texts if t for line in wrapped(t, WIDTH, " " * len(lead))]
        first = lead + (lines[0][len(lead) :] if lines else "")
        style = "quiet" if result in silent else style_of(result.verdict, result.expected)
        yield first.rstrip().replace(word, paint(word, style), 1)
        yield from lines[1:]
    for result in results:
        if result.trace is not None:
            yield from _counterexample(result, said.get(result.property, ""), paint)
    yield ""
    sentences = {name: sentence for r in results for name, sentence in r.assumptions}
    if sentences:
        yield "The verdicts rest on these assumptions:"
        for name, sentence in sentences.items():
            yield from wrapped(f"{name}: {sentence}", WIDTH, "  ", "    ")
        yield ""
    yield from wrapped(summary(results, "property", "properties", silent), WIDTH)


def _detail(result: ClaimResult, silent: Sequence[ClaimResult]) -> str:
    detail = result.verdict.detail
    if result in silent:
        return f"This says nothing about this file: {detail}." if detail else ""
    return f"{detail}." if detail else ""


def _counterexample(result: ClaimResult, sentence: str, paint: Paint) -> Iterator[str]:
    trace = from_itf(result.trace or {})
    steps = count(len(trace.steps), "step")
    yield ""
    yield paint(f"{result.property}: a counterexample in {steps}, replayed without a solver", "bad")
    yield from wrapped(sentence, WIDTH, "  ") if sentence else ()
    yield ""
    yield from TraceText(trace, WIDTH, paint).lines()
