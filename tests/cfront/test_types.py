"""Integer types, their conversions and literals are those of C on LP64."""

from __future__ import annotations

import pytest

from staleproof.cfront.constants import CONSTANTS
from staleproof.cfront.literals import character_literal, integer_literal
from staleproof.cfront.types import (
    BOOL,
    CHAR,
    INT,
    INTEGER_TYPES,
    LLONG,
    LONG,
    SCHAR,
    UCHAR,
    UINT,
    ULLONG,
    ULONG,
    USHORT,
    VOID,
    IntType,
    PointerType,
    StructType,
    common_type,
    integer_of_words,
    promoted,
)
from staleproof.errors import ConstantValueError, UnsupportedCError


@pytest.mark.parametrize(
    ("left", "right", "common"),
    [
        (CHAR, CHAR, INT),
        (USHORT, UCHAR, INT),
        (BOOL, BOOL, INT),
        (INT, UINT, UINT),
        (UINT, LONG, LONG),
        (INT, ULONG, ULONG),
        (LONG, ULONG, ULONG),
        (LONG, LLONG, LLONG),
        (ULONG, LLONG, ULLONG),
        (LONG, ULLONG, ULLONG),
        (USHORT, UINT, UINT),
    ],
)
def test_the_usual_conversions_find_the_common_type(
    left: IntType, right: IntType, common: IntType
) -> None:
    """The common type is that of C11 6.3.1.8, in either order of the operands."""
    assert common_type(left, right) is common
    assert common_type(right, left) is common


def test_promotion_leaves_nothing_below_int() -> None:
    """Every type promotes to int or to itself."""
    assert {promoted(t) for t in INTEGER_TYPES} == {INT, UINT, LONG, ULONG, LLONG, ULLONG}


@pytest.mark.parametrize(
    ("type_", "value", "wrapped"),
    [
        (UINT, -14, 4294967282),
        (INT, 4294967282, -14),
        (BOOL, 256, 1),
        (SCHAR, 255, -1),
        (ULONG, -1, (1 << 64) - 1),
    ],
)
def test_a_value_that_does_not_fit_wraps(type_: IntType, value: int, wrapped: int) -> None:
    """Conversion is modulo 2^width, and to bool a comparison with zero."""
    assert type_.wrap(value) == wrapped
    assert type_.holds(wrapped)


@pytest.mark.parametrize(
    ("words", "type_"),
    [
        ("unsigned", UINT),
        ("long unsigned int", ULONG),
        ("signed", INT),
        ("unsigned long long int", ULLONG),
        ("signed char", SCHAR),
        ("long signed", LONG),
    ],
)
def test_specifiers_name_a_type_in_any_order(words: str, type_: IntType) -> None:
    """`int` and `signed` may be left out, and the order is free."""
    assert integer_of_words(words.split()) is type_


def test_specifiers_that_name_no_type_are_not_guessed() -> None:
    """`unsigned bool` is no type."""
    assert integer_of_words(["unsigned", "bool"]) is None


@pytest.mark.parametrize(
    ("text", "value", "type_"),
    [
        ("0", 0, INT),
        ("2147483647", 2147483647, INT),
        ("2147483648", 2147483648, LONG),
        ("0x80000000", 2147483648, UINT),
        ("037777777777", 4294967295, UINT),
        ("4294967295", 4294967295, LONG),
        ("1U", 1, UINT),
        ("0xffffffffU", 4294967295, UINT),
        ("4294967296u", 1 << 32, ULONG),
        ("1UL", 1, ULONG),
        ("1ll", 1, LLONG),
        ("1ULL", 1, ULLONG),
        ("0x8000000000000000", 1 << 63, ULONG),
        ("0b101", 5, INT),
    ],
)
def test_a_literal_has_the_first_type_that_holds_it(text: str, value: int, type_: IntType) -> None:
    """Suffix and base choose the list of types (C11 6.4.4.1), the value one of it."""
    constant = integer_literal(text)
    assert (constant.value, constant.type) == (value, type_)


@pytest.mark.parametrize(
    "text", ["18446744073709551616", "9223372036854775808", "08", "1lul", "1lL"]
)
def test_a_literal_that_no_type_holds_is_an_error(text: str) -> None:
    """Neither too large a value nor a malformed suffix is given a type."""
    with pytest.raises(ConstantValueError):
        integer_literal(text)


@pytest.mark.parametrize("text", ["1.0", "1e3", "0x1p3"])
def test_floating_literals_are_refused(text: str) -> None:
    """There are no floating types here."""
    with pytest.raises(UnsupportedCError):
        integer_literal(text)


@pytest.mark.parametrize(
    ("text", "value"), [("'a'", 97), (r"'\n'", 10), (r"'\xff'", -1), (r"'\0'", 0), (r"'\''", 39)]
)
def test_a_character_is_an_int(text: str, value: int) -> None:
    """Its char is signed."""
    constant = character_literal(text)
    assert (constant.value, constant.type) == (value, INT)


@pytest.mark.parametrize("text", ["'ab'", "L'a'", "''"])
def test_odd_characters_are_refused(text: str) -> None:
    """Several characters in one, wide ones, and none at all."""
    with pytest.raises(UnsupportedCError):
        character_literal(text)


@pytest.mark.parametrize(
    ("name", "value", "type_"),
    [
        ("EFAULT", 14, INT),
        ("EHWPOISON", 133, INT),
        ("EOPNOTSUPP", 95, INT),
        ("ENOSYS", 38, INT),
        ("PAGE_SIZE", 4096, ULONG),
        ("PAGE_SHIFT", 12, INT),
        ("PAGE_MASK", (1 << 64) - 4096, ULONG),
        ("FOLL_LONGTERM", 0x10000, INT),
        ("UINT_MAX", (1 << 32) - 1, UINT),
    ],
)
def test_the_kernels_constants_have_their_values_and_types(
    name: str, value: int, type_: IntType
) -> None:
    """A wrong type of a macro would change the comparisons it stands in."""
    assert (CONSTANTS[name].value, CONSTANTS[name].type) == (value, type_)


def test_types_print_as_c() -> None:
    """A type in a message reads as in the text."""
    page = PointerType(PointerType(StructType("page")))
    assert (str(page), str(PointerType(VOID))) == ("struct page **", "void *")
