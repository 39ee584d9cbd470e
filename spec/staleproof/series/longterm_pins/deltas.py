"""Patches 01 to 05 as they change who keeps pages of user buffers, and how."""

from __future__ import annotations

from staleproof.kernel.page_users.buffers import Buffers
from staleproof.kernel.page_users.sorts import Driver, Reader, Slot
from staleproof.lang.model import action
from staleproof.lang.system import Assumption
from staleproof.lang.terms import FALSE, Term

DEAD = Assumption(
    "WALK-DEAD", "at v4 no raw pfn leaves get_vaddr_frames() (what GVF-19@v4 says of its text)"
)


LOCKLESS = "mmap_lock r, ptl; in the lockless part of a pin interrupts off, and no lock"


class PinsFast(Buffers):
    """pin_user_pages_fast() is called: by drivers, while frame vectors keep the other function."""

    @action(
        kernel="mm/memory.c: follow_pte; mm/gup.c: follow_page_pte, gup_pte_range", holds=LOCKLESS
    )
    def look_up(s, r: Reader, a: Slot) -> None:
        """A PTE that is present is read: for its number, or for a pin."""
        super().look_up(r, a)

    @action(
        kernel="mm/gup.c: pin_user_pages_fast; of frame vectors pin_user_pages_locked",
        holds=LOCKLESS,
    )
    def pin_page(s, r: Reader) -> None:
        """The page is pinned, and its PTE is the same still."""
        super().pin_page(r)


class ExynosPins(PinsFast):
    """Patch 01: exynos g2d pins, and goes through no frame vector."""

    def uses_vectors(s, r: Reader) -> Term:
        """Another driver does."""
        return super().uses_vectors(r) & (s.driver[r] != Driver.EXYNOS)


class ExynosPinsLong(Buffers):
    """Patch 02: exynos g2d pins for the long term."""

    def is_long(s, r: Reader) -> Term:
        """This driver, or one that did before."""
        return super().is_long(r) | (s.driver[r] == Driver.EXYNOS)


class HabanaPins(PinsFast):
    """Patch 03: habanalabs pins, and goes through no frame vector."""

    def uses_vectors(s, r: Reader) -> Term:
        """Another driver does."""
        return super().uses_vectors(r) & (s.driver[r] != Driver.HABANA)


class HabanaPinsLong(Buffers):
    """Patch 04: habanalabs pins for the long term."""

    def is_long(s, r: Reader) -> Term:
        """This driver, or one that did before."""
        return super().is_long(r) | (s.driver[r] == Driver.HABANA)


class VectorsPinLong(PinsFast):
    """Patch 05: frame vectors pin for the long term, and the walk for numbers comes after."""

    @action(kernel="mm/gup.c: pin_user_pages_fast", holds=LOCKLESS)
    def pin_page(s, r: Reader) -> None:
        """The page is pinned, and its PTE is the same still."""
        super().pin_page(r)

    def is_long(s, r: Reader) -> Term:
        """A frame vector's, or one that was before."""
        return super().is_long(r) | s.uses_vectors(r)


class WalkIsDead(VectorsPinLong):
    """Patch 05 as posted: after a pin that fails, no number is ever read."""

    assumptions = (DEAD,)

    def takes_raw(s, r: Reader) -> Term:
        """Nobody: numbers come out of frame vectors alone."""
        return FALSE


class VectorsAreMoved(Buffers):
    """Patch 06: the text of frame vectors is a part of videobuf2, which alone has them."""

    @action(
        kernel="drivers/media/common/videobuf2/frame_vector.c: get_vaddr_frames; "
        "mm/memory.c: follow_pfn",
        holds="mmap_lock r",
    )
    def keep_pfn(s, r: Reader) -> None:
        """The page-table lock is dropped, and the number of the page is kept."""
        super().keep_pfn(r)

    @action(
        kernel="drivers/media/common/videobuf2/frame_vector.c: put_vaddr_frames; "
        "mm/gup.c: unpin_user_pages"
    )
    def end_use(s, r: Reader) -> None:
        """A pin is given back, a number is forgotten."""
        super().end_use(r)


PATCHES: dict[int, type[Buffers]] = {
    1: ExynosPins,
    2: ExynosPinsLong,
    3: HabanaPins,
    4: HabanaPinsLong,
    5: WalkIsDead,
}
"""By their number in the series; patch 06 changes no step, but where it stands."""
