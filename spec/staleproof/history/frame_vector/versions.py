"""frame_vector.c after 5.12: the errno fix, the fallback's end, and a variant of no kernel."""

from __future__ import annotations

from pathlib import Path

from staleproof.engine.question import Question
from staleproof.kernel.frame_vector.questions import ClaimLike, Version, question
from staleproof.kernel.frame_vector.versions import RELEASE, WITH_FLAGS, WITHOUT_FLAGS

HERE = Path(__file__).parent
ERRNO_FIX = Version(HERE / "errno_fix.c", WITHOUT_FLAGS, RELEASE, since_5_13=True, raw=True)
NO_FALLBACK = Version(HERE / "no_fallback.c", WITHOUT_FLAGS, RELEASE, since_5_13=True, raw=False)
SIGNED_COUNT = Version(HERE / "signed_count.c", WITH_FLAGS, RELEASE, since_5_13=False, raw=True)


def errno_fix(claim: ClaimLike) -> Question:
    """November 2021: the pin's errno survives a walk that finds no raw mapping."""
    return question(claim, ERRNO_FIX)


def no_fallback(claim: ClaimLike) -> Question:
    """6647e76ab623, December 2022: no raw pfns at all."""
    return question(claim, NO_FALLBACK)


def signed_count(claim: ClaimLike) -> Question:
    """v4 with `int nr_frames`, in no kernel: what a signed reading of v4 predicts."""
    return question(claim, SIGNED_COUNT)
