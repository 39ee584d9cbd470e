"""Termination where loops cross, share a head, or go round tables."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given

from oracles.effort import examples
from oracles.exhaustive import Space
from oracles.plans import B2, B3, SEEDS
from staleproof.engine.induction import Inductive
from staleproof.engine.invariants import find_invariants
from staleproof.engine.search import Limits
from staleproof.engine.termination import (
    Ends,
    NoRanking,
    enclosed,
    find_endless_run,
    prove_termination,
)
from staleproof.lang.sorts import BOOL, BitVec
from staleproof.lang.substitute import Update, assign, formals_of
from staleproof.lang.system import Action, System
from staleproof.lang.terms import Symbol, Term, eq, neg, u_le, u_lt, variable, word
from staleproof.logic.blocks import loop_heads
from staleproof.trace.model import Trace

i, j = Symbol("i", (), B3), Symbol("j", (), B3)
wanted = Symbol("wanted", (), B3, mutable=False)


def step(source: str, target: str, *parts: Term | Update) -> Action:
    """The action of an edge, with its guards and updates in any order."""
    return Action(
        f"{source} to {target} {len(parts)}",
        guard=tuple(p for p in parts if isinstance(p, Term)),
        updates=tuple(p for p in parts if isinstance(p, Update)),
        source=source,
        target=target,
    )


def program(*actions: Action) -> System:
    """The system of these actions, from `start`."""
    return System("program", (i, j, wanted), (), actions, entry="start")


def attempt(system: System) -> Ends | NoRanking:
    """What is found out with the invariants of the system."""
    inductive = Inductive(system)
    outcome = prove_termination(inductive, find_invariants(inductive))
    assert isinstance(outcome, Ends | NoRanking)
    return outcome


def endless(system: System, depth: int = 10) -> Trace | None:
    """The trace of a run that never ends, if one was found."""
    found = find_endless_run(system, Limits(depth))
    return None if found is None else found[0]


def to(symbol: Symbol, value: int) -> Update:
    """The word gets that value."""
    return assign(symbol, (), value)


def count(symbol: Symbol) -> Update:
    """The word goes up by one."""
    return assign(symbol, (), symbol() + 1)


class TestShapes:
    """Heads that are around, beside and across each other."""

    def test_nested_loops_have_a_word_each(self) -> None:
        """The inner counter starts again in each round of the outer loop."""
        system = program(
            step("start", "outer", to(i, 0)),
            step("outer", "inner", u_lt(i(), wanted()), to(j, 0)),
            step("inner", "inner", u_lt(j(), wanted()), count(j)),
            step("inner", "outer", u_le(wanted(), j()), count(i)),
            step("outer", "end", u_le(wanted(), i())),
        )
        outcome = attempt(system)
        assert isinstance(outcome, Ends)
        assert {r.head: r.symbol for r in outcome.rankings} == {"outer": i, "inner": j}

    def test_an_inner_loop_may_be_bounded_by_a_word_of_the_outer(self) -> None:
        """The inner counter is never set back and goes up to the outer one."""
        system = program(
            step("start", "outer", to(i, 0), to(j, 0)),
            step("outer", "inner", u_lt(i(), wanted())),
            step("inner", "inner", u_lt(j(), i()), count(j)),
            step("inner", "outer", u_le(i(), j()), count(i)),
            step("outer", "end", u_le(wanted(), i())),
        )
        assert isinstance(attempt(system), Ends)

    def test_an_inner_loop_that_sets_the_outer_counter_back_never_ends(self) -> None:
        """The inner loop has its word; the outer one has none."""
        system = program(
            step("start", "outer", to(i, 0)),
            step("outer", "inner", u_lt(i(), 2), to(j, 0)),
            step("inner", "inner", u_lt(j(), 1), count(j), to(i, 0)),
            step("inner", "outer", eq(j(), 1), count(i)),
            step("outer", "end", eq(i(), 2)),
        )
        assert isinstance(attempt(system), NoRanking)
        trace = endless(system)
        assert trace is not None
        assert_repeats(trace, "i")

    def test_a_loop_that_stands_still_is_shown_standing_still(self) -> None:
        """The last state is the one that the trace says it loops to."""
        system = program(
            step("start", "head", to(i, 0)),
            step("head", "body", u_lt(i(), wanted())),
            step("body", "head", u_lt(word(2, 3), wanted())),
            step("head", "end", u_le(wanted(), i())),
        )
        assert isinstance(attempt(system), NoRanking)
        trace = endless(system)
        assert trace is not None
        assert (trace.loops_to, [s.location for s in trace.states]) == (
            1,
            ["start", "head", "body", "head"],
        )
        assert_repeats(trace, "i")

    def test_a_counter_that_may_wrap_around_is_no_word(self) -> None:
        """`i <= wanted` never fails where `wanted` is the largest word."""
        system = program(
            step("start", "head", to(i, 0)),
            step("head", "head", u_le(i(), wanted()), count(i)),
            step("head", "end", u_lt(wanted(), i())),
        )
        assert isinstance(attempt(system), NoRanking)
        assert endless(system) is not None

    def test_a_loop_with_two_entries_can_be_proved(self) -> None:
        """Whichever entry is its head, the word that grows on the way back to it will do."""
        system = program(
            step("start", "left", to(i, 0), u_lt(wanted(), 5)),
            step("start", "right", to(i, 0), neg(u_lt(wanted(), 5))),
            step("left", "right", u_lt(i(), wanted()), count(i)),
            step("right", "left", u_lt(i(), wanted())),
            step("left", "end", u_le(wanted(), i())),
        )
        assert isinstance(attempt(system), Ends)

    def test_a_head_that_two_loops_share_needs_one_word_for_both(self) -> None:
        """One way round counts `i` and sets `j` back, the other does the opposite."""
        system = program(
            step("start", "head", to(i, 0), to(j, 0)),
            step("head", "head", u_lt(i(), 2), count(i), to(j, 0)),
            step("head", "head", u_lt(j(), 2), neg(eq(i(), 0)), count(j), to(i, 0)),
        )
        assert isinstance(attempt(system), NoRanking)
        assert endless(system) is not None

    def test_a_loop_that_no_run_reaches_needs_no_word(self) -> None:
        """It stands behind a guard that cannot hold."""
        system = program(
            step("start", "entered", to(i, 0)),
            step("entered", "head", u_lt(word(0, 3), i())),
            step("head", "head"),
            step("entered", "end", eq(i(), 0)),
        )
        assert isinstance(attempt(system), Ends)


class TestTables:
    """A table that the loop reads must be the same again, also where no step has looked yet."""

    def until_nine(self, flags: Symbol, update: Update, *more: Symbol) -> System:
        """A loop round an update of a table until its element 9 is true."""
        done = flags(9)
        actions = (
            step("start", "head"),
            step("head", "head", neg(done), update),
            step("head", "end", done),
        )
        return System("tables", (flags, *more), (), actions, entry="start")

    @pytest.mark.parametrize("width", [8, 64])
    def test_a_table_that_changes_elsewhere_is_not_the_same(self, width: int) -> None:
        """A truth that moves up one element each round arrives, so no round is like another."""
        flags = Symbol("flags", (BitVec(width),), BOOL)
        (at,) = formals_of(flags)
        shifted = Update(flags, (at,), flags(at - 1) | eq(at, 5))
        assert endless(self.until_nine(flags, shifted), depth=3) is None

    def test_an_element_that_is_written_as_it_was_is_the_same(self) -> None:
        """Where the points written are known, comparing them tells."""
        flags = Symbol("flags", (BitVec(64),), BOOL)
        trace = endless(self.until_nine(flags, assign(flags, (9,), flags(9))))
        assert trace is not None
        assert trace.loops_to == 1

    @pytest.mark.parametrize("widths", [(2, 2), (2, 3)])
    def test_a_table_of_two_arguments_is_compared_like_any_other(
        self, widths: tuple[int, int]
    ) -> None:
        """Whether both are of one sort or not."""
        domain = tuple(BitVec(width) for width in widths)
        pairs, at = Symbol("pairs", domain, BOOL), Symbol("at", (), domain[0])
        end = Symbol("end", (), domain[1])
        actions = (
            step("start", "head"),
            step(
                "head", "head", neg(pairs(1, 1)), assign(pairs, (at(), end()), pairs(at(), end()))
            ),
            step("head", "end", pairs(1, 1)),
        )
        trace = endless(System("pairs", (pairs, at, end), (), actions, entry="start"))
        assert trace is not None
        assert trace.loops_to == 1

    def test_a_table_that_the_loop_never_reads_does_not_matter(self) -> None:
        """It may be written at points that cannot be listed."""
        flags, log = Symbol("flags", (BitVec(64),), BOOL), Symbol("log", (BitVec(64),), BOOL)
        (at,) = formals_of(log)
        trace = endless(self.until_nine(flags, Update(log, (at,), log(at - 1)), log))
        assert trace is not None
        assert trace.loops_to == 1


x, y, z = Symbol("x", (), B2), Symbol("y", (), B3), Symbol("z", (), B2)
marked = Symbol("marked", (B2,), BOOL)
chosen = variable("v", B2)
LOCATIONS = ("start", "a", "b", "c", "end")


def tangle(chance: Random) -> System:
    """Few locations, many edges: nested, crossing and shared loops with small counters."""
    actions = []
    for number in range(chance.randint(4, 8)):
        source = chance.choice(LOCATIONS[:4]) if number else "start"
        target = chance.choice(LOCATIONS[1:]) if chance.random() < 0.9 else "start"
        guard = [comparison(chance) for _ in range(chance.choice((0, 1, 1, 2)))]
        params = (chosen,) if chance.random() < 0.15 else ()
        updates: dict[Symbol, Update] = {}
        for _ in range(chance.choice((0, 1, 1, 1, 2))):
            symbol = chance.choice((x, y, z))
            value: Term = symbol() + chance.choice((1, 1, -1))
            if chance.random() < 0.35:
                value = word(chance.randrange(3), width_of(symbol))
            if params and symbol is x:
                value = chosen
                guard.append(u_lt(x(), chosen))
            updates[symbol] = assign(symbol, (), value)
        if chance.random() < 0.15:
            updates[marked] = assign(marked, (x(),), neg(marked(z())))
        actions.append(
            Action(f"e{number}", params, tuple(guard), tuple(updates.values()), source, target)
        )
    init = tuple(eq(s(), 0) for s in (x, y, z) if chance.random() < 0.7)
    return System("tangle", (x, y, z, marked), init, tuple(actions), entry="start")


def comparison(chance: Random) -> Term:
    """What a loop may ask."""
    symbol = chance.choice((x, y, z))
    bound = word(chance.randrange(1, 4), width_of(symbol))
    below = u_lt(symbol(), bound)
    return chance.choice((below, below, neg(below), u_lt(x(), z()), u_lt(z(), x()), marked(z())))


def width_of(symbol: Symbol) -> int:
    """The width of a word."""
    assert isinstance(symbol.range, BitVec)
    return symbol.range.width


def assert_repeats(trace: Trace, name: str) -> None:
    """The constant has in the last state the value of the state that it loops to."""
    assert trace.loops_to is not None
    first, last = trace.states[trace.loops_to], trace.states[-1]
    assert (first.location, first.values[name]) == (last.location, last.values[name])


class TestTangles:
    """Against all states of programs with loops that no `while` makes."""

    @examples(50)
    @given(SEEDS)
    def test_what_is_proved_to_end_does(self, seed: int) -> None:
        """Ranking words found without any invariant exclude every cycle of states."""
        system = tangle(Random(seed))
        if isinstance(prove_termination(Inductive(system), ()), Ends):
            assert not Space(system, {}).has_endless_run

    @examples(30)
    @given(SEEDS)
    def test_invariants_make_no_endless_run_end(self, seed: int) -> None:
        """Nor do those that are found with the invariants."""
        system = tangle(Random(seed))
        if isinstance(attempt(system), Ends):
            assert not Space(system, {}).has_endless_run

    @examples(200)
    @given(SEEDS)
    def test_some_head_of_every_cycle_is_outermost(self, seed: int) -> None:
        """No circle of heads is each inside the next: the argument for rankings rests on it."""
        system = tangle(Random(seed))
        inside = enclosed(system)
        left = set(loop_heads(system))
        while left:
            outermost = {h for h in left if not any(h in inside[g] for g in left)}
            assert outermost
            left -= outermost
