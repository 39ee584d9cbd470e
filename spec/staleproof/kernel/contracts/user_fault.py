"""fixup_user_fault: a page fault that the kernel takes for a task (mm/gup.c, v5.10)."""

from __future__ import annotations

from staleproof.cfront.contracts import CallSite, Demand, Effect, LocalAddress, Outcome
from staleproof.errors import UnsupportedCError
from staleproof.kernel.address_space import LAYOUT, layout, lock_is_held, page_address
from staleproof.kernel.errno import EFAULT, EHWPOISON, EINTR, ENOMEM, errno
from staleproof.kernel.page_table import INSTANT, now, pte_present
from staleproof.lang.sorts import BOOL, BitVec
from staleproof.lang.substitute import Update, assign
from staleproof.lang.terms import TRUE, Literal, Symbol, Term, disj, eq, neg, variable, word

user_pte_set = Symbol("fault.pte_set", (), BOOL)
"""A page fault taken by fixup_user_fault has set a PTE of the user's."""


def fixup_user_fault(call: CallSite) -> Effect:
    """0 and a PTE, set by it or there already, or an errno; mmap_lock may be dropped on the way.

    It returns with mmap_lock held. With NULL for `unlocked` it never drops it.
    """
    _, address, _, unlocked = call.arguments
    assert isinstance(address, Term)
    endings = _endings(page_address(address))
    if isinstance(unlocked, LocalAddress):
        outcomes = tuple(_ended(o, dropped, unlocked) for o in endings for dropped in (False, True))
    elif isinstance(unlocked, Literal) and unlocked.value == 0:
        outcomes = endings
    else:
        raise UnsupportedCError("fixup_user_fault tells of the lock through no local's address")
    held = Demand("unlocked", lock_is_held(), "mmap_lock is held while fixup_user_fault() looks")
    return Effect(outcomes, (held,), "mm/gup.c: fixup_user_fault", "mmap_lock r")


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


INIT = (neg(user_pte_set()),)
CONTRACTS = {"fixup_user_fault": fixup_user_fault}
