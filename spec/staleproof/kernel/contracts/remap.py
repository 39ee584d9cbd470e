"""Filling the PTEs of a new VMA (mm/memory.c, v5.10)."""

from __future__ import annotations

from staleproof.cfront.contracts import CallSite, Effect, Outcome
from staleproof.kernel.errno import EINVAL, ENOMEM, errno
from staleproof.kernel.iomem.mapping import (
    is_cow,
    mapped_pfn,
    not_null,
    present,
    vm_pgoff,
    watched_address,
)
from staleproof.kernel.iomem.resource import pfn_of_address
from staleproof.lang.sorts import BitVec
from staleproof.lang.substitute import Update, assign
from staleproof.lang.terms import Term, disj, eq, ite, u_lt, variable


def remap_pfn_range(call: CallSite) -> Effect:
    """Maps the pages from `addr` on to the pfns from `pfn` on; of a COW mapping it sets vm_pgoff.

    An error may leave PTEs behind (before 79a61cc3fc04), so which there are is not known.
    """
    vma, address, pfn, size, _ = call.arguments
    assert isinstance(vma, Term) and isinstance(address, Term)
    assert isinstance(pfn, Term) and isinstance(size, Term)
    moved = assign(vm_pgoff, (vma,), ite(is_cow(vma), pfn, vm_pgoff(vma)))
    filled = _filled(address, pfn, size)
    error = variable("error", BitVec(32))
    known = disj(eq(error, errno(EINVAL)), eq(error, errno(ENOMEM)))
    outcomes = (
        Outcome("maps all", errno(0), (), (), (*filled, moved)),
        Outcome("fails", error, (error,), (known,), filled),
    )
    return Effect(outcomes, (not_null(vma),), f"mm/memory.c: {call.callee}", "mmap_lock w")


def _filled(address: Term, pfn: Term, size: Term) -> tuple[Update, Update]:
    offset = watched_address() - address
    inside = u_lt(offset, size)
    return (
        assign(present, (), disj(inside, present())),
        assign(mapped_pfn, (), ite(inside, pfn + pfn_of_address(offset), mapped_pfn())),
    )


CONTRACTS = {"remap_pfn_range": remap_pfn_range, "io_remap_pfn_range": remap_pfn_range}
