"""Mutants of the systems of device memory, and which claim notices each.

Every system is taken at the version where most is proved of it. A part of an action that several
systems have is mutated in the first; its mutants are noticed where any of these notices them.
"""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from staleproof.claims import all_claims
from staleproof.engine.mutation import UNNOTICED, Asked, How, Notice, Study, notice, study
from staleproof.engine.search import Limits
from staleproof.engine.solve import Budget
from staleproof.errors import ModelError
from staleproof.history.device_memory import versions as history
from staleproof.kernel.device_memory.boot import Boot
from staleproof.kernel.device_memory.guarantees import DeviceMemory
from staleproof.kernel.device_memory.lemmas import Lemmas
from staleproof.kernel.device_memory.mmap import Mmap
from staleproof.kernel.device_memory.mmap_tests import MmapTests
from staleproof.kernel.device_memory.opening import Opening
from staleproof.kernel.device_memory.publication import Publication
from staleproof.kernel.device_memory.questions import At, limits, scope, system_at
from staleproof.kernel.device_memory.revoke import Revoke
from staleproof.kernel.device_memory.rows import ROWS, Row
from staleproof.kernel.device_memory.sysfs import SysfsRemoval
from staleproof.kernel.device_memory.versions import unchanged
from staleproof.lang.model import Model, build, patched
from staleproof.lang.mutants import Mutant, mutants
from staleproof.lang.system import Property, System
from staleproof.series.device_memory import versions as series

DEPTH = 12
"""The longest run that a refuted claim, or what a claim says, may take; the longest takes 10."""

DEAR = Budget(resources=20_000_000, seconds=60)
REACH = (
    Limits(DEPTH, (scope({}),), DEAR),
    Limits(12, (scope({"Page": 2, "File": 2, "Claim": 2}),), DEAR),
    Limits(10, (scope({"Page": 2, "Vma": 2, "Mm": 2}),), DEAR),
    Limits(5, (scope({"Vma": 4, "Mm": 2, "File": 2}),), DEAR),
    Limits(11, (scope({"Vma": 3, "File": 2}),), DEAR),
)
"""How far a violation is looked for: one of everything, then more of some things.

What a copy or a split needs other VMAs for shows itself in few steps, for VMAs that cover no page.
"""


@dataclass(frozen=True, slots=True)
class Subject:
    """A system that is mutated: a model at a version.

    What it shares with the layer `above` at the same version, whole actions and parts of them, is
    mutated in another subject.
    """

    model: type[Model]
    version: str
    at: At
    above: type[Model] | None = None

    @property
    def name(self) -> str:
        return f"{self.model.__name__}@{self.version}"

    @property
    def system(self) -> System:
        return system_at(self.model, self.at)


