"""What the portfolio says where induction with the found lemmas does not suffice."""

from __future__ import annotations

import pytest

from staleproof.engine import portfolio
from staleproof.engine.portfolio import decide
from staleproof.engine.question import Kind, Question
from staleproof.engine.search import Limits
from staleproof.errors import ReplayError
from staleproof.lang.sorts import BitVec
from staleproof.lang.substitute import assign
from staleproof.lang.system import Action, Property, System
from staleproof.lang.terms import FALSE, TRUE, Symbol, Term, eq, ite, neg
from staleproof.verdict import Word

x = Symbol("x", (), BitVec(16))


def looping(value: Term, prop: Property) -> System:
    """A loop that gives x that value in each round, from 0 on."""
    start = Action("start", updates=(assign(x, (), 0),), source="start", target="head")
    turn = Action("round", updates=(assign(x, (), value),), source="head", target="head")
    return System("loop", (x,), (), (start, turn), entry="start", safety=(prop,))


NEVER_SEVEN = Property("never_seven", neg(eq(x(), 7)), at=frozenset({"head"}))
AT_HEAD = Property("not_at_head", FALSE, at=frozenset({"head"}))


def asked(
    value: Term, prop: Property = NEVER_SEVEN, witness: Property | None = AT_HEAD
) -> Question:
    """The question of the property, searched for a few steps."""
    return Question(looping(value, prop), prop, witness=witness, limits=Limits(5))


def test_a_property_that_no_lemma_helps_is_not_inductive() -> None:
    """It is true, but only because three does not divide the modulus; the obligation is shown."""
    answer = decide(asked(x() + 6))
    assert answer.verdict.word is Word.NOT_INDUCTIVE
    assert answer.trace is None
    assert [o.answer for o in answer.obligations] == ["sat"]


def test_two_steps_prove_what_one_does_not() -> None:
    """Seven is entered from one value only, and that from none."""
    turn = ite(eq(x(), 5), x() + 2, (x() + 8) & 0xFFF8)
    answer = decide(asked(turn))
    assert answer.verdict.word is Word.PROVED
    assert answer.method.startswith("k-induction")
    assert ("does the property say anything?", "yes, after a replayed run of 1 steps") in (
        answer.vacuity
    )


@pytest.mark.parametrize("search_first", [True, False])
def test_a_replay_that_fails_breaks_the_verdict(
    monkeypatch: pytest.MonkeyPatch, search_first: bool
) -> None:
    """A run that the evaluator does not confirm is no refutation."""

    def disagrees(*_: object) -> None:
        raise ReplayError("step 1 is not enabled")

    monkeypatch.setattr(portfolio, "replay", disagrees)
    system = looping(x() + 1, NEVER_SEVEN)
    answer = decide(Question(system, NEVER_SEVEN, limits=Limits(10), search_first=search_first))
    assert answer.verdict.word is Word.BROKEN
    assert "step 1 is not enabled" in answer.verdict.detail


def test_a_refutation_has_a_replayed_trace() -> None:
    """Seven rounds after the step into the loop."""
    system = looping(x() + 1, NEVER_SEVEN)
    answer = decide(Question(system, NEVER_SEVEN, limits=Limits(10)))
    assert answer.verdict.word is Word.REFUTED
    assert answer.trace is not None
    assert len(answer.trace.steps) == 8


def test_a_proof_without_a_witness_run_is_undecided() -> None:
    """What is true of states that the search does not reach may be true of none."""
    prop = Property("far", neg(eq(x(), 7)), at=frozenset({"head"}), premise=eq(x() & 1, 0))
    late = Property("late", neg(eq(x(), 40)), at=frozenset({"head"}))
    answer = decide(asked(x() + 1, prop, late))
    assert answer.verdict.word is Word.UNDECIDED


def test_an_endless_loop_is_refuted_with_the_state_it_comes_back_to() -> None:
    """A question of termination; the loop is its own witness."""
    ends = Property("ends", FALSE)
    system = looping(x() ^ 1, Property("free", TRUE))
    answer = decide(Question(system, ends, Kind.TERMINATION, AT_HEAD, limits=Limits(5)))
    assert answer.verdict.word is Word.REFUTED
    assert answer.trace is not None
    assert answer.trace.loops_to is not None
