"""Properties of those who keep pages of user buffers, after any of patches 01 to 05."""

from __future__ import annotations

from functools import cache, partial
from pathlib import Path

from staleproof.engine.question import Question
from staleproof.kernel.frame_vector.versions import HERE as FRAME_VECTOR
from staleproof.kernel.user_buffer import questions, versions
from staleproof.kernel.user_buffer.questions import Driver
from staleproof.kernel.user_buffer.rows import row_named
from staleproof.series.by_patches import Asked, ByPatches
from staleproof.series.longterm_pins.deltas import PATCHES
from staleproof.series.longterm_pins.versions import BUFFERS as METHODS
from staleproof.series.longterm_pins.versions import buffers_of, with_patches
from staleproof.series.p01_exynos_pin.versions import PINS as EXYNOS_PINS
from staleproof.series.p02_exynos_longterm.versions import LONGTERM as EXYNOS_LONGTERM
from staleproof.series.p03_habana_pin.versions import PINS as HABANA_PINS
from staleproof.series.p04_habana_longterm.versions import LONGTERM as HABANA_LONGTERM
from staleproof.series.p05_frame_vector.versions import HERE as PATCH_05

# Who reaches which page, and until when


def _buffers(name: str, chosen: frozenset[int]) -> Question:
    return buffers_of(with_patches(chosen), Asked(name))


BUFFERS = tuple(
    ByPatches(name, tuple(PATCHES), partial(_buffers, name), "Buffers") for name in METHODS
)

# The C texts of the drivers


def _frame_vector(chosen: frozenset[int]) -> Path:
    """The text of frame vectors, which is a part of a driver's own before its first patch."""
    return PATCH_05 / "v4.c" if 5 in chosen else FRAME_VECTOR / "legacy.c"


@cache
def _exynos(chosen: frozenset[int]) -> Driver:
    if 1 in chosen:
        return EXYNOS_LONGTERM if 2 in chosen else EXYNOS_PINS
    return versions.exynos(versions.HERE / "exynos_g2d_legacy.c", _frame_vector(chosen))


@cache
def _habana(chosen: frozenset[int]) -> Driver:
    if 3 in chosen:
        return HABANA_LONGTERM if 4 in chosen else HABANA_PINS
    return versions.habana(versions.HERE / "habana_memory_legacy.c", _frame_vector(chosen))


@cache
def _vectors(chosen: frozenset[int]) -> Driver:
    """The pin of frame vectors by themselves."""
    return Driver((_frame_vector(chosen),), "get_vaddr_frames")


def _of_exynos(name: str, chosen: frozenset[int]) -> Question | None:
    return _of(name, _exynos(chosen), has_array=1 in chosen)


def _of_habana(name: str, chosen: frozenset[int]) -> Question | None:
    return _of(name, _habana(chosen), has_array=3 in chosen)


def _of_vectors(name: str, chosen: frozenset[int]) -> Question | None:
    return _of(name, _vectors(chosen), has_array=False)


def _of(name: str, driver: Driver, *, has_array: bool) -> Question | None:
    if not (has_array or row_named(name).of_vectors):
        return None
    return questions.question(Asked(name), driver)


_OF_BOTH = ("PIN-1", "PIN-1a", "PIN-2", "PIN-2a", "PIN-3", "PIN-3a", "PIN-4", "PIN-5")
_OF_EXYNOS = ("PIN-4a",)

TEXTS = (
    *(
        ByPatches(name, (1, 2, 5), partial(_of_exynos, name), "exynos g2d", "exynos g2d")
        for name in (*_OF_BOTH, *_OF_EXYNOS, "PIN-6", "PIN-7")
    ),
    *(
        ByPatches(name, (3, 4, 5), partial(_of_habana, name), "habanalabs", "habanalabs")
        for name in (*_OF_BOTH, "PIN-6", "PIN-7")
    ),
    ByPatches("PIN-5e", (1, 2, 5), partial(_of_exynos, "PIN-5e"), "exynos g2d"),
    ByPatches("PIN-5h", (3, 4, 5), partial(_of_habana, "PIN-5h"), "habanalabs"),
    ByPatches("PIN-5v", (5,), partial(_of_vectors, "PIN-5v"), "get_vaddr_frames"),
)