SUBJECTS = {
    subject.name: subject
    for subject in (
        Subject(DeviceMemory, "remap-cleanup", history.at("remap-cleanup")),
        Subject(DeviceMemory, "fault-checked", history.at("fault-checked")),
        Subject(MmapTests, "v4", series.at("v4"), Revoke),
        Subject(SysfsRemoval, "legacy", unchanged, Lemmas),
        Subject(Boot, "getter-at-open", history.at("getter-at-open")),
        Subject(Opening, "legacy-mem", history.at("legacy-mem"), Mmap),
        Subject(Publication, "v4", series.at("v4")),
    )
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a mutant: how the claim or lemma `by` noticed it, if any did."""

    how: How
    by: str = ""


@cache
def mutants_of(name: str) -> tuple[Mutant, ...]:
    """The mutants of a subject, without those of what is mutated elsewhere."""
    known: set[bytes] = set()
    for subject in SUBJECTS.values():
        if subject.name == name:
            break
        known |= _actions(subject.system)
    subject = SUBJECTS[name]
    shared: set[tuple[str, str]] = set()
    if subject.above is not None:
        above = system_at(subject.above, subject.at)
        shared = {(m.name, m.part) for action in above.actions for m in mutants(action)}
    own = (m for a in subject.system.actions if a.digest not in known for m in mutants(a))
    return tuple(m for m in own if (m.name, m.part) not in shared)


@cache
def _actions(system: System) -> frozenset[bytes]:
    return frozenset(a.digest for a in system.actions)


@cache
def studied(name: str) -> Study:
    """What is proved and what is refuted of a subject."""
    subject = SUBJECTS[name]
    rows = {key: row for key, row in ROWS.items() if row.model is subject.model}
    asked = [
        Asked(
            subject.system.property_named(row.method),
            replace(limits(row), depth=DEPTH, budget=DEAR),
            _killers(subject, key, row),
        )
        for key, row in rows.items()
    ]
    return study(subject.system, asked, REACH)


def _killers(subject: Subject, key: str, row: Row) -> tuple[tuple[System, Property], ...]:
    """The wrong variants of the subject that a row names, so far as they are variants of it."""
    model = subject.at(subject.model)
    found = []
    for wrong in (*row.killers, *history.KILLERS.get(key, ())):
        if {*wrong.__mro__[1:]} <= {*model.__mro__}:
            with suppress(ModelError):
                killer = build(patched(model, wrong))
                found.append((killer, killer.property_named(row.method)))
    return tuple(found)


def claim_of(name: str, method: str) -> str:
    """The row that a property of a subject is claimed as; the name of the property if it is none.

    Of several rows for one property the one that is claimed at this version is meant.
    """
    subject = SUBJECTS[name]
    rows = [k for k, r in ROWS.items() if r.method == method and r.model is subject.model]
    claimed = {c.property for c in all_claims() if c.version == subject.version}
    return next((k for k in rows if k in claimed), rows[0] if rows else method)


def examine(name: str, mutant: Mutant) -> Outcome:
    """What notices a mutant of a subject, there or in a later one where some action has its part.

    A claim is preferred to a lemma.
    """
    outcomes = []
    for other in list(SUBJECTS.values())[list(SUBJECTS).index(name) :]:
        same = mutant.counterpart(other.system)
        if same is None or same.part != mutant.part:
            continue
        found = notice(studied(other.name), same)
        outcomes.append(_outcome(other.name, found))
        if found.how not in (How.LEMMA, *UNNOTICED):
            return outcomes[-1]
    return next((o for o in outcomes if o.how is How.LEMMA), outcomes[0])


def _outcome(name: str, found: Notice) -> Outcome:
    if found.how in UNNOTICED:
        return Outcome(found.how)
    by = found.by if found.how is How.LEMMA else claim_of(name, found.by)
    return Outcome(found.how, by)


# The record


def read_reasons(path: Path) -> dict[str, str]:
    """Why nothing notices what nothing notices, by subject and mutant."""
    document = tomllib.loads(path.read_text())
    return {
        f"{subject} {mutant}": entry["reason"].strip()
        for entry in document["unnoticed"]
        for subject, names in entry["mutants"].items()
        for mutant in names
    }


def record(name: str, outcomes: Mapping[str, Outcome]) -> dict[str, Any]:
    """The record of a subject's mutants: the system, what is decided of it, who noticed each."""
    by_claim = Counter(o.by for o in outcomes.values() if o.by and o.how is not How.LEMMA)
    how = Counter(o.how.name for o in outcomes.values())
    return {
        "system": name,
        "digest": SUBJECTS[name].system.digest,
        "outcomes": {h.name: how[h.name] for h in How},
        "noticed_by": dict(sorted(by_claim.items())),
        "mutants": {m.name: _told(outcomes[m.name]) for m in mutants_of(name)},
    }


def _told(outcome: Outcome) -> dict[str, str]:
    told = {"how": outcome.how.name}
    return {**told, "by": outcome.by} if outcome.by else told


def complaints(document: Mapping[str, Any], reasons: Mapping[str, str]) -> list[str]:
    """What is wrong with a record: one line each, none when it is good.

    Each mutant of the system must be in it, and be noticed or have a reason, not both.
    """
    name = document["system"]
    told = document["mutants"]
    listed = [m.name for m in mutants_of(name)]
    found = [f"{name} {key}: not recorded" for key in listed if key not in told]
    found += [f"{name} {key}: no such mutant" for key in told if key not in listed]
    for key, entry in told.items():
        reason = reasons.get(f"{name} {key}")
        if "by" not in entry and not reason:
            found.append(f"{name} {key}: nothing notices it, and no reason is given")
        if "by" in entry and reason is not None:
            found.append(f"{name} {key}: has a reason, but {entry['by']} notices it")
    for key in reasons:
        subject, _, mutant = key.partition(" ")
        if subject not in SUBJECTS or (subject == name and mutant not in told):
            found.append(f"{key}: a reason for no mutant")
    return found
