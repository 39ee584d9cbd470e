"""Induction over blocks: what holds at the cut points of every run, with no bound on anything.

Three questions, asked of each property: [1/3] do the initial states satisfy it, [2/3] does every
block preserve it where the lemmas hold, [3/3] do the lemmas themselves pass the first two. Lemmas
and property are proved together, each block assuming all of them at its source.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from staleproof.engine.solve import Answer, Budget, Session, solver_name
from staleproof.errors import ModelError
from staleproof.lang.sorts import BOOL
from staleproof.lang.substitute import Substitution
from staleproof.lang.system import Property, System
from staleproof.lang.terms import FALSE, Term, Var, neg, show, variable
from staleproof.logic.blocks import Block, blocks, cut_points, reachable
from staleproof.logic.instantiate import Schema, ground
from staleproof.verdict import Obligation


@dataclass(frozen=True, slots=True)
class Proved:
    """Every obligation was unsatisfiable; `lemmas` are those that some obligation needed."""

    obligations: tuple[Obligation, ...]
    lemmas: tuple[Property, ...]


@dataclass(frozen=True, slots=True)
class NotShown:
    """An obligation was not unsatisfiable: `answer` says whether the solver knew."""

    obligation: Obligation
    block: Block | None

    @property
    def unknown(self) -> bool:
        return self.obligation.answer != Answer.SAT.value


class Inductive:
    """A system cut into blocks, with what is known at each cut point."""

    def __init__(self, system: System, also: Iterable[str] = (), budget: Budget | None = None):
        self.system = system
        self.cuts = cut_points(system, also)
        self.blocks = blocks(system, self.cuts)
        self.budget = budget or Budget()
        self.entry_is_visited_once = all(b.target != system.entry for b in self.blocks)

    def facts(self, block: Block) -> list[Term]:
        """What is known of a run of `block` before any lemma."""
        initial = (
            self.system.init
            if block.source == self.system.entry and self.entry_is_visited_once
            else ()
        )
        return [*self.system.axioms, *initial, block.guard]

    def prove(
        self, goals: Sequence[Property], lemmas: Sequence[Property] = ()
    ) -> Proved | NotShown:
        """Prove `goals` by induction, and of `lemmas` those that the proof leans on.

        Raises ModelError when a goal speaks of a location that is not a cut point.
        """
        for goal in goals:
            self._require_covered(goal)
        obligations: list[Obligation] = []
        known = (*goals, *lemmas)
        needed = dict.fromkeys(goals)
        todo = list(goals)
        while todo:
            used: dict[Property, None] = {}
            for attempt in self._attempts(todo.pop(0), known, used):
                obligations.append(attempt.obligation)
                if attempt.obligation.answer != Answer.UNSAT.value:
                    return attempt
            todo += [q for q in used if q not in needed]
            needed.update(used)
        return Proved(tuple(obligations), tuple(q for q in needed if q not in goals))

    def _require_covered(self, goal: Property) -> None:
        missed = [loc for loc in reachable(self.system) - set(self.cuts) if goal.holds_at(loc)]
        if missed:
            raise ModelError(
                f"{goal.name} speaks of {', '.join(sorted(missed))}, where nothing was cut",
                why="induction looks at cut points only, so this would be proved of nothing",
                fix="name these locations in `also`, or claim the property in the system",
            )

    def _attempts(
        self, goal: Property, known: Sequence[Property], used: dict[Property, None]
    ) -> Iterable[NotShown]:
        if goal.holds_at(self.system.entry):
            facts = [*self.system.axioms, *self.system.init]
            name = f"{goal.name}: holds initially"
            yield NotShown(self._ask(name, facts, goal, goal.formula, (), used), None)
        for block in self.blocks:
            if not goal.holds_at(block.target):
                continue
            after = block.after(goal.formula)
            here = [q for q in known if q.holds_at(block.source)]
            name = f"{goal.name}: {block.name}"
            yield NotShown(self._ask(name, self.facts(block), goal, after, here, used), block)

    def _ask(
        self,
        name: str,
        facts: list[Term],
        goal: Property,
        formula: Term,
        known: Sequence[Property],
        used: dict[Property, None],
    ) -> Obligation:
        """Is it impossible that the facts and lemmas hold and `formula` does not?"""
        started = time.perf_counter()
        denied = neg(skolemised(goal, formula))
        if denied is FALSE:
            return Obligation(name, "-", Answer.UNSAT.value, "by rewriting", 0.0)
        selectors = {q: variable(f"lemma!{i}", BOOL) for i, q in enumerate(known)}
        schemas = [Schema(q.params, q.formula, selectors[q]) for q in known]
        assertions, _ = ground([*facts, denied], schemas)
        session = Session(self.budget)
        session.add(*assertions)
        answer = session.ask(*selectors.values())
        if answer is Answer.UNSAT:
            core = session.core()
            used.update(dict.fromkeys(q for q, s in selectors.items() if s in core))
        elapsed = round(time.perf_counter() - started, 4)
        return Obligation(name, digest_of(assertions), answer.value, solver_name(), elapsed)


def skolemised(prop: Property, formula: Term) -> Term:
    """`formula` with the property's parameters replaced by names that nothing else uses."""
    fixed: dict[Var, Term] = {p: variable(f"{p.name}!any", p.sort) for p in prop.params}
    return Substitution(fixed, {})(formula)


def digest_of(formulas: Iterable[Term]) -> str:
    """A hash of a question: the same question has it in every run and on every machine."""
    hasher = hashlib.sha256()
    for formula in formulas:
        hasher.update(formula.digest)
    return hasher.hexdigest()[:16]


def describe(prop: Property) -> str:
    """A property on one line, as evidence lists it."""
    where = "" if prop.at is None else f"at {', '.join(sorted(prop.at))}: "
    quantified = f"for all {', '.join(p.name for p in prop.params)}: " if prop.params else ""
    return f"{where}{quantified}{show(prop.formula)}"
