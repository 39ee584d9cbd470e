"""add_taint: the kernel remembers, for good, that something was done that taints it."""

from __future__ import annotations

from staleproof.cfront.contracts import CallSite, Effect, Outcome
from staleproof.lang.sorts import BOOL
from staleproof.lang.substitute import assign
from staleproof.lang.terms import Symbol, Term, disj, eq

TAINT_USER = 6
"""The flag that stands for what user space asked for (include/linux/kernel.h)."""

tainted_by_user = Symbol("taint.user", (), BOOL)
"""TAINT_USER is set."""


def add_taint(call: CallSite) -> Effect:
    """Sets one flag, and clears none; the lock checker may be turned off, which is left out."""
    flag, _ = call.arguments
    assert isinstance(flag, Term)
    is_set = disj(tainted_by_user(), eq(flag, TAINT_USER))
    tainted = Outcome("taints", updates=(assign(tainted_by_user, (), is_set),))
    return Effect((tainted,), kernel="kernel/panic.c: add_taint")


CONTRACTS = {"add_taint": add_taint}
