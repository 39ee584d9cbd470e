"""habanalabs after patch 03/15; the text is the same as posted in v4 and as merged."""

from __future__ import annotations

from pathlib import Path

from staleproof.engine.question import Question
from staleproof.kernel.user_buffer.questions import ClaimLike, question
from staleproof.kernel.user_buffer.versions import habana

PINS = habana(Path(__file__).parent / "habana_memory.c")


def pins(claim: ClaimLike) -> Question:
    """d4cb19250aae: the get pins into an array of its own."""
    return question(claim, PINS)
