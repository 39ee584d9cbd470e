"""The search finds the shortest violation that there is, and shows it as plainly as it can."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations
from random import Random

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from oracles.effort import examples
from oracles.exhaustive import Space
from oracles.plans import SEEDS, P
from oracles.systems import Shape, aimed_at, systems
from staleproof.engine.scoped import Asked, has_beginning, minimise
from staleproof.engine.search import Finder, Found, GaveUp, Limits, NotFound, Search, search
from staleproof.engine.solve import Answer, Budget, Session
from staleproof.lang.sorts import BOOL, BitVec, Enum, Unbounded
from staleproof.lang.substitute import assign
from staleproof.lang.system import Action, Property, System
from staleproof.lang.terms import (
    FALSE,
    Symbol,
    Term,
    conj,
    disj,
    eq,
    forall,
    neg,
    u_lt,
    variable,
    word,
)
from staleproof.logic.scope import Scope
from staleproof.trace.replay import replay

DEPTH = 8
LARGEST = 700
B8 = BitVec(8)
Q = Unbounded("Q")
p, q = variable("p", P), variable("q", P)


def exactly(size: int, depth: int = DEPTH) -> Limits:
    """Search over universes of that size, every bounded quantifier written out in full."""
    return Limits(depth, (Scope({P: size}, longest=7),))


def agrees(system: System, prop: Property, space: Space, size: int) -> None:
    """Fail unless the search finds what walking through all states finds."""
    shortest = space.shortest_violation(prop)
    found = search(system, prop, exactly(size))
    if isinstance(found, Found):
        trace = replay(system, prop, found.script)

        assert shortest == found.steps == len(trace.steps)
    else:
        assert isinstance(found, NotFound)
        assert shortest is None or shortest > DEPTH
        assert not found.exhausted or shortest is None


class TestAgainstEnumeration:
    """Search and exhaustive enumeration agree on random systems."""

    @examples(120)
    @given(systems(), st.integers(1, 2))
    def test_random_properties_fail_where_enumeration_says(self, system: System, size: int) -> None:
        """A violation is found when there is one, at its least depth, and replays."""
        space = Space(system, {P: size})
        assume(space.size <= LARGEST)
        agrees(system, system.safety[0], space, size)

    @examples(180)
    @given(systems(), st.integers(1, 3), SEEDS)
    def test_reachable_states_are_found_at_their_distance(
        self, system: System, size: int, seed: int
    ) -> None:
        """That a state is never reached is refuted in as many steps as it takes to reach it."""
        space = Space(system, {P: size})
        assume(space.size <= LARGEST)
        agrees(system, aimed_at(space, Random(seed)), space, size)

    @examples(80)
    @given(systems(Shape(control=True, actions=(4, 7))), SEEDS)
    def test_branching_control_is_followed(self, system: System, seed: int) -> None:
        """With many actions between few locations, runs that meet are still told apart."""
        space = Space(system, {P: 2})
        assume(space.size <= LARGEST)
        agrees(system, aimed_at(space, Random(seed)), space, 2)

    @examples(40)
    @given(systems(Shape(control=True)), SEEDS, st.integers(0, 2 * DEPTH))
    def test_what_is_likely_changes_no_answer(self, system: System, seed: int, likely: int) -> None:
        """However long a run is said to be, what is found is what enumeration finds."""
        space = Space(system, {P: 2})
        assume(space.size <= LARGEST)
        prop = aimed_at(space, Random(seed))
        found = search(system, prop, replace(exactly(2), likely=likely))
        shortest = space.shortest_violation(prop)

        if isinstance(found, Found):
            replay(system, prop, found.script)
            assert found.steps == shortest
        else:
            assert isinstance(found, NotFound)
            assert shortest is None or shortest > DEPTH

    @examples(40)
    @given(systems(), SEEDS)
    def test_any_violation_will_do_when_that_is_asked(self, system: System, seed: int) -> None:
        """A violation that need not be the shortest exists exactly when the shortest does."""
        space = Space(system, {P: 2})
        assume(space.size <= LARGEST)
        prop = aimed_at(space, Random(seed))
        found = search(system, prop, exactly(2), shortest=False)
        if isinstance(found, Found):
            replay(system, prop, found.script)
        shortest = space.shortest_violation(prop)

        assert isinstance(found, Found) == (shortest is not None and shortest <= DEPTH)

    @examples(40)
    @given(systems(Shape(control=True)), SEEDS)
    def test_what_was_asked_before_changes_no_answer(self, system: System, seed: int) -> None:
        """One property after the other, in one conversation: each has the answer that it has."""
        space = Space(system, {P: 2})
        assume(space.size <= LARGEST)
        finder, random = Finder(system), Random(seed)
        for number in range(4):
            prop, depth = aimed_at(space, random), DEPTH - number % 2
            found = finder.some(prop, exactly(2, depth))
            if isinstance(found, Found):
                replay(system, prop, found.script)
            shortest = space.shortest_violation(prop)

            assert isinstance(found, Found) == (shortest is not None and shortest <= depth)

    @examples(40)
    @given(systems(), SEEDS)
    def test_several_scopes_find_the_best_of_each(self, system: System, seed: int) -> None:
        """Over growing universes the run found is as short as the best of any of them."""
        spaces = {size: Space(system, {P: size}) for size in (1, 2)}
        assume(all(space.size <= LARGEST for space in spaces.values()))
        prop = aimed_at(spaces[2], Random(seed))
        limits = Limits(DEPTH, tuple(Scope({P: size}, longest=7) for size in (1, 2)))
        found = search(system, prop, limits)
        lengths = [space.shortest_violation(prop) for space in spaces.values()]
        within = [n for n in lengths if n is not None and n <= DEPTH]
        if not isinstance(found, Found):
            assert not within
            return

        assert found.steps in within
        if found.steps != min(within):
            assert found.shortest_over is not None
            assert found.shortest_over.sizes == {P: 1}


class TestBounds:
    """What was not searched is not claimed."""

    counter = Symbol("counter", (), B8)
    count = Action("count", (), (), (assign(counter, (), counter() + 1),))
    system = System("counter", (counter,), (counter() == 0,), (count,))
    below_ten = Property("below_ten", u_lt(counter(), 10))

    @pytest.mark.parametrize("depth", [0, 1, 9])
    def test_a_violation_beyond_the_bound_is_not_excluded(self, depth: int) -> None:
        """Held to a bound is not exhausted, whatever the bound."""
        outcome = search(self.system, self.below_ten, Limits(depth))

        assert isinstance(outcome, NotFound)
        assert not outcome.exhausted

    def test_at_the_bound_it_is_found(self) -> None:
        """The bound counts steps, and itself belongs to what is searched."""
        outcome = search(self.system, self.below_ten, Limits(10))

        assert isinstance(outcome, Found)
        assert outcome.steps == 10

    def test_a_location_out_of_reach_is_not_excluded(self) -> None:
        """Runs that are given up because the bound is near do not count as ended."""
        chain = tuple(Action(f"step{i}", (), (), (), f"at{i}", f"at{i + 1}") for i in range(5))
        system = System("chain", (self.counter,), (), chain, entry="at0")
        never = Property("never", FALSE, at=frozenset({"at5"}))
        near, far = search(system, never, Limits(3)), search(system, never, Limits(5))

        assert isinstance(near, NotFound)
        assert not near.exhausted
        assert isinstance(far, Found)

    def test_runs_that_all_end_are_exhausted(self) -> None:
        """When no run goes on, a longer search would find nothing else."""
        chain = (Action("only", (), (), (), "a", "b"),)
        system = System("chain", (self.counter,), (self.counter() == 0,), chain, entry="a")
        outcome = search(system, Property("zero", self.counter() == 0), Limits(9))

        assert isinstance(outcome, NotFound)
        assert outcome.exhausted

    @pytest.mark.parametrize("shortest", [True, False])
    def test_a_long_bound_limits_only_the_runs_that_meet_it(self, shortest: bool) -> None:
        """That one way reads a long table is no reason not to look at the other."""
        n, table = Symbol("n", (), B8, mutable=False), Symbol("table", (B8,), BOOL)
        i = variable("i", B8)
        is_long = eq(n(), 200)
        system = System(
            "table",
            (n, table, self.counter),
            (self.counter() == 0,),
            (
                Action("read", (), (forall(i, table(i), n()),), (), "a", "b"),
                Action("look away", (), (is_long,), (), "a", "c"),
                Action("late", (), (), (), "b", "c"),
            ),
            entry="a",
        )
        prop = Property("not_long", neg(is_long), at=frozenset({"c"}))
        found = search(system, prop, Limits(9), shortest=shortest)

        assert isinstance(found, Found)
        assert found.steps == 1


class TestShrinking:
    """Fewest steps, then the smallest scope, then small numbers."""

    marked = Symbol("marked", (P,), BOOL)
    n = Symbol("n", (), B8)
    fixed = Symbol("limit", (), B8, mutable=False)

    def test_fewer_steps_matter_more_than_fewer_elements(self) -> None:
        """Two elements in one step are shorter than one element in two."""
        step = Action("step", (), (), (assign(self.n, (), self.n() + 1),))
        leap = Action("leap", (p, q), (neg(eq(p, q)),), (assign(self.n, (), 2),))
        system = System("leap", (self.n,), (self.n() == 0,), (step, leap))
        prop = Property("not_two", neg(eq(self.n(), 2)))
        found = search(system, prop, Limits(9))

        assert isinstance(found, Found)
        assert found.steps == 1
        assert found.scope.sizes == {P: 2}
        assert found.shortest_over is not None
        assert found.shortest_over.sizes == {P: 3}

    def test_the_scope_is_as_small_as_the_run_allows(self) -> None:
        """Of a search over three elements, what is shown has the one that matters."""
        mark = Action("mark", (p,), (), (assign(self.marked, (p,), True),))
        nothing = forall(p, neg(self.marked(p)))
        system = System("mark", (self.marked,), (nothing,), (mark,))
        prop = Property("unmarked", neg(self.marked(p)), (p,))
        found = search(system, prop, Limits(4, (Scope({P: 3}),)))

        assert isinstance(found, Found)
        assert found.scope.sizes == {P: 1}

    def test_what_needs_two_elements_does_not_begin_with_one(self) -> None:
        """Constants that differ need two."""
        base = [neg(eq(Symbol("a", (), P)(), Symbol("b", (), P)()))]

        assert not has_beginning(Scope({P: 1}), base)
        assert has_beginning(Scope({P: 2}), base)

    @pytest.mark.parametrize("least", [0, 1, 2, 3, 5, 6])
    def test_numbers_below_eight_are_the_least_possible(self, least: int) -> None:
        """A parameter and a constant of the start are as small as the violation allows."""
        x = variable("x", B8)
        put = Action("put", (x,), (u_lt(self.fixed(), x),), (assign(self.n, (), x),))
        floor = neg(u_lt(self.fixed(), least))
        system = System("put", (self.n, self.fixed), (self.n() == 0, floor), (put,))
        prop = Property("zero", eq(self.n(), 0))
        found = search(system, prop, Limits(3))

        assert isinstance(found, Found)
        assert least == found.script.initial.value(self.fixed)
        assert [{x: least + 1}] == [c.environment for c in found.script.choices]

    def test_the_elements_of_an_enumeration_come_back_by_name(self) -> None:
        """Words that stand for members are decoded, in parameters, constants and tables."""
        colour = Enum("Colour", ("red", "green", "blue"))
        c = variable("c", colour)
        paint = Symbol("paint", (P,), colour)
        brush = Action("brush", (p, c), (neg(eq(c, "red")),), (assign(paint, (p,), c),))
        all_red = forall(p, eq(paint(p), "red"))
        system = System("paint", (paint,), (all_red,), (brush,))
        prop = Property("not_blue", neg(eq(paint(p), "blue")), (p,))
        found = search(system, prop, Limits(2))

        assert isinstance(found, Found)
        assert [{p: 0, c: "blue"}] == [ch.environment for ch in found.script.choices]
        assert found.script.initial.value(paint, 0) == "red"

    def test_words_of_wide_sorts_are_shown_small_too(self) -> None:
        """Beyond eight the value is near the least, not whatever the solver had."""
        wide = BitVec(64)
        address = Symbol("address", (), wide)
        system = System("wide", (address,), (u_lt(word(4095, 64), address()),), ())
        found = search(system, Property("none", u_lt(address(), 4096)), Limits(0))

        assert isinstance(found, Found)
        assert found.script.initial.value(address) == 4096


class TestScopesThatAreNotLarger:
    """A run over few elements need not be one over more; the shortest is looked for over all."""

    A, B = Unbounded("A"), Unbounded("B")
    stage = Symbol("stage", (), Enum("Stage", ("first", "second", "third", "bad")))
    never_bad = Property("never bad", neg(eq(stage(), "bad")))
    only_one = forall(p, forall(q, eq(p, q)))

    def step(self, name: str, before: str, after: str, *guard: Term) -> Action:
        """A step from one stage to another."""
        return Action(
            name, (), (eq(self.stage(), before), *guard), (assign(self.stage, (), after),)
        )

    @pytest.mark.parametrize("words", [(), (Symbol("word", (), B8),)], ids=["relations", "words"])
    def test_a_shorter_run_over_fewer_elements_of_one_sort(self, words: tuple[Symbol, ...]) -> None:
        """It is possible over one A and two B alone, a scope that is met while shrinking."""
        a, b = (variable(x, self.A) for x in "ab")
        c, d = (variable(x, self.B) for x in "cd")
        one_a, two_b = forall(a, forall(b, eq(a, b))), neg(forall(c, forall(d, eq(c, d))))
        steps = (
            self.step("begin", "first", "second", two_b),
            self.step("go on", "second", "third"),
            self.step("end", "third", "bad"),
            self.step("leap", "first", "bad", two_b, one_a),
        )
        system = System("leap", (self.stage, *words), (eq(self.stage(), "first"),), steps)
        found = search(system, self.never_bad, Limits(9))

        assert isinstance(found, Found)
        assert found.steps == 1
        assert found.scope.sizes == {self.A: 1, self.B: 2}
        replay(system, self.never_bad, found.script)

    @property
    def hard(self) -> System:
        """One element allows a leap, which is hard to find: it takes the factors of a number. Two
        allow three steps.
        """
        x, y = Symbol("x", (), BitVec(40)), Symbol("y", (), BitVec(40))
        product = 1000003 * 1048573 % (1 << 40)
        large = [neg(u_lt(x(), 2)), neg(u_lt(y(), 2)), u_lt(x(), 1 << 20), u_lt(y(), 1 << 20)]
        steps = (
            self.step("leap", "first", "bad", self.only_one, eq(x() * y(), product), *large),
            self.step("begin", "first", "second", neg(self.only_one)),
            self.step("go on", "second", "third"),
            self.step("end", "third", "bad"),
        )
        return System("hard", (x, y, self.stage), (eq(self.stage(), "first"),), steps)

    def test_a_scope_that_was_given_up_on_is_asked_again(self) -> None:
        """Once there is some run over a larger one, and with more time than at first."""
        found = search(self.hard, self.never_bad, Limits(6))

        assert isinstance(found, Found)
        assert found.steps == 1
        assert found.scope.sizes == {P: 1}
        assert found.shortest_over is not None

    def test_what_is_not_answered_of_a_smaller_scope_is_not_claimed(self) -> None:
        """A run that is shortest over two elements alone is not called the shortest."""
        small = Limits(6, budget=Budget(resources=100_000))
        found = search(self.hard, self.never_bad, small)

        assert isinstance(found, Found)
        assert found.steps == 3
        assert found.shortest_over is None

    def test_a_shorter_run_is_kept_when_the_solver_then_gives_up(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Over two elements a run of one step is found, and whether none is shorter is unknown."""
        ask, hits = Search._outcome, []

        def given_up(asked: Search, question: Asked, number: int) -> object:
            outcome = GaveUp("tired") if number in hits else ask(asked, question, number)
            hits.extend([number] if number == 1 and not isinstance(outcome, GaveUp) else [])
            return outcome

        monkeypatch.setattr(Search, "_outcome", given_up)
        n = Symbol("n", (), B8)
        step = Action("step", (), (), (assign(n, (), n() + 1),))
        leap = Action("leap", (p, q), (neg(eq(p, q)),), (assign(n, (), 2),))
        system = System("leap", (n,), (eq(n(), 0),), (step, leap))
        found = search(system, Property("not two", neg(eq(n(), 2))), Limits(9))

        assert isinstance(found, Found)
        assert found.steps == 1
        assert found.shortest_over is not None
        assert found.shortest_over.sizes == {P: 1}


