"""The invariants of a system, found: candidates in stages, Houdini on each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from staleproof.engine.candidates import candidates
from staleproof.engine.houdini import feasible, largest_inductive
from staleproof.engine.induction import Inductive, Proof, Proved
from staleproof.engine.reached import Reached
from staleproof.engine.redundancy import independent, worth_asking
from staleproof.lang.system import Property
from staleproof.logic.blocks import loop_heads
from staleproof.verdict import Obligation

STAGES_THAT_EXCLUDE = (0, 2, 4)
"""The stages after which it is worth asking which blocks can still happen."""


def find_proof(
    inductive: Inductive, known: Proof | None = None, reached: Reached | None = None
) -> Proof:
    """A proof with the system's own lemmas, if they suffice for all that is asked of the system;
    else with lemmas that hold at the loop heads, found in stages.

    Those of `known` hold here already, as far as that is shown, and then more are found only as
    long as they are wanted. What fails in a state that is `reached` is not tried. `inductive`
    forgets the blocks that the lemmas show to be impossible.
    """
    nothing = Reached(inductive.system, inductive.cuts)
    return _Finding(inductive, known, reached or nothing).proof()


def find_invariants(inductive: Inductive) -> list[Property]:
    """The lemmas of that proof."""
    return list(find_proof(inductive).lemmas)


class _Finding:
    """Lemmas that are inductive together, and what shows it, as they are found."""

    def __init__(self, inductive: Inductive, known: Proof | None, reached: Reached) -> None:
        self._inductive, self._reached = inductive, reached
        self._is_narrow = known is not None
        self._lemmas: list[Property] = []
        self._shown: list[Obligation] = []
        if known is not None and known.shown is not None:
            self._lemmas += known.lemmas
            self._shown += known.shown
        self._unproved = list(inductive.system.safety)
        """What is asked of the system; that which was last found to need more lemmas comes
        first."""

    def proof(self) -> Proof:
        """The proof with all that is worth finding."""
        own = self._inductive.system.lemmas
        if own:
            self._lemmas += self._kept(own)
        # Nobody wants more lemmas where nothing loops, or where more than these are known.
        eager = self._is_narrow or not loop_heads(self._inductive.system)
        if (own or eager) and self._suffices():
            return self._so_far()
        if self._lemmas:
            self._forget_impossible()
        dropped: list[Property] = []
        again: list[Property] = []
        for number, stage in enumerate(candidates(self._inductive.system)):
            # What the first stage could not keep may be kept once it is known which blocks happen.
            more = [q for q in own if q not in self._lemmas] if number == 0 else ()
            wanted = worth_asking(self._of_reached((*more, *stage, *again)), self._lemmas)
            kept = self._kept(wanted)
            self._lemmas += independent(kept)
            again = []
            if number == 0:
                dropped = [q for q in wanted if q not in set(kept)]
            if number in STAGES_THAT_EXCLUDE:
                again = dropped if self._forget_impossible() else []
                if self._is_narrow and self._suffices():
                    break
        return self._so_far()

    def _so_far(self) -> Proof:
        return Proof(self._inductive, self._lemmas, self._shown)

    def _suffices(self) -> bool:
        """Whether what is found so far proves all that is asked of the system."""
        proof = self._so_far()
        for prop in self._unproved:
            if not isinstance(proof.prove([prop]), Proved):
                self._unproved.remove(prop)
                self._unproved.insert(0, prop)
                return False
        return True

    def _kept(self, wanted: Sequence[Property]) -> list[Property]:
        tried = [q for q in wanted if not self._reached.denies(q)]
        return largest_inductive(self._inductive, tried, self._lemmas, self._shown)

    def _forget_impossible(self) -> bool:
        """Forget the blocks that cannot happen, and those where no other leads; whether there were
        any.
        """
        inductive, before = self._inductive, self._inductive.blocks
        inductive.blocks = tuple(
            feasible(inductive, self._lemmas, self._shown, self._reached.passes)
        )
        reached = inductive.reached()
        inductive.blocks = tuple(b for b in inductive.blocks if b.source in reached)
        self._lemmas = self._of_reached(self._lemmas)
        return len(inductive.blocks) < len(before)

    def _of_reached(self, lemmas: Iterable[Property]) -> list[Property]:
        """The lemmas without those of locations that no run reaches."""
        reached = set(self._inductive.reached())
        return [q for q in lemmas if q.at is None or q.at & reached]
