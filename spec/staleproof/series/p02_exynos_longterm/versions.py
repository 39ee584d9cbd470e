"""exynos g2d after patch 02/15; the text is the same as posted in v4 and as merged."""

from __future__ import annotations

from pathlib import Path

from staleproof.engine.question import Question
from staleproof.kernel.user_buffer.questions import ClaimLike, question
from staleproof.kernel.user_buffer.versions import exynos

LONGTERM = exynos(Path(__file__).parent / "exynos_g2d.c")


def longterm(claim: ClaimLike) -> Question:
    """9fcac0f1efea: the pin is a long-term one."""
    return question(claim, LONGTERM)
