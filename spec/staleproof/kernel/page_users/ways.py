"""The ways in which a reader may use a page, each enough by itself, and the one that is not.

The fourth way, to be found by the one who takes the page away, is that of device memory (REV-1a).
"""

from __future__ import annotations

from staleproof.kernel.page_users.pages import Pages
from staleproof.kernel.page_users.sorts import Doing, Mm, Page, Reader, Slot, Zap
from staleproof.lang.model import action, initial, lemma, safety
from staleproof.lang.quantify import every, some
from staleproof.lang.state import Fixed, Function, Relation
from staleproof.lang.terms import Term, conj, disj, eq, implies, neg


class Unprotected(Pages):
    """A reader drops the lock and uses the page all the same: nothing ties it to the PTE."""

    @action(kernel="mm/memory.c: follow_pfn", holds="mmap_lock r", adds=True)
    def drop_lock(s, r: Reader) -> None:
        """The reader drops the page-table lock and keeps the page frame number."""
        s.require(s.doing[r] == Doing.LOCKED)
        s.doing[r] = Doing.KEPT

    @action(kernel="the reader", adds=True)
    def begin_use(s, r: Reader) -> None:
        """The reader begins to use the page whose number it has kept."""
        s.require(s.doing[r] == Doing.KEPT, s.is_allowed(r))
        s.doing[r] = Doing.USING

    def is_allowed(s, r: Reader) -> Term:
        """What the reader asks before it uses the page: nothing, not even whether it may write."""
        return conj()


class ByReference(Unprotected):
    """A reader takes a reference while it holds the lock, and the owner waits for references."""

    def may_reuse(s, p: Page) -> Term:
        """No reader has a reference of the page."""
        return every(Reader, lambda r: ~(s.has_page(r) & (s.page[r] == p)))

    @lemma
    def referenced_pages_are_kept(s, r: Reader) -> Term:
        """No page that a reader has a reference of is given away."""
        return implies(s.has_page(r), ~s.stale[r])


class UnderLock(Pages):
    """A reader uses the page within the hold of the lock in which it has read the PTE."""

    def holds_ptl(s, r: Reader) -> Term:
        """The reader is within its hold of the page-table lock, and so it is while it uses it."""
        return super().holds_ptl(r) | (s.doing[r] == Doing.USING)

    @action(kernel="the reader", holds="ptl", adds=True)
    def use_locked(s, r: Reader) -> None:
        """The reader uses the page and still holds the lock."""
        s.require(s.doing[r] == Doing.LOCKED, implies(s.writes[r], s.may_write[r]))
        s.doing[r] = Doing.USING

    @lemma
    def writers_were_permitted(s, r: Reader) -> Term:
        """Who uses a page for writing has found its PTE writable."""
        return implies((s.doing[r] == Doing.USING) & s.writes[r], s.may_write[r])


