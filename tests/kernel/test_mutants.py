"""Every mutant of the C functions is noticed by a claim, or is in the list of equivalents.

The record is made by `make mutants`, which takes long; here it is compared with the texts and the
claims of today, and a sample of it is done again.
"""

from __future__ import annotations

import json
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from staleproof.cfront.mutate import Mutant, text_of
from staleproof.kernel.frame_vector.mutants import (
    FIRST,
    FUNCTIONS,
    REFUSED,
    VERSIONS,
    Equivalent,
    complaints,
    examine,
    mutants_of,
    read_equivalents,
    version_named,
)

PROOFS = Path(__file__).parents[2] / "proofs"
EQUIVALENTS = read_equivalents(PROOFS / "mutants_equivalent.toml")


@cache
def recorded(version: str) -> dict[str, Any]:
    """The record of a version."""
    path = PROOFS / "evidence" / "mutants" / f"{version}.json"
    document: dict[str, Any] = json.loads(path.read_text())
    return document


def mutant(version: str, name: str) -> Mutant:
    """The mutant of that name."""
    return next(m for m in mutants_of(version) if m.name == name)


@pytest.mark.parametrize("version", VERSIONS)
def test_every_mutant_is_noticed_or_equivalent(version: str) -> None:
    """The record is of the text and the claims as they are, and leaves no mutant open."""
    assert complaints(recorded(version), EQUIVALENTS) == []


def test_equivalents_are_of_versions_that_are_mutated() -> None:
    """No entry of the list is overlooked because its version is misspelt."""
    assert {key.partition(" ")[0] for key in EQUIVALENTS} <= set(VERSIONS)


def test_each_function_is_mutated_at_the_first_version_or_where_it_differs() -> None:
    """A function whose mutants a version leaves out has the text that it has in the first."""
    first = version_named(FIRST).source
    for version in VERSIONS:
        source = version_named(version).source
        mutated = {m.name.partition(":")[0] for m in mutants_of(version)}

        assert "get_vaddr_frames" in mutated
        for function in set(FUNCTIONS) - mutated:
            assert text_of(source, function) == text_of(first, function)


def sample() -> list[tuple[str, str]]:
    """Per version and claim the first mutant that this claim noticed by a run."""
    chosen: dict[tuple[str, str], str] = {}
    for version in VERSIONS:
        for name, entry in recorded(version)["mutants"].items():
            if entry.get("how") == "REFUTED" or entry.get("by") == REFUSED:
                chosen.setdefault((version, entry["by"]), name)
    return [(version, name) for (version, _), name in chosen.items()][::10]


def test_a_sample_is_noticed_again() -> None:
    """What was noticed is noticed when it is examined again."""
    missed = [
        (version, name)
        for version, name in sample()
        if not examine(version, mutant(version, name)).by
    ]

    assert missed == []


def test_an_equivalent_of_each_version_is_not_noticed_at_first_sight() -> None:
    """Short runs of an equivalent violate nothing."""
    keys: dict[str, str] = {}
    for key in EQUIVALENTS:
        version, _, name = key.partition(" ")
        keys.setdefault(version, name)
    noticed = [
        (version, name, outcome)
        for version, name in keys.items()
        if (outcome := examine(version, mutant(version, name), thoroughly=False)).by
    ]

    assert noticed == []


class TestComplaints:
    """What is wrong with a record is said, one line each."""

    def document(self) -> dict[str, Any]:
        return deepcopy(recorded("no-fallback"))

    def noticed(self) -> str:
        """A mutant that was noticed."""
        return next(n for n, e in recorded("no-fallback")["mutants"].items() if "by" in e)

    def test_a_mutant_that_nothing_notices(self) -> None:
        """Neither noticed nor in the list."""
        document, name = self.document(), self.noticed()
        del document["mutants"][name]["by"]
        (line,) = complaints(document, EQUIVALENTS)

        assert name in line
        assert line.endswith("nothing notices it")

    def test_an_equivalent_that_a_claim_notices(self) -> None:
        """Then it is none."""
        name = self.noticed()
        change = self.document()["mutants"][name]["change"]
        wrong = {**EQUIVALENTS, f"no-fallback {name}": Equivalent(change, "it is not")}
        (line,) = complaints(self.document(), wrong)

        assert "no equivalent" in line

    def test_an_equivalent_of_another_change(self) -> None:
        """The list says which change it means; a name alone could come to mean another."""
        key = next(k for k in EQUIVALENTS if k.startswith("no-fallback "))
        wrong = {**EQUIVALENTS, key: Equivalent("+ -> -", "it was, once")}
        (line,) = complaints(self.document(), wrong)

        assert "listed as + -> -" in line

    def test_a_mutant_more_or_less(self) -> None:
        """The record has the mutants that the text has now, each as it is now."""
        document, name = self.document(), self.noticed()
        document["mutants"]["get_vaddr_frames:1:drop:0"] = document["mutants"].pop(name)

        assert complaints(document, EQUIVALENTS) == [
            f"no-fallback {name}: not as recorded",
            "no-fallback get_vaddr_frames:1:drop:0: no such mutant",
        ]

    def test_a_record_of_other_texts_and_claims(self) -> None:
        """It has to be made again."""
        document = {**self.document(), "text": "0" * 16, "claims": "0" * 16}

        assert complaints(document, EQUIVALENTS) == [
            "no-fallback: the text has changed",
            "no-fallback: what is claimed has changed",
        ]

    def test_an_equivalent_that_is_no_mutant(self) -> None:
        """An entry that is left over from another text."""
        over = {**EQUIVALENTS, "no-fallback f:1:drop:0": Equivalent("; -> ;", "gone")}

        assert complaints(self.document(), over) == [
            "no-fallback f:1:drop:0: an equivalent that is no mutant"
        ]
