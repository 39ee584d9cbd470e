"""mmap_lock: taking it for read picks a layout of the mm, which then stays (mm/mmap_lock.h)."""

from __future__ import annotations

from staleproof.cfront.contracts import CallSite, Demand, Effect, FieldAddress, Outcome
from staleproof.cfront.types import IntType
from staleproof.errors import UnsupportedCError
from staleproof.kernel.address_space import LAYOUT, layout, lock_is_held, mmap_lock
from staleproof.kernel.errno import EINTR, errno
from staleproof.lang.substitute import Update, assign
from staleproof.lang.system import Action
from staleproof.lang.terms import FALSE, TRUE, Var, eq, variable, word

KERNEL = "include/linux/mmap_lock.h: {}"
ONE_MORE = assign(mmap_lock, (), mmap_lock() + 1)


def _taken() -> tuple[tuple[Var, ...], tuple[Update, ...]]:
    at = variable("layout", LAYOUT)
    return (at,), (ONE_MORE, assign(layout, (), at))


def takes_lock(action: Action) -> bool:
    """Whether the step takes mmap_lock."""
    return any(u.symbol is mmap_lock and u.value is ONE_MORE.value for u in action.updates)


NOT_TWICE = Demand("lock", eq(mmap_lock(), 0), "this thread does not hold mmap_lock yet")
HELD = Demand("lock", lock_is_held(), "this thread holds mmap_lock")


def mmap_read_lock(call: CallSite) -> Effect:
    """Waits for writers; a second hold by one thread deadlocks behind a waiting writer."""
    params, updates = _taken()
    outcome = Outcome("taken", params=params, updates=updates, doc="other threads ran before")
    return Effect((outcome,), (NOT_TWICE,), KERNEL.format("mmap_read_lock"))


def mmap_read_unlock(call: CallSite) -> Effect:
    """Lets writers in: from here on the VMAs may change."""
    outcome = Outcome("released", updates=(assign(mmap_lock, (), mmap_lock() - 1),))
    return Effect((outcome,), (HELD,), KERNEL.format("mmap_read_unlock"), "mmap_lock r")


def mmap_read_trylock(call: CallSite) -> Effect:
    """True when taken; false when a writer holds it or waits."""
    params, updates = _taken()
    assert isinstance(call.result_type, IntType)
    as_bool = call.result_type.is_bool
    outcomes = (
        Outcome("taken", TRUE if as_bool else word(1, 32), params, updates=updates),
        Outcome("not taken", FALSE if as_bool else word(0, 32)),
    )
    return Effect(outcomes, (NOT_TWICE,), KERNEL.format("mmap_read_trylock"))


def mmap_read_lock_killable(call: CallSite) -> Effect:
    """0 when taken, -EINTR when a fatal signal came first."""
    params, updates = _taken()
    outcomes = (
        Outcome("taken", word(0, 32), params, updates=updates),
        Outcome("killed", errno(EINTR)),
    )
    return Effect(outcomes, (NOT_TWICE,), KERNEL.format("mmap_read_lock_killable"))


def down_read(call: CallSite) -> Effect:
    """The older spelling, on &mm->mmap_sem."""
    _is_mmap_lock(call)
    return mmap_read_lock(call)


def up_read(call: CallSite) -> Effect:
    """The older spelling, on &mm->mmap_sem."""
    _is_mmap_lock(call)
    return mmap_read_unlock(call)


def _is_mmap_lock(call: CallSite) -> None:
    (where,) = call.arguments
    names = ("mmap_sem", "mmap_lock")
    if not (isinstance(where, FieldAddress) and where.field in names):
        raise UnsupportedCError(f"{call.callee} of a lock other than mm->mmap_sem")


CONTRACTS = {
    f.__name__: f
    for f in (
        mmap_read_lock,
        mmap_read_unlock,
        mmap_read_trylock,
        mmap_read_lock_killable,
        down_read,
        up_read,
    )
}
