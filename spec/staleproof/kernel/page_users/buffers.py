"""Pages of user buffers that drivers keep for their devices, as they did before the series.

Facts: mm/frame_vector.c and its users in v5.10: drivers/gpu/drm/exynos, drivers/misc/habanalabs,
drivers/media/common/videobuf2.
"""

from __future__ import annotations

from staleproof.kernel.page_users.pages import Pages
from staleproof.kernel.page_users.sorts import Doing, Driver, Page, Reader, Slot
from staleproof.lang.model import action, initial, lemma, safety
from staleproof.lang.quantify import every
from staleproof.lang.state import Fixed, Function, Relation
from staleproof.lang.system import Assumption
from staleproof.lang.terms import FALSE, TRUE, Term, conj, disj, implies

LONG_PINS = Assumption(
    "PIN-LONG",
    "a long-term pin refuses pages of DAX files, and migrates pages out of CMA or fails to, as "
    "docs/kernel/pinning.md says",
)


class Buffers(Pages):
    """A reader is one page of a user buffer: it is got, a device uses it, and it is given back.

    How long that takes is up to user space. Pages in CMA that are migrated first are, by then,
    other pages at the same address: a zap and a new PTE, and another look.
    """

    assumptions = (LONG_PINS,)

    driver: Fixed[Function[Reader, Driver]]
    in_first_vma: Fixed[Relation[Reader]]  # the page lies in the VMA in which the buffer begins
    raw: Fixed[Relation[Slot]]  # the VMA there is VM_IO or VM_PFNMAP
    has_struct: Fixed[Relation[Page]]  # the page has a struct page
    cma: Fixed[Relation[Page]]
    dax: Fixed[Relation[Page]]  # it is of a file on a DAX filesystem
    pinned: Relation[Reader]
    released: Relation[Reader]  # its DMA mapping is gone
    marks: Relation[Reader]  # it marks its page dirty

    @initial
    def nothing_is_pinned(s) -> Term:
        """At the start nothing is pinned."""
        return every(Reader, lambda r: ~s.pinned[r] & ~s.released[r] & ~s.marks[r])

    def may_reuse(s, p: Page) -> Term:
        """No buffer has a pin of the page."""
        return every(Reader, lambda r: ~(s.pinned[r] & (s.page[r] == p)))

    def uses_vectors(s, r: Reader) -> Term:
        """The driver gets its pages through a frame vector."""
        return TRUE

    def takes_raw(s, r: Reader) -> Term:
        """The driver is content with the number of a page in a VM_IO or VM_PFNMAP VMA."""
        return s.uses_vectors(r)

    def is_long(s, r: Reader) -> Term:
        """The pin is asked for with FOLL_LONGTERM."""
        return FALSE

    def may_stay_in_cma(s) -> Term:
        """A long-term pin leaves a page in CMA if it cannot be migrated: so until 5.12."""
        return TRUE

    def is_refused(s, r: Reader) -> Term:
        """No pin is given: of pages of DAX files, if long; or where a frame vector asks the first
        VMA alone.
        """
        p = s.page[r]
        return disj(
            s.dax[p] & disj(s.is_long(r), s.in_first_vma[r] & s.uses_vectors(r)),
            conj(s.cma[p], s.is_long(r), ~s.may_stay_in_cma()),
        )

    @action(kernel="mm/memory.c: follow_pte; mm/gup.c: follow_page_pte", holds="mmap_lock r, ptl")
    def look_up(s, r: Reader, a: Slot) -> None:
        """A PTE that is present is read and held still: for its number, or for a pin."""
        super().look_up(r, a)

    @action(kernel="mm/gup.c: pin_user_pages_locked", holds="mmap_lock r, ptl", adds=True)
    def pin_page(s, r: Reader) -> None:
        """The page is pinned while the PTE is held still."""
        s.require(s.doing[r] == Doing.LOCKED, ~s.raw[s.slot[r]], ~s.is_refused(r))
        s.doing[r] = Doing.KEPT
        s.pinned[r] = True

    @action(
        kernel="mm/frame_vector.c: get_vaddr_frames; mm/memory.c: follow_pfn",
        holds="mmap_lock r",
        adds=True,
    )
    def keep_pfn(s, r: Reader) -> None:
        """The page-table lock is dropped, and the number of the page is kept."""
        videobuf2 = s.driver[r] == Driver.VIDEOBUF2
        s.require(
            s.doing[r] == Doing.LOCKED,
            s.raw[s.slot[r]],
            s.takes_raw(r),
            videobuf2 | s.has_struct[s.page[r]],
        )
        s.doing[r] = Doing.KEPT

    @action(kernel="the driver: get of a user buffer", adds=True)
    def refuse(s, r: Reader) -> None:
        """The get fails, and nothing is kept."""
        s.require(s.doing[r] == Doing.LOCKED)
        s.doing[r] = Doing.IDLE

    @action(kernel="the driver: dma_map_sgtable, dma_map_resource", adds=True)
    def begin_use(s, r: Reader) -> None:
        """The device can reach the page."""
        s.require(s.doing[r] == Doing.KEPT, ~s.released[r])
        s.doing[r] = Doing.USING

    @action(kernel="the driver: dma_unmap_sgtable, dma_unmap_resource", adds=True)
    def unmap_dma(s, r: Reader) -> None:
        """The device can reach the page no longer."""
        s.require(s.doing[r] == Doing.USING)
        s.doing[r] = Doing.KEPT
        s.released[r] = True

    @action(kernel="mm/page-writeback.c: set_page_dirty_lock", adds=True)
    def begin_marking(s, r: Reader) -> None:
        """The release begins to mark a page dirty that the device may have written."""
        s.require(s.doing[r] == Doing.KEPT, s.released[r], ~s.marks[r])
        s.require(s.writes[r], s.has_struct[s.page[r]])
        s.marks[r] = True

    @action(kernel="mm/page-writeback.c: set_page_dirty_lock", adds=True)
    def end_marking(s, r: Reader) -> None:
        """The page is marked dirty."""
        s.require(s.marks[r])
        s.marks[r] = False

    @action(kernel="mm/frame_vector.c: put_vaddr_frames; mm/gup.c: unpin_user_pages")
    def end_use(s, r: Reader) -> None:
        """A pin is given back, a number is forgotten."""
        s.require(s.doing[r] == Doing.KEPT, s.released[r], ~s.marks[r])
        s.doing[r] = Doing.IDLE
        s.pinned[r] = False
        s.released[r] = False

    @safety
    def devices_write_what_may_be_written(s, r: Reader) -> Term:
        """A device writes to a page only by a pin for writing, or if the PTE was writable."""
        writes = (s.doing[r] == Doing.USING) & s.writes[r]
        return implies(writes, s.pinned[r] | s.may_write[r])

    @safety
    def nothing_in_cma_is_pinned(s, r: Reader) -> Term:
        """No buffer has a pin of a page in CMA."""
        return implies(s.pinned[r], ~s.cma[s.page[r]])

    @safety
    def nothing_of_dax_is_pinned(s, r: Reader) -> Term:
        """No buffer has a pin of a page of a DAX file."""
        return implies(s.pinned[r], ~s.dax[s.page[r]])

    @safety
    def own_pages_are_marked(s, r: Reader) -> Term:
        """No page is marked dirty that has been given to somebody else."""
        return implies(s.marks[r], ~s.stale[r])

    @safety
    def no_page_of_exynos_is_stale(s, r: Reader) -> Term:
        """No page that exynos g2d has mapped for its device has been given to somebody else."""
        return s.is_never_stale(r, Driver.EXYNOS)

    @safety
    def no_page_of_habana_is_stale(s, r: Reader) -> Term:
        """No page that habanalabs has mapped for its device has been given to somebody else."""
        return s.is_never_stale(r, Driver.HABANA)

    @safety
    def no_page_of_videobuf2_is_stale(s, r: Reader) -> Term:
        """No page that videobuf2 has mapped for its device has been given to somebody else."""
        return s.is_never_stale(r, Driver.VIDEOBUF2)

    def is_never_stale(s, r: Reader, driver: Driver) -> Term:
        """Where the driver's device can reach a page, that page is not somebody else's."""
        uses = (s.doing[r] == Doing.USING) & (s.driver[r] == driver)
        return implies(uses, ~s.stale[r])

    def keeps(s, r: Reader) -> Term:
        """The get has returned, and the page is not given back."""
        return disj(s.doing[r] == Doing.KEPT, s.doing[r] == Doing.USING)

    @lemma
    def who_takes_no_numbers_pins(s, r: Reader) -> Term:
        """A driver that takes no numbers keeps nothing without a pin."""
        return implies(s.keeps(r) & ~s.takes_raw(r), s.pinned[r])

    @lemma
    def pinned_pages_are_kept(s, r: Reader) -> Term:
        """No page is given away of which a buffer has a pin."""
        return implies(s.pinned[r], s.keeps(r) & ~s.stale[r])

    @lemma
    def marks_are_of_kept_pages(s, r: Reader) -> Term:
        """Only what is kept is marked, and only after its release has begun."""
        return implies(s.marks[r], (s.doing[r] == Doing.KEPT) & s.released[r])
