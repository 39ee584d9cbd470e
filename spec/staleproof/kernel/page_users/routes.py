"""By which function the number behind a PTE comes to whom, and who is refused.

Facts: mm/memory.c, follow_pfn() and its callers, v5.10; its exports up to 6.10.
"""

from __future__ import annotations

from typing import ClassVar

from staleproof.kernel.page_users.sorts import Doing, Page, Reader, User
from staleproof.kernel.page_users.ways import Unprotected
from staleproof.lang.model import action, initial, lemma, safety
from staleproof.lang.quantify import every
from staleproof.lang.state import Config, Fixed, Function, Relation
from staleproof.lang.system import Assumption
from staleproof.lang.terms import TRUE, Term, conj, disj, implies

RETRY = Assumption(
    "KVM-RETRY",
    "KVM makes no entry for a page that is gone, and the owner of a page waits for KVM's entries "
    "(what KVM-1 says)",
)
HOLD = Assumption(
    "MODULE-HOLD",
    "a module that gets a PTE with its lock held uses the page within the hold, and keeps nothing",
)

REFUSES = Assumption(
    "UFP-REFUSES",
    "with the option unsafe_follow_pfn() gives no number, and who calls it calls nothing else "
    "(UFP-1@v4, and of vfio UFP-3a@v4)",
)


class Routes(Unprotected):
    """Users in the kernel and modules ask for the number behind a PTE, and use the page.

    KVM has its notifier, which stands here as what it comes to: it uses no page that is gone, and
    the owner waits for it. Whether a module is one of the kernel's own makes no difference to what
    it may call. A refusal comes after the look here, and before it in the kernel (UFP-1), which
    only gives more runs.
    """

    assumptions: ClassVar[tuple[Assumption, ...]] = (RETRY, HOLD)

    user: Fixed[Function[Reader, User]]
    is_gpl: Fixed[Relation[Reader]]  # the module's licence is the GPL
    strict: Config  # CONFIG_STRICT_FOLLOW_PFN
    under_lock: Relation[Reader]  # it uses the page within the hold of the page-table lock

    @initial
    def nobody_uses_a_page(s) -> Term:
        """At the start nobody uses a page."""
        return every(Reader, lambda r: ~s.under_lock[r])

    def gets_number(s, r: Reader) -> Term:
        """The function that this user calls returns a number, and is not refused."""
        return TRUE

    def holds_ptl(s, r: Reader) -> Term:
        """The reader is within its hold of the page-table lock."""
        return super().holds_ptl(r) | s.under_lock[r]

    def may_reuse(s, p: Page) -> Term:
        """KVM has no entry for the page."""
        return every(
            Reader,
            lambda r: ~conj(s.user[r] == User.KVM, s.doing[r] == Doing.USING, s.page[r] == p),
        )

    @action(kernel="mm/memory.c: follow_pfn", holds="mmap_lock r")
    def drop_lock(s, r: Reader) -> None:
        """The page-table lock is dropped, and a number is returned."""
        s.require(s.gets_number(r))
        super().drop_lock(r)

    @action(kernel="mm/memory.c: unsafe_follow_pfn", holds="mmap_lock r", adds=True)
    def refuse(s, r: Reader) -> None:
        """No number is returned."""
        s.require(s.doing[r] == Doing.LOCKED, ~s.gets_number(r))
        s.doing[r] = Doing.IDLE

    @action(kernel="mm/memory.c: follow_pte", holds="ptl", adds=True)
    def use_locked(s, r: Reader) -> None:
        """A module uses the page within the hold of the lock with which it got the PTE."""
        s.require(s.doing[r] == Doing.LOCKED, s.user[r] == User.MODULE)
        s.doing[r] = Doing.USING
        s.under_lock[r] = True

    @action(kernel="the user")
    def begin_use(s, r: Reader) -> None:
        """The user begins to use the page whose number it has kept."""
        s.require(implies(s.user[r] == User.KVM, ~s.stale[r]))
        super().begin_use(r)

    @action(kernel="the user")
    def end_use(s, r: Reader) -> None:
        """The user is done with the page, and drops a lock that it holds."""
        super().end_use(r)
        s.under_lock[r] = False

    @safety
    def no_user_in_the_kernel_is_stale(s, r: Reader) -> Term:
        """Strict: no user in the kernel uses a page after it was given to somebody else."""
        uses = conj(s.strict, s.user[r] != User.MODULE, s.doing[r] == Doing.USING)
        return implies(uses, ~s.stale[r])

    @safety
    def videobuf1_keeps_no_number(s, r: Reader) -> Term:
        """Strict: videobuf1 uses no page by its number."""
        return s.keeps_no_number(r, User.VIDEOBUF1)

    @safety
    def videobuf2_keeps_no_number(s, r: Reader) -> Term:
        """Strict: videobuf2 uses no page by its number."""
        return s.keeps_no_number(r, User.VIDEOBUF2)

    @safety
    def vfio_keeps_no_number(s, r: Reader) -> Term:
        """Strict: vfio type1 uses no page by its number."""
        return s.keeps_no_number(r, User.VFIO)

    def keeps_no_number(s, r: Reader, user: User) -> Term:
        """Strict: that user knows no page once the page-table lock is dropped."""
        knows = conj(s.strict, s.user[r] == user, s.has_page(r))
        return implies(knows, s.holds_ptl(r))

    def keeps(s, r: Reader) -> Term:
        """A number has been returned, and is kept, or used without the lock."""
        return disj(s.doing[r] == Doing.KEPT, (s.doing[r] == Doing.USING) & ~s.under_lock[r])

    @safety
    def modules_hold_the_lock(s, r: Reader) -> Term:
        """A module that knows a page knows it within the hold of the page-table lock."""
        return implies((s.user[r] == User.MODULE) & s.has_page(r), s.holds_ptl(r))

    @safety
    def other_modules_hold_the_lock(s, r: Reader) -> Term:
        """Strict: so does a module whose licence is not the GPL."""
        knows = conj(s.strict, s.user[r] == User.MODULE, ~s.is_gpl[r], s.has_page(r))
        return implies(knows, s.holds_ptl(r))

    @lemma
    def who_gets_no_number_keeps_none(s, r: Reader) -> Term:
        """Who is refused keeps no number."""
        return implies(~s.gets_number(r), ~s.keeps(r))

    @lemma
    def entries_of_kvm_are_not_stale(s, r: Reader) -> Term:
        """What KVM uses is not gone."""
        return implies((s.user[r] == User.KVM) & (s.doing[r] == Doing.USING), ~s.stale[r])

    @lemma
    def modules_alone_use_pages_under_the_lock(s, r: Reader) -> Term:
        """Who uses a page within the hold of the lock is a module."""
        return implies(s.under_lock[r], (s.doing[r] == Doing.USING) & (s.user[r] == User.MODULE))
