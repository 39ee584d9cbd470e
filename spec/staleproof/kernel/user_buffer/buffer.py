"""A driver's record of a user buffer, the pages in its array, and who can reach them.

An array of page pointers is modelled as a frame vector is: as slots, each with the pin that was
taken through it. It has as many slots as it was allocated with. So `pages`, an array, and `vec`, a
frame vector, are one field here: the slots of the buffer.

Facts: drivers/gpu/drm/exynos and drivers/misc/habanalabs, v5.10 to v5.12; told in
docs/kernel/pinning.md.
"""

from __future__ import annotations

from collections.abc import Mapping

from staleproof.cfront.contracts import Access, ArrayPointer, Demand, Store, StructModel
from staleproof.cfront.types import Type
from staleproof.errors import UnsupportedCError
from staleproof.kernel.address_space import U64
from staleproof.kernel.frame_vector.vector import (
    PAGE,
    REGION,
    U32,
    VECTOR,
    capacity,
    null_vector,
    pin_pfn,
    pinned,
    slot,
    slot_kind,
)
from staleproof.kernel.page_table import page_of
from staleproof.lang.sorts import BOOL, Unbounded
from staleproof.lang.substitute import assign
from staleproof.lang.system import Assumption
from staleproof.lang.terms import (
    Symbol,
    Term,
    conj,
    eq,
    forall,
    iff,
    neg,
    variable,
    word,
    zero_extend,
)

BUFFER = Unbounded("UserBuffer")

null_buffer = Symbol("buffer.NULL", (), BUFFER, mutable=False)
error_buffer = Symbol("buffer.ERR_PTR", (U64,), BUFFER, mutable=False)
npages = Symbol("buffer.npages", (BUFFER,), U32)
slots = Symbol("buffer.pages", (BUFFER,), VECTOR)
table = Symbol("buffer.sgt", (BUFFER,), U64)
is_mapped = Symbol("buffer.dma_mapped", (BUFFER,), BOOL)

covered = Symbol("sg_table.pages", (U64,), VECTOR)
"""Of the address of a scatter list: the pages that it was made of."""

reachable = Symbol("dma.reaches", (VECTOR,), BOOL)
"""A device can reach the pages of that array."""

slots_read = Symbol("slots.read", (), BOOL)
marked_dirty = Symbol("slot.marked_dirty", (VECTOR, U64), BOOL)

FIELDS: Mapping[str, Symbol] = {
    "npages": npages,
    "vec": slots,
    "sgt": table,
    "dma_mapped": is_mapped,
}


def count(buffer: Term) -> Term:
    """The number of pages, as a 64-bit count."""
    return zero_extend(npages(buffer), 64)


def holds_its_pin(array: Term, i: Term) -> Term:
    """Slot `i` has the page that was pinned through it, and the pin is held."""
    right = eq(slot(array, i), page_of(pin_pfn(array, i)))
    return conj(pinned(array, i), right, eq(slot_kind(array, i), PAGE))


def nothing_pinned() -> tuple[Term, ...]:
    """No array holds a pin, and no device reaches one."""
    array, i = variable("array", VECTOR), variable("i", U64)
    return (
        forall(array, forall(i, neg(pinned(array, i)), capacity(array))),
        forall(array, neg(reachable(array))),
    )


def empty(buffer: Term) -> tuple[Term, ...]:
    """The record that a driver has just allocated, with nothing in it."""
    return (neg(eq(buffer, null_buffer())), neg(is_mapped(buffer)), *nothing_pinned())


def taken(buffer: Term, *, mapped: Term) -> tuple[Term, ...]:
    """What a get that succeeded leaves behind; `mapped` says whether a device reaches the pages."""
    array, i = slots(buffer), variable("i", U64)
    return (
        neg(eq(buffer, null_buffer())),
        neg(eq(array, null_vector())),
        eq(capacity(array), count(buffer)),
        forall(i, holds_its_pin(array, i), count(buffer)),
        eq(covered(table(buffer)), array),
        iff(reachable(array), mapped),
    )


INIT = (neg(slots_read()),)
EMPTY = Assumption(
    "BUF-EMPTY",
    "the record of the buffer is a new one, and neither pins nor DMA mappings are held through any "
    "array before the call",
)
TAKEN = Assumption(
    "BUF-TAKEN",
    "the buffer is as a successful get left it (PIN-7), and nobody else uses it meanwhile",
)
MAPPED = Assumption(
    "BUF-MAPPED", "dma_mapped says truly whether a device can reach the pages of the buffer"
)


def _field(name: str) -> Symbol:
    if name not in FIELDS:
        raise UnsupportedCError(
            f"the field {name} of a user buffer is not modelled",
            fix=f"modelled are pages, {', '.join(sorted(FIELDS))}",
        )
    return FIELDS[name]


def _load(field: str, buffer: Term, type_: Type) -> Access:
    if field == "pages":
        return Access(ArrayPointer(REGION, slots(buffer), word(0, 64)))
    return Access(_field(field)(buffer))


def _store(field: str, buffer: Term, value: Term, type_: Type) -> Store:
    return Store((assign(_field(field), (buffer,), value),))


def _point(field: str, buffer: Term, pointer: ArrayPointer) -> Store:
    """The field `pages` takes an array, from its first element on."""
    if field != "pages" or pointer.region != REGION:
        raise UnsupportedCError(f"the field {field} of a user buffer is given an array")
    first = Demand("bounds", eq(pointer.index, 0), "pages points to the begin of the array")
    return Store((assign(slots, (buffer,), pointer.object),), (first,))


STRUCT = StructModel(BUFFER, null_buffer, error_buffer, _load, _store, _point)
