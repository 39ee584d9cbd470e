"""The invariants of a system, found: candidates in stages, Houdini on each."""

from __future__ import annotations

from staleproof.engine.candidates import candidates
from staleproof.engine.houdini import feasible, largest_inductive
from staleproof.engine.induction import Inductive, Proof, Proved
from staleproof.engine.redundancy import independent, worth_asking
from staleproof.lang.system import Property
from staleproof.verdict import Obligation

STAGES_THAT_EXCLUDE = (0, 2, 4)
"""The stages after which it is worth asking which blocks can still happen."""


def find_proof(inductive: Inductive) -> Proof:
    """A proof with the system's own lemmas, if they suffice; else with lemmas that hold at the loop
    heads, and those of its own that are inductive with them.

    `inductive` forgets the blocks that the lemmas show to be impossible.
    """
    own = _with_own_lemmas(inductive)
    if own is not None:
        return own
    shown: list[Obligation] = []
    return Proof(inductive, _found(inductive, shown), shown)


def find_invariants(inductive: Inductive) -> list[Property]:
    """The lemmas of that proof."""
    return list(find_proof(inductive).lemmas)


def _with_own_lemmas(inductive: Inductive) -> Proof | None:
    """A proof with the lemmas that the system brings, if it proves all that is asked of the system;
    else None.
    """
    system = inductive.system
    if not system.lemmas:
        return None
    shown: list[Obligation] = []
    kept = largest_inductive(inductive, system.lemmas, (), shown)
    proof = Proof(inductive, kept, shown)
    suffices = all(isinstance(proof.prove([prop]), Proved) for prop in system.safety)
    return proof if suffices else None


def _found(inductive: Inductive, obligations: list[Obligation]) -> list[Property]:
    """Lemmas that are inductive together; what shows it is added to `obligations`."""
    proved: list[Property] = []
    dropped: list[Property] = []
    again: list[Property] = []
    reached = set(inductive.cuts)
    for number, stage in enumerate(candidates(inductive.system)):
        # What the first stage could not keep may be kept once it is known which blocks happen.
        own = inductive.system.lemmas if number == 0 else ()
        wanted = [q for q in (*own, *stage, *again) if q.at is None or q.at & reached]
        wanted = worth_asking(wanted, proved)
        kept = largest_inductive(inductive, wanted, proved, obligations)
        proved += independent(kept)
        again = []
        if number == 0:
            dropped = [q for q in wanted if q not in set(kept)]
        if number in STAGES_THAT_EXCLUDE:
            before = len(inductive.blocks)
            inductive.blocks = tuple(feasible(inductive, proved))
            if len(inductive.blocks) < before:
                again = dropped
        reached = {inductive.system.entry}
        while new := {b.target for b in inductive.blocks if b.source in reached} - reached:
            reached |= new
        proved = [q for q in proved if q.at is None or q.at & reached]
    return proved
