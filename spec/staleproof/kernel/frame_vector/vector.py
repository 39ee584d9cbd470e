"""struct frame_vector: its fields, its slots, and what is known of the pages in them.

Beside what the C code sees, each slot has a history: what was stored last (a pfn, a page pointer,
or nothing that may be read), for which user address, and whether a pin taken through it is still
held, on which pfn. A pin belongs to the slot it was returned in, which is how callers give it back.

Facts: mm/frame_vector.c, v5.10; told in docs/kernel/frame-vector.md.
"""

from __future__ import annotations

from staleproof.cfront.contracts import Access, ArrayModel, Demand, Store, StructModel
from staleproof.cfront.types import IntType, Type
from staleproof.errors import UnsupportedCError
from staleproof.kernel.address_space import U64
from staleproof.kernel.page_table import PFN_BITS, page_of, pfn_of, pfn_valid
from staleproof.lang.sorts import BOOL, BitVec, Enum, Unbounded
from staleproof.lang.substitute import assign
from staleproof.lang.system import Assumption, Note
from staleproof.lang.terms import (
    Symbol,
    Term,
    eq,
    forall,
    implies,
    ite,
    literal,
    neg,
    u_le,
    u_lt,
    variable,
    zero_extend,
)

MOST_FRAMES = 0x07FFFFFF
"""INT_MAX / sizeof(void *) / 2: frame_vector_create refuses more."""

U32 = BitVec(32)
VECTOR = Unbounded("FrameVector")
KIND = Enum("SlotKind", ("nothing", "pfn", "page"))
NOTHING, PFN, PAGE = (literal(member, KIND) for member in KIND.members)
REGION = ("frame_vector", "ptrs")

null_vector = Symbol("frame_vector.NULL", (), VECTOR, mutable=False)
error_vector = Symbol("frame_vector.ERR_PTR", (U64,), VECTOR, mutable=False)
nr_allocated = Symbol("frame_vector.nr_allocated", (VECTOR,), U32)
nr_frames = Symbol("frame_vector.nr_frames", (VECTOR,), U32)
got_ref = Symbol("frame_vector.got_ref", (VECTOR,), BOOL)
is_pfns = Symbol("frame_vector.is_pfns", (VECTOR,), BOOL)
slot = Symbol("frame_vector.ptrs", (VECTOR, U64), U64)

slot_kind = Symbol("slot.kind", (VECTOR, U64), KIND)
slot_address = Symbol("slot.address", (VECTOR, U64), U64)
slot_writable = Symbol("slot.pte_write", (VECTOR, U64), BOOL)
pinned = Symbol("slot.pinned", (VECTOR, U64), BOOL)
pin_pfn = Symbol("slot.pin_pfn", (VECTOR, U64), U64)

FIELDS = {
    "nr_allocated": nr_allocated,
    "nr_frames": nr_frames,
    "got_ref": got_ref,
    "is_pfns": is_pfns,
}


def capacity(vec: Term) -> Term:
    """How many slots the vector has, as a 64-bit count."""
    return zero_extend(nr_allocated(vec), 64)


def used(vec: Term) -> Term:
    """How many slots are in use, as a 64-bit count."""
    return zero_extend(nr_frames(vec), 64)


def in_bounds(vec: Term, index: Term) -> Demand:
    """The demand that element `index` is one of the vector's slots."""
    shown = Note("index {} of {}", (index, capacity(vec)), (True, False))
    inside = u_lt(index, capacity(vec))
    return Demand("bounds", inside, "the index is inside ptrs[]", (shown,))


def well_made(vec: Term) -> tuple[Term, ...]:
    """What frame_vector_create guarantees of a vector."""
    return (
        neg(eq(vec, null_vector())),
        u_le(nr_allocated(vec), MOST_FRAMES),
        neg(eq(nr_allocated(vec), 0)),
    )


def empty(vec: Term) -> tuple[Term, ...]:
    """What callers guarantee before a get: nothing in use, so no pin to be lost."""
    i = variable("i", U64)
    return (eq(nr_frames(vec), 0), forall(i, neg(pinned(vec, i)), capacity(vec)))


def filled(vec: Term) -> tuple[Term, ...]:
    """Every state that a get and the conversions can leave: see the claims GVF-5 and GVF-6."""
    i = variable("i", U64)
    inside = u_lt(i, used(vec))
    pfn = pin_pfn(vec, i)
    statements = (
        implies(pinned(vec, i), inside & got_ref(vec)),
        implies(inside & got_ref(vec), pinned(vec, i)),
        implies(inside, eq(slot_kind(vec, i), ite(is_pfns(vec), PFN, PAGE))),
        implies(pinned(vec, i), eq(slot(vec, i), ite(is_pfns(vec), pfn, page_of(pfn)))),
        implies(pinned(vec, i), pfn_valid(pfn) & u_lt(pfn, 1 << PFN_BITS)),
    )
    return (
        u_le(nr_frames(vec), nr_allocated(vec)),
        *(forall(i, s, capacity(vec)) for s in statements),
    )


def has_pages(vec: Term) -> Term:
    """A page in a slot has a struct page, also one without a pin: it was made from a valid pfn."""
    i = variable("i", U64)
    valid = implies(neg(is_pfns(vec)), pfn_valid(pfn_of(slot(vec, i))))
    return forall(i, valid, used(vec))


ASSUMPTIONS = (
    Assumption(
        "VEC-MADE",
        "vec is a vector that frame_vector_create returned (not NULL, 1 to 0x07ffffff slots) "
        "and that nobody else uses meanwhile",
    ),
)
EMPTY = Assumption(
    "VEC-EMPTY", "vec is empty before the call and holds no pins (what GVF-7 says of the callers)"
)
FILLED = Assumption(
    "VEC-FILLED",
    "vec is in a state that get_vaddr_frames or a conversion left (GVF-5, GVF-6): its tags are "
    "true, and exactly its used slots are pinned if got_ref",
)


def _field(name: str) -> Symbol:
    if name not in FIELDS:
        raise UnsupportedCError(
            f"vec->{name} is not modelled",
            fix=f"modelled are {', '.join(sorted(FIELDS))}, and ptrs as a flexible array member",
        )
    return FIELDS[name]


def _load(field: str, vec: Term, type_: Type) -> Access:
    return Access(_field(field)(vec))


def _store(field: str, vec: Term, value: Term, type_: Type) -> Store:
    return Store((assign(_field(field), (vec,), value),))


def _load_slot(vec: Term, index: Term, type_: Type) -> Access:
    kind = PFN if isinstance(type_, IntType) else PAGE
    same = Demand(
        "slot-type",
        eq(slot_kind(vec, index), kind),
        "the slot holds what its type says (a pfn or a page pointer)",
    )
    return Access(slot(vec, index), (in_bounds(vec, index), same))


def _store_slot(vec: Term, index: Term, value: Term, type_: Type) -> Store:
    kind = PFN if isinstance(type_, IntType) else PAGE
    updates = (assign(slot, (vec, index), value), assign(slot_kind, (vec, index), kind))
    return Store(updates, (in_bounds(vec, index),))


STRUCT = StructModel(VECTOR, null_vector, error_vector, _load, _store)
ARRAY = ArrayModel(8, _load_slot, _store_slot)
