"""Who gets the number behind a PTE: after patches 08, 09 and 10 of v4, and with v5."""

from __future__ import annotations

from functools import cache
from typing import Protocol

from staleproof.engine.question import Question
from staleproof.kernel.page_users import questions, wrong
from staleproof.kernel.page_users.routes import Routes
from staleproof.lang.model import Model, patched
from staleproof.series.p05_frame_vector.routes import Videobuf2DoesNotAsk
from staleproof.series.p08_unsafe_follow_pfn.exports import ExportedToGplAlone
from staleproof.series.p09_videobuf_unsafe.delta import Videobuf1IsRefused, Videobuf2IsRefused
from staleproof.series.p10_vfio_unsafe.delta import VfioIsRefused
from staleproof.verdict import Word

PATCHES: dict[int, tuple[type[Routes], ...]] = {
    5: (Videobuf2DoesNotAsk,),
    8: (),
    9: (Videobuf1IsRefused, Videobuf2IsRefused),
    10: (VfioIsRefused,),
}
"""By their number in the series. Patch 08 brings a function that nobody calls yet."""


def _after(*numbers: int) -> type[Model]:
    return with_patches(frozenset(numbers))


@cache
def with_patches(numbers: frozenset[int]) -> type[Model]:
    """Who gets numbers after these patches of the series as posted in v4, in its order."""
    return patched(Routes, *(p for n, parts in PATCHES.items() if n in numbers for p in parts))


V4 = _after(*PATCHES)
V5 = patched(_after(8, 9, 10), ExportedToGplAlone)
MODELS: dict[str, type[Model]] = {
    "v4/04": _after(),
    "v4/08": _after(5, 8),
    "v4/09": _after(5, 8, 9),
    "v4/10": V4,
    "v4": V4,
    "v5": V5,
}
"""Before patch 05 the walk of frame vectors is live, and again in v5."""

METHODS: dict[str, tuple[str, tuple[type[Model], ...]]] = {
    "UFP-3": (
        "no_user_in_the_kernel_is_stale",
        (wrong.Videobuf1GetsNumbers, wrong.Videobuf2GetsNumbers, wrong.VfioGetsNumbers),
    ),
    "UFP-3b": ("videobuf1_keeps_no_number", (wrong.Videobuf1GetsNumbers,)),
    "UFP-3c": ("videobuf2_keeps_no_number", (wrong.Videobuf2GetsNumbers,)),
    "UFP-3d": ("vfio_keeps_no_number", (wrong.VfioGetsNumbers,)),
    "D-1": ("modules_hold_the_lock", (wrong.ModulesGetNumbers,)),
    "D-1a": ("other_modules_hold_the_lock", (wrong.ModulesGetNumbers,)),
}
"""The method that states each property, and the killers."""


class ClaimLike(Protocol):
    """What is needed of a claim."""

    @property
    def expected(self) -> Word: ...
    @property
    def version(self) -> str: ...
    @property
    def property(self) -> str: ...


def question(claim: ClaimLike) -> Question:
    """The question of a claim about who gets numbers, at a version of the series."""
    return question_of(MODELS[claim.version], claim)


def question_of(model: type[Model], claim: ClaimLike) -> Question:
    """A property of who gets numbers, with the killers that a proof has to have."""
    method, killers = METHODS[claim.property]
    asked = killers if claim.expected is Word.PROVED else ()
    return questions.question(model, method, claim.expected, asked)
