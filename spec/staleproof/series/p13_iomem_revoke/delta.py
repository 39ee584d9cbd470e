"""71a1d8ed900f: kernel/resource.c has iomem_inode, revokes through it and hands out its mapping."""

from __future__ import annotations

from staleproof.kernel.device_memory.files import Files
from staleproof.kernel.device_memory.sorts import File, Kind
from staleproof.lang.terms import Term


class IomemMapping(Files):
    """Claims zap the mapping of iomem_inode, and /dev/mem is opened with it.

    As merged: iomem_get_mapping() is there in every configuration.
    """

    @property
    def revoked_mapping(s) -> Term:
        """The mapping that a claim zaps: that of iomem_inode (revoke_iomem)."""
        return s.iomem

    def mapping_of_devmem(s, f: File) -> Term:
        """What iomem_get_mapping() returns."""
        return s.iomem

    def opens_with_getter(s, f: File) -> Term:
        """open_port() calls it for /dev/mem."""
        return super().opens_with_getter(f) | s.is_kind(f, Kind.DEVMEM)


class GetterMayBeStub(IomemMapping):
    """v4: without CONFIG_IO_STRICT_DEVMEM iomem_get_mapping() is a stub that returns NULL."""

    def getter_gives(s) -> Term:
        """The getter is the real one."""
        return s.io_strict_devmem
