"""The claims about users of one PTE before the series, from C text."""

from __future__ import annotations

from staleproof.claims import claims_at
from staleproof.kernel.pte_users.reasons import (
    A_FAULT_PER_HOLD,
    ALL_COMES_BACK,
    ALL_OR_NOTHING,
    ANOTHER_VMA,
    ANY_OTHER_VMA_IS_REFUSED,
    FEWEST_PAGES,
    ITS_OWN_RESULT,
    KVM_BEGINS_AGAIN,
    KVM_COUNT_NOT_ASKED,
    KVM_FAULTS_FIRST,
    KVM_FRAME_OF_THE_LOOK,
    KVM_NOTHING_BEFORE_ERRORS,
    KVM_ONE_REFERENCE,
    LOOKED_UP_AGAIN,
    NOTHING_ELSE_IN_THE_WAY,
    OFFSET_IN_THE_PAGE,
    ONE_ERRNO_EACH,
    ONE_PTE_FOR_ALL,
    ONE_UNLOCK,
    ONE_WINDOW,
    ONLY_PFNMAP,
    OTHER_BITS,
    PERMISSION_OF_THE_VMA,
    PIN_AS_WANTED,
    PINNED_OR_RESERVED,
    PROTECTION_OF_THE_PTE,
    PTE_NOT_ASKED,
    REASONS_FOR_EINVAL,
    REFUSED_IN_ORDER,
    SAID_BEFORE,
    WHAT_THE_PTE_SAID,
    WHOSE_ERRNO,
)
from staleproof.kernel.pte_users.statements import proved, refuted

_LOCK_IS_GONE = """
    follow_phys() drops ptl before it returns, and from there to the copy nothing keeps the PTE as
    it is. In the trace another CPU clears it after the look. What the owner of the page may do then
    is GAP-1 and GAP-8.
"""
_FROM_THE_LOOK = """
    follow_phys() hands back what it has read under ptl. It is what is left of GAP-12 and GAP-13,
    which are about the moment of the copy and are REFUTED; mutants of the text asked for it.
"""
_A_NUMBER = """
    get_pfn() gives a number and releases mmap_lock. At the MMIO nothing is held, and the PTE may be
    gone. S390-1 says what may become of the page.
"""
_NO_PERMISSION = """
    follow_pfn() says nothing of write permission. The write flag is used for the page fault alone,
    and there is none if a PTE is there already, read-only or not. Closed by 07956b6269d3.
"""
_WALK = """
    Each level is asked before the next is looked at, huge entries are refused, and an empty PTE is
    let go with its lock. The kernel of v5.10 has the walk in another function, with more
    parameters; 5.12 has it as it is told here.
"""

