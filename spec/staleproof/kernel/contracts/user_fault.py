"""fixup_user_fault: a page fault that the kernel takes for a task (mm/gup.c, v5.10)."""

from __future__ import annotations

from dataclasses import replace

from staleproof.cfront.contracts import CallSite, Demand, Effect, LocalAddress, Outcome
from staleproof.errors import UnsupportedCError
from staleproof.kernel.address_space import (
    LAYOUT,
    VM_READ,
    VM_WRITE,
    VMA,
    contains,
    layout,
    lock_is_held,
    page_address,
    vm_flags,
)
from staleproof.kernel.contracts.pte_lock import unlocked as ptl_unheld
from staleproof.kernel.errno import EFAULT, EHWPOISON, EINTR, ENOMEM, errno
from staleproof.kernel.page_table import INSTANT, now, pte_present
from staleproof.lang.sorts import BOOL, BitVec
from staleproof.lang.substitute import Update, assign
from staleproof.lang.terms import (
    TRUE,
    Literal,
    Symbol,
    Term,
    conj,
    disj,
    eq,
    ite,
    neg,
    variable,
    word,
)

FAULT_FLAG_WRITE = 0x01
FAULT_FLAG_REMOTE = 0x80

user_pte_set = Symbol("fault.pte_set", (), BOOL)
"""A page fault taken by fixup_user_fault has set a PTE of the user's."""

fault_taken = Symbol("fault.taken", (), BOOL)
fault_address = Symbol("fault.address", (), BitVec(64))
fault_flags = Symbol("fault.flags", (), BitVec(32))
fault_result = Symbol("fault.result", (), BitVec(32))
"""Of the last page fault that was taken: what was asked for, and how it ended."""


def fixup_user_fault(call: CallSite) -> Effect:
    """0 and a PTE, set by it or there already, or an errno; mmap_lock may be dropped on the way.

    It is 0 only in a VMA that permits the access: with FAULT_FLAG_WRITE one to be written, else
    one to be read. It returns with mmap_lock held. With NULL for `unlocked` it never drops it.
    """
    _, address, flags, unlocked = call.arguments
    assert isinstance(address, Term) and isinstance(flags, Term)
    endings = tuple(_noted(o, address, flags) for o in _endings(page_address(address)))
    if isinstance(unlocked, LocalAddress):
        ended = (_ended(o, dropped, unlocked) for o in endings for dropped in (False, True))
        outcomes = tuple(_permitted(o, address, flags) for o in ended)
    elif isinstance(unlocked, Literal) and unlocked.value == 0:
        outcomes = tuple(_permitted(o, address, flags) for o in endings)
    else:
        raise UnsupportedCError("fixup_user_fault tells of the lock through no local's address")
    held = Demand("unlocked", lock_is_held(), "mmap_lock is held while fixup_user_fault() looks")
    sleeps = ptl_unheld("fixup_user_fault() is called")
    return Effect(outcomes, (held, sleeps), "mm/gup.c: fixup_user_fault", "mmap_lock r")


def _noted(outcome: Outcome, address: Term, flags: Term) -> Outcome:
    assert isinstance(outcome.result, Term)
    noted = (
        assign(fault_taken, (), TRUE),
        assign(fault_address, (), address),
        assign(fault_flags, (), flags),
        assign(fault_result, (), outcome.result),
    )
    return replace(outcome, updates=(*outcome.updates, *noted))


def _endings(page: Term) -> tuple[Outcome, ...]:
    error, t, u = variable("error", BitVec(32)), variable("t", INSTANT), variable("u", INSTANT)
    known = disj(*(eq(error, errno(number)) for number in (EFAULT, EINTR, ENOMEM, EHWPOISON)))
    missing, filled = neg(pte_present(t, page)), pte_present(u, page)
    done = (assign(now, (), u), assign(user_pte_set, (), TRUE))
    seen = (assign(now, (), u),)
    zero = word(0, 32)
    return (
        Outcome("sets a PTE", zero, (t, u), (missing, filled), done, doc="a PTE is set"),
        Outcome("finds a PTE", zero, (u,), (filled,), seen, doc="a PTE is there already"),
        Outcome("fails", error, (error,), (known,), doc="the fault fails"),
    )


def _permitted(outcome: Outcome, address: Term, flags: Term) -> Outcome:
    """vma_permits_fault(): asked of the VMA as it is in the last hold of mmap_lock."""
    if outcome.name.startswith("fails"):
        return outcome
    v = variable("v", VMA)
    at = next((u.value for u in outcome.updates if u.symbol is layout), layout())
    writes = neg(eq(flags & word(FAULT_FLAG_WRITE, 32), 0))
    needed = ite(writes, word(VM_WRITE, 64), word(VM_READ, 64))
    permits = conj(contains(at, v, address), neg(eq(vm_flags(at, v) & needed, 0)))
    return replace(outcome, params=(*outcome.params, v), require=(*outcome.require, permits))


def _ended(outcome: Outcome, dropped: bool, unlocked: LocalAddress) -> Outcome:
    """The ending, with mmap_lock held all along, or dropped and taken again."""
    if not dropped:
        return outcome
    at = variable("layout", LAYOUT)
    told: tuple[Update, ...] = (assign(layout, (), at), assign(unlocked.symbol, (), TRUE))
    return Outcome(
        f"{outcome.name}, having waited",
        outcome.result,
        (*outcome.params, at),
        outcome.require,
        (*outcome.updates, *told),
        doc=f"{outcome.doc}; mmap_lock was dropped in between",
    )


INIT = (neg(user_pte_set()), neg(fault_taken()))
CONTRACTS = {"fixup_user_fault": fixup_user_fault}
