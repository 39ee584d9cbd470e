"""What is found out about a system once, and shared by all questions about it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache

from staleproof.engine.candidates import says_something
from staleproof.engine.examples import Examples
from staleproof.engine.induction import Inductive, NotShown, Proof, Proved
from staleproof.engine.invariants import find_proof
from staleproof.engine.reached import Reached, with_runs_to_loops
from staleproof.engine.search import Finder, Limits
from staleproof.engine.vacuity import dead_actions
from staleproof.lang.recent import Recent
from staleproof.lang.system import Property, System
from staleproof.lang.terms import FALSE, TRUE

MOST_KEPT = 200
"""How many studies are kept."""

MOST_OPEN = 6
"""How many of them keep their conversations with the solver, which are large."""


@dataclass
class Study:
    """A system with its invariants, and what they prove of all that is claimed of it."""

    inductive: Inductive
    invariants: list[Property]
    proof: Proof
    outcomes: dict[str, Proved | NotShown]
    """Of every safety property. All are asked, in their order, whichever is wanted: what an answer
    leans on depends on the questions before it, and evidence must not."""
    known: Examples
    """Runs of the system."""
    shown_by_runs: tuple[Property, ...] = ()
    """Proved properties of which it is found out together whether they say anything."""
    silent: dict[str, Proved | NotShown | None] = field(default_factory=dict)
    """Of those that say something in no run known then, by name: whether it is proved that they
    never do."""
    is_open: bool = True
    """Whether the conversations with the solver go on."""
    _is_shown: bool = False

    def outcome_of(self, prop: Property) -> Proved | NotShown:
        """Whether the property is proved."""
        return self.outcomes[prop.name] if self._is_claimed(prop) else self._prove(prop)

    def silence_of(self, prop: Property) -> Proved | NotShown | None:
        """Whether it is proved that the property never says anything; None where no block ends."""
        if self._is_claimed(prop) and prop.name in self.silent:
            return self.silent[prop.name]
        return self.never(says_something(prop))

    @property
    def for_narrower(self) -> Proof:
        """The proof with the lemmas that are shown: those that the model brings are so only where a
        proof leans on them.
        """
        if self.proof.shown is not None:
            return self.proof
        proved = [o for o in self.outcomes.values() if isinstance(o, Proved)]
        shown = dict.fromkeys(obligation for o in proved for obligation in o.obligations)
        return Proof(self.inductive, self.invariants, tuple(shown))

    @cached_property
    def dead(self) -> list[str]:
        """The actions that are never taken, by name."""
        system = self.inductive.system
        excluded = () if system.wider is None else study_of(system.wider).dead
        dead = dead_actions(self.inductive, self.invariants, self.known.runs, excluded)
        return [a.name for a in dead]

    @property
    def examples(self) -> Examples:
        """Runs in which the proved properties say something, where they do."""
        if not self._is_shown:
            self._is_shown = True
            finder = Finder(self.inductive.system)
            for prop in self.shown_by_runs:
                witness = says_something(prop)
                if self.known.violating(witness) is None:
                    self.silent[prop.name] = self.never(witness)
                    if not isinstance(self.silent[prop.name], Proved):
                        self.known.add(witness, Limits(), finder)
        return self.known

    def never(self, witness: Property) -> Proved | NotShown | None:
        """Whether it is proved that `witness` is never violated; None where no block ends."""
        inductive = self.inductive
        between = {loc for loc in inductive.uncut() if witness.holds_at(loc)}
        if not between:
            return self._prove(witness)
        is_of_places = witness.conclusion is FALSE and witness.premise is TRUE
        if not (is_of_places and self._is_never_entered(between)):
            return None
        rest = frozenset(loc for loc in inductive.cuts if witness.holds_at(loc))
        return self._prove(replace(witness, at=rest)) if rest else Proved((), ())

    def close(self) -> None:
        """Forget the conversations with the solver, but nothing that was found."""
        self.is_open = False
        self.inductive.forget()

    def _is_never_entered(self, between: Collection[str]) -> bool:
        """Whether no run comes to one of these locations, none of which is a cut point."""
        entering = [a for a in self.inductive.system.actions if a.target in between]
        return all(a.name in self.dead for a in entering)

    def _is_claimed(self, prop: Property) -> bool:
        """Whether just this is claimed of the system: another property may have the same name."""
        return _statement(prop) in self._claimed

    @cached_property
    def _claimed(self) -> frozenset[Hashable]:
        return frozenset(_statement(q) for q in self.inductive.system.safety)

    def _prove(self, prop: Property) -> Proved | NotShown:
        if not self.is_open:
            # All that was asked before is asked again: what an answer leans on depends on it.
            again = _made(self.inductive.system, lambda _: None)
            self.inductive, self.proof, self.is_open = again.inductive, again.proof, True
        return self.proof.prove([prop])


_kept: Recent[Hashable, Study] = Recent(MOST_KEPT)
"""The systems studied, by all that their invariants depend on."""


def study_of(system: System, progress: Callable[[str], None] = lambda _: None) -> Study:
    """The study of a system: made now, or a while ago."""
    key = _key(system)
    study = _kept.get(key) or _kept.put(key, _made(system, progress))
    for old in [s for s in _kept if s.is_open][:-MOST_OPEN]:
        old.close()
    return study


def _made(system: System, progress: Callable[[str], None]) -> Study:
    own = system.is_relational and system.lemmas
    return _with_own_lemmas(system, progress) if own else _with_found(system, progress)


def _with_found(system: System, progress: Callable[[str], None]) -> Study:
    progress("looking for invariants")
    if system.wider is None:
        inductive = Inductive(system)
        known = with_runs_to_loops(system)
        proof = find_proof(inductive, reached=Reached(system, inductive.cuts, known.runs))
    else:
        wider = study_of(system.wider, progress)
        inductive = wider.inductive.narrowed(system)
        known = Examples(system)
        known.add_from(wider.examples)
        reached = Reached(system, inductive.cuts, known.runs)
        proof = find_proof(inductive, wider.for_narrower, reached)
    invariants = list(proof.lemmas)
    progress(f"{len(invariants)} invariants found")
    progress("proving")
    outcomes = {prop.name: proof.prove([prop]) for prop in system.safety}
    proved = tuple(q for q in system.safety if isinstance(outcomes[q.name], Proved))
    return Study(inductive, invariants, proof, outcomes, known, proved)


def _with_own_lemmas(system: System, progress: Callable[[str], None]) -> Study:
    """The lemmas that the model brings, each proved where a proof leans on it.

    Nothing else is looked for: the templates for lemmas are made of words and constants, of which
    a relational system has none.
    """
    inductive = Inductive(system)
    proof = Proof(inductive, system.lemmas)
    progress("proving")
    outcomes = {prop.name: proof.prove([prop]) for prop in system.safety}
    used = (q for o in outcomes.values() if isinstance(o, Proved) for q in o.lemmas)
    invariants = list(dict.fromkeys(used))
    return Study(inductive, invariants, proof, outcomes, Examples(system))


@lru_cache(maxsize=64)
def _key(system: System) -> Hashable:
    """The same for systems that differ in nothing but places and words."""
    return (
        system.digest,
        tuple(_statement(q) for q in system.safety),
        tuple(_statement(q) for q in system.lemmas),
        tuple(hint.digest for hint in system.hints),
        system.definitions,
        None if system.wider is None else _key(system.wider),
    )


def _statement(prop: Property) -> Hashable:
    """The same for properties that differ in nothing but places and words."""
    params = tuple((p.name, p.sort) for p in prop.params)
    return prop.name, params, prop.premise.digest, prop.formula.digest, prop.at
