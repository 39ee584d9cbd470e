"""struct resource: a range of addresses, its flags, and its place in the tree below iomem_resource.

A function that only looks at the tree does so in one hold of resource_lock, so the resources do not
change under it. A function that claims a range writes the fields of the resource it makes.

Facts: kernel/resource.c, v5.10; told in docs/kernel/io-memory.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from staleproof.cfront.contracts import Access, Demand, Store, StructModel
from staleproof.cfront.types import Type
from staleproof.errors import UnsupportedCError
from staleproof.lang.sorts import BOOL, BitVec, Unbounded
from staleproof.lang.substitute import assign
from staleproof.lang.system import Assumption
from staleproof.lang.terms import (
    Symbol,
    Term,
    Var,
    conj,
    disj,
    eq,
    forall,
    implies,
    neg,
    operation,
    u_le,
    u_lt,
    variable,
    word,
)

U64 = BitVec(64)
RESOURCE = Unbounded("Resource")
BUSY = 0x80000000
EXCLUSIVE = 0x08000000
PAGE_SHIFT = 12
IN_PAGE = (1 << PAGE_SHIFT) - 1

null_resource = Symbol("resource.NULL", (), RESOURCE, mutable=False)
error_resource = Symbol("resource.ERR_PTR", (U64,), RESOURCE, mutable=False)
iomem_resource = Symbol("iomem_resource", (), RESOURCE, mutable=False)
ioport_resource = Symbol("ioport_resource", (), RESOURCE, mutable=False)

strict_iomem_checks = Symbol("strict_iomem_checks", (), BitVec(32), mutable=False)
io_strict_devmem = Symbol("CONFIG_IO_STRICT_DEVMEM", (), BOOL, mutable=False)
strict_devmem = Symbol("CONFIG_STRICT_DEVMEM", (), BOOL, mutable=False)

readers = Symbol("resource_lock.readers", (), BitVec(8))
writer = Symbol("resource_lock.writer", (), BOOL)

in_tree = Symbol("resource.in_tree", (RESOURCE,), BOOL, mutable=False)
place = Symbol("resource.place", (RESOURCE,), U64, mutable=False)
"""The number of a resource in the walk: children before siblings."""


@dataclass(frozen=True)
class Fields:
    """The fields of every resource; `mutable` where the function under proof writes them."""

    mutable: bool

    def _field(self, name: str) -> Symbol:
        return Symbol(f"resource.{name}", (RESOURCE,), U64, mutable=self.mutable)

    @property
    def all(self) -> Mapping[str, Symbol]:
        return {name: self._field(name) for name in ("start", "end", "flags")}

    @property
    def start(self) -> Symbol:
        return self._field("start")

    @property
    def end(self) -> Symbol:
        return self._field("end")

    @property
    def flags(self) -> Symbol:
        return self._field("flags")

    def struct(self) -> StructModel:
        """How C reads and writes them."""
        return StructModel(RESOURCE, null_resource, error_resource, self._load, self._store)

    def _load(self, field: str, resource: Term, type_: Type) -> Access:
        return Access(self._known(field)(resource))

    def _store(self, field: str, resource: Term, value: Term, type_: Type) -> Store:
        symbol = self._known(field)
        if not symbol.mutable:
            raise UnsupportedCError(f"res->{field} is written where the tree is only looked at")
        return Store((assign(symbol, (resource,), value),))

    def _known(self, field: str) -> Symbol:
        if field not in self.all:
            raise UnsupportedCError(
                f"res->{field} is not modelled", fix=f"modelled are {', '.join(sorted(self.all))}"
            )
        return self.all[field]


SETTLED, CHANGING = Fields(mutable=False), Fields(mutable=True)


def pfn_of_address(address: Term) -> Term:
    """The number of the page that the address lies in."""
    return operation("u_shr", address, word(PAGE_SHIFT, 64))


def first_byte(address: Term) -> Term:
    """The address of the page that the address lies in."""
    return address & word(~IN_PAGE, 64)


def last_byte(address: Term) -> Term:
    """The last address of the page that the address lies in."""
    return address | word(IN_PAGE, 64)


def has_flag(fields: Fields, resource: Term, flag: int) -> Term:
    """The flag is set."""
    return neg(eq(fields.flags(resource) & word(flag, 64), 0))


def keeps_out(resource: Term) -> Term:
    """The resource is claimed in a way that keeps user space out, if checks are strict."""
    wanted = disj(io_strict_devmem(), has_flag(SETTLED, resource, EXCLUSIVE))
    return conj(in_tree(resource), has_flag(SETTLED, resource, BUSY), wanted)


def touches_page(resource: Term, address: Term) -> Term:
    """The resource and the page of the address share a byte; ends are inclusive."""
    return conj(
        u_le(SETTLED.start(resource), last_byte(address)),
        u_le(first_byte(address), SETTLED.end(resource)),
    )


def is_strict() -> Term:
    """strict_iomem_checks is set: CONFIG_STRICT_DEVMEM=y without iomem=relaxed, or iomem=strict."""
    return neg(eq(strict_iomem_checks(), 0))


def lock_is_free() -> Term:
    """This thread does not hold resource_lock."""
    return conj(eq(readers(), 0), neg(writer()))


def needs_free_lock(kind: str, what: str) -> Demand:
    """The demand that this thread does not hold resource_lock when `what` happens."""
    return Demand(kind, lock_is_free(), f"resource_lock is not held when {what}")


def not_null(resource: Term) -> Demand:
    """The demand that a resource that is handed on is one."""
    return Demand("null", neg(eq(resource, null_resource())), "the resource is not NULL")


def _all(*variables: Var, body: Term) -> Term:
    for var in reversed(variables):
        body = forall(var, body)
    return body


def _axioms() -> tuple[Term, ...]:
    v, w = variable("v", RESOURCE), variable("w", RESOURCE)
    both = in_tree(v) & in_tree(w)
    later = both & u_lt(place(v), place(w))
    return (
        neg(in_tree(null_resource())),
        neg(in_tree(iomem_resource())),
        _all(v, body=implies(in_tree(v), u_lt(place(iomem_resource()), place(v)))),
        _all(v, w, body=implies(both & eq(place(v), place(w)), eq(v, w))),
        _all(v, w, body=implies(later, u_le(SETTLED.start(v), SETTLED.start(w)))),
    )


ROOTS = (
    neg(eq(iomem_resource(), null_resource())),
    neg(eq(ioport_resource(), null_resource())),
    neg(eq(ioport_resource(), iomem_resource())),
)
TREE = _axioms()
INIT = (eq(readers(), 0), neg(writer()))
ASSUMPTIONS = (
    Assumption(
        "RES-TREE",
        "in the tree below iomem_resource a child lies inside its parent, and siblings are in the "
        "order of their addresses and apart, so that a walk that takes children before siblings "
        "meets starts that never go down",
    ),
    Assumption(
        "RES-WALK",
        "next_resource() gives each resource below iomem_resource once, children before siblings, "
        "and then NULL",
    ),
    Assumption("RES-LOCK", "no resource in the tree changes while resource_lock is held"),
    Assumption("RES-UNHELD", "the caller does not hold resource_lock"),
)
