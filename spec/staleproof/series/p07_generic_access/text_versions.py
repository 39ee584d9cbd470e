"""The C text of generic_access_phys() after patch 7: as posted in v1, and in v4, as merged."""

from __future__ import annotations

from pathlib import Path

from staleproof.engine.question import Question
from staleproof.kernel.iomem.questions import ClaimLike, Folder, question_of, row_named
from staleproof.kernel.pte_users import access

TEXTS = Folder(Path(__file__).parent)


def v1(claim: ClaimLike) -> Question:
    """The patch as first posted."""
    return question_of(claim, TEXTS, *row_named(claim.property, access.FIRST))


def merged(claim: ClaimLike) -> Question:
    """The patch as posted in v4 and merged for 5.12."""
    return question_of(claim, TEXTS, *row_named(claim.property, access.AFTER))
