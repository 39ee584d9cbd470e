"""iomem_inode at boot, and the getter: as posted in v4, and as merged."""

from __future__ import annotations

from staleproof.kernel.device_memory.boot import Boot
from staleproof.kernel.device_memory.sorts import File, Kind
from staleproof.lang.terms import TRUE, Term


class GetterMayBeStub(Boot):
    """v4: without CONFIG_IO_STRICT_DEVMEM iomem_get_mapping() is a stub that returns NULL."""

    def getter_gives(s) -> Term:
        """The getter is the real one."""
        return s.io_strict_devmem

    def opens_with_getter(s, f: File) -> Term:
        """The open of /dev/mem calls the getter."""
        return super().opens_with_getter(f) | s.is_kind(f, Kind.DEVMEM)


class GetterAlways(GetterMayBeStub):
    """71a1d8ed900f, as merged: the getter is always there, only the revocation is configured."""

    def getter_gives(s) -> Term:
        """The getter is the real one."""
        return TRUE