def test_one_name_at_two_sorts_is_two_parameters() -> None:
    """Actions whose parameters share a name but not a sort do not constrain each other."""
    at_p, at_q = Symbol("at_p", (), P), Symbol("at_q", (), Q)
    x_p, x_q = variable("x", P), variable("x", Q)
    move_p = Action("move_p", (x_p,), (), (assign(at_p, (), x_p),))
    move_q = Action("move_q", (x_q,), (), (assign(at_q, (), x_q),))
    corners = [Symbol(f"corner{i}", (), Q, mutable=False) for i in range(4)]
    different = [neg(eq(a(), b())) for a, b in combinations(corners, 2)]
    start = eq(at_q(), corners[0]())
    system = System("two sorts", (at_p, at_q, *corners), (*different, start), (move_p, move_q))
    for corner in corners[1:]:
        prop = Property("not_there", neg(eq(at_q(), corner())))
        # Four elements need words of two bits, which three elements need as well.
        found = search(system, prop, Limits(1, (Scope({P: 3, Q: 4}),)))

        assert isinstance(found, Found)


def test_giving_up_says_why() -> None:
    """A solver that runs out of its budget is neither a violation nor its absence."""
    a, b = Symbol("a", (), BitVec(64)), Symbol("b", (), BitVec(64))
    factors = conj(
        eq(a() * b(), 0xFFFFFFFFFFFFFFC5),
        u_lt(word(1, 64), a()),
        u_lt(word(1, 64), b()),
        u_lt(a(), 1 << 32),
    )
    system = System("factors", (a, b), (), ())
    outcome = search(system, Property("prime", neg(factors)), Limits(0, budget=Budget(2000)))

    assert isinstance(outcome, GaveUp)
    assert outcome.why


class GivesUpOnZero(Session):
    """A solver that does not know whether a word can be 0, and finds later that it can."""

    def ask(self, *assumptions: Term) -> Answer:
        if assumptions and assumptions[0] is eq(WORD, 0):
            return Answer.UNKNOWN
        return super().ask(*assumptions)


WORD = variable("word", BitVec(16))


def test_a_number_that_turns_out_to_be_zero() -> None:
    """Where the solver gave up on 0 a smaller value is asked for, and that may be 0."""
    session = GivesUpOnZero()
    session.add(disj(eq(WORD, 0), u_lt(word(100, 16), WORD)))
    assert session.ask(u_lt(word(100, 16), WORD)) is Answer.SAT
    minimise(session, [WORD])

    assert session.ask() is Answer.SAT
    assert session.value(WORD) == 0
