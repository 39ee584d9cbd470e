"""Users of page frame numbers after the series, or beside it."""

from __future__ import annotations

from typing import Protocol

from staleproof.engine.question import Question
from staleproof.history.page_users.buffers import MigrationMustSucceed, NoFallback
from staleproof.history.page_users.fixes import (
    KvmAsksForWrite,
    KvmAsksTheAddress,
    KvmRefersUnderLock,
    KvmTriesToRefer,
    MmioAsksForWrite,
    MmioReadAsksForRead,
    MmioUnderLock,
    VfioFollowsPte,
    WritesAreNotAsked,
)
from staleproof.history.page_users.routes import FollowPfnIsGone
from staleproof.kernel.page_users import wrong
from staleproof.kernel.page_users.mmio import ReadAsksForWrite
from staleproof.kernel.page_users.routes import Routes
from staleproof.kernel.page_users.users import Kvm
from staleproof.kernel.page_users.versions import RETRY, Asked, ClaimLike, asked
from staleproof.kernel.page_users.ways import Subscribed
from staleproof.lang.model import Model, patched
from staleproof.series.longterm_pins.versions import MERGED as MERGED_BUFFERS
from staleproof.series.longterm_pins.versions import buffers_of
from staleproof.series.p10_vfio_unsafe.versions import question_of

KVM = patched(Kvm, KvmAsksForWrite, KvmAsksTheAddress)
"""KVM's page faults in 5.12, on x86."""

MERGED: dict[str, Asked] = {
    "VFIO-1": (VfioFollowsPte, "kept_pfns_are_mapped", ()),
    "VFIO-2": (VfioFollowsPte, "no_stale_use", ()),
    "KVM-1": (KVM, "entries_lead_to_mapped_pages", RETRY),
    "KVM-1a": (
        KVM,
        "invalidated_ranges_have_no_entry",
        (wrong.CountIsNotTested, wrong.EntriesAreKept),
    ),
    "KVM-3": (KVM, "writes_are_permitted", (WritesAreNotAsked,)),
    "S390-1": (MmioUnderLock, "no_stale_use", (wrong.LockIsAnother,)),
    "S390-1a": (MmioAsksForWrite, "accesses_are_within_the_hold", (wrong.LockIsAnother,)),
    "S390-2": (MmioAsksForWrite, "reads_demand_vm_read", ()),
    "KVM-2": (KvmRefersUnderLock, "owned_pages_are_not_free", ()),
}

KVM_REFCOUNT: dict[str, Asked] = {
    "KVM-2": (
        KvmTriesToRefer,
        "owned_pages_are_not_free",
        (wrong.ReferenceFromZero, wrong.FreedWithOthersCounted),
    ),
}

MMIO_READ: dict[str, Asked] = {
    "S390-2": (
        MmioReadAsksForRead,
        "reads_demand_vm_read",
        (ReadAsksForWrite, wrong.NothingIsAsked),
    ),
}

V7: dict[str, Asked] = {
    "NOT-1": (Subscribed, "subscriptions_match", (wrong.SubscriptionIsNotCompared,)),
    "NOT-2": (Subscribed, "no_stale_use", ()),
}

VERSIONS = {
    "merged": MERGED,
    "v7": V7,
    "kvm-refcount": KVM_REFCOUNT,
    "mmio-read": MMIO_READ,
}


class Versioned(ClaimLike, Protocol):
    """What is needed of a claim."""

    @property
    def version(self) -> str: ...


def question(claim: Versioned) -> Question:
    """The question of a claim about a user after the series."""
    return asked(claim, VERSIONS[claim.version])


BUFFERS: dict[str, type[Model]] = {
    "merged": MERGED_BUFFERS,
    "errno-fix": patched(MERGED_BUFFERS, MigrationMustSucceed),
    "no-fallback": patched(MERGED_BUFFERS, MigrationMustSucceed, NoFallback),
}


def buffers(claim: Versioned) -> Question:
    """The question of a claim about pages of user buffers after the series."""
    return buffers_of(BUFFERS[claim.version], claim)


ROUTES: dict[str, type[Model]] = {"follow-pfn-gone": patched(Routes, FollowPfnIsGone)}


def routes(claim: Versioned) -> Question:
    """The question of a claim about who gets numbers, in later kernels."""
    return question_of(ROUTES[claim.version], claim)
