"""mremap and partial munmap, as far as they move PTEs to other VMAs or split them."""

from __future__ import annotations

from staleproof.kernel.device_memory.fork import Fork
from staleproof.kernel.device_memory.sorts import Page, Stage, Vma
from staleproof.lang.model import action
from staleproof.lang.quantify import every
from staleproof.lang.terms import Term, disj, eq


class Mremap(Fork):
    """mremap that moves a VMA, and the split of a VMA in two.

    A moved VMA is always a new one, for vma_merge() refuses VMAs of device memory (VM_SPECIAL), and
    vma_to_resize() lets none grow (VM_PFNMAP). One PTE is moved in one step, with the page-table
    locks of both places held and its TLB entries flushed before they are dropped. A split is one
    step, for it holds the i_mmap lock and mmap_lock for writing; its two halves are new VMAs here.

    mremap of a part of a VMA is split_vma and, with nothing in between, begin_move of one half. The
    kernel splits last, when it unmaps the old place. That makes no difference: both steps need what
    copy_vma() needs, mmap_lock and the i_mmap lock for writing; until the old place is unmapped the
    two halves are zapped as the whole would be, one after the other and before the new VMA.
    """

    @action(kernel="mm/mmap.c: copy_vma", holds="mmap_lock w, i_mmap_rwsem w", adds=True)
    def begin_move(s, v: Vma, new: Vma) -> None:
        """Mremap links a new VMA for the same pages, after the old one."""
        s.require(s.mm[v] == s.mm[new], ~s.mmap_lock[s.mm[v]])
        s.link_copy(v, new)
        s.lock(new)

    @action(kernel="mm/mremap.c: move_ptes", holds="mmap_lock w, ptl (both)", adds=True)
    def move_pte(s, new: Vma, p: Page) -> None:
        """Mremap moves one PTE from the old place to the new one, and flushes the old."""
        old = s.source[new]
        s.require(s.copying[new], s.mm[new] == s.mm[old], s.pte[old, p])
        s.pte.set(lambda v, q: v == new, where=lambda v, q: disj(v == new, v == old) & (q == p))
        s.flush_moved(old, p)

    def flush_moved(s, old: Vma, p: Page) -> None:
        """No TLB keeps the translation of the old place."""
        s.tlb.set(False, where=lambda u, v, q: (v == old) & (q == p))

    @action(kernel="mm/mremap.c: move_vma", holds="mmap_lock w", adds=True)
    def end_move(s, new: Vma) -> None:
        """Mremap has moved every PTE, and unmaps the old place."""
        old = s.source[new]
        s.require(s.copying[new], s.mm[new] == s.mm[old], every(Page, lambda p: ~s.pte[old, p]))
        s.copying[new] = False
        s.holder[s.mm[old]] = old
        s.detach_first(old)

    @action(kernel="mm/mmap.c: __split_vma", holds="mmap_lock w, i_mmap_rwsem w", adds=True)
    def split_vma(s, v: Vma, a: Vma, b: Vma) -> None:
        """A VMA becomes two, because a part of it is to be unmapped or changed."""
        s.require(
            s.stage[v] == Stage.LINKED,
            ~s.mmap_lock[s.mm[v]],
            s.i_mmap_is_free(s.tree(v)),
            s.stage[a] == Stage.UNUSED,
            s.stage[b] == Stage.UNUSED,
            a != b,
            s.mm[a] == s.mm[v],
            s.mm[b] == s.mm[v],
            eq(s.pfnmap[a], s.pfnmap[v]),
            eq(s.pfnmap[b], s.pfnmap[v]),
            every(Page, lambda p: eq(s.covers[v, p], s.covers[a, p] | s.covers[b, p])),
            every(Page, lambda p: ~(s.covers[a, p] & s.covers[b, p])),
        )

        def is_half(w: Vma) -> Term:
            return disj(w == a, w == b)

        s.stage.set(Stage.LINKED, where=is_half)
        s.stage[v] = Stage.GONE
        s.file.set(s.file[v], where=is_half)
        s.pte.set(
            lambda w, p: is_half(w) & s.covers[w, p] & s.pte[v, p],
            where=lambda w, p: is_half(w) | (w == v),
        )
        s.tlb.set(
            lambda u, w, p: is_half(w) & s.covers[w, p] & s.tlb[u, v, p],
            where=lambda u, w, p: is_half(w) | (w == v),
        )
        s.linked_before.set(lambda c, w: s.linked_before[c, v], where=lambda c, w: is_half(w))
        s.visited.set(lambda c, w: s.visited[c, v], where=lambda c, w: is_half(w))
