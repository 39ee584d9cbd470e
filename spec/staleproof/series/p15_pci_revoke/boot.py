"""PCI attributes take their mapping when they are created, which may be early."""

from __future__ import annotations

from staleproof.kernel.device_memory.boot import Boot
from staleproof.kernel.device_memory.sorts import File, Kind
from staleproof.lang.terms import FALSE, Term, disj, eq


class AttributesCallGetter(Boot):
    """pci_create_attr() and pci_create_legacy_files() call iomem_get_mapping() at once."""

    def attribute_names(s, k: Kind) -> Term:
        """The attributes whose creation calls the getter; legacy_mem is not among them."""
        return disj(eq(k, Kind.PCI_SYSFS), eq(k, Kind.LEGACY_IO))

    def opens_with_getter(s, f: File) -> Term:
        """The open of a procfs file calls the getter, too."""
        return super().opens_with_getter(f) | s.is_kind(f, Kind.PCI_PROC)


class LegacyFilesWait(AttributesCallGetter):
    """efd532a679af, merged with the series: legacy files are created after pci_sysfs_init()."""

    def is_of_bus(s, k: Kind) -> Term:
        """No attribute is made without waiting for pci_sysfs_init() any more."""
        return FALSE
