"""What is proved to end ends, and what is shown to run for ever does."""

from __future__ import annotations

from hypothesis import given

from oracles.counters import FLAG, LONG, program
from oracles.effort import examples
from oracles.exhaustive import Space
from oracles.plans import SEEDS
from staleproof.engine.induction import Inductive
from staleproof.engine.invariants import find_invariants
from staleproof.engine.search import Limits
from staleproof.engine.termination import Ends, NoRanking, find_endless_run, prove_termination
from staleproof.lang.substitute import assign
from staleproof.lang.system import Action, System
from staleproof.lang.terms import neg, u_lt


class TestAgainstEnumeration:
    """On random small programs."""

    @examples(50)
    @given(SEEDS)
    def test_programs_that_are_proved_to_end_end(self, seed: int) -> None:
        """No program with a ranking has a reachable state that leads back to itself, and no
        invariant that was found is violated.
        """
        system = program(seed)
        space = Space(system, {})
        inductive = Inductive(system)
        invariants = find_invariants(inductive)
        outcome = prove_termination(inductive, invariants)

        assert not (isinstance(outcome, Ends) and space.has_endless_run)
        for invariant in invariants:
            assert space.shortest_violation(invariant) is None

    @examples(60)
    @given(SEEDS)
    def test_endless_runs_that_are_shown_exist(self, seed: int) -> None:
        """A run that is said to repeat a state does, in a program that has one."""
        system = program(seed)
        found = find_endless_run(system, Limits(12))
        if found is not None:
            trace, _ = found
            assert trace.loops_to is not None
            assert trace.states[trace.loops_to].location == trace.states[-1].location
            assert Space(system, {}).has_endless_run


class TestLoops:
    """Two programs that differ in one line."""

    count = Action("count", (), (u_lt(LONG(), 5),), (assign(LONG, (), LONG() + 1),), "loop", "loop")
    leave = Action("leave", (), (neg(u_lt(LONG(), 5)),), (), "loop", "end")
    system = System("loop", (LONG, FLAG), (LONG() == 0,), (count, leave), entry="loop")

    def test_a_counter_that_grows_ends_its_loop(self) -> None:
        """The counter is the ranking word."""
        inductive = Inductive(self.system)
        outcome = prove_termination(inductive, find_invariants(inductive))

        assert isinstance(outcome, Ends)
        assert [str(r) for r in outcome.rankings] == ["at loop: long strictly grows between visits"]
        assert find_endless_run(self.system, Limits(9)) is None

    def test_a_counter_that_is_reset_does_not(self) -> None:
        """There is no ranking word, and a run that repeats a state is found."""
        reset = Action("reset", (), (LONG() == 3,), (assign(LONG, (), 0),), "loop", "loop")
        system = self.system.with_actions((*self.system.actions, reset))
        inductive = Inductive(system)
        outcome = prove_termination(inductive, find_invariants(inductive))
        found = find_endless_run(system, Limits(9))

        assert isinstance(outcome, NoRanking)
        assert found is not None
        assert found[1].steps == 4
