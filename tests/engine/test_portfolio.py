"""A verdict is what enumeration says, or an admission."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from engine.models.revocation import Revocation
from oracles.effort import examples
from oracles.exhaustive import Space
from oracles.plans import SEEDS, P
from oracles.systems import Shape, aimed_at, systems
from staleproof.engine.induction import Inductive
from staleproof.engine.invariants import find_invariants
from staleproof.engine.portfolio import decide
from staleproof.engine.question import Killer, Question
from staleproof.engine.search import Limits
from staleproof.engine.vacuity import dead_actions
from staleproof.lang.model import build
from staleproof.lang.sorts import INT
from staleproof.lang.substitute import assign
from staleproof.lang.system import Action, Property, System
from staleproof.lang.terms import Symbol, eq, literal, neg
from staleproof.logic.scope import Scope
from staleproof.verdict import Word

LIMITS = Limits(8, tuple(Scope({P: size}, longest=7) for size in (1, 2)))
SHORT = Limits(6, (Scope({}, 1), Scope({}, 2)))
BROKEN = build(Revocation)


x, y = Symbol("x", (), INT), Symbol("y", (), INT)
CLIMB = Action("climb", updates=(assign(x, (), x() + 1), assign(y, (), y() + x())))
CLIMBING = System("climbing", (x, y), (eq(x(), 0), eq(y(), 0)), (CLIMB,))
NEVER_BELOW = Property("never below", literal(0, INT) <= y())


def test_lemmas_of_the_system_are_leaned_on() -> None:
    """A proof that needs one succeeds with it; and a false one proves nothing."""
    question = Question(CLIMBING.with_safety(NEVER_BELOW), NEVER_BELOW, limits=SHORT)
    assert decide(question).verdict.word is Word.NOT_INDUCTIVE

    rising, falling = Property("rising", literal(0, INT) <= x()), Property("falling", x() <= 0)
    for lemma, word in ((rising, Word.PROVED), (falling, Word.NOT_INDUCTIVE)):
        system = replace(CLIMBING, safety=(NEVER_BELOW,), lemmas=(lemma,))
        assert decide(Question(system, NEVER_BELOW, limits=SHORT)).verdict.word is word


def test_lemmas_that_suffice_are_all_that_is_looked_for() -> None:
    """No candidate is tried where what the system brings proves all that is asked of it."""
    rising = Property("rising", literal(0, INT) <= x())
    needless = Property("needless", literal(-1, INT) <= x())
    system = replace(CLIMBING, safety=(NEVER_BELOW,), lemmas=(rising, needless))
    assert find_invariants(Inductive(system)) == [rising, needless]

    lacking = replace(system, lemmas=(needless,))
    assert rising not in find_invariants(Inductive(lacking))


class TestAgainstEnumeration:
    """On random systems."""

    @examples(50)
    @given(systems(), SEEDS, st.booleans(), st.booleans())
    def test_verdicts_are_true(
        self, system: System, seed: int, aimed: bool, search_first: bool
    ) -> None:
        """PROVED and VACUOUS properties are never violated, REFUTED ones in as many steps as the
        trace has.
        """
        spaces = [Space(system, {P: size}) for size in (1, 2)]
        assume(spaces[-1].size <= 400)
        prop = aimed_at(spaces[-1], Random(seed)) if aimed else system.safety[0]
        question = Question(
            system.with_safety(prop), prop, limits=LIMITS, search_first=search_first
        )
        answer = decide(question)
        violations = [space.shortest_violation(prop) for space in spaces]
        match answer.verdict.word:
            case Word.PROVED | Word.VACUOUS:
                assert violations == [None, None]
            case Word.REFUTED:
                assert answer.trace is not None
                assert len(answer.trace.steps) in violations
            case word:
                assert word in (Word.NOT_INDUCTIVE, Word.UNDECIDED)

    @examples(50)
    @given(systems(Shape(control=True, actions=(3, 6))))
    def test_dead_actions_are_never_taken(self, system: System) -> None:
        """An action that is reported dead is part of no run that comes to a cut point."""
        inductive = Inductive(system)
        dead = {a.name for a in dead_actions(inductive, find_invariants(inductive))}
        for size in (1, 2):
            space = Space(system, {P: size})
            assume(space.size <= 400)
            steps = {at: list(space.steps(at)) for at in space.distances}
            stuck = [at for at, ways in steps.items() if not ways]
            assume(all(at.location in inductive.cuts for at in stuck))

            assert not dead & {action.name for ways in steps.values() for action, _, _ in ways}


class TestWhatAVerdictNeeds:
    """A proof alone is not yet PROVED."""

    claim = BROKEN.lemmas[0]
    system = replace(BROKEN, safety=(claim,), lemmas=())
    question = Question(system, claim, limits=SHORT)

    def test_killers_that_are_refuted_confirm(self) -> None:
        """With a variant that breaks the property the verdict is PROVED, and both are told."""

        def careless() -> tuple[System, Property]:
            eager = [
                replace(a, guard=()) if a.name == "zap_ptes" else a for a in self.system.actions
            ]
            return self.system.with_actions(eager), self.claim

        killer = Killer("zap unclaimed", "a page is zapped that nobody claims", careless)
        answer = decide(replace(self.question, killers=(killer,)))

        assert answer.verdict.word is Word.PROVED
        assert [(k.name, k.verdict, k.steps) for k in answer.killers] == [
            ("zap unclaimed", "REFUTED", 1)
        ]

    def test_a_killer_that_survives_spoils_the_proof(self) -> None:
        """A variant that was to break the property and does not makes the verdict BROKEN."""
        same = Killer("nothing", "nothing is changed", lambda: (self.system, self.claim))
        answer = decide(replace(self.question, killers=(same,)))

        assert answer.verdict.word is Word.BROKEN
        assert "nothing" in answer.verdict.detail

    def test_a_premise_that_is_never_true_is_vacuous(self) -> None:
        """What is proved of nothing is not called proved."""
        without_zap = [a for a in self.system.actions if a.name != "zap_ptes"]
        system = self.system.with_actions(without_zap)

        assert decide(replace(self.question, system=system)).verdict.word is Word.VACUOUS

    def test_a_system_that_cannot_begin_proves_nothing(self) -> None:
        """Without an initial state everything holds, and nothing is PROVED."""
        nowhere = replace(self.system, init=(*self.system.init, neg(self.system.init[0])))
        answer = decide(replace(self.question, system=nowhere))

        assert answer.verdict.word is not Word.PROVED


@pytest.mark.parametrize("search_first", [True, False])
def test_broken_models_are_refuted(search_first: bool) -> None:
    """With the shortest trace, whichever engine is asked first."""
    (claim,) = BROKEN.safety
    answer = decide(Question(BROKEN, claim, limits=SHORT, search_first=search_first))

    assert answer.verdict.word is Word.REFUTED
    assert answer.trace is not None
    assert len(answer.trace.steps) == 4
