"""Wrong variants: each must make some property fail that is proved without it."""

from __future__ import annotations

from staleproof.kernel.device_memory.boot import Boot
from staleproof.kernel.device_memory.files import Files
from staleproof.kernel.device_memory.fork import Fork
from staleproof.kernel.device_memory.mmap import Mmap
from staleproof.kernel.device_memory.mmap_tests import MmapTests
from staleproof.kernel.device_memory.mremap import Mremap
from staleproof.kernel.device_memory.publication import Publication
from staleproof.kernel.device_memory.resources import Resources
from staleproof.kernel.device_memory.revoke import Revoke
from staleproof.kernel.device_memory.sorts import (
    Claim,
    Cpu,
    File,
    Init,
    Kind,
    Page,
    Phase,
    Stage,
    Vma,
)
from staleproof.kernel.device_memory.sysfs import SysfsRemoval
from staleproof.lang.model import action
from staleproof.lang.terms import FALSE, TRUE, Term, implies


class ZapWithoutFlush(Revoke):
    """Revocation clears PTEs and flushes no TLB."""

    def flush(s, c: Claim, v: Vma) -> None:
        """Nothing is flushed."""


class ZapEndsEarly(Revoke):
    """request_region() returns before revocation has visited every VMA of the tree."""

    def is_done(s, c: Claim) -> Term:
        """Revocation may end at any time."""
        return TRUE


class ClaimIsVisibleLate(Resources):
    """A claim is BUSY for others only when its zap is over."""

    def is_visible(s, c: Claim) -> Term:
        """Who looks at the resource tree sees the claim when its driver goes on."""
        return s.phase[c] == Phase.OWNED


class CopiesComeFirst(Fork):
    """The child's VMA stands before its parent's in the i_mmap tree, so a zap visits it first."""

    def comes_next(s, c: Claim, v: Vma) -> Term:
        """Revocation visits VMAs in any order."""
        return TRUE


class MoveWithoutFlush(Mremap):
    """mremap moves PTEs and leaves the translations of the old place in the TLBs."""

    def flush_moved(s, old: Vma, p: Page) -> None:
        """Nothing is flushed."""


class PteBeforeLink(Mmap):
    """->mmap fills PTEs, before the VMA is linked, beside what faults do."""

    @action(kernel="mm/memory.c: remap_pte_range", holds="mmap_lock w, ptl", adds=True)
    def prefault_pte(s, v: Vma, p: Page) -> None:
        """->mmap fills one PTE although the VMA is not linked."""
        s.require(s.stage[v] == Stage.MAPPED, s.covers[v, p], ~s.pte[v, p])
        s.pte[v, p] = True


class ProcfsAsksNothing(MmapTests):
    """proc_bus_pci_mmap() asks for no permission."""

    @action(kernel="drivers/pci/proc.c: proc_bus_pci_mmap", holds="mmap_lock w")
    def begin_mmap(s, v: Vma, f: File) -> None:
        """A process calls the ->mmap of an open file."""
        super(MmapTests, s).begin_mmap(v, f)
        s.locked_then[v] = s.lockdown
        s.note_exclusive(v)


class ProcfsForgetsLockdown(MmapTests):
    """proc_bus_pci_mmap() asks for CAP_SYS_RAWIO and not whether the kernel is locked down."""

    @action(kernel="drivers/pci/proc.c: proc_bus_pci_mmap", holds="mmap_lock w")
    def begin_mmap(s, v: Vma, f: File) -> None:
        """A process calls the ->mmap of an open file, which in procfs asks for one permission."""
        s.require(implies(s.is_kind(f, Kind.PCI_PROC), s.rawio[s.mm[v]]))
        super(MmapTests, s).begin_mmap(v, f)
        s.locked_then[v] = s.lockdown
        s.note_exclusive(v)


class ProcfsForgetsTheBar(Mmap):
    """proc_bus_pci_mmap() does not ask who claims the BAR, as before patch 11."""

    def tests_bar(s, v: Vma) -> Term:
        """->mmap asks about the BAR in sysfs only."""
        return s.is_kind(s.file[v], Kind.PCI_SYSFS)


class DrainEndsEarly(SysfsRemoval):
    """Removal returns before it has zapped every VMA of its tree."""

    def is_drained(s, f: File) -> Term:
        """Removal may end at any time."""
        return TRUE


class OpenRedirectsNothing(Files):
    """Every file is opened with the mapping of its own inode."""

    def mapping_at_open(s, f: File) -> Term:
        """The mapping of the file's own inode."""
        return s.own[f]


class DevmemAsksNothing(Mmap):
    """mmap of /dev/mem asks about no page."""

    def tests_pages(s, v: Vma) -> Term:
        """->mmap asks about no page."""
        return FALSE


class AttributesAreNotRead(Boot):
    """sysfs_kf_bin_open() does not look at the attribute, as before patch 14."""

    def mapping_of_sysfs(s, f: File) -> Term:
        """The mapping of the file's own inode."""
        return s.own[f]


class InodeIsTakenAway(Boot):
    """iomem_init_inode() may fail after it has published the inode."""

    @action(kernel="kernel/resource.c: iomem_init_inode (fs_initcall)")
    def fail_iomem_inode(s) -> None:
        """iomem_inode is NULL, whatever it was before."""
        s.init = Init.FAILED


class DrainWithoutFlush(SysfsRemoval):
    """Removal clears PTEs and flushes no TLB."""

    def flush_drained(s, v: Vma) -> None:
        """Nothing is flushed."""


class RemovedFilesAreMapped(SysfsRemoval):
    """kernfs_fop_mmap() takes no active reference."""

    @action(kernel="fs/kernfs/file.c: kernfs_fop_mmap", holds="mmap_lock w, of->mutex")
    def begin_mmap(s, v: Vma, f: File) -> None:
        """A process calls ->mmap of an open file, whether it is removed or not."""
        super(SysfsRemoval, s).begin_mmap(v, f)


class GetterIsStub(Boot):
    """/dev/mem is opened with a getter that returns NULL without CONFIG_IO_STRICT_DEVMEM."""

    def getter_gives(s) -> Term:
        """The getter is the real one."""
        return s.io_strict_devmem

    def opens_with_getter(s, f: File) -> Term:
        """The open of /dev/mem calls it."""
        return s.is_kind(f, Kind.DEVMEM)


class EarlyGetter(Boot):
    """The creation of legacy_io waits for nothing, and calls the getter at once."""

    def legacy_files_wait(s) -> Term:
        """legacy_io is created when its bus is found."""
        return FALSE

    def creation_calls_getter(s, k: Kind) -> Term:
        """The creation of legacy_io calls it."""
        return k == Kind.LEGACY_IO


class EveryAttributeRedirects(Boot):
    """Every sysfs file is opened with the mapping of iomem_inode, named or not."""

    def mapping_of_sysfs(s, f: File) -> Term:
        """The mapping of iomem_inode."""
        return s.iomem


class PlainStore(Publication):
    """iomem_inode is published by a plain store."""

    def is_released(s) -> Term:
        """The pointer may become visible before the fields."""
        return TRUE


class PlainLoad(Publication):
    """iomem_inode is read by a plain load."""

    def is_acquired(s, u: Cpu) -> Term:
        """The fields may be loaded before the pointer."""
        return TRUE
