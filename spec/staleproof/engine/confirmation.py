"""A whole proof, put to the second solver: it falls where that one contradicts it."""

from __future__ import annotations

import time
from collections.abc import Sequence

from staleproof.engine.context import skolemised
from staleproof.engine.induction import Inductive, Proved, digest_of
from staleproof.engine.second import SECONDS, confirm, second_solver_name
from staleproof.lang.system import Property
from staleproof.lang.terms import Term, neg
from staleproof.logic.blocks import Block
from staleproof.logic.instantiate import Schema, ground
from staleproof.verdict import Obligation


def confirm_proof(
    inductive: Inductive, goals: Sequence[Property], proof: Proved, seconds: int = SECONDS
) -> tuple[Obligation, ...]:
    """Every obligation of a proof, built again from the system and put to the second solver.

    The proof is confirmed when all answers are `unsat`. Only the goals and the lemmas that the
    proof names are assumed.
    """
    known = (*goals, *proof.lemmas)
    obligations = []
    for prop in known:
        if prop.holds_at(inductive.system.entry):
            facts = [*inductive.system.axioms, *inductive.system.init]
            obligations.append(_obligation(prop, None, facts, (), seconds))
        for block in inductive.blocks:
            if prop.holds_at(block.target):
                here = [q for q in known if q.holds_at(block.source)]
                facts = inductive.facts(block)
                obligations.append(_obligation(prop, block, facts, here, seconds))
    return tuple(obligations)


def _obligation(
    prop: Property, block: Block | None, facts: list[Term], known: Sequence[Property], seconds: int
) -> Obligation:
    started = time.perf_counter()
    formula = prop.formula if block is None else block.after(prop.formula)
    denied = neg(skolemised(prop, formula))
    schemas = [Schema(q.params, q.formula) for q in known]
    assertions = ground([*facts, denied], schemas)
    answer = confirm(assertions, seconds)
    name = f"{prop.name}: {'holds initially' if block is None else block.name}"
    elapsed = round(time.perf_counter() - started, 4)
    return Obligation(name, digest_of(assertions), answer.value, second_solver_name(), elapsed)
