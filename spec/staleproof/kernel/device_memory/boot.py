"""Boot order: iomem_inode is made by an fs_initcall, sysfs attributes may be older or younger."""

from __future__ import annotations

from staleproof.kernel.device_memory.files import Files
from staleproof.kernel.device_memory.sorts import OF_SYSFS, File, Init, Kind
from staleproof.lang.model import action, initial, lemma, safety
from staleproof.lang.quantify import every
from staleproof.lang.state import Constant, Flag, Relation
from staleproof.lang.system import Assumption
from staleproof.lang.terms import FALSE, TRUE, Term, conj, disj, eq, implies, ite


class Boot(Files):
    """Attributes are created, iomem_inode is made, files are opened: in any order that boot allows.

    Each is one step: attributes are created by one thread, and what is opened is opened later.
    """

    init: Constant[Init]
    created: Relation[Kind]  # the sysfs attribute exists
    named: Relation[Kind]  # its `mapping` is not NULL
    has_mapping: Relation[File]  # file->f_mapping is not NULL
    null_read: Flag  # iomem_inode was read, and dereferenced, while it was NULL

    assumptions = (
        Assumption(
            "USER-AFTER-INIT", "user space opens files only after all fs_initcalls have run"
        ),
    )

    @initial
    def the_kernel_has_just_started(s) -> Term:
        """At the start there is neither iomem_inode nor any attribute."""
        return conj(
            s.init == Init.PENDING,
            ~s.null_read,
            every(Kind, lambda k: ~s.created[k] & ~s.named[k]),
            every(File, lambda f: ~s.has_mapping[f]),
        )

    def getter_gives(s) -> Term:
        """iomem_get_mapping() returns a mapping, not NULL."""
        return TRUE

    def attribute_names(s, k: Kind) -> Term:
        """An attribute of this kind gets its mapping when it is created."""
        return FALSE

    def creation_calls_getter(s, k: Kind) -> Term:
        """The creation of the attribute evaluates iomem_get_mapping()."""
        return s.attribute_names(k)

    def opens_with_getter(s, f: File) -> Term:
        """The open of the file calls iomem_get_mapping()."""
        return FALSE

    def attribute_is_read(s) -> Term:
        """sysfs_kf_bin_open() looks at the mapping of the attribute."""
        return FALSE

    def mapping_of_sysfs(s, f: File) -> Term:
        """That of the attribute, if it is read and not NULL, or else that of the own inode."""
        return ite(s.attribute_is_read() & s.named[s.kind[f]], s.iomem, s.own[f])

    @action(kernel="kernel/resource.c: iomem_init_inode (fs_initcall)", adds=True)
    def make_iomem_inode(s) -> None:
        """iomem_inode is made and published."""
        s.require(s.init == Init.PENDING)
        s.init = Init.DONE

    @action(kernel="kernel/resource.c: iomem_init_inode (fs_initcall)", adds=True)
    def fail_iomem_inode(s) -> None:
        """There is no memory for iomem_inode, and it stays NULL."""
        s.require(s.init == Init.PENDING)
        s.init = Init.FAILED

    def may_create(s, k: Kind) -> Term:
        """The files of devices wait for pci_sysfs_init() (late_initcall); those of buses do not."""
        return s.is_of_bus(k) | (s.init != Init.PENDING)

    def is_of_bus(s, k: Kind) -> Term:
        """The attribute is one of the legacy files of a bus."""
        return disj(eq(k, Kind.LEGACY_IO), eq(k, Kind.LEGACY_MEM))

    @action(kernel="drivers/pci/pci-sysfs.c: pci_create_attr", adds=True)
    def create_attribute(s, k: Kind) -> None:
        """A PCI device or bus is found, and its attribute is created."""
        s.require(disj(*(eq(k, of) for of in OF_SYSFS)), ~s.created[k], s.may_create(k))
        s.created[k] = True
        s.named[k] = s.attribute_names(k) & s.getter_gives()
        s.null_read = s.null_read | conj(
            s.creation_calls_getter(k), s.getter_gives(), s.init != Init.DONE
        )

    @action(kernel="fs/open.c: do_dentry_open")
    def open_file(s, f: File) -> None:
        """A process opens a file that can map device memory."""
        s.require(
            s.init != Init.PENDING,
            implies(s.is_kind(f, *OF_SYSFS), s.created[s.kind[f]]),
        )
        super().open_file(f)
        s.has_mapping[f] = implies(s.opens_with_getter(f), s.getter_gives())
        s.null_read = s.null_read | conj(
            s.opens_with_getter(f), s.getter_gives(), s.init != Init.DONE
        )

    @safety
    def open_gives_a_mapping(s, f: File) -> Term:
        """open() never leaves file->f_mapping NULL."""
        return implies(s.opened[f], s.has_mapping[f])

    @safety
    def getter_comes_after_init(s) -> Term:
        """iomem_get_mapping() is never called while iomem_inode is still to be made."""
        return implies(s.init != Init.FAILED, ~s.null_read)

    @safety
    def getter_survives_failed_init(s) -> Term:
        """iomem_get_mapping() is never called when iomem_inode could not be made."""
        return implies(s.init == Init.FAILED, ~s.null_read)

    @safety
    def unnamed_attributes_change_nothing(s, f: File) -> Term:
        """The open of a sysfs file whose attribute names no mapping leaves f_mapping as it was."""
        return implies(
            conj(s.opened[f], s.is_kind(f, *OF_SYSFS), ~s.named[s.kind[f]]),
            eq(s.f_mapping[f], s.own[f]),
        )

    @safety
    def attributes_redirect(s, f: File) -> Term:
        """A sysfs file whose attribute is to name the mapping of iomem_inode is opened with it."""
        return implies(
            conj(s.opened[f], s.is_kind(f, *OF_SYSFS), s.attribute_names(s.kind[f])),
            eq(s.f_mapping[f], s.iomem),
        )

    @safety
    def iomem_inode_stays(s, f: File) -> Term:
        """iomem_inode is there as long as a file is open with its mapping."""
        return implies(
            conj(s.opened[f], s.has_mapping[f], eq(s.f_mapping[f], s.iomem), ~s.null_read),
            s.init == Init.DONE,
        )

    @lemma
    def attributes_are_named(s, k: Kind) -> Term:
        """An attribute names the mapping just if it is meant to and the getter gives one."""
        return implies(s.created[k], eq(s.named[k], s.attribute_names(k) & s.getter_gives()))

    @lemma
    def names_come_from_the_getter(s, k: Kind) -> Term:
        """What an attribute got from the getter when it was created, it got after the initcall."""
        return implies(
            conj(s.created[k], s.creation_calls_getter(k), s.getter_gives(), ~s.null_read),
            s.init == Init.DONE,
        )

    @lemma
    def opens_come_after_init(s, f: File) -> Term:
        """What is open was opened after the initcalls, and after its attribute was created."""
        return implies(
            s.opened[f],
            (s.init != Init.PENDING) & implies(s.is_kind(f, *OF_SYSFS), s.created[s.kind[f]]),
        )
