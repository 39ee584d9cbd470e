"""Search for the shortest run into a violation, over finite scopes.

The system is executed symbolically, one action after another, over terms of its initial state;
all runs of one length that end at one location are one question. So the first violation found has
the fewest steps there are. Then the scope is made as small as it can be at that length, then the
numbers; and the result is replayed without the solver before anybody sees it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from staleproof.engine import second
from staleproof.engine.solve import Answer, Budget, Session
from staleproof.lang.evaluate import FunctionValue, Interpretation, Table
from staleproof.lang.sorts import BitVec, Unbounded, Value, default_value
from staleproof.lang.system import Property, System
from staleproof.lang.terms import (
    FALSE,
    App,
    Literal,
    Symbol,
    Term,
    Var,
    conj,
    disj,
    eq,
    literal,
    neg,
    postorder,
    u_le,
    variable,
)
from staleproof.logic.runs import Run, is_choice, read
from staleproof.logic.scope import Scope, Scoper
from staleproof.logic.unroll import unrolling
from staleproof.trace.replay import Choice, Script

MOST_GIVEN_UP = 3
"""How often the solver may give up on longer runs or larger scopes before the search does."""

SECOND_LOOK = Budget(resources=2_000_000)
"""What it may cost to ask whether a larger scope has a shorter violation than the one found."""


@dataclass(frozen=True, slots=True)
class Found:
    """A run that violates the property, not yet replayed; `steps` is its length.

    No run over `shortest_over` is shorter; None where that was not asked, or not answered.
    """

    prop: Property
    script: Script
    scope: Scope
    shortest_over: Scope | None
    asked_second: bool = False
    """Whether that no run is shorter rests on the second solver, too."""

    @property
    def steps(self) -> int:
        return len(self.script.choices)


@dataclass(frozen=True, slots=True)
class NotFound:
    """No violation in any run of at most `bound` steps over the scope; not a proof.

    `exhausted` says that no longer run within the scope can violate it either: all have ended or
    come to where no path leads to a location that the property speaks of.
    """

    bound: int
    scope: Scope
    exhausted: bool = False


@dataclass(frozen=True, slots=True)
class GaveUp:
    """The solver said unknown; `why` is its reason."""

    why: str


@dataclass(frozen=True)
class Limits:
    """How far to search: the longest run, and the scopes, each larger than the one before.

    The first scope gives an unbounded sort one element, beside its NULL if it has one; each later
    one gives it one more.
    """

    depth: int = 60
    scopes: tuple[Scope, ...] = (Scope({}, 1), Scope({}, 2), Scope({}, 3))
    budget: Budget = field(default_factory=lambda: Budget(resources=20_000_000))


def full_scope(system: System, props: Sequence[Property], scope: Scope, extra: int) -> Scope:
    """`scope` with a size for every unbounded sort of the question; `extra` elements on top."""
    sorts = {*system.unbounded_sorts, *(s for p in props for s in p.sorts)}
    nulls = [s.range for s in system.symbols if s.name.endswith("NULL")]
    sizes = {
        s: scope.sizes.get(s, 1 + nulls.count(s) + extra) for s in sorts if isinstance(s, Unbounded)
    }
    return Scope(dict(sorted(sizes.items(), key=lambda item: item[0].name)), scope.longest)


def search(
    system: System, prop: Property, limits: Limits, *, shortest: bool = True
) -> Found | NotFound | GaveUp:
    """The shortest violation of `prop` within the limits; or, if that will do, any."""
    whole = Search(system, (prop,), limits)
    return whole.run() if shortest else whole.any()


def search_some(
    system: System, props: Sequence[Property], limits: Limits
) -> Found | NotFound | GaveUp:
    """Some violation of one of the properties; `Found.prop` says of which."""
    return Search(system, props, limits).any()


@dataclass(frozen=True, slots=True)
class Goal:
    """The violation of `prop` as a condition on runs of `depth` steps that end at `location`."""

    prop: Property
    depth: int
    location: str
    term: Term


class Search:
    """One search: the goals so far; runs are extended only as far as they are asked about."""

    def __init__(self, system: System, props: Sequence[Property], limits: Limits) -> None:
        self.system, self.props, self.limits = system, tuple(props), limits
        self.runs = unrolling(system)
        self._goals_known: list[list[Goal]] = []
        self.asked_second = False

    def run(self) -> Found | NotFound | GaveUp:
        """The shortest violation over the scopes: some violation, then shorter ones until the
        solver says that there is none.
        """
        first = self._first(seldom_soon=True)
        if not isinstance(first, _Hit):
            return first
        shortest = first
        shortest_over: Scope | None = None
        for number in range(first.number, len(self.limits.scopes)):
            shorter = self._shorter(shortest, number, SECOND_LOOK if shortest_over else None)
            if shorter is None:
                break
            shortest, shortest_over = shorter, self._scope(number)
        return self._shrink(shortest, shortest_over)

    def any(self) -> Found | NotFound | GaveUp:
        """A violation of at most the greatest depth, over the first scopes that have one."""
        first = self._first()
        return self._found(first, first.asked) if isinstance(first, _Hit) else first

    def _first(self, *, seldom_soon: bool = False) -> _Hit | NotFound | GaveUp:
        """Some violation. The longest runs and the largest scopes are tried last: both are dear."""
        gave_up: GaveUp | None = None
        depth = self.limits.depth
        lengths = dict.fromkeys((depth // 3, depth * 3 // 5, depth))
        tries = [(most, number) for number in range(len(self.limits.scopes)) for most in lengths]
        tries.sort(key=lambda t: (t[0] == depth, t[1] > 1))
        given_up = 0
        for most, number in tries:
            soon = most == depth // 3
            goals, budget = self._goals(most), self.limits.budget
            attempt = self._ask(number, goals, budget, unlikely=soon and seldom_soon)
            if isinstance(attempt, _Hit):
                return attempt
            if isinstance(attempt, GaveUp):
                gave_up, given_up = attempt, given_up + 1
                if given_up == MOST_GIVEN_UP:
                    break
        exhausted = not self.runs.runs(depth + 1)
        return gave_up or NotFound(depth, self._scope(-1), exhausted)

    def _shorter(self, hit: _Hit, number: int, budget: Budget | None) -> _Hit | None:
        """The shortest violation over a scope, if that is below `hit`; None if the solver gave up
        before it was sure.
        """
        if hit.number != number:
            goals = self._goals(hit.goal.depth - 1)
            attempt = self._ask(number, goals, budget or self.limits.budget)
            if not isinstance(attempt, _Hit):
                return hit if attempt is None else None
            hit = attempt
        # The rest is asked in the session that found the first: it has learned much.
        while True:
            hit.asked.exclude_from(hit.goal.depth)
            if number == 0 and self._is_impossible(hit.asked.terms):
                return hit
            attempt = hit.asked.answer(number)
            if not isinstance(attempt, _Hit):
                return hit if attempt is None else None
            hit = attempt

    def _scope(self, number: int) -> Scope:
        scopes = self.limits.scopes
        number %= len(scopes)
        return full_scope(self.system, self.props, scopes[number], number)

    def _ask(
        self, number: int, goals: Iterable[Goal], budget: Budget, *, unlikely: bool = False
    ) -> _Hit | GaveUp | None:
        """Whether one of the goals can be reached over a scope; if so the first that is.

        Where that is unlikely, the solver is picked that is quick to say no.
        """
        goals = list(goals)
        if all(g.term is FALSE for g in goals):
            return None
        asked = _Asked(self._scope(number), self._base, goals, budget)
        if unlikely and number == 0 and self._is_impossible(asked.terms):
            return None
        return asked.answer(number)

    def _is_impossible(self, question: Sequence[Term]) -> bool:
        """Whether a second solver says that there is no such run over the first scope: it says so
        in a tenth of the time. Of any other answer nothing is made.
        """
        if not second.is_available() or any(t is FALSE for t in question):
            return False
        answer = second.confirm(question, seconds=5)
        self.asked_second |= answer is Answer.UNSAT
        return answer is Answer.UNSAT

    @property
    def _base(self) -> tuple[Term, ...]:
        return (*self.system.axioms, *self.system.init)

    def _goals(self, most: int) -> Iterator[Goal]:
        """The goals of at most so many steps, in the order of their depth."""
        for depth in range(most + 1):
            if depth == len(self._goals_known):
                self._goals_known.append(self.goals_at(depth, self.runs.runs(depth)))
            yield from self._goals_known[depth]

    def goals_at(self, depth: int, runs: dict[str, Run]) -> list[Goal]:
        """What counts as a violation after `depth` steps, per location."""
        return [
            Goal(prop, depth, location, term)
            for prop in self.props
            for location, run in runs.items()
            if prop.holds_at(location) and (term := _violated(prop, run)) is not FALSE
        ]

    # The rest happens once, when a violation of the least length is known.

    def _shrink(self, hit: _Hit, shortest_over: Scope | None) -> Found | GaveUp:
        """The same over the smallest scope and with the smallest numbers."""
        depth = hit.goal.depth
        # Which of the goals of one depth was hit is the solver's whim; the first will do.
        for goal in (g for g in self._goals(depth) if g.depth == depth):
            asked = self._alone(goal, self._scope(hit.number))
            if asked is not None:
                break
        else:
            return GaveUp("a violation was lost while shrinking")
        for candidate in _smaller(asked.scope):
            narrower = _narrow(asked.scope, candidate)
            if narrower is not None:
                asked = self._alone(goal, narrower) or asked
        _minimise(asked.session, self._numbers(asked, depth))
        found = self._found(_Hit(goal, hit.number, asked), asked)
        return replace(found, shortest_over=shortest_over, asked_second=self.asked_second)

    def _alone(self, goal: Goal, scope: Scope) -> _Asked | None:
        """The goal, reached over a scope; None where it is not."""
        asked = _Asked(scope, self._base, [goal], self.limits.budget)
        return asked if asked.session.ask() is Answer.SAT else None

    def _numbers(self, asked: _Asked, depth: int) -> list[Term]:
        """What to make small, first things first: choices, constants, parameters, tables."""
        constants = [s() for s in self.system.symbols if not s.domain]
        choices = [
            v
            for layer in self.runs.layers[:depth]
            for steps in layer.values()
            for step in steps
            for v in step.choices
        ]
        params = [
            v
            for layer in self.runs.layers[:depth]
            for steps in layer.values()
            for step in steps
            for v in step.renaming.values()
        ]
        occurring = set(postorder(*asked.terms))
        wanted = [asked.scoper(t) for t in (*choices, *constants, *params)]
        tables = [t for t in postorder(*asked.terms) if isinstance(t, App) and t.children]
        return [t for t in dict.fromkeys((*wanted, *tables)) if t in occurring]

    def _found(self, hit: _Hit, asked: _Asked) -> Found:
        """The run that the last answer is about, decoded."""
        scoper, session, goal = asked.scoper, asked.session, hit.goal
        initial = Interpretation(
            _tables(self.system, session, scoper, asked.terms), dict(asked.scope.sizes)
        )

        def value(term: Term) -> Value:
            found = session.value(scoper(term))
            assert found is not None
            return scoper.decode(found, term.sort)

        choices: list[Choice] = []
        at = self.system.entry
        for layer in self.runs.layers[: goal.depth]:
            step = next(s for s in layer[at] if value(s.when) is True)
            environment = {p: value(fresh) for p, fresh in step.renaming.items()}
            choices.append(Choice(step.action, environment))
            at = step.target
        violation = {p: value(v) for p, v in _violating(goal.prop).items()}
        assert at == goal.location
        script = Script(initial, tuple(choices), violation)
        return Found(goal.prop, script, asked.scope, None)


class _Asked:
    """One question over one scope, whether a goal can be reached, in the terms of the scope."""

    def __init__(
        self, scope: Scope, base: Sequence[Term], goals: Sequence[Goal], budget: Budget
    ) -> None:
        self.scope, self.scoper, self.session = scope, Scoper(scope), Session(budget)
        self._goals = {goal: _within(self.scoper, goal.term) for goal in goals}
        terms = tuple(_within(self.scoper, t) for t in base)
        self._given = (*self.scoper.ranges, *terms)
        self.session.add(*self.terms)

    @property
    def terms(self) -> tuple[Term, ...]:
        """The whole question."""
        return (*self._given, disj(*self._goals.values()))

    def exclude_from(self, depth: int) -> None:
        """Ask only about goals of fewer steps from now on."""
        self._goals = {g: term for g, term in self._goals.items() if g.depth < depth}
        # Not that the others fail: the run that is looked for may well reach them, too.
        self.session.add(disj(*self._goals.values()))

    def answer(self, number: int) -> _Hit | GaveUp | None:
        """The first goal that is reached in some run; `number` is that of the scope."""
        answer = self.session.ask()
        if answer is not Answer.SAT:
            return None if answer is Answer.UNSAT else GaveUp(self.session.why)
        goal = next(g for g, term in self._goals.items() if self.session.value(term) is True)
        return _Hit(goal, number, self)


@dataclass(frozen=True, slots=True)
class _Hit:
    """A goal that was reached over the scope of that number."""

    goal: Goal
    number: int
    asked: _Asked


def _within(scoper: Scoper, term: Term) -> Term:
    """The term in the scope, with what the scope assumes of the bounds in this term alone."""
    return conj(scoper(term), scoper.assumed(term))


def _violating(prop: Property) -> dict[Var, Var]:
    """Names for the values of the parameters for which the property fails."""
    return {p: variable(f"{p.name}!violated", p.sort) for p in prop.params}


def _violated(prop: Property, run: Run) -> Term:
    return run.guard & neg(read(run, prop.formula, _violating(prop)))


def _smaller(scope: Scope) -> list[tuple[Unbounded | None, int]]:
    """Single reductions to try, in order: each sort from 1 upwards, then the loops' length."""
    sorts = [(s, size) for s in scope.sizes for size in range(1, scope.sizes[s])]
    return [*sorts, *((None, longest) for longest in range(1, scope.longest))]


