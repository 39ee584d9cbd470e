"""Houdini: the largest subset of candidate lemmas that is inductive.

A model in which a candidate fails after a block drops that candidate; nothing else does, save an
`unknown`, which drops it too. What remains when no block can drop any more holds in every
reachable state.
"""

from __future__ import annotations

from collections.abc import Sequence

from staleproof.engine.induction import Inductive, digest_of
from staleproof.engine.solve import Answer, Session, solver_name
from staleproof.lang.sorts import BOOL
from staleproof.lang.substitute import Substitution
from staleproof.lang.system import Property
from staleproof.lang.terms import Term, Var, disj, iff, implies, neg, variable
from staleproof.logic.blocks import Block
from staleproof.logic.instantiate import Schema, ground
from staleproof.verdict import Obligation


def largest_inductive(
    inductive: Inductive,
    candidates: Sequence[Property],
    proved: Sequence[Property] = (),
    obligations: list[Obligation] | None = None,
) -> list[Property]:
    """The candidates that survive: together with what is `proved` they are inductive.

    What shows it, one obligation per block, is added to `obligations`.
    """
    alive = dict.fromkeys(candidates)
    system = inductive.system
    at_entry = [q for q in candidates if q.holds_at(system.entry)]
    _Sieve([*system.axioms, *system.init], (), [], at_entry, inductive, None).drop(alive)
    sieves = [
        _Sieve(
            inductive.facts(block),
            tuple(q for q in proved if q.holds_at(block.source)),
            [q for q in alive if q.holds_at(block.source)],
            [q for q in alive if q.holds_at(block.target)],
            inductive,
            block,
        )
        for block in inductive.blocks
    ]
    stale = list(sieves)
    while stale:
        sieve = stale.pop(0)
        dropped = sieve.drop(alive)
        for other in sieves:
            if other not in stale and any(q in other.known for q in dropped):
                stale.append(other)
    if obligations is not None and alive:
        obligations += [s.obligation(alive) for s in sieves if s.says_of(alive)]
    return list(alive)


class _Sieve:
    """One block (or the initial states) with all candidates before and after it."""

    def __init__(
        self,
        facts: list[Term],
        proved: tuple[Property, ...],
        before: list[Property],
        after: list[Property],
        inductive: Inductive,
        block: Block | None,
    ) -> None:
        self.known = {q: variable(f"known!{i}", BOOL) for i, q in enumerate(before)}
        self.fails = {q: variable(f"fails!{i}", BOOL) for i, q in enumerate(after)}
        self._session: Session | None = None
        self._inductive, self._facts, self._block = inductive, facts, block
        self._proved = proved
        self._rounds = 0

    def _open(self, alive: dict[Property, None]) -> Session:
        """The session, built when first needed: candidates dropped by then never enter it."""
        if self._session is None:
            goals = [iff(self.fails[q], neg(self._after(q))) for q in self.fails if q in alive]
            schemas = [Schema(q.params, q.formula, s) for q, s in self.known.items() if q in alive]
            schemas += [Schema(q.params, q.formula) for q in self._proved]
            assertions = ground([*self._facts, *goals], schemas)
            self._session = Session(self._inductive.budget)
            self._session.add(*assertions)
        return self._session

    def _after(self, q: Property) -> Term:
        # Candidates may share parameters' values: one counterexample is about one candidate.
        shared: dict[Var, Term] = {
            p: variable(f"any{i}!{p.sort.name}", p.sort) for i, p in enumerate(q.params)
        }
        formula = Substitution(shared, {})(q.formula)
        return formula if self._block is None else self._block.after(formula)

    def says_of(self, alive: dict[Property, None]) -> bool:
        """Whether this block ends where some candidate that is left must hold."""
        return any(q in alive for q in self.fails)

    def obligation(self, alive: dict[Property, None]) -> Obligation:
        """What was last found of this block: it breaks none of the candidates that are left."""
        before = [q.formula for q in self._proved]
        before += [q.formula for q in self.known if q in alive]
        after = [self._after(q) for q in self.fails if q in alive]
        where = "holds initially" if self._block is None else self._block.name
        name = f"{len(after)} found lemmas: {where}"
        digest = digest_of([*self._facts, *before, *after])
        return Obligation(name, digest, Answer.UNSAT.value, solver_name(), 0.0)

    def drop(self, alive: dict[Property, None]) -> list[Property]:
        """Remove from `alive` what this block does not preserve; the removed ones."""
        dropped: list[Property] = []
        while True:
            goals = [q for q in self.fails if q in alive]
            if not goals:
                return dropped
            session = self._open(alive)
            known = [s for q, s in self.known.items() if q in alive]
            some = variable(f"some!{self._rounds}", BOOL)
            self._rounds += 1
            session.add(implies(some, disj(*(self.fails[q] for q in goals))))
            answer = session.ask(*known, some)
            if answer is Answer.UNSAT:
                return dropped
            if answer is Answer.SAT:
                failing = [q for q in goals if session.value(self.fails[q]) is True]
            else:
                self._inductive.unsure = True
                failing = [
                    q for q in goals if session.ask(*known, self.fails[q]) is not Answer.UNSAT
                ]
                if not failing:
                    return dropped
            for q in failing:
                del alive[q]
            dropped += failing


def feasible(inductive: Inductive, proved: Sequence[Property]) -> list[Block]:
    """The blocks that can happen at all where `proved` holds (those not known to be impossible)."""
    possible = []
    for block in inductive.blocks:
        known = [Schema(q.params, q.formula) for q in proved if q.holds_at(block.source)]
        assertions = ground(inductive.facts(block), known)
        session = Session(inductive.budget)
        session.add(*assertions)
        if session.ask() is not Answer.UNSAT:
            possible.append(block)
    return possible
