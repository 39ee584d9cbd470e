"""Mutants of a C text, and which claim notices each.

A mutant is noticed when the front end refuses it, when a claim's verdict is not the expected one,
or when a demand of C that never failed does. The cheap signs are looked for first: a run that
violates something. What no run shows is decided as the claim itself would be.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

from staleproof.cfront import SourceFile
from staleproof.cfront.mutate import Mutant, mutants
from staleproof.claims import Claim
from staleproof.engine.candidates import says_something
from staleproof.engine.examples import Examples
from staleproof.engine.induction import Inductive, Proof, Proved
from staleproof.engine.portfolio import word_of
from staleproof.engine.question import Kind, Question
from staleproof.engine.search import Found, Limits, search, search_some
from staleproof.engine.study import study_of
from staleproof.errors import StaleproofError
from staleproof.lang.substitute import symbols_of
from staleproof.lang.system import Property, System
from staleproof.lang.terms import FALSE
from staleproof.trace.replay import check_violation
from staleproof.verdict import Word

NEAR = Limits(depth=30, scopes=Limits().scopes[:1])
"""How far a run is looked for before anything is decided."""

REFUSED = "the front end"
"""What stands in the place of a claim for a text that the front end, or a property, refuses."""

_BAD = "bad: "


@dataclass(frozen=True, eq=False)
class Subject:
    """A text that is mutated: which functions of it, and what is claimed of it.

    `ask` makes the question of a claim about another text in its place. `covered` names the
    property that speaks of a kind of demand.
    """

    name: str
    source: SourceFile
    functions: tuple[str, ...]
    claims: tuple[Claim, ...]
    ask: Callable[[Claim, SourceFile], Question]
    covered: Mapping[str, str] = field(default_factory=dict)

    @property
    def mutants(self) -> tuple[Mutant, ...]:
        """Those of its functions, one after the other."""
        return tuple(m for function in self.functions for m in mutants(self.source, function))

    @property
    def digest_of_text(self) -> str:
        """A hash of the text that is mutated."""
        return hashlib.sha256(self.source.data).hexdigest()[:16]

    @property
    def digest_of_claims(self) -> str:
        """A hash of what is asked about the text: each property, and its expectation."""
        hasher = hashlib.sha256()
        for asked in _asked(self, self.source):
            hasher.update(repr((asked.claim.name, asked.claim.expected.name)).encode())
            hasher.update(asked.question.prop.formula.digest)
        return hasher.hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a mutant: `by` names the property or error that noticed it, or is empty."""

    by: str
    how: str = ""


@dataclass(frozen=True, slots=True)
class Equivalent:
    """A mutant that does what the function does: the change, and why it makes no difference."""

    change: str
    reason: str


@dataclass(frozen=True, slots=True)
class _Asked:
    claim: Claim
    question: Question


def _asked(subject: Subject, source: SourceFile) -> list[_Asked]:
    return [_Asked(c, subject.ask(c, source)) for c in subject.claims]


def _identity(prop: Property) -> bytes:
    at = sorted(prop.at or ())
    return repr((prop.name, at, [p.name for p in prop.params])).encode() + prop.formula.digest


@cache
def _originals(subject: Subject) -> Mapping[str, _Asked]:
    """What is asked of the text as it is, by the name of the claim."""
    return {a.claim.name: a for a in _asked(subject, subject.source)}


@cache
def _fails_as_it_is(subject: Subject, claim: str, at: str) -> bool:
    """A demand fails without a mutant, too: about some calls less is known than would be needed."""
    asked = _originals(subject)[claim].question
    found = search(asked.system, _never_at(at), asked.limits, shortest=False)
    return isinstance(found, Found)


def _never_at(at: str, name: str = "") -> Property:
    return Property(name or at, FALSE, at=frozenset({at}))


def _is_changed(asked: _Asked, original: _Asked) -> bool:
    """The claim is about other steps, or says something else; the names of steps do not count."""
    one, other = asked.question, original.question
    said = _identity(one.prop), _identity(other.prop)
    return _shape(one.system) != _shape(other.system) or said[0] != said[1]


