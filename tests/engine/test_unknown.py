"""A solver that never knows proves nothing and refutes nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oracles.effort import examples
from oracles.exhaustive import Space
from oracles.plans import P
from oracles.systems import properties_of, systems
from staleproof.engine.houdini import largest_inductive
from staleproof.engine.induction import Inductive, NotShown, Proved
from staleproof.engine.kinduction import prove_by_k_induction
from staleproof.engine.search import Found, GaveUp, Limits, NotFound, search
from staleproof.engine.solve import Answer, Session
from staleproof.lang.sorts import BitVec
from staleproof.lang.substitute import assign
from staleproof.lang.system import Action, Property, System
from staleproof.lang.terms import FALSE, Symbol, u_lt
from staleproof.logic.scope import Scope

n = Symbol("n", (), BitVec(8))
STEP = Action("step", (), (u_lt(n(), 5),), (assign(n, (), n() + 1),))
SYSTEM = System("five steps", (n,), (n() == 0,), (STEP,))
HOLDS = Property("at_most_five", u_lt(n(), 6))
FAILS = Property("below_five", u_lt(n(), 5))
SYSTEM = SYSTEM.with_safety(HOLDS, FAILS)


@pytest.fixture
def never_knows(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every question is answered unknown."""
    forget(monkeypatch)


def forget(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make every question be answered unknown."""

    def unknown(session: Session, *_: object) -> Answer:
        session.why = "never knows"
        return Answer.UNKNOWN

    monkeypatch.setattr(Session, "ask", unknown)


@pytest.mark.usefixtures("never_knows")
class TestNeverKnows:
    """Each engine says that it does not know."""

    def test_induction_shows_nothing(self) -> None:
        """What would be proved is not shown, and the reason is that the solver does not know."""
        outcome = Inductive(SYSTEM).prove([HOLDS])

        assert isinstance(outcome, NotShown)
        assert outcome.unknown

    def test_k_induction_shows_nothing(self) -> None:
        """Neither with one step nor with more."""
        outcome = prove_by_k_induction(SYSTEM, HOLDS, 3)

        assert isinstance(outcome, NotShown)
        assert outcome.unknown

    def test_no_candidate_survives(self) -> None:
        """A candidate that nobody could confirm is no invariant."""
        assert largest_inductive(Inductive(SYSTEM), [HOLDS, FAILS]) == []

    @pytest.mark.parametrize("shortest", [True, False])
    def test_the_search_gives_up(self, shortest: bool) -> None:
        """Neither a violation nor its absence is reported."""
        outcome = search(SYSTEM, FAILS, Limits(9), shortest=shortest)

        assert isinstance(outcome, GaveUp)
        assert "never knows" in outcome.why


class TestRandomSystems:
    """On random systems, too, nothing comes out that the terms alone do not show."""

    @examples(60)
    @given(systems(), st.data())
    def test_nothing_is_proved_or_found(self, system: System, data: st.DataObject) -> None:
        """What is proved without a solver is proved by rewriting and true; nothing is found."""
        goal, *lemmas = data.draw(properties_of(system, 3))
        claimed = system.with_safety(goal, *lemmas)
        with pytest.MonkeyPatch.context() as patch:
            forget(patch)
            proved = Inductive(claimed).prove([goal], lemmas)
            found = search(claimed, goal, Limits(3, (Scope({P: 2}),)))
        if isinstance(proved, Proved):
            assert {"by rewriting"} == {o.solver for o in proved.obligations} or not (
                proved.obligations
            )
            assert Space(system, {P: 1}).shortest_violation(goal) is None

        assert not isinstance(found, Found)
        if isinstance(found, NotFound):
            assert Space(system, {P: 2}).shortest_violation(goal) in (None, *range(4, 99))


@pytest.mark.parametrize("failing", range(1, 12))
def test_one_unknown_spoils_a_proof(monkeypatch: pytest.MonkeyPatch, failing: int) -> None:
    """Whichever question goes unanswered, what is then proved was proved without it."""
    asked = 0
    real = Session.ask

    def sometimes(session: Session, *assumptions: object) -> Answer:
        nonlocal asked
        asked += 1
        return Answer.UNKNOWN if asked == failing else real(session, *assumptions)  # type: ignore[arg-type]

    monkeypatch.setattr(Session, "ask", sometimes)
    outcome = Inductive(SYSTEM).prove([HOLDS])
    assert isinstance(outcome, NotShown) == (asked >= failing)
    kept = largest_inductive(Inductive(SYSTEM), [HOLDS, FAILS, Property("no", FALSE)])
    assert set(kept) <= {HOLDS}
    found = search(SYSTEM, HOLDS, Limits(9))
    assert not isinstance(found, Found)
