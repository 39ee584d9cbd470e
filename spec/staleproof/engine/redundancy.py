"""What a candidate lemma says beyond the lemmas that are known at its location.

A candidate that follows from them by rewriting alone is not worth a question: it costs one at every
block, and as a lemma it would be a burden to every proof. Nothing rests on what is left out here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from staleproof.lang.operators import to_signed
from staleproof.lang.sorts import BitVec
from staleproof.lang.substitute import replace_terms, symbols_of
from staleproof.lang.system import Property
from staleproof.lang.terms import (
    FALSE,
    TRUE,
    Literal,
    Operation,
    Term,
    Var,
    literal,
    neg,
    s_le,
    s_lt,
    u_le,
)

MOST_REWRITINGS = 4
"""How often a formula is rewritten with what is known: one equation may lead to another."""


class Known:
    """Lemmas of one location, as the rewriting of other formulas that they allow."""

    def __init__(self) -> None:
        self._rewriting: dict[Term, Term] = {}
        self._orders: set[Term] = set()

    def learn(self, lemma: Property) -> None:
        """Use this lemma from now on."""
        fact = lemma.formula
        # Of a lemma with parameters every instance is true, that with the parameters themselves
        # among them.
        self._rewriting[fact] = TRUE
        self._rewriting[neg(fact)] = FALSE
        if lemma.params:
            return
        if _is(fact, "eq"):
            self._equate(*fact.children)
        if _is(fact, "u_le"):
            if u_le(*reversed(fact.children)) in self._orders:
                self._equate(*fact.children)
            self._orders.add(fact)

    def _equate(self, a: Term, b: Term) -> None:
        """Let one side stand for both: a literal, or what never changes, or the first."""
        if _rank(a) > _rank(b):
            a, b = b, a
        if b not in self._rewriting and not _occurs(b, a):
            self._rewriting[b] = a

    def rest(self, formula: Term) -> Term:
        """What remains of a formula once all that is known is used: TRUE if it is nothing."""
        rest = self._rewritten(formula)
        if _is(rest, "s_le") and all(self._is_positive(c) for c in rest.children):
            return self._rewritten(u_le(*rest.children))
        return rest

    def _rewritten(self, formula: Term) -> Term:
        # What a rewriting leads to may be known, too; two equations may lead round in a circle.
        for _ in range(MOST_REWRITINGS):
            rest = replace_terms(formula, self._rewriting)
            if rest is formula:
                break
            formula = rest
        return formula

    def _is_positive(self, term: Term) -> bool:
        """Whether a word is known to be the same number, signed and unsigned."""
        if isinstance(term, Literal):
            assert isinstance(term.sort, BitVec)
            return to_signed(int(term.value), term.sort.width) >= 0
        zero = literal(0, term.sort)
        return any(self._rewriting.get(f(zero, term)) is TRUE for f in (s_le, s_lt))


def worth_asking(candidates: Sequence[Property], known: Sequence[Property]) -> list[Property]:
    """The candidates that say something beyond what is `known`, each reduced to what that is.

    A candidate that speaks of several locations is left as it is.
    """
    by_location: dict[str, Known] = {}
    seen: set[tuple[str, frozenset[Var], Term]] = set()
    found = []
    for candidate in candidates:
        location = _location(candidate)
        if location is None:
            found.append(candidate)
            continue
        if location not in by_location:
            by_location[location] = Known()
            for lemma in known:
                if lemma.holds_at(location):
                    by_location[location].learn(lemma)
        rest = by_location[location].rest(candidate.formula)
        key = (location, frozenset(candidate.params), rest)
        if not isinstance(rest, Literal) and key not in seen:
            seen.add(key)
            found.append(replace(candidate, premise=TRUE, conclusion=rest))
    return found


def independent(lemmas: Sequence[Property]) -> list[Property]:
    """The lemmas without those that follow from another by rewriting, or by a tighter bound."""
    by_location: dict[str, Known] = {}
    found = []
    for lemma in without_weaker_bounds(lemmas):
        location = _location(lemma)
        if location is not None:
            known = by_location.setdefault(location, Known())
            if known.rest(lemma.formula) is TRUE:
                continue
            known.learn(lemma)
        found.append(lemma)
    return found


def _location(lemma: Property) -> str | None:
    """The location that a lemma speaks of, if it is one."""
    return next(iter(lemma.at)) if lemma.at is not None and len(lemma.at) == 1 else None


def without_weaker_bounds(lemmas: Sequence[Property]) -> list[Property]:
    """The lemmas without each bound of a word by a literal that another one implies."""
    tightest: dict[tuple[object, ...], tuple[int, Property]] = {}
    for lemma in lemmas:
        bound = _bound(lemma)
        if bound is not None:
            key, value = bound
            if key not in tightest or value < tightest[key][0]:
                tightest[key] = (value, lemma)
    kept = {id(lemma) for _, lemma in tightest.values()}
    return [q for q in lemmas if _bound(q) is None or id(q) in kept]


def _bound(lemma: Property) -> tuple[tuple[object, ...], int] | None:
    """Of ``a <= literal`` or ``literal <= a``: which and where; and a measure, less if tighter."""
    formula = lemma.formula
    if lemma.params or not (_is(formula, "u_le") or _is(formula, "s_le")):
        return None
    assert isinstance(formula, Operation)
    left, right = formula.children
    if isinstance(right, Literal):
        return (lemma.at, formula.operator.name, left, "below"), _value(formula, right)
    if isinstance(left, Literal):
        return (lemma.at, formula.operator.name, right, "above"), -_value(formula, left)
    return None


def _value(formula: Operation, bound: Literal) -> int:
    assert isinstance(bound.sort, BitVec)
    value = int(bound.value)
    return to_signed(value, bound.sort.width) if formula.operator.name == "s_le" else value


def _is(term: Term, name: str) -> bool:
    return isinstance(term, Operation) and term.operator.name == name


def _rank(term: Term) -> int:
    if isinstance(term, Literal):
        return 0
    return 2 if any(s.mutable for s in symbols_of(term)) else 1


def _occurs(small: Term, large: Term) -> bool:
    return small is large or any(_occurs(small, c) for c in large.children)
