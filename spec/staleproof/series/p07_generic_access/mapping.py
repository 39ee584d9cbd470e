"""96667f8a4382, its kernel mapping: made without the page-table lock, used under it."""

from __future__ import annotations

from staleproof.kernel.page_users.mapping import KernelMapping, Stage
from staleproof.kernel.page_users.sorts import Reader
from staleproof.lang.model import action
from staleproof.lang.terms import Term, disj
from staleproof.series.p07_generic_access.model import GenericAccess


class MappingAfter(KernelMapping, GenericAccess):
    """generic_access_phys() since patch 7, with its mapping.

    A PTE that is gone, or is not the same, leads to iounmap() as the copy does.
    """

    drops = ("retry",)

    @action(kernel="mm/memory.c: follow_pte", holds="mmap_lock r, ptl")
    def lock_again(s, r: Reader) -> None:
        """The lock is taken again once there is a mapping, and the PTE is the same as before."""
        s.require(s.stage[r] == Stage.MAPPED)
        super().lock_again(r)

    def is_done(s, r: Reader) -> Term:
        """The copy is made, or the PTE is gone, or not the same."""
        return disj(super().is_done(r), s.stage[r] == Stage.MAPPED)
