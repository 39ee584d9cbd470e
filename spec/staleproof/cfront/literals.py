"""Literals: from their spelling to a value and a type."""

from __future__ import annotations

import re

from staleproof.cfront.ir import Const
from staleproof.cfront.types import CHAR, INT, literal_type
from staleproof.errors import ConstantValueError, Place, UnsupportedCError

_NUMBER = re.compile(
    r"(?:0[xX](?P<hex>[0-9a-fA-F]+)|0[bB](?P<bin>[01]+)|(?P<oct>0[0-7]*)|(?P<dec>[1-9][0-9]*))"
    r"(?P<suffix>[uUlL]*)"
)
_ESCAPES = {"n": 10, "t": 9, "r": 13, "a": 7, "b": 8, "f": 12, "v": 11, "e": 27}
_ESCAPES |= {character: ord(character) for character in "\\'\"?"}
_FLOATING = re.compile(r"0[xX].*[.pP]|(?!0[xX]).*(?:\.|[eE])")


def integer_literal(text: str, place: Place | None = None) -> Const:
    """The constant that `text` spells: decimal, hexadecimal, octal or binary, with its suffix."""
    if _FLOATING.match(text):
        raise UnsupportedCError(
            f"not understood: the floating-point constant {text}", place=place, fix="use integers"
        )
    match = _NUMBER.fullmatch(text)
    if match is None:
        raise ConstantValueError(f"{text} is not an integer constant of C", place=place)
    base = {"hex": 16, "bin": 2, "oct": 8, "dec": 10}
    digits, radix = next((match[g], base[g]) for g in base if match[g] is not None)
    value = int(digits, radix)
    type_ = literal_type(value, match["suffix"], decimal=radix == 10)
    if type_ is None:
        raise ConstantValueError(f"no type of C holds the constant {text}", place=place)
    return Const(value, type_, "" if text == str(value) else text)


def character_literal(text: str, place: Place | None = None) -> Const:
    """The int that a character constant is; plain char is signed, so '\\xff' is -1."""
    body = text[1:-1]
    match = re.fullmatch(
        r"(?P<plain>[^\\])|\\(?:(?P<simple>[ntrabfve\\'\"?])|(?P<oct>[0-7]{1,3})"
        r"|x(?P<hex>[0-9a-fA-F]+))",
        body,
    )
    value = -1
    if match is not None:
        if match["plain"]:
            value = ord(match["plain"]) if match["plain"].isascii() else -1
        elif match["simple"]:
            value = _ESCAPES[match["simple"]]
        else:
            value = int(match["oct"], 8) if match["oct"] else int(match["hex"], 16)
    if not text.startswith("'") or not 0 <= value <= 255:
        raise UnsupportedCError(
            f"not understood: the character constant {text}",
            place=place,
            fix="use one plain char, or a number",
        )
    return Const(CHAR.wrap(value), INT, text)
