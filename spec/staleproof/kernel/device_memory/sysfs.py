"""Removal of a sysfs file that is mapped: hot-unplug of a PCI device, and unbinding."""

from __future__ import annotations

from staleproof.kernel.device_memory.lemmas import Lemmas
from staleproof.kernel.device_memory.sorts import OF_SYSFS, Cpu, File, Page, Removal, Stage, Vma
from staleproof.lang.model import action, initial, lemma, safety
from staleproof.lang.quantify import every
from staleproof.lang.state import Function, Relation
from staleproof.lang.system import Assumption
from staleproof.lang.terms import Term, conj, disj, eq, implies


class SysfsRemoval(Lemmas):
    """Removal of a sysfs file: no new user, wait for ->mmap to end, zap, and it is gone.

    What is mapped may be unmapped, forked, moved and split meanwhile. A VMA's PTEs are cleared one
    by one; its TLB entries go when all are.
    """

    removal: Function[File, Removal]
    emptied: Relation[File, Vma, Page]  # the removal has been at this PTE
    drained: Relation[File, Vma]  # the removal is done with the VMA
    linked_at_removal: Relation[File, Vma]  # the VMA, or what it is a copy or part of, was in a
    # tree when the zap began

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
            every(File, Vma, Page, lambda f, v, p: ~s.emptied[f, v, p]),
        )

    def is_drained(s, f: File) -> Term:
        """Removal has zapped every VMA of the tree."""
        return every(Vma, lambda v: implies(s.is_found(f, v), s.drained[f, v]))

    def is_found(s, f: File, v: Vma) -> Term:
        """The VMA is one of device memory, in the tree that the removal of the file zaps."""
        return conj(s.pfnmap[v], s.in_tree(v), eq(s.tree(v), s.zapped_at_removal(f)))

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
            s.is_kind(f, *OF_SYSFS),
            s.removal[f] == Removal.PRESENT,
        )
        s.removal[f] = Removal.WAITING

    @action(kernel="fs/kernfs/file.c: kernfs_drain_open_files", holds="i_mmap_rwsem", adds=True)
    def begin_drain(s, f: File) -> None:
        """No ->mmap of the file is running, so no active reference is left, and the zap begins."""
        s.require(
            s.removal[f] == Removal.WAITING,
            every(Vma, lambda v: implies(s.file[v] == f, ~s.is_inside(v))),
        )
        s.removal[f] = Removal.ZAPPING
        s.linked_at_removal.set(lambda g, v: s.in_tree(v), where=lambda g, v: g == f)

    def is_inside(s, v: Vma) -> Term:
        """->mmap of the VMA's file is running for it."""
        return s.is_at(v, Stage.CHECKING, Stage.REMAPPING)

    def is_next(s, f: File, v: Vma) -> Term:
        """A copy is visited after what it is copied from, for it stands later in the tree."""
        return implies(s.copying[v], s.drained[f, s.source[v]])

    @action(kernel="mm/memory.c: zap_pte_range", holds="i_mmap_rwsem, ptl", adds=True)
    def drain_pte(s, f: File, v: Vma, p: Page) -> None:
        """The removal clears one PTE of a VMA that it finds in the tree."""
        s.require(
            s.removal[f] == Removal.ZAPPING,
            s.is_found(f, v),
            ~s.drained[f, v],
            s.covers[v, p],
            ~s.emptied[f, v, p],
            s.is_next(f, v),
        )
        s.pte[v, p] = False
        s.emptied[f, v, p] = True

    @action(kernel="mm/memory.c: zap_page_range_single", holds="i_mmap_rwsem", adds=True)
    def drain_vma(s, f: File, v: Vma) -> None:
        """The removal has cleared all PTEs of a VMA, flushes the TLBs, and goes on."""
        s.require(
            s.removal[f] == Removal.ZAPPING,
            s.is_found(f, v),
            ~s.drained[f, v],
            s.is_next(f, v),
            every(Page, lambda p: implies(s.covers[v, p], s.emptied[f, v, p])),
        )
        s.flush_drained(v)
        s.drained[f, v] = True

    def flush_drained(s, v: Vma) -> None:
        """No TLB keeps a translation of the VMA."""
        s.tlb[:, v, :] = False

    @action(kernel="fs/kernfs/dir.c: kernfs_drain", holds="i_mmap_rwsem", adds=True)
    def end_removal(s, f: File) -> None:
        """Every VMA of the tree was zapped, and the file is gone."""
        s.require(s.removal[f] == Removal.ZAPPING, s.is_drained(f))
        s.removal[f] = Removal.REMOVED

    # Copies and parts of a VMA count as what they are copied from or part of

    def link_copy(s, v: Vma, new: Vma) -> None:
        """A new VMA is linked after the one that PTEs will be copied from."""
        super().link_copy(v, new)
        s.inherit(v, new)

    @action(kernel="mm/mmap.c: __split_vma", holds="mmap_lock w, i_mmap_rwsem w")
    def split_vma(s, v: Vma, a: Vma, b: Vma) -> None:
        """A VMA becomes two, because a part of it is to be unmapped or changed."""
        super().split_vma(v, a, b)
        s.inherit(v, a, b)

    def inherit(s, v: Vma, *heirs: Vma) -> None:
        """What removals have done to a VMA they have done to what comes of it."""

        def is_heir(w: Vma) -> Term:
            return disj(*(eq(w, heir) for heir in heirs))

        s.drained.set(lambda f, w: s.drained[f, v], where=lambda f, w: is_heir(w))
        s.linked_at_removal.set(
            lambda f, w: s.linked_at_removal[f, v], where=lambda f, w: is_heir(w)
        )

    @safety
    def removed_files_are_unmapped(s, f: File, v: Vma, p: Page, u: Cpu) -> Term:
        """After the removal of a sysfs file no user translation made through it is left."""
        return implies(
            (s.removal[f] == Removal.REMOVED) & (s.file[v] == f) & (s.stage[v] == Stage.LINKED),
            s.is_unreachable(v, p, u),
        )

    @safety
    def removed_files_are_unmapped_if_found(s, f: File, v: Vma, p: Page, u: Cpu) -> Term:
        """No translation is left of what was linked at the zap, whatever became of it since."""
        return implies(
            conj(s.removal[f] == Removal.REMOVED, s.file[v] == f, s.linked_at_removal[f, v]),
            s.is_unreachable(v, p, u),
        )

    @safety
    def removed_files_are_not_mapped_anew(s, f: File, v: Vma) -> Term:
        """When a removal begins to zap, no ->mmap of the file runs, and none begins any more."""
        return implies(
            disj(s.removal[f] == Removal.ZAPPING, s.removal[f] == Removal.REMOVED)
            & (s.file[v] == f),
            ~s.is_inside(v),
        )

    @lemma
    def only_sysfs_files_are_removed(s, f: File) -> Term:
        """What is removed is a file of sysfs."""
        return implies(s.removal[f] != Removal.PRESENT, s.is_kind(f, *OF_SYSFS))

    def was_linked(s, v: Vma) -> Term:
        """The VMA is in a tree, or has left it."""
        return s.is_at(v, Stage.LINKED, Stage.DETACHED, Stage.UNLINKED, Stage.GONE)

    @lemma
    def linked_at_removal_was_linked(s, f: File, v: Vma) -> Term:
        """What was linked at a removal is linked, or was unmapped since."""
        return implies(s.linked_at_removal[f, v], s.was_linked(v))

    @lemma
    def emptied_ptes_stay_clear(s, f: File, v: Vma, p: Page) -> Term:
        """A PTE that a removal has cleared stays clear, and is one of a VMA that was linked."""
        return implies(s.emptied[f, v, p], s.was_linked(v) & ~s.pte[v, p])

    @lemma
    def drained_vmas_stay_clear(s, f: File, v: Vma, p: Page, u: Cpu) -> Term:
        """A VMA that a removal is done with has no translation, and was linked."""
        return implies(s.drained[f, v], s.was_linked(v) & s.is_unreachable(v, p, u))

    @lemma
    def sources_are_drained_first(s, f: File, v: Vma) -> Term:
        """While PTEs are copied, a removal is done with the source before the copy."""
        return implies(s.copying[v] & s.drained[f, v], s.drained[f, s.source[v]])

    @lemma
    def sources_are_emptied_first(s, f: File, v: Vma, p: Page) -> Term:
        """While PTEs are copied, a removal begins with the copy when the source is done."""
        return implies(s.copying[v] & s.emptied[f, v, p], s.drained[f, s.source[v]])

    def was_found(s, f: File, v: Vma) -> Term:
        """The VMA of device memory was in the tree that the removal zaps."""
        return conj(s.linked_at_removal[f, v], s.pfnmap[v], eq(s.tree(v), s.zapped_at_removal(f)))

    @lemma
    def drained_trees_stay(s, f: File, v: Vma) -> Term:
        """While a removal zaps, no VMA leaves its tree."""
        return implies((s.removal[f] == Removal.ZAPPING) & s.was_found(f, v), s.in_tree(v))

    @lemma
    def removal_drains_what_it_finds(s, f: File, v: Vma) -> Term:
        """When the file is gone, all that was linked at the zap is done with."""
        return implies((s.removal[f] == Removal.REMOVED) & s.was_found(f, v), s.drained[f, v])
