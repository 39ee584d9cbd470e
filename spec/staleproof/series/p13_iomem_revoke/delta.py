"""71a1d8ed900f: kernel/resource.c has iomem_inode, revokes through it and hands out its mapping."""

from __future__ import annotations

from staleproof.kernel.device_memory.files import Files
from staleproof.kernel.device_memory.sorts import File
from staleproof.lang.terms import Term


class IomemMapping(Files):
    """Claims zap the mapping of iomem_inode, and /dev/mem is opened with it."""

    @property
    def revoked_mapping(s) -> Term:
        """The mapping that a claim zaps: that of iomem_inode (revoke_iomem)."""
        return s.iomem

    def mapping_of_devmem(s, f: File) -> Term:
        """What iomem_get_mapping() returns."""
        return s.iomem
