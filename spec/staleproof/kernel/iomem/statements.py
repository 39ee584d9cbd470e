"""What each property of device memory says, in kernel words, and which verdict means what.

EXC-1, EXC-2, REV-3, REV-6, REV-8 and REV-10 to REV-12 are rows of the first table
(docs/findings.md); the others were added, because a row said two things at once, or holds only
under a condition that deserves a name.
"""

from __future__ import annotations

STATEMENTS = {
    "EXC-1": "iomem_is_exclusive(addr) is true exactly if strict_iomem_checks is set and some "
    "busy resource, exclusive or with CONFIG_IO_STRICT_DEVMEM any, has a byte in common with "
    "the page of addr (the last page of the 64-bit addresses aside).",
    "EXC-1a": "iomem_is_exclusive(addr) is true only if a busy resource contains addr itself, "
    "and not just another byte of its page.",
    "EXC-1b": "What EXC-1 says of iomem_is_exclusive() is true of the last page of the 64-bit "
    "addresses, too.",
    "EXC-2": "With CONFIG_STRICT_DEVMEM, range_is_allowed() lets a range through only after "
    "devmem_is_allowed() has allowed each of its pages (for ranges that end below the last page "
    "of the 64-bit addresses).",
    "EXC-2a": "Without CONFIG_STRICT_DEVMEM, range_is_allowed() lets every range through and "
    "asks about no page.",
    "EXC-2b": "What EXC-2 says of range_is_allowed() is true of a range that ends with the very "
    "last of the 64-bit addresses, too.",
    "EXC-2c": "range_is_allowed() refuses only because devmem_is_allowed() has denied a page, and "
    "asks about pages of its range alone (the latter for the ranges of EXC-2).",
    "EXC-4": "iomem_is_exclusive() releases resource_lock as often as it takes it on every "
    "path, and looks at the resource tree only while it holds it.",
    "EXC-5": "devmem_is_allowed() of x86 gives 0 exactly for the pages at or above 1 MiB that "
    "are RAM or exclusive, 2 for RAM below 1 MiB, and 1 for all others.",
    "EXC-5a": "The generic devmem_is_allowed() refuses exactly the pages that are RAM or "
    "exclusive.",
    "EXC-6": "mmap of /dev/mem asks range_is_allowed() only about ranges that end below the "
    "last page of the 64-bit addresses, which are those that EXC-2 speaks of (x86).",
    "EXC-7": "mmap of /dev/mem fills PTEs only for a range that range_is_allowed() has let "
    "through, and gives -EPERM for one that it has not.",
    "REV-3": "After a successful mmap of /dev/mem, page i of the VMA maps pfn vm_pgoff + i.",
    "REV-3a": "After a successful pci_mmap_resource_range() (mmap of a BAR through sysfs), page "
    "i of the VMA maps pfn vm_pgoff + i.",
    "REV-3b": "After a successful pci_mmap_page_range() (mmap of a BAR through procfs), page i "
    "of the VMA maps pfn vm_pgoff + i.",
    "REV-6": "A claim of a region zaps user mappings only when its resource is in the tree, is "
    "busy, and can be seen by others, resource_lock having been released; with revoke_iomem() "
    "in the same text, what is zapped is exactly the claimed bytes.",
    "REV-6a": "A claim of n bytes from start that succeeds has put a busy resource into the tree "
    "that covers exactly these bytes and has the flags that were named; one that fails has put "
    "nothing there.",
    "REV-8": "A claim under &ioport_resource, that is of I/O ports, never zaps a mapping of "
    "device memory.",
    "REV-10": "A claim of a region does not hold resource_lock when unmap_mapping_range() is "
    "called or when it sleeps, and returns without it.",
    "REV-11": "With strict_iomem_checks off (iomem=relaxed), the revoke of a claim of which "
    "neither end page is RAM zaps nothing.",
    "REV-11a": "Without CONFIG_IO_STRICT_DEVMEM, or as long as there is no inode to revoke "
    "through, the revoke of a claim zaps nothing.",
    "REV-12": "The revoke zaps whenever devmem_is_allowed() denies some page of the claim: "
    "asking about the two end pages is as good as asking about each (given "
    "CONFIG_IO_STRICT_DEVMEM).",
    "REV-12a": "With strict_iomem_checks, the revoke zaps whenever devmem_is_allowed() denies some "
    "page of the claim (given CONFIG_IO_STRICT_DEVMEM, without which there is no revoke).",
    "REV-13": "unmap_mapping_range(begin, length) zaps every page that has one of these bytes.",
    "REV-13a": "unmap_mapping_range(begin, length) zaps every page that has one of these bytes, "
    "provided that begin is the first byte of a page.",
    "REV-13b": "unmap_mapping_range(begin, length) zaps no page that has none of these bytes, "
    "provided that begin is the first byte of a page; a length of 0 stands for all that follows.",
    "REV-14": "A claim of a region calls the revoke exactly if it succeeds and the parent that "
    "the caller named is &iomem_resource, wherever in the tree the resource ends up.",
    "PCI-4": "pci_mmap_fits() lets a mapping through only if all its pages are among those that "
    "the length of the BAR fills, counted from the BAR's start (sysfs) or from what user space "
    "sees as its start (procfs).",
    "PCI-4a": "pci_mmap_page_range() by itself, without pci_mmap_fits(), refuses a mapping that "
    "begins in front of the BAR.",
    "PCI-4b": "pci_mmap_fits() lets through every mapping whose pages are all among those that "
    "PCI-4 speaks of.",
    "PCI-5": "After a successful pci_mmap_resource_range() of a memory BAR, vm_pgoff is the pfn "
    "of the BAR plus the offset that was asked for, and no page lies beyond the BAR.",
}
