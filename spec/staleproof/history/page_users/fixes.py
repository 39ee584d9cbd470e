"""The fixes of KVM and of s390, and what one of them broke."""

from __future__ import annotations

from staleproof.kernel.page_users.counts import CountedPages
from staleproof.kernel.page_users.mmio import AsksTheVma, ReadAsksForWrite
from staleproof.kernel.page_users.sorts import Page, Reader
from staleproof.kernel.page_users.users import Kvm
from staleproof.kernel.page_users.ways import UnderLock
from staleproof.lang.terms import TRUE, Term, implies


class KvmAsksForWrite(Kvm):
    """bd2fae8da794 (5.12): a writable entry is made for a writable PTE only."""

    def is_allowed(s, r: Reader) -> Term:
        """Who looks for write access has found the PTE writable."""
        return implies(s.writes[r], s.may_write[r])


class WritesAreNotAsked(KvmAsksForWrite):
    """An entry is made writable without a look at the PTE's permission."""

    def is_allowed(s, r: Reader) -> Term:
        """Nothing is asked."""
        return TRUE


class MmioUnderLock(UnderLock):
    """a67a88b0b8de (5.11): s390 makes the access within the hold of the page-table lock."""


class MmioAsksForWrite(ReadAsksForWrite, MmioUnderLock):
    """a67a88b0b8de (5.11), its question: pci_mmio_read() asks for VM_WRITE, too."""


class MmioReadAsksForRead(AsksTheVma, MmioUnderLock):
    """41a0926e82f4 (2025): pci_mmio_read() asks for VM_READ again."""


class KvmTriesToRefer(CountedPages):
    """f8be156be163 (5.13): a reference is taken unless the count is 0; if it is, -EFAULT."""

    def may_refer(s, p: Page) -> Term:
        """The count is above 0: get_page_unless_zero()."""
        return s.has_count(p)
