"""Many studies are kept, but of few the conversations with the solver."""

from __future__ import annotations

import gc
from dataclasses import replace

import pytest

from engine.models.counting import B8, WIDE, count, limit
from staleproof.engine import study
from staleproof.engine.induction import NotShown, Proved
from staleproof.engine.portfolio import decide, word_of
from staleproof.engine.question import Question
from staleproof.engine.search import Limits
from staleproof.engine.study import study_of
from staleproof.lang.recent import Recent
from staleproof.lang.sorts import INT
from staleproof.lang.substitute import assign
from staleproof.lang.system import Action, Definition, Property, System
from staleproof.lang.terms import (
    TRUE,
    Symbol,
    conj,
    eq,
    implies,
    literal,
    neg,
    u_le,
    variable,
)
from staleproof.logic.z3_lowering import Z3Lowering
from staleproof.verdict import Word

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


# What is told apart

SEVEN_IS_NOT_REACHED = neg(eq(count(), 7))
NEAR = Limits(12)


def word(system: System, prop: Property) -> Word:
    """The verdict on a question whose property is claimed of the system."""
    return decide(Question(system, prop, limits=NEAR)).verdict.word


def orders(*systems: System) -> list[tuple[System, ...]]:
    """That of two systems, and the other."""
    return [systems, systems[::-1]]


NOWHERE = Property("safe", SEVEN_IS_NOT_REACHED, at=frozenset())
EVERYWHERE = Property("safe", SEVEN_IS_NOT_REACHED)


@pytest.mark.parametrize("asked", [(NOWHERE, EVERYWHERE), (EVERYWHERE, NOWHERE)])
def test_nowhere_is_not_everywhere(asked: tuple[Property, ...]) -> None:
    """What is claimed of no location at all is no claim about every location."""
    said = {q: word(WIDE.with_safety(q), q) for q in asked}
    assert said == {NOWHERE: Word.VACUOUS, EVERYWHERE: Word.REFUTED}


NEVER_TRUE = conj(u_le(count(), 3), neg(u_le(count(), 4)))
AT_END = frozenset({"end"})
TRIVIAL = Property("safe", TRUE, premise=NEVER_TRUE, at=AT_END)
PLAIN = Property("safe", implies(NEVER_TRUE, TRUE), at=AT_END)


@pytest.mark.parametrize("asked", [(TRIVIAL, PLAIN), (PLAIN, TRIVIAL)])
def test_a_premise_is_not_a_part_of_the_conclusion(asked: tuple[Property, ...]) -> None:
    """The same formula, but only one of the two has a case of which it speaks."""
    assert TRIVIAL.formula is PLAIN.formula
    said = {q: word(WIDE.with_safety(q), q) for q in asked}
    assert said == {TRIVIAL: Word.VACUOUS, PLAIN: Word.PROVED}


def test_another_property_of_that_name_is_another_property() -> None:
    """The one that is claimed is proved, and the one that is asked is not."""
    claimed = Property("safe", u_le(count(), limit()), at=AT_END)
    asked = Property("safe", neg(eq(count(), 7)), at=AT_END)
    question = Question(WIDE.with_safety(claimed), asked, limits=NEAR)

    assert isinstance(study_of(question.system).outcomes["safe"], Proved)
    assert word_of(question) is Word.REFUTED
    assert decide(question).verdict.word is Word.REFUTED


def test_whether_another_property_of_that_name_says_anything_is_asked() -> None:
    """The one that is claimed never does, and the one that is asked does."""
    asked = Property("safe", TRUE, at=AT_END)
    question = Question(WIDE.with_safety(TRIVIAL), asked, limits=NEAR)

    assert word(WIDE.with_safety(TRIVIAL), TRIVIAL) is Word.VACUOUS
    assert word_of(question) is Word.PROVED


x, y = Symbol("x", (), INT), Symbol("y", (), INT)
CLIMB = Action("climb", updates=(assign(x, (), x() + 1), assign(y, (), y() + x())))
CLIMBING = System("climbing", (x, y), (eq(x(), 0), eq(y(), 0)), (CLIMB,))
NEVER_BELOW = Property("never below", literal(0, INT) <= y())
RISING = Property("rising", literal(0, INT) <= x())
WITH_LEMMA = replace(CLIMBING, safety=(NEVER_BELOW,), lemmas=(RISING,))
BOTH_CLAIMED = replace(CLIMBING, safety=(NEVER_BELOW, RISING))


@pytest.mark.parametrize("asked", orders(WITH_LEMMA, BOTH_CLAIMED))
def test_a_claim_is_no_lemma(asked: tuple[System, ...]) -> None:
    """A proof leans on what is listed as a lemma, whatever was asked before."""
    said = {s: word(s, NEVER_BELOW) for s in asked}
    assert said == {WITH_LEMMA: Word.PROVED, BOTH_CLAIMED: Word.NOT_INDUCTIVE}


def test_what_is_known_of_a_definition_counts() -> None:
    """A proof may lean on it."""
    v = variable("v", B8)
    doubled = Definition(Symbol("doubled", (B8,), B8), (v,), v + v)
    told = replace(doubled, facts=(eq((v + v) & 1, 0),))
    known, unknown = replace(WIDE, definitions=(told,)), replace(WIDE, definitions=(doubled,))
    assert study_of(known) is not study_of(unknown)
    assert study_of(replace(known, name="again")) is study_of(known)
