"""Quantifiers as a model author writes them: ``every(Page, lambda p: s.clean[p])``."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from itertools import count
from typing import Any, TypeVar, overload

from staleproof.errors import ModelError
from staleproof.lang.kinds import Kind, sort_of
from staleproof.lang.sorts import BOOL
from staleproof.lang.substitute import substitute
from staleproof.lang.terms import Operand, Term, Var, coerce, exists, forall, variable

A = TypeVar("A", bound=Kind)
B = TypeVar("B", bound=Kind)
C = TypeVar("C", bound=Kind)


@overload
def every(a: type[A], body: Callable[[A], Term], /, *, below: Operand | None = None) -> Term: ...
@overload
def every(a: type[A], b: type[B], body: Callable[[A, B], Term], /) -> Term: ...
@overload
def every(a: type[A], b: type[B], c: type[C], body: Callable[[A, B, C], Term], /) -> Term: ...
def every(*parts: Any, below: Operand | None = None) -> Term:
    """The body holds for all elements; of words, for all below the bound, unsigned."""
    return _quantified(forall, parts, below)


@overload
def some(a: type[A], body: Callable[[A], Term], /, *, below: Operand | None = None) -> Term: ...
@overload
def some(a: type[A], b: type[B], body: Callable[[A, B], Term], /) -> Term: ...
@overload
def some(a: type[A], b: type[B], c: type[C], body: Callable[[A, B, C], Term], /) -> Term: ...
def some(*parts: Any, below: Operand | None = None) -> Term:
    """The body holds for at least one choice of elements; of words, of those below the bound."""
    return _quantified(exists, parts, below)


Quantifier = Callable[[Var, Term, Term | None], Term]


def _quantified(quantifier: Quantifier, parts: tuple[Any, ...], below: Operand | None) -> Term:
    *kinds, body = parts
    names = list(inspect.signature(body).parameters)
    if len(names) != len(kinds):
        raise ModelError(f"a quantifier over {len(kinds)} sorts has a body of {len(names)} names")
    # A name that nothing else can have, until it is known which names the body leaves free.
    sorts = [
        sort_of(kind, f"{name} of a quantifier") for name, kind in zip(names, kinds, strict=True)
    ]
    placeholders = [variable(f"{n}~{next(_fresh)}", s) for n, s in zip(names, sorts, strict=True)]
    formula: Term = coerce(body(*placeholders), BOOL)
    for placeholder, name in reversed([*zip(placeholders, names, strict=True)]):
        var = variable(name, placeholder.sort)
        while var in formula.free:
            var = variable(var.name + "'", var.sort)
        bound = None if below is None else coerce(below, var.sort)
        formula = quantifier(var, substitute(formula, {placeholder: var}, {}), bound)
    return formula


_fresh = count()
