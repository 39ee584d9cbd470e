"""Finite scopes: a formula over unbounded sorts as one over words, for search.

Each unbounded sort becomes the words below its size, enumerations become words too, quantifiers
are written out. A bounded bit-vector quantifier is written out up to the scope's `longest`, and
its bound is assumed to be no larger, in every run that meets it: the search is then narrower, never
wrong, since what it finds is replayed in the system itself. So a bound that may be an error code in
disguise has to be written as zero in that case, or runs with errors are not searched.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from staleproof.lang.sorts import BitVec, Enum, Sort, Unbounded, Value, word_for
from staleproof.lang.substitute import instance_of
from staleproof.lang.terms import (
    App,
    Literal,
    Operation,
    Quantified,
    Symbol,
    Term,
    Var,
    conj,
    disj,
    literal,
    operation,
    u_le,
    u_lt,
    variable,
)


@dataclass(frozen=True)
class Scope:
    """How many elements each unbounded sort has, and how far bounded quantifiers are followed."""

    sizes: Mapping[Unbounded, int]
    longest: int = 4

    @property
    def key(self) -> tuple[object, ...]:
        """The same for equal scopes, and something to look them up by."""
        return frozenset(self.sizes.items()), self.longest

    @property
    def total(self) -> int:
        """A measure for 'smallest scope first'."""
        return sum(self.sizes.values()) + self.longest


class Scoper:
    """Rewrites terms into a scope. `side` is all that the rewriting assumes.

    `ranges`, a part of it, says of words that they stand for elements: true of any run. The other
    part, that bounds are no larger than the scope allows, is assumed of those terms only that
    `assumed` tells it of.
    """

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.ranges: dict[Term, None] = {}
        self._memo: dict[Term, Term] = {}
        self._assumed: dict[Term, frozenset[Term]] = {}
        self._symbols: dict[Symbol, Symbol] = {}
        self._variables: dict[Var, Var] = {}

    def copy(self) -> Scoper:
        """Another that knows what this one does."""
        other = Scoper(self.scope)
        other.ranges, other._memo = dict(self.ranges), dict(self._memo)
        other._assumed, other._symbols = dict(self._assumed), dict(self._symbols)
        other._variables = dict(self._variables)
        return other

    def sort(self, sort: Sort) -> Sort:
        """The sort of words that stands for `sort`."""
        if isinstance(sort, Unbounded):
            return word_for(self.scope.sizes[sort])
        if isinstance(sort, Enum):
            return word_for(len(sort.members))
        return sort

    def symbol(self, symbol: Symbol) -> Symbol:
        """The symbol over words that stands for `symbol`."""
        if symbol not in self._symbols:
            self._symbols[symbol] = Symbol(
                symbol.name, tuple(map(self.sort, symbol.domain)), self.sort(symbol.range)
            )
        return self._symbols[symbol]

    def decode(self, value: Value, sort: Sort) -> Value:
        """The plain value of `sort` that the word stands for."""
        return sort.members[int(value)] if isinstance(sort, Enum) else value

    def encode(self, value: Value, sort: Sort) -> Literal:
        """The literal that stands for a plain value of `sort`."""
        if isinstance(sort, Enum):
            return literal(sort.members.index(str(value)), self.sort(sort))
        return literal(value, self.sort(sort))

    @property
    def side(self) -> dict[Term, None]:
        """Every constraint so far."""
        return {**self.ranges, **dict.fromkeys(b for bs in self._assumed.values() for b in bs)}

    def assumed(self, term: Term) -> Term:
        """What the rewriting of `term`, already done, assumes of the bounds in it."""
        return conj(*sorted(self._assumed.get(term, ()), key=lambda b: b.digest))

    def __call__(self, term: Term) -> Term:
        done = self._memo.get(term)
        if done is None:
            memo, stack = self._memo, [term]
            while stack:
                node = stack[-1]
                if node not in memo:
                    if isinstance(node, Quantified):
                        memo[node] = self._quantified(node)
                    else:
                        missing = [c for c in node.children if c not in memo]
                        if missing:
                            stack += missing
                            continue
                        memo[node] = self._rebuild(node)
                        self._assume(node, node.children)
                stack.pop()
            done = memo[term]
        return done

    def _rebuild(self, node: Term) -> Term:
        if isinstance(node, Literal):
            return self.encode(node.value, node.sort)
        if isinstance(node, Var):
            return self._ranged(self._variable(node), node.sort)
        memo = self._memo
        children = tuple([memo[c] for c in node.children])
        if isinstance(node, App):
            return self._ranged(self.symbol(node.symbol)(*children), node.sort)
        assert isinstance(node, Operation)
        return operation(node.operator.name, *children, indices=node.indices)

    def _variable(self, var: Var) -> Var:
        """The variable over words, which stands for no other: its name tells the sort, as words of
        one width would not.
        """
        sort = self.sort(var.sort)
        found = var if sort == var.sort else variable(f"{var.name}:{var.sort.name}", sort)
        while self._variables.setdefault(found, var) is not var:
            found = variable(f"{found.name}'", sort)
        return found

    def _ranged(self, term: Term, sort: Sort) -> Term:
        count = (
            self.scope.sizes[sort]
            if isinstance(sort, Unbounded)
            else len(sort.members)
            if isinstance(sort, Enum)
            else None
        )
        if count is not None and count < 1 << word_for(count).width:
            self.ranges[u_lt(term, count)] = None
        return term

    def _quantified(self, node: Quantified) -> Term:
        join = conj if node.universal else disj
        if node.below is None:
            instances = [self._at(node, i) for i in range(self._count(node.var.sort))]
            values = [self(instance) for instance in instances]
            # Only now is it known what each instance assumes.
            self._assume(node, instances)
            return join(*values)
        below, sort = self(node.below), node.var.sort
        assert isinstance(sort, BitVec)
        longest = min(self.scope.longest, (1 << sort.width) - 1)
        instances = [self._at(node, i) for i in range(longest)]
        parts = []
        for i, instance in enumerate(instances):
            inside = u_lt(literal(i, sort), below)
            value = self(instance)
            parts.append(
                operation("implies", inside, value) if node.universal else conj(inside, value)
            )
        self._assume(node, [node.below, *instances], u_le(below, longest))
        return join(*parts)

    def _assume(self, node: Term, parts: Iterable[Term], *more: Term) -> None:
        """What a term assumes is what its parts do, and `more`."""
        whole = frozenset(more)
        for part in parts:
            mine = self._assumed.get(part)
            if mine and not mine <= whole:
                whole = whole | mine if whole else mine
        if whole:
            self._assumed[node] = whole

    def _count(self, sort: Sort) -> int:
        if isinstance(sort, Unbounded):
            return self.scope.sizes[sort]
        return len(sort.members) if isinstance(sort, Enum) else 2

    def _at(self, node: Quantified, index: int) -> Term:
        sort = node.var.sort
        value: Value = index
        if isinstance(sort, Enum):
            value = sort.members[index]
        elif not isinstance(sort, Unbounded | BitVec):
            value = bool(index)
        return instance_of(node, literal(value, sort))
