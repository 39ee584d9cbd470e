"""What videobuf2 should make of frames, as statements about its C texts."""

from __future__ import annotations

from collections.abc import Callable

from staleproof.kernel.frame_vector.vector import (
    VECTOR,
    is_pfns,
    nr_frames,
    slot,
    used,
)
from staleproof.kernel.iomem.properties import AT_RETURN, Subject
from staleproof.kernel.videobuf2.mapping import range_mapped, range_size, range_start
from staleproof.lang.substitute import Update
from staleproof.lang.system import Property
from staleproof.lang.terms import (
    FALSE,
    Term,
    conj,
    eq,
    neg,
    operation,
    s_le,
    s_lt,
    sign_extend,
    u_le,
    word,
)

PAGE_SHIFT = word(12, 64)
MOST = word(0xFFFFFFFF, 64)
"""The length of a plane is a u32."""


def accepting(s: Subject) -> frozenset[str]:
    """Where the vector is about to be returned, and no error."""
    vec = s.local("vec")
    returned = [
        action.source
        for action in s.translation.actions
        for update in action.updates
        if update.symbol is s.translation.result and update.value is vec
    ]
    return frozenset(returned)


def _page_number(address: Term) -> Term:
    return operation("u_shr", address, PAGE_SHIFT)


def _last_byte(s: Subject) -> Term:
    return s["start"] + s["length"] - word(1, 64)


def a_frame_for_each_page(s: Subject) -> Property:
    """As many frames as there are pages from the first byte to the last, which comes after it."""
    pages = _page_number(_last_byte(s)) - _page_number(s["start"]) + word(1, 64)
    counted = eq(used(s.local("vec")), pages) & u_le(s["start"], _last_byte(s))
    has_bytes = neg(eq(s["length"], 0)) & u_le(s["length"], MOST)
    return Property("VB2-1", counted, premise=has_bytes, at=accepting(s))


def no_byte_is_behind_the_frames(s: Subject) -> Property:
    """The frames reach to the last byte, however long the buffer is: it is not so."""
    reached = u_le(_last_byte(s) - s["start"], operation("shl", used(s.local("vec")), PAGE_SHIFT))
    return Property("VB2-1b", reached, premise=neg(eq(s["length"], 0)), at=accepting(s))


def nothing_is_refused(s: Subject) -> Property:
    """A buffer without a byte never gets there."""
    return Property("VB2-1a", FALSE, premise=eq(s["length"], 0), at=accepting(s))


def _accepted(s: Subject) -> Term:
    return eq(s.result, 0) & is_pfns(s.only(VECTOR))


def _sources(s: Subject, does: Callable[[Update], bool]) -> frozenset[str]:
    """Where a step begins that does this."""
    return frozenset(a.source for a in s.translation.actions if any(map(does, a.updates)))


def _counting(s: Subject) -> frozenset[str]:
    """Where i is counted up."""
    return _sources(s, lambda u: u.value is s.local("i") + word(1, 32))


def _mapping(s: Subject) -> frozenset[str]:
    """Where the range is mapped."""
    return _sources(s, lambda u: u.symbol is range_mapped)


def _is_array(s: Subject) -> Term:
    """`nums` points to the first slot of the vector."""
    return eq(s.local("nums.of"), s.only(VECTOR)) & eq(s.local("nums"), 0)


def numbers_left_behind_are_consecutive(s: Subject) -> Property:
    """Where i is counted up, `nums[i]` is the number before it and 1, and nums is the array."""
    array, first, i = s.local("nums.of"), s.local("nums"), s.local("i")
    before = slot(array, first + sign_extend(i - word(1, 32), 64))
    follows = eq(before + word(1, 64), slot(array, first + sign_extend(i, 64)))
    return Property("VB2-2", follows & _is_array(s), at=_counting(s))


def no_number_is_left(s: Subject) -> Property:
    """Where the range is mapped, i has come to the number of frames."""
    return Property("VB2-2b", s_le(nr_frames(s.only(VECTOR)), s.local("i")), at=_mapping(s))


def the_range_is_the_buffer(s: Subject) -> Property:
    """The range begins at the offset in the first page, and has the size asked for."""
    vec = s.only(VECTOR)
    first = operation("shl", slot(vec, word(0, 64)), PAGE_SHIFT) + s["offset"]
    right = conj(range_mapped(), eq(range_start(), first), eq(range_size(), s["size"]))
    return Property("VB2-2a", right, premise=_accepted(s), at=AT_RETURN)


def at_the_loop(s: Subject, head: str) -> tuple[Property, ...]:
    """All frames are counted, and nums is the array of numbers; at the loop, in it and after it."""
    vec, i, count = s.only(VECTOR), s.local("i"), s.local("n_pages")
    at = frozenset({head}) | _counting(s) | _mapping(s)
    return (
        Property("i is positive", s_le(word(1, 32), i), at=at),
        Property("a frame is left", s_lt(i, count), at=_counting(s)),
        Property("all are counted", eq(count, nr_frames(vec)), at=at),
        Property("they are numbers", is_pfns(vec) & neg(eq(s.local("ret"), 0)), at=at),
        Property("nums is the array", _is_array(s), at=at),
    )
