"""Which actions are dead is asked once of systems that differ in what is claimed of them alone."""

from __future__ import annotations

import pytest

from staleproof.engine import vacuity
from staleproof.engine.induction import Inductive
from staleproof.engine.solve import clock
from staleproof.engine.vacuity import dead_actions
from staleproof.lang.recent import Recent
from staleproof.lang.sorts import BOOL, BitVec
from staleproof.lang.substitute import assign
from staleproof.lang.system import Action, Property, System
from staleproof.lang.terms import FALSE, TRUE, Symbol, Term, disj, eq, neg, variable

flag = Symbol("flag", (), BOOL)
NOT_SET = Property("the flag is not set", neg(flag()), at=frozenset({"begin"}))
STOPS = Property("the stop is not reached", FALSE, at=frozenset({"stopped"}))


def system(prop: Property, *init: Term) -> System:
    """Two ways from the begin to a loop: one may be taken with the flag set, one always.

    With a loop no run is searched for, and the invariants are all that is known.
    """
    sets = Action("set", source="begin", target="middle", updates=(assign(flag, (), TRUE),))
    ways = (
        Action("with the flag", guard=(flag(),), source="begin", target="end"),
        sets,
        Action("go on", source="middle", target="end"),
        Action("again", source="end", target="middle"),
        Action("stop", source="end", target="stopped"),
    )
    return System("two ways", (flag,), init, ways, entry="begin", safety=(prop,))


@pytest.fixture(autouse=True)
def nothing_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing has been asked so far."""
    monkeypatch.setattr(vacuity, "_known", Recent(5))


def names_of_dead(asked: System, *invariants: Property) -> list[str]:
    """What is found dead; each action is one of the system that is asked about."""
    dead = dead_actions(Inductive(asked), list(invariants))
    assert all(action in asked.actions for action in dead)
    return [action.name for action in dead]


def test_another_claim_asks_no_question() -> None:
    """The answer is that of the system, whatever is claimed of it."""
    first = names_of_dead(system(NOT_SET, neg(flag())))
    before = clock.questions

    second = names_of_dead(system(STOPS, neg(flag())))

    assert first == second == ["with the flag"]
    assert clock.questions == before


def test_another_start_and_another_invariant_are_other_questions() -> None:
    """What the answer rests on is a part of the question."""
    assert names_of_dead(system(NOT_SET)) == []
    assert names_of_dead(system(NOT_SET, neg(flag()))) == ["with the flag"]
    assert names_of_dead(system(NOT_SET), NOT_SET) == ["with the flag"]


def test_what_a_wider_system_excludes_is_not_asked() -> None:
    """It is dead here, too; and an action that is not named is asked about as before."""
    asked = Inductive(system(STOPS, neg(flag())))
    before = clock.questions
    alone = [a.name for a in dead_actions(asked, [])]
    questions, before = clock.questions - before, clock.questions
    vacuity._known = Recent(5)

    told = [a.name for a in dead_actions(asked, [], excluded=alone)]

    assert told == alone == ["with the flag"]
    assert clock.questions - before < questions


def test_a_lemma_about_words_is_heeded_where_a_scope_does_not_know_them() -> None:
    """In a system without words a lemma may still speak of them: of no word is it its own next."""
    other, word = Symbol("other", (), BOOL), variable("w", BitVec(2))
    actions = (
        Action("with the flag", guard=(flag(),), updates=(assign(other, (), TRUE),)),
        Action("without", guard=(neg(flag()),), updates=(assign(other, (), TRUE),)),
    )
    asked = System("relational", (flag, other), (neg(flag()),), actions)
    lemma = Property("lemma", disj(neg(flag()), eq(word, word + 1)), (word,))

    assert asked.is_relational
    assert names_of_dead(asked, lemma) == ["with the flag"]
