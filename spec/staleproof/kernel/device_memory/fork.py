"""fork: the child's VMA is linked after its parent's, and only then the PTEs are copied."""

from __future__ import annotations

from staleproof.kernel.device_memory.munmap import Munmap
from staleproof.kernel.device_memory.sorts import Claim, Page, Stage, Vma
from staleproof.lang.model import action, initial
from staleproof.lang.quantify import every
from staleproof.lang.state import Function, Relation
from staleproof.lang.terms import Term, eq, implies


class Fork(Munmap):
    """fork of an address space, VMA by VMA and PTE by PTE.

    Parent and child lock their address spaces for writing. One PTE is copied in one step, with the
    page-table locks of both held. Only one VMA is copied at a time, as in dup_mmap().
    """

    copying: Relation[Vma]  # PTEs are being copied into the VMA
    source: Function[Vma, Vma]  # from there

    @initial
    def nothing_is_copied(s) -> Term:
        """At the start nothing is being copied."""
        return every(Vma, lambda v: ~s.copying[v])

    def same_pages(s, v: Vma, w: Vma) -> Term:
        """The two VMAs cover the same pages."""
        return every(Page, lambda p: eq(s.covers[v, p], s.covers[w, p]))

    def link_copy(s, v: Vma, new: Vma) -> None:
        """A new VMA is linked after the one that PTEs will be copied from."""
        s.require(
            s.stage[v] == Stage.LINKED,
            s.stage[new] == Stage.UNUSED,
            s.same_pages(v, new),
            eq(s.pfnmap[v], s.pfnmap[new]),
            s.i_mmap_is_free(s.tree(v)),
        )
        s.file[new] = s.file[v]
        s.stage[new] = Stage.LINKED
        s.source[new] = v
        s.copying[new] = True
        s.linked_before.set(lambda c, w: s.linked_before[c, v], where=lambda c, w: w == new)
        s.visited.set(lambda c, w: s.visited[c, v], where=lambda c, w: w == new)

    def comes_next(s, c: Claim, v: Vma) -> Term:
        """A copy is visited after what it is copied from, for it stands later in the tree."""
        return implies(s.copying[v], s.visited[c, s.source[v]])

    @action(kernel="kernel/fork.c: dup_mmap", holds="mmap_lock w (both), i_mmap_rwsem w", adds=True)
    def fork_vma(s, v: Vma, child: Vma) -> None:
        """Fork links a VMA of the child into the i_mmap tree, after the parent's."""
        s.require(s.mm[v] != s.mm[child], ~s.mmap_lock[s.mm[v]], ~s.mmap_lock[s.mm[child]])
        s.link_copy(v, child)
        s.holder[s.mm[v]] = child
        s.holder[s.mm[child]] = child
        s.mmap_lock[s.mm[v]] = True
        s.mmap_lock[s.mm[child]] = True

    @action(kernel="mm/memory.c: copy_pte_range", holds="mmap_lock w (both), ptl (both)", adds=True)
    def copy_pte(s, child: Vma, p: Page) -> None:
        """Fork copies one PTE to the child."""
        s.require(s.copying[child], s.mm[child] != s.mm[s.source[child]], s.pte[s.source[child], p])
        s.pte[child, p] = True

    @action(kernel="kernel/fork.c: dup_mmap", holds="mmap_lock w (both)", adds=True)
    def end_fork(s, child: Vma) -> None:
        """Every PTE was copied or found absent, and fork drops its locks."""
        s.require(
            s.copying[child],
            s.mm[child] != s.mm[s.source[child]],
            every(Page, lambda p: implies(s.pte[s.source[child], p], s.pte[child, p])),
        )
        s.copying[child] = False
        s.mmap_lock[s.mm[child]] = False
        s.mmap_lock[s.mm[s.source[child]]] = False
