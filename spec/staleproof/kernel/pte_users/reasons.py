"""Why the claims about users of one PTE come out as they do, where several versions share it."""

from __future__ import annotations

ALL_OR_NOTHING = """
    There is one copy, of all the bytes, and it is followed by the return of the length. Every other
    return stands before it.
"""
ONE_WINDOW = """
    What is mapped is the length and the offset in the page, rounded up to pages. Where the sum does
    not fit in an int it is negative, becomes a size near 2^64, and ioremap_prot() refuses it
    because the range would wrap around. So nothing is copied beyond what was mapped.
"""
ONE_PTE_FOR_ALL = """
    The caller passes the whole length that is left and generic_access_phys() does not clip it to
    the page, so the bytes behind the end of the page are reached by their physical address. It is
    what GAP-2 says of the order of things; here it is an access of two bytes, of which the second
    lies in the next page. Clipping the length in the caller or here would close it.
"""
OTHER_BITS = """
    The permission is asked for if `write & FOLL_WRITE`, and the copy goes to the page if `write`:
    a caller that passes another bit (2, say) writes through a read-only PTE. __access_remote_vm()
    passes FOLL_WRITE or 0, so the two tests agree (ACCESS-CALLER, GAP-13).
"""

LOOKED_UP_AGAIN = """
    fixup_user_fault() tells by `unlocked` that mmap_lock was dropped. Then follow_fault_pfn()
    returns -EAGAIN without another look at the VMA, and vaddr_get_pfn() goes back to before
    find_vma_intersection(). That this may go on for ever, if others keep dropping the lock, is
    not asked.
"""
PINNED_OR_RESERVED = """
    A pfn that comes from a PTE passes is_invalid_reserved_pfn() or becomes -EFAULT. That keeps vfio
    from giving back a reference that it does not have; what becomes of the page is VFIO-1, and
    that one is REFUTED.
"""
ONE_UNLOCK = "Every way to the end goes through the one mmap_read_unlock()."
WITH_PTL = "ptl is taken by follow_pte() and released once, after the PTE was read."

PIN_AS_WANTED = """
    FOLL_WRITE stands for IOMMU_WRITE, and FOLL_LONGTERM is always there; what the two do is the
    contract of the pin.
"""
WHAT_THE_PTE_SAID = "The pfn is handed back by the look, or read from the PTE under ptl."
ONLY_PFNMAP = """
    The VMA of the address without its tag is found, or none. VM_IO alone is not enough: the address
    is then refused with what the pin has returned.
"""
WHOSE_ERRNO = """
    ret is the pin's until a PTE is looked for. -EAGAIN comes back if a page fault has dropped
    mmap_lock and the VMA is gone, or is another, when it is looked up again: an errno that no
    callee has returned.
"""
A_FAULT_PER_HOLD = """
    One page fault stands between the two looks, and after one that has dropped mmap_lock the text
    begins again.
"""
KVM_FRAME_OF_THE_LOOK = """
    There are two looks, and the second is made only if the first has found no PTE and a page fault
    went well. The pfn comes from the one that has found a PTE.
"""
KVM_COUNT_NOT_ASKED = """
    kvm_get_pfn() asks whether the page is reserved, and not what its count is. A tail page of a
    high-order allocation that is no compound page is not reserved, and its count is 0. It becomes 1
    here. When KVM gives the reference back the page is freed, which others still use: KVM-2 says
    so, CVE-2021-22543. f8be156be163 takes a reference only if there are some already.
"""
KVM_ONE_REFERENCE = """
    One reference is taken behind the last look, and none of a page that is reserved, which whoever
    gives the pfn back asks as well.
"""
KVM_READ_ONLY = "A read-only page is refused to a write by a word that stands in place of the pfn."
KVM_NOTHING_BEFORE_ERRORS = "What may fail stands before the reference is taken."
KVM_FAULTS_FIRST = """
    The fault stands behind the first look, and its errno is returned before the second. No other
    row would notice a lookup that takes no fault, or takes it for another purpose.
"""
KVM_BEGINS_AGAIN = """
    `unlocked` is asked before the result of the fault, and -EAGAIN stands behind it alone; the
    caller then takes another look at the VMAs.
"""

PERMISSION_OF_THE_VMA = """
    The flag of the VMA is tested, and its absence is the only reason for -EACCES before the MMIO.
"""
ALL_COMES_BACK = """
    What is copied from or to user space is copied before the locks are taken, or after they were
    released; every way to the end releases what it has taken.
"""
ONE_HOLD = """
    The PTE is read and the MMIO made in one hold of ptl. S390-1 and S390-1a say what follows from
    it when other processors take part.
"""
NOTHING_WAS_WRITTEN = """
    If the PTE names an address that is not one of the PCI windows (below ZPCI_IOMAP_ADDR_BASE) the
    write goes to its end with what follow_pte() has returned, which is 0. Nothing is written and
    user space is told that all was. Before a67a88b0b8de it was -EFAULT, and the read still says so.
    It takes a VM_IO or VM_PFNMAP mapping of something else than a PCI BAR. One line, `ret =
    -EFAULT`, would close it.
"""
SAID_BEFORE = "ret is set to -EFAULT before the address is tested."
ANOTHER_VMA = """
    find_vma() finds the first VMA that ends above the address, which may begin above it. Its flags
    are then tested in the place of those of the address. With a PTE for the address in no VMA, as
    munmap() leaves it for a while after it has downgraded mmap_lock, the call goes on by the flags
    of a stranger. vma_lookup() finds nothing there.
"""
THE_ADDRESS_IS_IN_IT = "vma_lookup() finds the VMA that contains the address, or none."
PTE_NOT_ASKED = """
    VM_WRITE of the VMA is tested, and pte_write() is not. A PTE may be read-only in a writable VMA:
    a private mapping before its first write, or one whose writes are watched. The PTE of a private
    one is that of the device, so the write goes to the device and not to a copy.
"""

REFUSED_IN_ORDER = """
    The three tests stand in this order before anything is looked up, and each ends the call.
"""
ONE_ERRNO_EACH = """
    -EINVAL is set before the VMA is looked up, -EACCES behind the tests that it has passed, and the
    lookup knows -EINVAL alone. S390-4 says which flag is asked for.
"""
NOTHING_ELSE_IN_THE_WAY = "Behind the lookup only these tests stand before the MMIO."
ITS_OWN_RESULT = "What the access returns is what the call returns, unless the bytes get lost."
OFFSET_IN_THE_PAGE = "The pfn is that of the PTE, and the offset that of the address."
A_FAULT_FIRST = """
    The page fault stands between the two looks, and the first must have failed. Before 41a0926e82f4
    a page that nobody had touched yet was refused.
"""
ANY_OTHER_VMA_IS_REFUSED = """
    The flags of the VMA are tested before anything else. No other row says so: without the test
    ordinary pages would be mapped with ioremap_prot() and copied, each by the right PTE.
"""

REASONS_FOR_EINVAL = """
    There are three refusals: of the VMA, by follow_pte(), and of a write that pte_write() does not
    permit. GAP-9 says that one of two errnos tells of a refusal, and not when there may be one.
"""

FEWEST_PAGES = """
    The sum of the offset and the length is rounded up to pages. GAP-14 says that it is enough; this
    says that it is not too much.
"""

PROTECTION_OF_THE_PTE = """
    pte_pgprot() of the PTE that was read goes to ioremap_prot() as it is. Device memory that user
    space has mapped uncached is not reached through a cached mapping then.
"""
