"""What may relate two functions at the loop heads of both: candidates, of which none need be true.

At a head where one side has ended what is known of its end is all that there is to compare with.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from staleproof.cfront.translate import RETURN, Translation
from staleproof.lang.liveness import live_constants
from staleproof.lang.operators import to_signed
from staleproof.lang.product import Product, Side
from staleproof.lang.sorts import BitVec, Sort, Unbounded
from staleproof.lang.system import Property, System
from staleproof.lang.terms import (
    FALSE,
    Literal,
    Symbol,
    Term,
    Var,
    disj,
    eq,
    literal,
    postorder,
    s_le,
    variable,
)
from staleproof.logic.blocks import loop_heads


@dataclass(frozen=True, eq=False)
class Relations:
    """Candidates for two functions side by side, which `shared` parameters are given to."""

    product: Product
    translations: tuple[Translation, Translation]
    shared: dict[str, Symbol]

    def stages(self, system: System) -> Iterator[list[Property]]:
        """Candidates for the whole of the two, `system`: what is equal; and, where that is not,
        equal of all objects but those that both were given.
        """
        heads = loop_heads(system)
        live = live_constants(system)
        yield [q for h in heads for q in self._at(h, live[h])]
        yield [q for h in heads for q in self._elsewhere(h)]

    def _at(self, head: str, live: frozenset[Symbol]) -> Iterator[Property]:
        at = frozenset({head})
        yield Property(f"{head}: not both", FALSE, at=at)
        for a, b in self._counterparts:
            if a.domain or {a, b} <= live:
                params = _arguments(a)
                same = eq(a(*params), b(*params))
                yield Property(f"{head}: {a.name} = {b.name}", same, params, at=at)
                for failed in self._failures(a, b):
                    yield Property(f"{head}: {a.name} = {b.name}, or failed", same | failed, at=at)
        for index, (side, place) in enumerate(zip(self._sides, head.split(" | "), strict=True)):
            known = {side.named(s) for s in side.own} & live
            if place == RETURN:
                known |= self._result(index)
                yield from self._as_before(side, head)
            for symbol in sorted(known, key=lambda s: s.name):
                for failed in self._failures(symbol):
                    yield Property(f"{head}: {symbol.name} is a failure", failed, at=at)
                    rest = failed | s_le(literal(0, symbol.range), symbol())
                    name = f"{head}: {symbol.name} is a failure or not negative"
                    yield Property(name, rest, at=at)

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

    def _as_before(self, side: Side, head: str) -> Iterator[Property]:
        """That a side has left a part of the world as both found it."""
        for symbol, before in self.product.beginning.items():
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
        pairs = [(first.named(s), second.named(s)) for s in self.product.world]
        return pairs + [
            (first.named(s), second.named(own[1][name]))
            for name, s in own[0].items()
            if name in own[1] and own[1][name].range == s.range
        ]

    def _result(self, index: int) -> set[Symbol]:
        result = self.translations[index].result
        return set() if result is None else {self._sides[index].named(result)}

    def _failures(self, *symbols: Symbol) -> Iterator[Term]:
        """Of each that might be returned: that it is a negative number that a text names."""
        results = {r.range for r in self._result(0) | self._result(1)}
        for symbol in symbols:
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
