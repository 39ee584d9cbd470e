"""What the proofs about device memory need on the way: true in every reachable state."""

from __future__ import annotations

from staleproof.kernel.device_memory.mremap import Mremap
from staleproof.kernel.device_memory.sorts import Claim, Cpu, File, Mm, Page, Phase, Stage, Vma
from staleproof.lang.model import lemma
from staleproof.lang.terms import Term, conj, disj, eq, implies


class Lemmas(Mremap):
    """The systems of device memory with what their proofs need."""

    # Words for what the lemmas speak of

    def is_at(s, v: Vma, *stages: Stage) -> Term:
        """The VMA has come to one of these stages."""
        return disj(*(eq(s.stage[v], stage) for stage in stages))

    def is_in_mmap(s, v: Vma) -> Term:
        """Mmap is at work on the VMA and holds mmap_lock for its sake."""
        return s.is_at(v, Stage.CHECKING, Stage.REMAPPING, Stage.FAILED, Stage.MAPPED)

    def is_unreachable(s, v: Vma, p: Page, u: Cpu) -> Term:
        """Neither the VMA's PTE nor the processor's TLB leads to the page."""
        return ~s.pte[v, p] & ~s.tlb[u, v, p]

    def is_ordinary(s, c: Claim) -> Term:
        """Nothing lets the claim go without a zap of all its pages."""
        return conj(~s.relaxed, s.is_high(c), s.from_root[c], s.aligned[c])

    def is_high(s, c: Claim) -> Term:
        """The claim does not lie wholly below 1 MiB."""
        return ~(s.low[s.first[c]] & s.low[s.last[c]])

    # Lemmas: files and VMAs

    @lemma
    def open_files_have_their_mapping(s, f: File) -> Term:
        """The mapping of an open file is the one that its open gave it."""
        return implies(s.opened[f], eq(s.f_mapping[f], s.mapping_at_open(f)))

    @lemma
    def vmas_have_open_files(s, v: Vma) -> Term:
        """A VMA of device memory that was ever mapped is one of an open file."""
        return implies((s.stage[v] != Stage.UNUSED) & s.pfnmap[v], s.opened[s.file[v]])

    @lemma
    def ptes_are_of_the_vma(s, v: Vma, p: Page) -> Term:
        """A PTE leads to a page that its VMA covers, and the VMA is one of device memory."""
        return implies(s.pte[v, p], s.covers[v, p] & s.pfnmap[v])

    @lemma
    def translations_are_of_the_vma(s, u: Cpu, v: Vma, p: Page) -> Term:
        """A translation leads to a page that its VMA covers, one of device memory."""
        return implies(s.tlb[u, v, p], s.covers[v, p] & s.pfnmap[v])

    @lemma
    def vmas_in_mmap_are_of_devices(s, v: Vma) -> Term:
        """->mmap is called for VMAs of device memory only."""
        return implies(s.is_in_mmap(v), s.pfnmap[v])

    @lemma
    def unmapped_vmas_have_no_ptes(s, v: Vma, p: Page) -> Term:
        """Before REMAPPING and after DETACHED a VMA has no PTE."""
        return implies(
            s.is_at(v, Stage.UNUSED, Stage.CHECKING, Stage.UNLINKED, Stage.GONE),
            ~s.pte[v, p],
        )

    @lemma
    def unmapped_vmas_are_in_no_tlb(s, v: Vma, p: Page, u: Cpu) -> Term:
        """Before REMAPPING and when it is gone a VMA is in no TLB."""
        return implies(
            s.is_at(v, Stage.UNUSED, Stage.CHECKING, Stage.GONE),
            ~s.tlb[u, v, p],
        )

    @lemma
    def leaving_vmas_have_no_ptes(s, v: Vma, p: Page) -> Term:
        """Once VMAs of a munmap leave their trees, none of its VMAs has a PTE."""
        return implies(s.leaving[s.mm[v]] & (s.stage[v] == Stage.DETACHED), ~s.pte[v, p])

    # Lemmas: mmap_lock

    @lemma
    def mmap_holds_the_lock(s, v: Vma) -> Term:
        """While mmap is at work on a VMA, mmap_lock is held for its sake."""
        return implies(s.is_in_mmap(v), s.holds(v, s.mm[v]) & ~s.unmapping[s.mm[v]])

    def holds(s, v: Vma, m: Mm) -> Term:
        """mmap_lock is held for the sake of the VMA."""
        return s.mmap_lock[m] & eq(s.holder[m], v)

    @lemma
    def copies_hold_the_locks(s, v: Vma) -> Term:
        """While PTEs are copied or moved, the mmap_locks of both places are held for it."""
        return implies(
            s.copying[v],
            conj(
                s.holds(v, s.mm[v]),
                s.holds(v, s.mm[s.source[v]]),
                ~s.unmapping[s.mm[v]],
                ~s.unmapping[s.mm[s.source[v]]],
            ),
        )

    @lemma
    def munmap_holds_the_lock(s, m: Mm) -> Term:
        """While munmap runs, the mmap_lock is held."""
        return implies(s.unmapping[m], s.mmap_lock[m])

    @lemma
    def unmapped_vmas_are_in_munmap(s, v: Vma) -> Term:
        """A VMA that is being unmapped has a munmap that runs."""
        return implies(s.is_at(v, Stage.DETACHED, Stage.UNLINKED), s.unmapping[s.mm[v]])

    @lemma
    def copies_are_linked(s, v: Vma, p: Page) -> Term:
        """While PTEs are copied, both VMAs are linked, and are alike."""
        w = s.source[v]
        return implies(
            s.copying[v],
            conj(
                s.stage[v] == Stage.LINKED,
                s.stage[w] == Stage.LINKED,
                eq(s.file[v], s.file[w]),
                eq(s.covers[v, p], s.covers[w, p]),
                eq(s.pfnmap[v], s.pfnmap[w]),
            ),
        )

    @lemma
    def copies_inherit(s, c: Claim, v: Vma) -> Term:
        """A VMA that is being copied was linked before a claim just if the copy's source was."""
        return implies(s.copying[v], eq(s.linked_before[c, v], s.linked_before[c, s.source[v]]))

    # Lemmas: revocation

    @lemma
    def linked_before_is_linked(s, c: Claim, v: Vma) -> Term:
        """What was linked before a claim is linked, or was unmapped since."""
        return implies(s.linked_before[c, v], ~s.is_in_mmap(v) & (s.stage[v] != Stage.UNUSED))

    def was_touched(s, c: Claim, v: Vma, p: Page) -> Term:
        """A revocation for the claim has been at the VMA."""
        return s.visited[c, v] | s.cleared[c, v, p]

    @lemma
    def only_linked_vmas_are_touched(s, c: Claim, v: Vma, p: Page) -> Term:
        """Revocation has been at no VMA that was never linked."""
        return implies(s.was_touched(c, v, p), ~s.is_in_mmap(v) & (s.stage[v] != Stage.UNUSED))

    @lemma
    def only_requests_revoke(s, c: Claim, v: Vma, p: Page) -> Term:
        """What becomes BUSY on another way than request_region() has zapped nothing."""
        return implies(s.was_touched(c, v, p), s.by_request_region[c])

    @lemma
    def requests_are_on_their_way(s, c: Claim) -> Term:
        """Only request_region() is ever under way."""
        return implies(
            disj(s.phase[c] == Phase.BUSY, s.phase[c] == Phase.ZAPPING), s.by_request_region[c]
        )

    @lemma
    def zaps_stay_in_range(s, c: Claim, v: Vma, p: Page) -> Term:
        """Revocation clears no PTE outside of its range."""
        return implies(s.cleared[c, v, p], s.in_zap[c, p])

    @lemma
    def claims_begin_afresh(s, c: Claim, v: Vma, p: Page) -> Term:
        """A claim that is BUSY and no more has been at no VMA."""
        return implies(s.phase[c] == Phase.BUSY, ~s.was_touched(c, v, p))

    @lemma
    def sources_are_visited_first(s, c: Claim, v: Vma) -> Term:
        """While PTEs are copied, revocation has been at the source before the copy."""
        return implies(s.copying[v] & s.visited[c, v], s.visited[c, s.source[v]])

    @lemma
    def sources_are_cleared_first(s, c: Claim, v: Vma, p: Page) -> Term:
        """While PTEs are copied, revocation begins with the copy when the source is done."""
        return implies(
            conj(s.copying[v], s.cleared[c, v, p], s.phase[c] == Phase.ZAPPING),
            s.visited[c, s.source[v]],
        )

    @lemma
    def cleared_ptes_stay_clear(s, c: Claim, v: Vma, p: Page) -> Term:
        """A PTE that the running revocation has cleared stays clear."""
        return implies(
            conj(s.phase[c] == Phase.ZAPPING, s.cleared[c, v, p], s.in_reach(c, v)), ~s.pte[v, p]
        )

    def has_zapped(s, c: Claim) -> Term:
        """The claim's zap runs, or its driver goes on."""
        return disj(s.phase[c] == Phase.ZAPPING, s.phase[c] == Phase.OWNED)

    @lemma
    def visited_vmas_stay_clear(s, c: Claim, v: Vma, p: Page, u: Cpu) -> Term:
        """A VMA that revocation is done with has no translation to the range."""
        return implies(
            conj(s.has_zapped(c), s.visited[c, v], s.in_reach(c, v), s.in_zap[c, p]),
            s.is_unreachable(v, p, u),
        )

    @lemma
    def zaps_visit_every_vma(s, c: Claim, v: Vma) -> Term:
        """When the driver goes on, all VMAs that were found are done with."""
        return implies(
            conj(
                s.phase[c] == Phase.OWNED,
                s.by_request_region[c],
                s.io_strict_devmem,
                s.is_ordinary(c),
                s.linked_before[c, v],
                s.in_reach(c, v),
            ),
            s.visited[c, v],
        )
