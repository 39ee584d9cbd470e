"""What each property of device memory says, in kernel words."""

from __future__ import annotations

_FOUND = (
    "After request_region() has returned (CONFIG_IO_STRICT_DEVMEM=y, not iomem=relaxed, parent"
    " &iomem_resource, a claim that begins at a page boundary and does not lie wholly below 1 MiB),"
    " no PTE and no TLB entry of a {files} VMA leads to a page of the claim, if the VMA was in its"
    " i_mmap tree when the claim became BUSY, and still is"
)
_ALL = "/dev/mem, PCI sysfs, PCI procfs or legacy_io"

STATEMENTS = {
    "REV-1": (
        "After request_region() has returned (CONFIG_IO_STRICT_DEVMEM=y, not iomem=relaxed, parent"
        " &iomem_resource, the claim page aligned and the page at or above 1 MiB), no PTE and no"
        " TLB entry of any /dev/mem, PCI sysfs or PCI procfs VMA leads to a page of the claim."
    ),
    "REV-1a": _FOUND.format(files=_ALL) + ".",
    "REV-1b": (
        "REV-1 in a kernel that is changed so that whoever fills a PTE, or links a VMA that has"
        " some, asks devmem_is_allowed() once more."
    ),
    "REV-1c": "REV-1a of all VMAs that are linked, also of those linked after the claim.",
    "REV-1d": "REV-1a of VMAs in an i_mmap tree at the claim, also if they are being unmapped.",
    "REV-1e": "REV-1a also for claims that lie wholly below 1 MiB.",
    "REV-1f": "REV-1a also with iomem=relaxed.",
    "REV-1g": "REV-1a also for claims whose parent is another resource than iomem_resource.",
    "REV-1h": "REV-1a also for claims that begin in the middle of a page.",
    "REV-1i": "REV-1a for every file that can map device memory, alpha's own attributes included.",
    "REV-1j": "REV-1a also for legacy_mem, that is for all files but alpha's own attributes.",
    "REV-2": (
        "With CONFIG_IO_STRICT_DEVMEM, without which claims zap nothing: every open file that can"
        " map device memory has the f_mapping that claims zap."
    ),
    "REV-2a": "REV-2 without the resource attributes that alpha creates for itself.",
    "REV-4": "open() of a file that can map device memory never leaves file->f_mapping NULL.",
    "REV-5": _FOUND.format(files="/dev/mem") + ".",
    "REV-7": "A processor that reads iomem_inode other than NULL finds the inode initialised.",
    "REV-9": "REV-1a whichever way the resource has become BUSY, not only by request_region().",
    "PCI-1": (
        "mmap of a PCI sysfs or procfs file succeeds only if no page of the mapped range was"
        " exclusive when ->mmap asked."
    ),
    "PCI-2": (
        "mmap through PCI procfs succeeds only with CAP_SYS_RAWIO, and if the kernel was not locked"
        " down when ->mmap asked."
    ),
    "PCI-3": (
        "mmap through PCI procfs fails if the BAR's first page was exclusive when ->mmap asked."
    ),
    "PCI-6": (
        "mmap of legacy_io or legacy_mem succeeds only if no page of the mapped range was exclusive"
        " when ->mmap was called."
    ),
    "SYS-1": (
        "After the removal of a sysfs file has returned, no PTE and no TLB entry is left of a VMA"
        " that was mapped through it and is linked."
    ),
    "SYS-1a": (
        "SYS-1 for VMAs that were in their i_mmap tree when the removal began to zap, and what"
        " fork, mremap or a split has made of them; also if they are being unmapped."
    ),
    "SYS-2": (
        "iomem_get_mapping() is never called before iomem_init_inode() has run, if that succeeds."
    ),
    "SYS-2a": "iomem_get_mapping() is never called after iomem_init_inode() has failed.",
    "SYS-3": "open() of a sysfs file whose attribute names no mapping leaves f_mapping as it was.",
    "SYS-4": (
        "A sysfs file whose attribute is meant to name the mapping of iomem_inode is opened with"
        " that mapping."
    ),
    "SYS-5": (
        "iomem_inode, once there, stays: it is there as long as a file is open with its mapping."
    ),
    "SYS-6": (
        "When the removal of a sysfs file begins to zap, no ->mmap of the file is running, and none"
        " begins any more."
    ),
    "MAP-1": "A VMA of device memory is in its i_mmap tree before it has its first PTE.",
    "MAP-2": (
        "mmap of /dev/mem (CONFIG_STRICT_DEVMEM=y) fills PTEs only if each page of the range, at or"
        " above 1 MiB, was not exclusive when range_is_allowed() asked about it."
    ),
    "TLB-1": (
        "When a VMA of device memory that is the first of a munmap has left its i_mmap tree, no TLB"
        " has a translation of it."
    ),
    "TLB-2": (
        "When a VMA of device memory that is not the first of a munmap has left its i_mmap tree, no"
        " TLB has a translation of it."
    ),
    "TLB-3": (
        "While a VMA is mapped, a TLB has a translation of it only if the PTE is there, or if a zap"
        " that has cleared the PTE is still to flush."
    ),
    "FORK-1": (
        "fork and mremap link the new VMA before they copy or move a PTE to it, and a zap that is"
        " at work on the new one is done with the old one."
    ),
    "RMP-1": "When remap_pfn_range() has returned an error, no PTE that it has set is left.",
}
