"""Revocation: a claim zaps what it finds in one i_mmap tree, before its driver goes on."""

from __future__ import annotations

from staleproof.kernel.device_memory.mmap import Mmap
from staleproof.kernel.device_memory.sorts import Claim, Page, Phase, Vma
from staleproof.lang.model import action, initial
from staleproof.lang.quantify import every
from staleproof.lang.state import Relation
from staleproof.lang.terms import Term, conj, implies


class Revoke(Mmap):
    """request_region() with its revocation, after the resource is BUSY and before it returns.

    The escape test and the taking of the i_mmap lock are one step, because what the test reads
    does not change: the claim's own BUSY, its ends, the configuration. A VMA's PTEs are cleared
    one by one; its TLB entries go when all are.
    """

    cleared: Relation[Claim, Vma, Page]  # the running revocation has been at this PTE
    visited: Relation[Claim, Vma]  # the running revocation is done with the VMA
    linked_before: Relation[Claim, Vma]  # the VMA, or what it is a copy or part of, was in a
    # tree when the claim became BUSY

    @initial
    def no_revocation_has_begun(s) -> Term:
        """At the start no revocation has been anywhere."""
        return conj(
            every(Claim, Vma, Page, lambda c, v, p: ~s.cleared[c, v, p]),
            every(Claim, Vma, lambda c, v: ~s.visited[c, v] & ~s.linked_before[c, v]),
        )

    @action(kernel="kernel/resource.c: __request_region", holds="resource_lock w", adds=True)
    def insert_busy(s, c: Claim) -> None:
        """A driver's resource is in the tree and BUSY, and resource_lock is dropped."""
        s.require(s.phase[c] == Phase.FREE, s.by_request_region[c])
        s.phase[c] = Phase.BUSY
        s.note_linked(c)
        s.visited[c, :] = False
        s.cleared[c, :, :] = False

    @action(kernel="kernel/resource.c: insert_resource", holds="resource_lock w", adds=True)
    def insert_otherwise(s, c: Claim) -> None:
        """A resource becomes BUSY on a way that has no revocation, and its owner goes on."""
        s.require(s.phase[c] == Phase.FREE, ~s.by_request_region[c])
        s.phase[c] = Phase.OWNED
        s.note_linked(c)

    @action(kernel="kernel/resource.c: __release_region", holds="resource_lock w", adds=True)
    def release_claim(s, c: Claim) -> None:
        """The driver gives its resource back; nothing is zapped, and it may be claimed again."""
        s.require(s.phase[c] == Phase.OWNED)
        s.phase[c] = Phase.FREE

    def note_linked(s, c: Claim) -> None:
        """The claim remembers which VMAs were in a tree (the kernel does not; properties ask)."""
        s.linked_before.set(lambda d, v: s.in_tree(v), where=lambda d, v: d == c)

    def escapes(s, c: Claim) -> Term:
        """revoke_iomem() finds both end pages allowed, and zaps nothing."""
        return ~s.is_denied(s.first[c]) & ~s.is_denied(s.last[c])

    def revokes(s, c: Claim) -> Term:
        """The claim's request ends in a zap."""
        return s.io_strict_devmem & s.from_root[c] & ~s.escapes(c)

    def in_reach(s, c: Claim, v: Vma) -> Term:
        """The VMA is in the tree that the claim zaps."""
        return s.in_tree(v) & (s.tree(v) == s.revoked_mapping)

    @action(kernel="kernel/resource.c: __request_region", adds=True)
    def return_without_zap(s, c: Claim) -> None:
        """There is nothing to revoke, and request_region() returns to the driver."""
        s.require(s.phase[c] == Phase.BUSY, ~s.revokes(c))
        s.phase[c] = Phase.OWNED

    @action(kernel="mm/memory.c: unmap_mapping_range", holds="i_mmap_rwsem", adds=True)
    def begin_zap(s, c: Claim) -> None:
        """Revocation takes the i_mmap lock of the mapping that it zaps."""
        s.require(s.phase[c] == Phase.BUSY, s.revokes(c))
        s.phase[c] = Phase.ZAPPING

    @action(kernel="mm/memory.c: zap_pte_range", holds="i_mmap_rwsem, ptl", adds=True)
    def zap_pte(s, c: Claim, v: Vma, p: Page) -> None:
        """Revocation clears one PTE of a VMA that it found in the tree."""
        s.require(
            s.phase[c] == Phase.ZAPPING,
            s.in_reach(c, v),
            ~s.visited[c, v],
            s.covers[v, p],
            s.in_zap[c, p],
            ~s.cleared[c, v, p],
            s.comes_next(c, v),
        )
        s.pte[v, p] = False
        s.cleared[c, v, p] = True

    def comes_next(s, c: Claim, v: Vma) -> Term:
        """The order of the tree lets revocation visit the VMA now."""
        return conj()

    @action(kernel="mm/memory.c: zap_page_range_single", holds="i_mmap_rwsem", adds=True)
    def flush_vma(s, c: Claim, v: Vma) -> None:
        """Revocation has cleared all PTEs of a VMA in its range, flushes the TLBs, and goes on."""
        s.require(
            s.phase[c] == Phase.ZAPPING,
            s.in_reach(c, v),
            ~s.visited[c, v],
            s.comes_next(c, v),
            every(Page, lambda p: implies(s.covers[v, p] & s.in_zap[c, p], s.cleared[c, v, p])),
        )
        s.flush(c, v)
        s.visited[c, v] = True

    def flush(s, c: Claim, v: Vma) -> None:
        """No TLB keeps a translation of the VMA to the range."""
        s.tlb.set(False, where=lambda u, w, p: (w == v) & s.in_zap[c, p])

    @action(kernel="kernel/resource.c: __request_region", holds="i_mmap_rwsem", adds=True)
    def end_zap(s, c: Claim) -> None:
        """Every VMA of the tree was visited, and request_region() returns to the driver."""
        s.require(s.phase[c] == Phase.ZAPPING, s.is_done(c))
        s.phase[c] = Phase.OWNED

    def is_done(s, c: Claim) -> Term:
        """Revocation has visited every VMA of the tree."""
        return every(Vma, lambda v: implies(s.in_reach(c, v), s.visited[c, v]))
