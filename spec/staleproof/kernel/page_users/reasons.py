"""What the properties of page users say, and the makers of claims."""

from __future__ import annotations

from staleproof.claims import Rows

STATEMENTS = {
    "NSM-0": (
        "Who reads a page frame number from a PTE, drops the page-table lock and keeps the number,"
        " never uses the page after it was given to somebody else."
    ),
    "NSM-1": (
        "Who takes a reference of the page while it holds the page-table lock never uses the page"
        " after it was given to somebody else."
    ),
    "NSM-2": (
        "Who uses the page within the hold of the page-table lock in which it has read the PTE"
        " never uses it after it was given to somebody else."
    ),
    "NSM-3": (
        "Who keeps the page by an mmu notifier with a sequence retry never uses it after it was"
        " given to somebody else."
    ),
    "UFP-3": (
        "With CONFIG_STRICT_FOLLOW_PFN no user in the kernel uses a page after it was given to"
        " somebody else: videobuf1, videobuf2, vfio type1, KVM."
    ),
    "UFP-3b": "With CONFIG_STRICT_FOLLOW_PFN videobuf1 keeps no number of a page.",
    "UFP-3c": "With CONFIG_STRICT_FOLLOW_PFN videobuf2 keeps no number of a page.",
    "UFP-3d": "With CONFIG_STRICT_FOLLOW_PFN vfio type1 keeps no number of a page.",
    "D-1": (
        "A module that asks the kernel for the page behind a PTE gets it with the page-table lock"
        " held, and never as a bare number."
    ),
    "D-1a": (
        "With CONFIG_STRICT_FOLLOW_PFN a module whose licence is not the GPL gets the page behind a"
        " PTE with the page-table lock held, and never as a bare number."
    ),
    "GVF-8s": (
        "A device writes to a page of a user buffer only by a pin for writing, or if the PTE was"
        " writable (GVF-8 for all that keep such pages)."
    ),
    "GVF-9s": (
        "No device reaches a page of a user buffer after it was given to somebody else (GVF-9 for"
        " all that keep such pages: exynos g2d, habanalabs, videobuf2)."
    ),
    "GVF-9e": "GVF-9s, of exynos g2d alone.",
    "GVF-9h": "GVF-9s, of habanalabs alone.",
    "GVF-9v": "GVF-9s, of videobuf2 alone.",
    "GVF-10s": (
        "No buffer has a pin of a page in CMA, which the owner of that memory would wait for as"
        " long as user space likes (GVF-10 for exynos g2d, habanalabs and videobuf2)."
    ),
    "GVF-11s": (
        "No buffer has a pin of a page of a DAX file, which a truncate would wait for as long as"
        " user space likes (GVF-11 for exynos g2d, habanalabs and videobuf2)."
    ),
    "GVF-16s": (
        "No page is marked dirty at the release of a buffer after it was given to somebody else"
        " (GVF-16 for exynos g2d, habanalabs and videobuf2)."
    ),
    "GAP-1": "generic_access_phys(): at the copy, the PTE maps the page that is copied from or to.",
    "GAP-2": (
        "generic_access_phys(), access across a page boundary: at the copy, the next PTE maps the"
        " next page."
    ),
    "GAP-3": (
        "generic_access_phys() takes back each mapping that ioremap_prot() has made, once, with the"
        " page-table lock dropped, before it returns or begins again."
    ),
    "GAP-4": "generic_access_phys(): at a copy to the page, the PTE is writable.",
    "GAP-5": (
        "generic_access_phys() does not hold the page-table lock in ioremap_prot() or iounmap(),"
        " which sleep."
    ),
    "GAP-6": "Every call of generic_access_phys() ends.",
    "GAP-6a": (
        "Every call of generic_access_phys() during which the PTE does not change for ever ends."
    ),
    "GAP-8": (
        "generic_access_phys(): no byte is copied from or to a page after it was given to somebody"
        " else."
    ),
    "VFIO-1": "vfio type1: as long as the IOMMU maps a PFNMAP pfn, the PTE still maps it.",
    "VFIO-2": "vfio type1: the IOMMU never maps a page that was given to somebody else.",
    "KVM-1": "An entry of KVM's second-level page table leads to the page that the PTE maps.",
    "KVM-1a": (
        "After invalidate_range_start() has returned, KVM has no entry for the range until the end"
        " of the invalidation."
    ),
    "KVM-2": (
        "No page is freed while its owner has it, whatever references KVM takes of pages that a"
        " PTE of VM_PFNMAP memory names, and gives back."
    ),
    "KVM-3": "KVM makes a writable entry only for a PTE that was writable.",
    "S390-1": "The MMIO of the s390 system calls never goes to a page that was given away.",
    "S390-1a": (
        "At the MMIO of the s390 system calls the page-table lock is held since the PTE was read,"
        " and the PTE names the page."
    ),
    "S390-2": (
        "pci_mmio_read() demands VM_READ of the VMA and no other permission: it is refused exactly"
        " where that is missing."
    ),
    "NOT-1": "follow_pfn() with the subscription of another address space gives no pfn.",
    "NOT-2": "Who is subscribed to the address space never uses a page after it was given away.",
}

_ROWS = Rows(STATEMENTS, lambda name, version: "page users")
proved, refuted = _ROWS.proved, _ROWS.refuted
