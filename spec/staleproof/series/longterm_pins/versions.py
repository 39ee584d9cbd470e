"""The pins of v4, of each getter alone, and buffers after the first patches."""

from __future__ import annotations

from functools import cache
from typing import Protocol

from staleproof.engine.question import Question
from staleproof.kernel.page_users import questions, wrong
from staleproof.kernel.page_users.buffers import Buffers
from staleproof.kernel.user_buffer.questions import ClaimLike, Driver, question
from staleproof.lang.model import Model, patched
from staleproof.series.longterm_pins.deltas import PATCHES, VectorsAreMoved, VectorsPinLong
from staleproof.series.p02_exynos_longterm.versions import LONGTERM as EXYNOS
from staleproof.series.p04_habana_longterm.versions import LONGTERM as HABANA
from staleproof.series.p05_frame_vector import versions
from staleproof.verdict import Word

PINS = {
    "PIN-5e": EXYNOS,
    "PIN-5h": HABANA,
    "PIN-5v": Driver((versions.HERE / "v4.c",), "get_vaddr_frames"),
}
"""Who pins for as long as user space likes, once the whole series is in."""


def v4(claim: ClaimLike) -> Question:
    """Patches 02, 04 and 05 as posted."""
    return question(claim, PINS[claim.property])


# Who keeps pages of user buffers

STALE = (wrong.NumbersAreTaken, wrong.PinsAreNotAwaited)
BUFFERS: dict[str, tuple[str, tuple[type[Model], ...]]] = {
    "GVF-8s": ("devices_write_what_may_be_written", (wrong.NumbersAreTaken,)),
    "GVF-9s": ("no_stale_use", STALE),
    "GVF-9e": ("no_page_of_exynos_is_stale", STALE),
    "GVF-9h": ("no_page_of_habana_is_stale", STALE),
    "GVF-9v": ("no_page_of_videobuf2_is_stale", STALE),
    "GVF-10s": ("nothing_in_cma_is_pinned", (wrong.PinsAreShort, wrong.MigrationMayFail)),
    "GVF-11s": ("nothing_of_dax_is_pinned", (wrong.PinsAreShort,)),
    "GVF-16s": ("own_pages_are_marked", STALE),
}
"""The method that states each property, and the killers."""

MERGED = patched(Buffers, *(PATCHES[n] for n in (1, 2, 3, 4)), VectorsPinLong, VectorsAreMoved)
"""Patches 01 to 06 as merged: patch 05 has the walk that v4 does not come to."""


@cache
def with_patches(numbers: frozenset[int]) -> type[Model]:
    """Buffers after these patches of the series as posted in v4, in its order."""
    return patched(Buffers, *(patch for n, patch in PATCHES.items() if n in numbers))


class BufferClaim(ClaimLike, Protocol):
    """What is needed of a claim about buffers."""

    @property
    def version(self) -> str: ...


def buffers(claim: BufferClaim) -> Question:
    """Buffers before the series, and after the first patches of v4."""
    first, _, last = claim.version.partition("/")
    if claim.version == "v4":
        return buffers_of(patched(with_patches(frozenset(PATCHES)), VectorsAreMoved), claim)
    count = 0 if first == "legacy" else int(last)
    return buffers_of(with_patches(frozenset(range(1, count + 1))), claim)


def buffers_of(model: type[Model], claim: ClaimLike) -> Question:
    """A property of buffers, with the killers that a proof has to have."""
    method, killers = BUFFERS[claim.property]
    asked = killers if claim.expected is Word.PROVED else ()
    return questions.question(model, method, claim.expected, asked)
