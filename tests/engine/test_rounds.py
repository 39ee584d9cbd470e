"""Runs by rounds of loops are the runs there are, however few rounds they make."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import assume, given
from hypothesis import strategies as st

from oracles.effort import examples
from oracles.exhaustive import Space
from oracles.plans import P
from oracles.systems import systems
from staleproof.engine.search import Found, Limits, NotFound, Search
from staleproof.lang.system import System
from staleproof.logic.rounds import Rounds
from staleproof.logic.scope import Scope
from staleproof.trace.replay import replay

STEPS = 4
LARGEST = 700


@examples(60)
@given(systems(), st.integers(1, 2))
def test_what_steps_reach_rounds_reach(system: System, size: int) -> None:
    """A run of so many steps passes no more loop heads, so as many rounds and one have it; and
    what rounds find is a run that replays.
    """
    space = Space(system, {P: size})
    assume(space.size <= LARGEST)
    prop = system.safety[0]
    rounds = Rounds(system)
    longest = rounds.visits(STEPS + 1) - 1
    limits = Limits(longest, (Scope({P: size}, longest=7),))

    found = Search(system, (prop,), limits, rounds).any()

    shortest = space.shortest_violation(prop)
    if isinstance(found, Found):
        replay(system, prop, found.script)
        assert shortest is not None
    else:
        assert isinstance(found, NotFound)
        assert shortest is None or shortest > STEPS


@examples(60)
@given(systems())
def test_a_location_is_visited_once_a_round(system: System) -> None:
    """Each visit is of one location, and none comes twice between two ends of rounds."""
    rounds = Rounds(system)
    ends = [rounds.visits(n) for n in range(STEPS)]

    for start, end in pairwise(ends):
        visited = [location for n in range(start, end) for location in rounds.runs(n)]
        assert len(visited) == len(set(visited)) == end - start
