"""One question of a search: whether some run over a finite scope reaches a goal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from staleproof.engine import second
from staleproof.engine.solve import Answer, Budget, Session
from staleproof.lang.recent import Recent
from staleproof.lang.sorts import BOOL, BitVec, Value, default_value
from staleproof.lang.system import Property
from staleproof.lang.terms import (
    FALSE,
    Literal,
    Term,
    Var,
    conj,
    disj,
    eq,
    implies,
    literal,
    neg,
    postorder,
    u_le,
    variable,
)
from staleproof.logic.runs import Run, is_choice, read
from staleproof.logic.scope import Scope, Scoper
from staleproof.logic.z3_lowering import Z3Lowering

QUICK = 2_500_000
"""What a question may cost, in resource units, before the second solver is asked it: most answers
take a tenth of that, and most of those that take more are that there is no such run.
"""

MOST_NODES = 3500
"""How large a question may be that is put to the second solver. It has no measure of its work but
the clock, and what it says must not depend on how busy the machine is: so it is asked only what
takes it a few seconds at most.
"""

SECONDS = 30
"""How long the second solver may think about it: far longer than it does."""


MOST_BASES = 12
"""Of how many scopes what is given in all questions is kept."""

BEGINNING = Budget(resources=300_000)
"""What it may cost to ask whether runs can begin over a scope."""


@dataclass(frozen=True, slots=True)
class Goal:
    """The violation of `prop` as a condition on runs of `depth` steps that end at `location`."""

    prop: Property
    depth: int
    location: str
    term: Term


def goals_of(props: Iterable[Property], depth: int, runs: Mapping[str, Run]) -> list[Goal]:
    """What counts as a violation after `depth` steps, per location where the runs can be."""
    return [
        Goal(prop, depth, location, term)
        for prop in props
        for location, run in runs.items()
        if prop.holds_at(location) and (term := _violated(prop, run)) is not FALSE
    ]


def _violated(prop: Property, run: Run) -> Term:
    return run.guard & neg(read(run, prop.formula, violating(prop)))


def violating(prop: Property) -> dict[Var, Var]:
    """Names for the values of the parameters for which the property fails."""
    return {p: variable(f"{p.name}!violated", p.sort) for p in prop.params}


class Asked:
    """One question over one scope, whether a goal can be reached, in the terms of the scope.

    `first_alone`: the first solver must answer, for a verdict may rest on what it says.
    """

    def __init__(
        self,
        scope: Scope,
        base: Sequence[Term],
        goals: Sequence[Goal],
        budget: Budget,
        lowering: Z3Lowering,
        *,
        first_alone: bool = False,
    ) -> None:
        self.scope = scope
        self._budget, self._first_alone = budget, first_alone
        self.denied_by_second = False
        """Whether the last answer, that there is no such run, is the second solver's."""
        self.scoper, self._given = _in_scope(scope, base)
        self.session = Session(budget, lowering)
        """The conversation with the first solver."""
        self._said: dict[Term, None] = {}
        self._goals: dict[Goal, Term] = {}
        self.ask_about(goals)

    @property
    def terms(self) -> tuple[Term, ...]:
        """The whole question."""
        return (*self.scoper.ranges, *self._given, disj(*self._goals.values()))

    def allow(self, budget: Budget, *, first_alone: bool = True) -> None:
        """What an answer may cost from now on, and whether the first solver must give it."""
        self._budget, self._first_alone = budget, first_alone
        self.session.allow(budget)

    def ask_about(self, goals: Iterable[Goal]) -> None:
        """Ask about these goals from now on. What was learned about others is kept."""
        self._set({goal: _within(self.scoper, goal.term) for goal in goals})

    def exclude_from(self, depth: int) -> None:
        """Ask only about goals of fewer steps from now on."""
        # Not that the others fail: the run that is looked for may well reach them, too.
        self._set({g: term for g, term in self._goals.items() if g.depth < depth})

    def only_where(self, conditions: Mapping[Goal, Term]) -> None:
        """Ask about these goals only where the conditions hold, too, from now on."""
        more = {g: self._goals[g] & _within(self.scoper, c) for g, c in conditions.items()}
        self._set({**self._goals, **more})

    def insist(self) -> None:
        """Say that some goal is reached, whatever is asked in the session from now on."""
        self.session.add(self._wanted)

    def _set(self, goals: dict[Goal, Term]) -> None:
        self._goals = goals
        self._wanted = variable(f"goal!{len(self._said)}", BOOL)
        reached = implies(self._wanted, disj(*goals.values()))
        more = [t for t in (*self.scoper.ranges, *self._given, reached) if t not in self._said]
        self._said.update(dict.fromkeys(more))
        self.session.add(*more)

    def answer(self) -> Answer:
        """Whether there is such a run. One that there is, is the first solver's."""
        if self._first_alone or self._budget.resources <= QUICK or not second.is_available():
            return self.session.ask(self._wanted)
        self.session.allow(replace(self._budget, resources=QUICK))
        answer = self.session.ask(self._wanted)
        self.session.allow(self._budget)
        if answer is not Answer.UNKNOWN:
            return answer
        self.denied_by_second = self.is_impossible()
        return Answer.UNSAT if self.denied_by_second else self.session.ask(self._wanted)

    def is_impossible(self) -> bool:
        """Whether the second solver says that there is no such run. Of any other answer nothing is
        made.
        """
        if any(t is FALSE for t in self.terms):
            return False
        if sum(1 for _ in islice(postorder(*self.terms), MOST_NODES + 1)) > MOST_NODES:
            return False
        return second.confirm(self.terms, SECONDS) is Answer.UNSAT

    def value(self, term: Term) -> Value:
        """The value of a term in the run that the last answer is about."""
        found = self.session.value(self.scoper(term))
        assert found is not None
        return self.scoper.decode(found, term.sort)

    def reached(self) -> Goal | Answer:
        """The first goal that is reached in some run; or that there is none, or that the solver
        does not know.
        """
        answer = self.answer()
        return self.hit() if answer is Answer.SAT else answer

    def hit(self) -> Goal:
        """The first goal that the run reaches that the last answer is about."""
        return next(g for g, term in self._goals.items() if self.session.value(term) is True)


