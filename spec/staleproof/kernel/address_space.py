"""User address spaces: the VMAs of one mm, and the lock that keeps them as they are.

A `Layout` is the set of VMAs at one moment. While a thread holds mmap_lock for read the layout
cannot change; whenever it takes the lock again, other threads may have left any other layout
behind. So taking the lock picks a layout, and the VMAs themselves are functions of it.

Facts: mm/mmap.c, v5.10; told in docs/kernel/address-space.md.
"""

from __future__ import annotations

from staleproof.cfront.contracts import Access, Demand, Store, StructModel
from staleproof.cfront.types import Type
from staleproof.errors import UnsupportedCError
from staleproof.lang.sorts import BOOL, BitVec, Unbounded
from staleproof.lang.system import Assumption
from staleproof.lang.terms import (
    Symbol,
    Term,
    Var,
    concat,
    conj,
    disj,
    eq,
    extract,
    forall,
    implies,
    ite,
    neg,
    sign_extend,
    u_le,
    u_lt,
    variable,
    word,
)

PAGE_SHIFT = 12
PAGE_SIZE = 1 << PAGE_SHIFT
VM_READ = 0x1
VM_WRITE = 0x2
VM_PFNMAP = 0x400
VM_IO = 0x4000

U64 = BitVec(64)
VMA = Unbounded("Vma")
LAYOUT = Unbounded("Layout")

null_vma = Symbol("vma.NULL", (), VMA, mutable=False)
error_vma = Symbol("vma.ERR_PTR", (U64,), VMA, mutable=False)
live = Symbol("vma.live", (LAYOUT, VMA), BOOL, mutable=False)
vm_start = Symbol("vm_start", (LAYOUT, VMA), U64, mutable=False)
vm_end = Symbol("vm_end", (LAYOUT, VMA), U64, mutable=False)
vm_flags = Symbol("vm_flags", (LAYOUT, VMA), U64, mutable=False)
fsdax = Symbol("vma.fsdax", (LAYOUT, VMA), BOOL, mutable=False)
vm_mm = Symbol("vm_mm", (), U64, mutable=False)
"""The mm that all these VMAs are of."""

task_size = Symbol("TASK_SIZE", (), U64, mutable=False)
tagged_addresses = Symbol("CONFIG_TAGGED_ADDRESSES", (), BOOL, mutable=False)

layout = Symbol("mm.layout", (), LAYOUT)
mmap_lock = Symbol("mmap_lock.readers", (), BitVec(8))


def page_address(address: Term) -> Term:
    """The address with its offset in the page cleared."""
    return address & word(-PAGE_SIZE, 64)


def is_page_aligned(address: Term) -> Term:
    """Whether the address begins a page."""
    return eq(extract(PAGE_SHIFT - 1, 0, address), 0)


def untagged(address: Term) -> Term:
    """untagged_addr(): with tagged addresses, bit 55 replicated over the top byte (arm64).

    The choice is made of the top byte alone. If it were made of the whole word, solvers would take
    the other bits, and with them all that is added to them, for something new.
    """
    extended = sign_extend(extract(55, 55, address), 8)
    top = ite(tagged_addresses(), extended, extract(63, 56, address))
    return concat(top, extract(55, 0, address))


def contains(at: Term, vma: Term, address: Term) -> Term:
    """The VMA is one of the layout and the address lies in it."""
    return conj(live(at, vma), u_le(vm_start(at, vma), address), u_lt(address, vm_end(at, vma)))


def is_raw(at: Term, vma: Term) -> Term:
    """VM_IO or VM_PFNMAP: the page tables map it, but no struct page needs to exist."""
    return neg(eq(vm_flags(at, vma) & word(VM_IO | VM_PFNMAP, 64), 0))


def lock_is_held() -> Term:
    """This thread holds mmap_lock for read."""
    return neg(eq(mmap_lock(), 0))


def needs_lock(what: str) -> Demand:
    """The demand that mmap_lock is held while `what` happens."""
    return Demand("unlocked", lock_is_held(), f"mmap_lock is held while {what}")


def needs_live(vma: Term, what: str) -> tuple[Demand, ...]:
    """The demands of using a VMA: not NULL, lock held, and still one of the mm's."""
    return (
        Demand("null", neg(eq(vma, null_vma())), "the VMA is not NULL"),
        needs_lock(what),
        Demand("stale-vma", live(layout(), vma), "the VMA is still one of the mm's"),
    )


def _axioms() -> tuple[Term, ...]:
    at, v, w = variable("l", LAYOUT), variable("v", VMA), variable("w", VMA)
    end = word((1 << 56) - PAGE_SIZE, 64)
    shape = conj(
        is_page_aligned(vm_start(at, v)),
        is_page_aligned(vm_end(at, v)),
        u_lt(vm_start(at, v), vm_end(at, v)),
        u_le(vm_end(at, v), task_size()),
    )
    apart = disj(
        u_le(vm_end(at, v), vm_start(at, w)), u_le(vm_end(at, w), vm_start(at, v)), eq(v, w)
    )
    return (
        is_page_aligned(task_size()),
        u_le(task_size(), end),
        neg(eq(task_size(), 0)),
        _all(at, v, body=implies(live(at, v), shape)),
        _all(at, v, w, body=implies(live(at, v) & live(at, w), apart)),
        _all(at, body=neg(live(at, null_vma()))),
        _all(at, v, body=implies(fsdax(at, v), neg(is_raw(at, v)))),
    )


def _all(*variables: Var, body: Term) -> Term:
    for var in reversed(variables):
        body = forall(var, body)
    return body


AXIOMS = _axioms()
INIT = (eq(mmap_lock(), 0),)
ASSUMPTIONS = (
    Assumption(
        "VMA-SHAPE",
        "the VMAs of an mm are disjoint, page aligned, not empty, and end at or below "
        "TASK_SIZE, which is at most 2^56 - PAGE_SIZE",
    ),
    Assumption(
        "MMAP-LOCK",
        "no VMA changes while a thread holds mmap_lock for read; between two holds, anything may",
    ),
    Assumption("MMAP-UNHELD", "the caller does not hold mmap_lock"),
    Assumption("FSDAX-NOT-RAW", "a VMA of a DAX file is neither VM_IO nor VM_PFNMAP"),
    Assumption("c-page-size", "PAGE_SIZE is 4096."),
)


def _load(field: str, vma: Term, type_: Type) -> Access:
    fields = {
        "vm_start": vm_start(layout(), vma),
        "vm_end": vm_end(layout(), vma),
        "vm_flags": vm_flags(layout(), vma),
        "vm_mm": vm_mm(),
    }
    if field not in fields:
        raise UnsupportedCError(
            f"vma->{field} is not modelled", fix=f"modelled are {', '.join(sorted(fields))}"
        )
    return Access(fields[field], needs_live(vma, f"vma->{field} is read"))


def _store(field: str, vma: Term, value: Term, type_: Type) -> Store:
    raise UnsupportedCError(f"vma->{field} is written", why="a reader of mmap_lock may not")


STRUCT = StructModel(VMA, null_vma, error_vma, _load, _store)
