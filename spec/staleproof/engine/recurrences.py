"""Counters that keep step: candidates from the closed forms of their recurrences.

A counter that a loop adds a constant to is linear in the number of rounds; eliminating that number
from two of them leaves a linear relation between the counters.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import permutations

from staleproof.lang.sorts import BitVec, Sort
from staleproof.lang.system import System
from staleproof.lang.terms import (
    App,
    Literal,
    Operation,
    Symbol,
    Term,
    eq,
    literal,
    word,
    zero_extend,
)


def in_step(counters: dict[Symbol, int], by_sort: dict[Sort, list[Term]]) -> Iterator[Term]:
    """Linear relations between counters, and the alignment that each counter keeps."""
    for counter, step in counters.items():
        assert isinstance(counter.range, BitVec)
        starts = by_sort.get(counter.range, [])
        if step > 1 and step & (step - 1) == 0:
            mask = literal(step - 1, counter.range)
            yield eq(counter() & mask, 0)
            yield from (eq(counter() & mask, s & mask) for s in starts if s is not counter())
    for fast, slow in permutations(counters, 2):
        if fast.range.width < slow.range.width:  # type: ignore[union-attr]
            continue
        yield from _relations(fast, counters[fast], slow, counters[slow], by_sort)


def counters_of(system: System) -> dict[Symbol, int]:
    """The constants of the state that some action increases by a literal, with that literal."""
    found: dict[Symbol, int] = {}
    for action in system.actions:
        for update in action.updates:
            symbol, value = update.symbol, update.value
            if symbol.domain or not isinstance(symbol.range, BitVec):
                continue
            if isinstance(value, Operation) and value.operator.name == "bv_add":
                left, right = value.children
                if isinstance(left, App) and left.symbol == symbol and isinstance(right, Literal):
                    assert isinstance(right.value, int)
                    found[symbol] = right.value
    return found


def _relations(
    fast: Symbol, fast_step: int, slow: Symbol, slow_step: int, by_sort: dict[Sort, list[Term]]
) -> Iterator[Term]:
    """`fast = start + ratio * slow`, for every start that may have been the first value."""
    assert isinstance(fast.range, BitVec)
    ratio = _ratio(fast_step, slow_step)
    if ratio is None:
        return
    width = fast.range.width
    progress = zero_extend(slow(), width) * word(ratio, width)
    starts = [word(0, width), *by_sort.get(fast.range, [])]
    for start in starts:
        if start is not fast():
            yield eq(fast(), start + progress)


def _ratio(fast_step: int, slow_step: int) -> int | None:
    """How many of the fast counter's units go with one of the slow one's, if a whole number.

    The closed forms are x0 + a k and y0 + b k; eliminating k leaves (x - x0) / (y - y0) = a / b.
    """
    if slow_step == 0 or fast_step % slow_step:
        return None
    return fast_step // slow_step
