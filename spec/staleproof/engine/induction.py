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
from functools import lru_cache

from staleproof.engine.context import Context
from staleproof.engine.solve import Answer, Budget, Session, solver_name
from staleproof.errors import ModelError
from staleproof.lang.showing import show_once
from staleproof.lang.system import Definition, Property, System
from staleproof.lang.terms import FALSE, Term, neg, show
from staleproof.logic.abstraction import unfolded
from staleproof.logic.blocks import Block, blocks, cut_points, reachable
from staleproof.logic.instantiate import ground
from staleproof.logic.z3_lowering import Z3Lowering
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
        self.unsure = False
        """Whether the solver gave up on some question while lemmas were sought."""
        self.definitions = _usable(system, self.budget)
        self.entry_is_visited_once = all(b.target != system.entry for b in self.blocks)
        self._lowering: Z3Lowering | None = None
        self._contexts: dict[Block | None, Context] = {}

    def narrowed(self, system: System) -> Inductive:
        """The same of a system that has no other runs: blocks that cannot happen stay forgotten,
        unless its properties want it cut in more places.
        """
        narrow = Inductive(system, self.cuts, self.budget)
        if narrow.cuts == self.cuts:
            narrow.blocks = self.blocks
        narrow.unsure = self.unsure
        return narrow

    def uncut(self) -> set[str]:
        """The locations, of those that a run may come to, of which induction says nothing."""
        return reachable(self.system) - set(self.cuts)

    def context(self, block: Block | None) -> Context:
        """The conversation about a block; None stands for the initial states."""
        if block not in self._contexts:
            system = self.system
            facts = [*system.axioms, *system.init] if block is None else self.facts(block)
            self._lowering = self._lowering or Z3Lowering(quantified=system.is_relational)
            session = Session(self.budget, self._lowering)
            self._contexts[block] = Context(
                facts, block, session, self.definitions, relational=system.is_relational
            )
        return self._contexts[block]

    def forget(self) -> None:
        """End all conversations: each begins anew if it is asked for again."""
        self._contexts.clear()
        self._lowering = None

    def facts(self, block: Block) -> list[Term]:
        """What is known of a run of `block` before any lemma."""
        return [*self.facts_at(block.source), block.guard]

    def facts_at(self, source: str) -> list[Term]:
        """What is known of a state at the cut point `source` before any lemma."""
        is_initial = source == self.system.entry and self.entry_is_visited_once
        return [*self.system.axioms, *(self.system.init if is_initial else ())]

    def reached(self) -> list[str]:
        """The cut points that blocks lead to from the entry, the entry first."""
        found = [self.system.entry]
        for source in found:
            targets = [b.target for b in self.blocks if b.source == source]
            found += [t for t in dict.fromkeys(targets) if t not in found]
        return found

    def prove(
        self, goals: Sequence[Property], lemmas: Sequence[Property] = ()
    ) -> Proved | NotShown:
        """Prove `goals` by induction, and of `lemmas` those that the proof leans on."""
        return Proof(self, lemmas).prove(goals)


def _usable(system: System, budget: Budget) -> tuple[Definition, ...]:
    """The definitions, if what is said of each follows from what they are; none if the solver gave
    up on that. Raises ModelError where it does not follow.
    """
    for definition in system.definitions:
        for fact in definition.facts:
            denied = neg(unfolded(fact, system.definitions))
            answer = _asked((*system.axioms, denied), budget)
            if answer is Answer.UNKNOWN:
                return ()
            if answer is Answer.SAT:
                raise ModelError(
                    f"what is said of {definition.symbol.name} does not follow: {show(fact)}",
                    why="proofs would rest on it",
                )
    return system.definitions


@lru_cache(maxsize=64)
def _asked(formulas: tuple[Term, ...], budget: Budget) -> Answer:
    session = Session(budget)
    session.add(*ground(formulas))
    return session.ask()


