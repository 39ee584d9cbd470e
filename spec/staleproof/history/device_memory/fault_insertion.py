"""PTEs filled by faults, when the VMA can be found already, and what that takes to be enough.

aac6db75a9fc (6.10) moved vfio-pci there. No kernel does it for the files of this model; the
variants here are what it would take. All have the flush before the unlink (b67fbebd4cf9).
"""

from __future__ import annotations

from staleproof.kernel.device_memory.lemmas import Lemmas
from staleproof.kernel.device_memory.sorts import Claim, Cpu, Page, Phase, Stage, Vma
from staleproof.lang.model import action, initial, lemma
from staleproof.lang.quantify import every, some
from staleproof.lang.state import Relation
from staleproof.lang.terms import TRUE, Term, conj, disj, implies


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
            s.is_ready(v),
            s.pfnmap[v],
            s.covers[v, p],
            ~s.pte[v, p],
            s.may_insert(v, p),
        )
        s.pte[v, p] = True

    def is_ready(s, v: Vma) -> Term:
        """A fault finds the VMA: it is linked, and nobody writes to the address space."""
        return (s.stage[v] == Stage.LINKED) & ~s.mmap_lock[s.mm[v]]

    def may_insert(s, v: Vma, p: Page) -> Term:
        """What the fault handler asks in the same step in which the PTE is filled."""
        return TRUE


class CheckInFault(FaultInsertion):
    """The fault handler asks devmem_is_allowed() and fills the PTE in one hold of resource_lock.

    So no claim can become BUSY in between. The zap itself needs no lock in common with faults.
    """

    @action(kernel="mm/memory.c: vmf_insert_pfn", holds="mmap_lock r, resource_lock r, ptl")
    def install_pte(s, v: Vma, p: Page) -> None:
        """A fault asks about the page and fills the PTE, and holds resource_lock over both."""
        super().install_pte(v, p)

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

    @lemma
    def translations_can_be_found(s, v: Vma, p: Page, u: Cpu) -> Term:
        """What leads to a page is a VMA in an i_mmap tree."""
        return implies(~s.is_unreachable(v, p, u), s.in_tree(v))


class CheckUnderSharedLock(CheckInFault):
    """The fault handler does both under a lock that request_region() holds from claim to zap."""

    def may_insert(s, v: Vma, p: Page) -> Term:
        """No claim is on its way, and none denies the page."""
        on_its_way = some(
            Claim, lambda c: disj(s.phase[c] == Phase.BUSY, s.phase[c] == Phase.ZAPPING)
        )
        return ~on_its_way & super().may_insert(v, p)


class CheckBeforeFault(FaultInsertion):
    """The fault handler asks devmem_is_allowed() first and fills the PTE afterwards, unlocked."""

    allowed: Relation[Vma, Page]  # the running fault has asked about the page

    @initial
    def nothing_is_allowed(s) -> Term:
        """At the start no fault has asked anything."""
        return every(Vma, Page, lambda v, p: ~s.allowed[v, p])

    @action(
        kernel="a fault handler: devmem_is_allowed", holds="mmap_lock r, resource_lock r", adds=True
    )
    def ask_in_fault(s, v: Vma, p: Page) -> None:
        """The fault handler finds that no claim denies the page."""
        s.require(s.is_ready(v), s.covers[v, p], ~s.is_denied(p))
        s.allowed[v, p] = True

    def may_insert(s, v: Vma, p: Page) -> Term:
        """The fault handler has asked, some time ago."""
        return s.allowed[v, p]


class RecheckAfterLink(Lemmas):
    """->mmap fills the PTEs as ever; mmap asks again once the VMA is linked, and undoes its work.

    This is not fault insertion but its cheaper rival.
    """

    confirmed: Relation[Vma]  # mmap has asked again, and the VMA may stay

    @initial
    def nothing_is_confirmed(s) -> Term:
        """At the start nothing was asked again."""
        return every(Vma, lambda v: ~s.confirmed[v])

    def unlock(s, v: Vma) -> None:
        """mmap_lock stays taken until the VMA is confirmed or gone."""

    @action(kernel="mm/mmap.c: mmap_region", holds="mmap_lock w, resource_lock r", adds=True)
    def confirm(s, v: Vma) -> None:
        """Mmap asks again and finds no claim of any page, so the VMA may stay."""
        s.require(
            s.stage[v] == Stage.LINKED,
            ~s.confirmed[v],
            every(Page, lambda p: implies(s.covers[v, p], ~s.is_denied(p))),
        )
        s.confirmed[v] = True
        s.mmap_lock[s.mm[v]] = False

    @action(kernel="mm/mmap.c: unmap_region", holds="mmap_lock w", adds=True)
    def undo(s, v: Vma) -> None:
        """Mmap asks again, finds a claim, and takes everything back."""
        s.require(
            s.stage[v] == Stage.LINKED,
            ~s.confirmed[v],
            some(Page, lambda p: s.covers[v, p] & s.is_denied(p)),
        )
        s.pte[v, :] = False
        s.tlb[:, v, :] = False
        s.stage[v] = Stage.GONE
        s.mmap_lock[s.mm[v]] = False
