"""A property is VACUOUS only where no run comes to what it speaks of."""

from __future__ import annotations

from dataclasses import replace

import pytest

from staleproof.engine.portfolio import decide, word_of
from staleproof.engine.question import Question
from staleproof.engine.search import Limits
from staleproof.lang.sorts import BitVec
from staleproof.lang.substitute import assign
from staleproof.lang.system import Action, Property, System
from staleproof.lang.terms import FALSE, Symbol, conj, eq, neg, u_lt
from staleproof.verdict import Word

x, c = Symbol("x", (), BitVec(3)), Symbol("c", (), BitVec(3), mutable=False)
NOT_FIVE = Property("safe", neg(eq(x(), 5)), premise=eq(x(), 6), at=frozenset({"end"}))
FORK = System(
    "fork",
    (x, c),
    (eq(x(), 0),),
    (
        Action("go", updates=(assign(x, (), 1),), source="start", target="middle"),
        Action("return", source="middle", target="end"),
        Action("go on", guard=(eq(x(), 5),), source="middle", target="far"),
        Action("return from far", source="far", target="end"),
        Action("fail", source="far", target="failed"),
    ),
    entry="start",
    safety=(NOT_FIVE,),
)
CANNOT_BEGIN = replace(FORK, axioms=(conj(u_lt(c(), 3), neg(u_lt(c(), 5))),))


def asked(system: System, *places: str) -> Question:
    """The question of a property that says something where a run comes to one of the places."""
    witness = Property("never there", FALSE, at=frozenset(places))
    return Question(system, NOT_FIVE, witness=witness, limits=Limits(6))


@pytest.mark.parametrize("places", [("middle",), ("middle", "far"), ("middle", "failed")])
def test_a_place_that_leads_to_an_end_alone_is_reached(places: tuple[str, ...]) -> None:
    """That no way on from there is ever taken does not say that no run comes there."""
    question = asked(FORK, *places)
    assert word_of(question) is Word.PROVED
    assert decide(question).verdict.word is Word.PROVED


@pytest.mark.parametrize("places", [("far",), ("far", "failed"), ("failed",)])
def test_a_place_to_which_no_way_leads_is_not(places: tuple[str, ...]) -> None:
    """Whether it is an end or not."""
    question = asked(FORK, *places)
    assert word_of(question) is Word.VACUOUS
    assert decide(question).verdict.word is Word.VACUOUS


@pytest.mark.parametrize("places", [("start",), ("start", "middle"), ("far", "end")])
def test_a_run_begins_somewhere(places: tuple[str, ...]) -> None:
    """No way has to lead to the entry; where there is no initial state nothing is reached."""
    assert decide(asked(FORK, *places)).verdict.word is Word.PROVED
    assert decide(asked(CANNOT_BEGIN, *places)).verdict.word is Word.VACUOUS
