"""follow_pfn: one page-table entry, read under ptl that is dropped before the caller sees it.

Facts: mm/memory.c at 96667f8a4382.
"""

from __future__ import annotations

from staleproof.cfront.contracts import (
    ArrayPointer,
    CallSite,
    Demand,
    Effect,
    LocalAddress,
    Outcome,
)
from staleproof.cfront.types import ULONG
from staleproof.errors import UnsupportedCError
from staleproof.kernel.address_space import (
    PAGE_SIZE,
    is_raw,
    layout,
    needs_live,
    page_address,
    vm_end,
    vm_start,
)
from staleproof.kernel.errno import EINVAL, errno
from staleproof.kernel.frame_vector.vector import ARRAY, REGION, slot_address, slot_writable
from staleproof.kernel.page_table import INSTANT, now, pte_pfn, pte_present, pte_write
from staleproof.lang.sorts import BOOL
from staleproof.lang.substitute import Update, assign
from staleproof.lang.terms import TRUE, Symbol, Term, conj, disj, neg, u_le, u_lt, variable, word

KERNEL = "mm/memory.c: follow_pfn"
HOLDS = "mmap_lock r, ptl for the look"

pfn_stored = Symbol("follow_pfn.stored", (), BOOL)
"""A raw pfn has been written through the pointer that a follow_pfn was given."""

pfn_failed = Symbol("follow_pfn.failed", (), BOOL)
"""A follow_pfn has failed."""

pfn_refused = Symbol("follow_pfn.refused", (), BOOL)
"""A follow_pfn has failed because it was asked of an ordinary VMA."""

pfn_partial = Symbol("follow_pfn.partial", (), BOOL)
"""A follow_pfn was asked for an address less than a page below the end of the VMA."""

strict_follow_pfn = Symbol("CONFIG_STRICT_FOLLOW_PFN", (), BOOL, mutable=False)


def follow_pfn(call: CallSite) -> Effect:
    """0 and the pfn of a present PTE in a VM_IO or VM_PFNMAP VMA; -EINVAL otherwise.

    It tests no permission: the PTE may be read-only.
    """
    vma, address, where = call.arguments
    assert isinstance(vma, Term) and isinstance(address, Term)
    t, page = variable("t", INSTANT), page_address(address)
    raw, present = is_raw(layout(), vma), pte_present(t, page)
    look = (assign(now, (), t),)
    stored, demands = _store(where, pte_pfn(t, page), address, pte_write(t, page))
    failed, happened = errno(EINVAL), assign(pfn_failed, (), TRUE)
    whole = u_le(address + word(PAGE_SIZE, 64), vm_end(layout(), vma))
    asked = assign(pfn_partial, (), disj(pfn_partial(), neg(whole)))
    absent = (*look, asked, happened)
    refused = (asked, happened, assign(pfn_refused, (), TRUE))
    outcomes = (
        Outcome("finds a PTE", word(0, 32), (t,), (raw, present), (*look, asked, *stored), demands),
        Outcome("finds no PTE", failed, (t,), (raw, neg(present)), absent, doc="no PTE is present"),
        Outcome("refuses", failed, (), (neg(raw),), refused, doc="neither VM_IO nor VM_PFNMAP"),
    )
    inside = Demand(
        "vma-range", _contains(vma, address), "the address that follow_pfn() gets is in its VMA"
    )
    return Effect(outcomes, (*needs_live(vma, "follow_pfn() looks"), inside), KERNEL, HOLDS)


def _contains(vma: Term, address: Term) -> Term:
    return conj(u_le(vm_start(layout(), vma), address), u_lt(address, vm_end(layout(), vma)))


def unsafe_follow_pfn(call: CallSite) -> Effect:
    """As follow_pfn, or always -EINVAL with CONFIG_STRICT_FOLLOW_PFN (MMU builds)."""
    effect = follow_pfn(call)
    strict = strict_follow_pfn()
    relaxed = tuple(
        Outcome(o.name, o.result, o.params, (neg(strict), *o.require), o.updates, o.demands, o.doc)
        for o in effect.outcomes
    )
    refusal = Outcome("is strict", errno(EINVAL), (), (strict,), doc="unsafe use is configured out")
    kernel = "mm/memory.c: unsafe_follow_pfn"
    return Effect((*relaxed, refusal), effect.demands, kernel, HOLDS)


def _store(
    where: object, pfn: Term, address: Term, writable: Term
) -> tuple[tuple[Update, ...], tuple[Demand, ...]]:
    happened = assign(pfn_stored, (), TRUE)
    if isinstance(where, Term):
        # Memory of the caller's caller, of which nothing is modelled and which nothing here reads.
        return (happened,), ()
    if isinstance(where, LocalAddress):
        return (happened, assign(where.symbol, (), pfn)), ()
    if isinstance(where, ArrayPointer) and where.region == REGION:
        store = ARRAY.store(where.object, where.index, pfn, ULONG)
        point = (where.object, where.index)
        history = (assign(slot_address, point, address), assign(slot_writable, point, writable))
        return (happened, *store.updates, *history), store.demands
    raise UnsupportedCError("follow_pfn stores through a pointer that is not modelled")


INIT = (neg(pfn_stored()), neg(pfn_failed()), neg(pfn_refused()), neg(pfn_partial()))
CONTRACTS = {f.__name__: f for f in (follow_pfn, unsafe_follow_pfn)}
