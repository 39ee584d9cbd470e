"""PTEs filled by faults, when the VMA can be found already, and what that takes to be enough.

aac6db75a9fc (6.10) moved vfio-pci there. No kernel does it for the files of this model; the
variants here are what it would take. All have the flush before the unlink (b67fbebd4cf9).
"""

from __future__ import annotations

from staleproof.kernel.device_memory.lemmas import Lemmas
from staleproof.kernel.device_memory.sorts import Claim, Cpu, Page, Phase, Stage, Vma
from staleproof.lang.model import action, lemma
from staleproof.lang.terms import TRUE, Term, conj, implies


class FaultInsertion(Lemmas):
    """->mmap tests and fills nothing; a fault fills one PTE of a VMA that is linked.

    The fault handler asks no more than vmf_insert_pfn() does.
    """

    drops = ("test_page", "test_bar", "begin_remap", "fail_remap", "unmap_failed")

    @action(kernel="mm/mmap.c: call_mmap", holds="mmap_lock w")
    def return_from_mmap(s, v: Vma) -> None:
        """->mmap notes its vm_ops and returns; no PTE is filled yet."""
        s.require(s.stage[v] == Stage.CHECKING)
        s.stage[v] = Stage.MAPPED

    @action(kernel="mm/memory.c: vmf_insert_pfn", holds="mmap_lock r, ptl")
    def install_pte(s, v: Vma, p: Page) -> None:
        """A fault fills one PTE."""
        s.require(
            s.stage[v] == Stage.LINKED,
            s.pfnmap[v],
            ~s.mmap_lock[s.mm[v]],
            s.covers[v, p],
            ~s.pte[v, p],
            s.may_insert(v, p),
        )
        s.pte[v, p] = True

    def may_insert(s, v: Vma, p: Page) -> Term:
        """What the fault handler asks in the same step in which the PTE is filled."""
        return TRUE


class CheckInFault(FaultInsertion):
    """The fault handler asks devmem_is_allowed() and fills the PTE in one hold of resource_lock.

    So no claim can become BUSY in between. The zap itself needs no lock in common with faults.
    """

    def may_insert(s, v: Vma, p: Page) -> Term:
        """No claim denies the page; resource_lock is held for reading until the PTE is set."""
        return ~s.is_denied(p)

    def bars_faults(s, c: Claim, p: Page) -> Term:
        """The claim is one that faults on the page are refused for."""
        return conj(
            s.phase[c] != Phase.FREE,
            s.region[c, p],
            s.io_strict_devmem,
            ~s.relaxed,
            ~s.low[p],
        )

    @lemma
    def cleared_ptes_stay_clear(s, c: Claim, v: Vma, p: Page) -> Term:
        """A PTE that the running revocation has cleared stays clear, if faults are refused."""
        return implies(
            conj(
                s.phase[c] == Phase.ZAPPING,
                s.cleared[c, v, p],
                s.in_reach(c, v),
                s.bars_faults(c, p),
            ),
            ~s.pte[v, p],
        )

    @lemma
    def visited_vmas_stay_clear(s, c: Claim, v: Vma, p: Page, u: Cpu) -> Term:
        """A VMA that revocation is done with has no translation, if faults are refused."""
        return implies(
            conj(
                s.has_zapped(c),
                s.visited[c, v],
                s.in_reach(c, v),
                s.in_zap[c, p],
                s.bars_faults(c, p),
            ),
            s.is_unreachable(v, p, u),
        )

    @lemma
    def claimed_ptes_are_old(s, c: Claim, v: Vma, p: Page, u: Cpu) -> Term:
        """What reaches a claimed page is a VMA that was linked before the claim, or its copy."""
        return implies(s.bars_faults(c, p) & ~s.is_unreachable(v, p, u), s.linked_before[c, v])
