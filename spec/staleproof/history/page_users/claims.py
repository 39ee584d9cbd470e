"""The claims about users of page frame numbers after the series, or beside it."""

from __future__ import annotations

from staleproof.claims import claims_at
from staleproof.kernel.page_users.claims import (
    MARKED_BY_NUMBER,
    NO_LOOK_AT_THE_PERMISSION,
    NUMBERS_FOR_A_DEVICE,
    REFERENCE_OF_ZERO,
)
from staleproof.kernel.page_users.reasons import proved, refuted
from staleproof.series.longterm_pins.claims import DAX_IS_REFUSED, MIGRATION_FAILS

QUESTION = "staleproof.history.page_users.versions:question"

_STILL_KEPT = """
    Nothing has changed here: vfio type1 has no notifier for VM_PFNMAP memory. Patch 10, which would
    have tainted the kernel for it, was never merged.
"""
BUFFERS = "staleproof.history.page_users.versions:buffers"

_THE_WALK_IS_LIVE = "As merged, patch 05 sets ret to 0 first, and videobuf2 gets numbers again."
_MUST_MIGRATE = "Since 5.13 a long-term pin of a page that cannot be migrated fails."
_PINS_ALONE = """
    6647e76ab623 deleted the walk. All three pin what they keep, and the owner of a page waits for
    pins.
"""

CLAIMS = (
    *claims_at(
        "merged",
        QUESTION,
        refuted("VFIO-1", "X", _STILL_KEPT),
        refuted("VFIO-2", "new", _STILL_KEPT),
        proved(
            "KVM-1",
            "H",
            """
            This is NSM-3: KVM has the sequence retry. Since 4a42d848db95 (5.12) x86 does not look
            again for an invalidation of other addresses that is under way, and need not.
            """,
        ),
        proved("KVM-1a", "new", "The entries are removed under mmu_lock when the count goes up."),
        proved("KVM-3", "H (bd2fae8da794, same cycle)", "follow_pte() and pte_write()."),
        proved(
            "S390-1",
            "H a67a88b0b8de (5.11)",
            "This is NSM-2: the access is made within the hold of the page-table lock.",
        ),
        proved(
            "S390-1a",
            "D-3",
            """
            follow_pte() returns with the lock, the access comes next, and then the unlock. A call
            that would cross the end of the page is refused before anything else (-EINVAL), so the
            one PTE that was looked at is enough; that test was read, and is not in the model.
            """,
        ),
        refuted(
            "S390-2",
            "X",
            """
            a67a88b0b8de, which repairs S390-1, writes the test of the VMA out in both calls, and
            both times it is VM_WRITE. So a read is refused on a mapping that may only be read. Of
            one that may be written and not read it goes on.
            """,
        ),
        refuted("KVM-2", "X", REFERENCE_OF_ZERO),
    ),
    *claims_at(
        "kvm-refcount",
        QUESTION,
        proved(
            "KVM-2",
            "H f8be156be163",
            """
            A page whose count is 0 takes no part in reference counting, so no reference of it is
            taken: -EFAULT. A count above 0 has the owner or another reference in it, and stays
            above 0 for as long as the owner has the page.
            """,
            """
            Since bd2fae8da794 the reference is taken within the hold of the page-table lock in
            which the PTE was read (KVM-7), so it is one of the page that is mapped.
            """,
        ),
    ),
    *claims_at(
        "mmio-read",
        QUESTION,
        proved("S390-2", "H 41a0926e82f4", "pci_mmio_read() asks for VM_READ."),
    ),
    *claims_at(
        "v7",
        QUESTION,
        proved(
            "NOT-1",
            "v7 H",
            "follow_pfn() compares the subscription's address space with the VMA's.",
        ),
        refuted(
            "NOT-2",
            "X",
            """
            A subscription alone protects nothing: somebody must act on it. The guard makes sure
            that there is a notifier, and not that the caller reads the sequence number, tests it
            again, and takes its entries back. Necessary, and not sufficient (D-2 of the review).
            """,
        ),
    ),
    *claims_at(
        "merged",
        BUFFERS,
        refuted("GVF-8s", "X", _THE_WALK_IS_LIVE, NO_LOOK_AT_THE_PERMISSION),
        refuted("GVF-9s", "X", _THE_WALK_IS_LIVE, NUMBERS_FOR_A_DEVICE),
        refuted("GVF-9v", "X", _THE_WALK_IS_LIVE, NUMBERS_FOR_A_DEVICE),
        refuted("GVF-10s", "weak", MIGRATION_FAILS),
        proved("GVF-11s", "?", DAX_IS_REFUSED),
        refuted("GVF-16s", "X", _THE_WALK_IS_LIVE, MARKED_BY_NUMBER),
    ),
    *claims_at(
        "errno-fix",
        BUFFERS,
        refuted("GVF-9s", "-", "The errno is all that is fixed.", NUMBERS_FOR_A_DEVICE),
        proved("GVF-10s", "H >=5.13", _MUST_MIGRATE),
    ),
    *claims_at(
        "no-fallback",
        BUFFERS,
        proved("GVF-8s", "-", _PINS_ALONE),
        proved("GVF-9s", "- (DEC22 H)", _PINS_ALONE),
        proved("GVF-9v", "- (DEC22 H)", _PINS_ALONE),
        proved("GVF-10s", "H >=5.13", _MUST_MIGRATE),
        proved("GVF-11s", "?", DAX_IS_REFUSED),
        proved("GVF-16s", "H DEC22", _PINS_ALONE),
    ),
    *claims_at(
        "follow-pfn-gone",
        "staleproof.history.page_users.versions:routes",
        proved(
            "D-1",
            "true from 6.10 (function removed)",
            """
            What is left returns with the page-table lock held. That the caller uses the page within
            the hold is up to the caller: vfio type1 reads the number there and keeps it (VFIO-1).
            """,
        ),
    ),
)
