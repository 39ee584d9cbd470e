"""Wrong variants of the later fixes: each must make a property fail that they have."""

from __future__ import annotations

from staleproof.history.device_memory.fault_insertion import FaultInsertion
from staleproof.kernel.device_memory.mmap import Mmap
from staleproof.kernel.device_memory.munmap import Munmap
from staleproof.kernel.device_memory.sorts import Page, Vma
from staleproof.lang.model import action
from staleproof.lang.terms import TRUE, Term


class FlushIsForgotten(Munmap):
    """munmap flushes no TLB before VMAs leave their i_mmap trees, as before the fix."""

    @action(kernel="mm/memory.c: free_pgtables", holds="mmap_lock")
    def begin_unlinking(s, v: Vma) -> None:
        """Munmap has cleared every PTE of its range."""
        Munmap.begin_unlinking(s, v)


class FaultAsksNothing(FaultInsertion):
    """The fault handler fills the PTE and asks nothing."""

    def may_insert(s, v: Vma, p: Page) -> Term:
        """Any page may be filled."""
        return TRUE


class RemapKeepsPtes(Mmap):
    """A failing remap_pfn_range() leaves the PTEs that it has set, as before the fix."""

    @action(kernel="mm/memory.c: remap_pfn_range", holds="mmap_lock w")
    def fail_remap(s, v: Vma) -> None:
        """remap_pfn_range() fails half-way and returns its error."""
        Mmap.fail_remap(s, v)
