"""The mapping through which generic_access_phys() reaches the page, from ioremap_prot() on."""

from __future__ import annotations

from staleproof.kernel.page_users.pages import Pages
from staleproof.kernel.page_users.sorts import Doing, Reader
from staleproof.kernel.page_users.users import GenericAccessBefore
from staleproof.lang.kinds import Members
from staleproof.lang.model import action, initial, lemma, safety
from staleproof.lang.quantify import every
from staleproof.lang.state import Function, Relation
from staleproof.lang.terms import Term, conj, disj, iff, implies


class Stage(Members):
    """How far a call is with its mapping."""

    NO_MAPPING: Stage
    IN_IOREMAP: Stage  # in ioremap_prot(), which sleeps
    MAPPED: Stage
    COPIED: Stage  # the copy is made, and the page-table lock is dropped
    IN_IOUNMAP: Stage  # in iounmap(), which sleeps


class KernelMapping(Pages):
    """A call makes a mapping of the page with ioremap_prot(), and takes it back with iounmap().

    `stage` is where the call is in its text; `has_mapping` is whether there is a mapping of its
    own, which is another question if the text is wrong.
    """

    stage: Function[Reader, Stage]
    has_mapping: Relation[Reader]
    unmapped_nothing: Relation[Reader]  # an iounmap() of what was no mapping any more

    @initial
    def nothing_is_mapped(s) -> Term:
        """At the start there is no mapping."""
        return every(
            Reader,
            lambda r: conj(
                s.stage[r] == Stage.NO_MAPPING, ~s.has_mapping[r], ~s.unmapped_nothing[r]
            ),
        )

    @action(kernel="mm/memory.c: generic_access_phys, ioremap_prot", holds="mmap_lock r", adds=True)
    def begin_ioremap(s, r: Reader) -> None:
        """The call enters ioremap_prot(), with the page-table lock dropped."""
        s.require(s.may_map(r), s.stage[r] == Stage.NO_MAPPING)
        s.stage[r] = Stage.IN_IOREMAP

    def may_map(s, r: Reader) -> Term:
        """Where in the call ioremap_prot() stands."""
        return s.doing[r] == Doing.KEPT

    @action(kernel="arch: ioremap_prot", holds="mmap_lock r", adds=True)
    def end_ioremap(s, r: Reader) -> None:
        """There is a mapping."""
        s.require(s.stage[r] == Stage.IN_IOREMAP)
        s.stage[r] = Stage.MAPPED
        s.has_mapping[r] = True

    @action(kernel="arch: ioremap_prot", holds="mmap_lock r", adds=True)
    def fail_ioremap(s, r: Reader) -> None:
        """There is no mapping, and the call returns -ENOMEM."""
        s.require(s.stage[r] == Stage.IN_IOREMAP)
        s.stage[r] = Stage.NO_MAPPING
        s.doing[r] = Doing.IDLE

    @action(kernel="mm/memory.c: generic_access_phys", holds="mmap_lock r")
    def end_use(s, r: Reader) -> None:
        """The copy is made; a page-table lock that was held is dropped."""
        s.require(s.doing[r] == Doing.USING, s.stage[r] == Stage.MAPPED)
        s.doing[r] = Doing.KEPT
        s.stage[r] = Stage.COPIED

    @action(kernel="mm/memory.c: generic_access_phys, iounmap", holds="mmap_lock r", adds=True)
    def begin_iounmap(s, r: Reader) -> None:
        """The call enters iounmap(), after the copy or because it comes to none."""
        s.require(s.may_unmap(r))
        had = s.has_mapping[r]
        s.stage[r] = Stage.IN_IOUNMAP
        s.has_mapping[r] = False
        with s.when(~had):
            s.unmapped_nothing[r] = True

    def may_unmap(s, r: Reader) -> Term:
        """Where in the call iounmap() stands."""
        return (s.doing[r] == Doing.KEPT) & s.is_done(r)

    def is_done(s, r: Reader) -> Term:
        """Nothing else is left to do with the mapping."""
        return s.stage[r] == Stage.COPIED

    @action(kernel="mm/memory.c: generic_access_phys", holds="mmap_lock r", adds=True)
    def leave(s, r: Reader) -> None:
        """The mapping is gone, and the call returns or begins again."""
        s.require(s.stage[r] == Stage.IN_IOUNMAP)
        s.stage[r] = Stage.NO_MAPPING
        s.doing[r] = Doing.IDLE

    @safety
    def each_mapping_is_taken_back_once(s, r: Reader) -> Term:
        """No call leaves a mapping, takes one back twice, or takes it back under the lock."""
        taken_back = s.stage[r] == Stage.IN_IOUNMAP
        return implies(
            s.has_mapping[r] | taken_back,
            conj(
                s.doing[r] != Doing.IDLE,
                ~s.unmapped_nothing[r],
                implies(taken_back, ~s.holds_ptl(r)),
            ),
        )

    @safety
    def nobody_sleeps_under_the_lock(s, r: Reader) -> Term:
        """The page-table lock is not held in ioremap_prot() or iounmap()."""
        sleeps = disj(s.stage[r] == Stage.IN_IOREMAP, s.stage[r] == Stage.IN_IOUNMAP)
        return implies(sleeps, ~s.holds_ptl(r))

    @lemma
    def there_is_a_mapping_from_ioremap_to_iounmap(s, r: Reader) -> Term:
        """There is a mapping exactly where the call is between the two, and none is missed."""
        between = disj(s.stage[r] == Stage.MAPPED, s.stage[r] == Stage.COPIED)
        return iff(s.has_mapping[r], between) & ~s.unmapped_nothing[r]

    @lemma
    def mappings_are_made_without_the_lock(s, r: Reader) -> Term:
        """The lock is dropped before the mapping is made, and when it is taken back."""
        return conj(
            implies(s.stage[r] == Stage.NO_MAPPING, ~s.copies(r)),
            implies(
                (s.stage[r] != Stage.NO_MAPPING) & (s.stage[r] != Stage.MAPPED),
                s.doing[r] == Doing.KEPT,
            ),
            implies(
                s.stage[r] == Stage.MAPPED,
                (s.doing[r] != Doing.IDLE) & (s.doing[r] != Doing.LOCKED),
            ),
        )

    def copies(s, r: Reader) -> Term:
        """The call is at its copy."""
        return disj(s.doing[r] == Doing.CHECKED, s.doing[r] == Doing.USING)


class MappingBefore(KernelMapping, GenericAccessBefore):
    """generic_access_phys() before patch 7, with its mapping."""

    @action(kernel="mm/memory.c: generic_access_phys", holds="mmap_lock r")
    def begin_use(s, r: Reader) -> None:
        """The bytes are copied from or to the mapping of the page, with no page-table lock."""
        s.require(s.stage[r] == Stage.MAPPED)
        super().begin_use(r)
