"""What the templates of candidate lemmas have in common."""

from __future__ import annotations

from staleproof.lang.substitute import symbols_of
from staleproof.lang.terms import (
    TRUE,
    Operation,
    Symbol,
    Term,
    Var,
)

Candidate = tuple[tuple[Var, ...], Term]
"""Parameters, and what is true of all their values."""


def is_live(term: Term, live: frozenset[Symbol]) -> bool:
    """Whether every state constant that the term reads can still matter."""
    return all(s in live for s in symbols_of(term) if s.mutable and not s.domain)


def parts(term: Term) -> list[Term]:
    """The term, and its parts if it is a conjunction or an implication."""
    if isinstance(term, Operation) and term.operator.name == "and":
        return [p for c in term.children for p in parts(c)]
    if isinstance(term, Operation) and term.operator.name == "implies":
        return [term, *(p for c in term.children for p in parts(c))]
    return [] if term is TRUE else [term]


def can_change(term: Term) -> bool:
    """Whether some action may change what the term is."""
    return any(s.mutable for s in symbols_of(term))
