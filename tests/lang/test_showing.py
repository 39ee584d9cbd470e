"""What occurs in a term several times is written once."""

from __future__ import annotations

from staleproof.lang.showing import show_once
from staleproof.lang.sorts import BitVec
from staleproof.lang.terms import (
    Symbol,
    Term,
    conj,
    eq,
    forall,
    ite,
    show,
    u_le,
    u_lt,
    variable,
)

B64 = BitVec(64)
start, end_of_range = (Symbol(name, (), B64)() for name in ("start", "end_of_range"))
LONGER = ite(u_lt(start, end_of_range), start + 4096, end_of_range)


def test_a_long_part_gets_a_name() -> None:
    """It is told behind the rest, in terms of what was told before."""
    longest = ite(eq(LONGER, 0), start, LONGER * LONGER)

    assert show_once(conj(u_lt(longest, start), u_le(longest, end_of_range))) == (
        "(x2 <u start) & (x2 <=u end_of_range) where "
        f"x1 = {show(LONGER)}, "
        "x2 = if (x1 = 0) then start else (x1 * x1)"
    )


def test_a_short_part_stays_and_so_does_one_that_occurs_once() -> None:
    """A name would be no shorter."""
    twice: Term = conj(u_lt(start + 1, end_of_range), u_le(start + 1, 7))

    assert show_once(twice) == show(twice)
    assert show_once(u_lt(LONGER, 7)) == show(u_lt(LONGER, 7))


def test_what_is_quantified_over_stays_inside() -> None:
    """Outside of its quantifier the variable means nothing."""
    i = variable("i", B64)
    part = ite(u_lt(i, end_of_range), i + 4096, end_of_range)

    inside = forall(i, conj(u_lt(part, LONGER), u_le(part, LONGER)), end_of_range)
    assert show_once(inside) == (
        f"(forall i < end_of_range. (({show(part)}) <u x1) & (({show(part)}) <=u x1)) where "
        f"x1 = {show(LONGER)}"
    )
