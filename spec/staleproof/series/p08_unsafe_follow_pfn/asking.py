"""follow_pfn() as a callee that is watched: what it was asked, and what it answered."""

from __future__ import annotations

from dataclasses import replace

from staleproof.cfront.contracts import CallSite, Contract, Demand, Effect, Outcome
from staleproof.kernel.address_space import U64, VMA, is_raw, layout, null_vma
from staleproof.kernel.contracts import follow_pfn
from staleproof.kernel.contracts.follow_pfn import pfn_stored
from staleproof.kernel.errno import EINVAL, errno
from staleproof.lang.sorts import BitVec
from staleproof.lang.substitute import assign
from staleproof.lang.terms import TRUE, Symbol, Term, conj, eq, neg, word

calls = Symbol("follow_pfn.calls", (), BitVec(8))
asked_vma = Symbol("follow_pfn.vma", (), VMA)
asked_address = Symbol("follow_pfn.address", (), U64)
asked_pointer = Symbol("follow_pfn.pfn", (), U64)
answer = Symbol("follow_pfn.answer", (), BitVec(32), signed=True)

INIT = (eq(calls(), 0),)


def _nommu(call: CallSite) -> Effect:
    """Without an MMU an address is its own translation: 0 in a VM_IO or VM_PFNMAP VMA."""
    vma = call.arguments[0]
    assert isinstance(vma, Term)
    raw = is_raw(layout(), vma)
    outcomes = (
        Outcome("answers", word(0, 32), (), (raw,), (assign(pfn_stored, (), TRUE),)),
        Outcome("refuses", errno(EINVAL), (), (neg(raw),), doc="neither VM_IO nor VM_PFNMAP"),
    )
    there = Demand("null", neg(eq(vma, null_vma())), "the VMA is not NULL")
    return Effect(outcomes, (there,), "mm/nommu.c: follow_pfn")


def _watched(contract: Contract) -> Contract:
    def follow_pfn(call: CallSite) -> Effect:
        effect = contract(call)
        return replace(effect, outcomes=tuple(_noted(o, call) for o in effect.outcomes))

    return follow_pfn


def _noted(outcome: Outcome, call: CallSite) -> Outcome:
    vma, address, pointer = call.arguments
    assert isinstance(vma, Term) and isinstance(address, Term) and isinstance(pointer, Term)
    assert isinstance(outcome.result, Term)
    notes = (
        assign(calls, (), calls() + 1),
        assign(asked_vma, (), vma),
        assign(asked_address, (), address),
        assign(asked_pointer, (), pointer),
        assign(answer, (), outcome.result),
    )
    return replace(outcome, updates=(*outcome.updates, *notes))


MMU, NOMMU = _watched(follow_pfn.follow_pfn), _watched(_nommu)


def asked_just_this(vma: Term, address: Term, pointer: Term) -> Term:
    """It was called once, with these arguments."""
    return conj(
        eq(calls(), 1),
        eq(asked_vma(), vma),
        eq(asked_address(), address),
        eq(asked_pointer(), pointer),
    )
