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
from staleproof.history.text_mutants import (
    FRAME_FUNCTIONS,
    FRAME_VERSIONS,
    NAMES,
    subject_named,
)
from staleproof.kernel.text_mutants import (
    REFUSED,
    Equivalent,
    complaints,
    examine,
    read_equivalents,
)

PROOFS = Path(__file__).parents[2] / "proofs"
EQUIVALENTS = read_equivalents(PROOFS / "mutants_equivalent.toml")


@cache
def recorded(name: str) -> dict[str, Any]:
    """The record of a text."""
    path = PROOFS / "evidence" / "mutants" / f"{name}.json"
    document: dict[str, Any] = json.loads(path.read_text())
    return document


def mutant(text: str, name: str) -> Mutant:
    """The mutant of that name."""
    return next(m for m in subject_named(text).mutants if m.name == name)


@pytest.mark.parametrize("name", NAMES)
def test_every_mutant_is_noticed_or_equivalent(name: str) -> None:
    """The record is of the text and the claims as they are, and leaves no mutant open."""
    assert complaints(subject_named(name), recorded(name), EQUIVALENTS) == []


@pytest.mark.parametrize("name", NAMES)
def test_something_is_claimed_of_each_text(name: str) -> None:
    """No text is asked about that no claim is about."""
    assert subject_named(name).claims


def test_equivalents_are_of_texts_that_are_mutated() -> None:
    """No entry of the list is overlooked because its text is misspelt."""
    assert {key.partition(" ")[0] for key in EQUIVALENTS} <= set(NAMES)


def test_each_function_is_mutated_at_the_first_version_or_where_it_differs() -> None:
    """A function whose mutants a version leaves out has the text that it has in the first."""
    first = subject_named("legacy").source
    for version in FRAME_VERSIONS:
        subject = subject_named(version)
        mutated = {m.name.partition(":")[0] for m in subject.mutants}

        assert "get_vaddr_frames" in mutated
        for function in set(FRAME_FUNCTIONS) - mutated:
            assert text_of(subject.source, function) == text_of(first, function)


def sample() -> list[tuple[str, str]]:
    """Per text and claim the first mutant that this claim noticed by a run; of those a tenth."""
    chosen: dict[tuple[str, str], str] = {}
    for text in NAMES:
        for name, entry in recorded(text)["mutants"].items():
            if entry.get("how") == "REFUTED" or entry.get("by") == REFUSED:
                chosen.setdefault((text, entry["by"]), name)
    return [(text, name) for (text, _), name in chosen.items()][::10]


def test_a_sample_is_noticed_again() -> None:
    """What was noticed is noticed when it is examined again."""
    missed = [
        (text, name)
        for text, name in sample()
        if not examine(subject_named(text), mutant(text, name)).by
    ]

    assert missed == []


def test_an_equivalent_of_each_text_is_not_noticed_at_first_sight() -> None:
    """Short runs of an equivalent violate nothing."""
    keys: dict[str, str] = {}
    for key in EQUIVALENTS:
        text, _, name = key.partition(" ")
        keys.setdefault(text, name)
    noticed = [
        (text, name, outcome)
        for text, name in keys.items()
        if (outcome := examine(subject_named(text), mutant(text, name), thoroughly=False)).by
    ]

    assert noticed == []


class TestComplaints:
    """What is wrong with a record is said, one line each."""

    SUBJECT = subject_named("no-fallback")

    def document(self) -> dict[str, Any]:
        return deepcopy(recorded("no-fallback"))

    def noticed(self) -> str:
        """A mutant that was noticed."""
        mutants: dict[str, Any] = recorded("no-fallback")["mutants"]
        return next(n for n, e in mutants.items() if "by" in e)

    def test_a_mutant_that_nothing_notices(self) -> None:
        """Neither noticed nor in the list."""
        document, name = self.document(), self.noticed()
        del document["mutants"][name]["by"]
        (line,) = complaints(self.SUBJECT, document, EQUIVALENTS)

        assert name in line
        assert line.endswith("nothing notices it")

    def test_an_equivalent_that_a_claim_notices(self) -> None:
        """Then it is none."""
        name = self.noticed()
        change = self.document()["mutants"][name]["change"]
        wrong = {**EQUIVALENTS, f"no-fallback {name}": Equivalent(change, "it is not")}
        (line,) = complaints(self.SUBJECT, self.document(), wrong)

        assert "no equivalent" in line

    def test_an_equivalent_of_another_change(self) -> None:
        """The list says which change it means; a name alone could come to mean another."""
        key = next(k for k in EQUIVALENTS if k.startswith("no-fallback "))
        wrong = {**EQUIVALENTS, key: Equivalent("+ -> -", "it was, once")}
        (line,) = complaints(self.SUBJECT, self.document(), wrong)

        assert "listed as + -> -" in line

    def test_a_mutant_more_or_less(self) -> None:
        """The record has the mutants that the text has now, each as it is now."""
        document, name = self.document(), self.noticed()
        document["mutants"]["get_vaddr_frames:1:drop:0"] = document["mutants"].pop(name)

        assert complaints(self.SUBJECT, document, EQUIVALENTS) == [
            f"no-fallback {name}: not as recorded",
            "no-fallback get_vaddr_frames:1:drop:0: no such mutant",
        ]

    def test_a_record_of_other_texts_and_claims(self) -> None:
        """It has to be made again."""
        document = {**self.document(), "text": "0" * 16, "claims": "0" * 16}

        assert complaints(self.SUBJECT, document, EQUIVALENTS) == [
            "no-fallback: the text has changed",
            "no-fallback: what is claimed has changed",
        ]

    def test_an_equivalent_that_is_no_mutant(self) -> None:
        """An entry that is left over from another text."""
        over = {**EQUIVALENTS, "no-fallback f:1:drop:0": Equivalent("; -> ;", "gone")}

        assert complaints(self.SUBJECT, self.document(), over) == [
            "no-fallback f:1:drop:0: an equivalent that is no mutant"
        ]
