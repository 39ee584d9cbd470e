"""The claims about device memory in later kernels, and in those that do not exist."""

from __future__ import annotations

from staleproof.claims import claims_at
from staleproof.kernel.device_memory import reasons as r
from staleproof.kernel.device_memory.reasons import proved, refuted

QUESTION = "staleproof.history.device_memory.versions:question"

_ALL_BUT_ALPHA = """
    With 045a9277b561 legacy_mem gets its mapping, and all files but alpha's have that of
    iomem_inode.
"""
_STABLE = """
    895428ee124a, in stable kernels up to 5.15, flushes in unmap_region() before the unlink if the
    first VMA of the range is VM_PFNMAP.
"""
_NOT_FIRST = """
    The trace unmaps an ordinary VMA and, in the same munmap, one of device memory behind it. The
    first is not VM_PFNMAP, so nothing is flushed early, and the second leaves its i_mmap tree while
    TLBs still have its translations. So CVE-2022-39188 was still open for who unmapped more than
    the one VMA, until "mm: Fix TLB flush for not-first PFNMAP mappings in unmap_region()" of
    15 September 2022 (891f03f688de in 5.10.144) had each VMA of the range asked. That is not
    modelled. Mainline flushes for each VMA (b67fbebd4cf9) and never had the gap.
"""
_WEAKEST = """
    This is the weakest repair that could be proved. ->mmap fills nothing. The fault handler takes
    resource_lock for reading, asks devmem_is_allowed(), sets the PTE, and drops the lock. A claim
    becomes BUSY under the same lock for writing: a fault before it has set its PTE in a VMA that is
    linked, so the zap, which comes later, finds it; a fault after it is refused. The zap itself
    needs no lock in common with faults. It would change mmap_mem() and pci_mmap_resource_range(),
    give both a fault handler, and export from kernel/resource.c a function that inserts under
    resource_lock, since the lock is static there.
"""
_ALSO_FLUSH = """
    It needs munmap to flush before it unlinks (b67fbebd4cf9): REV-1b@fault-unflushed.
"""

CLAIMS = (
    *claims_at(
        "legacy-mem",
        QUESTION,
        refuted("REV-2", "legacy_mem H", "legacy_mem is repaired; what is left is alpha.", r.ALPHA),
        proved("REV-2a", "H", _ALL_BUT_ALPHA),
        proved("REV-1j", "new", _ALL_BUT_ALPHA, r.CLAIM_THEN_ZAP),
        refuted("REV-1i", "new", r.ALPHA),
    ),
    *claims_at(
        "getter-at-open",
        QUESTION,
        proved(
            "SYS-2",
            "H",
            """
            The attribute names the getter, and open() calls it. User space opens nothing before
            the initcalls are over (USER-AFTER-INIT).
            """,
        ),
        refuted("SYS-2a", "new", r.NO_INODE_NO_GETTER),
        proved("SYS-3", "H", "sysfs_kf_bin_open() tests battr->mapping first."),
        proved(
            "SYS-4",
            "new",
            "The attribute names the getter from its creation on, and open() calls it.",
        ),
        proved("SYS-5", "new", r.INODE_STAYS),
        proved("REV-4", "H", "The getter is there in every configuration."),
    ),
    *claims_at(
        "tlb-flush",
        QUESTION,
        proved("TLB-1", "H", r.FLUSHED_FIRST),
        proved("TLB-2", "?", r.FLUSHED_FIRST),
        proved("REV-1d", "new", r.FLUSHED_FIRST, r.CLAIM_THEN_ZAP),
        refuted("REV-1", "X", r.WINDOW, r.WINDOW_TODAY),
        refuted("MAP-1", "X", r.REMAP_BEFORE_LINK),
    ),
    *claims_at(
        "tlb-flush-stable",
        QUESTION,
        proved("TLB-1", "new", _STABLE),
        refuted("TLB-2", "?", _STABLE, _NOT_FIRST),
    ),
    *claims_at(
        "remap-cleanup",
        QUESTION,
        proved(
            "RMP-1",
            "H",
            "79a61cc3fc04: remap_pfn_range() zaps the partial range before it returns its error.",
        ),
        refuted("REV-1", "X", r.WINDOW, r.WINDOW_TODAY),
        proved("REV-1a", "H", r.CLAIM_THEN_ZAP, r.COPIES_COUNT),
        refuted("REV-9", "?", r.OTHER_WAYS),
        refuted("PCI-1", "?", r.FIRST_PAGE_ONLY),
        proved("PCI-2", "H", "proc_bus_pci_mmap() asks for both first of all."),
        proved("PCI-3", "H", "proc_bus_pci_mmap() asks iomem_is_exclusive() about res->start."),
        proved("MAP-2", "new", r.DEVMEM_ASKS_EACH_PAGE),
        proved("TLB-3", "new", r.WHO_CLEARS_FLUSHES),
        proved("FORK-1", "H", r.LINK_THEN_COPY),
        refuted("SYS-1", "?", r.WRONG_MAPPING_DRAINED),
        refuted("SYS-1a", "new", r.WRONG_MAPPING_DRAINED),
        proved("SYS-6", "new", r.NO_MMAP_OF_REMOVED),
    ),
    *claims_at(
        "child-first",
        QUESTION,
        refuted(
            "REV-1a",
            "new",
            """
            This kernel does not exist: fork puts the child's VMA before the parent's in the i_mmap
            tree. A zap visits the child, in which there is nothing yet, then fork copies a PTE,
            then the zap visits the parent. So the order that vma_interval_tree_insert_after() keeps
            (FORK-1) is what REV-1a rests on for copies.
            """,
        ),
    ),
    *claims_at(
        "vfio-fault",
        QUESTION,
        proved(
            "MAP-1",
            "H for vfio 6.10+",
            "->mmap fills nothing, and a fault finds a VMA only when it is linked.",
        ),
        refuted(
            "REV-1",
            "",
            """
            Fault-time insertion alone does not close the window: a fault after the zap fills a PTE
            again. vfio-pci has memory_lock for that, which its fault handler and its zapper share.
            """,
        ),
    ),
    *claims_at(
        "fault-locked",
        QUESTION,
        proved(
            "REV-1b",
            "design target",
            """
            The repair that vfio-pci has with its memory_lock: what fills a PTE asks again under a
            lock that is held over claim and zap. A weaker one is enough: REV-1b@fault-checked.
            """,
            _ALSO_FLUSH,
        ),
    ),
    *claims_at("fault-checked", QUESTION, proved("REV-1b", "design target", _WEAKEST, _ALSO_FLUSH)),
    *claims_at(
        "fault-unlocked",
        QUESTION,
        refuted(
            "REV-1b",
            "",
            """
            If the fault handler asks first and sets the PTE after it has dropped resource_lock, the
            claim and its zap fit in between. So the lock must be held over both.
            """,
        ),
    ),
    *claims_at("fault-unflushed", QUESTION, refuted("REV-1b", "", r.TLB_TAIL)),
    *claims_at(
        "recheck-after-link",
        QUESTION,
        refuted(
            "REV-1b",
            "",
            """
            Asking again after vma_link(), and undoing the mmap if there is a claim, comes too late:
            request_region() has returned by then, and until the mmap is undone other threads of the
            process can use its PTEs. It would bound the time, not close the window.
            """,
        ),
    ),
)
