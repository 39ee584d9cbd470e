"""Pages that are mapped, zapped and given to somebody else."""

from __future__ import annotations

from staleproof.kernel.page_users.sorts import Doing, Page, Reader, Slot
from staleproof.lang.model import Model, action, initial, lemma, safety
from staleproof.lang.quantify import every
from staleproof.lang.state import Fixed, Function, Relation
from staleproof.lang.terms import TRUE, Term, conj, disj, eq, implies


class Pages(Model):
    """PTEs come and go under their lock, and a page that no PTE names may get a new owner.

    One PTE has one lock here; that several share one lock in the kernel only keeps more apart. Zap
    and TLB flush are one step: the one who reuses the page waits for both.
    """

    present: Relation[Slot]
    names: Function[Slot, Page]  # the page of a present PTE
    writable: Relation[Slot]
    doing: Function[Reader, Doing]
    slot: Function[Reader, Slot]  # where the reader looked
    page: Function[Reader, Page]  # what it found there
    writes: Fixed[Relation[Reader]]  # it looks for write access
    may_write: Relation[Reader]  # the PTE was writable when it looked
    stale: Relation[Reader]  # the page that it keeps has been given away since

    @initial
    def nobody_looks(s) -> Term:
        """At the start no reader has begun, and no PTE is present."""
        return conj(
            every(Reader, lambda r: (s.doing[r] == Doing.IDLE) & ~s.stale[r] & ~s.may_write[r]),
            every(Slot, lambda a: ~s.present[a]),
        )

    def is_locked(s, a: Slot) -> Term:
        """A reader holds the page-table lock of the slot."""
        return ~every(Reader, lambda r: ~(s.holds_ptl(r) & (s.slot[r] == a)))

    def holds_ptl(s, r: Reader) -> Term:
        """The reader is within its hold of the page-table lock."""
        return disj(s.doing[r] == Doing.LOCKED, s.doing[r] == Doing.CHECKED)

    def has_page(s, r: Reader) -> Term:
        """The reader knows a page."""
        return s.doing[r] != Doing.IDLE

    @action(kernel="mm/memory.c: set_pte_at", holds="ptl")
    def map_page(s, a: Slot, p: Page) -> None:
        """A PTE is filled with a page of its owner."""
        s.require(~s.present[a], ~s.is_locked(a))
        s.present[a] = True
        s.names[a] = p

    @action(kernel="mm/memory.c: set_pte_at", holds="ptl")
    def set_writable(s, a: Slot) -> None:
        """A present PTE becomes writable."""
        s.require(s.present[a], ~s.is_locked(a))
        s.writable[a] = True

    @action(kernel="mm/mprotect.c: change_pte_range", holds="ptl")
    def set_readonly(s, a: Slot) -> None:
        """A present PTE becomes read-only."""
        s.require(s.present[a], ~s.is_locked(a))
        s.writable[a] = False

    @action(kernel="mm/memory.c: zap_pte_range", holds="ptl")
    def zap_pte(s, a: Slot) -> None:
        """A PTE is cleared, and the TLBs are flushed."""
        s.require(s.present[a], ~s.is_locked(a))
        s.present[a] = False

    @action(kernel="the owner of the page")
    def reuse_page(s, p: Page) -> None:
        """The owner, whose zap has returned, gives a page that no PTE names to somebody else."""
        s.require(
            every(Slot, lambda a: ~(s.present[a] & (s.names[a] == p))),
            s.may_reuse(p),
        )
        s.stale.set(True, where=lambda r: s.has_page(r) & (s.page[r] == p))

    def may_reuse(s, p: Page) -> Term:
        """What else the owner waits for."""
        return TRUE

    @action(kernel="mm/memory.c: follow_pte", holds="mmap_lock r, ptl")
    def look_up(s, r: Reader, a: Slot) -> None:
        """A reader takes the page-table lock and reads a PTE that is present."""
        s.require(s.doing[r] == Doing.IDLE, s.present[a], ~s.is_locked(a))
        s.doing[r] = Doing.LOCKED
        s.slot[r] = a
        s.page[r] = s.names[a]
        s.may_write[r] = s.writable[a]
        s.stale[r] = False

    @action(kernel="the reader")
    def end_use(s, r: Reader) -> None:
        """The reader is done with the page."""
        s.require(s.doing[r] == Doing.USING)
        s.doing[r] = Doing.IDLE

    @safety
    def no_stale_use(s, r: Reader) -> Term:
        """A page is never used by a reader after it was given to somebody else."""
        return implies(s.doing[r] == Doing.USING, ~s.stale[r])

    @safety
    def writes_are_permitted(s, r: Reader) -> Term:
        """A page is written only through a PTE that was writable when it was read."""
        return implies((s.doing[r] == Doing.USING) & s.writes[r], s.may_write[r])

    @lemma
    def locked_slots_stay(s, r: Reader) -> Term:
        """What a reader has read stands in the PTE as long as it holds the lock."""
        return implies(
            s.holds_ptl(r),
            conj(
                s.present[s.slot[r]],
                eq(s.names[s.slot[r]], s.page[r]),
                eq(s.writable[s.slot[r]], s.may_write[r]),
                ~s.stale[r],
            ),
        )

    @lemma
    def locks_exclude(s, q: Reader, r: Reader) -> Term:
        """Two readers never hold the lock of one slot."""
        return implies(conj(s.holds_ptl(q), s.holds_ptl(r), s.slot[q] == s.slot[r]), q == r)
