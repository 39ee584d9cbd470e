"""Mutants of the C functions of frame_vector.c, and which claim notices each.

A mutant is noticed when the front end refuses it, when a claim's verdict is not the expected one,
or when a demand of C that never failed does. The cheap signs are looked for first: a run that
violates something. What no run shows is decided as the claim itself would be.
"""

from __future__ import annotations

import hashlib
import importlib
import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from staleproof.cfront import SourceFile
from staleproof.cfront.mutate import Mutant, mutants, text_of
from staleproof.cfront.translate import bad
from staleproof.claims import Claim, matching
from staleproof.engine.candidates import says_something
from staleproof.engine.portfolio import word_of
from staleproof.engine.question import Kind, Question
from staleproof.engine.search import Found, Limits, search_some
from staleproof.errors import StaleproofError
from staleproof.kernel.frame_vector import questions
from staleproof.kernel.frame_vector.questions import Version
from staleproof.kernel.frame_vector.statements import STATEMENTS
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

NEAR = Limits(depth=30, scopes=Limits().scopes[:1])
"""How far a run is looked for before anything is decided."""

FIRST = "legacy"
"""Functions whose text is the same in every version are mutated in this one."""

COVERED = {"bounds": "GVF-1", "lock": "GVF-12", "unlocked": "GVF-12"}
"""The kinds of demand that a property of get_vaddr_frames speaks of."""


REFUSED = "the front end"
"""What stands in the place of a claim for a text that the front end, or a property, refuses."""


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
    """The claims about frame_vector.c at a version."""
    return tuple(c for c in matching(("GVF-*",)) if c.version == name and c.property in STATEMENTS)


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


def examine(name: str, mutant: Mutant, *, thoroughly: bool = True) -> Outcome:
    """Which claim of the version notices the mutant, and by which verdict.

    Unless it is done thoroughly, only short runs are looked for, and no verdict is decided.
    """
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
        return Outcome(REFUSED, f"{error.code} {error.message}")
    outcome = _violation(changed)
    if outcome is None and thoroughly:
        outcome = _difference(changed)
    return outcome or Outcome("")


def _is_safety(asked: _Asked) -> bool:
    return asked.question.kind is Kind.SAFETY


def _violation(asked: Sequence[_Asked]) -> Outcome | None:
    """A run that violates what was proved, or a demand of C; or that reaches what none should."""
    for system, group in _by_system(asked):
        safety = [a for a in group if _is_safety(a)]
        proved = {a.question.prop: a for a in safety if a.claim.expected is Word.PROVED}
        silent = {_witness(a): a for a in safety if a.claim.expected is Word.VACUOUS}
        found = search_some(system, (*proved, *silent, *demands(system)), NEAR)
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


def _difference(asked: Sequence[_Asked]) -> Outcome | None:
    """A claim that is surely decided otherwise than it should be; or a demand that can fail.

    A verdict that is not sure, because a proof was not found, notices nothing.
    """
    for a in asked:
        word = word_of(a.question)
        if word is not None and word is not a.claim.expected:
            return Outcome(a.claim.property, word.name)
    for system, _ in _by_system(asked):
        for demand in demands(system):
            if word_of(Question(system, demand)) is Word.REFUTED:
                return Outcome(demand.name, Word.REFUTED.name)
    return None


# The record


def read_equivalents(path: Path) -> dict[str, Equivalent]:
    """The list of equivalents by version and mutant: ``v4 get_vaddr_frames:92:comparison:1``."""
    document = tomllib.loads(path.read_text())
    found: dict[str, Equivalent] = {}
    for entry in document["equivalent"]:
        for version, names in entry["mutants"].items():
            for name, change in names.items():
                found[f"{version} {name}"] = Equivalent(change, entry["reason"])
    return found


def record(name: str, outcomes: Mapping[str, Outcome]) -> dict[str, Any]:
    """The record of a version's mutants: what was asked of which text, and who noticed each."""
    noticed = Counter(o.by for o in outcomes.values() if o.by)
    return {
        "version": name,
        "text": digest_of_text(name),
        "claims": digest_of_claims(name),
        "noticed_by": dict(sorted(noticed.items())),
        "unnoticed": sum(1 for o in outcomes.values() if not o.by),
        "mutants": {
            m.name: {"change": m.change, **_told(outcomes[m.name])} for m in mutants_of(name)
        },
    }


def _told(outcome: Outcome) -> dict[str, str]:
    return {"by": outcome.by, "how": outcome.how} if outcome.by else {}


def complaints(document: Mapping[str, Any], equivalents: Mapping[str, Equivalent]) -> list[str]:
    """What is wrong with a record: one line each, none when it is good.

    Each mutant of the text must be in it, and be noticed or in the list of equivalents, not both.
    """
    name = document["version"]
    found = []
    if document["text"] != digest_of_text(name):
        found.append(f"{name}: the text has changed")
    if document["claims"] != digest_of_claims(name):
        found.append(f"{name}: what is claimed has changed")
    listed = {m.name: m.change for m in mutants_of(name)}
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
        version, _, mutant = key.partition(" ")
        if version == name and mutant not in told:
            found.append(f"{key}: an equivalent that is no mutant")
    return found
