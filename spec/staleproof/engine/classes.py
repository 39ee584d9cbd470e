"""Every class of runs in which statements fail, one after the other, and whether that was all.

Induction is asked for a class in which it cannot show a statement, and a run of that very class is
searched for. That class is left out, found or not, until induction shows the rest.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

from staleproof.engine.induction import Proof, Proved
from staleproof.engine.search import Found, GaveUp, Limits, Search
from staleproof.engine.solve import Answer, Budget, Session
from staleproof.lang.evaluate import evaluate
from staleproof.lang.sorts import Value
from staleproof.lang.system import Property, System
from staleproof.lang.terms import Term, conj, neg
from staleproof.logic.blocks import Block
from staleproof.logic.rounds import Rounds
from staleproof.trace.model import Trace
from staleproof.trace.replay import execute, replay
from staleproof.verdict import Verdict, Word

MOST_CLASSES = 40
DIRECTED = ((3, 0), (4, 0), (4, 1))
"""How far a run of one class is searched for: rounds, and the scope's number."""
EACH = Budget(resources=30_000_000)
"""What each of these searches may cost."""

Reader = Callable[[Term], Value]
"""Tells what a term is in some final state."""


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
    cell: Callable[[Reader], Cell]


@dataclass(frozen=True, eq=False)
class Class:
    """A class with a replayed run."""

    what: str
    cell: Cell
    trace: Trace


@dataclass(frozen=True, eq=False)
class Unsettled:
    """A class of which neither a run was found nor a proof that it has none, and how far runs were
    searched.
    """

    what: str
    cell: Cell
    searched: Verdict


class Study:
    """Statements about one system: the classes in which they fail, and whether those are all."""

    def __init__(
        self,
        system: System,
        statements: Sequence[Statement],
        limits: Limits,
        tell: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._system, self._limits, self._tell = system, limits, tell
        self._runs = Rounds(system)
        self.found: list[Class] = []
        self.unsettled: list[Unsettled] = []
        self._open = {s.prop.name: (s, s.prop) for s in statements}
        """What is not proved yet: each statement, and what it says outside the classes found."""
        self._searched: dict[str, Verdict] = {}

    @property
    def open(self) -> tuple[Property, ...]:
        """What is left of the statements of which it is not known in which classes they fail."""
        return tuple(prop for _, prop in self._open.values())

    def is_full(self) -> bool:
        """Whether so many classes were found that no more are looked for."""
        return len(self.found) >= MOST_CLASSES

    def exhaust(self, proof: Proof) -> None:
        """Find the classes of each statement that induction cannot exclude, and close it where it
        is shown that there are no others.
        """
        for name, (statement, _) in list(self._open.items()):
            if _is_shown(proof, statement, partial(self._look, name)):
                del self._open[name]
        self.prove(proof)

    def _look(self, name: str, cell: Cell) -> None:
        """Look for a run of one class."""
        if self.is_full():
            return
        self._tell(f"{name}: A {cell.first}, B {cell.second}")
        statement, _ = self._open[name]
        prop = replace(statement.prop, premise=statement.prop.premise & cell.formula)
        searched = Verdict(Word.UNDECIDED, "no run was searched for")
        for rounds, scope in DIRECTED:
            hits: list[Found] = []
            limits = replace(self._limits, depth=self._runs.visits(rounds) - 1, budget=EACH)
            outcome = Search(self._system, (prop,), limits, self._runs).each(scope, hits.append)
            if hits:
                self._class(name, hits[0])
                return
            searched = _searched(outcome, rounds)
        self.unsettled.append(Unsettled(name, cell, searched))

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
            self._searched[name] = _searched(outcome, rounds)
        return len(self.found) - before

    def _class(self, name: str, found: Found) -> Cell:
        """The class of a run, which is noted, replayed, and left out of its statement."""
        statement, prop = self._open[name]
        trace = replay(self._system, prop, found.script)
        end = execute(self._system, found.script)[-1]
        cell = statement.cell(lambda term: evaluate(term, end, {}))
        self.found.append(Class(name, cell, trace))
        self._open[name] = (statement, replace(prop, premise=prop.premise & neg(cell.formula)))
        return cell

    def prove(self, proof: Proof) -> None:
        """Close the statements that hold outside the classes that are known."""
        for name, (_, prop) in list(self._open.items()):
            left = [neg(u.cell.formula) for u in self.unsettled if u.what == name]
            rest = replace(prop, premise=conj(prop.premise, *left))
            if isinstance(proof.prove([rest]), Proved):
                del self._open[name]

    @property
    def rest(self) -> Verdict:
        """What is known outside the classes found."""
        if self.is_full():
            return Verdict(Word.UNDECIDED, f"there are {MOST_CLASSES} classes or more")
        unknown = Verdict(Word.UNDECIDED, "the proof fails, and no run was searched for")
        left = [self._searched.get(name, unknown) for name in self._open]
        return Verdict.worst([Verdict(Word.PROVED), *left, *(u.searched for u in self.unsettled)])


def _searched(outcome: Answer | GaveUp, rounds: int) -> Verdict:
    """What a search through so many rounds has shown where it found no more."""
    if isinstance(outcome, GaveUp):
        return Verdict(Word.UNDECIDED, f"the solver gave up: {outcome.why}")
    return Verdict(Word.HELD_TO_BOUND, f"{rounds - 1} rounds of loops")


def _is_shown(proof: Proof, statement: Statement, tell: Callable[[Cell], None]) -> bool:
    """Whether induction shows the statement outside some classes. Each class in which it does not
    is told once.
    """
    told: list[Cell] = []
    for block in proof.inductive.blocks:
        if not statement.prop.holds_at(block.target):
            continue
        context = proof.inductive.context(block)
        assumed = [context.literal(q) for q in context.lemmas_before(proof.lemmas)]
        with context.aside():
            assumed.append(context.switch(neg(context.after(statement.prop))))
            assumed += [context.switch(neg(block.after(c.formula))) for c in told]
            while (answer := context.ask(*assumed)) is Answer.SAT and len(told) < MOST_CLASSES:
                told.append(statement.cell(_reader(context.session, block)))
                tell(told[-1])
                assumed.append(context.switch(neg(block.after(told[-1].formula))))
        if answer is not Answer.UNSAT:
            return False
    return True


def _reader(session: Session, block: Block) -> Reader:
    """What a term is after the block, in the solver's last model."""

    def read(term: Term) -> Value:
        value = session.value(block.after(term))
        assert value is not None
        return value

    return read
