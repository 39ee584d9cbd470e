"""Blocks: the system between cut points, each block one big step.

Cut points are the entry, every loop head, the ends, and every location that a property speaks of.
What happens between two cut points is a finite, loop-free set of paths; a block is their exact
composition, so induction over blocks is induction over the system at its cut points.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from staleproof.lang.substitute import Substitution, Update
from staleproof.lang.system import System
from staleproof.lang.terms import FALSE, Symbol, Term, Var
from staleproof.logic.runs import START, Run, Taken, merge, successors


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """All ways from cut point `source` to cut point `target` that meet no other cut point.

    An action that leads straight from one to the other is a block of its own.
    """

    name: str
    source: str
    target: str
    guard: Term
    state: dict[Symbol, Update]
    params: tuple[Var, ...]
    taken: tuple[Taken, ...]

    def after(self, term: Term) -> Term:
        """`term` about the state at the target, as a term about the state at the source."""
        return Substitution({}, self.state)(term)


def loop_heads(system: System) -> tuple[str, ...]:
    """The targets of back edges in a depth-first walk from the entry."""
    heads: dict[str, None] = {}
    state: dict[str, int] = {}
    stack: list[tuple[str, int]] = [(system.entry, 0)]
    following = {loc: [a.target for a in system.leaving(loc)] for loc in system.locations}
    state[system.entry] = 1
    while stack:
        location, index = stack.pop()
        if index == len(following[location]):
            state[location] = 2
            continue
        stack.append((location, index + 1))
        target = following[location][index]
        if state.get(target) == 1:
            heads[target] = None
        elif target not in state:
            state[target] = 1
            stack.append((target, 0))
    return tuple(loc for loc in system.locations if loc in heads)


def cut_points(system: System, also: Iterable[str] = ()) -> tuple[str, ...]:
    """Entry, loop heads, ends, the locations that the properties name, and `also`."""
    wanted = {system.entry, *loop_heads(system), *also}
    wanted |= {loc for loc in system.locations if not system.leaving(loc)}
    for prop in (*system.safety, *system.lemmas):
        wanted |= set(system.locations if prop.at is None else prop.at)
    return tuple(loc for loc in system.locations if loc in wanted)


def blocks(system: System, cuts: tuple[str, ...]) -> tuple[Block, ...]:
    """Every block between the `cuts` that is not trivially impossible."""
    within = reachable(system)
    return tuple(
        block for source in cuts if source in within for block in _from(system, source, cuts)
    )


def reachable(system: System, start: str | None = None) -> set[str]:
    """The locations that some path of actions leads to from `start` (or the entry), whatever the
    guards say.
    """
    first = system.entry if start is None else start
    seen, todo = {first}, [first]
    while todo:
        for action in system.leaving(todo.pop()):
            if action.target not in seen:
                seen.add(action.target)
                todo.append(action.target)
    return seen


def passage(system: System, source: str, cuts: tuple[str, ...]) -> tuple[Taken, ...]:
    """Every action that a run may take between `source` and the next cut point, also if the run
    never gets there.
    """
    return tuple(_explore(system, source, cuts)[1])


def _from(system: System, source: str, cuts: tuple[str, ...]) -> list[Block]:
    found, all_taken, arrived = _explore(system, source, cuts)
    for target in cuts:
        if target in arrived:
            run = merge(arrived[target])
            if run.guard is not FALSE:
                name = f"{source} -> {target}"
                state = dict(run.state)
                found.append(
                    Block(name, source, target, run.guard, state, run.params, tuple(all_taken))
                )
    return found


def _explore(
    system: System, source: str, cuts: tuple[str, ...]
) -> tuple[list[Block], list[Taken], dict[str, list[Run]]]:
    """From `source` to the next cut points: the actions that are blocks of their own, all actions
    taken on the way, and the other runs that arrive, by their target.
    """
    order = _topological(system, source, set(cuts))
    arrived: dict[str, list[Run]] = {}
    runs: dict[str, Run] = {source: START}
    all_taken: list[Taken] = []
    direct: list[Block] = []
    for location in order:
        if location != source:
            if location not in arrived:
                continue
            runs[location] = merge(arrived[location])
        for step, run in successors(system, location, runs[location], f"@{location}"):
            all_taken.append(step)
            if location == source and step.target in cuts:
                state = dict(run.state)
                name = step.action.name
                direct.append(
                    Block(name, source, step.target, run.guard, state, run.params, (step,))
                )
                continue
            arrived.setdefault(step.target, []).append(run)
    return direct, all_taken, arrived


def _topological(system: System, source: str, cuts: set[str]) -> list[str]:
    """The locations from `source` up to, not including, the next cut points, in path order."""
    order: list[str] = []
    done: set[str] = set()
    stack: list[tuple[str, bool]] = [(source, False)]
    while stack:
        location, ready = stack.pop()
        if ready:
            order.append(location)
            continue
        if location in done:
            continue
        done.add(location)
        stack.append((location, True))
        for action in reversed(system.leaving(location)):
            if action.target not in cuts and action.target not in done:
                stack.append((action.target, False))
    return order[::-1]
