"""Evaluation is lazy where guards protect, refuses what has no end, and copes with long runs."""

from __future__ import annotations

import pytest

from staleproof.errors import EvaluationError
from staleproof.lang.evaluate import (
    LONGEST_LOOP,
    Evaluator,
    Interpretation,
    Table,
    elements,
    evaluate,
)
from staleproof.lang.sorts import BOOL, INT, BitVec, Enum, Unbounded, Value
from staleproof.lang.substitute import assign
from staleproof.lang.terms import (
    Symbol,
    Term,
    conj,
    disj,
    exists,
    forall,
    implies,
    ite,
    neg,
    variable,
    word,
)

W = BitVec(64)
P = Unbounded("P")
size = Symbol("size", (), W)
good = Symbol("good", (W,), BOOL)
guard = Symbol("guard", (), BOOL)
i = variable("i", W)
endless = forall(i, good(i), size())


def state(length: int, guarded: bool = False) -> Interpretation:
    """A state with a bound of that size, in which every word is good."""
    tables = {size: Table({}, length), good: Table({}, True), guard: Table({}, guarded)}
    return Interpretation(tables, {P: 2})


class TestLaziness:
    """What a guard protects is not evaluated where the guard fails."""

    @pytest.mark.parametrize(
        ("term", "expected"),
        [
            (conj(guard(), endless), False),
            (disj(neg(guard()), endless), True),
            (implies(guard(), endless), True),
            (ite(guard(), endless, neg(guard())), True),
        ],
        ids=["and", "or", "implies", "ite"],
    )
    def test_a_failing_guard_protects(self, term: Term, expected: bool) -> None:
        """The loop behind the guard is too long to run and is not run."""
        assert expected is evaluate(term, state(LONGEST_LOOP + 1), {})
        with pytest.raises(EvaluationError, match="too many"):
            evaluate(term, state(LONGEST_LOOP + 1, guarded=True), {})

    def test_an_overwritten_value_is_not_needed(self) -> None:
        """A value that could not be evaluated does no harm once it is overwritten."""
        before = state(LONGEST_LOOP + 1)
        first = before.after((assign(good, (word(3, 64),), endless),), {})
        second = first.after((assign(good, (word(3, 64),), False),), {})

        assert second.value(good, 3) is False
        with pytest.raises(EvaluationError):
            first.value(good, 3)


class TestLimits:
    """What cannot be evaluated says so."""

    def test_values_of_endless_sorts_are_not_listed(self) -> None:
        """Integers and long words cannot all be tried."""
        for sort in (INT, W):
            with pytest.raises(EvaluationError):
                elements(sort, {})

    def test_small_sorts_are_listed(self) -> None:
        """All other sorts can."""
        assert len(elements(BitVec(2), {})) == 4
        assert elements(Enum("E", ("a", "b")), {}) == ("a", "b")
        assert len(elements(P, {P: 2})) == 2

    def test_missing_values_are_named(self) -> None:
        """A variable or symbol without a value is an error that names it."""
        unknown = Symbol("unknown", (), BOOL)
        with pytest.raises(EvaluationError, match="unknown"):
            evaluate(unknown(), state(0), {})
        with pytest.raises(EvaluationError, match="i has no value"):
            evaluate(good(i), state(0), {})


class TestLongRuns:
    """A long run is no deep recursion."""

    def test_a_thousand_steps_can_be_evaluated(self) -> None:
        """A function written in every step of a long run still has a value everywhere."""
        count = Symbol("count", (W,), W)
        now = Interpretation({count: Table({}, 0), size: Table({}, 0)}, {})
        step = (assign(count, (size(),), count(size() + 1) + 1), assign(size, (), size() + 1))
        for _ in range(1000):
            now = now.after(step, {})

        assert now.value(count, 999) == 1
        assert now.value(count, 1000) == 0
        assert {(999,), (1000,)} <= set(now.functions[count].support())

    def test_quantifiers_look_at_every_element(self) -> None:
        """Over a universe of two, exists and forall differ on a half-true relation."""
        R, p = Symbol("R", (P,), BOOL), variable("p", P)
        half = Interpretation({R: Table({(1,): True}, False)}, {P: 2})

        assert evaluate(exists(p, R(p)), half, {}) is True
        assert evaluate(forall(p, R(p)), half, {}) is False


def test_what_does_not_speak_of_a_variable_is_evaluated_once() -> None:
    """Inside a quantifier the rest of the state is as outside."""
    read: list[int] = []

    class Counted(Table):
        def at(self, arguments: tuple[Value, ...]) -> Value:
            read.append(1)
            return super().at(arguments)

    here = state(3, guarded=True)
    here = Interpretation({**here.functions, guard: Counted({}, True)}, here.universes)
    outside = Evaluator(here, {})

    assert outside.value(forall(i, guard() & good(i), size())) is True
    assert outside.inside({i: 9}).value(guard() & good(i)) is True
    assert len(read) == 1
