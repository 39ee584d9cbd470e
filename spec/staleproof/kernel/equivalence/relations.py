"""What may relate two functions at the loop heads of both: candidates, of which none need be true.

At a head where one side has ended what is known of its end is all that there is to compare with.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product

from staleproof.cfront.translate import RETURN, Translation
from staleproof.engine.recurrences import counters_of
from staleproof.lang.liveness import live_constants
from staleproof.lang.operators import to_signed
from staleproof.lang.product import Product, Side
from staleproof.lang.sorts import BitVec, Sort, Unbounded
from staleproof.lang.substitute import symbols_of
from staleproof.lang.system import Property, System
from staleproof.lang.terms import (
    FALSE,
    Literal,
    Symbol,
    Term,
    Var,
    disj,
    eq,
    implies,
    literal,
    neg,
    postorder,
    s_le,
    s_lt,
    show,
    u_lt,
    variable,
    zero_extend,
)


@dataclass(frozen=True, eq=False)
class Relations:
    """Candidates for two functions side by side, which `shared` parameters are given to, and of
    which something is `asked`.
    """

    product: Product
    translations: tuple[Translation, Translation]
    shared: dict[str, Symbol]
    asked: tuple[Property, ...]

    def stages(self, system: System, heads: Sequence[str]) -> Iterator[list[Property]]:
        """Candidates for the whole of the two, `system`, at some heads: what is equal; where that
        is not, equal of all objects but those that both were given; equal of elements below a
        counter.
        """
        live = live_constants(system)
        yield [q for h in heads for q in self._at(h, live[h])]
        yield [q for h in heads for q in self._elsewhere(h)]
        yield [q for h in heads for q in self._below(h, live[h])]

    def _at(self, head: str, live: frozenset[Symbol]) -> Iterator[Property]:
        at = frozenset({head})
        yield Property(f"{head}: not both", FALSE, at=at)
        for a, b in self._counterparts:
            if a.domain or {a, b} <= live:
                params = _arguments(a)
                same = eq(a(*params), b(*params))
                yield Property(f"{head}: {a.name} = {b.name}", same, params, at=at)
                for one in (a, b):
                    for failed in self._failures(one):
                        name = f"{head}: {a.name} = {b.name}, or {one.name} is a failure"
                        yield Property(name, same | failed, at=at)
        for index, (side, place) in enumerate(zip(self._sides, head.split(" | "), strict=True)):
            known = {side.named(s) for s in side.own} & live
            if self.product.end_of(index, place) == RETURN:
                known |= self._result(index)
                yield from self._as_before(side, head)
                yield from self._results_told(index, head)
                yield from self._fields_told(index, head)
            for symbol in sorted(known, key=lambda s: s.name):
                for failed in self._failures(symbol):
                    yield Property(f"{head}: {symbol.name} is a failure", failed, at=at)
                    rest = failed | s_le(literal(0, symbol.range), symbol())
                    name = f"{head}: {symbol.name} is a failure or not negative"
                    yield Property(name, rest, at=at)

    def _results_told(self, index: int, head: str) -> Iterator[Property]:
        """Of the result of a side that has ended: what it is not."""
        at = frozenset({head})
        for result in self._result(index):
            zero = literal(0, result.range) if isinstance(result.range, BitVec) else None
            if zero is None:
                continue
            for number in (*self._negative.get(result.range, ()), zero):
                name = f"{head}: {result.name} is not {show(number)}"
                yield Property(name, neg(eq(result(), number)), at=at)
            if result.signed:
                yield Property(f"{head}: {result.name} < 0", s_lt(result(), zero), at=at)
                yield Property(f"{head}: {result.name} > 0", s_lt(zero, result()), at=at)

    def _fields_told(self, index: int, head: str) -> Iterator[Property]:
        """Of the fields of a given object that a side which has ended may have set to its result:
        it has where that is above 0, and has left them alone where it is not.
        """
        at, side = frozenset({head}), self._sides[index]
        fields = [s for s in self._read if len(s.domain) == 1]
        for result, field, given in product(self._result(index), fields, self.shared.values()):
            if field.domain[0] == given.range and field.range == result.range and result.signed:
                now, before = side.named(field), self.product.beginning[field]
                above = s_lt(literal(0, result.range), result())
                is_result = implies(above, eq(now(given()), result()))
                is_left = disj(above, eq(now(given()), before(given())))
                yield Property(f"{head}: {now.name} is the result", is_result, at=at)
                yield Property(f"{head}: {now.name} is left alone", is_left, at=at)

    def _elsewhere(self, head: str) -> Iterator[Property]:
        """That a part of the world is the same, save of an object that both were given."""
        for a, b in self._counterparts:
            params = _arguments(a)
            for name, symbol in self.shared.items():
                sort = symbol.range
                if params and isinstance(sort, Unbounded) and params[0].sort == sort:
                    formula = eq(params[0], symbol()) | eq(a(*params), b(*params))
                    title = f"{head}: {a.name} = {b.name}, save {name}"
                    yield Property(title, formula, params, at=frozenset({head}))

    def _below(self, head: str, live: frozenset[Symbol]) -> Iterator[Property]:
        """That arrays have the same elements below a counter, or below a result."""
        bounds: set[Symbol] = set()
        for number, (side, place) in enumerate(zip(self._sides, head.split(" | "), strict=True)):
            if self.product.end_of(number, place) == RETURN:
                bounds |= self._result(number)
            else:
                counters = {side.named(s) for s in counters_of(side.system) if s in side.own}
                bounds |= counters & live
        for a, b in self._counterparts:
            params = _arguments(a)
            index = params[-1] if params else None
            for bound in sorted(bounds, key=lambda s: s.name):
                if index is not None and 0 < _width(bound.range) <= _width(index.sort):
                    inside = u_lt(index, zero_extend(bound(), _width(index.sort)))
                    formula = implies(inside, eq(a(*params), b(*params)))
                    title = f"{head}: {a.name} = {b.name} below {bound.name}"
                    yield Property(title, formula, params, at=frozenset({head}))

    def _as_before(self, side: Side, head: str) -> Iterator[Property]:
        """That a side has left a part of the world as both found it."""
        for symbol in self._read:
            before = self.product.beginning[symbol]
            now, params = side.named(symbol), _arguments(symbol)
            formula = eq(now(*params), before(*params))
            yield Property(f"{head}: {now.name} as before", formula, params, at=frozenset({head}))

    @property
    def _sides(self) -> tuple[Side, Side]:
        return self.product.first, self.product.second

    @cached_property
    def _counterparts(self) -> list[tuple[Symbol, Symbol]]:
        """What changes on both sides: the world, and variables of one name."""
        first, second = self._sides
        own = [{s.name: s for s in t.symbols if s.mutable} for t in self.translations]
        pairs = [(first.named(s), second.named(s)) for s in self._read]
        return pairs + [
            (first.named(s), second.named(own[1][name]))
            for name, s in own[0].items()
            if name in own[1] and own[1][name].range == s.range
        ]

    @cached_property
    def _read(self) -> list[Symbol]:
        """The parts of the world on which something that is asked depends."""
        asked = [p.formula for p in self.asked]
        actions = [a for side in self._sides for a in side.system.actions]
        found = set(symbols_of(*asked, *(g for a in actions for g in a.guard)))
        found |= {s for s in self.product.world for side in self._sides if side.named(s) in found}
        while True:
            feeds = [u.value for a in actions for u in a.updates if u.symbol in found]
            more = symbols_of(*feeds) - found
            if not more:
                return [s for s in self.product.world if s in found]
            found |= more

    def _result(self, index: int) -> set[Symbol]:
        result = self.translations[index].result
        return set() if result is None else {self._sides[index].named(result)}

    def _failures(self, symbol: Symbol) -> Iterator[Term]:
        """Of one that might be returned: that it is a negative number that a text names."""
        results = {r.range for r in self._result(0) | self._result(1)}
        if symbol.range in results and symbol.signed and not symbol.domain:
            numbers = self._negative.get(symbol.range, ())
            if numbers:
                yield disj(*(eq(symbol(), n) for n in numbers))

    @cached_property
    def _negative(self) -> dict[Sort, tuple[Literal, ...]]:
        """The negative numbers that either text assigns."""
        actions = [a for side in self._sides for a in side.system.actions]
        found: dict[BitVec, dict[int, None]] = {}
        for term in postorder(*(u.value for a in actions for u in a.updates)):
            if isinstance(term, Literal) and isinstance(term.sort, BitVec):
                number = int(term.value)
                if to_signed(number, term.sort.width) < 0:
                    found.setdefault(term.sort, {})[number] = None
        return {s: tuple(literal(n, s) for n in sorted(numbers)) for s, numbers in found.items()}


def _arguments(symbol: Symbol) -> tuple[Var, ...]:
    return tuple(variable(f"at{n}", sort) for n, sort in enumerate(symbol.domain))


def _width(sort: Sort) -> int:
    """The width of a word; 0 of what is none."""
    return sort.width if isinstance(sort, BitVec) else 0
