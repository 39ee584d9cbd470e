"""Patches 01 to 05 as they change who keeps pages of user buffers, and how."""

from __future__ import annotations

from staleproof.kernel.page_users.buffers import Buffers
from staleproof.kernel.page_users.sorts import Driver, Reader
from staleproof.lang.system import Assumption
from staleproof.lang.terms import FALSE, Term

DEAD = Assumption(
    "WALK-DEAD", "at v4 no raw pfn leaves get_vaddr_frames() (what GVF-19@v4 says of its text)"
)


class ExynosPins(Buffers):
    """Patch 01: exynos g2d pins, and goes through no frame vector."""

    def uses_vectors(s, r: Reader) -> Term:
        """Another driver does."""
        return super().uses_vectors(r) & (s.driver[r] != Driver.EXYNOS)


class ExynosPinsLong(Buffers):
    """Patch 02: exynos g2d pins for the long term."""

    def is_long(s, r: Reader) -> Term:
        """This driver, or one that did before."""
        return super().is_long(r) | (s.driver[r] == Driver.EXYNOS)


class HabanaPins(Buffers):
    """Patch 03: habanalabs pins, and goes through no frame vector."""

    def uses_vectors(s, r: Reader) -> Term:
        """Another driver does."""
        return super().uses_vectors(r) & (s.driver[r] != Driver.HABANA)


class HabanaPinsLong(Buffers):
    """Patch 04: habanalabs pins for the long term."""

    def is_long(s, r: Reader) -> Term:
        """This driver, or one that did before."""
        return super().is_long(r) | (s.driver[r] == Driver.HABANA)


class VectorsPinLong(Buffers):
    """Patch 05: frame vectors pin for the long term, and the walk for numbers comes after."""

    def is_long(s, r: Reader) -> Term:
        """A frame vector's, or one that was before."""
        return super().is_long(r) | s.uses_vectors(r)


class WalkIsDead(VectorsPinLong):
    """Patch 05 as posted: after a pin that fails, no number is ever read."""

    assumptions = (DEAD,)

    def takes_raw(s, r: Reader) -> Term:
        """Nobody: numbers come out of frame vectors alone."""
        return FALSE


PATCHES: dict[int, type[Buffers]] = {
    1: ExynosPins,
    2: ExynosPinsLong,
    3: HabanaPins,
    4: HabanaPinsLong,
    5: WalkIsDead,
}
"""By their number in the series."""
