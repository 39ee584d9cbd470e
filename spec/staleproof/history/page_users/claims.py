"""The claims about users of page frame numbers after the series, or beside it."""

from __future__ import annotations

from staleproof.claims import claims_at
from staleproof.kernel.page_users.reasons import proved, refuted

QUESTION = "staleproof.history.page_users.versions:question"

_STILL_KEPT = """
    Nothing has changed here: vfio type1 has no notifier for VM_PFNMAP memory. Patch 10, which would
    have tainted the kernel for it, was never merged.
"""

CLAIMS = (
    *claims_at(
        "merged",
        QUESTION,
        refuted("VFIO-1", "X", _STILL_KEPT),
        refuted("VFIO-2", "new", _STILL_KEPT),
        proved("KVM-1", "H", "This is NSM-3: KVM has the sequence retry."),
        proved("KVM-1a", "new", "The entries are removed under mmu_lock when the count goes up."),
        proved("KVM-3", "H (bd2fae8da794, same cycle)", "follow_pte() and pte_write()."),
        proved(
            "S390-1",
            "H a67a88b0b8de (5.11)",
            "This is NSM-2: the access is made within the hold of the page-table lock.",
        ),
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
)
