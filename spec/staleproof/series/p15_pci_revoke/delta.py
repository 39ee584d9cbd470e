"""636b21b50152: the PCI files that map device memory get the mapping of iomem_inode.

Without patch 13 it does not build, for it calls iomem_get_mapping(). A subset of the series that
lacks 13 is read as if that function were there, and nobody zapped its mapping.
"""

from __future__ import annotations

from staleproof.kernel.device_memory.files import Files
from staleproof.kernel.device_memory.sorts import File, Kind
from staleproof.lang.terms import Term, disj, eq


class PciFilesAreRevoked(Files):
    """resourceN, legacy_io and procfs get the mapping; legacy_mem does not, by a copy and paste.

    pci_create_legacy_files() assigns the mapping to legacy_io twice.
    """

    def attribute_names(s, k: Kind) -> Term:
        """The attributes that pci_create_attr() and pci_create_legacy_files() give a mapping."""
        return disj(eq(k, Kind.PCI_SYSFS), eq(k, Kind.LEGACY_IO))

    def mapping_of_procfs(s, f: File) -> Term:
        """What iomem_get_mapping() returns."""
        return s.iomem

    def opens_with_getter(s, f: File) -> Term:
        """proc_bus_pci_open() calls it, too."""
        return super().opens_with_getter(f) | s.is_kind(f, Kind.PCI_PROC)
