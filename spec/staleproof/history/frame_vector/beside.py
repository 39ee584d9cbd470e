"""get_vaddr_frames() on normal memory, each version beside the one before it, after 5.12."""

from __future__ import annotations

from staleproof.engine.question import Question
from staleproof.history.frame_vector.versions import ERRNO_FIX, NO_FALLBACK
from staleproof.kernel.equivalence.by_pin import Manner
from staleproof.kernel.equivalence.normal_memory import Beside, question
from staleproof.kernel.frame_vector.killers import NO_LONGTERM, NO_REF
from staleproof.kernel.frame_vector.questions import ClaimLike
from staleproof.series.p05_frame_vector.versions import MERGED

KILLERS = (NO_REF, NO_LONGTERM)


def errno_fix(claim: ClaimLike) -> Question:
    """As merged, and with the errno fix."""
    manners = (Manner(), Manner())
    return question(claim, Beside(MERGED, ERRNO_FIX, manners, ("EQ-3a",), KILLERS, 30, 60))


def no_fallback(claim: ClaimLike) -> Question:
    """With the errno fix, and without raw pfns."""
    manners = (Manner(asks_after=True, tells_errno=True), Manner(tells_errno=True))
    return question(claim, Beside(ERRNO_FIX, NO_FALLBACK, manners, ("EQ-3",), KILLERS, 30))
