"""habanalabs after patch 04/15; the text is the same as posted in v4 and as merged."""

from __future__ import annotations

from pathlib import Path

from staleproof.engine.question import Question
from staleproof.kernel.user_buffer.questions import ClaimLike, question
from staleproof.kernel.user_buffer.versions import habana

LONGTERM = habana(Path(__file__).parent / "habana_memory.c")


def longterm(claim: ClaimLike) -> Question:
    """d88a0c169bd5: the pin is a long-term one."""
    return question(claim, LONGTERM)
