"""frame_vector.c before the series: where its text is and what it runs on."""

from __future__ import annotations

from pathlib import Path

from staleproof.engine.question import Question
from staleproof.kernel.frame_vector.questions import ClaimLike, Version, question

HERE = Path(__file__).parent
VIDEOBUF2 = HERE.parent / "videobuf2"
WITH_FLAGS, WITHOUT_FLAGS = VIDEOBUF2 / "framevec_gup_flags.c", VIDEOBUF2 / "framevec.c"
RELEASE = VIDEOBUF2 / "dma_contig_release.c"
LEGACY = Version(HERE / "legacy.c", WITH_FLAGS, RELEASE, since_5_13=False, raw=True)


def legacy(claim: ClaimLike) -> Question:
    """mm/frame_vector.c of v5.10-rc1."""
    return question(claim, LEGACY)
