"""Why the claims about device memory come out as they do, and the makers of claims."""

from __future__ import annotations

from staleproof.claims import Rows
from staleproof.kernel.device_memory.statements import STATEMENTS

SAME_AS_V4 = ("v4/15",)
"""Versions at which the systems are those of v4."""


def _kin(name: str, version: str) -> str:
    return f"device memory, {'v4' if version in SAME_AS_V4 else version}"


_ROWS = Rows(STATEMENTS, _kin)
proved, refuted = _ROWS.proved, _ROWS.refuted


WINDOW = """
    mmap of these files asks who claims the memory, then fills the PTEs, and all that inside
    ->mmap; only afterwards mmap_region() puts the VMA into the i_mmap tree (vma_link). A driver
    that claims the range in between finds no VMA: __request_region() makes the resource BUSY and
    unmap_mapping_range() walks a tree in which the VMA is not. When the mmap ends, the process
    has PTEs for memory that the driver takes for its own, and nothing will take them away.
    mmap_lock does not help, for unmap_mapping_range() does not take it.
"""

WINDOW_TODAY = """
    vfio-pci met the same window and left it in 6.10 (aac6db75a9fc) by filling PTEs in the fault
    handler only. /dev/mem and the PCI files still fill them in ->mmap. What would close it is
    REV-1b.
"""

CLAIM_THEN_ZAP = """
    The order is claim, then zap. A VMA that is in the tree when the resource becomes BUSY stays
    there until it is unmapped, so the zap visits it; and nothing gives it a PTE again: ->mmap is
    over, there is no fault handler, and fork and mremap copy only what the source still has. They
    link the new VMA after the old one, so a zap comes to the source first, and what it clears is
    not copied any more.
"""

COPIES_COUNT = """
    Copies are covered, too: what fork or mremap makes of such a VMA, or a split, counts as linked
    before the claim.
"""

NOT_PCI_YET = """
    Before patch 15, files of PCI devices are opened with the mapping of their own inode, and claims
    zap another one. So a claim revokes no mapping of them at all.
"""

LINKED_LATE = """
    This is what remains of REV-1 when VMAs that were linked after the claim are counted: an mmap
    that had its PTEs before the claim, and links its VMA when the zap is over. So "linked before
    the claim" is needed in REV-1a.
"""

TLB_TAIL = """
    munmap clears the PTEs, takes the VMA out of the i_mmap tree, and flushes the TLBs last. A claim
    that comes between the last two finds neither PTE nor VMA, and its driver begins to use the
    device while another processor still has the translation: CVE-2022-39188. So "still linked" is
    needed in REV-1a, until munmap flushes before it unlinks (b67fbebd4cf9).
"""

FLUSHED_FIRST = """
    tlb_end_vma() flushes for a VM_PFNMAP VMA before free_pgtables() unlinks it (b67fbebd4cf9). So
    what is no longer in the tree is in no TLB either, and the exception that REV-1a makes for VMAs
    that are being unmapped is not needed any more.
"""

LOW_MEGABYTE = """
    On x86 devmem_is_allowed() never refuses a page below 1 MiB, so revoke_iomem() finds both ends
    of the claim allowed and returns without a zap. That is meant: X servers and dosemu map the
    BIOS and the video memory there.
"""

RELAXED = """
    With iomem=relaxed nothing is exclusive, both ends of every claim are allowed, and revocation
    returns without a zap. That is what the option is for, and REV-11 says so.
"""

OTHER_PARENT = """
    __request_region() revokes only if the parent that its caller has named is &iomem_resource
    itself. A driver that claims a part of a BAR under the BAR's own resource gets it without any
    zap. Whether a driver does that with memory that user space can map is for its author to say.
"""

UNALIGNED = """
    unmap_mapping_range() rounds the start down and the length up, each for itself (REV-13). A claim
    that begins in the middle of a page and ends in a later one can lose its last page by that: it
    is exclusive, but not zapped.
"""

ALPHA = """
    alpha creates its resource attributes itself (arch/alpha/kernel/pci-sysfs.c) and gives them no
    mapping, so its files keep the mapping of their own inode and claims do not find their VMAs.
"""

LEGACY_MEM = """
    Patch 15 assigns the mapping of legacy_io twice, where the second assignment was to name
    legacy_mem. So legacy_mem is opened with the mapping of its own inode, and claims do not find
    its VMAs. Fixed by 045a9277b561 in 5.14.
"""

OTHER_WAYS = """
    A resource becomes BUSY on other ways than request_region(), too: insert_resource() and
    request_resource() with IORESOURCE_BUSY in the flags, devm_request_resource(), reserve= on the
    command line. None of them revokes. The trace has a mapping that was there before, and the owner
    goes on as if it were alone. A driver that shares its memory with nobody should come by
    request_mem_region().
"""

FIRST_PAGE_ONLY = """
    pci_mmap_resource() and, from patch 11 on, proc_bus_pci_mmap() ask iomem_is_exclusive() about
    res->start alone. The trace has a BAR of two pages of which a driver claims the second; the
    first is free, so the test passes and both are mapped. /dev/mem asks about every page
    (range_is_allowed). A driver that claims a part of a BAR is protected against mappings that
    exist by the zap, and not against new ones. The fix would be to test the mapped range, as
    range_is_allowed() does, or resource_is_exclusive(), which takes a range since 5.16.
"""

LEGACY_ASKS_NOTHING = """
    pci_mmap_legacy_io() and pci_mmap_legacy_mem() ask nobody. The range is that of the bus and not
    of a device's BAR, so there is no one resource to ask about; but what lies in it may be claimed.
    pci_mmap_legacy_page_range() of powerpc and of microblaze look only at where the range lies
    (LEGACY-UNTESTED).
"""

