"""CVE-2022-39188: munmap flushes the TLBs before a VMA of device memory leaves its i_mmap tree."""

from __future__ import annotations

from staleproof.kernel.device_memory.munmap import Munmap
from staleproof.kernel.device_memory.sorts import Cpu, Page, Stage, Vma
from staleproof.lang.model import action, initial, lemma
from staleproof.lang.quantify import every
from staleproof.lang.state import Relation
from staleproof.lang.terms import Term, conj, disj, eq, implies


class FlushBeforeUnlink(Munmap):
    """b67fbebd4cf9 (5.19): tlb_end_vma() flushes for each VMA with VM_PFNMAP."""

    flushed: Relation[Vma]  # the flush at the end of the VMA has been made

    @initial
    def nothing_is_flushed(s) -> Term:
        """At the start no munmap has flushed anything."""
        return every(Vma, lambda v: ~s.flushed[v])

    @action(kernel="include/asm-generic/tlb.h: tlb_end_vma", holds="mmap_lock", adds=True)
    def end_vma(s, v: Vma) -> None:
        """Munmap has cleared the PTEs of one VMA of device memory, and flushes the TLBs."""
        s.require(
            s.stage[v] == Stage.DETACHED,
            s.pfnmap[v],
            ~s.leaving[s.mm[v]],
            every(Page, lambda p: ~s.pte[v, p]),
        )
        s.flush_all(v)
        s.flushed[v] = True

    def flush_all(s, v: Vma) -> None:
        """No TLB keeps a translation of the VMA."""
        s.tlb[:, v, :] = False

    @action(kernel="mm/memory.c: free_pgtables", holds="mmap_lock")
    def begin_unlinking(s, v: Vma) -> None:
        """Munmap has cleared every PTE of its range, and flushed for each VMA of device memory."""
        s.require(
            every(
                Vma,
                lambda w: implies(
                    conj(eq(s.mm[w], s.mm[v]), s.stage[w] == Stage.DETACHED, s.pfnmap[w]),
                    s.flushed[w],
                ),
            )
        )
        super().begin_unlinking(v)

    @lemma
    def flushed_vmas_are_clear(s, v: Vma, p: Page, u: Cpu) -> Term:
        """A VMA that munmap has flushed has no PTE, and no TLB has its translations."""
        return implies(
            s.flushed[v],
            conj(
                disj(
                    *(
                        eq(s.stage[v], stage)
                        for stage in (Stage.DETACHED, Stage.UNLINKED, Stage.GONE)
                    )
                ),
                ~s.pte[v, p],
                ~s.tlb[u, v, p],
            ),
        )

    @lemma
    def leaving_vmas_are_flushed(s, v: Vma) -> Term:
        """Once VMAs of a munmap leave their trees, those of device memory have been flushed."""
        return implies(
            s.pfnmap[v]
            & disj(
                s.stage[v] == Stage.UNLINKED,
                s.leaving[s.mm[v]] & (s.stage[v] == Stage.DETACHED),
            ),
            s.flushed[v],
        )


class FlushIfFirst(Munmap):
    """895428ee124a (stable): unmap_region() flushes if the first VMA of the range is VM_PFNMAP."""

    @action(kernel="mm/mmap.c: unmap_region", holds="mmap_lock")
    def begin_unlinking(s, v: Vma) -> None:
        """Munmap has cleared every PTE of its range, and flushes if the first VMA says so."""
        super().begin_unlinking(v)
        first = s.holder[s.mm[v]]
        s.tlb.set(
            False,
            where=lambda u, w, p: conj(
                eq(s.mm[w], s.mm[v]), s.stage[w] == Stage.DETACHED, s.pfnmap[first]
            ),
        )

    @lemma
    def leaving_vmas_are_flushed_if_first(s, v: Vma, p: Page, u: Cpu) -> Term:
        """Once VMAs leave their trees, they are in no TLB if the first is one of device memory."""
        return implies(
            conj(
                s.pfnmap[s.holder[s.mm[v]]],
                disj(
                    s.stage[v] == Stage.UNLINKED,
                    s.leaving[s.mm[v]] & (s.stage[v] == Stage.DETACHED),
                ),
            ),
            ~s.tlb[u, v, p],
        )
