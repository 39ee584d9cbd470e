"""PCI attributes take their mapping when they are created, which may be early."""

from __future__ import annotations

from staleproof.kernel.device_memory.boot import Boot
from staleproof.kernel.device_memory.sorts import File, Init, Kind
from staleproof.lang.terms import Term, disj, eq, implies


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

    def may_create(s, k: Kind) -> Term:
        """The legacy files wait until sysfs_initialized, which is after the fs_initcalls."""
        return implies(disj(eq(k, Kind.LEGACY_IO), eq(k, Kind.LEGACY_MEM)), s.init != Init.PENDING)
