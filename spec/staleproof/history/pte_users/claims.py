"""The claims about users of one PTE in 5.12 and later, from C text."""

from __future__ import annotations

from staleproof.claims import claims_at
from staleproof.kernel.pte_users.reasons import (
    ALL_COMES_BACK,
    ANOTHER_VMA,
    LOOKED_UP_AGAIN,
    NOTHING_WAS_WRITTEN,
    ONE_HOLD,
    ONE_UNLOCK,
    PERMISSION_OF_THE_VMA,
    PINNED_OR_RESERVED,
    PTE_NOT_ASKED,
    THE_ADDRESS_IS_IN_IT,
    WITH_PTL,
)
from staleproof.kernel.pte_users.statements import proved, refuted

_PACKAGE = "staleproof.history.pte_users.versions"

CLAIMS = (
    *claims_at(
        "merged",
        f"{_PACKAGE}:merged",
        proved("VFIO-3", "new", LOOKED_UP_AGAIN),
        proved("VFIO-4", "new", PINNED_OR_RESERVED),
        proved("VFIO-5", "new", "pte_write() is asked of the PTE that gives the pfn, under ptl."),
        proved("VFIO-6", "new", ONE_UNLOCK, WITH_PTL),
        proved("S390-3", "new", ONE_HOLD),
        proved("S390-3r", "new", ONE_HOLD),
        proved("S390-4", "new", PERMISSION_OF_THE_VMA),
        refuted(
            "S390-4r",
            "new",
            """
            a67a88b0b8de has taken the test of the write over into the read: it demands VM_WRITE.
            A mapping that may only be read is refused, and one that may only be written is not.
            S390-2 says it of the permissions alone; 41a0926e82f4 repairs it.
            """,
        ),
        proved("S390-5", "new", ALL_COMES_BACK),
        proved("S390-5r", "new", ALL_COMES_BACK),
        refuted("S390-6", "new", NOTHING_WAS_WRITTEN),
        proved("S390-6r", "new", "ret is set to -EFAULT where the address is refused."),
        refuted("S390-7", "new", ANOTHER_VMA),
        refuted("S390-7r", "new", ANOTHER_VMA),
        refuted("S390-8", "new", PTE_NOT_ASKED),
    ),
    *claims_at(
        "mmio-read",
        f"{_PACKAGE}:mmio_read",
        proved("S390-3", "new", ONE_HOLD),
        proved("S390-3r", "new", ONE_HOLD),
        proved("S390-4", "new", PERMISSION_OF_THE_VMA),
        proved("S390-4r", "new", PERMISSION_OF_THE_VMA),
        proved("S390-5", "new", ALL_COMES_BACK, "The page fault keeps mmap_lock: it gets NULL."),
        proved("S390-5r", "new", ALL_COMES_BACK, "The page fault keeps mmap_lock: it gets NULL."),
        refuted("S390-6", "new", NOTHING_WAS_WRITTEN),
        proved("S390-6r", "new", "ret is set to -EFAULT where the address is refused."),
        proved("S390-7", "new", THE_ADDRESS_IS_IN_IT),
        proved("S390-7r", "new", THE_ADDRESS_IS_IN_IT),
        refuted("S390-8", "new", PTE_NOT_ASKED),
    ),
)
