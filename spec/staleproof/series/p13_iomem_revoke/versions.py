"""Device memory after patch 13/15: the text is the same as posted in v4 and as merged for 5.12."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from staleproof.engine.question import Question
from staleproof.kernel.iomem.questions import ClaimLike, question
from staleproof.kernel.iomem.versions import LEGACY

HERE = Path(__file__).parent
REVOKES_IOMEM = replace(
    LEGACY,
    claiming=HERE / "resource.c",
    revoking=HERE / "resource.c",
    revoke="revoke_iomem",
)


def revokes_iomem(claim: ClaimLike) -> Question:
    """Patch 13/15: the claim of a region and its revoke stand in one file."""
    return question(claim, REVOKES_IOMEM)
