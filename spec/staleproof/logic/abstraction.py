"""Definitions, folded: what a formula writes out becomes the function that it defines.

A proof that knows less of the function than its definition says is still a proof, and bit by bit
the definition may be what makes it hard.
"""

from __future__ import annotations

from collections.abc import Sequence

from staleproof.lang.substitute import Substitution
from staleproof.lang.system import Definition
from staleproof.lang.terms import (
    App,
    Operation,
    Quantified,
    Term,
    Var,
    exists,
    forall,
    operation,
    postorder,
)


class Abstraction:
    """Folds definitions in terms, with a memo for terms that share structure."""

    def __init__(self, definitions: Sequence[Definition]) -> None:
        self._definitions = tuple(definitions)
        self._memo: dict[Term, Term] = {}

    def __call__(self, term: Term) -> Term:
        if not self._definitions:
            return term
        memo = self._memo
        if term not in memo:
            for node in postorder(term, known=memo):
                memo[node] = self._folded(self._rebuilt(node))
        return memo[term]

    def _rebuilt(self, node: Term) -> Term:
        children = tuple(self._memo[c] for c in node.children)
        if all(a is b for a, b in zip(children, node.children, strict=True)):
            return node
        if isinstance(node, App):
            return node.symbol(*children)
        if isinstance(node, Operation):
            return operation(node.operator.name, *children, indices=node.indices)
        assert isinstance(node, Quantified)
        quantify = forall if node.universal else exists
        return quantify(node.var, children[1], *children[2:])

    def _folded(self, node: Term) -> Term:
        for definition in self._definitions:
            values: dict[Var, Term] = {}
            if _matches(definition.body, node, frozenset(definition.params), values):
                return definition.symbol(*(values[p] for p in definition.params))
        return node


def unfolded(term: Term, definitions: Sequence[Definition]) -> Term:
    """The term with every defined function written out."""
    memo: dict[Term, Term] = {}
    bodies = {d.symbol: d for d in definitions}
    for node in postorder(term):
        children = tuple(memo[c] for c in node.children)
        if isinstance(node, App) and node.symbol in bodies:
            definition = bodies[node.symbol]
            values = dict(zip(definition.params, children, strict=True))
            memo[node] = Substitution(values, {})(definition.body)
        elif isinstance(node, App):
            memo[node] = node.symbol(*children)
        elif isinstance(node, Operation):
            memo[node] = operation(node.operator.name, *children, indices=node.indices)
        else:
            assert not isinstance(node, Quantified), "a fact about a definition has no quantifier"
            memo[node] = node
    return memo[term]


def _matches(pattern: Term, term: Term, params: frozenset[Var], values: dict[Var, Term]) -> bool:
    """Whether `term` is the pattern for some values of its parameters, which are added."""
    if isinstance(pattern, Var) and pattern in params:
        return pattern.sort == term.sort and values.setdefault(pattern, term) is term
    if pattern is term and not pattern.free & params:
        return True
    if isinstance(pattern, Operation):
        return (
            isinstance(term, Operation)
            and pattern.operator.name == term.operator.name
            and pattern.indices == term.indices
            and len(pattern.children) == len(term.children)
            and _all_match(pattern, term, params, values)
        )
    return (
        isinstance(pattern, App)
        and isinstance(term, App)
        and pattern.symbol == term.symbol
        and _all_match(pattern, term, params, values)
    )


def _all_match(pattern: Term, term: Term, params: frozenset[Var], values: dict[Var, Term]) -> bool:
    pairs = zip(pattern.children, term.children, strict=True)
    return all(_matches(p, t, params, values) for p, t in pairs)
