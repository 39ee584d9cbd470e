"""The claims about device memory before the series: its tests, mappings, claims and zaps."""

from __future__ import annotations

from staleproof.claims import claims_at
from staleproof.kernel.iomem import reasons
from staleproof.kernel.iomem.reasons import proved, refuted

CLAIMS = claims_at(
    "legacy",
    "staleproof.kernel.iomem.versions:legacy",
    proved(
        "EXC-1",
        "H",
        """
        The address is rounded down to its page, and a resource counts if it starts below the end
        of the page and does not end below its start; `end` is the last byte. The walk meets
        resources in the order of their starts (RES-TREE), so that it may stop at the first that
        starts behind the page.
        """,
        """
        The last page is left out because `addr + size` is 0 there, see EXC-1b@legacy.
        """,
    ),
    refuted(
        "EXC-1a",
        "new",
        """
        The answer is about the page. In the trace the resource shares the page of the address,
        and not the byte: a claim of a few bytes keeps user space out of the whole page, as it
        must, since a PTE maps whole pages.
        """,
    ),
    refuted(
        "EXC-1b",
        "new",
        """
        `addr + size` wraps around to 0 for the last page of the 64-bit addresses. No start is
        below 0, so the walk ends at the first resource and the answer is false, whatever is
        claimed there. No machine has memory at that address; physical addresses have at most 52
        bits on x86.
        """,
    ),
    proved(
        "EXC-2",
        "H (strict only)",
        """
        The loop asks about one page after the other and gives up at the first that is denied. It
        counts in bytes and in pages at once, and the two keep step.
        """,
        """
        Ranges that reach into the last page of the 64-bit addresses are left out; see
        EXC-2b@legacy for why, and EXC-6@legacy for why no mmap asks about one.
        """,
    ),
    proved(
        "EXC-2a",
        "H (strict only)",
        """
        Without the option the function is `return 1`. /dev/mem then maps claimed memory and RAM,
        also with iomem=strict, which makes only the tests of the PCI files strict.
        """,
    ),
    refuted(
        "EXC-2b",
        "new",
        """
        The end of the range, `from + size`, is 0 there. The loop runs while the cursor is below
        it, so it does not run at all, and the range is let through without a question. No mmap
        gets that far (EXC-6@legacy).
        """,
    ),
    proved(
        "EXC-2c",
        "new",
        """
        The loop runs while the first byte of the next page lies below the end. A range that ends
        inside a page has that page tested, and none behind it. The only 0 that it returns comes
        right after a 0 of devmem_is_allowed().
        """,
    ),
    proved(
        "EXC-4",
        "new",
        """
        The lock is taken after the only early return, both ways out of the walk lead to the
        unlock, and next_resource() is called between the two. The answer is old as soon as the
        lock is released: what is done with it needs an order of its own (REV-6).
        """,
    ),
    proved(
        "EXC-5",
        "new",
        """
        Below 1 MiB nothing is denied: RAM reads as zeros and claims are passed over. So the claim
        of a range that lies there is never revoked, both its ends being allowed.
        """,
    ),
    proved(
        "EXC-5a",
        "new",
        """
        Here the first MiB is no exception, and there is no third answer. At v5.10 this text is
        arm64's; 527701eda5f1 (5.11) moved it to lib/devmem_is_allowed.c for all who have no other.
        """,
    ),
    proved(
        "EXC-6",
        "new",
        """
        The test `offset + size - 1 < offset` lets through a range that ends with the last of the
        64-bit addresses, whose end wraps to 0. valid_mmap_phys_addr_range() refuses it: on x86
        the last byte must have a physical address, of which there are at most 52 bits.
        """,
    ),
    proved(
        "EXC-7",
        "new",
        """
        The test comes before the remap, on the same pfn and size, and its failure is a return of
        its own. Between the two a claim may come; mmap_lock does not keep it away.
        """,
    ),
    proved(
        "REV-3",
        "H",
        """
        The offset of the mapping is the physical address, so vm_pgoff is the pfn from the start,
        and remap_pfn_range() gets vm_pgoff and the whole VMA. unmap_mapping_range() finds the
        pages of a physical range by that number.
        """,
    ),
    proved(
        "REV-3a",
        "H",
        """
        The offset in the BAR becomes a pfn in vm_pgoff itself, and the remap starts from
        vm_pgoff. Were the pfn computed for the remap alone, as the killer does it, the mapping
        would work and no revoke would find it.
        """,
    ),
    proved(
        "REV-3b",
        "H",
        """
        The offset is what user space sees as an address. It becomes an offset in the BAR, and
        goes on as in sysfs.
        """,
    ),
    proved("REV-6", "H", reasons.BUSY_FIRST),
    proved("REV-6a", "new", reasons.WHAT_WAS_ASKED_FOR),
    proved("REV-8", "H", reasons.PORTS_ARE_APART),
    proved("REV-10", "H", reasons.LOCK_IS_DROPPED),
    proved("REV-11", "H", reasons.RELAXED_DOES_NOTHING, reasons.BUT_NOT_RAM),
    proved("REV-11a", "new", reasons.CONFIGURED_OUT),
    refuted("REV-12", "?", reasons.TWO_SAMPLES),
    proved("REV-12a", "new", reasons.WHEN_TWO_ARE_ENOUGH),
    refuted("REV-13", "new", reasons.ROUNDED_APART),
    proved("REV-13a", "new", reasons.ALIGNED_IS_FINE),
    proved("REV-13b", "new", reasons.NOTHING_ELSE),
    proved("REV-14", "new", reasons.CALLER_DECIDES),
    proved(
        "PCI-4",
        "new",
        """
        The first page must not lie in front of the start nor at or behind the end, and the page
        behind the last must not lie behind the end. `start + nr` does not wrap, because do_mmap()
        refuses that (VMA-NEW). Of a BAR smaller than a page the whole page is mapped.
        """,
    ),
    refuted(
        "PCI-4a",
        "new",
        """
        `vm_pgoff -= start >> PAGE_SHIFT` goes below 0 for an offset in front of the BAR, and
        adding the number of pages wraps it back, so that the test against the size passes. In the
        trace a mapping begins in front of the BAR. The callers ask pci_mmap_fits() first, which
        refuses it (PCI-4@legacy); the range check in pci_mmap_resource_range() alone would not.
        """,
    ),
    proved(
        "PCI-4b",
        "new",
        "The three tests say no more than they must. A BAR without a length is never mapped.",
    ),
    proved(
        "PCI-5",
        "new",
        """
        The offset plus the pages is tested against the pages that the BAR's length fills, and
        then the BAR's first pfn is added. A BAR that is not there (all zero) and one of all
        addresses are left out: the length of both is 0, and the test does not see them.
        pci_mmap_fits() does.
        """,
    ),
)
