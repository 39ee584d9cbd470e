"""What hva_to_pfn() of KVM calls: two ways to pin, and the lookup in raw memory (v5.10)."""

from __future__ import annotations

from dataclasses import replace

from staleproof.cfront.contracts import CallSite, Demand, Effect, Outcome
from staleproof.kernel.address_space import (
    LAYOUT,
    contains,
    layout,
    mmap_lock,
    needs_live,
    needs_lock,
)
from staleproof.kernel.contracts.kvm import referenced, references, reserved
from staleproof.kernel.contracts.kvm_fault import ERR_RO_FAULT
from staleproof.kernel.contracts.pte_lock import argument, handed_back, truth
from staleproof.kernel.contracts.vfio import find_vma_intersection
from staleproof.kernel.errno import EAGAIN, EFAULT, EHWPOISON, EINTR, EINVAL, ENOMEM, errno
from staleproof.kernel.page_table import page_of
from staleproof.lang.sorts import BOOL, BitVec
from staleproof.lang.substitute import Update, assign
from staleproof.lang.system import Assumption
from staleproof.lang.terms import (
    FALSE,
    TRUE,
    Symbol,
    Term,
    disj,
    eq,
    ite,
    neg,
    u_lt,
    variable,
    word,
)

told_at = Symbol("lookup.told_at", (), BitVec(64))
"""Where it was stored last whether the page may be written; nothing here reads it."""

asked_address = Symbol("lookup.address", (), BitVec(64))
asked_write = Symbol("lookup.write", (), BOOL)
"""What a page was looked for last: where, and whether to write."""

fast_tried = Symbol("lookup.fast", (), BOOL)
slow_tried = Symbol("lookup.slow", (), BOOL)
slow_result = Symbol("lookup.slow_result", (), BitVec(32))
poisoned = Symbol("page.poisoned", (), BOOL, mutable=False)
"""Which way was tried; what the slow one returned; and whether the page is poisoned then."""

remapped = Symbol("lookup.remapped", (), BOOL)
remapped_again = Symbol("lookup.remapped_again", (), BOOL)
remapped_result = Symbol("lookup.remapped_result", (), BitVec(32))
remapped_pfn = Symbol("lookup.remapped_pfn", (), BitVec(64))
"""Raw memory was looked into in this hold of mmap_lock, or more than once, and what came of it."""

GUP = Assumption(
    "KVM-GUP",
    "get_user_pages() of one page takes one reference of it and gives no page that "
    "kvm_is_reserved_pfn(), or fails and takes none",
)
REMAPPED = Assumption(
    "KVM-REMAPPED",
    "hva_to_pfn_remapped() gives references, errnos and -EAGAIN as KVM-8, KVM-9 and KVM-11 say",
)
_KERNEL = "virt/kvm/kvm_main.c: {}"


def _given(call: CallSite, position: int, pfn: Term) -> tuple[Update, ...]:
    one = ite(reserved(pfn), word(0, 8), word(1, 8))
    return (
        assign(references, (), references() + one),
        assign(referenced, (), page_of(pfn)),
        assign(told_at, (), argument(call, position)),
        handed_back(call, position + 1, pfn),
    )


def _pinning(call: CallSite, good: Term, bad: Outcome) -> Effect:
    pfn = variable("pfn", BitVec(64))
    known = (u_lt(pfn, word(1 << 52, 64)), neg(reserved(pfn)))
    pinned = Outcome("finds a page", good, (pfn,), known, _given(call, 2, pfn))
    free = Demand(
        "lock", eq(mmap_lock(), 0), f"mmap_lock is not held when {call.callee}() takes it"
    )
    return Effect((pinned, bad), (free,), _KERNEL.format(call.callee), "", (GUP,))


