"""Every assumption that a verdict rests on is proved by a claim, or says what to compare with."""

from __future__ import annotations

import re
import tomllib
from fnmatch import fnmatchcase
from typing import Any

import pytest

from fakes.shell import ROOT
from staleproof.claims import all_claims
from staleproof.evidence import recorded_summaries
from staleproof.verdict import Summary, Word

BACKING: dict[str, dict[str, Any]] = tomllib.loads((ROOT / "docs" / "assumptions.toml").read_text())
PROPERTIES = {claim.property for claim in all_claims()}


@pytest.fixture(scope="module")
def summaries() -> dict[str, Summary]:
    """What was recorded of each claim."""
    return recorded_summaries()


@pytest.fixture(scope="module")
def sentences(summaries: dict[str, Summary]) -> dict[str, str]:
    """Each assumption that some recorded verdict rests on, and what it says."""
    return {name: said for summary in summaries.values() for name, said in summary.assumptions}


def backing_of(name: str) -> list[dict[str, Any]]:
    """What stands behind an assumption; one entry, if all is well."""
    return [found for pattern, found in BACKING.items() if fnmatchcase(name, pattern)]


def test_every_assumption_has_something_behind_it(sentences: dict[str, str]) -> None:
    """A claim that proves it, or a source; never neither, and never two entries."""
    bare = [n for n in sentences if not any(f.get("proved") or f.get("source") for f in _one(n))]

    assert bare == []


def _one(name: str) -> list[dict[str, Any]]:
    found = backing_of(name)
    assert len(found) == 1, f"docs/assumptions.toml has {len(found)} entries for {name}"
    return found


def test_no_entry_is_of_an_assumption_that_nobody_makes(sentences: dict[str, str]) -> None:
    """What is no longer assumed goes."""
    idle = [p for p in BACKING if not any(fnmatchcase(name, p) for name in sentences)]

    assert idle == []


def test_entries_have_claims_and_sources_alone() -> None:
    """A misspelled key would be something behind an assumption that nobody reads."""
    keys = {key for found in BACKING.values() for key in found}

    assert keys == {"proved", "source"}


def test_the_claims_that_are_named_are_proved(summaries: dict[str, Summary]) -> None:
    """Claims, by name and version, whose recorded verdict is PROVED."""
    named = sorted({claim for found in BACKING.values() for claim in found.get("proved", ())})
    verdicts = {name: summaries[name].verdict.word for name in named if name in summaries}

    assert verdicts == dict.fromkeys(named, Word.PROVED)


def test_what_a_sentence_names_stands_behind_it(sentences: dict[str, str]) -> None:
    """Where an assumption says which property says it, a claim of that property is named."""
    for name, said in sentences.items():
        meant = set(re.findall(r"\b[A-Z0-9]+-\d+[a-z]*\b", said)) & PROPERTIES
        behind = {c.partition("@")[0] for f in backing_of(name) for c in f.get("proved", ())}
        assert meant <= behind, name


def test_nothing_rests_on_itself(summaries: dict[str, Summary]) -> None:
    """The claims that prove an assumption do not rest on it, nor on one that rests on them."""
    rests_on = {
        name: {claim for f in backing_of(name) for claim in f.get("proved", ())}
        for name in {a for s in summaries.values() for a, _ in s.assumptions}
    }

    def below(name: str, above: tuple[str, ...]) -> None:
        assert name not in above, f"{' rests on '.join((*above, name))}"
        for claim in rests_on[name]:
            for used, _ in summaries[claim].assumptions:
                below(used, (*above, name))

    for name in rests_on:
        below(name, ())
