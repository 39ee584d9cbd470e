"""Search for the shortest run into a violation, over finite scopes.

The system is executed symbolically, one action after another, over terms of its initial state;
all runs of one length that end at one location are one question. So the first violation found has
the fewest steps there are. Then the scope is made as small as it can be at that length, then the
numbers; and the result is replayed without the solver before anybody sees it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from staleproof.engine.solve import Answer, Budget, Session
from staleproof.lang.evaluate import FunctionValue, Interpretation, Table
from staleproof.lang.sorts import BitVec, BoolSort, IntSort, Unbounded, Value, default_value
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
    neg,
    postorder,
    u_lt,
    variable,
)
from staleproof.logic.runs import Run, is_choice, read
from staleproof.logic.scope import Scope, Scoper
from staleproof.logic.unroll import unrolling
from staleproof.trace.replay import Choice, Script

SECOND_LOOK = Budget(resources=3_000_000)
"""What it may cost to ask whether a larger scope has a shorter violation than the one found."""


@dataclass(frozen=True, slots=True)
class Found:
    """A run that violates the property, not yet replayed; `steps` is its length.

    No run over `shortest_over` is shorter.
    """

    prop: Property
    script: Script
    scope: Scope
    shortest_over: Scope

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

    def run(self) -> Found | NotFound | GaveUp:
        found: Found | None = None
        last: Scope = Scope({})
        for extra, partial in enumerate(self.limits.scopes):
            last = full_scope(self.system, self.props, partial, extra)
            most = self.limits.depth if found is None else found.steps - 1
            attempt = self._over(last, most, one_question=found is not None)
            if isinstance(attempt, Found):
                found = attempt
            elif isinstance(attempt, GaveUp):
                return attempt if found is None else found
            elif found is not None:
                return replace(found, shortest_over=last)
        return found or self._not_found(last)

    def _not_found(self, scope: Scope) -> NotFound:
        return NotFound(
            self.limits.depth, scope, exhausted=not self.runs.runs(self.limits.depth + 1)
        )

    def any(self) -> Found | NotFound | GaveUp:
        """A violation of at most the greatest depth, over the first scopes that have one."""
        gave_up: GaveUp | None = None
        scope = Scope({})
        for extra, partial in enumerate(self.limits.scopes):
            scope = full_scope(self.system, self.props, partial, extra)
            for most in (self.limits.depth // 3, self.limits.depth * 3 // 5, self.limits.depth):
                attempt = self._some(scope, most)
                if isinstance(attempt, Found):
                    return attempt
                gave_up = attempt or gave_up
        return gave_up or self._not_found(scope)

    def _some(self, scope: Scope, most: int) -> Found | GaveUp | None:
        goals = list(self._goals(most))
        scoper, session = Scoper(scope), Session(self.limits.budget)
        base = (*self.system.axioms, *self.system.init)
        some = disj(*(_within(scoper, g.term) for g in goals))
        terms = (*(_within(scoper, t) for t in base), some)
        session.add(*scoper.ranges, *terms)
        answer = session.ask()
        if answer is not Answer.SAT:
            return None if answer is Answer.UNSAT else GaveUp(session.why)
        goal = next(g for g in goals if session.value(_within(scoper, g.term)) is True)
        script = self._decode(session, scoper, scope, goal, terms)
        return Found(goal.prop, script, scope, Scope({}))

    def _over(self, scope: Scope, most: int, one_question: bool) -> Found | GaveUp | None:
        """The shortest violation over one scope, of at most so many steps."""
        scoper = Scoper(scope)
        session = Session(SECOND_LOOK if one_question else self.limits.budget)
        session.add(*(_within(scoper, f) for f in (*self.system.axioms, *self.system.init)))
        goals: Iterable[Goal] = self._goals(most)
        if one_question:
            goals = list(goals)
            answer = self._ask(session, scoper, *(g.term for g in goals))
            if answer is not Answer.SAT:
                return None if answer is Answer.UNSAT else GaveUp(session.why)
        for goal in goals:
            answer = self._ask(session, scoper, goal.term)
            if answer is Answer.SAT:
                return self._shrink(goal, scope)
            if answer is Answer.UNKNOWN:
                return GaveUp(f"{session.why} at depth {goal.depth}")
        return None

    def _ask(self, session: Session, scoper: Scoper, *terms: Term) -> Answer:
        """Whether one of the terms can be true."""
        lowered = disj(*(_within(scoper, t) for t in terms))
        session.add(*scoper.ranges)
        scoper.ranges.clear()
        return session.ask(lowered)

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

    def _shrink(self, goal: Goal, full: Scope) -> Found | GaveUp:
        base = (*self.system.axioms, *self.system.init, goal.term)
        scope = full
        session, scoper, terms = self._fresh(scope, base)
        if session.ask() is not Answer.SAT:
            return GaveUp(f"a violation was lost while shrinking: {session.why}")
        for candidate in _smaller(scope):
            narrower = _narrow(scope, candidate)
            if narrower is None:
                continue
            attempt = self._fresh(narrower, base)
            if attempt[0].ask() is Answer.SAT:
                scope, (session, scoper, terms) = narrower, attempt
        _minimise(session, scoper, self._numbers(scoper, goal.depth, terms))
        script = self._decode(session, scoper, scope, goal, terms)
        return Found(goal.prop, script, scope, full)

    def _fresh(
        self, scope: Scope, base: tuple[Term, ...]
    ) -> tuple[Session, Scoper, tuple[Term, ...]]:
        scoper = Scoper(scope)
        session = Session(self.limits.budget)
        terms = tuple(_within(scoper, t) for t in base)
        session.add(*scoper.ranges, *terms)
        return session, scoper, terms

    def _numbers(self, scoper: Scoper, depth: int, terms: tuple[Term, ...]) -> list[Term]:
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
        occurring = set(postorder(*terms))
        wanted = [scoper(t) for t in (*choices, *constants, *params)]
        tables = [t for t in postorder(*terms) if isinstance(t, App) and t.children]
        return [t for t in dict.fromkeys((*wanted, *tables)) if t in occurring]

    def _decode(
        self,
        session: Session,
        scoper: Scoper,
        scope: Scope,
        goal: Goal,
        terms: tuple[Term, ...],
    ) -> Script:
        initial = Interpretation(_tables(self.system, session, scoper, terms), dict(scope.sizes))

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
        return Script(initial, tuple(choices), violation)


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


def _minimise(session: Session, scoper: Scoper, terms: list[Term]) -> None:
    """Fix the terms one after the other to small values; the last model has all of them."""
    for term in terms:
        current = session.value(term)
        if isinstance(term.sort, BoolSort):
            # Of several outcomes the one that is listed first, of other truths the false one.
            wanted = term if is_choice(term) else neg(term)
            if current is not is_choice(term) and session.ask(wanted) is Answer.SAT:
                current = is_choice(term)
        elif isinstance(term.sort, BitVec) and isinstance(current, int):
            current = _least(session, term, current)
        elif (
            isinstance(term.sort, IntSort)
            and current != 0
            and session.ask(eq(term, 0)) is Answer.SAT
        ):
            current = 0
        if current is not None:
            session.add(eq(term, current))


def _least(session: Session, term: Term, current: int) -> int:
    """A value not above `current`: the least possible below 8, otherwise one near it."""
    assert isinstance(term.sort, BitVec)
    for bound in (*range(1, 9), 1 << 12, (1 << 12) + 1, 1 << 16, 1 << 32):
        if current < bound:
            return current
        if bound < 1 << term.sort.width and session.ask(u_lt(term, bound)) is Answer.SAT:
            found = session.value(term)
            assert isinstance(found, int)
            return found if bound <= 8 else _least(session, term, found)
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