_bases: Recent[tuple[object, ...], tuple[Sequence[Term], Scoper, Sequence[Term]]] = Recent(
    MOST_BASES
)


def _in_scope(scope: Scope, base: Sequence[Term]) -> tuple[Scoper, Sequence[Term]]:
    """What is given, over the scope; and a scoper that has seen nothing else."""
    key = scope.key, *map(id, base)
    known = _bases.get(key)
    if known is None:
        scoper = Scoper(scope)
        given: Sequence[Term] = [_within(scoper, t) for t in base]
        # The terms are kept with it, so that their identities stay theirs.
        known = _bases.put(key, (base, scoper, given))
    _, scoper, given = known
    return scoper.copy(), given


_beginnings: Recent[tuple[object, ...], tuple[Sequence[Term], Answer]] = Recent(MOST_BASES)


def has_beginning(scope: Scope, base: Sequence[Term]) -> bool:
    """Whether what is given can be true over the scope at all, as far as is known."""
    key = scope.key, *map(id, base)
    known = _beginnings.get(key)
    if known is None:
        scoper, given = _in_scope(scope, base)
        session = Session(BEGINNING)
        session.add(*scoper.ranges, *given)
        known = _beginnings.put(key, (base, session.ask()))
    return known[1] is not Answer.UNSAT


def _within(scoper: Scoper, term: Term) -> Term:
    """The term in the scope, with what the scope assumes of the bounds in this term alone."""
    return conj(scoper(term), scoper.assumed(term))


def minimise(session: Session, terms: Iterable[Term]) -> None:
    """Fix the terms one after the other to small values; the last model has all of them."""
    for term in terms:
        current = session.value(term)
        wanted = _wanted(term)
        if current != wanted.value and session.ask(eq(term, wanted)) is Answer.SAT:
            current = wanted.value
        elif isinstance(term.sort, BitVec) and isinstance(current, int) and current:
            current = _least(session, term, current)
        if current is not None:
            session.add(eq(term, current))


def _wanted(term: Term) -> Literal:
    """The smallest value; but of several outcomes the one that is listed first."""
    return literal(is_choice(term) or default_value(term.sort), term.sort)


def _least(session: Session, term: Term, current: int) -> int:
    """A value not above `current`, of which it is not known that it can be 0: the least possible up
    to 8, or otherwise one near it, a power of two where that will do.
    """
    assert isinstance(term.sort, BitVec)
    for bound in (8, 1 << 12, 1 << 16, 1 << 32):
        if current <= bound:
            break
        if bound < 1 << term.sort.width and session.ask(u_le(term, bound)) is Answer.SAT:
            found = session.value(term)
            assert isinstance(found, int)
            current = found
            break
    for bound in range(1, min(current, 8)):
        if current <= 8 and session.ask(eq(term, bound)) is Answer.SAT:
            return bound
    if current == 0:
        return 0
    # Of a word of flags one is plainer than several.
    flag = 1 << current.bit_length() - 1
    return flag if flag != current and session.ask(eq(term, flag)) is Answer.SAT else current
