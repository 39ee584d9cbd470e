"""Wrong variants: each must make some property fail that is proved without it."""

from __future__ import annotations

from staleproof.kernel.page_users.buffers import Buffers
from staleproof.kernel.page_users.counts import CountedPages
from staleproof.kernel.page_users.mapping import KernelMapping, Stage
from staleproof.kernel.page_users.mmio import AsksTheVma
from staleproof.kernel.page_users.pages import Pages
from staleproof.kernel.page_users.routes import Routes
from staleproof.kernel.page_users.sorts import Doing, Page, Reader, Slot, User, Zap
from staleproof.kernel.page_users.ways import ByReference, Subscribed, UnderLock, WithNotifier
from staleproof.lang.model import action
from staleproof.lang.terms import TRUE, Term, neg


class OwnerDoesNotWait(ByReference):
    """The owner gives a page away although somebody has a reference."""

    def may_reuse(s, p: Page) -> Term:
        """The owner waits for nothing."""
        return TRUE


class LockIsAnother(Pages):
    """The zapper takes another page-table lock than the reader (hugetlb's CONT entries, 2022)."""

    def is_locked(s, a: Slot) -> Term:
        """Nobody holds the lock that the zapper takes."""
        return neg(TRUE)


class CountIsNotTested(WithNotifier):
    """Under mmu_lock only the sequence number is tested."""

    def tests(s, r: Reader) -> Term:
        """The sequence number has not moved."""
        return s.is_current(r)


class SeqIsNotTested(WithNotifier):
    """Under mmu_lock only the count is tested."""

    def tests(s, r: Reader) -> Term:
        """No invalidation runs."""
        return s.count_is_zero()


class SeqIsReadLate(WithNotifier):
    """The sequence number is read after the PTE."""

    def may_read_seq(s, r: Reader) -> Term:
        """The reader has dropped the page-table lock."""
        return s.doing[r] == Doing.KEPT

    def may_look_up(s, r: Reader) -> Term:
        """Nothing is asked before the lookup."""
        return TRUE


class EntriesAreKept(WithNotifier):
    """The beginning of an invalidation removes no entries."""

    @action(kernel="virt/kvm/kvm_main.c: kvm_mmu_notifier_invalidate_range_start", holds="mmu_lock")
    def begin_invalidation(s, z: Zap, a: Slot) -> None:
        """The count goes up."""
        s.require(~s.running[z])
        s.running[z] = True
        s.zaps[z] = a


class UseWithoutPermission(UnderLock):
    """A page is written under the lock without a look at the PTE's permission."""

    @action(kernel="the reader", holds="ptl")
    def use_locked(s, r: Reader) -> None:
        """The reader uses the page and still holds the lock."""
        s.require(s.doing[r] == Doing.LOCKED)
        s.doing[r] = Doing.USING


class SubscriptionIsNotCompared(Subscribed):
    """follow_pfn() takes any subscription."""

    def matches(s, r: Reader, a: Slot) -> Term:
        """Any subscription will do."""
        return TRUE


class UnmappedTwice(KernelMapping):
    """iounmap() is called once more after it has returned."""

    def is_done(s, r: Reader) -> Term:
        """Nothing is left to do, or the mapping is gone already."""
        return super().is_done(r) | (s.stage[r] == Stage.IN_IOUNMAP)


class MappingIsLeft(KernelMapping):
    """The call returns after the copy without iounmap()."""

    @action(kernel="mm/memory.c: generic_access_phys", holds="mmap_lock r")
    def end_use(s, r: Reader) -> None:
        """The copy is made, and the call returns."""
        s.require(s.doing[r] == Doing.USING, s.stage[r] == Stage.MAPPED)
        s.doing[r] = Doing.IDLE
        s.stage[r] = Stage.NO_MAPPING


class MappedUnderLock(KernelMapping):
    """ioremap_prot() is called before the page-table lock is dropped."""

    def may_map(s, r: Reader) -> Term:
        """The PTE has been read, and the lock is held."""
        return s.doing[r] == Doing.LOCKED


class UnmappedUnderLock(KernelMapping):
    """iounmap() is called before the page-table lock is dropped."""

    def may_unmap(s, r: Reader) -> Term:
        """The copy is made."""
        return (s.doing[r] == Doing.USING) & (s.stage[r] == Stage.MAPPED)


class ReferenceFromZero(CountedPages):
    """A reference is taken of a page whose count is 0."""

    def may_refer(s, p: Page) -> Term:
        """Nothing is asked."""
        return TRUE


class FreedWithOthersCounted(CountedPages):
    """The page is freed with any reference that is given back."""

    def is_last(s, r: Reader) -> Term:
        """Nobody else is looked for."""
        return TRUE


class NothingIsAsked(AsksTheVma):
    """No flag of the VMA is asked for."""

    def permits(s, r: Reader, a: Slot) -> Term:
        """Any VMA will do."""
        return TRUE


class PinsAreNotAwaited(Buffers):
    """The owner gives a page away although a buffer has a pin of it."""

    def may_reuse(s, p: Page) -> Term:
        """The owner waits for nothing."""
        return TRUE


class NumbersAreTaken(Buffers):
    """A driver is content with the number of a page that it cannot pin."""

    def takes_raw(s, r: Reader) -> Term:
        """Each driver is."""
        return TRUE


class PinsAreShort(Buffers):
    """FOLL_LONGTERM is not asked for."""

    def is_long(s, r: Reader) -> Term:
        """No pin is a long-term one."""
        return neg(TRUE)


class MigrationMayFail(Buffers):
    """A page in CMA that cannot be migrated is pinned where it is."""

    def may_stay_in_cma(s) -> Term:
        """It may."""
        return TRUE


class Videobuf1GetsNumbers(Routes):
    """videobuf1 calls follow_pfn() all the same."""

    def gets_number(s, r: Reader) -> Term:
        """This user does."""
        return super().gets_number(r) | (s.user[r] == User.VIDEOBUF1)


class Videobuf2GetsNumbers(Routes):
    """videobuf2 calls follow_pfn() all the same."""

    def gets_number(s, r: Reader) -> Term:
        """This user does."""
        return super().gets_number(r) | (s.user[r] == User.VIDEOBUF2)


class VfioGetsNumbers(Routes):
    """vfio type1 calls follow_pfn() all the same."""

    def gets_number(s, r: Reader) -> Term:
        """This user does."""
        return super().gets_number(r) | (s.user[r] == User.VFIO)


class ModulesGetNumbers(Routes):
    """A module calls follow_pfn() all the same."""

    def gets_number(s, r: Reader) -> Term:
        """This user does."""
        return super().gets_number(r) | (s.user[r] == User.MODULE)
