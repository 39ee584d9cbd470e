"""A wrong variant of the mapping: it must make a property fail that is proved without it."""

from __future__ import annotations

from staleproof.kernel.page_users.mapping import Stage
from staleproof.kernel.page_users.sorts import Doing, Reader
from staleproof.lang.model import action
from staleproof.series.p07_generic_access.mapping import MappingAfter


class KeptForTheRetry(MappingAfter):
    """Where the PTE is not the same, the call begins again without iounmap()."""

    @action(kernel="mm/memory.c: generic_access_phys", holds="mmap_lock r", adds=True)
    def retry_at_once(s, r: Reader) -> None:
        """The PTE is not the same: to begin again."""
        s.require(s.doing[r] == Doing.KEPT, s.stage[r] == Stage.MAPPED)
        s.doing[r] = Doing.IDLE
        s.stage[r] = Stage.NO_MAPPING
