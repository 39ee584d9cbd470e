"""Scatter lists of pinned pages, and their DMA mapping (lib/scatterlist.c, kernel/dma)."""

from __future__ import annotations

from staleproof.cfront.contracts import ArrayPointer, CallSite, Demand, Effect, Outcome
from staleproof.errors import UnsupportedCError
from staleproof.kernel.address_space import U64
from staleproof.kernel.frame_vector.vector import PAGE, REGION, U32, capacity, slot_kind
from staleproof.kernel.user_buffer.buffer import covered, reachable, slots_read
from staleproof.lang.substitute import assign
from staleproof.lang.system import Assumption
from staleproof.lang.terms import (
    FALSE,
    TRUE,
    Term,
    disj,
    eq,
    forall,
    neg,
    s_le,
    s_lt,
    u_le,
    variable,
    word,
    zero_extend,
)

COVERS = Assumption(
    "SG-COVERS",
    "a scatter list that sg_alloc_table_from_pages() made covers the pages that it was given, and "
    "leads to no other; a failed call leaves nothing behind",
)
REACH = Assumption(
    "DMA-REACH",
    "a device can reach the pages of a scatter list from a successful map on, until the unmap has "
    "returned, and at no other time; a failed map leaves nothing mapped",
)


def _fails(name: str, doc: str) -> Outcome:
    e = variable("e", U32)
    return Outcome(name, e, (e,), (s_le(word(-4095, 32), e), s_lt(e, word(0, 32))), doc=doc)


def _table(call: CallSite, position: int = 0) -> Term:
    where = call.arguments[position]
    assert isinstance(where, Term)
    return where


def sg_alloc_table_from_pages(call: CallSite) -> Effect:
    """0 and a list of the pages, whose array is read; or an errno."""
    where, (pages, count) = _table(call), call.arguments[1:3]
    if not isinstance(pages, ArrayPointer) or pages.region != REGION:
        raise UnsupportedCError("a scatter list is made of pages that are not modelled")
    assert isinstance(count, Term)
    array, i, most = pages.object, variable("i", U64), zero_extend(count, 64)
    room = capacity(array) - pages.index
    demands = (
        Demand(
            "bounds",
            u_le(pages.index, capacity(array)) & u_le(most, room),
            "the array has as many elements as are read",
        ),
        Demand(
            "slot-type",
            forall(i, eq(slot_kind(array, pages.index + i), PAGE), most),
            "every element that is read is a page",
        ),
    )
    reads = assign(slots_read, (), disj(slots_read(), neg(eq(count, 0))))
    made = Outcome("made", word(0, 32), updates=(assign(covered, (where,), array), reads))
    failed = _fails("fails", "no memory, or nothing to list")
    kernel = "lib/scatterlist.c: sg_alloc_table_from_pages"
    return Effect((made, failed), demands, kernel, "", (COVERS,))


def sg_free_table(call: CallSite) -> Effect:
    """Frees the list; it never had the pages."""
    return Effect((Outcome("freed"),), (), "lib/scatterlist.c: sg_free_table")


def dma_map_sgtable(call: CallSite) -> Effect:
    """0, and the device can reach the pages; or an errno."""
    array = covered(_table(call, 1))
    once = Demand("dma", neg(reachable(array)), "the pages are mapped for a device only once")
    mapped = Outcome("mapped", word(0, 32), updates=(assign(reachable, (array,), TRUE),))
    failed = _fails("fails", "the IOMMU or the bounce buffers are full")
    kernel = "kernel/dma/mapping.c: dma_map_sgtable"
    return Effect((mapped, failed), (once,), kernel, "", (REACH,))


def dma_unmap_sgtable(call: CallSite) -> Effect:
    """From here on the device cannot reach the pages."""
    array = covered(_table(call, 1))
    held = Demand("dma", reachable(array), "what is unmapped is mapped")
    updates = (assign(reachable, (array,), FALSE),)
    kernel = "include/linux/dma-mapping.h: dma_unmap_sgtable"
    return Effect((Outcome("unmapped", updates=updates),), (held,), kernel, "", (REACH,))


CONTRACTS = {
    f.__name__: f
    for f in (sg_alloc_table_from_pages, sg_free_table, dma_map_sgtable, dma_unmap_sgtable)
}
