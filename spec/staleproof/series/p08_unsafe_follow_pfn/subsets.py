"""Properties of unsafe_follow_pfn(), which patch 08 brings, and of vfio, which 10 has call it."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from staleproof.engine.question import Question
from staleproof.kernel.contracts import follow_pfn, looks
from staleproof.kernel.iomem.questions import question_of, row_named
from staleproof.kernel.pte_users.versions import TEXTS as TEXTS_BEFORE
from staleproof.series.by_patches import Asked, ByPatches
from staleproof.series.p08_unsafe_follow_pfn import compared
from staleproof.series.p08_unsafe_follow_pfn.rows import FOLLOW_FAULT, V4
from staleproof.series.p08_unsafe_follow_pfn.statements import STATEMENTS
from staleproof.series.p08_unsafe_follow_pfn.versions import POSTED
from staleproof.series.p08_unsafe_follow_pfn.world import VFIO

BEFORE = replace(
    FOLLOW_FAULT,
    text="vfio_legacy",
    world=replace(
        VFIO,
        contracts={**VFIO.contracts, "follow_pfn": looks.told(follow_pfn.follow_pfn)},
    ),
)
"""The same rows of the text that calls follow_pfn()."""


def _of_the_function(name: str, chosen: frozenset[int]) -> Question | None:
    if not chosen:
        return None
    if name.startswith("EQ-"):
        return compared.v4(Asked(name))
    return question_of(Asked(name), POSTED, *row_named(name, V4))


def _of_vfio(name: str, chosen: frozenset[int]) -> Question:
    asked, texts = (FOLLOW_FAULT, POSTED) if 10 in chosen else (BEFORE, TEXTS_BEFORE)
    return question_of(Asked(name), texts, *row_named(name, (asked,)))


_OF_VFIO = tuple(row.name for row in FOLLOW_FAULT.rows)

PROPERTIES = (
    *(
        ByPatches(name, (8,), partial(_of_the_function, name), "unsafe_follow_pfn")
        for name in STATEMENTS
        if name not in _OF_VFIO
    ),
    *(ByPatches(name, (8, 10), partial(_of_vfio, name), "unsafe_follow_pfn") for name in _OF_VFIO),
)
