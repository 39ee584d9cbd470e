"""The claims about users of one PTE in 5.12 and later, from C text."""

from __future__ import annotations

from staleproof.claims import claims_at
from staleproof.kernel.pte_users.reasons import (
    A_FAULT_FIRST,
    A_FAULT_PER_HOLD,
    ALL_COMES_BACK,
    ANOTHER_VMA,
    ITS_OWN_RESULT,
    KVM_BEGINS_AGAIN,
    KVM_COUNT_NOT_ASKED,
    KVM_FAULTS_FIRST,
    KVM_FRAME_OF_THE_LOOK,
    KVM_NOTHING_BEFORE_ERRORS,
    KVM_ONE_REFERENCE,
    KVM_READ_ONLY,
    LOOKED_UP_AGAIN,
    NOTHING_ELSE_IN_THE_WAY,
    NOTHING_WAS_WRITTEN,
    OFFSET_IN_THE_PAGE,
    ONE_ERRNO_EACH,
    ONE_HOLD,
    ONE_UNLOCK,
    ONLY_PFNMAP,
    PERMISSION_OF_THE_VMA,
    PIN_AS_WANTED,
    PINNED_OR_RESERVED,
    PTE_NOT_ASKED,
    REFUSED_IN_ORDER,
    THE_ADDRESS_IS_IN_IT,
    WHAT_THE_PTE_SAID,
    WHOSE_ERRNO,
    WITH_PTL,
)
from staleproof.kernel.pte_users.statements import proved, refuted

_PACKAGE = "staleproof.history.pte_users.versions"

_KVM_PERMISSION = """
    pte_write() is asked of the word that gives the pfn. It decides whether a write is refused, and
    it is what the caller is told.
"""
_KVM_UNDER_PTL = "The reference is taken in the hold of ptl in which the PTE was read."
_KVM_UNLOCK = "follow_pte() takes ptl only where it finds a PTE, and then no fault is taken."

CLAIMS = (
    *claims_at(
        "merged",
        f"{_PACKAGE}:merged",
        proved("VFIO-3", "new", LOOKED_UP_AGAIN),
        proved("VFIO-4", "new", PINNED_OR_RESERVED),
        proved("VFIO-5", "new", "pte_write() is asked of the PTE that gives the pfn, under ptl."),
        proved("VFIO-6", "new", ONE_UNLOCK, WITH_PTL),
        proved("VFIO-7", "new", PIN_AS_WANTED),
        proved("VFIO-8", "new", WHAT_THE_PTE_SAID),
        proved("VFIO-9", "new", ONLY_PFNMAP),
        proved("VFIO-10", "new", WHOSE_ERRNO),
        proved("VFIO-11", "new", A_FAULT_PER_HOLD),
        proved("KVM-4", "new", _KVM_PERMISSION),
        refuted("KVM-5", "new", KVM_COUNT_NOT_ASKED),
        proved("KVM-6", "new", KVM_FRAME_OF_THE_LOOK),
        proved("KVM-7", "new", _KVM_UNDER_PTL),
        proved("KVM-8", "new", KVM_ONE_REFERENCE, KVM_READ_ONLY),
        proved("KVM-9", "new", KVM_NOTHING_BEFORE_ERRORS),
        proved("KVM-10", "new", _KVM_UNLOCK),
        proved("KVM-11", "new", KVM_BEGINS_AGAIN),
        proved("KVM-17", "new", KVM_FAULTS_FIRST),
        proved("KVM-20", "new", "What is told is pte_write(), whoever asks."),
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
        proved("S390-9", "new", REFUSED_IN_ORDER),
        proved("S390-9r", "new", REFUSED_IN_ORDER),
        proved("S390-10", "new", ONE_ERRNO_EACH),
        proved("S390-10r", "new", ONE_ERRNO_EACH),
        proved("S390-11", "new", NOTHING_ELSE_IN_THE_WAY),
        proved("S390-11r", "new", NOTHING_ELSE_IN_THE_WAY),
        proved("S390-12", "new", ITS_OWN_RESULT),
        proved("S390-12r", "new", ITS_OWN_RESULT),
        refuted("S390-13", "new", NOTHING_WAS_WRITTEN),
        proved("S390-13r", "new", "ret is set to -EFAULT where the address is refused."),
        proved("S390-14", "new", OFFSET_IN_THE_PAGE),
        proved("S390-14r", "new", OFFSET_IN_THE_PAGE),
        proved("S390-16", "new", "It is the test of the write, word for word: S390-4r says why."),
    ),
    *claims_at(
        "kvm-refcount",
        f"{_PACKAGE}:kvm_refcount",
        proved("KVM-4", "new", _KVM_PERMISSION),
        proved(
            "KVM-5",
            "new",
            """
            get_page_unless_zero() looks at the count and raises it in one step, so that it cannot
            become 0 in between.
            """,
        ),
        proved("KVM-6", "new", KVM_FRAME_OF_THE_LOOK),
        proved("KVM-7", "new", _KVM_UNDER_PTL),
        proved("KVM-8", "new", KVM_ONE_REFERENCE, KVM_READ_ONLY),
        proved("KVM-9", "new", "-EFAULT stands for a count of 0, of which no reference was taken."),
        proved("KVM-10", "new", _KVM_UNLOCK),
        proved("KVM-11", "new", KVM_BEGINS_AGAIN),
        proved("KVM-17", "new", KVM_FAULTS_FIRST),
        proved("KVM-20", "new", "What is told is pte_write(), whoever asks."),
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
        proved("S390-9", "new", REFUSED_IN_ORDER),
        proved("S390-9r", "new", REFUSED_IN_ORDER),
        proved("S390-10", "new", ONE_ERRNO_EACH),
        proved("S390-10r", "new", ONE_ERRNO_EACH),
        proved("S390-11", "new", NOTHING_ELSE_IN_THE_WAY),
        proved("S390-11r", "new", NOTHING_ELSE_IN_THE_WAY),
        proved("S390-12", "new", ITS_OWN_RESULT),
        proved("S390-12r", "new", ITS_OWN_RESULT),
        refuted("S390-13", "new", NOTHING_WAS_WRITTEN),
        proved("S390-13r", "new", "ret is set to -EFAULT where the address is refused."),
        proved("S390-14", "new", OFFSET_IN_THE_PAGE),
        proved("S390-14r", "new", OFFSET_IN_THE_PAGE),
        proved("S390-15", "new", A_FAULT_FIRST),
        proved("S390-15r", "new", A_FAULT_FIRST),
    ),
)
