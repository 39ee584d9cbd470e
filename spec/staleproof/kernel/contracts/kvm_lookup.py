"""What hva_to_pfn() of KVM calls: two ways to pin, and the lookup in raw memory (v5.10)."""

from __future__ import annotations

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
from staleproof.kernel.errno import EAGAIN, EFAULT, EHWPOISON, EINTR, EINVAL, ENOMEM, errno
from staleproof.kernel.page_table import page_of
from staleproof.lang.sorts import BitVec
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


def hva_to_pfn_fast(call: CallSite) -> Effect:
    """Whether the page could be got without a lock."""
    return _pinning(call, truth(call, TRUE), Outcome("finds none", truth(call, FALSE)))


def _fails(*numbers: int) -> Outcome:
    error = variable("error", BitVec(32))
    known = disj(*(eq(error, errno(number)) for number in numbers))
    return Outcome("fails", error, (error,), (known,))


def hva_to_pfn_slow(call: CallSite) -> Effect:
    """1 and a page, or an errno; it may take page faults."""
    return _pinning(call, word(1, 32), _fails(EFAULT, EINTR, ENOMEM, EHWPOISON))


def check_user_page_hwpoison(call: CallSite) -> Effect:
    """Whether the page is poisoned."""
    answers = (
        Outcome("is poisoned", truth(call, TRUE)),
        Outcome("is not poisoned", truth(call, FALSE)),
    )
    demands = (needs_lock("check_user_page_hwpoison() looks"),)
    return Effect(answers, demands, _KERNEL.format(call.callee), "mmap_lock r")


def hva_to_pfn_remapped(call: CallSite) -> Effect:
    """0 with a pfn or the word for a read-only page, an errno, or -EAGAIN for another look."""
    vma, address = argument(call, 0), argument(call, 1)
    pfn = variable("pfn", BitVec(64))
    at = variable("layout", LAYOUT)
    is_pfn = (u_lt(pfn, word(1 << 52, 64)),)
    waited = (assign(layout, (), at),)
    refused = (handed_back(call, 4, word(ERR_RO_FAULT, 64)),)
    outcomes = (
        Outcome(
            "finds a page",
            word(0, 32),
            (pfn,),
            is_pfn,
            _given(call, 3, pfn),
        ),
        Outcome("refuses to write", word(0, 32), updates=refused),
        _fails(EFAULT, EINTR, ENOMEM, EHWPOISON, EINVAL),
        Outcome("has waited", errno(EAGAIN), (at,), (), waited, doc="mmap_lock was dropped"),
    )
    demands = (
        *needs_live(vma, "hva_to_pfn_remapped() looks"),
        Demand("vma-range", contains(layout(), vma, address), "the address lies in the VMA"),
    )
    return Effect(outcomes, demands, _KERNEL.format(call.callee), "mmap_lock r", (REMAPPED,))


INIT = (eq(references(), word(0, 8)),)
CONTRACTS = {
    f.__name__: f
    for f in (hva_to_pfn_fast, hva_to_pfn_slow, check_user_page_hwpoison, hva_to_pfn_remapped)
}
