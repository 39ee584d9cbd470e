"""What a get_vaddr_frames() comes to on normal memory, told by its pin and by nothing else.

Of each side it is proved apart from the other. What both come to is compared then, with the texts
out of the way: all that is left is what a still world says of pins (EQ-PINS).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from staleproof.kernel.address_space import (
    U64,
    VMA,
    contains,
    fsdax,
    mmap_lock,
    task_size,
    untagged,
)
from staleproof.kernel.contracts.gup import (
    FOLL_FORCE,
    FOLL_LONGTERM,
    FOLL_WRITE,
    gup_pfn,
    migrates_or_fails,
)
from staleproof.kernel.equivalence.comparison import Pair
from staleproof.kernel.equivalence.still_world import FAILURES, Reach, the_layout
from staleproof.kernel.errno import EFAULT, ENOMEM, EOPNOTSUPP, errno
from staleproof.kernel.frame_vector import vector
from staleproof.kernel.frame_vector.vector import U32
from staleproof.kernel.page_table import page_of
from staleproof.lang.system import Property
from staleproof.lang.terms import (
    FALSE,
    TRUE,
    Symbol,
    Term,
    Var,
    conj,
    disj,
    eq,
    exists,
    extract,
    implies,
    ite,
    neg,
    s_le,
    s_lt,
    sign_extend,
    u_le,
    u_lt,
    variable,
    word,
    zero_extend,
)

FLAGS = FOLL_FORCE | FOLL_WRITE
"""What every version asks of its pin: the caller's gup_flags before the series, its own since."""

VEC, INDEX, PAGE, ANY_VMA = (
    variable("at0", vector.VECTOR),
    variable("at1", U64),
    variable("page", U32),
    variable("v", VMA),
)
ZERO = word(0, 32)


@dataclass(frozen=True, slots=True)
class Manner:
    """How a version goes about it: whether its pin is for the long term; whether it asks about the
    VMA before the pin, or after one that failed; and whether its errno is told, by that of the pin.
    """

    longterm: bool = True
    asks_before: bool = False
    asks_after: bool = False
    tells_errno: bool = False


class Call:
    """The call that both sides are given."""

    def __init__(self, pair: Pair) -> None:
        given = {name: symbol for name, (_, symbol) in pair.parameters.items()}
        (self.vec,) = (s() for s in given.values() if s.range == vector.VECTOR)
        self.start, self.asked = given["start"](), given["nr_frames"]()
        room = pair.product.beginning[vector.nr_allocated](self.vec)
        # As the blocks of the texts have it: a proof knows a sum of it again by its form.
        fits = conj(
            neg(eq(self.asked, 0)), neg(eq(self.vec, vector.null_vector())), u_le(self.asked, room)
        )
        self.count = ite(fits, self.asked, room)

    def reach(self, *, longterm: bool) -> Reach:
        """How far a pin of these pages gets."""
        flags = word(FLAGS | (FOLL_LONGTERM if longterm else 0), 32)
        return Reach(untagged(self.start), self.count, flags)

    @property
    def first(self) -> Term:
        """The address of the first page."""
        return self.reach(longterm=False).first

    def address(self, page: Term) -> Term:
        """The address of a page of the range."""
        return self.first + zero_extend(page, 64) * word(4096, 64)

    @property
    def has_dax(self) -> Term:
        """Some page of the range lies in the mapping of a DAX file."""
        dax = _lies_in_one(self.address(PAGE), fsdax(the_layout(), ANY_VMA))
        return exists(PAGE, dax, self.count)


def _lies_in_one(address: Term, holds: Term = TRUE) -> Term:
    """The address lies in a VMA, named ANY_VMA, of which something holds."""
    return exists(ANY_VMA, contains(the_layout(), ANY_VMA, address) & holds)


