"""Sorts: the sets that terms range over, and their plain values.

A plain value is what an evaluator without a solver works with: `bool` for Bool, `int` for Int, an
unsigned `int` below ``2**width`` for a bit-vector, the member's name for an enumeration, and the
index of the element for an unbounded sort (which in a concrete state is a finite universe).
"""

from __future__ import annotations

from dataclasses import dataclass

Value = bool | int | str


@dataclass(frozen=True, slots=True)
class BoolSort:
    """The two truth values."""

    name: str = "Bool"


@dataclass(frozen=True, slots=True)
class IntSort:
    """The mathematical integers."""

    name: str = "Int"


@dataclass(frozen=True, slots=True)
class BitVec:
    """Words of `width` bits; they carry no sign, the operators do."""

    width: int

    @property
    def name(self) -> str:
        return f"BitVec{self.width}"


@dataclass(frozen=True, slots=True)
class Enum:
    """A finite set of named, distinct members."""

    name: str
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Unbounded:
    """Any non-zero number of elements: a proof holds for every number, a search picks one."""

    name: str


Sort = BoolSort | IntSort | BitVec | Enum | Unbounded

BOOL = BoolSort()
INT = IntSort()


def word_for(count: int) -> BitVec:
    """The narrowest words that tell so many things apart."""
    return BitVec(max(1, (count - 1).bit_length()))


def is_value_of(value: object, sort: Sort) -> bool:
    """Whether `value` is a plain value of `sort`."""
    match sort:
        case BoolSort():
            return isinstance(value, bool)
        case IntSort():
            return isinstance(value, int) and not isinstance(value, bool)
        case BitVec(width):
            return (
                isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1 << width
            )
        case Enum(_, members):
            return isinstance(value, str) and value in members
        case Unbounded():
            return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def default_value(sort: Sort) -> Value:
    """Some plain value of `sort`, the smallest in its order."""
    match sort:
        case BoolSort():
            return False
        case Enum(_, members):
            return members[0]
        case _:
            return 0


def show_value(value: Value, sort: Sort, signed: bool = False) -> str:
    """A plain value as it stands in a trace: large unsigned words in hexadecimal."""
    match sort:
        case BoolSort():
            return "true" if value else "false"
        case BitVec(width):
            assert isinstance(value, int)
            if signed:
                return str(value - (1 << width) if value >> (width - 1) else value)
            return str(value) if value < 65536 or width <= 32 else hex(value)
        case Unbounded(name):
            return f"{name}{value}"
        case _:
            return str(value)