@cache
def _shape(system: System) -> bytes:
    """A hash of what a system does."""
    hasher = hashlib.sha256(repr((system.entry, system.symbols)).encode())
    for action in system.actions:
        hasher.update(replace(action, name="").digest)
    return hasher.digest()


def examine(subject: Subject, mutant: Mutant, *, thoroughly: bool = True) -> Outcome:
    """Which claim notices the mutant, and by which verdict.

    Unless it is done thoroughly, only short runs are looked for, and no verdict is decided.
    """
    source = SourceFile(subject.source.name, mutant.text)
    originals = _originals(subject)
    try:
        asked = _asked(subject, source)
        changed = [a for a in asked if _is_changed(a, originals[a.claim.name])]
    except StaleproofError as error:
        return Outcome(REFUSED, f"{error.code} {error.message}")
    outcome = _violation(subject, changed)
    if outcome is None and thoroughly:
        outcome = _difference(subject, changed)
    return outcome or Outcome("")


def _is_safety(asked: _Asked) -> bool:
    return asked.question.kind is Kind.SAFETY


def _violation(subject: Subject, asked: Sequence[_Asked]) -> Outcome | None:
    """A short run that violates what was proved, or a demand of C; or that reaches what none
    should.
    """
    for system, group in _by_system(asked):
        if all(a.claim.expected is Word.REFUTED for a in group):
            continue
        safety = [a for a in group if _is_safety(a)]
        proved = {a.question.prop: a for a in safety if a.claim.expected is Word.PROVED}
        silent = {_witness(a): a for a in safety if a.claim.expected is Word.VACUOUS}
        demands = _demands(subject, system)
        while True:
            found = search_some(system, (*proved, *silent, *demands), NEAR)
            if not isinstance(found, Found):
                break
            check_violation(system, found.prop, found.script)
            if found.prop in silent:
                return Outcome(silent[found.prop].claim.property, f"not {Word.VACUOUS.name}")
            at = demands.get(found.prop)
            if at is None or not _fails_as_it_is(subject, group[0].claim.name, at):
                return Outcome(found.prop.name, Word.REFUTED.name)
            del demands[found.prop]
    return None


def _witness(asked: _Asked) -> Property:
    """Violated by a run to where the property says something."""
    return asked.question.witness or says_something(asked.question.prop)


def _demands(subject: Subject, system: System) -> dict[Property, str]:
    """The demands of C in the system, a property per kind, each with where it fails.

    One that a property of the subject speaks of has its name.
    """
    found = {}
    for at in system.locations:
        if at.startswith(_BAD):
            kind = at.removeprefix(_BAD)
            found[_never_at(at, subject.covered.get(kind, f"C-{kind.upper()}"))] = at
    return found


def _by_system(asked: Sequence[_Asked]) -> Iterable[tuple[System, list[_Asked]]]:
    groups: dict[System, list[_Asked]] = {}
    for a in asked:
        groups.setdefault(a.question.system, []).append(a)
    return groups.items()


def _difference(subject: Subject, asked: Sequence[_Asked]) -> Outcome | None:
    """A claim that is surely decided otherwise than it should be; or a demand that can fail.

    A verdict that is not sure, because a proof was not found, notices nothing.
    """
    # A system about which nothing is proved is that of a run, and costs a proof of its own.
    proved = [a for a in asked if a.claim.expected is Word.PROVED and _is_safety(a)]
    proofs = {system: _proof(subject, group[0]) for system, group in _by_system(proved)}
    examples = {system: Examples(system) for system in proofs}
    for a in asked:
        question = a.question
        if a in proved and _holds(proofs[question.system], question.prop):
            witness = _witness(a)
            examples[question.system].add(witness, question.limits)
            if examples[question.system].violating(witness) is not None:
                continue
        word = word_of(question)
        if word is not None and word is not a.claim.expected:
            return Outcome(a.claim.property, word.name)
    for system, (first, *_) in _by_system(proved):
        for demand, at in _demands(subject, system).items():
            question = Question(system, demand, limits=first.question.limits)
            if (
                not _holds(proofs[system], demand)
                and word_of(question) is Word.REFUTED
                and not _fails_as_it_is(subject, first.claim.name, at)
            ):
                return Outcome(demand.name, Word.REFUTED.name)
    return None


