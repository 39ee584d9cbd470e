"""Substitution: terms for variables, and updated functions for state symbols."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import is_

from staleproof.errors import SortError
from staleproof.lang.sorts import Sort
from staleproof.lang.terms import (
    TRUE,
    App,
    Literal,
    Operand,
    Operation,
    Quantified,
    Symbol,
    Term,
    Var,
    coerce,
    conj,
    disj,
    eq,
    exists,
    forall,
    ite,
    operation,
    postorder,
    show,
    variable,
)


@dataclass(frozen=True, slots=True, eq=False)
class Update:
    """A symbol's next function: at `formals` it is `value`, a term over the state before.

    `where` says at which points it writes; elsewhere `value` is the old value.
    """

    symbol: Symbol
    formals: tuple[Var, ...]
    value: Term
    where: Term = TRUE

    def at(self, arguments: tuple[Term, ...]) -> Term:
        """The value after the update at `arguments` (terms over the state before)."""
        if _are_same(self.formals, arguments):
            return self.value
        return substitute(self.value, dict(zip(self.formals, arguments, strict=True)), {})


def _are_same(some: Sequence[Term], others: Sequence[Term]) -> bool:
    return all(map(is_, some, others))


def formals_of(symbol: Symbol) -> tuple[Var, ...]:
    """The variables that an update of `symbol` is written in."""
    return tuple(variable(f"{symbol.name}#{i}", sort) for i, sort in enumerate(symbol.domain))


def assign(symbol: Symbol, arguments: tuple[Operand, ...], value: Operand) -> Update:
    """The update that changes `symbol` at one point only."""
    if len(arguments) != len(symbol.domain):
        raise SortError(f"{symbol.name} takes {len(symbol.domain)} arguments")
    formals = formals_of(symbol)
    new = coerce(value, symbol.range)
    if not formals:
        return Update(symbol, (), new)
    points = [coerce(a, s) for a, s in zip(arguments, symbol.domain, strict=True)]
    here = conj(*(eq(f, p) for f, p in zip(formals, points, strict=True)))
    return Update(symbol, formals, ite(here, new, symbol(*formals)), here)


def override(first: Update, second: Update) -> Update:
    """Both updates of one symbol, simultaneous; where they write the same point the second wins.

    Both read the state before.
    """
    formals = second.formals
    renaming: dict[Var, Term] = dict(zip(first.formals, formals, strict=True))
    value = ite(second.where, second.value, first.at(formals))
    where = disj(second.where, substitute(first.where, renaming, {}))
    return Update(second.symbol, formals, value, where)


def substitute(term: Term, variables: Mapping[Var, Term], symbols: Mapping[Symbol, Update]) -> Term:
    """`term` with variables replaced and each symbol read in its updated function.

    Bound variables are renamed where they would capture. The replacements themselves are not
    substituted into again.
    """
    return Substitution(variables, symbols)(term)


class Substitution:
    """A substitution with its memo, for use on many terms that share structure."""

    def __init__(self, variables: Mapping[Var, Term], symbols: Mapping[Symbol, Update]) -> None:
        self._variables = variables
        self._symbols = symbols
        self._memo: dict[Term, Term] = {}
        self._captured: frozenset[Var] | None = None

    def __call__(self, term: Term) -> Term:
        memo = self._memo
        done = memo.get(term)
        if done is not None:
            return done
        variables = None if self._symbols else self._variables.keys()
        stack = [term]
        while stack:
            node = stack[-1]
            if node not in memo:
                if variables is not None and variables.isdisjoint(node.free):
                    memo[node] = node
                elif isinstance(node, Quantified):
                    memo[node] = self._quantified(node)
                else:
                    missing = [c for c in node.children if c not in memo]
                    if missing:
                        stack += missing
                        continue
                    memo[node] = self._rebuild(node)
            stack.pop()
        return memo[term]

    def _rebuild(self, node: Term) -> Term:
        if isinstance(node, Var):
            return self._variables.get(node, node)
        if isinstance(node, Literal):
            return node
        memo, before = self._memo, node.children
        children = tuple([memo[c] for c in before])
        if isinstance(node, App):
            update = self._symbols.get(node.symbol)
            if update is not None:
                return update.at(children)
        if _are_same(children, before):
            return node
        if isinstance(node, App):
            return node.symbol(*children)
        assert isinstance(node, Operation)
        return operation(node.operator.name, *children, indices=node.indices)

    def _quantified(self, node: Quantified) -> Term:
        if self._captured is None:
            values = [*self._variables.values(), *(u.value for u in self._symbols.values())]
            self._captured = frozenset[Var]().union(*(v.free for v in values))
        var = node.var
        inner = {v: t for v, t in self._variables.items() if v is not var}
        if var in self._captured:
            fresh = _fresh(var, self._captured | node.body.free)
            inner[var] = fresh
            var = fresh
        same = len(inner) == len(self._variables) and var is node.var
        body = self(node.body) if same else Substitution(inner, self._symbols)(node.body)
        below = None if node.below is None else self(node.below)
        return (forall if node.universal else exists)(var, body, below)


def instance_of(formula: Quantified, value: Term) -> Term:
    """What a quantified formula says of that value of its variable."""
    known = formula.instances.get(value)
    if known is None:
        known = formula.instances[value] = substitute(formula.body, {formula.var: value}, {})
    return known


def replace_terms(term: Term, replacements: Mapping[Term, Term]) -> Term:
    """`term` with whole subterms replaced. Nothing is renamed, so bound variables may capture."""
    memo: dict[Term, Term] = {}
    for node in postorder(term):
        if node in replacements:
            memo[node] = replacements[node]
            continue
        children = tuple(memo[c] for c in node.children)
        if isinstance(node, App):
            memo[node] = node.symbol(*children)
        elif isinstance(node, Operation):
            memo[node] = operation(node.operator.name, *children, indices=node.indices)
        elif isinstance(node, Quantified):
            below = None if node.below is None else memo[node.below]
            memo[node] = (forall if node.universal else exists)(node.var, memo[node.body], below)
        else:
            memo[node] = node
    return memo[term]


def _fresh(var: Var, taken: Iterable[Var]) -> Var:
    names = {v.name for v in taken}
    name = var.name + "'"
    while name in names:
        name += "'"
    return variable(name, var.sort)


def symbols_of(*terms: Term) -> frozenset[Symbol]:
    """Every state symbol that occurs."""
    return frozenset(node.symbol for node in postorder(*terms) if isinstance(node, App))


def sorts_of(*terms: Term) -> frozenset[Sort]:
    """Every sort of a term that occurs, bound variables included."""
    return frozenset(node.sort for node in postorder(*terms))


def require_closed(term: Term, allowed: Iterable[Var], what: str) -> None:
    """Raise SortError when a variable other than the `allowed` ones is free in `term`."""
    stray = term.free - set(allowed)
    if stray:
        names = ", ".join(sorted(v.name for v in stray))
        raise SortError(f"{what} mentions {names}, which nothing binds: {show(term)}")
