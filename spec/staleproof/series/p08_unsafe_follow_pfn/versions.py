"""unsafe_follow_pfn() as posted in v4 and in v5; it was never merged."""

from __future__ import annotations

from pathlib import Path

from staleproof.engine.question import Question
from staleproof.kernel.iomem.questions import ClaimLike, Folder, question_of, row_named
from staleproof.series.p08_unsafe_follow_pfn.rows import V4, V5

POSTED = Folder(Path(__file__).parent)


def v4(claim: ClaimLike) -> Question:
    """Patches 08 and 10 of 15, as posted in v4: the two builds differ."""
    return question_of(claim, POSTED, *row_named(claim.property, V4))


def v5(claim: ClaimLike) -> Question:
    """Patch 08 as posted in v5: both builds have the same text."""
    return question_of(claim, POSTED, *row_named(claim.property, V5))
