"""The invariants of a system, found: candidates in stages, Houdini on each."""

from __future__ import annotations

from staleproof.engine.candidates import candidates
from staleproof.engine.houdini import feasible, largest_inductive
from staleproof.engine.induction import Inductive
from staleproof.lang.system import Property
from staleproof.verdict import Obligation

STAGES_THAT_EXCLUDE = 2
"""The stages after which it is worth asking which blocks can still happen."""


def find_invariants(
    inductive: Inductive, obligations: list[Obligation] | None = None
) -> list[Property]:
    """Lemmas that hold at the loop heads; together they are inductive.

    What shows it is added to `obligations`. `inductive` forgets the blocks that the lemmas show
    to be impossible.
    """
    proved: list[Property] = []
    reached = set(inductive.cuts)
    first_dropped: set[Property] = set()
    for number, stage in enumerate(candidates(inductive.system)):
        # What the first stage could not keep, a later one may, once it knows which blocks happen.
        wanted = [*stage, *sorted(first_dropped, key=lambda q: q.name)]
        kept = largest_inductive(
            inductive,
            [q for q in wanted if q.at is None or q.at & reached],
            proved,
            obligations,
        )
        proved += kept
        if number < STAGES_THAT_EXCLUDE:
            inductive.blocks = tuple(feasible(inductive, proved))
        reached = {inductive.system.entry}
        while new := {b.target for b in inductive.blocks if b.source in reached} - reached:
            reached |= new
        proved = [q for q in proved if q.at is None or q.at & reached]
        first_dropped = set(wanted if number == 0 else first_dropped) - set(kept)
    return proved
