"""The rest of the frame-vector file, for C text that calls it without giving its body.

Facts: mm/frame_vector.c, v5.10; told in docs/kernel/frame-vector.md.
"""

from __future__ import annotations

from staleproof.cfront.contracts import (
    ArrayPointer,
    CallSite,
    Demand,
    Effect,
    Outcome,
)
from staleproof.kernel.address_space import U64
from staleproof.kernel.errno import EINVAL, errno
from staleproof.kernel.frame_vector.vector import (
    MOST_FRAMES,
    PAGE,
    PFN,
    REGION,
    U32,
    VECTOR,
    capacity,
    got_ref,
    is_pfns,
    nr_allocated,
    nr_frames,
    null_vector,
    pinned,
    slot,
    slot_kind,
    used,
)
from staleproof.kernel.page_table import page_of, pfn_of, pfn_valid
from staleproof.lang.sorts import BOOL
from staleproof.lang.substitute import Update, assign, formals_of
from staleproof.lang.terms import (
    FALSE,
    TRUE,
    Term,
    conj,
    disj,
    eq,
    exists,
    forall,
    ite,
    neg,
    s_le,
    s_lt,
    u_le,
    u_lt,
    variable,
    word,
    zero_extend,
)

KERNEL = "frame_vector.c: {}"


def _vector(call: CallSite, position: int = 0) -> Term:
    vec = call.arguments[position]
    assert isinstance(vec, Term) and vec.sort == VECTOR
    return vec


def _not_null(vec: Term) -> Demand:
    return Demand("null", neg(eq(vec, null_vector())), "the vector is not NULL")


def _convert(vec: Term, to: Term) -> tuple[Update, ...]:
    """All used slots, from pfns to pages or back."""
    formals = formals_of(slot)
    inside = conj(eq(formals[0], vec), u_lt(formals[1], used(vec)))
    old = slot(*formals)
    new = page_of(old) if to is PAGE else pfn_of(old)
    kind = formals_of(slot_kind)
    inside_kind = conj(eq(kind[0], vec), u_lt(kind[1], used(vec)))
    return (
        Update(slot, formals, ite(inside, new, old)),
        Update(slot_kind, kind, ite(inside_kind, to, slot_kind(*kind))),
        assign(is_pfns, (vec,), FALSE if to is PAGE else TRUE),
    )


def _all_valid(vec: Term) -> Term:
    i = variable("i", U64)
    return forall(i, pfn_valid(slot(vec, i)), used(vec))


def _some_invalid(vec: Term) -> Term:
    i = variable("i", U64)
    return exists(i, neg(pfn_valid(slot(vec, i))), used(vec))


def frame_vector_pfns(call: CallSite) -> Effect:
    """The slots as pfns, converted first if they are pages."""
    vec = _vector(call)
    pointer = ArrayPointer(REGION, vec, word(0, 64))
    outcomes = (
        Outcome("has pfns", pointer, (), (is_pfns(vec),)),
        Outcome("converts to pfns", pointer, (), (neg(is_pfns(vec)),), _convert(vec, PFN)),
    )
    return Effect(outcomes, (_not_null(vec),), KERNEL.format("frame_vector_pfns"))


def frame_vector_pages(call: CallSite) -> Effect:
    """The slots as pages, converted first if they are pfns; ERR_PTR if one has no struct page."""
    vec = _vector(call)
    points = ArrayPointer(REGION, vec, word(0, 64), word(1, 64))
    error = ArrayPointer(REGION, vec, word(0, 64), errno(EINVAL, 64))
    outcomes = (
        Outcome("has pages", points, (), (neg(is_pfns(vec)),)),
        Outcome(
            "converts to pages",
            points,
            (),
            (is_pfns(vec), _all_valid(vec)),
            _convert(vec, PAGE),
        ),
        Outcome("has a pfn without a page", error, (), (is_pfns(vec), _some_invalid(vec))),
    )
    return Effect(outcomes, (_not_null(vec),), KERNEL.format("frame_vector_pages"))


def frame_vector_to_pages(call: CallSite) -> Effect:
    """0, or -EINVAL with the vector unchanged."""
    vec = _vector(call)
    zero = word(0, 32)
    outcomes = (
        Outcome("has pages", zero, (), (neg(is_pfns(vec)),)),
        Outcome("converts", zero, (), (is_pfns(vec), _all_valid(vec)), _convert(vec, PAGE)),
        Outcome("refuses", errno(EINVAL), (), (is_pfns(vec), _some_invalid(vec))),
    )
    return Effect(outcomes, (_not_null(vec),), KERNEL.format("frame_vector_to_pages"))


