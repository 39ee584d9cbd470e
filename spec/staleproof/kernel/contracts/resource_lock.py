"""resource_lock: the rwlock of the resource tree, as what this thread holds of it."""

from __future__ import annotations

from staleproof.cfront.contracts import CallSite, Demand, Effect, GlobalAddress, Outcome
from staleproof.errors import UnsupportedCError
from staleproof.kernel.iomem.resource import needs_free_lock, readers, writer
from staleproof.lang.substitute import Update, assign
from staleproof.lang.terms import FALSE, TRUE, Term, eq, neg

KERNEL = "kernel/resource.c: {}(&resource_lock)"


def _effect(call: CallSite, demand: Demand, *updates: Update, holds: str = "") -> Effect:
    (where,) = call.arguments
    if not (isinstance(where, GlobalAddress) and where.name == "resource_lock"):
        raise UnsupportedCError(f"{call.callee} of a lock other than resource_lock")
    outcome = Outcome("", updates=updates)
    return Effect((outcome,), (demand,), KERNEL.format(call.callee), holds)


def _taken(call: CallSite) -> Demand:
    return needs_free_lock("lock", f"{call.callee}() takes it")


def _held(call: CallSite, held: Term) -> Demand:
    return Demand("lock", held, f"resource_lock is held when {call.callee}() releases it")


def read_lock(call: CallSite) -> Effect:
    """Keeps writers out; taken twice by one thread it may deadlock behind a waiting writer."""
    return _effect(call, _taken(call), assign(readers, (), readers() + 1))


def read_unlock(call: CallSite) -> Effect:
    """Lets writers in."""
    demand = _held(call, neg(eq(readers(), 0)))
    return _effect(call, demand, assign(readers, (), readers() - 1), holds="resource_lock r")


def write_lock(call: CallSite) -> Effect:
    """Keeps everybody else out."""
    return _effect(call, _taken(call), assign(writer, (), TRUE))


def write_unlock(call: CallSite) -> Effect:
    """Makes what was changed visible to everybody else."""
    return _effect(call, _held(call, writer()), assign(writer, (), FALSE), holds="resource_lock w")


CONTRACTS = {f.__name__: f for f in (read_lock, read_unlock, write_lock, write_unlock)}