class WithNotifier(Unprotected):
    """A reader keeps the page until an mmu notifier takes it away, and looks again if one ran.

    It reads the sequence number first and the PTE then. The test of count and sequence and the
    entry that it makes are one step under mmu_lock; so is the beginning of an invalidation with its
    removal of entries. The number itself is left out: what counts is whether it has moved since.
    """

    running: Relation[Zap]  # between the start of the invalidation and its end
    zaps: Function[Zap, Slot]
    has_seq: Relation[Reader]  # it has read the sequence number
    moved: Relation[Reader]  # and that has moved since

    @initial
    def nothing_is_invalidated(s) -> Term:
        """At the start no invalidation runs, and nobody has read the sequence number."""
        return conj(
            every(Zap, lambda z: ~s.running[z]),
            every(Reader, lambda r: ~s.has_seq[r] & ~s.moved[r]),
        )

    def count_is_zero(s) -> Term:
        """No invalidation runs: mmu_notifier_count is 0."""
        return every(Zap, lambda z: ~s.running[z])

    def is_current(s, r: Reader) -> Term:
        """The sequence number is the one that the reader has read first."""
        return ~s.moved[r]

    @action(kernel="arch/x86/kvm/mmu/mmu.c: direct_page_fault", adds=True)
    def read_seq(s, r: Reader) -> None:
        """A reader reads the sequence number, before it looks anything up."""
        s.require(s.may_read_seq(r))
        s.has_seq[r] = True
        s.moved[r] = False

    def may_read_seq(s, r: Reader) -> Term:
        """The reader has looked nothing up yet."""
        return s.doing[r] == Doing.IDLE

    @action(kernel="mm/memory.c: follow_pte", holds="mmap_lock r, ptl")
    def look_up(s, r: Reader, a: Slot) -> None:
        """A reader that has read the sequence number reads a PTE under its lock."""
        s.require(s.may_look_up(r))
        super().look_up(r, a)

    def may_look_up(s, r: Reader) -> Term:
        """The reader has read the sequence number."""
        return s.has_seq[r]

    @action(
        kernel="include/linux/kvm_host.h: mmu_notifier_retry; arch/x86/kvm/mmu/mmu.c: __direct_map",
        holds="mmu_lock",
    )
    def begin_use(s, r: Reader) -> None:
        """Under mmu_lock count is 0 and the sequence number has not moved; an entry is made."""
        s.require(s.has_seq[r], s.tests(r))
        super().begin_use(r)

    def tests(s, r: Reader) -> Term:
        """What the reader tests under mmu_lock."""
        return s.count_is_zero() & s.is_current(r)

    @action(kernel="include/linux/kvm_host.h: mmu_notifier_retry", holds="mmu_lock", adds=True)
    def give_up(s, r: Reader) -> None:
        """The reader forgets what it has kept, to begin again."""
        s.require(s.doing[r] == Doing.KEPT)
        s.doing[r] = Doing.IDLE
        s.has_seq[r] = False

    @action(
        kernel="virt/kvm/kvm_main.c: kvm_mmu_notifier_invalidate_range_start",
        holds="mmu_lock",
        adds=True,
    )
    def begin_invalidation(s, z: Zap, a: Slot) -> None:
        """The count goes up, and the entries for the range are removed."""
        s.require(~s.running[z])
        s.running[z] = True
        s.zaps[z] = a
        s.doing.set(Doing.IDLE, where=lambda r: (s.doing[r] == Doing.USING) & (s.slot[r] == a))

    @action(kernel="mm/memory.c: zap_pte_range", holds="ptl")
    def zap_pte(s, a: Slot) -> None:
        """Between start and end of an invalidation the PTE is cleared."""
        s.require(some(Zap, lambda z: s.running[z] & (s.zaps[z] == a)))
        super().zap_pte(a)

    @action(
        kernel="virt/kvm/kvm_main.c: kvm_mmu_notifier_invalidate_range_end",
        holds="mmu_lock",
        adds=True,
    )
    def end_invalidation(s, z: Zap) -> None:
        """The sequence number moves, and then the count goes down."""
        s.require(s.running[z])
        s.running[z] = False
        s.moved.set(True, where=lambda r: s.has_seq[r])

    @lemma
    def kept_pages_are_mapped_or_will_be_missed(s, r: Reader) -> Term:
        """What a reader keeps is still in the PTE, unless an invalidation runs or has run since."""
        return implies(
            conj(s.has_page(r), s.doing[r] != Doing.USING),
            disj(
                s.moved[r],
                some(Zap, lambda z: s.running[z] & (s.zaps[z] == s.slot[r])),
                conj(s.present[s.slot[r]], eq(s.names[s.slot[r]], s.page[r]), ~s.stale[r]),
            ),
        )

    @lemma
    def entries_are_mapped(s, r: Reader) -> Term:
        """What an entry leads to is in the PTE."""
        return implies(
            s.doing[r] == Doing.USING,
            conj(
                s.present[s.slot[r]],
                eq(s.names[s.slot[r]], s.page[r]),
                ~s.stale[r],
                neg(some(Zap, lambda z: s.running[z] & (s.zaps[z] == s.slot[r]))),
            ),
        )

    @lemma
    def lookers_have_the_number(s, r: Reader) -> Term:
        """Who keeps a page has read the sequence number."""
        return implies(s.has_page(r), s.has_seq[r])


class Subscribed(Unprotected):
    """follow_pfn() asks for an mmu notifier subscription of the same address space, and no more."""

    mm: Fixed[Function[Slot, Mm]]
    subscribed: Fixed[Function[Reader, Mm]]  # the address space of the reader's subscription

    def matches(s, r: Reader, a: Slot) -> Term:
        """The subscription is for the address space of the slot."""
        return s.subscribed[r] == s.mm[a]

    @action(kernel="mm/memory.c: follow_pfn", holds="mmap_lock r, ptl")
    def look_up(s, r: Reader, a: Slot) -> None:
        """A reader with a subscription of the address space reads a PTE under its lock."""
        s.require(s.matches(r, a))
        super().look_up(r, a)

    @safety
    def subscriptions_match(s, r: Reader) -> Term:
        """Who has a page has a subscription of the address space that it came from."""
        return implies(s.has_page(r), s.subscribed[r] == s.mm[s.slot[r]])
