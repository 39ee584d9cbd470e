"""generic_access_phys() after patch 7."""

from __future__ import annotations

from typing import Protocol

from staleproof.engine.question import Question
from staleproof.kernel.page_users import wrong
from staleproof.kernel.page_users.versions import Asked, ClaimLike, asked
from staleproof.series.p07_generic_access.mapping import MappingAfter
from staleproof.series.p07_generic_access.model import (
    GenericAccess,
    SameIsInverted,
    SameIsNotAsked,
)
from staleproof.series.p07_generic_access.wrong import KeptForTheRetry

KILLERS = (SameIsInverted, SameIsNotAsked, wrong.LockIsAnother)

AFTER: dict[str, Asked] = {
    "GAP-1": (GenericAccess, "copies_go_to_the_mapped_page", KILLERS),
    "GAP-2": (GenericAccess, "crossing_copies_go_to_the_next_page", ()),
    "GAP-4": (GenericAccess, "copies_are_permitted_now", KILLERS),
    "GAP-8": (GenericAccess, "no_stale_use", KILLERS),
    "GAP-3": (
        MappingAfter,
        "each_mapping_is_taken_back_once",
        (wrong.UnmappedTwice, wrong.UnmappedUnderLock, KeptForTheRetry),
    ),
    "GAP-5": (
        MappingAfter,
        "nobody_sleeps_under_the_lock",
        (wrong.MappedUnderLock, wrong.UnmappedUnderLock),
    ),
}

FIRST_VERSION: dict[str, Asked] = {
    "GAP-1": (SameIsInverted, "copies_go_to_the_mapped_page", ()),
}


class Versioned(ClaimLike, Protocol):
    """What is needed of a claim."""

    @property
    def version(self) -> str: ...


def question(claim: Versioned) -> Question:
    """The question of a claim about the function after the patch."""
    return asked(claim, FIRST_VERSION if claim.version == "v1" else AFTER)
