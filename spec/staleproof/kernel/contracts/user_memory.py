"""What drivers call around a pin: the memory of arrays, pins with their flags, and their end.

A pin and its end are those of gup.py. Here it is remembered in addition whether every pin was a
long-term one, and pages must not be given back while a device can reach them.
"""

from __future__ import annotations

from dataclasses import replace

from staleproof.cfront.contracts import ArrayPointer, CallSite, Demand, Effect, Outcome
from staleproof.errors import UnsupportedCError
from staleproof.kernel.address_space import U64
from staleproof.kernel.contracts import gup
from staleproof.kernel.frame_vector.vector import (
    NOTHING,
    REGION,
    VECTOR,
    capacity,
    null_vector,
    pinned,
    slot_kind,
)
from staleproof.kernel.user_buffer.buffer import marked_dirty, reachable, slots_read
from staleproof.lang.sorts import BOOL
from staleproof.lang.substitute import Update, assign, formals_of
from staleproof.lang.system import Assumption
from staleproof.lang.terms import (
    FALSE,
    TRUE,
    Symbol,
    Term,
    conj,
    disj,
    eq,
    forall,
    ite,
    neg,
    u_le,
    u_lt,
    variable,
    word,
)

all_long_term = Symbol("pin.all_long_term", (), BOOL)
"""Every pin so far was asked for with FOLL_LONGTERM."""

INIT = (all_long_term(),)
LAST_POINTER = word(-4096, 64)

FRESH = Assumption(
    "KVMALLOC-FRESH",
    "kvmalloc_array() returns NULL or a new array, with as many elements as were asked for and "
    "used by nobody else, however many that are",
)


def _remembered(call: CallSite, effect: Effect) -> Effect:
    flags = call.arguments[2]
    assert isinstance(flags, Term)
    long_term = neg(eq(flags & word(gup.FOLL_LONGTERM, 32), 0))
    note = assign(all_long_term, (), conj(all_long_term(), long_term))
    outcomes = tuple(replace(o, updates=(*o.updates, note)) for o in effect.outcomes)
    return replace(effect, outcomes=outcomes)


def pin_user_pages_fast(call: CallSite) -> Effect:
    """As in gup.py; that it was a long-term pin is remembered."""
    return _remembered(call, gup.pin_user_pages_fast(call, any_count=True))


def pin_user_pages_locked(call: CallSite) -> Effect:
    """As in gup.py, which refuses long-term pins; that there was one is remembered."""
    return _remembered(call, gup.pin_user_pages_locked(call))


def _array(call: CallSite) -> ArrayPointer:
    pages = call.arguments[0]
    if not isinstance(pages, ArrayPointer):
        raise UnsupportedCError(f"{call.callee} gets pages through a pointer not modelled")
    return pages


def _reads(count: Term) -> Update:
    return assign(slots_read, (), disj(slots_read(), neg(eq(count, 0))))


def _unpinned(call: CallSite, effect: Effect, *more: Update) -> Effect:
    count = call.arguments[1]
    assert isinstance(count, Term)
    apart = Demand(
        "dma",
        neg(reachable(_array(call).object)),
        "no device can reach pages that are given back",
    )
    outcomes = tuple(
        replace(o, updates=(*o.updates, _reads(count), *more)) for o in effect.outcomes
    )
    return replace(effect, outcomes=outcomes, demands=(apart, *effect.demands))


def unpin_user_pages(call: CallSite) -> Effect:
    """As in gup.py, of pages that no device can reach any more."""
    return _unpinned(call, gup.unpin_user_pages(call))


def unpin_user_pages_dirty_lock(call: CallSite) -> Effect:
    """Marks pages dirty if asked to, each under its page lock, and gives their pins back."""
    pages, (_, count, dirty) = _array(call), call.arguments
    assert isinstance(count, Term) and isinstance(dirty, Term)
    effect = gup.unpin_user_pages(replace(call, arguments=call.arguments[:2]))
    formals = formals_of(marked_dirty)
    inside = conj(eq(formals[0], pages.object), u_lt(formals[1] - pages.index, count))
    old = marked_dirty(*formals)
    marks = Update(marked_dirty, formals, ite(inside, disj(dirty, old), old))
    kernel = "mm/gup.c: unpin_user_pages_dirty_lock"
    return replace(_unpinned(call, effect, marks), kernel=kernel, holds="page lock inside")


def _nowhere(symbol: Symbol, array: Term, value: Term) -> Update:
    """Every slot of the array is as new."""
    formals = formals_of(symbol)
    return Update(symbol, formals, ite(eq(formals[0], array), value, symbol(*formals)))


def kvmalloc_array(call: CallSite) -> Effect:
    """A new array whose elements hold nothing, or NULL."""
    count = call.arguments[0]
    assert isinstance(count, Term)
    array = variable("array", VECTOR)
    fresh = (neg(eq(array, null_vector())), eq(capacity(array), count), neg(reachable(array)))
    made = ArrayPointer(REGION, array, word(0, 64), word(1, 64))
    updates = (_nowhere(pinned, array, FALSE), _nowhere(slot_kind, array, NOTHING))
    outcomes = (
        Outcome("made", made, (array,), fresh, updates, doc="none of its elements has been set"),
        Outcome("no memory", word(0, 64)),
    )
    return Effect(outcomes, (), "mm/util.c: kvmalloc_array", "", (FRESH,))


def kvfree(call: CallSite) -> Effect:
    """Frees an array; pins that are held through it could never be given back."""
    (pointer,) = call.arguments
    demands: tuple[Demand, ...] = ()
    if isinstance(pointer, ArrayPointer):
        i = variable("i", U64)
        none = forall(i, neg(pinned(pointer.object, i)), capacity(pointer.object))
        demands = (Demand("leak", none, "no page is pinned through an array that is freed"),)
    return Effect((Outcome("freed"),), demands, "mm/util.c: kvfree")


def kzalloc(call: CallSite) -> Effect:
    """The address of memory that nobody else has, or NULL."""
    p = variable("p", U64)
    somewhere = (neg(eq(p, 0)), u_le(p, LAST_POINTER))
    outcomes = (Outcome("made", p, (p,), somewhere), Outcome("no memory", word(0, 64)))
    return Effect(outcomes, (), "include/linux/slab.h: kzalloc")


def kfree(call: CallSite) -> Effect:
    """Frees what holds no pins itself."""
    return Effect((Outcome("freed"),), (), "mm/slab: kfree")


def access_ok(call: CallSite) -> Effect:
    """Either answer: a pin asks again whether the range is user memory."""
    outcomes = (Outcome("a user range", TRUE), Outcome("not a user range", FALSE))
    return Effect(outcomes, (), "include/linux/uaccess.h: access_ok")


CONTRACTS = {
    f.__name__: f
    for f in (
        pin_user_pages_fast,
        pin_user_pages_locked,
        unpin_user_pages,
        unpin_user_pages_dirty_lock,
        kvmalloc_array,
        kvfree,
        kzalloc,
        kfree,
        access_ok,
    )
}
RESULTS = {"kvmalloc_array": REGION}
