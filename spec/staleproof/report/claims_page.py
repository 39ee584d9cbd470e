"""The table of claims in Markdown, as it stands in the README."""

from __future__ import annotations

from collections.abc import Sequence

from staleproof.report.claims_table import Statement


def claims_markdown(claims: Sequence[Statement]) -> str:
    """Properties against versions; a cell is the verdict that is expected."""
    versions = list(dict.fromkeys(c.version for c in claims))
    properties = list(dict.fromkeys(c.property for c in claims))
    cells = {(c.property, c.version): c.expected.name for c in claims}
    sentences = {c.property: c.sentence for c in reversed(claims)}
    head = ["property", "what it says", *versions]
    lines = [_row(head), _row(["---"] * len(head))]
    for name in properties:
        words = [cells.get((name, version), "") for version in versions]
        lines.append(_row([name, " ".join(sentences[name].split()), *words]))
    return "\n".join(lines) + "\n"


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
