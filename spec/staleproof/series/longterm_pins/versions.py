"""All three getters of v4 in one text: what is proved of it is proved of each."""

from __future__ import annotations

from pathlib import Path

from staleproof.engine.question import Question
from staleproof.kernel.user_buffer.questions import ClaimLike, Driver, question
from staleproof.series.p02_exynos_longterm.versions import LONGTERM as EXYNOS
from staleproof.series.p04_habana_longterm.versions import LONGTERM as HABANA
from staleproof.series.p05_frame_vector import versions

ALL = Driver(
    texts=(
        Path(__file__).parent / "all_pins.c",
        *EXYNOS.texts,
        *HABANA.texts,
        versions.HERE / "v4.c",
    ),
    get="pin_user_memory",
)


def v4(claim: ClaimLike) -> Question:
    """Patches 02, 04 and 05 as posted."""
    return question(claim, ALL)
