"""frame_vector.c after patch 05/15: as posted in v4, and as merged for 5.12."""

from __future__ import annotations

from pathlib import Path

from staleproof.engine.question import Question
from staleproof.kernel.frame_vector.questions import ClaimLike, Version, question
from staleproof.kernel.frame_vector.versions import RELEASE, WITH_FLAGS, WITHOUT_FLAGS

HERE = Path(__file__).parent
V4 = Version(HERE / "v4.c", WITH_FLAGS, RELEASE, since_5_13=False, raw=False)
MERGED = Version(HERE / "merged.c", WITHOUT_FLAGS, RELEASE, since_5_13=False, raw=True)


def v4(claim: ClaimLike) -> Question:
    """Patch 05/15 as posted: ret goes into the pfn walk with the pin's errno in it."""
    return question(claim, V4)


def merged(claim: ClaimLike) -> Question:
    """04769cb1c45a, in 5.12: ret starts the walk at 0, gup_flags is gone."""
    return question(claim, MERGED)
