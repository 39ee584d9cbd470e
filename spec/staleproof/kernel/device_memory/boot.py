"""Boot order: iomem_inode is made by an fs_initcall, sysfs attributes may be older or younger."""

from __future__ import annotations

from staleproof.kernel.device_memory.files import Files
from staleproof.kernel.device_memory.sorts import OF_SYSFS, File, Init, Kind
from staleproof.lang.model import action, initial, lemma, safety
from staleproof.lang.quantify import every
from staleproof.lang.state import Constant, Flag, Relation
from staleproof.lang.system import Assumption
from staleproof.lang.terms import FALSE, Term, conj, disj, eq, implies


class Boot(Files):
    """Attributes are created, iomem_inode is made, files are opened: in any order that boot allows.

    Each is one step: attributes are created by one thread, and what is opened is opened later. A
    creation or an open that dereferences NULL ends there, with no attribute and no open file.
    """

    init: Constant[Init]
    created: Relation[Kind]  # the sysfs attribute exists
    named: Relation[Kind]  # its `mapping` is not NULL
    f_mapping_is_null: Relation[File]  # an open has stored NULL in file->f_mapping
    null_dereferenced: Flag  # iomem_get_mapping() has dereferenced iomem_inode while it was NULL

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
            ~s.null_dereferenced,
            every(Kind, lambda k: ~s.created[k] & ~s.named[k]),
            every(File, lambda f: ~s.f_mapping_is_null[f]),
        )

    def has_attribute_mapping(s, f: File) -> Term:
        """The sysfs attribute of the file was given a mapping when it was created."""
        return s.named[s.kind[f]]

    def creation_calls_getter(s, k: Kind) -> Term:
        """The creation of the attribute evaluates iomem_get_mapping()."""
        return s.attribute_names(k)

    def legacy_files_wait(s) -> Term:
        """The files of a bus wait for pci_sysfs_init() (late_initcall), as those of devices do."""
        return FALSE

    def dereferences_null(s, calls: Term) -> Term:
        """Who calls iomem_get_mapping() dereferences iomem_inode now, and it is NULL."""
        return conj(calls, s.getter_gives(), s.init != Init.DONE)

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

    @action(kernel="drivers/pci/pci-sysfs.c: pci_create_attr", adds=True)
    def create_resource_files(s) -> None:
        """A PCI device gets its resourceN, or iomem_get_mapping() dereferences NULL."""
        s.require(s.init != Init.PENDING)
        s.create(Kind.PCI_SYSFS)

    @action(kernel="arch/alpha/kernel/pci-sysfs.c: pci_create_attr", adds=True)
    def create_alpha_files(s) -> None:
        """A PCI device of alpha gets its resourceN, with an attribute of alpha's own."""
        s.require(s.init != Init.PENDING, ~s.created[Kind.ARCH_SYSFS])
        s.created[Kind.ARCH_SYSFS] = True

    @action(kernel="drivers/pci/pci-sysfs.c: pci_create_legacy_files", adds=True)
    def create_legacy_file(s, k: Kind) -> None:
        """A PCI bus gets legacy_io or legacy_mem, or iomem_get_mapping() dereferences NULL."""
        s.require(disj(eq(k, Kind.LEGACY_IO), eq(k, Kind.LEGACY_MEM)))
        s.require(implies(s.legacy_files_wait(), s.init != Init.PENDING))
        s.create(k)

    def create(s, k: Kind) -> None:
        """The attribute is created, and names what the getter gives if it is meant to."""
        null = s.dereferences_null(s.creation_calls_getter(k))
        s.require(~s.created[k])
        with s.when(null):
            s.null_dereferenced = True
        with s.when(~null):
            s.created[k] = True
            s.named[k] = s.attribute_names(k) & s.getter_gives()

    def may_open(s, f: File) -> Term:
        """User space runs, and the file is there."""
        return conj(
            s.init != Init.PENDING,
            implies(s.is_kind(f, *OF_SYSFS), s.created[s.kind[f]]),
        )

    @action(kernel="fs/open.c: do_dentry_open")
    def open_file(s, f: File) -> None:
        """A process opens a file that can map device memory."""
        s.require(s.may_open(f), ~s.dereferences_null(s.opens_with_getter(f)))
        super().open_file(f)

    @action(kernel="fs/open.c: do_dentry_open", adds=True)
    def open_with_stub(s, f: File) -> None:
        """The getter is a stub: open() sets f_mapping to NULL, and dereferences f_mapping->host."""
        s.require(s.may_open(f), ~s.opened[f], s.finds_null(f))
        s.f_mapping_is_null[f] = True

    @action(kernel="kernel/resource.c: iomem_get_mapping", adds=True)
    def open_without_inode(s, f: File) -> None:
        """An open calls iomem_get_mapping(), which dereferences iomem_inode while it is NULL."""
        s.require(s.may_open(f), ~s.opened[f], s.dereferences_null(s.opens_with_getter(f)))
        s.null_dereferenced = True

    @safety
    def open_gives_a_mapping(s, f: File) -> Term:
        """open() never leaves file->f_mapping NULL."""
        return ~s.f_mapping_is_null[f]

    @safety
    def getter_comes_after_init(s) -> Term:
        """iomem_get_mapping() is never called while iomem_inode is still to be made."""
        return implies(s.init != Init.FAILED, ~s.null_dereferenced)

    @safety
    def getter_survives_failed_init(s) -> Term:
        """iomem_get_mapping() is never called when iomem_inode could not be made."""
        return implies(s.init == Init.FAILED, ~s.null_dereferenced)

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
        return implies(s.opened[f] & eq(s.f_mapping[f], s.iomem), s.init == Init.DONE)

    @lemma
    def attributes_are_named(s, k: Kind) -> Term:
        """What names the mapping is an attribute that is meant to, if the getter gives one."""
        return eq(s.named[k], conj(s.created[k], s.attribute_names(k), s.getter_gives()))

    @lemma
    def names_come_from_the_getter(s, k: Kind) -> Term:
        """What an attribute got from the getter when it was created, it got after the initcall."""
        return implies(
            conj(s.created[k], s.creation_calls_getter(k), s.getter_gives()),
            s.init == Init.DONE,
        )

    @lemma
    def stubs_dereference_nothing(s) -> Term:
        """Where iomem_get_mapping() is a stub, it has not dereferenced iomem_inode."""
        return implies(s.null_dereferenced, s.getter_gives())

    @lemma
    def opens_come_after_init(s, f: File) -> Term:
        """What is open was opened after the initcalls, and after its attribute was created."""
        return implies(
            s.opened[f],
            (s.init != Init.PENDING) & implies(s.is_kind(f, *OF_SYSFS), s.created[s.kind[f]]),
        )
