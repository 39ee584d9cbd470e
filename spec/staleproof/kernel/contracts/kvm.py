"""What KVM calls to look up a page that no get_user_pages() gives it (v5.10 to v5.13).

A reference is one on a struct page. What its count was before is for others to say: at each
moment it may be anything, and a page that takes no part in counting has one of 0.
"""

from __future__ import annotations

from staleproof.cfront.contracts import CallSite, Effect, Outcome
from staleproof.kernel.address_space import U64
from staleproof.kernel.contracts.pte_lock import argument, ptl_held, truth
from staleproof.kernel.page_table import INSTANT, now
from staleproof.lang.sorts import BOOL, BitVec
from staleproof.lang.substitute import Update, assign
from staleproof.lang.terms import FALSE, TRUE, Symbol, Term, eq, neg, variable, word

reserved = Symbol("kvm_is_reserved_pfn", (U64,), BOOL, mutable=False)

references = Symbol("reference.number", (), BitVec(8))
referenced = Symbol("reference.page", (), U64)
referenced_at = Symbol("reference.instant", (), INSTANT)
"""How many references were taken; of the last, on which page, and when."""

revived = Symbol("reference.from_zero", (), BOOL)
"""A reference was put up on a page whose count was 0."""

uncounted = Symbol("reference.refused", (), BOOL)
"""A page was found to have a count of 0, and got no reference."""


def kvm_is_reserved_pfn(call: CallSite) -> Effect:
    """Whether the pfn has no struct page, or one that is reserved: KVM counts none of those."""
    answer = truth(call, reserved(argument(call, 0)))
    return Effect((Outcome("answers", answer),), (), "virt/kvm/kvm_main.c: kvm_is_reserved_pfn")


def _raised(page: Term, at: Term, count_was_0: Term) -> tuple[Update, ...]:
    return (
        assign(references, (), references() + 1),
        assign(referenced, (), page),
        assign(referenced_at, (), at),
        assign(revived, (), revived() | count_was_0),
    )


def _raising(page: Term, count: str, count_was_0: Term, result: Term | None) -> tuple[Outcome, ...]:
    """Under ptl the PTE is still as it was read; without ptl time has passed."""
    t = variable("t", INSTANT)
    late = (*_raised(page, t, count_was_0), assign(now, (), t))
    return (
        Outcome(
            f"raises {count} under ptl",
            result,
            (),
            (ptl_held(),),
            _raised(page, now(), count_was_0),
        ),
        Outcome(
            f"raises {count}", result, (t,), (neg(ptl_held()),), late, doc="other CPUs ran before"
        ),
    )


def get_page(call: CallSite) -> Effect:
    """One more reference, whatever the count was."""
    page = argument(call, 0)
    outcomes = (
        *_raising(page, "a count", FALSE, None),
        *_raising(page, "a count of 0", TRUE, None),
    )
    return Effect(outcomes, (), "include/linux/mm.h: get_page")


def get_page_unless_zero(call: CallSite) -> Effect:
    """One more reference and true; or false, because the count is 0."""
    raised = _raising(argument(call, 0), "a count", FALSE, truth(call, TRUE))
    refused = (assign(uncounted, (), TRUE),)
    zero = Outcome("finds a count of 0", truth(call, FALSE), updates=refused)
    return Effect((*raised, zero), (), "include/linux/mm.h: get_page_unless_zero")


INIT = (eq(references(), word(0, 8)), neg(revived()), neg(uncounted()))
CONTRACTS = {
    f.__name__: f
    for f in (
        kvm_is_reserved_pfn,
        get_page,
        get_page_unless_zero,
    )
}
