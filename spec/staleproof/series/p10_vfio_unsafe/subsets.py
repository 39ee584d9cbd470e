"""Properties of who gets the number behind a PTE, after any of patches 05, 08, 09 and 10."""

from __future__ import annotations

from functools import partial

from staleproof.engine.question import Question
from staleproof.series.by_patches import Asked, ByPatches
from staleproof.series.p10_vfio_unsafe.versions import METHODS, PATCHES, question_of, with_patches


def _question(name: str, chosen: frozenset[int]) -> Question:
    return question_of(with_patches(chosen), Asked(name))


PROPERTIES = tuple(
    ByPatches(name, tuple(PATCHES), partial(_question, name), "Routes") for name in METHODS
)
