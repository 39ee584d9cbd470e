"""Pointers as values: which of them are the same, and which point to no object at all."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import combinations

from staleproof.cfront import ir
from staleproof.cfront.contracts import ArrayPointer, Value
from staleproof.cfront.locals import POINTS
from staleproof.cfront.types import IntType, PointerType, Type
from staleproof.errors import UnsupportedCError
from staleproof.lang.sorts import BitVec
from staleproof.lang.terms import (
    FALSE,
    Literal,
    Symbol,
    Term,
    conj,
    disj,
    eq,
    extract,
    ite,
    neg,
    sign_extend,
    u_le,
    word,
)

LAST_ERRNO = word(-4095, 64)
_PLAIN_STRING = re.compile(r'"[^"\\]*"')


def is_error(pointer_word: Term) -> Term:
    """IS_ERR: the last page of the address space."""
    return u_le(LAST_ERRNO, pointer_word)


def plain(value: Value) -> Term:
    """A value that is not a pointer into an array, nor an address that only calls can be given."""
    if isinstance(value, ArrayPointer):
        raise UnsupportedCError(
            "a pointer into an array is used as a word, and its address is not modelled",
            fix="follow it, compare it with NULL or with another pointer into the array, or pass "
            "it to a call",
        )
    if not isinstance(value, Term):
        raise UnsupportedCError("the address of a local, a field or a global is used as a word")
    return value


def word_of(pointer: ArrayPointer) -> Term:
    """The word that tells whether the pointer points: 0, an errno's word, or POINTS."""
    return POINTS if pointer.word is None else pointer.word


def address_of(pointer: ArrayPointer) -> Term:
    """The pointer as an address. Where an element lies is a word of which nothing is known."""
    name = f"&{'.'.join(pointer.region)}[]"
    place = Symbol(name, (pointer.object.sort, BitVec(64)), BitVec(64), mutable=False)
    told, at = word_of(pointer), place(pointer.object, pointer.index)
    return ite(eq(told, POINTS), at, told)


def bytes_of(type_: Type) -> int | None:
    """The size of a scalar; None of anything else."""
    match type_:
        case IntType():
            return type_.width // 8
        case PointerType():
            return 8
        case _:
            return None


def difference(left: ArrayPointer, right: ArrayPointer, size: int) -> Term:
    """How many elements lie between two places: addresses wrap around, and so do elements."""
    bits = 64 - size.bit_length() + 1
    return sign_extend(extract(bits - 1, 0, left.index - right.index), 64)


def same_place(left: ArrayPointer, right: ArrayPointer, size: int) -> Term:
    """Whether two pointers into arrays are equal: they may be NULL, or an ERR_PTR."""
    inside: Term = FALSE
    if left.region == right.region:
        inside = conj(eq(left.object, right.object), eq(difference(left, right, size), 0))
    told = word_of(left)
    return conj(eq(told, word_of(right)), disj(neg(eq(told, POINTS)), inside))


def is_null(value: Value) -> bool:
    """True of NULL as a word."""
    return isinstance(value, Literal) and value.sort == BitVec(64) and value.value == 0


def points_nowhere(value: Value) -> bool:
    """True of NULL and of the ERR_PTR of a number."""
    if not isinstance(value, Literal) or value.sort != BitVec(64):
        return False
    assert isinstance(value.value, int) and isinstance(LAST_ERRNO, Literal)
    assert isinstance(LAST_ERRNO.value, int)
    return value.value == 0 or value.value >= LAST_ERRNO.value


def is_said_to_point_nowhere(expr: ir.Expr) -> bool:
    """True of NULL and of ERR_PTR() and ERR_CAST(), whatever pointer type they are converted to."""
    match expr:
        case ir.Const(0, PointerType()):
            return True
        case ir.Convert(inner, PointerType()):
            return is_said_to_point_nowhere(inner)
        case ir.Intrinsic("ERR_PTR" | "ERR_CAST"):
            return True
        case ir.Conditional(_, yes, no):
            return is_said_to_point_nowhere(yes) and is_said_to_point_nowhere(no)
        case _:
            return False


def string(spelling: str) -> Symbol:
    """The address of a string, as spelled."""
    return Symbol(spelling, (), BitVec(64), mutable=False)


def about_strings(strings: Iterable[Symbol]) -> Iterator[Term]:
    """What is known of the addresses of strings: each is one, and two strings do not share it."""
    known = tuple(strings)
    for address in known:
        yield conj(neg(eq(address(), word(0, 64))), neg(is_error(address())))
    plainly = [s for s in known if _PLAIN_STRING.fullmatch(s.name)]
    for one, other in combinations(plainly, 2):
        yield neg(eq(one(), other()))