def frame_vector_to_pfns(call: CallSite) -> Effect:
    """Converts in place unless the slots are pfns already."""
    vec = _vector(call)
    outcomes = (
        Outcome("has pfns", None, (), (is_pfns(vec),)),
        Outcome("converts", None, (), (neg(is_pfns(vec)),), _convert(vec, PFN)),
    )
    return Effect(outcomes, (_not_null(vec),), KERNEL.format("frame_vector_to_pfns"))


def frame_vector_count(call: CallSite) -> Effect:
    """How many slots are used."""
    vec = _vector(call)
    outcome = Outcome("", nr_frames(vec))
    return Effect((outcome,), (_not_null(vec),), KERNEL.format("frame_vector_count"))


def frame_vector_create(call: CallSite) -> Effect:
    """A vector of that many slots, none used; NULL for 0, for too many, or without memory."""
    (count,) = call.arguments
    assert isinstance(count, Term)
    v = variable("vec", VECTOR)
    i = variable("i", U64)
    refused = disj(eq(count, 0), u_lt(word(MOST_FRAMES, 32), count))
    fresh = (
        neg(refused),
        neg(eq(v, null_vector())),
        forall(i, neg(pinned(v, i)), capacity(v)),
        eq(nr_allocated(v), count),
    )
    outcomes = (
        Outcome("refuses", null_vector(), (), (refused,)),
        Outcome("no memory", null_vector(), (), (neg(refused),)),
        Outcome("made", v, (v,), fresh, (assign(nr_frames, (v,), word(0, 32)),)),
    )
    return Effect(outcomes, (), KERNEL.format("frame_vector_create"))


def frame_vector_destroy(call: CallSite) -> Effect:
    """Frees a vector that is empty."""
    vec = _vector(call)
    empty = Demand("not-empty", eq(nr_frames(vec), 0), "the vector is empty when it is destroyed")
    kernel = KERNEL.format("frame_vector_destroy")
    return Effect((Outcome("freed"),), (_not_null(vec), empty), kernel)


def put_vaddr_frames(call: CallSite) -> Effect:
    """Gives the pins back and empties the vector: what GVF-15 shows of its C text."""
    vec = _vector(call)
    formals = formals_of(pinned)
    released = Update(pinned, formals, ite(eq(formals[0], vec), FALSE, pinned(*formals)))
    updates = (released, assign(nr_frames, (vec,), 0), assign(got_ref, (vec,), FALSE))
    kernel = KERNEL.format("put_vaddr_frames")
    return Effect((Outcome("emptied", updates=updates),), (_not_null(vec),), kernel)


def vb2_destroy_framevec(call: CallSite) -> Effect:
    """put_vaddr_frames, then frame_vector_destroy of what is then empty (videobuf2)."""
    return put_vaddr_frames(call)


def get_vaddr_frames(call: CallSite) -> Effect:
    """What GVF-3 and GVF-5 show of its C text, demanding what they assume of the caller."""
    vec, count = call.arguments[-1], call.arguments[1]
    assert isinstance(vec, Term) and isinstance(count, Term)
    r, e, ref = variable("r", U32), variable("e", U32), variable("pins", BOOL)
    most = ite(u_lt(nr_allocated(vec), count), nr_allocated(vec), count)
    formals = formals_of(pinned)
    got = conj(eq(formals[0], vec), u_lt(formals[1], zero_extend(r, 64)))
    outcomes = (
        Outcome(
            "gets frames",
            r,
            (r, ref),
            (s_lt(word(0, 32), r), u_le(r, most)),
            (
                assign(nr_frames, (vec,), r),
                assign(got_ref, (vec,), ref),
                Update(pinned, formals, ite(got, ref, pinned(*formals))),
            ),
        ),
        Outcome("fails", e, (e,), (s_le(word(-4095, 32), e), s_lt(e, word(0, 32)))),
        Outcome("has nothing to do", word(0, 32), (), (eq(count, 0),)),
    )
    demands = (
        _not_null(vec),
        Demand("not-empty", eq(nr_frames(vec), 0), "the vector is empty when frames are got"),
    )
    return Effect(outcomes, demands, KERNEL.format("get_vaddr_frames"))


CONTRACTS = {
    f.__name__: f
    for f in (
        frame_vector_pfns,
        frame_vector_pages,
        frame_vector_to_pages,
        frame_vector_to_pfns,
        frame_vector_count,
        frame_vector_create,
        frame_vector_destroy,
        put_vaddr_frames,
        vb2_destroy_framevec,
        get_vaddr_frames,
    )
}
RESULTS = {"frame_vector_pfns": REGION, "frame_vector_pages": REGION}
