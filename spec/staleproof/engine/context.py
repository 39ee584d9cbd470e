"""A conversation about one block: what is known before it, what it leads to, and what it cannot.

Everything that is asked about a block is asked in the same session, so what has been said once (the
axioms, the block itself, a lemma) is never said again. A lemma is named by a literal: questions
assume the literals of those lemmas that they may lean on.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache

from staleproof.engine.solve import Answer, Session
from staleproof.lang.sorts import BOOL
from staleproof.lang.substitute import Substitution
from staleproof.lang.system import Definition, Property
from staleproof.lang.terms import Term, Var, iff, implies, variable
from staleproof.logic.abstraction import Abstraction
from staleproof.logic.blocks import Block
from staleproof.logic.instantiate import Grounding, Schema
from staleproof.logic.quantified import Quantified


class Context:
    """One block, or the initial states where `block` is None."""

    def __init__(
        self,
        facts: Sequence[Term],
        block: Block | None,
        session: Session,
        definitions: Sequence[Definition] = (),
        *,
        relational: bool = False,
    ) -> None:
        self.block = block
        self.facts = tuple(facts)
        self.session = session
        self._grounding: Grounding | Quantified = Quantified() if relational else Grounding()
        self._literals: dict[Property, Term] = {}
        self._afters: dict[Property, Term] = {}
        self._named = 0
        self._after = None if block is None else Substitution({}, block.state)
        self._folded = Abstraction(definitions)
        for definition in definitions:
            for fact in definition.facts:
                self._grounding.assume_schema(Schema(definition.params, fact))
        for fact in facts:
            self._grounding.assume(self._folded(fact))

    @property
    def name(self) -> str:
        return "holds initially" if self.block is None else self.block.name

    def lemmas_before(self, lemmas: Iterable[Property]) -> list[Property]:
        """Those of the lemmas that speak of the states before the block."""
        if self.block is None:
            return []
        return [q for q in lemmas if q.holds_at(self.block.source)]

    def literal(self, lemma: Property) -> Term:
        """The literal that stands for this lemma before the block."""
        if lemma not in self._literals:
            self._literals[lemma] = self._name("lemma")
            formula = self._folded(lemma.formula)
            schema = Schema(lemma.params, formula, self._literals[lemma])
            self._grounding.assume_schema(schema)
        return self._literals[lemma]

    def after(self, prop: Property) -> Term:
        """What a property says after the block, of values that nothing else is known of."""
        after = self._afters.get(prop)
        if after is None:
            formula = _of_any(prop)
            after = formula if self._after is None else self._after(formula)
            self._afters[prop] = after
        return after

    def is_left_alone(self, prop: Property) -> bool:
        """Whether the block changes nothing that the property speaks of."""
        return (
            self.block is not None
            and prop.holds_at(self.block.source)
            and self.after(prop) is _of_any(prop)
        )

    def switch(self, formula: Term) -> Term:
        """A literal that says no less than the formula does: assume it to ask about the formula."""
        switch = self._name("question")
        self._grounding.assume(implies(switch, self._folded(formula)))
        return switch

    def define(self, formula: Term) -> Term:
        """A literal that is true exactly where the formula is."""
        literal = self._name("holds")
        self._grounding.assume(iff(literal, self._folded(formula)))
        return literal

    def ask(self, *literals: Term) -> Answer:
        """Whether there is a run of the block in which all the literals are true."""
        self.session.add(*self._grounding.consequences())
        return self.session.ask(*dict.fromkeys(literals))

    @contextmanager
    def aside(self) -> Iterator[None]:
        """What is said inside is forgotten at the end, so that it is no burden to what follows."""
        self.session.add(*self._grounding.consequences())
        kept = self._grounding, dict(self._literals)
        self._grounding = self._grounding.fork()
        self.session.push()
        try:
            yield
        finally:
            self.session.pop()
            self._grounding, self._literals = kept

    def leaned_on(self) -> list[Property]:
        """The lemmas that the last answer UNSAT needed, in the order in which they were named."""
        needed = self.session.core()
        return [q for q, s in self._literals.items() if s in needed]

    def _name(self, what: str) -> Term:
        self._named += 1
        return variable(f"{what}!{self._named}", BOOL)


@lru_cache(maxsize=2000)
def _of_any(prop: Property) -> Term:
    """What the property says of values that nothing else is known of: every block asks for it."""
    return skolemised(prop, prop.formula)


def skolemised(prop: Property, formula: Term) -> Term:
    """`formula` with the property's parameters replaced by names that nothing else uses.

    Properties share them by place and sort, so one counterexample can be about several.
    """
    fixed: dict[Var, Term] = {
        p: variable(f"any{i}!{p.sort.name}", p.sort) for i, p in enumerate(prop.params)
    }
    return Substitution(fixed, {})(formula)
