"""What the two drivers' functions are called, and exynos g2d before the series."""

from __future__ import annotations

from pathlib import Path

from staleproof.engine.question import Question
from staleproof.kernel.frame_vector import versions as frame_vector
from staleproof.kernel.user_buffer.questions import ClaimLike, Driver, question

HERE = Path(__file__).parent
BY_CONTRACT = frozenset({"frame_vector_create", "frame_vector_destroy"})


def exynos(*texts: Path) -> Driver:
    """Exynos g2d, whose get makes the DMA mapping, too."""
    get, put = "g2d_userptr_get_dma_addr", "g2d_userptr_put_dma_addr"
    return Driver(texts, get, put, maps=True, keep_calls=BY_CONTRACT)


def habana(*texts: Path) -> Driver:
    """Habanalabs, whose memory is mapped later."""
    return Driver(texts, "get_user_memory", "hl_unpin_host_memory", keep_calls=BY_CONTRACT)


LEGACY = exynos(HERE / "exynos_g2d_legacy.c", frame_vector.HERE / "legacy.c")


def legacy(claim: ClaimLike) -> Question:
    """v5.10-rc1: exynos g2d takes what a frame vector gives it."""
    return question(claim, LEGACY)
