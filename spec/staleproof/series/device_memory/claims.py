"""The claims about device memory at each prefix of the series, as posted and as merged."""

from __future__ import annotations

from staleproof.claims import Claim, Row, claims_at
from staleproof.kernel.device_memory import reasons as r
from staleproof.kernel.device_memory.reasons import proved, refuted

QUESTION = "staleproof.series.device_memory.versions:question"

_DEVMEM = proved("REV-5", "X at 12 only", r.CLAIM_THEN_ZAP, r.COPIES_COUNT)
_NOT_YET = refuted("REV-1a", "", r.NOT_PCI_YET)
_PUBLISHED = proved(
    "REV-7",
    "H",
    """
    smp_store_release() makes the pointer visible after all that was stored before it, and
    smp_load_acquire() keeps the load of i_mapping behind the load of the pointer. Both halves are
    needed: a plain store or a plain load refutes it.
    """,
)
_BISECT = """
    Exactly after patch 12 (0fb1b1ed7dd9 in 5.12) /dev/mem is opened with the mapping of its own
    device node, while revoke_devmem() still zaps that of devmem_inode. So no mapping of /dev/mem is
    revoked until patch 13 makes both iomem_inode's. Who bisects across it tests a kernel with
    this hole; nothing else comes of it.
"""

PREFIXES = (
    *claims_at(
        "v4/11",
        QUESTION,
        _DEVMEM,
        _NOT_YET,
        proved("PCI-3", "", "proc_bus_pci_mmap() now asks iomem_is_exclusive() about the BAR."),
    ),
    *claims_at("v4/12", QUESTION, refuted("REV-5", "X at 12 only", _BISECT), _NOT_YET),
    *claims_at("v4/13", QUESTION, _DEVMEM, _NOT_YET, refuted("REV-4", "X", r.STUB_RETURNS_NULL)),
    *claims_at("v4/14", QUESTION, _DEVMEM, _NOT_YET),
    *claims_at(
        "v4/15",
        QUESTION,
        _DEVMEM,
        proved("REV-1a", "H", r.CLAIM_THEN_ZAP, r.COPIES_COUNT),
    ),
)


def _whole(*others: Row) -> tuple[Row, ...]:
    """What v4 and the merged series have in common, and `others`."""
    return (
        refuted("REV-1", "X", r.WINDOW, r.WINDOW_TODAY),
        proved("REV-1a", "H", r.CLAIM_THEN_ZAP, r.COPIES_COUNT),
        refuted("REV-1c", "new", r.LINKED_LATE, r.WINDOW),
        refuted("REV-1d", "new", r.TLB_TAIL),
        refuted("REV-1e", "new", r.LOW_MEGABYTE),
        refuted("REV-1f", "new", r.RELAXED),
        refuted("REV-1g", "new", r.OTHER_PARENT),
        refuted("REV-1h", "new", r.UNALIGNED),
        refuted("REV-1i", "new", r.LEGACY_MEM, r.ALPHA),
        refuted("REV-1j", "new", r.LEGACY_MEM),
        refuted("REV-2", "X legacy_mem, alpha", r.LEGACY_MEM, r.ALPHA),
        refuted("REV-2a", "X legacy_mem", r.LEGACY_MEM),
        _DEVMEM,
        _PUBLISHED,
        refuted("REV-9", "?", r.OTHER_WAYS),
        refuted("PCI-1", "?", r.FIRST_PAGE_ONLY),
        proved("PCI-2", "H", "proc_bus_pci_mmap() asks for both first of all."),
        proved("PCI-3", "H", "proc_bus_pci_mmap() asks iomem_is_exclusive() about res->start."),
        refuted("PCI-6", "new", r.LEGACY_ASKS_NOTHING),
        refuted("SYS-1", "?", r.WRONG_MAPPING_DRAINED),
        refuted("SYS-1a", "new", r.WRONG_MAPPING_DRAINED),
        proved("SYS-5", "new", r.INODE_STAYS),
        proved("SYS-6", "new", r.NO_MMAP_OF_REMOVED),
        proved("MAP-2", "new", r.DEVMEM_ASKS_EACH_PAGE),
        refuted("SYS-2a", "new", r.NO_INODE_NO_GETTER),
        proved("SYS-3", "H", "sysfs_kf_bin_open() tests battr->mapping first."),
        refuted("MAP-1", "X", r.REMAP_BEFORE_LINK),
        refuted("TLB-1", "X", r.FLUSH_AFTER_UNLINK),
        refuted("TLB-2", "?", r.FLUSH_AFTER_UNLINK),
        proved("TLB-3", "new", r.WHO_CLEARS_FLUSHES),
        proved("FORK-1", "H", r.LINK_THEN_COPY),
        refuted("RMP-1", "X", r.REMAP_LEAVES_PTES),
        *others,
    )


CLAIMS: tuple[Claim, ...] = (
    *PREFIXES,
    *claims_at(
        "v4",
        QUESTION,
        *_whole(
            refuted("REV-4", "X", r.STUB_RETURNS_NULL),
            refuted("SYS-2", "X", r.EARLY_ATTRIBUTES),
            refuted("SYS-4", "new", r.STUB_NAMES_NOTHING),
        ),
    ),
    *claims_at(
        "merged",
        QUESTION,
        *_whole(
            proved("REV-4", "H", "Since v6 the getter is there in every configuration."),
            proved("SYS-2", "X", r.ALL_ATTRIBUTES_WAIT),
            proved("SYS-4", "new", r.ATTRIBUTES_REDIRECT),
        ),
    ),
)
