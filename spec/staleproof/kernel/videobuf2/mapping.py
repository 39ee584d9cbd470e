"""What dma-contig calls to map a range of bare page frame numbers for its device."""

from __future__ import annotations

from dataclasses import replace

from staleproof.cfront.contracts import CallSite, Effect, Outcome
from staleproof.kernel.address_space import U64
from staleproof.kernel.frame_vector.vector import U32
from staleproof.kernel.world import WORLD
from staleproof.lang.sorts import BOOL
from staleproof.lang.substitute import assign
from staleproof.lang.terms import TRUE, Symbol, Term, eq, neg, s_le, s_lt, variable, word

range_mapped = Symbol("dma.range_mapped", (), BOOL)
range_start = Symbol("dma.range_start", (), U64)
range_size = Symbol("dma.range_size", (), U64)
"""The range of physical addresses that dma_map_resource() was given last."""


def _word(call: CallSite, position: int) -> Term:
    value = call.arguments[position]
    assert isinstance(value, Term)
    return value


def dma_map_resource(call: CallSite) -> Effect:
    """Some DMA address, for this range of physical addresses; or one that stands for an error."""
    address = variable("dma_address", U64)
    updates = (
        assign(range_mapped, (), TRUE),
        assign(range_start, (), _word(call, 1)),
        assign(range_size, (), _word(call, 2)),
    )
    outcome = Outcome("maps a range", address, (address,), (), updates)
    return Effect((outcome,), (), "kernel/dma/mapping.c: dma_map_resource")


def dma_mapping_error(call: CallSite) -> Effect:
    """0, or an errno if the address stands for an error."""
    e = variable("e", U32)
    outcomes = (
        Outcome("is an address", word(0, 32)),
        Outcome("is an error", e, (e,), (s_le(word(-4095, 32), e), s_lt(e, word(0, 32)))),
    )
    return Effect(outcomes, (), "include/linux/dma-mapping.h: dma_mapping_error")


def vb2_dc_map_pages(call: CallSite) -> Effect:
    """The way of frames that have pages, of which nothing is asked: 0 or an errno."""
    e = variable("e", U32)
    outcomes = (
        Outcome("maps a scatter list", word(0, 32)),
        Outcome("fails", e, (e,), (s_le(word(-4095, 32), e), neg(eq(e, 0)), s_lt(e, word(0, 32)))),
    )
    return Effect(outcomes, (), "videobuf2-dma-contig.c: vb2_dc_get_userptr")


ALLOCATOR = replace(
    WORLD,
    contracts={
        **WORLD.contracts,
        **{f.__name__: f for f in (dma_map_resource, dma_mapping_error, vb2_dc_map_pages)},
    },
    init=(*WORLD.init, neg(range_mapped())),
)
