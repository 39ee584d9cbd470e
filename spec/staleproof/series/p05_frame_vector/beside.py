"""get_vaddr_frames() on normal memory, each version beside the one before it: v4 and merged."""

from __future__ import annotations

from staleproof.engine.question import Question
from staleproof.kernel.equivalence.by_pin import Manner
from staleproof.kernel.equivalence.normal_memory import Beside, question
from staleproof.kernel.frame_vector.killers import NO_LONGTERM, NO_REF, NO_WRITE
from staleproof.kernel.frame_vector.questions import ClaimLike
from staleproof.kernel.frame_vector.versions import LEGACY
from staleproof.series.p05_frame_vector.versions import MERGED, V4


def v4(claim: ClaimLike) -> Question:
    """Before the series, and as posted."""
    manners = (Manner(longterm=False, asks_before=True, tells_errno=True), Manner(tells_errno=True))
    killers = (NO_REF, NO_WRITE)
    return question(claim, Beside(LEGACY, V4, manners, ("EQ-3b", "EQ-3c"), killers, 38, 38))


def merged(claim: ClaimLike) -> Question:
    """As posted, and as merged."""
    manners = (Manner(), Manner())
    return question(claim, Beside(V4, MERGED, manners, ("EQ-3a",), (NO_REF, NO_LONGTERM), 30, 44))
