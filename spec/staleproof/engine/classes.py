"""Every class of runs in which statements fail, one after the other, and whether that was all.

A violation is found, told to which class it belongs, and that class is left out of the statement;
until no violation is found. Then it is tried to prove that there is none.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from staleproof.engine.candidates import candidates
from staleproof.engine.houdini import feasible, largest_inductive
from staleproof.engine.induction import Inductive, Proof, Proved
from staleproof.engine.search import Found, GaveUp, Limits, search
from staleproof.engine.vacuity import dead_actions
from staleproof.lang.evaluate import Interpretation
from staleproof.lang.sorts import BitVec
from staleproof.lang.substitute import symbols_of
from staleproof.lang.system import Property, System
from staleproof.lang.terms import Term, neg
from staleproof.logic.blocks import reachable
from staleproof.trace.model import Trace
from staleproof.trace.replay import execute, replay
from staleproof.verdict import Obligation, Verdict, Word

MOST_CLASSES = 40


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
    wanted = [q for q in next(iter(candidates(system))) if _is_plain(q)]
    kept = largest_inductive(inductive, wanted)
    inductive.blocks = tuple(feasible(inductive, kept))
    dead = set(dead_actions(inductive, kept))
    alive = system.with_actions(a for a in system.actions if a not in dead)
    within = reachable(alive)
    alive = alive.with_actions(a for a in alive.actions if a.source in within)
    left = set(alive.locations)
    return Known(alive, tuple(q for q in kept if q.at is None or q.at <= left))


def _is_plain(prop: Property) -> bool:
    """Whether it speaks of no words: what is left is quick to decide."""
    changing = (s for s in symbols_of(prop.formula) if s.mutable)
    return not any(isinstance(s.range, BitVec) for s in changing)


class Study:
    """What is known of a system: of the lemmas those that are inductive with what is proved."""

    def __init__(
        self, system: System, lemmas: Sequence[Property], proved: Sequence[Property]
    ) -> None:
        self._system = system
        inductive = Inductive(system)
        shown: list[Obligation] = []
        kept = largest_inductive(inductive, lemmas, proved, shown)
        inductive.blocks = tuple(feasible(inductive, [*kept, *proved]))
        self._proof = Proof(inductive, [*kept, *proved], shown)

    def classes(self, statement: Statement, limits: Limits) -> tuple[list[Class], Verdict]:
        """The classes in which the statement fails, and what is known of all others."""
        found: list[Class] = []
        prop = statement.prop
        while True:
            shown = self._proof.prove([prop])
            if isinstance(shown, Proved):
                return found, Verdict(Word.PROVED)
            if len(found) == MOST_CLASSES:
                return found, Verdict(Word.UNDECIDED, f"there are more than {MOST_CLASSES} classes")
            outcome = search(self._system, prop, limits, shortest=False)
            if isinstance(outcome, GaveUp):
                return found, Verdict(Word.UNDECIDED, f"the solver gave up on {prop.name}")
            if not isinstance(outcome, Found):
                return found, Verdict(Word.HELD_TO_BOUND, f"{limits.depth} steps of both together")
            trace = replay(self._system, prop, outcome.script)
            last = execute(self._system, outcome.script)[-1]
            cell = statement.cell(last)
            found.append(Class(prop.name, cell, trace))
            prop = replace(prop, premise=prop.premise & neg(cell.formula))