CLAIMS = claims_at(
    "legacy",
    "staleproof.kernel.pte_users.versions:legacy",
    proved("GAP-9", "new", ALL_OR_NOTHING),
    proved("GAP-10", "new", "There is one ioremap_prot() and one iounmap() behind it."),
    proved("GAP-11", "new", "The lock is held in follow_phys() alone, which does not sleep."),
    refuted("GAP-12", "new", _LOCK_IS_GONE),
    refuted("GAP-13", "new", _LOCK_IS_GONE, "The permission may be gone likewise."),
    refuted("GAP-13a", "new", OTHER_BITS),
    proved("GAP-14", "new", ONE_WINDOW),
    refuted("GAP-15", "new", ONE_PTE_FOR_ALL),
    proved("GAP-16", "new", ANY_OTHER_VMA_IS_REFUSED),
    proved("GAP-17", "new", REASONS_FOR_EINVAL),
    proved("GAP-18", "new", FEWEST_PAGES),
    proved("GAP-19", "new", PROTECTION_OF_THE_PTE),
    proved("GAP-20", "new", _FROM_THE_LOOK),
    proved("GAP-21", "new", _FROM_THE_LOOK),
    proved("VFIO-3", "new", LOOKED_UP_AGAIN),
    proved("VFIO-4", "new", PINNED_OR_RESERVED),
    refuted("VFIO-5", "new", _NO_PERMISSION),
    proved("VFIO-6", "new", ONE_UNLOCK),
    proved("VFIO-7", "new", PIN_AS_WANTED),
    proved("VFIO-8", "new", WHAT_THE_PTE_SAID),
    proved("VFIO-9", "new", ONLY_PFNMAP),
    proved("VFIO-10", "new", WHOSE_ERRNO),
    proved("VFIO-11", "new", A_FAULT_PER_HOLD),
    refuted(
        "KVM-4",
        "new",
        """
        follow_pfn() says nothing of write permission, and *writable becomes true whatever was asked
        for. What comes of it is KVM-3. Closed by bd2fae8da794.
        """,
    ),
    refuted("KVM-5", "new", KVM_COUNT_NOT_ASKED),
    proved("KVM-6", "new", KVM_FRAME_OF_THE_LOOK),
    refuted(
        "KVM-7",
        "new",
        """
        follow_pfn() has released ptl when it returns. Until the count goes up the PTE may be
        cleared and the page given to somebody else, whose page KVM then has a reference of. The
        notifier keeps KVM from using it (KVM-1), and the reference is given back; meanwhile its
        owner finds a count that it did not expect. bd2fae8da794 closes it on the way, with the lock
        that it takes for the sake of the permission.
        """,
    ),
    proved("KVM-8", "new", KVM_ONE_REFERENCE),
    proved("KVM-9", "new", KVM_NOTHING_BEFORE_ERRORS),
    proved("KVM-11", "new", KVM_BEGINS_AGAIN),
    proved(
        "KVM-12",
        "new",
        """
        The number is read first, and a barrier keeps the lookup behind that. Under mmu_lock, where
        count and number stay, both are asked. The number grows, so if it is the same in the end it
        was the same during the lookup. That is what KVM-1 rests on. Each step is a killer.
        """,
    ),
    proved("KVM-13", "new", "What the lookup has handed back goes to __direct_map() as it is."),
    proved("KVM-14", "new", "Every way from spin_lock() goes through the one spin_unlock()."),
    proved(
        "KVM-15", "new", "An error comes without a reference; any other way ends at the release."
    ),
    proved("KVM-16", "new", "Nothing but __direct_map() says RET_PF_FIXED."),
    proved("KVM-17", "new", KVM_FAULTS_FIRST),
    proved("KVM-18", "new", "kvm_handle_bad_page() asks for the two words by name."),
    proved(
        "KVM-19",
        "new",
        """
        Between the lock and __direct_map() the two tests of the notifier stand, and that of the
        room, and nothing else. KVM-12 says that no entry is made where there should be none; this
        says that one is tried where there may be.
        """,
    ),
    proved("KVM-20", "new", "Every page is said to be writable; KVM-4 says what is wrong with it."),
    proved(
        "KVM-21",
        "new",
        """
        -EAGAIN leads back to before find_vma_intersection(). That this may go on for ever, if
        others keep dropping the lock, is not asked. Here it is shown that hva_to_pfn_remapped()
        is called as PTE-CALLER says.
        """,
    ),
    proved(
        "KVM-22",
        "new",
        """
        Whoever finds a page has taken the reference, and after that nothing can fail. A page that
        get_user_pages() gives is taken not to be reserved (KVM-GUP): of one that is, the reference
        would never be given back. It is what KVM-12 to KVM-19 take hva_to_pfn() for.
        """,
    ),
    proved("KVM-23", "new", ONE_UNLOCK),
    proved("KVM-24", "new", "The ways stand one behind the other, and each ends the call."),
    proved(
        "KVM-25",
        "new",
        """
        Poison is told by the errno of the second way, or asked for by name. Every other errno
        becomes the word for a fault, whatever it was.
        """,
    ),
    proved("KVM-26", "new", "Either flag will do, and the VMA is that of the last look."),
    refuted("S390-3", "new", _A_NUMBER),
    refuted("S390-3r", "new", _A_NUMBER),
    proved("S390-4", "new", PERMISSION_OF_THE_VMA),
    proved("S390-4r", "new", PERMISSION_OF_THE_VMA),
    proved("S390-5", "new", ALL_COMES_BACK),
    proved("S390-5r", "new", ALL_COMES_BACK),
    proved("S390-6", "new", SAID_BEFORE),
    proved("S390-6r", "new", SAID_BEFORE),
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
    proved("S390-13", "new", SAID_BEFORE),
    proved("S390-13r", "new", SAID_BEFORE),
    proved("S390-14", "new", OFFSET_IN_THE_PAGE),
    proved("S390-14r", "new", OFFSET_IN_THE_PAGE),
    proved("UFP-5", "new", _WALK, "This is what the callers of follow_pte() rest on."),
    proved("UFP-6", "new", _WALK),
    proved("UFP-7", "new", _WALK),
    proved(
        "UFP-8",
        "new",
        """
        The VMA is asked first, everything else is follow_pte() (UFP-5, UFP-6), and the pfn is read
        in its hold of the lock. It is what the contract of follow_pfn() says where others call it.
        """,
    ),
    proved("UFP-9", "new", "There is one pte_unmap_unlock(), behind the read."),
    refuted(
        "UFP-10",
        "new",
        """
        The lock is released before the return, and the PTE may be gone when the caller gets its
        number. That is why there is an unsafe_follow_pfn(), and why NSM-0 is REFUTED.
        """,
    ),
    proved(
        "UFP-11",
        "new",
        """
        Either flag will do, and what follow_pte() refuses has no PTE (UFP-6). No other row would
        notice a follow_pfn() that refuses every VMA with VM_IO alone.
        """,
    ),
    proved(
        "VB1-1",
        "new",
        """
        follow_pfn() refuses ordinary VMAs, its first errno ends the loop, and without a look
        the result is still -EINVAL. So whoever takes follow_pfn() from videobuf1, as
        CONFIG_STRICT_FOLLOW_PFN does (patches 08 and 09), takes its user buffers away altogether
        (D-8 of the review).
        """,
    ),
    proved("VB1-2", "new", "There is one mmap_read_unlock(), at the end."),
    refuted(
        "VB1-3",
        "new",
        """
        find_vma() finds the first VMA that ends above the address, and only the end of the buffer
        is compared with it. A buffer that begins in front of the VMA is looked up there, by the
        flags of a VMA that it does not lie in. No PTE is found, unless a munmap() is under way; so
        the harm is small, and find_vma_intersection() or vma_lookup() would close it.
        """,
    ),
)
