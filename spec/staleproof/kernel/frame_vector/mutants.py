"""Mutants of the C functions of frame_vector.c, and which claim notices each.

A mutant is noticed when the front end refuses it, when a claim's verdict is not the expected one,
or when a demand of C that never failed does. The cheap signs are looked for first: a run that
violates something. What no run shows is decided as the claim itself would be.
"""

from __future__ import annotations

import hashlib
import importlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache

from staleproof.cfront import SourceFile
from staleproof.cfront.mutate import Mutant, mutants, text_of
from staleproof.cfront.translate import bad
from staleproof.claims import Claim, all_claims
from staleproof.engine.candidates import says_something
from staleproof.engine.portfolio import decide
from staleproof.engine.question import Kind, Question
from staleproof.engine.search import Found, Limits, search, search_some
from staleproof.engine.termination import find_endless_run
from staleproof.errors import StaleproofError
from staleproof.kernel.frame_vector import questions
from staleproof.kernel.frame_vector.questions import Version
from staleproof.kernel.world import KINDS
from staleproof.lang.system import Property, System
from staleproof.lang.terms import FALSE
from staleproof.trace.replay import replay
from staleproof.verdict import Word

FUNCTIONS = (
    "get_vaddr_frames",
    "put_vaddr_frames",
    "frame_vector_pages",
    "frame_vector_to_pages",
    "frame_vector_to_pfns",
    "frame_vector_pfns",
    "frame_vector_count",
)
"""The functions that are mutated."""

VERSIONS = {
    "legacy": "staleproof.kernel.frame_vector.versions:LEGACY",
    "v4": "staleproof.series.p05_frame_vector.versions:V4",
    "merged": "staleproof.series.p05_frame_vector.versions:MERGED",
    "errno-fix": "staleproof.history.frame_vector.versions:ERRNO_FIX",
    "no-fallback": "staleproof.history.frame_vector.versions:NO_FALLBACK",
}
"""The versions whose text is mutated. They are found by name, as the claims are."""

NEAR = Limits(depth=45, scopes=Limits().scopes[:2])
"""How far a run is looked for before a claim is decided."""

FIRST = "legacy"
"""Functions whose text is the same in every version are mutated in this one."""

COVERED = {"bounds": "GVF-1", "lock": "GVF-12", "unlocked": "GVF-12"}
"""The kinds of demand that a property of get_vaddr_frames speaks of."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a mutant: `by` names the claim or error that noticed it, or is empty."""

    by: str
    how: str = ""

    @property
    def noticed(self) -> bool:
        return bool(self.by)


def version_named(name: str) -> Version:
    """The version of that name."""
    module, constant = VERSIONS[name].split(":")
    version: Version = getattr(importlib.import_module(module), constant)
    return version


def mutants_of(name: str) -> tuple[Mutant, ...]:
    """The mutants of a version's text; of a function that is as in the first version, none."""
    source, first = version_named(name).source, version_named(FIRST).source
    return tuple(
        m
        for function in FUNCTIONS
        if name == FIRST or text_of(source, function) != text_of(first, function)
        for m in mutants(source, function)
    )


def claims_of(name: str) -> tuple[Claim, ...]:
    """The claims about a version."""
    return tuple(c for c in all_claims() if c.version == name)


def digest_of_text(name: str) -> str:
    """A hash of the text that is mutated."""
    return hashlib.sha256(version_named(name).source.data).hexdigest()[:16]


def digest_of_claims(name: str) -> str:
    """A hash of what is asked about the text: each property, and its expectation."""
    hasher = hashlib.sha256()
    for asked in _asked(claims_of(name), version_named(name)):
        hasher.update(repr((asked.claim.name, asked.claim.expected.name)).encode())
        hasher.update(asked.question.prop.formula.digest)
    return hasher.hexdigest()[:16]


def _identity(prop: Property) -> bytes:
    at = sorted(prop.at or ())
    return repr((prop.name, at, [p.name for p in prop.params])).encode() + prop.formula.digest


@dataclass(frozen=True, slots=True)
class _Asked:
    claim: Claim
    question: Question


def _asked(claims: Sequence[Claim], version: Version) -> list[_Asked]:
    return [_Asked(c, questions.question(c, version)) for c in claims]


@cache
def _original(name: str) -> Mapping[str, tuple[str, bytes]]:
    """Per claim, what it asks of the text as it is."""
    return {
        a.claim.name: (a.question.system.digest, _identity(a.question.prop))
        for a in _asked(claims_of(name), version_named(name))
    }


