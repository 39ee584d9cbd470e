"""Removal of a sysfs file that is mapped: hot-unplug of a PCI device, and unbinding."""

from __future__ import annotations

from staleproof.kernel.device_memory.revoke import Revoke
from staleproof.kernel.device_memory.sorts import Cpu, File, Kind, Page, Removal, Stage, Vma
from staleproof.lang.model import action, initial, lemma, safety
from staleproof.lang.quantify import every
from staleproof.lang.state import Function, Relation
from staleproof.lang.system import Assumption
from staleproof.lang.terms import Term, conj, eq, implies


class SysfsRemoval(Revoke):
    """Removal of a sysfs file: no new user, wait for ->mmap to end, zap, and it is gone.

    The zap of one VMA is one step: it only takes PTEs and translations away, and nothing else of
    this system gives any to a VMA that is linked.
    """

    removal: Function[File, Removal]
    drained: Relation[File, Vma]  # the removal is done with the VMA
    linked_at_removal: Relation[File, Vma]  # the VMA was in a tree when the zap began

    assumptions = (
        Assumption(
            "KERNFS-MAPPING",
            "kernfs_drain_open_files() zaps file_inode(of->file)->i_mapping, not f_mapping",
        ),
    )

    @initial
    def nothing_is_removed(s) -> Term:
        """At the start every file is there."""
        return conj(
            every(File, lambda f: s.removal[f] == Removal.PRESENT),
            every(File, Vma, lambda f, v: ~s.drained[f, v] & ~s.linked_at_removal[f, v]),
        )

    def is_drained(s, f: File) -> Term:
        """Removal has zapped every VMA of the tree."""
        return every(
            Vma,
            lambda v: implies(
                s.in_tree(v) & eq(s.tree(v), s.zapped_at_removal(f)), s.drained[f, v]
            ),
        )

    def zapped_at_removal(s, f: File) -> Term:
        """The mapping that removal zaps: that of the file's own inode."""
        return s.own[f]

    def i_mmap_is_free(s, a: Term) -> Term:
        """Nobody holds the i_mmap lock of the mapping: no revocation, and no removal."""
        return super().i_mmap_is_free(a) & every(
            File, lambda f: ~((s.removal[f] == Removal.ZAPPING) & (a == s.zapped_at_removal(f)))
        )

    @action(kernel="fs/kernfs/file.c: kernfs_fop_mmap", holds="mmap_lock w, of->mutex")
    def begin_mmap(s, v: Vma, f: File) -> None:
        """A process calls ->mmap of an open file, which in sysfs takes an active reference."""
        s.require(s.removal[f] == Removal.PRESENT)
        super().begin_mmap(v, f)

    @action(kernel="fs/kernfs/dir.c: kernfs_drain", adds=True)
    def begin_removal(s, f: File) -> None:
        """The file is deactivated: nobody gets an active reference any more."""
        s.require(
            s.is_kind(f, Kind.PCI_SYSFS, Kind.LEGACY_IO, Kind.LEGACY_MEM, Kind.ARCH_SYSFS),
            s.removal[f] == Removal.PRESENT,
        )
        s.removal[f] = Removal.WAITING

    @action(kernel="fs/kernfs/file.c: kernfs_drain_open_files", holds="i_mmap_rwsem", adds=True)
    def begin_drain(s, f: File) -> None:
        """No ->mmap of the file is running, so no active reference is left, and the zap begins."""
        s.require(
            s.removal[f] == Removal.WAITING,
            every(
                Vma,
                lambda v: implies(
                    s.file[v] == f,
                    (s.stage[v] != Stage.CHECKING) & (s.stage[v] != Stage.REMAPPING),
                ),
            ),
        )
        s.removal[f] = Removal.ZAPPING
        s.linked_at_removal.set(lambda g, v: s.in_tree(v), where=lambda g, v: g == f)

    @action(kernel="mm/memory.c: zap_page_range_single", holds="i_mmap_rwsem, ptl", adds=True)
    def drain_vma(s, f: File, v: Vma) -> None:
        """The removal zaps a VMA that it finds in the tree, and flushes the TLBs."""
        s.require(
            s.removal[f] == Removal.ZAPPING,
            s.in_tree(v),
            eq(s.tree(v), s.zapped_at_removal(f)),
            ~s.drained[f, v],
        )
        s.pte[v, :] = False
        s.tlb[:, v, :] = False
        s.drained[f, v] = True

    @action(kernel="fs/kernfs/dir.c: kernfs_drain", holds="i_mmap_rwsem", adds=True)
    def end_removal(s, f: File) -> None:
        """Every VMA of the tree was zapped, and the file is gone."""
        s.require(s.removal[f] == Removal.ZAPPING, s.is_drained(f))
        s.removal[f] = Removal.REMOVED

    @safety
    def removed_files_are_unmapped(s, f: File, v: Vma, p: Page, u: Cpu) -> Term:
        """After the removal of a sysfs file no user translation made through it is left."""
        return implies(
            (s.removal[f] == Removal.REMOVED) & (s.file[v] == f) & (s.stage[v] == Stage.LINKED),
            ~s.pte[v, p] & ~s.tlb[u, v, p],
        )

    @safety
    def removed_files_are_unmapped_if_linked(s, f: File, v: Vma, p: Page, u: Cpu) -> Term:
        """The same of VMAs that were linked when the removal began to zap."""
        return implies(
            conj(
                s.removal[f] == Removal.REMOVED,
                s.file[v] == f,
                s.stage[v] == Stage.LINKED,
                s.linked_at_removal[f, v],
            ),
            ~s.pte[v, p] & ~s.tlb[u, v, p],
        )

    @lemma
    def open_files_have_their_mapping(s, f: File) -> Term:
        """The mapping of an open file is the one that its open gave it."""
        return implies(s.opened[f], eq(s.f_mapping[f], s.mapping_at_open(f)))

    @lemma
    def vmas_have_open_files(s, v: Vma) -> Term:
        """A VMA that was ever mapped is one of an open file."""
        return implies(s.stage[v] != Stage.UNUSED, s.opened[s.file[v]])

    @lemma
    def only_sysfs_files_are_removed(s, f: File) -> Term:
        """What is removed is a file of sysfs."""
        return implies(
            s.removal[f] != Removal.PRESENT,
            s.is_kind(f, Kind.PCI_SYSFS, Kind.LEGACY_IO, Kind.LEGACY_MEM, Kind.ARCH_SYSFS),
        )

    @lemma
    def drained_vmas_stay_clear(s, f: File, v: Vma, p: Page, u: Cpu) -> Term:
        """A VMA that a removal is done with is linked, and has no translation."""
        return implies(
            s.drained[f, v],
            conj(eq(s.stage[v], Stage.LINKED), ~s.pte[v, p], ~s.tlb[u, v, p]),
        )

    @lemma
    def removal_drains_what_it_finds(s, f: File, v: Vma) -> Term:
        """When the file is gone, all that was linked at the zap is done with."""
        return implies(
            conj(
                s.removal[f] == Removal.REMOVED,
                s.linked_at_removal[f, v],
                s.in_tree(v),
                eq(s.tree(v), s.zapped_at_removal(f)),
            ),
            s.drained[f, v],
        )

    @lemma
    def linked_at_removal_is_linked(s, f: File, v: Vma) -> Term:
        """What was linked at a removal still is."""
        return implies(s.linked_at_removal[f, v], eq(s.stage[v], Stage.LINKED))

    @lemma
    def nothing_is_unmapped(s, v: Vma) -> Term:
        """This system has no munmap."""
        return (s.stage[v] != Stage.DETACHED) & (s.stage[v] != Stage.UNLINKED)
