"""96667f8a4382: generic_access_phys() looks at the PTE again, under its lock, and copies there."""

from __future__ import annotations

from staleproof.kernel.page_users.sorts import Doing, Page, Reader, Slot
from staleproof.kernel.page_users.ways import UnderLock
from staleproof.lang.model import action, axiom, lemma, safety
from staleproof.lang.quantify import every
from staleproof.lang.state import Fixed, Function, Relation
from staleproof.lang.terms import TRUE, Term, conj, eq, implies


class GenericAccess(UnderLock):
    """generic_access_phys(): ptrace and /proc/PID/mem on device memory, since patch 7.

    The PTE is read under its lock, the lock is dropped for ioremap_prot(), which sleeps, and taken
    again; if the PTE is still the same, the bytes are copied within that hold.
    """

    crosses: Fixed[Relation[Reader]]  # the access goes on into the next page
    next_slot: Fixed[Function[Slot, Slot]]
    next_page: Fixed[Function[Page, Page]]
    drops = ("use_locked",)

    @axiom
    def the_next_is_another(s) -> Term:
        """The next address and the next page are other ones."""
        return conj(
            every(Slot, lambda a: s.next_slot[a] != a), every(Page, lambda p: s.next_page[p] != p)
        )

    @action(kernel="mm/memory.c: generic_access_phys", holds="mmap_lock r", adds=True)
    def drop_lock(s, r: Reader) -> None:
        """A copy of the PTE is kept, and the lock is dropped for ioremap_prot()."""
        s.require(s.doing[r] == Doing.LOCKED, implies(s.writes[r], s.may_write[r]))
        s.doing[r] = Doing.KEPT

    def is_same(s, r: Reader) -> Term:
        """pte_same(): the PTE has the page and the permission that were kept."""
        a = s.slot[r]
        return conj(s.present[a], eq(s.names[a], s.page[r]), eq(s.writable[a], s.may_write[r]))

    @action(kernel="mm/memory.c: follow_pte", holds="mmap_lock r, ptl", adds=True)
    def lock_again(s, r: Reader) -> None:
        """The lock is taken again, and the PTE is the same as before."""
        s.require(s.doing[r] == Doing.KEPT, ~s.is_locked(s.slot[r]), s.passes(r))
        s.doing[r] = Doing.CHECKED
        s.recheck(r)

    def passes(s, r: Reader) -> Term:
        """What lets the access go on."""
        return s.is_same(r)

    def recheck(s, r: Reader) -> None:
        """An equal PTE names its page rightfully now, whatever was in between."""
        s.stale[r] = s.stale[r] & ~s.is_same(r)

    @action(kernel="mm/memory.c: generic_access_phys", holds="mmap_lock r", adds=True)
    def retry(s, r: Reader) -> None:
        """The PTE is not the same: everything is undone, to begin again."""
        s.require(s.doing[r] == Doing.KEPT)
        s.doing[r] = Doing.IDLE

    @action(kernel="mm/memory.c: generic_access_phys", holds="mmap_lock r, ptl", adds=True)
    def copy_bytes(s, r: Reader) -> None:
        """The bytes are copied from or to the mapping of the page."""
        s.require(s.doing[r] == Doing.CHECKED)
        s.doing[r] = Doing.USING

    @safety
    def copies_go_to_the_mapped_page(s, r: Reader) -> Term:
        """At the copy the PTE names the page that is copied from or to."""
        a = s.slot[r]
        return implies(s.doing[r] == Doing.USING, s.present[a] & eq(s.names[a], s.page[r]))

    @safety
    def crossing_copies_go_to_the_next_page(s, r: Reader) -> Term:
        """At a copy across a page boundary the next PTE names the next page."""
        a = s.next_slot[s.slot[r]]
        return implies(
            (s.doing[r] == Doing.USING) & s.crosses[r],
            s.present[a] & eq(s.names[a], s.next_page[s.page[r]]),
        )

    @safety
    def copies_are_permitted_now(s, r: Reader) -> Term:
        """At a copy to the page the PTE is writable."""
        return implies((s.doing[r] == Doing.USING) & s.writes[r], s.writable[s.slot[r]])

    @lemma
    def keepers_may_write(s, r: Reader) -> Term:
        """Who goes on to write has found the PTE writable."""
        return implies(
            (s.doing[r] != Doing.IDLE) & (s.doing[r] != Doing.LOCKED) & s.writes[r],
            s.may_write[r],
        )


class SameIsInverted(GenericAccess):
    """pte_same() is tested the wrong way round, as in v1 of the patch."""

    def passes(s, r: Reader) -> Term:
        """The PTE differs from what was kept."""
        return ~s.is_same(r)


class SameIsNotAsked(GenericAccess):
    """The PTE is not compared after the lock is taken again."""

    def passes(s, r: Reader) -> Term:
        """Anything passes."""
        return TRUE
