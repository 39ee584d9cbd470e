"""What relates the states of two systems side by side: found, and proved to hold."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice

from staleproof.engine.candidates import candidates
from staleproof.engine.houdini import feasible, largest_inductive
from staleproof.engine.induction import Inductive, Proof
from staleproof.engine.redundancy import independent, worth_asking
from staleproof.engine.vacuity import dead_actions
from staleproof.lang.system import Property, System
from staleproof.logic.blocks import Block, reachable
from staleproof.verdict import Obligation

STAGES = (0, 2, 3, 4)
"""The candidates that are tried of each side: all about constants, but for what values tell."""


@dataclass(frozen=True, eq=False)
class Known:
    """What is known of one system: statements at its loop heads, all proved of it."""

    system: System
    lemmas: tuple[Property, ...]


def pruned(system: System) -> Known:
    """The system without the actions that are never taken, and what shows that."""
    inductive = Inductive(system)
    kept: list[Property] = []
    for number, stage in enumerate(islice(candidates(system), max(STAGES) + 1)):
        if number in STAGES:
            wanted = worth_asking(stage, kept)
            kept += independent(largest_inductive(inductive, wanted, kept))
            inductive.blocks = tuple(feasible(inductive, kept))
    dead = set(dead_actions(inductive, kept))
    # That leaves out what ends in a broken rule; where no block ends, no run does.
    ends = {b.target for b in inductive.blocks}
    dead |= {a for a in system.actions if not system.leaving(a.target) and a.target not in ends}
    alive = system.with_actions(a for a in system.actions if a not in dead)
    within = reachable(alive)
    alive = alive.with_actions(a for a in alive.actions if a.source in within)
    left = set(alive.locations)
    return Known(alive, tuple(q for q in kept if q.at is None or q.at <= left))


def related(
    system: System,
    heads: Iterable[str],
    stages: Iterable[Sequence[Property]],
    proved: Sequence[Property],
) -> Proof:
    """A proof that may lean on what is proved, and on those of the lemmas, about some `heads`, that
    are inductive with it; what a stage leaves helps the next.
    """
    inductive = Inductive(system, heads)
    _leave_out_impossible(inductive, proved)
    shown: list[Obligation] = []
    known = list(proved)
    for stage in stages:
        reached = set(inductive.reached())
        known = [q for q in known if q.at is None or q.at & reached]
        wanted = worth_asking([q for q in stage if q.at is None or q.at & reached], known)
        known += independent(largest_inductive(inductive, wanted, known, shown))
        _leave_out_impossible(inductive, known)
    return Proof(inductive, known, shown)


def _leave_out_impossible(inductive: Inductive, known: Sequence[Property]) -> None:
    """Forget the blocks that cannot happen, and those that start where no others lead."""
    whole, found = inductive.blocks, dict[Block, None]()
    reached = [inductive.system.entry]
    for source in reached:
        inductive.blocks = tuple(b for b in whole if b.source == source)
        possible = feasible(inductive, known)
        found |= dict.fromkeys(possible)
        reached += [t for t in dict.fromkeys(b.target for b in possible) if t not in reached]
    inductive.blocks = tuple(b for b in whole if b in found)