def _narrow(scope: Scope, candidate: tuple[Unbounded | None, int]) -> Scope | None:
    sort, size = candidate
    if sort is None:
        return replace(scope, longest=size) if size < scope.longest else None
    if size >= scope.sizes[sort]:
        return None
    return replace(scope, sizes={**scope.sizes, sort: size})


def _minimise(session: Session, terms: Iterable[Term]) -> None:
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
    """A value not above `current`, which is not 0 and cannot be: the least possible up to 8, or
    otherwise one near it.
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
    return current


def _tables(
    system: System, session: Session, scoper: Scoper, terms: tuple[Term, ...]
) -> dict[Symbol, FunctionValue]:
    """The initial interpretation: each symbol at each point where the formulas read it."""
    entries: dict[str, dict[tuple[Value, ...], Value]] = {}
    named = {scoper.symbol(s).name: s for s in system.symbols}
    for node in postorder(*terms):
        if not isinstance(node, App):
            continue
        symbol = named[node.symbol.name]
        point = tuple(
            scoper.decode(_known(session, c), s)
            for c, s in zip(node.children, symbol.domain, strict=True)
        )
        value = scoper.decode(_known(session, node), symbol.range)
        entries.setdefault(symbol.name, {})[point] = value
    return {
        s: Table(entries.get(s.name, {}), default_value(s.range))
        if s.domain
        else Table({}, entries.get(s.name, {}).get((), default_value(s.range)))
        for s in system.symbols
    }


def _known(session: Session, term: Term) -> Value:
    if isinstance(term, Literal):
        return term.value
    value = session.value(term)
    assert value is not None
    return value
