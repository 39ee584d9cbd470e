"""What every graph rests on: the assumptions of the C front end, each with its id."""

from __future__ import annotations

from staleproof.cfront.ir import Note
from staleproof.cfront.types import Type

LP64 = Note("c-lp64", "int has 32 bits, long and pointers have 64; char is signed.")
WRAPS = Note("c-wrapv", "Signed arithmetic wraps, as the kernel's -fno-strict-overflow has it.")
PAGE_SIZE_4K = Note("c-page-size", "PAGE_SIZE is 4096.")
CALL_ORDER = Note(
    "c-call-order",
    "Where C leaves the order of operands open and one is a call, they run from left to right.",
)


def unknown_prototype(callee: str, wanted: Type) -> Note:
    """The callee's value is taken at the type that its caller makes of it."""
    return Note(
        f"c-prototype-{callee}",
        f"{callee}() has no known prototype; its value is taken as {wanted}.",
    )
