"""What vfio type1 calls to translate one address, beside page tables (v5.10)."""

from __future__ import annotations

from dataclasses import replace

from staleproof.cfront.contracts import CallSite, Demand, Effect, Outcome
from staleproof.kernel.address_space import (
    U64,
    VM_READ,
    VM_WRITE,
    VMA,
    contains,
    fsdax,
    is_raw,
    layout,
    needs_lock,
    page_address,
    untagged,
    vm_flags,
)
from staleproof.kernel.contracts import find_vma
from staleproof.kernel.contracts.gup import (
    FOLL_FORCE,
    FOLL_GET,
    FOLL_LONGTERM,
    FOLL_WRITE,
    migrates_or_fails,
)
from staleproof.kernel.contracts.looks import LOOKS
from staleproof.kernel.contracts.pte_lock import argument, handed_back, truth
from staleproof.kernel.page_table import PFN_BITS, in_cma, in_fsdax, page_of
from staleproof.lang.sorts import BOOL, BitVec
from staleproof.lang.substitute import assign
from staleproof.lang.system import Assumption
from staleproof.lang.terms import (
    TRUE,
    Symbol,
    Term,
    conj,
    disj,
    eq,
    implies,
    ite,
    neg,
    s_lt,
    u_le,
    u_lt,
    variable,
    word,
)

reserved = Symbol("is_invalid_reserved_pfn", (BitVec(64),), BOOL, mutable=False)
page_pinned = Symbol("pin.page", (), BOOL)
pinned_pfn = Symbol("pin.pfn", (), BitVec(64))
pinned_to_write = Symbol("pin.to_write", (), BOOL)
"""The page that pin_user_pages_remote() has pinned, and whether it may be written."""

pin_address = Symbol("pin.address", (), BitVec(64))
pin_error = Symbol("pin.error", (), BitVec(64))
"""Which page was to be pinned last, and what was returned if none was."""

range_start = Symbol("find_vma_intersection.start", (), BitVec(64))
range_end = Symbol("find_vma_intersection.end", (), BitVec(64))
"""In which range a VMA was looked for last."""

migration_failed = Symbol("pin.migration_failed", (), BOOL)
"""A page in CMA was pinned for the long term, because it could not be moved."""

ONE_PAGE = Assumption(
    "GUP-ONE",
    "pin_user_pages_remote() of one page pins it and returns 1, or pins nothing and returns an "
    "errno; of no page it returns 0; asked with NULL for `locked` it never drops mmap_lock; "
    "without FOLL_FORCE it pins only in a VMA that permits the access",
)


def pin_user_pages_remote(call: CallSite) -> Effect:
    """1 and a pinned page, or an errno; of another mm, whose mmap_lock is held.

    With FOLL_WRITE the VMA permits writing, without it reading, unless FOLL_FORCE is there. With
    FOLL_LONGTERM it is no page of a DAX file, and one in CMA only if that could not be moved.
    """
    start, count, flags = (argument(call, position) for position in (1, 2, 3))
    pfn, error, failed = variable("pfn", U64), variable("error", U64), variable("failed", BOOL)
    address, v = page_address(untagged(start)), variable("v", VMA)
    writes, long_term = _has(flags, FOLL_WRITE), _has(flags, FOLL_LONGTERM)
    access = ite(writes, word(VM_WRITE, 64), word(VM_READ, 64))
    permitted = disj(_has(flags, FOLL_FORCE), neg(eq(vm_flags(layout(), v) & access, 0)))
    pinnable = (
        u_lt(pfn, word(1 << PFN_BITS, 64)),
        conj(contains(layout(), v, address), neg(is_raw(layout(), v)), permitted),
        eq(in_fsdax(pfn), fsdax(layout(), v)),
        implies(long_term, neg(in_fsdax(pfn))),
        implies(long_term & in_cma(pfn), failed & neg(migrates_or_fails())),
    )
    asked = assign(pin_address, (), address)
    pinned = (
        asked,
        assign(page_pinned, (), TRUE),
        assign(pinned_pfn, (), pfn),
        assign(pinned_to_write, (), writes),
        assign(migration_failed, (), failed),
        handed_back(call, 4, page_of(pfn)),
    )
    known = conj(s_lt(word(-4096, 64), error), s_lt(error, word(0, 64)))
    told = (asked, assign(pin_error, (), error))
    refused = _has(flags, FOLL_GET)
    one, none = eq(count, 1), eq(count, 0)
    nothing = (asked, assign(pin_error, (), word(0, 64)))
    outcomes = (
        Outcome("pins it", word(1, 64), (pfn, v, failed), (neg(refused), one, *pinnable), pinned),
        Outcome("pins nothing", error, (error,), (known,), told),
        Outcome("has nothing to pin", word(0, 64), (), (none,), nothing, doc="of no page"),
    )
    room = Demand("bounds", u_le(count, word(1, 64)), "there is room for one page")
    demands = (needs_lock("pin_user_pages_remote() looks"), room)
    kernel = "mm/gup.c: pin_user_pages_remote"
    return Effect(outcomes, demands, kernel, "mmap_lock r", (ONE_PAGE,))


def _has(flags: Term, flag: int) -> Term:
    return neg(eq(flags & word(flag, 32), 0))


def is_invalid_reserved_pfn(call: CallSite) -> Effect:
    """Whether the pfn has no struct page, or one that is reserved: nobody counts those."""
    answer = truth(call, reserved(argument(call, 0)))
    kernel = "drivers/vfio/vfio_iommu_type1.c: is_invalid_reserved_pfn"
    return Effect((Outcome("answers", answer),), (), kernel)


def find_vma_intersection(call: CallSite) -> Effect:
    """As for others; which range was asked for is kept in mind."""
    effect = find_vma.find_vma_intersection(call)
    asked = assign(range_start, (), argument(call, 1)), assign(range_end, (), argument(call, 2))
    outcomes = (replace(o, updates=(*o.updates, *asked)) for o in effect.outcomes)
    return replace(effect, outcomes=tuple(outcomes))


INIT = (neg(page_pinned()),)
CONTRACTS = {
    **LOOKS,
    **{
        f.__name__: f
        for f in (pin_user_pages_remote, is_invalid_reserved_pfn, find_vma_intersection)
    },
}
