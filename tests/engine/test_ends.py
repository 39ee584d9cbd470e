"""What is said of runs that end, and of one that does not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from staleproof.engine import portfolio
from staleproof.engine.portfolio import decide, word_of
from staleproof.engine.question import Kind, Question
from staleproof.engine.search import Found, Limits
from staleproof.engine.second import second_solver_name
from staleproof.engine.termination import find_endless_run
from staleproof.lang.sorts import BitVec, Unbounded
from staleproof.lang.substitute import assign
from staleproof.lang.system import Action, Property, System
from staleproof.lang.terms import FALSE, Symbol, conj, eq, neg, u_lt
from staleproof.logic.scope import Scope
from staleproof.trace.model import Trace
from staleproof.verdict import NO_LOOP, Word

x, c = Symbol("x", (), BitVec(8)), Symbol("c", (), BitVec(8), mutable=False)
ENDS = Property("ends", FALSE)
AT_HEAD = Property("no loop", FALSE, at=frozenset({"head"}))
BEGIN = Action("begin", updates=(assign(x, (), 0),), source="start", target="head")
COUNT = Action(
    "count",
    guard=(u_lt(x(), 3),),
    updates=(assign(x, (), x() + 1),),
    source="head",
    target="head",
)
STRAIGHT = System("straight", (x, c), (), (BEGIN,), entry="start")
COUNTING = STRAIGHT.with_actions((BEGIN, COUNT))
IMPOSSIBLE = (conj(u_lt(c(), 3), neg(u_lt(c(), 5))),)


def asked(system: System) -> Question:
    """Whether every run of the system ends."""
    witness = AT_HEAD if len(system.actions) > 1 else None
    return Question(system, ENDS, Kind.TERMINATION, witness, limits=Limits(8, (Scope({}, 1),)))


def test_what_has_no_loop_ends_where_it_begins() -> None:
    """That there are runs is shown by an initial state."""
    answer = decide(asked(STRAIGHT))

    assert answer.verdict.word is Word.PROVED
    assert answer.method == NO_LOOP
    assert ("is there an initial state?", "yes, replayed") in answer.vacuity


AT_MOST_NINE = Property("at most 9", u_lt(x(), 9), at=frozenset({"head"}))


@pytest.mark.parametrize("lemmas", [(), (AT_MOST_NINE,)])
@pytest.mark.parametrize("system", [STRAIGHT, COUNTING], ids=["straight", "counting"])
def test_what_never_begins_is_proved_of_nothing(
    system: System, lemmas: tuple[Property, ...]
) -> None:
    """Whether there is a loop in it or not."""
    stated = replace(system, lemmas=lemmas)
    for never in (replace(stated, axioms=IMPOSSIBLE), replace(stated, init=IMPOSSIBLE)):
        assert decide(asked(never)).verdict.word is Word.VACUOUS
        assert word_of(asked(never)) is Word.VACUOUS


def test_an_initial_state_that_is_not_found_shows_nothing() -> None:
    """There may be one, but over more elements than were looked at."""
    thing = Unbounded("Thing")
    first, second = (Symbol(name, (), thing) for name in ("first", "second"))
    apart = System(
        "apart", (x, first, second), (neg(eq(first(), second())),), (BEGIN,), entry="start"
    )
    assert decide(asked(apart)).verdict.word is Word.UNDECIDED

    larger = replace(asked(apart), limits=Limits(8, (Scope({}, 1), Scope({}, 1))))
    assert decide(larger).verdict.word is Word.PROVED


SPINNING = STRAIGHT.with_actions((BEGIN, replace(COUNT, guard=(), updates=())))


def test_the_shortest_run_that_repeats_a_state_is_called_so() -> None:
    """The search has found that there is no shorter one."""
    answer = decide(asked(SPINNING))

    assert answer.verdict.word is Word.REFUTED
    assert answer.method == "shortest run that repeats a state: 2 steps"


def test_a_run_that_repeats_a_state_may_not_be_the_shortest(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Where the solver gave up on shorter ones; and the second solver is named if it was asked."""

    def unsure(system: System, limits: Limits) -> tuple[Trace, Found] | None:
        found = find_endless_run(system, limits)
        assert found is not None
        trace, run = found
        return trace, replace(run, shortest_over=None, asked_second=True)

    monkeypatch.setattr(portfolio, "find_endless_run", unsure)
    answer = decide(asked(SPINNING))

    assert answer.method == "run that repeats a state (there may be a shorter one): 2 steps"
    assert second_solver_name() in answer.solvers