def _noting(effect: Effect, *notes: Update, result: Symbol | None = None) -> Effect:
    """The effect, with the notes; and with what is returned, if it is kept."""

    def noted(outcome: Outcome) -> Outcome:
        assert isinstance(outcome.result, Term)
        kept = () if result is None else (assign(result, (), outcome.result),)
        return replace(outcome, updates=(*outcome.updates, *notes, *kept))

    return replace(effect, outcomes=tuple(noted(o) for o in effect.outcomes))


def _asked(call: CallSite, position: int) -> tuple[Update, ...]:
    address, write = argument(call, position), argument(call, position + 1)
    return (assign(asked_address, (), address), assign(asked_write, (), write))


def hva_to_pfn_fast(call: CallSite) -> Effect:
    """Whether the page could be got without a lock."""
    effect = _pinning(call, truth(call, TRUE), Outcome("finds none", truth(call, FALSE)))
    return _noting(effect, *_asked(call, 0), assign(fast_tried, (), TRUE))


def _fails(*numbers: int) -> Outcome:
    error = variable("error", BitVec(32))
    known = disj(*(eq(error, errno(number)) for number in numbers))
    return Outcome("fails", error, (error,), (known,))


def hva_to_pfn_slow(call: CallSite) -> Effect:
    """1 and a page, or an errno; it may take page faults."""
    effect = _pinning(call, word(1, 32), _fails(EFAULT, EINTR, ENOMEM, EHWPOISON))
    notes = (*_asked(call, 0), assign(slow_tried, (), TRUE))
    return _noting(effect, *notes, result=slow_result)


def check_user_page_hwpoison(call: CallSite) -> Effect:
    """Whether the page is poisoned."""
    answers = (Outcome("answers", truth(call, poisoned())),)
    demands = (needs_lock("check_user_page_hwpoison() looks"),)
    return Effect(answers, demands, _KERNEL.format(call.callee), "mmap_lock r")


def hva_to_pfn_remapped(call: CallSite) -> Effect:
    """0 with a pfn or the word for a read-only page, an errno, or -EAGAIN for another look."""
    vma, address = argument(call, 0), argument(call, 1)
    pfn = variable("pfn", BitVec(64))
    at = variable("layout", LAYOUT)
    is_pfn = (u_lt(pfn, word(1 << 52, 64)),)
    refusal = word(ERR_RO_FAULT, 64)
    refused = (handed_back(call, 4, refusal), assign(remapped_pfn, (), refusal))
    outcomes = (
        Outcome(
            "finds a page",
            word(0, 32),
            (pfn,),
            is_pfn,
            (*_given(call, 3, pfn), assign(remapped_pfn, (), pfn)),
        ),
        Outcome("refuses to write", word(0, 32), updates=refused),
        _fails(EFAULT, EINTR, ENOMEM, EHWPOISON, EINVAL),
    )
    again = assign(remapped_again, (), remapped_again() | remapped())
    notes = (*_asked(call, 1), assign(remapped, (), TRUE), again)
    waited = Outcome(
        "has waited",
        errno(EAGAIN),
        (at,),
        (),
        (assign(layout, (), at), assign(remapped, (), FALSE), again),
        doc="mmap_lock was dropped",
    )
    demands = (
        *needs_live(vma, "hva_to_pfn_remapped() looks"),
        Demand("vma-range", contains(layout(), vma, address), "the address lies in the VMA"),
    )
    kernel = _KERNEL.format(call.callee)
    ended = _noting(Effect(outcomes), *notes, result=remapped_result)
    return Effect((*ended.outcomes, waited), demands, kernel, "mmap_lock r", (REMAPPED,))


INIT = (
    eq(references(), word(0, 8)),
    *(neg(ghost()) for ghost in (fast_tried, slow_tried, remapped, remapped_again)),
)
CONTRACTS = {
    f.__name__: f
    for f in (
        hva_to_pfn_fast,
        hva_to_pfn_slow,
        check_user_page_hwpoison,
        hva_to_pfn_remapped,
        find_vma_intersection,
    )
}
