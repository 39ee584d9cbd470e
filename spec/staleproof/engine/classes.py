"""Every class of runs in which statements fail, one after the other, and whether that was all.

A violation is found, told to which class it belongs, and that class is left out of the statement;
until no violation is found. Then it is tried to prove that there is none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from staleproof.engine.candidates import candidates
from staleproof.engine.houdini import feasible, largest_inductive
from staleproof.engine.induction import Inductive, Proof, Proved
from staleproof.engine.redundancy import independent, worth_asking
from staleproof.engine.search import Found, GaveUp, Limits, Search
from staleproof.engine.solve import Budget
from staleproof.engine.vacuity import dead_actions
from staleproof.lang.evaluate import Interpretation
from staleproof.lang.system import Property, System
from staleproof.lang.terms import Term, neg
from staleproof.logic.blocks import reachable
from staleproof.logic.rounds import Rounds
from staleproof.trace.model import Trace
from staleproof.trace.replay import execute, replay
from staleproof.verdict import Obligation, Verdict, Word

MOST_CLASSES = 40
STAGES = (0, 2, 3, 4)
"""The candidates that are tried of each side: all about constants, but for what values tell."""


@dataclass(frozen=True, eq=False)
class Cell:
    """A class of final states: its two names, and the formula that is true of it."""

    first: str
    second: str
    formula: Term


@dataclass(frozen=True, eq=False)
class Statement:
    """A property, and how a state that violates it is told to belong to a class."""

    prop: Property
    cell: Callable[[Interpretation], Cell]


@dataclass(frozen=True, eq=False)
class Class:
    """A class with a replayed run."""

    what: str
    cell: Cell
    trace: Trace


@dataclass(frozen=True, eq=False)
class Known:
    """What is known of one system: statements at its loop heads, all proved of it."""

    system: System
    lemmas: tuple[Property, ...]


def pruned(system: System) -> Known:
    """The system without the actions that are never taken, and what shows that."""
    inductive = Inductive(system)
    kept: list[Property] = []
    for number, stage in enumerate(islice(candidates(system), max(STAGES) + 1)):
        if number in STAGES:
            wanted = worth_asking(stage, kept)
            kept += independent(largest_inductive(inductive, wanted, kept))
            inductive.blocks = tuple(feasible(inductive, kept))
    dead = set(dead_actions(inductive, kept))
    # That leaves out what ends in a broken rule; where no block ends, no run does.
    ends = {b.target for b in inductive.blocks}
    dead |= {a for a in system.actions if not system.leaving(a.target) and a.target not in ends}
    alive = system.with_actions(a for a in system.actions if a not in dead)
    within = reachable(alive)
    alive = alive.with_actions(a for a in alive.actions if a.source in within)
    left = set(alive.locations)
    return Known(alive, tuple(q for q in kept if q.at is None or q.at <= left))


class Study:
    """Statements about one system: the classes in which they fail, and whether those are all."""

    def __init__(self, system: System, statements: Sequence[Statement], limits: Limits) -> None:
        self._system, self._limits = system, limits
        self._runs = Rounds(system)
        self.found: list[Class] = []
        self._open = {s.prop.name: (s, s.prop) for s in statements}
        """What is not proved yet: each statement, and what it says outside the classes found."""
        self._searched: dict[str, Verdict] = {}

    @property
    def open(self) -> tuple[Property, ...]:
        """What is left of the statements that are not proved."""
        return tuple(prop for _, prop in self._open.values())

    def is_full(self) -> bool:
        """Whether so many classes were found that no more are looked for."""
        return len(self.found) >= MOST_CLASSES

    def search(self, rounds: int, scope: int, budget: Budget | None = None) -> int:
        """Find the classes that runs of so many rounds show over the scope of that number; how
        many are new. All statements, and all classes, are asked for in one session.
        """
        if self.is_full():
            return 0
        before = len(self.found)
        names = {prop: name for name, (_, prop) in self._open.items()}

        def kind(found: Found) -> Term | None:
            told = self._class(names[found.prop], found).formula
            return None if self.is_full() else told

        longest = self._runs.visits(rounds) - 1
        limits = replace(self._limits, depth=longest, budget=budget or self._limits.budget)
        outcome = Search(self._system, self.open, limits, self._runs).each(scope, kind)
        for name in self._open:
            if self.is_full():
                word = Verdict(Word.UNDECIDED, f"there are {MOST_CLASSES} classes or more")
            elif isinstance(outcome, GaveUp):
                word = Verdict(Word.UNDECIDED, f"the solver gave up: {outcome.why}")
            else:
                word = Verdict(Word.HELD_TO_BOUND, f"{rounds - 1} rounds of loops")
            self._searched[name] = word
        return len(self.found) - before

    def _class(self, name: str, found: Found) -> Cell:
        """The class of a run, which is noted, replayed, and left out of its statement."""
        statement, prop = self._open[name]
        trace = replay(self._system, prop, found.script)
        cell = statement.cell(execute(self._system, found.script)[-1])
        self.found.append(Class(name, cell, trace))
        self._open[name] = (statement, replace(prop, premise=prop.premise & neg(cell.formula)))
        return cell

    def prove(self, proof: Proof) -> None:
        """Close the statements that hold outside the classes found."""
        for name, (_, prop) in list(self._open.items()):
            if isinstance(proof.prove([prop]), Proved):
                del self._open[name]

    @property
    def rest(self) -> Verdict:
        """What is known outside the classes found."""
        return Verdict.worst([Verdict(Word.PROVED), *(self._searched[n] for n in self._open)])


def related(
    system: System, stages: Iterable[Sequence[Property]], proved: Sequence[Property]
) -> Proof:
    """A proof that may lean on what is proved, and on those of the lemmas that are inductive with
    it; what a stage leaves helps the next.
    """
    inductive = Inductive(system)
    shown: list[Obligation] = []
    known = list(proved)
    for stage in stages:
        known += largest_inductive(inductive, stage, known, shown)
        inductive.blocks = tuple(feasible(inductive, known))
    return Proof(inductive, known, shown)
