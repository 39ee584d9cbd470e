"""A system with its first rounds told apart has the same runs, and no choice in those rounds."""

from __future__ import annotations

from hypothesis import assume, given
from hypothesis import strategies as st

from oracles.effort import examples
from oracles.exhaustive import Space
from oracles.plans import P
from oracles.systems import systems
from staleproof.engine.search import Found, Limits, NotFound, Search
from staleproof.lang.system import System
from staleproof.logic.blocks import loop_heads
from staleproof.logic.peeling import peeled
from staleproof.logic.scope import Scope
from staleproof.trace.replay import replay

LARGEST = 700
STEPS = 4


@examples(60)
@given(systems(), st.integers(1, 2), st.integers(1, 2))
def test_the_runs_are_the_same(system: System, size: int, rounds: int) -> None:
    """A shortest violation has as many steps as enumeration of the plain system finds."""
    space = Space(system, {P: size})
    assume(space.size <= LARGEST)
    apart = peeled(system, loop_heads(system), rounds)

    found = Search(apart, apart.safety[:1], Limits(STEPS, (Scope({P: size}, longest=7),))).run()

    shortest = space.shortest_violation(system.safety[0])
    if isinstance(found, Found):
        replay(apart, apart.safety[0], found.script)
        assert found.steps == shortest
    else:
        assert isinstance(found, NotFound)
        assert shortest is None or shortest > STEPS


@examples(60)
@given(systems(), st.integers(1, 3))
def test_the_first_rounds_have_no_choice(system: System, rounds: int) -> None:
    """What is chosen in them is a constant of the run, so no action of theirs has a parameter."""
    apart = peeled(system, loop_heads(system), rounds)
    first = [a for a in apart.actions if a.source.endswith(">")]
    assume(first)

    assert all(not a.params for a in first)


@examples(60)
@given(systems(), st.integers(1, 3))
def test_a_round_ends_at_a_head(system: System, rounds: int) -> None:
    """Only a step to a head of a loop leads from one round to another, and none leads back."""
    heads = loop_heads(system)
    apart = peeled(system, heads, rounds)

    def round_of(location: str) -> int:
        return int(location[-2]) if location.endswith(">") else rounds

    for action in apart.actions:
        before, after = round_of(action.source), round_of(action.target)
        if apart.leaving(action.target):
            to_head = action.target.split(" <")[0] in heads
            assert after == min(before + to_head, rounds)
