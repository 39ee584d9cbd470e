"""Looks for a PTE, with what a caller's claims ask of each: that it was made, and how it ended."""

from __future__ import annotations

from dataclasses import replace

from staleproof.cfront.contracts import CallSite, Contract, Effect, Outcome
from staleproof.kernel.address_space import page_address
from staleproof.kernel.contracts.follow_pfn import follow_pfn as _follow_pfn
from staleproof.kernel.contracts.pte_lock import argument, read_at
from staleproof.kernel.contracts.user_fault import fault_taken
from staleproof.kernel.page_table import said_by_word
from staleproof.lang.sorts import BOOL, BitVec
from staleproof.lang.substitute import assign
from staleproof.lang.terms import TRUE, Symbol, Term, eq, neg

looked = Symbol("look.made", (), BOOL)
look_failed = Symbol("look.failed", (), BOOL)
look_result = Symbol("look.result", (), BitVec(32))
"""A PTE was looked for, and not found; and what the last look returned: 0 if there is one."""

looked_since_fault = Symbol("look.since_fault", (), BOOL)
"""The last look came after a page fault."""


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
    failed = neg(eq(outcome.result, 0))
    said = (
        assign(looked, (), TRUE),
        assign(look_failed, (), look_failed() | failed),
        assign(look_result, (), outcome.result),
        assign(looked_since_fault, (), fault_taken()),
    )
    return replace(outcome, updates=(*outcome.updates, *said))


INIT = (neg(looked()), neg(look_failed()))
