"""What the systems of device memory speak of: any number of everything."""

from __future__ import annotations

from staleproof.lang.kinds import Element, Members


class Page(Element):
    """A page frame of device memory."""


class Vma(Element):
    """A virtual memory area, from before its mmap to after its munmap (struct vm_area_struct)."""


class File(Element):
    """An open file (struct file)."""


class Mapping(Element):
    """What zaps go through: the i_mmap tree of an inode (struct address_space)."""


class Claim(Element):
    """One request of a driver for a range of device memory (struct resource, IORESOURCE_BUSY)."""


class Mm(Element):
    """An address space of user processes (struct mm_struct)."""


class Cpu(Element):
    """A processor with a TLB."""


class Kind(Members):
    """What a file is."""

    DEVMEM: Kind  # /dev/mem
    PCI_SYSFS: Kind  # resourceN and resourceN_wc in sysfs
    PCI_PROC: Kind  # /proc/bus/pci/BB/DD.F
    LEGACY_IO: Kind  # legacy_io of a PCI bus in sysfs
    LEGACY_MEM: Kind  # legacy_mem of a PCI bus in sysfs
    ARCH_SYSFS: Kind  # resourceN as alpha makes it, with attributes of its own


OF_SYSFS = (Kind.PCI_SYSFS, Kind.LEGACY_IO, Kind.LEGACY_MEM, Kind.ARCH_SYSFS)


class Stage(Members):
    """How far a VMA has come."""

    UNUSED: Stage
    CHECKING: Stage  # ->mmap runs and looks at who claims the pages
    REMAPPING: Stage  # ->mmap runs and fills PTEs
    FAILED: Stage  # ->mmap has failed half-way; the VMA is not yet torn down
    MAPPED: Stage  # ->mmap has returned; the VMA is in no i_mmap tree yet
    LINKED: Stage  # the VMA is in the i_mmap tree of its file's f_mapping
    DETACHED: Stage  # munmap runs: find_vma() does not see the VMA, the i_mmap tree has it
    UNLINKED: Stage  # munmap runs: the VMA has left the i_mmap tree
    GONE: Stage


class Phase(Members):
    """How far a claim has come."""

    FREE: Phase
    BUSY: Phase  # the resource is in the tree, resource_lock has been dropped
    ZAPPING: Phase  # unmap_mapping_range runs, with the i_mmap lock
    OWNED: Phase  # the driver has its answer and uses the device


class Removal(Members):
    """How far the removal of a sysfs file has come."""

    PRESENT: Removal
    WAITING: Removal  # deactivated; active references are waited for
    ZAPPING: Removal
    REMOVED: Removal


class Init(Members):
    """What has become of iomem_init_inode()."""

    PENDING: Init
    DONE: Init
    FAILED: Init
