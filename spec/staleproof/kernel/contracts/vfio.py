"""What vfio type1 calls to translate one address, beside page tables (v5.10)."""

from __future__ import annotations

from staleproof.cfront.contracts import CallSite, Effect, Outcome
from staleproof.kernel.address_space import needs_lock
from staleproof.kernel.contracts.pte_lock import argument, handed_back, truth
from staleproof.kernel.page_table import page_of
from staleproof.lang.sorts import BOOL, BitVec
from staleproof.lang.substitute import assign
from staleproof.lang.system import Assumption
from staleproof.lang.terms import TRUE, Symbol, conj, neg, s_lt, u_lt, variable, word

reserved = Symbol("is_invalid_reserved_pfn", (BitVec(64),), BOOL, mutable=False)
page_pinned = Symbol("pin.page", (), BOOL)
pinned_pfn = Symbol("pin.pfn", (), BitVec(64))
"""The page that pin_user_pages_remote() has pinned."""

ONE_PAGE = Assumption(
    "GUP-ONE",
    "pin_user_pages_remote() of one page pins it and returns 1, or pins nothing and returns an "
    "errno; asked with NULL for `locked` it never drops mmap_lock",
)


def pin_user_pages_remote(call: CallSite) -> Effect:
    """1 and a pinned page, or an errno; of another mm, whose mmap_lock is held."""
    pfn, error = variable("pfn", BitVec(64)), variable("error", BitVec(64))
    known = conj(s_lt(word(-4096, 64), error), s_lt(error, word(0, 64)))
    pinned = (
        assign(page_pinned, (), TRUE),
        assign(pinned_pfn, (), pfn),
        handed_back(call, 4, page_of(pfn)),
    )
    outcomes = (
        Outcome("pins it", word(1, 64), (pfn,), (u_lt(pfn, word(1 << 40, 64)),), pinned),
        Outcome("pins nothing", error, (error,), (known,)),
    )
    demands = (needs_lock("pin_user_pages_remote() looks"),)
    kernel = "mm/gup.c: pin_user_pages_remote"
    return Effect(outcomes, demands, kernel, "mmap_lock r", (ONE_PAGE,))


def is_invalid_reserved_pfn(call: CallSite) -> Effect:
    """Whether the pfn has no struct page, or one that is reserved: nobody counts those."""
    answer = truth(call, reserved(argument(call, 0)))
    kernel = "drivers/vfio/vfio_iommu_type1.c: is_invalid_reserved_pfn"
    return Effect((Outcome("answers", answer),), (), kernel)


INIT = (neg(page_pinned()),)
CONTRACTS = {f.__name__: f for f in (pin_user_pages_remote, is_invalid_reserved_pfn)}
