"""Search for the shortest run into a violation, over finite scopes.

The system is executed symbolically, one action after another, over terms of its initial state;
all runs of one length that end at one location are one question. So the first violation found has
the fewest steps there are. Then the scope is made as small as it can be at that length, then the
numbers; and the result is replayed without the solver before anybody sees it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from staleproof.engine.finite_search import FiniteSearch
from staleproof.engine.reading import Runs, script_of
from staleproof.engine.scoped import Asked, Goal, goals_of
from staleproof.engine.smallest import Smallest, narrow, smaller
from staleproof.engine.solve import Answer, Budget
from staleproof.lang.sorts import Unbounded
from staleproof.lang.system import Property, System, are_relational
from staleproof.lang.terms import Term, neg
from staleproof.logic.runs import Run, read
from staleproof.logic.scope import Scope
from staleproof.logic.unroll import unrolling
from staleproof.logic.z3_lowering import Z3Lowering
from staleproof.trace.replay import Script

MOST_GIVEN_UP = 3
"""How often the solver may give up on longer runs or larger scopes before the search does."""

FIRST_LOOK = 2_500_000
"""What it may cost, in resource units, to ask for a violation before longer runs and larger scopes
have been asked for one as well.
"""

SHORTER = 4_000_000
"""What it may cost to ask, once there is a violation, for a shorter one."""

SHORT = 8
"""Once there is no violation of the first length, runs of at most so many steps are asked about
together.
"""

SECOND_LOOK = Budget(resources=1_000_000)
"""What it may cost to ask whether a larger scope has a shorter violation than the one found."""


@dataclass(frozen=True, slots=True)
class Found:
    """A run that violates the property, not yet replayed; `steps` is its length.

    No run over `shortest_over`, nor over a scope before it, is shorter; None where that was not
    asked, or not answered.
    """

    prop: Property
    script: Script
    scope: Scope
    shortest_over: Scope | None
    asked_second: bool = False
    """Whether that no run is shorter, or over fewer elements, rests on the second solver, too."""

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
    likely: int | None = None
    """How long a run is likely to be; nothing but the order of questions depends on it."""


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
    if _is_relational(system, (prop,)):
        return _over_scopes(system, (prop,), limits, shortest=shortest)
    whole = Search(system, (prop,), limits)
    return whole.run() if shortest else whole.any()


def search_some(
    system: System, props: Sequence[Property], limits: Limits
) -> Found | NotFound | GaveUp:
    """Some violation of one of the properties; `Found.prop` says of which."""
    if _is_relational(system, props):
        return _over_scopes(system, props, limits, shortest=False)
    return Search(system, props, limits).any()


class Finder:
    """Searches for any violation of one property after the other, in one conversation."""

    def __init__(self, system: System) -> None:
        self._system = system
        self._search: Search | None = None

    def some(self, prop: Property, limits: Limits) -> Found | NotFound | GaveUp:
        """What `search` says of the property, if any violation will do."""
        if _is_relational(self._system, (prop,)):
            return search(self._system, prop, limits, shortest=False)
        if self._search is None:
            self._search = Search(self._system, (prop,), limits)
        else:
            self._search.about(prop, limits)
        return self._search.any()


def _is_relational(system: System, props: Sequence[Property]) -> bool:
    return system.is_relational and all(are_relational(p.sorts) for p in props)


def _over_scopes(
    system: System, props: Sequence[Property], limits: Limits, *, shortest: bool
) -> Found | NotFound | GaveUp:
    """The search of a system that a scope makes finite, one scope after the other."""
    lowering = Z3Lowering()
    best: FiniteSearch | None = None
    gave_up: GaveUp | None = None
    shortest_over: Scope | None = None
    for number, sizes in enumerate(limits.scopes):
        scope = full_scope(system, props, sizes, number)
        budget = limits.budget if best is None else SECOND_LOOK
        attempt = FiniteSearch(system, props, scope, budget, lowering)
        reached = attempt.run(limits.depth if best is None else best.length - 1)
        if reached is Answer.UNKNOWN:
            gave_up = GaveUp(attempt.session.why)
            break
        if isinstance(reached, int):
            best = attempt
        shortest_over = scope
        if best is not None and not shortest:
            break
    if best is None:
        return gave_up or NotFound(
            limits.depth, full_scope(system, props, limits.scopes[-1], len(limits.scopes) - 1)
        )
    if not shortest and len(props) == 1:
        return Found(best.prop, best.some(), best.finite.scope, None)
    # Of several properties the plainest run tells which fails: that is not the solver's whim.
    for candidate in smaller(best.finite.scope):
        narrower = narrow(best.finite.scope, candidate)
        if narrower is not None and candidate[0] is not None:
            attempt = FiniteSearch(system, props, narrower, limits.budget, lowering)
            # A run may be possible only where there are few elements, and be shorter.
            if isinstance(attempt.run(best.length), int):
                best = attempt
    script = best.settle()
    return Found(best.prop, script, best.finite.scope, shortest_over)


class Search:
    """One search: the goals so far; runs are extended only as far as they are asked about."""

    def __init__(
        self,
        system: System,
        props: Sequence[Property],
        limits: Limits,
        runs: Runs | None = None,
    ) -> None:
        self.system, self.props, self.limits = system, tuple(props), limits
        self.runs = runs or unrolling(system)
        self._goals_known: list[list[Goal]] = []
        self._lowering = Z3Lowering()
        self._begun: dict[tuple[object, ...], Asked] = {}
        self._denied: dict[int, int] = {}
        """Per number of a scope up to which length the solver says that there is no violation."""
        self.asked_second = False

    def about(self, prop: Property, limits: Limits) -> None:
        """Ask about another property from now on. What was learned of the runs is kept."""
        self.props, self.limits = (prop,), limits
        self._goals_known, self._denied = [], {}

    def run(self) -> Found | NotFound | GaveUp:
        """The shortest violation over the scopes: some violation, then shorter ones until the
        solver says that there is none.
        """
        # Not among short ones alone: that none of these is one takes longer to say than it takes to
        # find a long one and to come down from there.
        first = self._first(self._usual)
        # Of those conversations only the one with the hit goes on.
        self._begun.clear()
        if not isinstance(first, _Hit):
            return first
        return self._shrink(*self._shortest(first))

    def _shortest(self, hit: _Hit) -> tuple[_Hit, Scope | None]:
        """The shortest violation that is found, and the largest scope over which, as over all that
        are smaller, the solver is sure that none is shorter.
        """
        first = hit.number
        hit, is_sure = self._shorter(hit, first, None)
        for number in range(first):
            # What the solver gave up on when longer runs were asked about, it may answer now.
            if self._denied.get(number, -1) < hit.goal.depth - 1:
                hit, answered = self._shorter(hit, number, None)
                is_sure &= answered
        shortest_over = self._scope(first) if is_sure else None
        for number in range(first + 1, len(self.limits.scopes)):
            if not is_sure:
                break
            hit, is_sure = self._shorter(hit, number, SECOND_LOOK)
            if is_sure:
                shortest_over = self._scope(number)
        return hit, shortest_over

    def any(self) -> Found | NotFound | GaveUp:
        """A violation of at most the greatest depth, over the first scopes that have one."""
        depth, likely = self.limits.depth, self.limits.likely
        first = self._first(depth // 3 if likely is None else min(likely, depth))
        return self._found(first, first.asked) if isinstance(first, _Hit) else first

    def each(self, number: int, kind: Callable[[Found], Term | None]) -> Answer | GaveUp:
        """One violation of each kind, of at most the greatest depth over one scope: UNSAT when
        there are no more. `kind` is handed each, and tells what final states of its kind have in
        common; or None for enough.
        """
        goals = list(self._goals(self.limits.depth))
        if not goals:
            return Answer.UNSAT
        asked = self._question(number, goals)
        while isinstance(hit := self._outcome(asked, number), _Hit):
            prop, told = hit.goal.prop, kind(self._found(hit, asked))
            if told is None:
                return GaveUp("enough was found")
            others = {
                goal: neg(read(self.runs.runs(goal.depth)[goal.location], told))
                for goal in goals
                if goal.prop is prop
            }
            asked.only_where(others)
        return hit or Answer.UNSAT

    def _first(self, soon: int) -> _Hit | NotFound | GaveUp:
        """Some violation, looked for among runs of at most `soon` steps first, then among longer
        ones. The longest runs and the largest scopes are tried last: both are dear.
        """
        depth, whole = self.limits.depth, self.limits.budget
        lengths = sorted({*_lengths(soon, max(soon, self._usual)), depth})
        tries = [(most, number) for number in range(len(self.limits.scopes)) for most in lengths]
        tries.sort(key=lambda t: (t[0] == depth, t[1] > 1))
        # What takes long is nearly always that there is no violation, and a later try may find one.
        quick = replace(whole, resources=min(whole.resources, FIRST_LOOK))
        given_up: list[GaveUp] = []
        for budget in dict.fromkeys((quick, whole)):
            waiting, tries, given_up = tries, [], []
            for most, number in waiting:
                goals = list(self._goals(most))
                if not goals:
                    continue
                asked = self._going_on(number, goals)
                asked.allow(budget)
                attempt = self._outcome(asked, number)
                if isinstance(attempt, _Hit):
                    return attempt
                if attempt is None:
                    self._denied[number] = max(most, self._denied.get(number, most))
                if isinstance(attempt, GaveUp):
                    tries.append((most, number))
                    given_up.append(attempt)
                    if budget == whole and len(given_up) == MOST_GIVEN_UP:
                        return attempt
        if given_up:
            return given_up[-1]
        return NotFound(depth, self._scope(-1), exhausted=not self.runs.runs(depth + 1))

    def _shorter(self, hit: _Hit, number: int, budget: Budget | None) -> tuple[_Hit, bool]:
        """The shortest violation that is found over a scope, if that is below `hit`; and whether
        the solver is sure that none is shorter.
        """
        if hit.number != number:
            goals = list(self._goals(hit.goal.depth - 1))
            if not goals:
                return hit, True
            asked = self._question(number, goals)
            asked.allow(budget or self.limits.budget, first_alone=False)
            attempt = self._outcome(asked, number)
            if not isinstance(attempt, _Hit):
                return hit, attempt is None
            hit = attempt
        # The rest is asked in the session that found the first: it has learned much.
        whole = self.limits.budget
        shorter = replace(whole, resources=min(whole.resources, SHORTER))
        hit.asked.allow(shorter, first_alone=False)
        while True:
            hit.asked.exclude_from(hit.goal.depth)
            if number == 0 and self._is_impossible(hit.asked):
                return hit, True
            attempt = self._outcome(hit.asked, number)
            if not isinstance(attempt, _Hit):
                return hit, attempt is None
            hit = attempt

    @property
    def _usual(self) -> int:
        """The length that most violations have at most."""
        return self.limits.depth * 3 // 5

    def _scope(self, number: int) -> Scope:
        scopes = self.limits.scopes
        number %= len(scopes)
        return full_scope(self.system, self.props, scopes[number], number)

    def _question(self, number: int, goals: Sequence[Goal]) -> Asked:
        """Whether one of the goals can be reached over a scope, to be asked.

        As long as nothing is found the first solver is asked alone: a verdict may rest on what it
        says.
        """
        scope, budget = self._scope(number), self.limits.budget
        return Asked(scope, self._base, goals, budget, self._lowering, first_alone=True)

    def _going_on(self, number: int, goals: Sequence[Goal]) -> Asked:
        """The same question, in the conversation over that scope: what was learned of shorter
        runs, or for another property, is kept.
        """
        key = self._scope(number).key
        known = self._begun.get(key)
        if known is None:
            known = self._begun[key] = self._question(number, goals)
        else:
            known.ask_about(goals)
        return known

    def _is_impossible(self, asked: Asked) -> bool:
        """Whether the second solver says that there is no such run over the first scope, which it
        says in a tenth of the time.
        """
        denied = asked.is_impossible()
        self.asked_second |= denied
        return denied

    def _outcome(self, asked: Asked, number: int) -> _Hit | GaveUp | None:
        reached = asked.reached()
        self.asked_second |= asked.denied_by_second
        if isinstance(reached, Goal):
            return _Hit(reached, number, asked)
        return None if reached is Answer.UNSAT else GaveUp(asked.session.why)

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
        return goals_of(self.props, depth, runs)

    def _goals_along(self, runs: Runs, depth: int) -> list[Goal]:
        """The goals of that depth among other runs of the system."""
        along = type(self)(self.system, self.props, self.limits, runs)
        return [g for g in along._goals(depth) if g.depth == depth]

    def _shrink(self, hit: _Hit, shortest_over: Scope | None) -> Found | GaveUp:
        """The same over the smallest scope and with the smallest numbers; or a shorter one, where
        that scope has one.
        """
        smallest = Smallest(
            self.system, self.runs, self._base, self._goals_along, self.limits.budget
        )
        found = smallest.of(hit.goal, hit.asked)
        if found is None:
            return GaveUp("a violation was lost while shrinking")
        script, scope = found
        shorter = self._shorter_within(hit, scope)
        if shorter is not hit:
            return self._shrink(shorter, shortest_over)
        second = self.asked_second or smallest.asked_second
        return Found(hit.goal.prop, script, scope, shortest_over, second)

    def _shorter_within(self, hit: _Hit, scope: Scope) -> _Hit:
        """A shorter violation over a scope within that of `hit`, if one is found that only so few
        elements allow; else `hit`.
        """
        goals = list(self._goals(hit.goal.depth - 1))
        if scope == hit.asked.scope or not goals:
            return hit
        asked = Asked(scope, self._base, goals, SECOND_LOOK, self._lowering)
        found = self._outcome(asked, hit.number)
        if not isinstance(found, _Hit):
            return hit
        return self._shorter(found, found.number, None)[0]

    def _found(self, hit: _Hit, asked: Asked) -> Found:
        """The run that the last answer is about, decoded."""
        script = script_of(self.system, self.runs, hit.goal, asked)
        return Found(hit.goal.prop, script, asked.scope, None)


def _lengths(soon: int, most: int) -> Iterator[int]:
    """The lengths to try: the first, then each twice the one before but at least SHORT, then the
    greatest.
    """
    while soon < most:
        yield soon
        soon = max(2 * soon, SHORT)
    yield most


@dataclass(frozen=True, slots=True)
class _Hit:
    """A goal that was reached over the scope of that number."""

    goal: Goal
    number: int
    asked: Asked
