"""The ways to use a page, and the users before the series."""

from __future__ import annotations

from typing import Protocol

from staleproof.engine.question import Question
from staleproof.kernel.page_users import questions, wrong
from staleproof.kernel.page_users.counts import CountedPages
from staleproof.kernel.page_users.mapping import MappingBefore
from staleproof.kernel.page_users.mmio import MmioAsksBefore, ReadAsksForWrite
from staleproof.kernel.page_users.users import (
    GenericAccessBefore,
    Kvm,
    MmioBySyscall,
    Vfio,
)
from staleproof.kernel.page_users.ways import ByReference, UnderLock, Unprotected, WithNotifier
from staleproof.lang.model import Model
from staleproof.verdict import Word

Asked = tuple[type[Model], str, tuple[type[Model], ...]]
"""A model, the method that states the property, and the killers."""

RETRY = (
    wrong.CountIsNotTested,
    wrong.SeqIsNotTested,
    wrong.SeqIsReadLate,
    wrong.EntriesAreKept,
)

WAYS: dict[str, Asked] = {
    "NSM-0": (Unprotected, "no_stale_use", ()),
    "NSM-1": (ByReference, "no_stale_use", (wrong.OwnerDoesNotWait,)),
    "NSM-2": (UnderLock, "no_stale_use", (wrong.LockIsAnother,)),
    "NSM-3": (WithNotifier, "no_stale_use", RETRY),
}

LEGACY: dict[str, Asked] = {
    "GAP-1": (GenericAccessBefore, "copies_go_to_the_mapped_page", ()),
    "GAP-4": (GenericAccessBefore, "copies_are_permitted_now", ()),
    "VFIO-1": (Vfio, "kept_pfns_are_mapped", ()),
    "VFIO-2": (Vfio, "no_stale_use", ()),
    "KVM-1": (Kvm, "entries_lead_to_mapped_pages", RETRY),
    "KVM-1a": (
        Kvm,
        "invalidated_ranges_have_no_entry",
        (wrong.CountIsNotTested, wrong.EntriesAreKept),
    ),
    "KVM-3": (Kvm, "writes_are_permitted", ()),
    "S390-1": (MmioBySyscall, "no_stale_use", ()),
    "GAP-3": (
        MappingBefore,
        "each_mapping_is_taken_back_once",
        (wrong.UnmappedTwice, wrong.MappingIsLeft),
    ),
    "GAP-5": (MappingBefore, "nobody_sleeps_under_the_lock", (wrong.MappedUnderLock,)),
    "KVM-2": (CountedPages, "owned_pages_are_not_free", ()),
    "S390-1a": (MmioAsksBefore, "accesses_are_within_the_hold", ()),
    "S390-2": (
        MmioAsksBefore,
        "reads_demand_vm_read",
        (ReadAsksForWrite, wrong.NothingIsAsked),
    ),
}


class ClaimLike(Protocol):
    """What is needed of a claim."""

    @property
    def expected(self) -> Word: ...
    @property
    def property(self) -> str: ...


def ways(claim: ClaimLike) -> Question:
    """A way to use a page, in general."""
    return asked(claim, WAYS)


def legacy(claim: ClaimLike) -> Question:
    """The users before the series."""
    return asked(claim, LEGACY)


def asked(claim: ClaimLike, table: dict[str, Asked]) -> Question:
    """The question of a claim by its entry in a table."""
    model, method, killers = table[claim.property]
    return questions.question(model, method, claim.expected, killers)
