"""The claims about device memory in the kernel before the series."""

from __future__ import annotations

from staleproof.claims import claims_at
from staleproof.kernel.device_memory import reasons as r
from staleproof.kernel.device_memory.reasons import proved, refuted

CLAIMS = claims_at(
    "legacy",
    "staleproof.kernel.device_memory.versions:legacy",
    refuted("REV-1", "X", r.NOT_PCI_YET, "The window of REV-1@v4 is there, too, for /dev/mem."),
    refuted("REV-1a", "H devmem only", r.NOT_PCI_YET, "For /dev/mem alone it holds: REV-5@legacy."),
    proved("REV-5", "-", r.CLAIM_THEN_ZAP, r.COPIES_COUNT),
    refuted("REV-2", "X (PCI)", r.NOT_PCI_YET),
    refuted("REV-2a", "X (PCI)", r.NOT_PCI_YET),
    proved("REV-4", "H", "Every open leaves f_mapping at a mapping that exists."),
    refuted("REV-9", "?", r.OTHER_WAYS),
    refuted("PCI-1", "?", "procfs asks nothing at all before patch 11.", r.FIRST_PAGE_ONLY),
    proved("PCI-2", "H", "proc_bus_pci_mmap() asks for both first of all."),
    refuted("PCI-3", "X", "Before patch 11 proc_bus_pci_mmap() does not ask who claims the BAR."),
    refuted("PCI-6", "new", r.LEGACY_ASKS_NOTHING),
    refuted("SYS-1", "?", r.MMAP_AFTER_DRAIN, "For VMAs that were linked it holds: SYS-1a@legacy."),
    proved("SYS-1a", "new", r.DRAIN_FINDS_LINKED),
    proved("SYS-6", "new", r.NO_MMAP_OF_REMOVED),
    proved("MAP-2", "new", r.DEVMEM_ASKS_EACH_PAGE),
    proved("SYS-3", "H", "Before patch 14 no attribute names a mapping."),
    refuted("MAP-1", "X", r.REMAP_BEFORE_LINK),
    refuted("TLB-1", "X", r.FLUSH_AFTER_UNLINK),
    refuted("TLB-2", "?", r.FLUSH_AFTER_UNLINK),
    proved("TLB-3", "new", r.WHO_CLEARS_FLUSHES),
    proved("FORK-1", "H", r.LINK_THEN_COPY),
    refuted("RMP-1", "X", r.REMAP_LEAVES_PTES),
)
