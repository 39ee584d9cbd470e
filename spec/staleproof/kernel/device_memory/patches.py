"""Temporary."""
from __future__ import annotations
from staleproof.kernel.device_memory.files import Files
from staleproof.kernel.device_memory.mmap import Mmap
from staleproof.kernel.device_memory.sorts import File, Kind, Vma
from staleproof.lang.terms import Term, disj, ite


class P11(Mmap):
    """PCI procfs asks about the first page of the BAR."""

    def tests_bar(s, v: Vma) -> Term:
        """Procfs too."""
        return s.is_kind(s.file[v], Kind.PCI_SYSFS, Kind.PCI_PROC)


class P12(Mmap):
    """/dev/mem sets f_mapping only."""

    def mapping_at_open(s, f: File) -> Term:
        """The mapping of its own inode."""
        return s.own[f]


class P13(P12):
    """iomem."""

    def mapping_at_open(s, f: File) -> Term:
        """The mapping of its own inode."""
        return ite(s.kind[f] == Kind.DEVMEM, s.iomem, s.own[f])

    @property
    def revoked_mapping(s) -> Term:
        """The mapping that a claim zaps."""
        return s.iomem


class P15(P13):
    """pci."""

    def mapping_at_open(s, f: File) -> Term:
        """The mapping of its own inode."""
        return ite(
            s.is_kind(f, Kind.DEVMEM, Kind.PCI_SYSFS, Kind.PCI_PROC, Kind.LEGACY_IO),
            s.iomem,
            s.own[f],
        )
