"""dc217d2c5a7e: proc_bus_pci_mmap() asks iomem_is_exclusive(), as its sibling in sysfs does."""

from __future__ import annotations

from staleproof.kernel.device_memory.mmap import Mmap
from staleproof.kernel.device_memory.sorts import Kind, Vma
from staleproof.lang.terms import Term


class PciProcfsIsExclusive(Mmap):
    """mmap through procfs, too, is refused when the first page of the BAR is exclusive."""

    def tests_bar(s, v: Vma) -> Term:
        """->mmap asks about the first page of the BAR: in sysfs, and now in procfs."""
        return super().tests_bar(v) | s.is_kind(s.file[v], Kind.PCI_PROC)