class Proof:
    """Induction with a fixed set of lemmas."""

    def __init__(
        self,
        inductive: Inductive,
        lemmas: Sequence[Property],
        shown: Sequence[Obligation] | None = None,
    ) -> None:
        """`shown` are the obligations that show the lemmas, where that has been done already."""
        self.inductive, self.lemmas, self.shown = inductive, tuple(lemmas), shown
        self._settled: dict[Property, tuple[tuple[Obligation, ...], tuple[Property, ...]]] = {}
        self._proved: dict[tuple[Property, ...], Proved] = {}

    def prove(self, goals: Sequence[Property]) -> Proved | NotShown:
        """Prove `goals` together, and of the lemmas those that the proof leans on.

        What has been proved is not asked again. Raises ModelError when a goal speaks of a location
        that is not a cut point.
        """
        known = self._proved.get(tuple(goals))
        if known is not None:
            return known
        for goal in goals:
            self._require_covered(goal)
        obligations: list[Obligation] = []
        needed = dict.fromkeys(goals)
        todo = list(goals)
        while todo:
            goal = todo.pop(0)
            outcome = self._settled.get(goal) or self._obligations(goal, goals)
            if isinstance(outcome, NotShown):
                return outcome
            mine, used = outcome
            if goal not in goals:
                self._settled[goal] = outcome
            obligations += mine
            if self.shown is None:
                todo += [q for q in used if q not in needed]
            needed.update(dict.fromkeys(used))
        if self.shown is not None and len(needed) > len(goals):
            obligations += self.shown
        proved = Proved(tuple(obligations), tuple(q for q in needed if q not in goals))
        self._proved[tuple(goals)] = proved
        return proved

    def _require_covered(self, goal: Property) -> None:
        missed = [loc for loc in self.inductive.uncut() if goal.holds_at(loc)]
        if missed:
            raise ModelError(
                f"{goal.name} speaks of {', '.join(sorted(missed))}, where nothing was cut",
                why="induction looks at cut points only, so this would be proved of nothing",
                fix="name these locations in `also`, or claim the property in the system",
            )

    def _obligations(
        self, goal: Property, goals: Sequence[Property]
    ) -> NotShown | tuple[tuple[Obligation, ...], tuple[Property, ...]]:
        system = self.inductive.system
        obligations: list[Obligation] = []
        used: dict[Property, None] = {}
        # A goal may lean on the goals proved with it, a lemma on lemmas only.
        known = goals if goal in goals else ()
        targets: list[Block | None] = [b for b in self.inductive.blocks if goal.holds_at(b.target)]
        if goal.holds_at(system.entry):
            targets.insert(0, None)
        for block in targets:
            obligation, core = self._ask(self.inductive.context(block), goal, known)
            obligations.append(obligation)
            if obligation.answer != Answer.UNSAT.value:
                return NotShown(obligation, block)
            used.update(dict.fromkeys(core))
        return tuple(obligations), tuple(used)

    def _ask(
        self, context: Context, goal: Property, goals: Sequence[Property]
    ) -> tuple[Obligation, list[Property]]:
        """Whether the block can break `goal`, and which of what is known tells that it cannot."""
        started = time.perf_counter()
        name = f"{goal.name}: {context.name}"
        denied = neg(context.after(goal))
        if denied is FALSE:
            return Obligation(name, "-", Answer.UNSAT.value, "by rewriting", 0.0), []
        if context.is_left_alone(goal) and goal in (*self.lemmas, *goals):
            return Obligation(name, "-", Answer.UNSAT.value, "left alone", 0.0), []
        known = context.lemmas_before((*self.lemmas, *goals))
        literals = [context.literal(q) for q in known]
        with context.aside():
            answer = context.ask(context.switch(denied), *literals)
            core = context.leaned_on() if answer is Answer.UNSAT else []
        elapsed = round(time.perf_counter() - started, 4)
        digest = digest_of([*context.facts, *(q.formula for q in known), denied])
        return Obligation(name, digest, answer.value, solver_name(), elapsed), core


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
    return f"{where}{quantified}{show_once(prop.formula)}"
