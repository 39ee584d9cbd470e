"""Unrolling: all runs of each length, one per location where they can be.

It is extended only as far as somebody looks, and shared by all questions about a system.
"""

from __future__ import annotations

from collections.abc import Sequence

from staleproof.lang.recent import Recent
from staleproof.lang.system import Action, System
from staleproof.logic.runs import START, Run, Taken, merge, successors

MOST_KNOWN = 8
"""How many unrollings are kept."""

_known: Recent[tuple[str, tuple[Action, ...]], Unrolling] = Recent(MOST_KNOWN)


def unrolling(system: System) -> Unrolling:
    """The unrolling of the whole system, the same object for the same entry and actions."""
    key = system.entry, system.actions
    return _known.get(key) or _known.put(key, Unrolling(system))


class Unrolling:
    """The merged runs of a system by length, and the actions that extend them."""

    def __init__(self, system: System, path: Sequence[str] | None = None) -> None:
        """`path`: look only at the runs that pass these locations, the entry first."""
        self._system, self._path = system, path
        self._frontiers: list[dict[str, Run]] = [{system.entry: START}]
        self.layers: list[dict[str, list[Taken]]] = []
        """Per length, per location the actions that leave the runs there."""

    def runs(self, length: int) -> dict[str, Run]:
        """The runs of exactly that many actions, by the location where they are."""
        while len(self._frontiers) <= length:
            self._extend()
        return self._frontiers[length]

    def _extend(self) -> None:
        length = len(self.layers)
        arrived: dict[str, list[Run]] = {}
        taken: dict[str, list[Taken]] = {}
        target = self._path[length + 1] if self._path is not None else None
        for location, run in self._frontiers[-1].items():
            for step, after in successors(self._system, location, run, f"@{length}", target):
                taken.setdefault(location, []).append(step)
                arrived.setdefault(step.target, []).append(after)
        self.layers.append(taken)
        self._frontiers.append({location: merge(runs) for location, runs in arrived.items()})
