"""The table of claims in Markdown, as it stands in the README."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from staleproof.claims import in_order
from staleproof.report.claims_table import Statement


def claims_markdown(claims: Sequence[Statement]) -> str:
    """Properties and the verdicts that are expected of them, versions in the order of time."""
    versions = in_order(c.version for c in claims)
    expected = {(c.property, c.version): c.expected.name for c in claims}
    sentences = {c.property: c.sentence for c in reversed(claims)}
    lines = [_row(["property", "what it says", "verdicts"]), _row(["---"] * 3)]
    for name in dict.fromkeys(c.property for c in claims):
        said = [v for v in versions if (name, v) in expected]
        by_verdict = groupby(said, key=lambda version: expected[name, version])
        verdicts = "; ".join(f"{', '.join(alike)}: {verdict}" for verdict, alike in by_verdict)
        lines.append(_row([name, " ".join(sentences[name].split()), verdicts]))
    return "\n".join(lines) + "\n"


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
