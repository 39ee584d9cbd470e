"""CVE-2024-47674, 79a61cc3fc04 (6.11): remap_pfn_range() zaps what it has set before it fails."""

from __future__ import annotations

from staleproof.kernel.device_memory.mmap import Mmap
from staleproof.kernel.device_memory.sorts import Vma
from staleproof.lang.model import action


class RemapCleansUp(Mmap):
    """A failing remap_pfn_range() leaves no PTE and no translation behind."""

    @action(kernel="mm/memory.c: remap_pfn_range", holds="mmap_lock w")
    def fail_remap(s, v: Vma) -> None:
        """remap_pfn_range() fails half-way, zaps what it has set, and returns its error."""
        super().fail_remap(v)
        s.pte[v, :] = False
        s.tlb[:, v, :] = False
