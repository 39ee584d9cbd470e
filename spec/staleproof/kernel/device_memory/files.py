"""Opening a file that can map device memory: which i_mmap tree its mappings will be in."""

from __future__ import annotations

from staleproof.kernel.device_memory.sorts import File, Kind, Mapping
from staleproof.lang.model import Model, action, axiom, initial
from staleproof.lang.quantify import every
from staleproof.lang.state import Config, Constant, Fixed, Function, Relation
from staleproof.lang.terms import FALSE, TRUE, Term, conj, disj, eq, implies, ite


class Files(Model):
    """Files that can map device memory, and the mapping that each gets when it is opened.

    An open is one step: nobody else has the file yet, and what it reads does not change any more.
    One that stores NULL in f_mapping never returns, so it opens no file: do_dentry_open() reads
    f_mapping->host.
    """

    strict_devmem: Config  # CONFIG_STRICT_DEVMEM
    io_strict_devmem: Config  # CONFIG_IO_STRICT_DEVMEM
    relaxed: Config  # iomem=relaxed on the command line
    told_strict: Config  # iomem=strict on the command line

    kind: Fixed[Function[File, Kind]]
    own: Fixed[Function[File, Mapping]]  # inode->i_mapping of the file's own inode
    devmem: Fixed[Constant[Mapping]]  # devmem_inode->i_mapping
    iomem: Fixed[Constant[Mapping]]  # iomem_inode->i_mapping, from patch 13 on
    opened: Relation[File]
    f_mapping: Function[File, Mapping]

    @axiom
    def options_fit_together(s) -> Term:
        """IO_STRICT_DEVMEM depends on STRICT_DEVMEM, and of two iomem= options the last counts."""
        return conj(implies(s.io_strict_devmem, s.strict_devmem), ~(s.relaxed & s.told_strict))

    @axiom
    def inodes_have_their_own_mapping(s) -> Term:
        """The inode of no file that user space can name is devmem_inode or iomem_inode."""
        return conj(
            s.devmem != s.iomem,
            every(File, lambda f: (s.own[f] != s.devmem) & (s.own[f] != s.iomem)),
        )

    @initial
    def nothing_is_open(s) -> Term:
        """At the start no file is open."""
        return every(File, lambda f: ~s.opened[f])

    @property
    def strict_iomem_checks(s) -> Term:
        """The variable of that name in kernel/resource.c."""
        return (s.strict_devmem | s.told_strict) & ~s.relaxed

    def is_kind(s, f: File, *kinds: Kind) -> Term:
        """The file is one of these."""
        return disj(*(eq(s.kind[f], kind) for kind in kinds))

    @property
    def revoked_mapping(s) -> Term:
        """The mapping that a claim zaps: that of devmem_inode (revoke_devmem)."""
        return s.devmem

    def mapping_at_open(s, f: File) -> Term:
        """What open() puts into file->f_mapping."""
        return ite(
            s.is_kind(f, Kind.DEVMEM),
            s.mapping_of_devmem(f),
            ite(s.is_kind(f, Kind.PCI_PROC), s.mapping_of_procfs(f), s.mapping_of_sysfs(f)),
        )

    def mapping_of_devmem(s, f: File) -> Term:
        """What open_port() gives /dev/mem."""
        return s.devmem

    def mapping_of_procfs(s, f: File) -> Term:
        """What proc_bus_pci_open() leaves there: the mapping of the file's own inode."""
        return s.own[f]

    def mapping_of_sysfs(s, f: File) -> Term:
        """What kernfs_fop_open() leaves there: the mapping of the file's own inode."""
        return s.own[f]

    def has_attribute_mapping(s, f: File) -> Term:
        """The sysfs attribute of the file names a mapping, not NULL."""
        return s.attribute_names(s.kind[f]) & s.getter_gives()

    # Whom iomem_get_mapping() is called for: before the series for nobody

    def getter_gives(s) -> Term:
        """iomem_get_mapping() returns a mapping, not NULL."""
        return TRUE

    def attribute_names(s, k: Kind) -> Term:
        """A sysfs attribute of this kind names what iomem_get_mapping() returns."""
        return FALSE

    def opens_with_getter(s, f: File) -> Term:
        """The open of the file itself calls iomem_get_mapping(), and stores what it returns."""
        return FALSE

    def finds_null(s, f: File) -> Term:
        """The open of the file stores NULL in f_mapping, where it is dereferenced at once."""
        return s.opens_with_getter(f) & ~s.getter_gives()

    @action(kernel="fs/open.c: do_dentry_open")
    def open_file(s, f: File) -> None:
        """A process opens a file that can map device memory."""
        s.require(~s.opened[f], ~s.finds_null(f))
        s.f_mapping[f] = s.mapping_at_open(f)
        s.opened[f] = True
