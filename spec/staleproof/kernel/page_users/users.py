"""The kernel's users of page frame numbers, each in one of the ways, or in none."""

from __future__ import annotations

from staleproof.kernel.page_users.sorts import Doing, Reader, Zap
from staleproof.kernel.page_users.ways import Unprotected, WithNotifier
from staleproof.lang.model import action, safety
from staleproof.lang.terms import Term, eq, implies


class GenericAccessBefore(Unprotected):
    """generic_access_phys() before patch 7: follow_phys(), then ioremap_prot() and the copy."""

    def is_allowed(s, r: Reader) -> Term:
        """follow_phys() has refused a write through a PTE that was read-only then."""
        return implies(s.writes[r], s.may_write[r])

    @action(kernel="mm/memory.c: follow_phys", holds="mmap_lock r")
    def drop_lock(s, r: Reader) -> None:
        """The call drops the page-table lock and keeps the physical address."""
        super().drop_lock(r)

    @action(kernel="mm/memory.c: generic_access_phys", holds="mmap_lock r")
    def begin_use(s, r: Reader) -> None:
        """The call begins to copy, from or to the page whose address it has kept."""
        super().begin_use(r)

    @action(kernel="mm/memory.c: generic_access_phys", holds="mmap_lock r")
    def end_use(s, r: Reader) -> None:
        """The copy is made."""
        super().end_use(r)

    @safety
    def copies_go_to_the_mapped_page(s, r: Reader) -> Term:
        """At the copy the PTE names the page that is copied from or to."""
        a = s.slot[r]
        return implies(s.doing[r] == Doing.USING, s.present[a] & eq(s.names[a], s.page[r]))

    @safety
    def copies_are_permitted_now(s, r: Reader) -> Term:
        """At a copy to the page the PTE is writable."""
        return implies((s.doing[r] == Doing.USING) & s.writes[r], s.writable[s.slot[r]])


class Vfio(Unprotected):
    """vfio type1: a page frame number is kept for a device, in the IOMMU's page table."""

    @action(kernel="drivers/vfio/vfio_iommu_type1.c: vfio_iommu_map")
    def begin_use(s, r: Reader) -> None:
        """The number goes into the IOMMU's page table, and the device can reach the page."""
        super().begin_use(r)

    @action(kernel="drivers/vfio/vfio_iommu_type1.c: vfio_unmap_unpin")
    def end_use(s, r: Reader) -> None:
        """The number is taken out of the IOMMU's page table."""
        super().end_use(r)

    @safety
    def kept_pfns_are_mapped(s, r: Reader) -> Term:
        """As long as a device uses the number, the PTE that it came from names the page."""
        a = s.slot[r]
        return implies(s.doing[r] == Doing.USING, s.present[a] & eq(s.names[a], s.page[r]))


class Kvm(WithNotifier):
    """KVM's page faults: an entry of the second-level page table for what the PTE names."""

    @action(kernel="arch/x86/kvm/mmu/mmu.c: drop_spte", holds="mmu_lock")
    def end_use(s, r: Reader) -> None:
        """KVM removes the entry of its own accord."""
        super().end_use(r)

    @safety
    def entries_lead_to_mapped_pages(s, r: Reader) -> Term:
        """An entry of the second-level page table leads to what the PTE names."""
        a = s.slot[r]
        return implies(s.doing[r] == Doing.USING, s.present[a] & eq(s.names[a], s.page[r]))

    @safety
    def invalidated_ranges_have_no_entry(s, r: Reader, z: Zap) -> Term:
        """From the start of an invalidation to its end there is no entry for its range."""
        return implies(s.running[z] & (s.doing[r] == Doing.USING), s.zaps[z] != s.slot[r])


class MmioBySyscall(Unprotected):
    """s390 pci_mmio_read() and pci_mmio_write(): follow_pfn(), then the access, with no lock."""

    @action(kernel="arch/s390/pci/pci_mmio.c: s390_pci_mmio_read, s390_pci_mmio_write")
    def begin_use(s, r: Reader) -> None:
        """The call begins its access to the page whose number it has kept."""
        super().begin_use(r)

    @action(kernel="arch/s390/pci/pci_mmio.c: s390_pci_mmio_read, s390_pci_mmio_write")
    def end_use(s, r: Reader) -> None:
        """The access is made."""
        super().end_use(r)
