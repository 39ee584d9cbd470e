"""What known runs show without a solver: no invariant fails in a state that a run comes to."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from staleproof.engine.examples import Examples
from staleproof.engine.exploring import KnownRun, explored
from staleproof.engine.following import violation
from staleproof.engine.search import Finder, Limits
from staleproof.engine.solve import Budget
from staleproof.lang.system import Action, Property, System
from staleproof.lang.terms import FALSE
from staleproof.logic.blocks import Block, loop_heads

MOST_HELD = 12
"""How many states of one location a candidate is held against."""

NEAR = Limits(depth=24, scopes=Limits().scopes[:2], budget=Budget(resources=1_000_000))
"""How far a run to the head of a loop is searched for."""


class Reached:
    """What the known runs of a system come to: states, and ways from cut point to cut point."""

    def __init__(
        self, system: System, cuts: Collection[str], runs: Iterable[KnownRun] = ()
    ) -> None:
        known = tuple(runs)
        self._states = explored(system, known).states if known else {}
        self._ways: set[tuple[str, str, Action | None]] = set()
        for script, _ in known:
            way: list[Action] = []
            for choice in script.choices:
                way.append(choice.action)
                if choice.action.target in cuts:
                    self._ways.add(_way(way))
                    way = []

    def denies(self, prop: Property) -> bool:
        """Whether the property fails in one of the states."""
        return any(
            violation(prop, location, state) is not None
            for location in prop.at or ()
            for state in self._states.get(location, ())[:MOST_HELD]
        )

    def passes(self, block: Block) -> bool:
        """Whether one of the runs goes through the block."""
        alone = block.taken[0].action if len(block.taken) == 1 else None
        return (block.source, block.target, alone) in self._ways


def _way(actions: Sequence[Action]) -> tuple[str, str, Action | None]:
    """From where to where the actions lead; and, if it is a single one, which: that is a block of
    its own.
    """
    alone = actions[0] if len(actions) == 1 else None
    return actions[0].source, actions[-1].target, alone


def with_runs_to_loops(system: System) -> Examples:
    """Runs of the system to the head of each loop, where they are found soon."""
    known, finder = Examples(system), Finder(system)
    for head in loop_heads(system):
        known.add(Property(f"never at {head}", FALSE, at=frozenset({head})), NEAR, finder)
    return known
