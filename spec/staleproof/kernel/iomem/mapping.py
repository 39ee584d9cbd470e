"""A VMA while its file's ->mmap() runs: nobody else sees it yet, and the handler may move vm_pgoff.

Facts: mm/mmap.c, v5.10; told in docs/kernel/io-memory.md.
"""

from __future__ import annotations

from staleproof.cfront.contracts import Access, Demand, Store, StructModel
from staleproof.cfront.types import Type
from staleproof.errors import UnsupportedCError
from staleproof.kernel.iomem.resource import IN_PAGE, U64, pfn_of_address
from staleproof.lang.sorts import BOOL, Unbounded
from staleproof.lang.substitute import assign
from staleproof.lang.system import Assumption
from staleproof.lang.terms import (
    Symbol,
    Term,
    conj,
    eq,
    forall,
    neg,
    u_le,
    u_lt,
    variable,
    word,
)

VMA = Unbounded("Vma")

null_vma = Symbol("vma.NULL", (), VMA, mutable=False)
error_vma = Symbol("vma.ERR_PTR", (U64,), VMA, mutable=False)
vm_start = Symbol("vm_start", (VMA,), U64, mutable=False)
vm_end = Symbol("vm_end", (VMA,), U64, mutable=False)
vm_page_prot = Symbol("vm_page_prot", (VMA,), U64, mutable=False)
is_cow = Symbol("vma.cow", (VMA,), BOOL, mutable=False)
vm_pgoff = Symbol("vm_pgoff", (VMA,), U64)
pgoff_at_call = Symbol("vm_pgoff at the call", (VMA,), U64, mutable=False)

watched_address = Symbol("watched address", (), U64, mutable=False)
"""Any one page of user addresses: what is shown of it is shown of every page."""

present = Symbol("pte.present", (), BOOL)
mapped_pfn = Symbol("pte.pfn", (), U64)
"""What the PTE for the watched address leads to."""


def pages(vma: Term) -> Term:
    """The number of pages of the VMA."""
    return pfn_of_address(vm_end(vma) - vm_start(vma))


def not_null(vma: Term) -> Demand:
    """The demand that a pointer to a VMA is not NULL."""
    return Demand("null", neg(eq(vma, null_vma())), "the VMA is not NULL")


def new(vma: Term) -> tuple[Term, ...]:
    """What do_mmap() has seen to before it calls the file."""
    return (
        neg(eq(vma, null_vma())),
        eq(vm_pgoff(vma), pgoff_at_call(vma)),
        u_le(pgoff_at_call(vma), pgoff_at_call(vma) + pages(vma)),
    )


def _axioms() -> tuple[Term, ...]:
    v = variable("v", VMA)
    aligned = conj(
        eq(vm_start(v) & word(IN_PAGE, 64), 0),
        eq(vm_end(v) & word(IN_PAGE, 64), 0),
        u_lt(vm_start(v), vm_end(v)),
        u_lt(vm_end(v), word(1 << 56, 64)),
    )
    return (forall(v, aligned),)


AXIOMS = _axioms()
INIT = (neg(present()), eq(watched_address() & word(IN_PAGE, 64), 0))
NEW = Assumption(
    "VMA-NEW",
    "the VMA that ->mmap() gets is page aligned, not empty, below 2^56, seen by nobody else, and "
    "has no PTEs; vm_pgoff plus its pages does not wrap around (do_mmap() refuses that)",
)


def _load(field: str, vma: Term, type_: Type) -> Access:
    fields = {
        "vm_start": vm_start,
        "vm_end": vm_end,
        "vm_pgoff": vm_pgoff,
        "vm_page_prot": vm_page_prot,
    }
    if field not in fields:
        raise UnsupportedCError(f"vma->{field} is not modelled in a new VMA")
    return Access(fields[field](vma), (not_null(vma),))


def _store(field: str, vma: Term, value: Term, type_: Type) -> Store:
    if field != "vm_pgoff":
        raise UnsupportedCError(f"vma->{field} is written in ->mmap()")
    return Store((assign(vm_pgoff, (vma,), value),), (not_null(vma),))


STRUCT = StructModel(VMA, null_vma, error_vma, _load, _store)