WRONG_MAPPING_DRAINED = """
    kernfs_drain_open_files() zaps file_inode(of->file)->i_mapping. Since patch 15 the VMAs of these
    files are in the tree of iomem_inode, for vm_file->f_mapping decides that. So the removal of the
    file, that is the hot-unplug of the device, finds no VMA and zaps nothing; the process keeps its
    PTEs to a BAR that may be given to another device. Before the series the two mappings were one;
    in v4 they still are without CONFIG_IO_STRICT_DEVMEM, where sysfs has no mapping to take.
    The fix would be to zap of->file->f_mapping, over the range of the file.
"""

MMAP_AFTER_DRAIN = """
    The active reference that kernfs_fop_mmap() holds ends with ->mmap, and the VMA is linked after
    that. Removal waits for the reference, zaps what is linked, and is done, and then the VMA is
    linked with its PTEs. The window is that of REV-1, and old.
"""

DRAIN_FINDS_LINKED = """
    As long as f_mapping is the inode's own mapping, removal zaps the tree in which the VMAs are. It
    holds the i_mmap lock of that tree, so none of them leaves it, and none is copied or split,
    before all are done with. What fork and mremap have begun to copy before goes on, and is zapped
    after its source, as in REV-1a.
"""

NO_MMAP_OF_REMOVED = """
    kernfs_fop_mmap() takes an active reference before it calls ->mmap, and gives it back when
    ->mmap has returned. kernfs_drain() deactivates the file, so that no reference can be taken any
    more, and waits for those that were. That keeps ->mmap out, and not vma_link(), which comes
    after it: SYS-1.
"""

STUB_NAMES_NOTHING = """
    Without CONFIG_IO_STRICT_DEVMEM the stub of v4 returns NULL, the attribute names nothing, and
    sysfs_kf_bin_open() passes over it. Nothing is revoked in such a kernel, so nothing is lost. As
    merged, the getter is always there.
"""

ATTRIBUTES_REDIRECT = """
    The attribute gets what the getter gives when it is created, and sysfs_kf_bin_open() stores it
    in f_mapping. legacy_mem is not meant to name anything here (REV-2).
"""

INODE_STAYS = """
    iomem_init_inode() runs once. Nothing else assigns iomem_inode, and nothing gives it up.
"""

DEVMEM_ASKS_EACH_PAGE = """
    range_is_allowed() asks devmem_is_allowed() about each page, and mmap_mem() goes on only if all
    are allowed. Each answer is old as soon as it is given: REV-1.
"""

EARLY_ATTRIBUTES = """
    pci_create_legacy_files() calls iomem_get_mapping() when it creates legacy_io, and that is when
    the bus is found, in a subsys_initcall. iomem_inode is made in an fs_initcall, which comes
    later; so the getter dereferences NULL at boot, on machines that have these files. The files of
    devices wait for pci_sysfs_init(), a late_initcall, and are not in danger.
"""

ALL_ATTRIBUTES_WAIT = """
    efd532a679af, merged with the series, lets the legacy files wait for sysfs_initialized, too, as
    pci_create_sysfs_dev_files() does for the files of devices. pci_sysfs_init() is a late_initcall,
    after all fs_initcalls. The first table has this row VIOLATED at 5.12, and that errs
    (docs/findings.md). 93bb8e352a91 makes the order irrelevant: the attribute names the getter, and
    open() calls it.
"""

NO_INODE_NO_GETTER = """
    If there is no memory for iomem_inode, the getter dereferences NULL at the first open of
    /dev/mem; from patch 15 until 93bb8e352a91 when the first attribute of a PCI device is created,
    which is at boot. Before patch 13 no /dev/mem was created in that case. It takes a failing
    allocation while the kernel boots, so it is a blemish and no more.
"""

STUB_RETURNS_NULL = """
    Without CONFIG_IO_STRICT_DEVMEM iomem_get_mapping() is a stub that returns NULL in v4. open() of
    /dev/mem, and from patch 15 on of /proc/bus/pci, stores it in file->f_mapping, and
    do_dentry_open() initialises the readahead state from f_mapping->host. So that open never
    returns, and nothing is mapped through these files. sysfs passes over NULL, and its files keep
    the mapping of their own inode.
    Found in the review of v5; in v6 the getter is always there.
"""

REMAP_BEFORE_LINK = """
    call_mmap() fills the PTEs before vma_link() puts the VMA into the tree. That order is the root
    of the window in REV-1 and in SYS-1.
"""

FLUSH_AFTER_UNLINK = """
    munmap clears PTEs (unmap_vmas), takes VMAs out of their i_mmap trees (free_pgtables), and
    flushes last (tlb_finish_mmu). In between a zap finds nothing, and a TLB entry still works:
    CVE-2022-39188.
"""

LINK_THEN_COPY = """
    dup_mmap() and copy_vma() insert the new VMA after the old one in the i_mmap tree, under the
    i_mmap lock for writing, before any PTE is copied or moved. A traversal holds the lock all the
    time, so it sees both or neither, and it sees the old one first.
"""

WHO_CLEARS_FLUSHES = """
    Who clears a PTE flushes: mremap before it drops the page-table locks (move_ptes), a zap before
    it goes on to the next VMA. This is why a zap may be modelled with a flush of each VMA that it
    visits. The kernel flushes only if the zap has cleared a PTE, or if another zap or a munmap is
    under way in the address space (mm_tlb_flush_nested); where neither is so, there is nothing to
    flush.
"""

REMAP_LEAVES_PTES = """
    remap_pfn_range() fails half-way, for lack of memory for a page table, and leaves the PTEs that
    it has set to whoever tears the VMA down. Between the two, the driver whose ->mmap has failed
    frees the pages: CVE-2024-47674.
"""
