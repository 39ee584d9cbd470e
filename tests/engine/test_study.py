"""Many studies are kept, but of few the conversations with the solver."""

from __future__ import annotations

import gc
from dataclasses import replace

import pytest

from engine.models.counting import B8, WIDE, count, limit
from staleproof.engine import study
from staleproof.engine.induction import NotShown, Proved
from staleproof.engine.study import study_of
from staleproof.lang.recent import Recent
from staleproof.lang.system import Property, System
from staleproof.lang.terms import Symbol, u_le
from staleproof.logic.z3_lowering import Z3Lowering

BELOW = Property("is below its limit", u_le(count(), limit()), at=frozenset({"head"}))


@pytest.fixture(autouse=True)
def nothing_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    """No other test has studied anything."""
    monkeypatch.setattr(study, "_kept", Recent(5))


def alike(name: str) -> System:
    """A system of its own that does what WIDE does."""
    made = Symbol(name, (), B8, mutable=False)
    return replace(WIDE, name=name, symbols=(*WIDE.symbols, made))


def told(outcome: Proved | NotShown | None) -> object:
    """The answer, and what it rests on."""
    assert outcome is not None
    if isinstance(outcome, Proved):
        return [(o.name, o.digest) for o in outcome.obligations], outcome.lemmas
    return outcome.obligation.name, outcome.obligation.answer


def test_a_closed_study_answers_as_before(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where it must ask again, it asks all that it asked at first."""
    monkeypatch.setattr(study, "MOST_OPEN", 1)
    first = study_of(WIDE)
    expected = {name: told(outcome) for name, outcome in first.outcomes.items()}
    fresh = told(first.never(BELOW))

    study_of(alike("other"))
    assert not first.is_open
    assert study_of(WIDE) is first
    assert {name: told(outcome) for name, outcome in first.outcomes.items()} == expected
    assert not first.is_open

    assert told(first.never(BELOW)) == fresh
    assert first.is_open


def test_what_was_asked_for_last_stays_open(monkeypatch: pytest.MonkeyPatch) -> None:
    """Asking for a study again counts, not only making it."""
    monkeypatch.setattr(study, "MOST_OPEN", 2)
    systems = [alike(name) for name in ("one", "two", "three")]
    one, two = study_of(systems[0]), study_of(systems[1])
    study_of(systems[0])
    three = study_of(systems[2])
    assert [s.is_open for s in (one, two, three)] == [True, False, True]


def test_a_closed_study_keeps_no_solver(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether anything was asked of it or not: an idle solver takes 20 MB."""
    monkeypatch.setattr(study, "MOST_OPEN", 1)
    gc.collect()
    before = solvers()
    for name in ("one", "two", "three"):
        study_of(alike(name))
    gc.collect()
    assert solvers() <= before + 1


def solvers() -> int:
    """How many contexts of the solver there are."""
    return sum(isinstance(thing, Z3Lowering) for thing in gc.get_objects())


def test_only_so_many_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """What nobody has asked for longest is studied again."""
    monkeypatch.setattr(study, "_kept", Recent(2))
    one = study_of(WIDE)
    study_of(alike("one"))
    study_of(alike("two"))
    assert study_of(WIDE) is not one
