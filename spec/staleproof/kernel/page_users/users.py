"""The kernel's users of page frame numbers, each in one of the ways, or in none."""

from __future__ import annotations

from staleproof.kernel.page_users.sorts import Doing, Reader, Zap
from staleproof.kernel.page_users.ways import Unprotected, WithNotifier
from staleproof.lang.model import safety
from staleproof.lang.terms import Term, eq, implies


class GenericAccessBefore(Unprotected):
    """generic_access_phys() before patch 7: follow_phys(), then ioremap_prot() and the copy."""

    def is_allowed(s, r: Reader) -> Term:
        """follow_phys() has refused a write through a PTE that was read-only then."""
        return implies(s.writes[r], s.may_write[r])

    @safety
    def copies_go_to_the_mapped_page(s, r: Reader) -> Term:
        """At the copy the PTE names the page that is copied from or to."""
        a = s.slot[r]
        return implies(s.doing[r] == Doing.USING, s.present[a] & eq(s.names[a], s.page[r]))

    @safety
    def copies_are_permitted_now(s, r: Reader) -> Term:
        """At a copy to the page the PTE is writable."""
        return implies((s.doing[r] == Doing.USING) & s.writes[r], s.writable[s.slot[r]])


class LongTermPfn(Unprotected):
    """A page frame number that is kept for a device: frame vectors, videobuf, vfio type1."""

    @safety
    def kept_pfns_are_mapped(s, r: Reader) -> Term:
        """As long as a device uses the number, the PTE that it came from names the page."""
        a = s.slot[r]
        return implies(s.doing[r] == Doing.USING, s.present[a] & eq(s.names[a], s.page[r]))


class Kvm(WithNotifier):
    """KVM's page faults: an entry of the second-level page table for what the PTE names."""

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
