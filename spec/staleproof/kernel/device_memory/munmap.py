"""munmap and exit, in the order in which the kernel does it: PTEs, i_mmap trees, TLBs."""

from __future__ import annotations

from staleproof.kernel.device_memory.revoke import Revoke
from staleproof.kernel.device_memory.sorts import Claim, File, Mm, Page, Stage, Vma
from staleproof.lang.model import action, initial
from staleproof.lang.quantify import every
from staleproof.lang.state import Fixed, Relation
from staleproof.lang.terms import Term, implies


class Munmap(Revoke):
    """munmap of a range of any number of VMAs, and exit, which is munmap of all of them.

    First the PTEs of all VMAs of the range are cleared, then each VMA leaves its i_mmap tree, then
    one TLB flush ends it. The VMAs are taken out of the process' tree in one step: who looks VMAs
    up needs mmap_lock, and nothing that this model has does. That mmap_lock is held for reading
    only after that (a downgrade) is left out, for no step here takes it for reading.
    """

    pfnmap: Fixed[Relation[Vma]]  # VM_PFNMAP: a VMA of device memory; others are ordinary
    unmapping: Relation[Mm]  # a munmap is running in the address space
    leaving: Relation[Mm]  # and its PTEs are gone, so VMAs leave their trees

    @initial
    def nothing_is_unmapped(s) -> Term:
        """At the start no munmap runs."""
        return every(Mm, lambda m: ~s.unmapping[m] & ~s.leaving[m])

    def in_reach(s, c: Claim, v: Vma) -> Term:
        """The VMA is one of device memory, in the tree that the claim zaps."""
        return s.pfnmap[v] & super().in_reach(c, v)

    @action(kernel="mm/mmap.c: mmap_region", holds="mmap_lock w")
    def begin_mmap(s, v: Vma, f: File) -> None:
        """A process has a new VMA for an open file, and calls the file's ->mmap."""
        s.require(s.pfnmap[v])
        super().begin_mmap(v, f)

    @action(kernel="mm/mmap.c: mmap_region", holds="mmap_lock w, i_mmap_rwsem w", adds=True)
    def map_ordinary(s, v: Vma) -> None:
        """A process maps ordinary memory, which covers no page of a device."""
        s.require(
            s.stage[v] == Stage.UNUSED,
            ~s.pfnmap[v],
            ~s.mmap_lock[s.mm[v]],
            every(Page, lambda p: ~s.covers[v, p]),
        )
        s.stage[v] = Stage.LINKED

    @action(kernel="mm/mmap.c: detach_vmas_to_be_unmapped", holds="mmap_lock w", adds=True)
    def begin_munmap(s, v: Vma) -> None:
        """Munmap takes the first VMA of its range out of the address space."""
        s.require(s.stage[v] == Stage.LINKED, ~s.mmap_lock[s.mm[v]])
        s.lock(v)
        s.detach_first(v)

    def detach_first(s, v: Vma) -> None:
        """The VMA is the first of a range that is unmapped; mmap_lock is held for its sake."""
        s.stage[v] = Stage.DETACHED
        s.unmapping[s.mm[v]] = True
        s.leaving[s.mm[v]] = False

    @action(kernel="mm/mmap.c: detach_vmas_to_be_unmapped", holds="mmap_lock w", adds=True)
    def detach_another(s, v: Vma) -> None:
        """Munmap takes a further VMA of its range out of the address space."""
        s.require(s.stage[v] == Stage.LINKED, s.unmapping[s.mm[v]], ~s.leaving[s.mm[v]])
        s.stage[v] = Stage.DETACHED

    @action(kernel="mm/memory.c: unmap_vmas", holds="mmap_lock, ptl", adds=True)
    def clear_pte(s, v: Vma, p: Page) -> None:
        """Munmap clears one PTE."""
        s.require(s.stage[v] == Stage.DETACHED, s.pte[v, p])
        s.pte[v, p] = False

    @action(kernel="mm/memory.c: free_pgtables", holds="mmap_lock", adds=True)
    def begin_unlinking(s, v: Vma) -> None:
        """Munmap has cleared every PTE of its range."""
        m = s.mm[v]
        s.require(
            s.stage[v] == Stage.DETACHED,
            ~s.leaving[m],
            every(
                Vma,
                Page,
                lambda w, p: implies((s.mm[w] == m) & (s.stage[w] == Stage.DETACHED), ~s.pte[w, p]),
            ),
        )
        s.leaving[m] = True

    @action(kernel="mm/mmap.c: unlink_file_vma", holds="mmap_lock, i_mmap_rwsem w", adds=True)
    def unlink_vma(s, v: Vma) -> None:
        """A VMA of the range leaves its i_mmap tree."""
        s.require(s.stage[v] == Stage.DETACHED, s.leaving[s.mm[v]], s.i_mmap_is_free(s.tree(v)))
        s.stage[v] = Stage.UNLINKED

    @action(kernel="mm/mmu_gather.c: tlb_finish_mmu", holds="mmap_lock", adds=True)
    def end_munmap(s, m: Mm) -> None:
        """All VMAs of the range have left; the TLBs are flushed and munmap is done."""
        s.require(
            s.unmapping[m],
            s.leaving[m],
            every(Vma, lambda v: implies(s.mm[v] == m, s.stage[v] != Stage.DETACHED)),
        )
        s.tlb.set(False, where=lambda u, v, p: (s.mm[v] == m) & (s.stage[v] == Stage.UNLINKED))
        s.stage.set(Stage.GONE, where=lambda v: (s.mm[v] == m) & (s.stage[v] == Stage.UNLINKED))
        s.unmapping[m] = False
        s.mmap_lock[m] = False
