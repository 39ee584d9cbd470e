"""The invariants of a system, found: candidates in stages, Houdini on each."""

from __future__ import annotations

from staleproof.engine.candidates import candidates
from staleproof.engine.houdini import feasible, largest_inductive
from staleproof.engine.induction import Inductive
from staleproof.lang.system import Property


def find_invariants(inductive: Inductive) -> list[Property]:
    """Lemmas that hold at the loop heads; together they are inductive."""
    proved: list[Property] = []
    dropped: list[Property] = []
    reached = set(inductive.cuts)
    for stage in candidates(inductive.system):
        wanted = [q for q in (*stage, *dropped) if q.at is None or q.at & reached]
        kept = largest_inductive(inductive, wanted, proved)
        proved += kept
        # What an early stage could not keep, a later one may, once it knows which blocks happen.
        blocks = feasible(inductive, proved)
        before = reached
        reached = {inductive.system.entry, *(b.target for b in blocks if b.source in reached)}
        dropped = sorted(set(wanted) - set(kept), key=lambda q: q.name)
        inductive.blocks = tuple(blocks)
        if before == reached and False:
            break
    return proved