class Outcome:
    """What one side of a pair comes to: lemmas for the places where it has ended."""

    def __init__(self, pair: Pair, index: int, manners: tuple[Manner, Manner]) -> None:
        self._product, self._result = pair.product, pair.results[index]
        self._side = (pair.product.first, pair.product.second)[index]
        self._call, self._manner = Call(pair), manners[index]
        self._reach = self._call.reach(longterm=self._manner.longterm)
        self._other = manners[1 - index]

    def lemmas(self, at: frozenset[str]) -> Iterator[Property]:
        """All of them, for these places."""
        for name, formula in self._of_the_result():
            yield Property(f"{self._side.label}: {name}", formula, at=at)
        for symbol, params, where, value in self._of_the_world():
            same = eq(self._side.named(symbol)(*params), value)
            name = f"{self._side.label}: {symbol.name}"
            yield Property(name, implies(where, same), params, at=at)

    # The result

    def _of_the_result(self) -> Iterator[tuple[str, Term]]:
        result, asks_for_none = self._result, eq(self._call.asked, 0)
        number = self._frames
        gives = conj(neg(eq(number, ZERO)), neg(asks_for_none))
        yield "frames", implies(gives, disj(eq(result, number), *self._before_the_pin()))
        if self._manner.tells_errno:
            failed = disj(eq(result, self._errno), *self._instead_of_the_errno())
            nothing = ite(asks_for_none, eq(result, ZERO), failed)
        else:
            nothing = s_le(result, ZERO)
        yield "no frames", implies(neg(gives), nothing)
        yield from self._for_the_other(gives, number)

    def _for_the_other(self, gives: Term, number: Term) -> Iterator[tuple[str, Term]]:
        """What the comparison needs if the other side asks about the VMA, or pins for a short
        term: of the VMA that the pin has met, and of what made a difference to it.
        """
        result, other = self._result, self._other
        if self._manner.tells_errno and (other.asks_before or other.asks_after):
            without_vma = disj(
                eq(result, ZERO),
                eq(result, errno(EFAULT)),
                eq(result, errno(ENOMEM)) & neg(migrates_or_fails()),
            )
            yield "has a VMA", without_vma | _lies_in_one(self._call.first)
        if self._manner.longterm and not other.longterm:
            plain = _lies_in_one(self._call.first, neg(fsdax(the_layout(), ANY_VMA)))
            yield "not DAX", implies(s_lt(ZERO, result), plain)
            yield "DAX", implies(eq(result, errno(EOPNOTSUPP)), self._call.has_dax)
            asked = neg(eq(self._call.asked, 0))
            yield "what differs", implies(self._in_range & asked, self._reach.is_a_reason())
            yield "same pages", implies(gives, self._reach.the_same_pages(number))

    @property
    def _in_range(self) -> Term:
        """The range does not wrap around, and ends at or below TASK_SIZE."""
        reach = self._reach
        end = reach.first + sign_extend(reach.count, 64) * word(4096, 64)
        return u_lt(reach.first, end) & u_le(end, task_size())

    @property
    def _frames(self) -> Term:
        """How many frames the pin gives, 0 if it fails."""
        reach = self._reach
        most = ite(u_le(reach.count, reach.pages), reach.count, reach.pages)
        return ite(self._in_range, most, ZERO)

    @property
    def _errno(self) -> Term:
        """What the pin returns where it gives no frame."""
        *known, last = FAILURES.values()
        told: Term = errno(last)
        for number, value in enumerate(known):
            told = ite(eq(self._reach.why, number), errno(value), told)
        return ite(self._in_range, told, errno(EFAULT))

    def _before_the_pin(self) -> Iterator[Term]:
        """What a version may return that asks about the VMA first."""
        if self._manner.asks_before:
            dax = _lies_in_one(self._call.first, fsdax(the_layout(), ANY_VMA))
            yield dax & eq(self._result, errno(EOPNOTSUPP))
            yield self._no_vma

    def _instead_of_the_errno(self) -> Iterator[Term]:
        yield from self._before_the_pin()
        if self._manner.asks_after:
            yield self._no_vma

    @property
    def _no_vma(self) -> Term:
        return neg(_lies_in_one(self._call.first)) & eq(self._result, errno(EFAULT))

    # The world

    def _of_the_world(self) -> Iterator[tuple[Symbol, tuple[Var, ...], Term, Term]]:
        """Per part of the world: its parameters, where something is said, and what it is there."""
        before, result = self._product.beginning, self._result
        ours, gives = eq(VEC, self._call.vec), s_lt(ZERO, result)
        told = neg(ours) | gives
        got = conj(ours, gives, u_lt(INDEX, zero_extend(result, 64)))
        page = gup_pfn(self._reach.instant, extract(31, 0, INDEX))
        one, each = (VEC,), (VEC, INDEX)
        for tag, value in ((vector.got_ref, TRUE), (vector.is_pfns, FALSE)):
            yield tag, one, told, ite(ours, value, before[tag](VEC))
        yield vector.nr_allocated, one, TRUE, before[vector.nr_allocated](VEC)
        count = ite(ours & gives, result, before[vector.nr_frames](VEC))
        yield vector.nr_frames, one, TRUE, count
        slot = ite(ours, page_of(page), before[vector.slot](*each))
        yield vector.slot, each, neg(ours) | got, slot
        yield vector.pinned, each, TRUE, got | before[vector.pinned](*each)
        yield vector.pin_pfn, each, TRUE, ite(got, page, before[vector.pin_pfn](*each))
        yield mmap_lock, (), TRUE, before[mmap_lock]()
