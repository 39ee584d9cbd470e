"""Houdini: the largest subset of candidate lemmas that is inductive.

A model in which a candidate fails after a block drops that candidate; nothing else does, save an
`unknown`, which drops it too. What remains when no block can drop any more holds in every
reachable state of which it speaks.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import replace

from staleproof.engine.induction import Inductive, digest_of
from staleproof.engine.solve import Answer, solver_name
from staleproof.lang.system import Property
from staleproof.lang.terms import Term, disj, neg
from staleproof.logic.blocks import Block
from staleproof.verdict import Obligation

AT_ONCE = 500_000
"""What it may cost, in resource units, to ask of all candidates at once."""


def largest_inductive(
    inductive: Inductive,
    candidates: Sequence[Property],
    proved: Sequence[Property] = (),
    obligations: list[Obligation] | None = None,
) -> list[Property]:
    """The candidates that survive: together with what is `proved` they are inductive.

    One that speaks of a location where nothing is cut does not: there nobody looks. What shows it,
    one obligation per block, is added to `obligations`.
    """
    uncut = inductive.uncut()
    alive = dict.fromkeys(q for q in candidates if not any(q.holds_at(loc) for loc in uncut))
    tried = list(alive)
    sieves = [_Sieve(inductive, block, proved, tried) for block in (None, *inductive.blocks)]
    stale = list(sieves)
    with ExitStack() as asides:
        while stale:
            sieve = stale.pop(0)
            dropped = sieve.drop(alive, asides)
            for other in sieves:
                if other not in stale and any(other.leans_on(q) for q in dropped):
                    stale.append(other)
    if obligations is not None and alive:
        obligations += [s.obligation(alive) for s in sieves if s.says_of(alive)]
    return list(alive)


class _Sieve:
    """One block (None: the initial states) with all candidates before and after it."""

    def __init__(
        self,
        inductive: Inductive,
        block: Block | None,
        proved: Sequence[Property],
        candidates: Sequence[Property],
    ) -> None:
        self._inductive, self._block = inductive, block
        target = inductive.system.entry if block is None else block.target
        self._proved = [q for q in proved if block is not None and q.holds_at(block.source)]
        self._before = [q for q in candidates if block is not None and q.holds_at(block.source)]
        self._after = [q for q in candidates if q.holds_at(target)]
        self._fails: dict[Property, Term] = {}
        self._needed: set[Property] = set()

    def leans_on(self, q: Property) -> bool:
        """Whether what was last found of this block needs the candidate before it."""
        return q in self._needed

    def says_of(self, alive: dict[Property, None]) -> bool:
        """Whether this block ends where some candidate that is left must hold."""
        return self._block is not None and any(q in alive for q in self._after)

    def obligation(self, alive: dict[Property, None]) -> Obligation:
        """What was found of this block: it breaks none of the candidates that are left.

        What fell since it was last asked about was not needed for that answer.
        """
        context = self._inductive.context(self._block)
        before = [q.formula for q in (*self._proved, *(q for q in self._before if q in alive))]
        after = [context.after(q) for q in self._after if q in alive]
        name = f"{len(after)} found lemmas: {context.name}"
        digest = digest_of([*context.facts, *before, *after])
        return Obligation(name, digest, Answer.UNSAT.value, solver_name(), 0.0)

    def drop(self, alive: dict[Property, None], asides: ExitStack) -> list[Property]:
        """Remove from `alive` what this block does not preserve; the removed ones.

        What is said of candidates is said aside, until the end of `asides`.
        """
        dropped: list[Property] = []
        while goals := [q for q in self._after if q in alive]:
            context = self._inductive.context(self._block)
            if not self._fails:
                proved = [context.literal(q) for q in self._proved]
                # Candidates that other blocks dropped by now never enter the conversation.
                asides.enter_context(context.aside())
                context.session.add(*proved)
                # Named by what they say: a literal is false where the solver sees no reason, and
                # the more of them are false in one model, the fewer models it takes.
                self._fails = {q: neg(context.define(context.after(q))) for q in goals}
            known = [context.literal(q) for q in self._before if q in alive]
            failing = self._failing(goals, known)
            if not failing:
                break
            for q in failing:
                del alive[q]
            dropped += failing
        return dropped

    def _failing(self, goals: list[Property], known: list[Term]) -> list[Property]:
        """Some of the goals that the block does not preserve; none if it preserves them all."""
        context = self._inductive.context(self._block)
        some = context.switch(disj(*(self._fails[q] for q in goals)))
        whole = self._inductive.budget
        context.session.allow(replace(whole, resources=min(AT_ONCE, whole.resources)))
        answer = context.ask(*known, some)
        context.session.allow(whole)
        self._needed = set(context.leaned_on()) if answer is Answer.UNSAT else set()
        unknown: list[Property] = []
        # Each alone is often easy where all together are not.
        for q in goals if answer is Answer.UNKNOWN else ():
            answer = context.ask(*known, self._fails[q])
            if answer is Answer.SAT:
                break
            if answer is Answer.UNKNOWN:
                self._inductive.unsure = True
                unknown.append(q)
            else:
                self._needed.update(context.leaned_on())
        if answer is Answer.SAT:
            return [q for q in goals if context.session.value(self._fails[q]) is True]
        return unknown


def feasible(
    inductive: Inductive,
    proved: Sequence[Property],
    obligations: list[Obligation] | None = None,
    is_known: Callable[[Block], bool] = lambda _: False,
) -> list[Block]:
    """The blocks that can happen at all where `proved` holds (those not known to be impossible).

    What shows that others cannot, one obligation per block, is added to `obligations`. Blocks of
    which it is known that they can are not asked about.
    """
    possible = []
    for block in inductive.blocks:
        if is_known(block):
            possible.append(block)
            continue
        context = inductive.context(block)
        known = context.lemmas_before(proved)
        if context.ask(*(context.literal(q) for q in known)) is not Answer.UNSAT:
            possible.append(block)
        elif obligations is not None:
            digest = digest_of([*context.facts, *(q.formula for q in known)])
            name = f"never taken: {context.name}"
            obligations.append(Obligation(name, digest, Answer.UNSAT.value, solver_name(), 0.0))
    return possible