@cache
def _lemmas(subject: Subject, claim: str) -> tuple[Property, ...]:
    question = _originals(subject)[claim].question
    return tuple(study_of(question.system, lambda _: None).invariants)


def _proof(subject: Subject, asked: _Asked) -> Proof:
    """Induction with the lemmas of the text as it is, so far as the mutant has what they name."""
    system = asked.question.system
    known = frozenset(system.symbols)
    lemmas = (
        q
        for q in _lemmas(subject, asked.claim.name)
        if symbols_of(q.formula) <= known and (q.at or frozenset()) <= {*system.locations}
    )
    return Proof(Inductive(system), tuple(lemmas))


def _holds(proof: Proof, prop: Property) -> bool:
    return isinstance(proof.prove([prop]), Proved)


# The record


def read_equivalents(path: Path) -> dict[str, Equivalent]:
    """The list of equivalents by text and mutant: ``v4 get_vaddr_frames:92:comparison:1``."""
    document = tomllib.loads(path.read_text())
    found: dict[str, Equivalent] = {}
    for entry in document["equivalent"]:
        for subject, names in entry["mutants"].items():
            for name, change in names.items():
                found[f"{subject} {name}"] = Equivalent(change, entry["reason"])
    return found


def record(subject: Subject, outcomes: Mapping[str, Outcome]) -> dict[str, Any]:
    """The record of a text's mutants: what was asked of which text, and who noticed each."""
    noticed = Counter(o.by for o in outcomes.values() if o.by)
    return {
        "subject": subject.name,
        "text": subject.digest_of_text,
        "claims": subject.digest_of_claims,
        "noticed_by": dict(sorted(noticed.items())),
        "unnoticed": sum(1 for o in outcomes.values() if not o.by),
        "mutants": {
            m.name: {"change": m.change, **_told(outcomes[m.name])} for m in subject.mutants
        },
    }


def _told(outcome: Outcome) -> dict[str, str]:
    return {"by": outcome.by, "how": outcome.how} if outcome.by else {}


def complaints(
    subject: Subject, document: Mapping[str, Any], equivalents: Mapping[str, Equivalent]
) -> list[str]:
    """What is wrong with a record: one line each, none when it is good.

    Each mutant of the text must be in it, and be noticed or in the list of equivalents, not both.
    """
    name = subject.name
    found = []
    if document["text"] != subject.digest_of_text:
        found.append(f"{name}: the text has changed")
    if document["claims"] != subject.digest_of_claims:
        found.append(f"{name}: what is claimed has changed")
    listed = {m.name: m.change for m in subject.mutants}
    told = {key: entry["change"] for key, entry in document["mutants"].items()}
    found += [f"{name} {key}: not as recorded" for key in listed if told.get(key) != listed[key]]
    found += [f"{name} {key}: no such mutant" for key in told if key not in listed]
    for key, entry in document["mutants"].items():
        equivalent = equivalents.get(f"{name} {key}")
        if equivalent is None and "by" not in entry:
            found.append(f"{name} {key}: {entry['change']}: nothing notices it")
        if equivalent is not None and "by" in entry:
            found.append(f"{name} {key}: no equivalent, {entry['by']} notices it")
        if equivalent is not None and equivalent.change != entry["change"]:
            found.append(f"{name} {key}: listed as {equivalent.change}, is {entry['change']}")
    for key in equivalents:
        of, _, mutant = key.partition(" ")
        if of == name and mutant not in told:
            found.append(f"{key}: an equivalent that is no mutant")
    return found
