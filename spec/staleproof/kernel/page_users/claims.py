"""The claims about the ways to use a page, and about users before the series."""

from __future__ import annotations

from staleproof.claims import claims_at
from staleproof.kernel.page_users.reasons import proved, refuted

KEEPS_A_NUMBER = """
    follow_pfn() reads the PTE under the page-table lock, drops the lock, and returns a number.
    Nothing ties the number to the PTE: no reference, no lock, no notifier. The trace zaps the PTE,
    gives the page to somebody else, and lets the reader go on.
"""
NUMBERS_FOR_A_DEVICE = """
    From a VM_IO or VM_PFNMAP mapping get_vaddr_frames() takes numbers. Nothing keeps the owner of
    the page from zapping the PTE and giving the page away, while the device still reaches it.
"""
NO_LOOK_AT_THE_PERMISSION = "follow_pfn() says nothing of write permission, and nobody asks."
MARKED_BY_NUMBER = """
    The release marks what it has a struct page of. It does not ask whether there is a pin, and by
    then the page may be somebody else's.
"""
SHORT_PINS = """
    Without FOLL_LONGTERM a pin takes any page that there is, as if it were for the moment; the
    buffer lasts for as long as user space likes.
"""

REFERENCE_OF_ZERO = """
    A driver may map pages into a VM_PFNMAP VMA that it has allocated and whose count is 0: the
    tail pages of a high-order allocation that is no compound page. KVM raises the count to 1 when
    it looks the page up. When it gives the reference back, the count is 0 again, and that frees
    the page, which the driver still has and user space still has mapped (CVE-2021-22543).
"""

CLAIMS = (
    *claims_at(
        "ways",
        "staleproof.kernel.page_users.versions:ways",
        proved(
            "NSM-1",
            "new",
            """
            Who takes a reference while it holds the page-table lock may keep the page: the owner
            gives no page away that somebody has a reference of. That is what pinning does.
            """,
        ),
        proved(
            "NSM-2",
            "new",
            """
            Who uses the page within the hold of the lock in which the PTE was read needs nothing
            else: whoever zaps the PTE takes the same lock first, and the page is given away after
            that. It must be the same lock: with another one it falls, as hugetlb's CONT entries
            did in 2022.
            """,
        ),
        proved(
            "NSM-3",
            "new",
            """
            Who has an mmu notifier, reads its sequence number before the PTE, and tests count and
            number under mmu_lock before it makes its entry, never has an entry for a page that is
            gone. Each step is needed, and each is a killer: no test of the count, no test of the
            number, the number read late, entries left in place when an invalidation begins.
            """,
        ),
        refuted("NSM-0", "new", KEEPS_A_NUMBER),
    ),
    *claims_at(
        "legacy",
        "staleproof.kernel.page_users.versions:legacy",
        refuted(
            "GAP-1",
            "X",
            """
            generic_access_phys() takes the physical address from the PTE, maps it with
            ioremap_prot(), and copies, with no lock in between. mmap_lock keeps out neither
            unmap_mapping_range() nor, after it, a new owner of the page.
            """,
        ),
        refuted("GAP-4", "X (stale)", "The permission was that of the PTE some time ago."),
        refuted(
            "VFIO-1",
            "X",
            KEEPS_A_NUMBER,
            "vfio type1 puts the number into the IOMMU's page table until user space unmaps it.",
        ),
        refuted(
            "VFIO-2", "new", KEEPS_A_NUMBER, "The device then writes into the new owner's page."
        ),
        proved("KVM-1", "H", "This is NSM-3: KVM has the sequence retry."),
        proved("KVM-1a", "new", "The entries are removed under mmu_lock when the count goes up."),
        refuted(
            "KVM-3",
            "X",
            """
            follow_pfn() says nothing of write permission, so KVM makes a writable entry for a
            read-only PTE. Fixed by bd2fae8da794, which looks at pte_write().
            """,
        ),
        refuted("S390-1", "X", KEEPS_A_NUMBER),
        refuted("S390-1a", "D-3", "get_pfn() has dropped the lock before the access."),
        proved("S390-2", "-", "get_pfn() is given the flag by each call: VM_READ by this one."),
        proved(
            "GAP-3",
            "H",
            "Between ioremap_prot() and the return there is the copy, and then iounmap().",
        ),
        proved("GAP-5", "H", "follow_phys() has dropped the lock before it returns."),
        refuted("KVM-2", "X", REFERENCE_OF_ZERO),
    ),
    *claims_at(
        "legacy",
        "staleproof.series.longterm_pins.versions:buffers",
        refuted("GVF-8s", "X", NO_LOOK_AT_THE_PERMISSION),
        refuted("GVF-9s", "X", NUMBERS_FOR_A_DEVICE),
        refuted("GVF-9e", "X", NUMBERS_FOR_A_DEVICE),
        refuted("GVF-10s", "X", SHORT_PINS),
        refuted(
            "GVF-11s",
            "?",
            SHORT_PINS,
            "The VMA in which the buffer begins is asked vma_is_fsdax(); a later one is not.",
        ),
        refuted("GVF-16s", "X", MARKED_BY_NUMBER),
    ),
    *claims_at(
        "legacy",
        "staleproof.series.p07_generic_access.retry:question",
        proved("GAP-6", "H", "It looks at the PTE once; there is no loop."),
    ),
)
