"""exynos g2d after patch 01/15; the text is the same as posted in v4 and as merged."""

from __future__ import annotations

from pathlib import Path

from staleproof.engine.question import Question
from staleproof.kernel.user_buffer.questions import ClaimLike, question
from staleproof.kernel.user_buffer.versions import exynos

PINS = exynos(Path(__file__).parent / "exynos_g2d.c")


def pins(claim: ClaimLike) -> Question:
    """2c8c08f33ad7: the get pins into an array of its own."""
    return question(claim, PINS)
