"""Looking up VMAs (mm/mmap.c, v5.10)."""

from __future__ import annotations

from staleproof.cfront.contracts import CallSite, Effect, Outcome
from staleproof.kernel.address_space import (
    VMA,
    contains,
    fsdax,
    layout,
    live,
    needs_live,
    needs_lock,
    null_vma,
    vm_end,
    vm_start,
)
from staleproof.lang.terms import Term, conj, forall, implies, neg, u_le, u_lt, variable

KERNEL = "mm/mmap.c: {}"
HOLDS = "mmap_lock r"


def _lookup(call: CallSite, wanted: Term, nothing: Term) -> Effect:
    """One VMA `v` that is `wanted`, or none because `nothing` holds."""
    v = variable("v", VMA)
    outcomes = (
        Outcome("finds one", v, (v,), (wanted,), doc="a VMA is found"),
        Outcome("finds none", null_vma(), (), (nothing,), doc="there is no such VMA"),
    )
    demands = (needs_lock(f"{call.callee}() looks"),)
    return Effect(outcomes, demands, KERNEL.format(call.callee), HOLDS)


def find_vma(call: CallSite) -> Effect:
    """The first VMA that ends above the address: it may begin above it, too."""
    _, address = call.arguments
    v, w = variable("v", VMA), variable("w", VMA)
    assert isinstance(address, Term)
    above = conj(live(layout(), w), u_lt(address, vm_end(layout(), w)))
    first = forall(w, implies(above, u_le(vm_end(layout(), v), vm_end(layout(), w))))
    wanted = conj(live(layout(), v), u_lt(address, vm_end(layout(), v)), first)
    return _lookup(call, wanted, forall(w, neg(above)))


def find_vma_intersection(call: CallSite) -> Effect:
    """The first VMA that ends above `start`, if it begins below `end`."""
    _, start, end = call.arguments
    v, w = variable("v", VMA), variable("w", VMA)
    assert isinstance(start, Term) and isinstance(end, Term)
    meets = conj(
        live(layout(), w), u_lt(start, vm_end(layout(), w)), u_lt(vm_start(layout(), w), end)
    )
    above = conj(live(layout(), w), u_lt(start, vm_end(layout(), w)))
    wanted = conj(
        live(layout(), v),
        u_lt(start, vm_end(layout(), v)),
        u_lt(vm_start(layout(), v), end),
        forall(w, implies(above, u_le(vm_end(layout(), v), vm_end(layout(), w)))),
    )
    return _lookup(call, wanted, forall(w, neg(meets)))


def vma_lookup(call: CallSite) -> Effect:
    """The VMA that contains the address."""
    _, address = call.arguments
    assert isinstance(address, Term)
    v, w = variable("v", VMA), variable("w", VMA)
    wanted = contains(layout(), v, address)
    return _lookup(call, wanted, forall(w, neg(contains(layout(), w, address))))


def vma_is_fsdax(call: CallSite) -> Effect:
    """Whether the VMA maps a DAX file (include/linux/fs.h)."""
    (vma,) = call.arguments
    assert isinstance(vma, Term)
    demands = needs_live(vma, "vma_is_fsdax() looks")
    outcome = Outcome("answers", fsdax(layout(), vma))
    return Effect((outcome,), demands, "include/linux/fs.h: vma_is_fsdax", HOLDS)


CONTRACTS = {f.__name__: f for f in (find_vma, find_vma_intersection, vma_lookup, vma_is_fsdax)}
