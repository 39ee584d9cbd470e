"""Quantifiers in proofs, left to the solver: for systems without words.

Where all that is quantified over is elements, truth values and enumerations, the solver's own
instances come quickly, and its models of what is not so are models. The same conversation as
`staleproof.logic.instantiate.Grounding`.
"""

from __future__ import annotations

from collections.abc import Iterable
from copy import copy

from staleproof.lang.sorts import BitVec
from staleproof.lang.substitute import Substitution
from staleproof.lang.terms import Term, Var, conj, forall, implies, literal
from staleproof.logic.instantiate import Grounding, Schema


class Quantified:
    """What is known, as it was said."""

    def __init__(self) -> None:
        self._said: list[Term] = []
        self._done = 0

    def fork(self) -> Quantified:
        """What is known, to which more can be added without this one growing."""
        other = copy(self)
        other._said = list(self._said)
        return other

    def assume(self, formula: Term) -> None:
        """Add a formula known to hold."""
        self._said.append(formula)

    def assume_schema(self, schema: Schema) -> None:
        """Add a formula known to hold for all values of its parameters."""
        formula = schema.formula
        for param in reversed(schema.params):
            formula = _for_all(param, formula)
        self.assume(implies(schema.when, formula))

    def consequences(self) -> list[Term]:
        """What was said since the last time."""
        said, self._done = self._said[self._done :], len(self._said)
        return said


def _for_all(param: Var, formula: Term) -> Term:
    """The formula for all values; of words for the greatest, too, which no bound lets in."""
    if not isinstance(param.sort, BitVec):
        return forall(param, formula)
    greatest = literal((1 << param.sort.width) - 1, param.sort)
    return conj(forall(param, formula, greatest), Substitution({param: greatest}, {})(formula))


def spoken(formulas: Iterable[Term], schemas: Iterable[Schema], *, relational: bool) -> list[Term]:
    """All that is known, for the solver: as it was said, or as enough ground instances."""
    known: Grounding | Quantified = Quantified() if relational else Grounding()
    for formula in formulas:
        known.assume(formula)
    for schema in schemas:
        known.assume_schema(schema)
    return known.consequences()
