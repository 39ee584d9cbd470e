"""Zapping user mappings by what they map: unmap_mapping_range, and what calls it or is called.

Facts: mm/memory.c, drivers/char/mem.c, v5.10.
"""

from __future__ import annotations

from staleproof.cfront.contracts import CallSite, Demand, Effect, Outcome
from staleproof.kernel.contracts.resource_tree import claim, is_claimed
from staleproof.kernel.iomem.resource import (
    CHANGING,
    RESOURCE,
    U64,
    needs_free_lock,
    not_null,
)
from staleproof.lang.sorts import BOOL
from staleproof.lang.substitute import assign
from staleproof.lang.system import Assumption
from staleproof.lang.terms import FALSE, TRUE, Symbol, Term, conj, eq, neg

zapped = Symbol("zap.called", (), BOOL)
"""unmap_mapping_range() was called."""

zap_begin = Symbol("zap.begin", (), U64)
zap_length = Symbol("zap.length", (), U64)

ZAPS_ONLY = Assumption(
    "REVOKE-ZAPS-ONLY",
    "revoke_devmem() and revoke_iomem(), where they are called by contract, change no resource and "
    "keep no lock",
)

revoked = Symbol("revoke.called", (), BOOL)
"""The revoke of a claim was called."""

zap_first = Symbol("zap.first", (), U64)
zap_last = Symbol("zap.last", (), U64)
i_mmap_held = Symbol("i_mmap.held", (), BOOL)


def _word(call: CallSite, position: int) -> Term:
    argument = call.arguments[position]
    assert isinstance(argument, Term)
    return argument


def unmap_mapping_range(call: CallSite) -> Effect:
    """Zaps the bytes in every VMA of the mapping; it sleeps, and waits for page-table locks."""
    begin, length = _word(call, 1), _word(call, 2)
    whole = conj(
        is_claimed(claim()),
        eq(begin, CHANGING.start(claim())),
        eq(length, CHANGING.end(claim()) - CHANGING.start(claim()) + 1),
    )
    demands = (
        needs_free_lock("sleep", "unmap_mapping_range() is called"),
        Demand("early", whole, "what is zapped is claimed, visibly so, all of it and nothing else"),
    )
    updates = (
        assign(zapped, (), TRUE),
        assign(zap_begin, (), begin),
        assign(zap_length, (), length),
    )
    outcome = Outcome("zaps", updates=updates)
    return Effect((outcome,), demands, "mm/memory.c: unmap_mapping_range", "i_mmap_rwsem inside")


def revoke_devmem(call: CallSite) -> Effect:
    """Zaps the user mappings of a claim, where the policy says so; it may sleep."""
    (resource,) = call.arguments
    assert isinstance(resource, Term) and resource.sort == RESOURCE
    demands = (
        not_null(resource),
        needs_free_lock("sleep", "unmap_mapping_range() is called"),
        Demand("early", is_claimed(resource), "what is zapped is claimed, visibly so"),
    )
    outcome = Outcome("revokes", updates=(assign(revoked, (), TRUE),))
    kernel = f"drivers/char/mem.c: {call.callee}"
    return Effect((outcome,), demands, kernel, assumptions=(ZAPS_ONLY,))


def i_mmap_lock_write(call: CallSite) -> Effect:
    """Keeps the VMAs of the mapping as they are."""
    demand = Demand("lock", neg(i_mmap_held()), "i_mmap_rwsem is not held yet")
    outcome = Outcome("taken", updates=(assign(i_mmap_held, (), TRUE),))
    return Effect((outcome,), (demand,), "include/linux/fs.h: i_mmap_lock_write")


def i_mmap_unlock_write(call: CallSite) -> Effect:
    """Lets others link and unlink VMAs."""
    demand = Demand("lock", i_mmap_held(), "i_mmap_rwsem is held")
    outcome = Outcome("released", updates=(assign(i_mmap_held, (), FALSE),))
    return Effect((outcome,), (demand,), "include/linux/fs.h: i_mmap_unlock_write")


def unmap_mapping_range_tree(call: CallSite) -> Effect:
    """Zaps the pages first .. last of every VMA in the tree."""
    demand = Demand("lock", i_mmap_held(), "i_mmap_rwsem is held")
    updates = (
        assign(zapped, (), TRUE),
        assign(zap_first, (), _word(call, 1)),
        assign(zap_last, (), _word(call, 2)),
    )
    outcome = Outcome("zaps", updates=updates)
    kernel = "mm/memory.c: unmap_mapping_range_tree"
    return Effect((outcome,), (demand,), kernel, "i_mmap_rwsem w")


INIT = (neg(zapped()), neg(revoked()), neg(i_mmap_held()))
CONTRACTS = {
    "unmap_mapping_range": unmap_mapping_range,
    "revoke_devmem": revoke_devmem,
    "revoke_iomem": revoke_devmem,
    "i_mmap_lock_write": i_mmap_lock_write,
    "i_mmap_unlock_write": i_mmap_unlock_write,
    "unmap_mapping_range_tree": unmap_mapping_range_tree,
}
