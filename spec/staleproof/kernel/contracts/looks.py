"""Looks for a PTE, with what a caller's claims ask of each: that it was made, and how it ended."""

from __future__ import annotations

from dataclasses import replace

from staleproof.cfront.contracts import CallSite, Contract, Effect, Outcome
from staleproof.kernel.address_space import layout, page_address
from staleproof.kernel.contracts import user_fault
from staleproof.kernel.contracts.follow_pfn import follow_pfn as _follow_pfn
from staleproof.kernel.contracts.pte_lock import argument, follow_pte, read_at
from staleproof.kernel.contracts.user_fault import fault_taken
from staleproof.kernel.page_table import said_by_word
from staleproof.lang.sorts import BOOL, BitVec
from staleproof.lang.substitute import assign
from staleproof.lang.terms import FALSE, TRUE, Symbol, Term, conj, disj, eq, neg

looked = Symbol("look.made", (), BOOL)
look_result = Symbol("look.result", (), BitVec(32))
"""A PTE was looked for in this hold of mmap_lock; and what the last look returned, 0 for a PTE."""

looked_since_fault = Symbol("look.since_fault", (), BOOL)
"""The last look came after a page fault."""

waited = Symbol("fault.waited", (), BOOL)
"""A page fault has dropped mmap_lock. Of faults and looks before that nothing is kept in mind."""

fault_in_vain = Symbol("fault.in_vain", (), BOOL)
"""A page fault was taken without a look that found no PTE, or for the second time in a hold."""


def follow_pfn(call: CallSite) -> Effect:
    """As for others; what it has found is a PTE, and when that was is kept in mind."""
    effect = _follow_pfn(call)
    found, *others = effect.outcomes
    (t,) = found.params
    noted = replace(
        found,
        require=(*found.require, said_by_word(t, page_address(argument(call, 1)))),
        updates=(*found.updates, assign(read_at, (), t)),
    )
    return replace(effect, outcomes=(noted, *others))


def told(look: Contract) -> Contract:
    """The look, which tells that it was made, and what it returned."""

    def contract(call: CallSite) -> Effect:
        effect = look(call)
        return replace(effect, outcomes=tuple(_told(o) for o in effect.outcomes))

    return contract


def _told(outcome: Outcome) -> Outcome:
    assert isinstance(outcome.result, Term)
    said = (
        assign(looked, (), TRUE),
        assign(look_result, (), outcome.result),
        assign(looked_since_fault, (), fault_taken()),
    )
    return replace(outcome, updates=(*outcome.updates, *said))


def fixup_user_fault(call: CallSite) -> Effect:
    """As for others; whether it had a reason is kept in mind, and whether the lock was dropped."""
    effect = user_fault.fixup_user_fault(call)
    missing = conj(looked(), neg(eq(look_result(), 0)))
    vain = assign(fault_in_vain, (), disj(fault_in_vain(), fault_taken(), neg(missing)))
    outcomes = tuple(replace(_anew(o), updates=(*_anew(o).updates, vain)) for o in effect.outcomes)
    return replace(effect, outcomes=outcomes)


def _anew(outcome: Outcome) -> Outcome:
    if all(u.symbol is not layout for u in outcome.updates):
        return outcome
    kept = tuple(u for u in outcome.updates if u.symbol is not fault_taken)
    fresh = (assign(looked, (), FALSE), assign(fault_taken, (), FALSE), assign(waited, (), TRUE))
    return replace(outcome, updates=(*kept, *fresh))


INIT = (neg(looked()), neg(waited()), neg(fault_in_vain()))
LOOKS = {
    "follow_pfn": told(follow_pfn),
    "follow_pte": told(follow_pte),
    "fixup_user_fault": fixup_user_fault,
}
