"""What a caller can see of two calls, as statements that they agree on it."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from dataclasses import dataclass

from staleproof.cfront.oracles import is_count
from staleproof.cfront.translate import RETURN, Translation
from staleproof.cfront.types import IntType
from staleproof.engine.classes import Cell, Reader, Statement
from staleproof.kernel.contracts import follow_pfn, gup
from staleproof.kernel.equivalence.still_world import FROZEN
from staleproof.kernel.frame_vector import vector
from staleproof.lang.operators import to_signed
from staleproof.lang.product import Product
from staleproof.lang.sorts import BitVec, Unbounded
from staleproof.lang.system import Property
from staleproof.lang.terms import (
    FALSE,
    TRUE,
    Literal,
    Symbol,
    Term,
    Var,
    conj,
    eq,
    literal,
    neg,
    postorder,
    s_lt,
    u_lt,
    variable,
    word,
)

UNSEEN = frozenset(
    {
        *FROZEN,
        vector.slot_kind,
        vector.slot_address,
        vector.slot_writable,
        gup.pin_called,
        gup.pin_result,
        gup.pin_wanted,
        gup.pin_writes,
        gup.migration_failed,
        follow_pfn.pfn_failed,
        follow_pfn.pfn_refused,
        follow_pfn.pfn_partial,
        follow_pfn.pfn_stored,
    }
)
"""What the model remembers and no caller can see."""

NAMES = {**errno.errorcode, 133: "EHWPOISON", 95: "EOPNOTSUPP", 11: "EAGAIN", 35: "EDEADLK"}
"""The errors that have a name."""


def statements(product: Product, first: Translation, second: Translation) -> Iterator[Statement]:
    """That both return the same, and then that all else that the caller sees is the same."""
    end = frozenset(loc for loc, pair in product.ends.items() if pair == (RETURN, RETURN))
    for location, pair in product.ends.items():
        # A run of the first side that breaks a rule has no meaning to compare with (EQ-RULES).
        if pair[0] is None and pair[1] is not None:
            yield _unbroken(location, pair[1].removeprefix("bad: "))
    results: _Results | None = None
    same: Term = TRUE
    if first.result is not None and second.result is not None:
        a, b = product.at_first(first.result()), product.at_second(second.result())
        named = frozenset((*_errors(first), *_errors(second)))
        results = _Results(a, b, _is_signed(first), _is_signed(second), named)
        same = eq(a, b)
        yield Statement(Property("result", same, at=end), lambda read: _of(results, read))
    for seen in all_seen(product):
        where = conj(same, seen.where)
        prop = Property(seen.symbol.name, seen.is_same, seen.params, where, end)
        yield Statement(prop, lambda read: _of(results, read))


@dataclass(frozen=True, slots=True)
class Seen:
    """A part of the world that the caller looks at, and where it does, by what the first did."""

    symbol: Symbol
    params: tuple[Var, ...]
    where: Term
    is_same: Term


def all_seen(product: Product) -> Iterator[Seen]:
    """All that the caller can see beside the result."""
    for symbol in product.world:
        if symbol in UNSEEN or is_count(symbol):
            continue
        params = tuple(variable(f"at{n}", sort) for n, sort in enumerate(symbol.domain))
        a, b = product.at_first(symbol(*params)), product.at_second(symbol(*params))
        yield Seen(symbol, params, product.at_first(_looked_at(symbol, params)), eq(a, b))


def _looked_at(symbol: Symbol, params: tuple[Term, ...]) -> Term:
    """Where the caller looks: at slots that are in use, at the pages of pins that it holds."""
    if symbol is vector.slot:
        return u_lt(params[1], vector.used(params[0]))
    if symbol is vector.pin_pfn:
        return vector.pinned(*params)
    return TRUE


def _unbroken(location: str, kind: str) -> Statement:
    """That the second side never breaks a rule of that kind before the first breaks one."""
    cell = Cell("breaks no rule before", f"breaks a rule ({kind})", TRUE)
    prop = Property(f"B breaks a rule: {kind}", FALSE, at=frozenset({location}))
    return Statement(prop, lambda _: cell)


@dataclass(frozen=True, slots=True)
class _Results:
    """What the two sides return, and whether each may return less than 0.

    The `errors` that a text or a callee names are classes of their own.
    """

    first: Term
    second: Term
    first_is_signed: bool
    second_is_signed: bool
    errors: frozenset[int]


def _is_signed(side: Translation) -> bool:
    declared = side.function.return_type
    return isinstance(declared, IntType) and declared.signed


def _errors(side: Translation) -> Iterator[int]:
    """The errors that the function and its callees speak of."""
    terms = [t for a in side.actions for t in (*a.guard, *(u.value for u in a.updates))]
    for term in postorder(*terms):
        if isinstance(term, Literal) and isinstance(term.sort, BitVec) and term.sort.width >= 32:
            number = -to_signed(int(term.value), term.sort.width)
            if number in NAMES:
                yield number


def _of(results: _Results | None, read: Reader) -> Cell:
    """The class of a pair of results."""
    if results is None:
        return Cell("returns", "returns", TRUE)
    a, at_a = _class(results.first, results.first_is_signed, results.errors, read)
    b, at_b = _class(results.second, results.second_is_signed, results.errors, read)
    return Cell(f"returns {a}", f"returns {b}", conj(at_a, at_b))


def _class(result: Term, signed: bool, errors: frozenset[int], read: Reader) -> tuple[str, Term]:
    """The class that a result is of, by name and as a condition."""
    if isinstance(result.sort, Unbounded):
        # A solver's object is no value that could be named, or asked for again.
        return "an object", TRUE
    value = read(result)
    if isinstance(value, bool):
        return str(value).lower(), eq(result, literal(value, result.sort))
    assert isinstance(result.sort, BitVec)
    width = result.sort.width
    assert isinstance(value, int)
    number, zero = to_signed(value, width), word(0, width)
    if number == 0:
        return "0", eq(result, zero)
    if not signed:
        return "a number above 0", neg(eq(result, zero))
    if number > 0:
        return "a number above 0", s_lt(zero, result)
    if -number in errors:
        return f"-{NAMES[-number]}", eq(result, word(number, width))
    others = (neg(eq(result, word(-error, width))) for error in sorted(errors))
    which = "another number" if errors else "a number"
    return f"{which} below 0", conj(s_lt(result, zero), *others)
