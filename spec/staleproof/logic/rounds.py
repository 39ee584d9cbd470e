"""Unrolling by rounds: all runs that come to a location between the same two loop heads, as one.

A run of many steps with few loops is short in rounds. Within a round no location is met twice, so
each is visited once, after all from which runs come; what arrives at a loop head waits for the next
round.
"""

from __future__ import annotations

from staleproof.lang.system import System
from staleproof.logic.blocks import loop_heads
from staleproof.logic.runs import START, Run, Taken, merge, successors


class Rounds:
    """The merged runs of a system by round. A length is a number of visits, one location each."""

    def __init__(self, system: System) -> None:
        self._system = system
        self._heads = frozenset(loop_heads(system))
        self._order = _in_order(system, self._heads)
        self._waiting: dict[str, list[Run]] = {system.entry: [START]}
        self._visited: list[tuple[str, Run]] = []
        self._ends = [0]
        self.layers: list[dict[str, list[Taken]]] = []
        """Per visit, the actions that leave the runs there."""

    def visits(self, rounds: int) -> int:
        """How many visits so many rounds come to."""
        while len(self._ends) <= rounds:
            self._extend()
        return self._ends[rounds]

    def runs(self, length: int) -> dict[str, Run]:
        """The runs that are at the location of a visit; none after the last."""
        return dict(self._visited[length : length + 1])

    def _extend(self) -> None:
        arrived, self._waiting = self._waiting, {}
        for location in self._order:
            if location not in arrived:
                continue
            run = merge(arrived[location])
            layer: list[Taken] = []
            tag = f"@{len(self.layers)}"
            for step, after in successors(self._system, location, run, tag):
                layer.append(step)
                onward = self._waiting if step.target in self._heads else arrived
                onward.setdefault(step.target, []).append(after)
            self._visited.append((location, run))
            self.layers.append({location: layer})
        self._ends.append(len(self.layers))


def _in_order(system: System, heads: frozenset[str]) -> list[str]:
    """The locations, each after those from which it is reached without passing a loop head."""
    finished: dict[str, None] = {}
    for start in (system.entry, *sorted(heads)):
        path = [start]
        while path:
            onward = (a.target for a in system.leaving(path[-1]))
            new = next((t for t in onward if t not in finished and t not in heads), None)
            if new is not None and path[-1] not in finished:
                path.append(new)
            else:
                finished[path.pop()] = None
    return [*reversed(finished)]
