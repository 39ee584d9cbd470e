"""The fixes of KVM and of s390, and what one of them broke."""

from __future__ import annotations

from staleproof.kernel.page_users.counts import CountedPages
from staleproof.kernel.page_users.mmio import AsksTheVma, ReadAsksForWrite
from staleproof.kernel.page_users.sorts import Page, Reader, Zap
from staleproof.kernel.page_users.users import Kvm, Vfio
from staleproof.kernel.page_users.ways import UnderLock
from staleproof.lang.model import action
from staleproof.lang.quantify import some
from staleproof.lang.terms import TRUE, Term, implies


class KvmAsksForWrite(Kvm):
    """bd2fae8da794 (5.12): a writable entry is made for a writable PTE only."""

    @action(kernel="virt/kvm/kvm_main.c: hva_to_pfn_remapped", holds="mmap_lock r")
    def drop_lock(s, r: Reader) -> None:
        """KVM drops the page-table lock and keeps the page frame number."""
        super().drop_lock(r)

    def is_allowed(s, r: Reader) -> Term:
        """Who looks for write access has found the PTE writable."""
        return implies(s.writes[r], s.may_write[r])


class KvmAsksTheAddress(Kvm):
    """4a42d848db95 (5.12), x86: an invalidation of other addresses stops no entry.

    Of invalidations that overlap in time the kernel keeps one range that holds them all. Here each
    counts for its own address alone, which lets through more.
    """

    def tests(s, r: Reader) -> Term:
        """No invalidation of the address runs, and the sequence number has not moved."""
        return s.is_current(r) & ~some(Zap, lambda z: s.running[z] & (s.zaps[z] == s.slot[r]))

    @action(
        kernel="include/linux/kvm_host.h: mmu_notifier_retry_hva; "
        "arch/x86/kvm/mmu/mmu.c: __direct_map",
        holds="mmu_lock",
    )
    def begin_use(s, r: Reader) -> None:
        """Under mmu_lock nothing has invalidated the address since the look; an entry is made."""
        super().begin_use(r)

    @action(kernel="include/linux/kvm_host.h: mmu_notifier_retry_hva", holds="mmu_lock")
    def give_up(s, r: Reader) -> None:
        """The reader forgets what it has kept, to begin again."""
        super().give_up(r)


class WritesAreNotAsked(KvmAsksForWrite):
    """An entry is made writable without a look at the PTE's permission."""

    def is_allowed(s, r: Reader) -> Term:
        """Nothing is asked."""
        return TRUE


class VfioFollowsPte(Vfio):
    """07956b6269d3 (5.12): vfio type1 calls follow_pte(), and reads the number under its lock."""

    @action(kernel="drivers/vfio/vfio_iommu_type1.c: follow_fault_pfn", holds="mmap_lock r")
    def drop_lock(s, r: Reader) -> None:
        """The driver drops the page-table lock and keeps the page frame number."""
        super().drop_lock(r)


class MmioUnderLock(UnderLock):
    """a67a88b0b8de (5.11): s390 makes the access within the hold of the page-table lock."""

    @action(
        kernel="arch/s390/pci/pci_mmio.c: s390_pci_mmio_read, s390_pci_mmio_write",
        holds="mmap_lock r, ptl",
    )
    def use_locked(s, r: Reader) -> None:
        """The call makes its access to the page, and still holds the lock."""
        super().use_locked(r)

    @action(kernel="arch/s390/pci/pci_mmio.c: s390_pci_mmio_read, s390_pci_mmio_write")
    def end_use(s, r: Reader) -> None:
        """The access is made, and the locks are dropped."""
        super().end_use(r)


class MmioAsksForWrite(ReadAsksForWrite, MmioUnderLock):
    """a67a88b0b8de (5.11), its question: pci_mmio_read() asks for VM_WRITE, too."""


class MmioReadAsksForRead(AsksTheVma, MmioUnderLock):
    """41a0926e82f4 (2025): pci_mmio_read() asks for VM_READ again."""


class KvmRefersUnderLock(CountedPages):
    """bd2fae8da794 (5.12): KVM takes its reference before it drops the page-table lock."""

    def is_locked(s, p: Page) -> Term:
        """KVM holds the page-table lock of the PTE that names the page."""
        return some(Reader, lambda r: s.is_at_the_pte(r) & (s.page[r] == p))

    def is_at_the_pte(s, r: Reader) -> Term:
        """KVM has read the PTE, and holds its lock."""
        return s.knows[r] & ~s.refers[r]

    @action(kernel="mm/memory.c: follow_pte", holds="mmap_lock r, ptl")
    def look_up(s, r: Reader, p: Page) -> None:
        """KVM takes the page-table lock and reads the number of a page from a PTE."""
        s.require(~s.is_locked(p))
        super().look_up(r, p)

    @action(kernel="virt/kvm/kvm_main.c: kvm_get_pfn", holds="mmap_lock r, ptl")
    def take_reference(s, r: Reader) -> None:
        """KVM raises the count of the page, and drops the page-table lock after that."""
        super().take_reference(r)

    @action(kernel="virt/kvm/kvm_main.c: hva_to_pfn_remapped", holds="mmap_lock r, ptl", adds=True)
    def take_none(s, r: Reader) -> None:
        """KVM takes no reference, drops the page-table lock, and has no page."""
        s.require(s.is_at_the_pte(r))
        s.knows[r] = False

    @action(kernel="mm/memory.c: zap_pte_range", holds="ptl")
    def zap_pte(s, p: Page) -> None:
        """The owner takes the mapping away, when it has got the lock of the PTE."""
        s.require(~s.is_locked(p))
        super().zap_pte(p)


class KvmTriesToRefer(KvmRefersUnderLock):
    """f8be156be163 (5.13): a reference is taken unless the count is 0; if it is, -EFAULT."""

    @action(kernel="virt/kvm/kvm_main.c: kvm_try_get_pfn", holds="mmap_lock r, ptl")
    def take_reference(s, r: Reader) -> None:
        """KVM raises the count of the page if it is not 0, and drops the page-table lock."""
        super().take_reference(r)

    def may_refer(s, p: Page) -> Term:
        """The count is above 0: get_page_unless_zero()."""
        return s.has_count(p)