def examine(name: str, mutant: Mutant) -> Outcome:
    """Which claim of the version notices the mutant, and by which verdict."""
    version = version_named(name)
    source = SourceFile(version.source.name, mutant.text)
    try:
        asked = _asked(claims_of(name), replace(version, text=source))
        changed = [
            a
            for a in asked
            if (a.question.system.digest, _identity(a.question.prop))
            != _original(name)[a.claim.name]
        ]
    except StaleproofError as error:
        return Outcome("the front end", f"{error.code} {error.message}")
    for look in (_violations, _endless, _flipped, _emptied):
        outcome = look(changed)
        if outcome is not None:
            return outcome
    return Outcome("", "" if changed else "every system is the same")


def confirm(name: str, mutant: Mutant) -> Mapping[str, str]:
    """The verdicts that differ from what is expected, when each claim is decided to the end."""
    version = version_named(name)
    source = SourceFile(version.source.name, mutant.text)
    differing = {}
    for asked in _asked(claims_of(name), replace(version, text=source)):
        same = asked.question.system.digest == _original(name)[asked.claim.name][0]
        if not same:
            verdict = decide(replace(asked.question, killers=())).verdict
            if verdict.word is not asked.claim.expected:
                differing[asked.claim.name] = str(verdict)
    return differing


def _is_safety(asked: _Asked) -> bool:
    return asked.question.kind is Kind.SAFETY


def _violations(asked: Sequence[_Asked]) -> Outcome | None:
    """A run that violates what was proved, or a demand of C; or that reaches what none should."""
    for system, group in _by_system(asked):
        safety = [a for a in group if _is_safety(a)]
        proved = {a.question.prop: a for a in safety if a.claim.expected is Word.PROVED}
        silent = {_witness(a): a for a in safety if a.claim.expected is Word.VACUOUS}
        names = {p.name for p in proved}
        more = (p for p in demands(system) if p.name not in names)
        found = search_some(system, (*proved, *silent, *more), NEAR)
        if isinstance(found, Found):
            replay(system, found.prop, found.script)
            if found.prop in silent:
                return Outcome(silent[found.prop].claim.property, f"not {Word.VACUOUS.name}")
            return Outcome(found.prop.name, Word.REFUTED.name)
    return None


def _witness(asked: _Asked) -> Property:
    """Violated by a run to where the property says something."""
    return asked.question.witness or says_something(asked.question.prop)


def demands(system: System) -> tuple[Property, ...]:
    """The demands of C in the system, a property per kind, apart from those of a GVF property."""
    return tuple(
        Property(COVERED.get(kind, f"C-{kind.upper()}"), FALSE, at=frozenset({bad(kind)}))
        for kind in KINDS
        if bad(kind) in system.locations
    )


def _by_system(asked: Sequence[_Asked]) -> Iterable[tuple[System, list[_Asked]]]:
    groups: dict[System, list[_Asked]] = {}
    for a in asked:
        groups.setdefault(a.question.system, []).append(a)
    return groups.items()


def _endless(asked: Sequence[_Asked]) -> Outcome | None:
    """A run that never ends."""
    for a in asked:
        if not _is_safety(a) and find_endless_run(a.question.system, NEAR) is not None:
            return Outcome(a.claim.property, Word.REFUTED.name)
    return None


def _flipped(asked: Sequence[_Asked]) -> Outcome | None:
    """A claim that expects a violation, and there is none."""
    for a in asked:
        if a.claim.expected is Word.REFUTED and not _is_found(a, a.question.prop):
            outcome = _decided(a)
            if outcome is not None:
                return outcome
    return None


def _emptied(asked: Sequence[_Asked]) -> Outcome | None:
    """A claim that was proved of something, and now says nothing."""
    for a in asked:
        expected = a.claim.expected is Word.PROVED and _is_safety(a)
        if expected and not _is_found(a, _witness(a)):
            outcome = _decided(a)
            if outcome is not None:
                return outcome
    return None


def _is_found(asked: _Asked, prop: Property) -> bool:
    return isinstance(search(asked.question.system, prop, NEAR, shortest=False), Found)


_SURE = (Word.PROVED, Word.REFUTED, Word.VACUOUS)


def _decided(asked: _Asked) -> Outcome | None:
    """The verdict, when it is sure and not the expected one."""
    verdict = decide(replace(asked.question, killers=())).verdict
    if verdict.word is asked.claim.expected or verdict.word not in _SURE:
        return None
    return Outcome(asked.claim.property, verdict.word.name)
