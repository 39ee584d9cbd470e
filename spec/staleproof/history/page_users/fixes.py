"""The fixes of KVM and of s390."""

from __future__ import annotations

from staleproof.kernel.page_users.sorts import Reader
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
