"""What is left out of the systems of device memory is noticed, or there is a reason why not.

The record is made by `make mutants`, which takes long; here it is compared with the systems of
today, and a sample of it is done again.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from staleproof.engine.mutation import UNNOTICED, How
from staleproof.history.device_memory.mutants import (
    SUBJECTS,
    complaints,
    examine,
    mutants_of,
    read_reasons,
)

PROOFS = Path(__file__).parents[2] / "proofs"
REASONS = read_reasons(PROOFS / "device_memory_unnoticed.toml")


@cache
def recorded(name: str) -> dict[str, Any]:
    """The record of a system."""
    path = PROOFS / "evidence" / "mutants" / f"{name}.json"
    document: dict[str, Any] = json.loads(path.read_text())
    return document


class TestRecord:
    """The record, the systems and the reasons fit together."""

    @pytest.mark.parametrize("name", SUBJECTS)
    def test_every_mutant_is_noticed_or_has_a_reason(self, name: str) -> None:
        """And none has both, and no reason is given for what is no mutant."""
        assert complaints(recorded(name), REASONS) == []

    @pytest.mark.parametrize("name", SUBJECTS)
    def test_the_sums(self, name: str) -> None:
        """The outcomes add up to the mutants."""
        document = recorded(name)

        assert sum(document["outcomes"].values()) == len(mutants_of(name))

    def test_no_reason_is_empty(self) -> None:
        """Each is at least a sentence."""
        assert all(reason.endswith(".") and " " in reason for reason in REASONS.values())


class TestSample:
    """Some mutants, examined again, come out as recorded."""

    @pytest.mark.parametrize(
        ("name", "mutant"),
        [
            pytest.param(name, mutant, id=f"{name} {mutant.name}")
            for name in ("Publication@v4", "Boot@getter-at-open")
            for mutant in mutants_of(name)[::3]
        ],
    )
    def test_as_recorded(self, name: str, mutant: Any) -> None:
        """Noticed in the same way by the same claim or lemma, or by nothing."""
        outcome = examine(name, mutant)
        entry = recorded(name)["mutants"][mutant.name]

        assert (outcome.how.name, outcome.by) == (entry["how"], entry.get("by", ""))


class TestComplaints:
    """What does not fit is told, a line for each."""

    NAME = "Publication@v4"

    def first(self, *, noticed: bool) -> str:
        """A mutant that is noticed, or one that is not."""
        mutants: dict[str, Any] = recorded(self.NAME)["mutants"]
        return next(k for k, e in mutants.items() if (How[e["how"]] not in UNNOTICED) is noticed)

    def test_no_reason(self) -> None:
        """Nothing notices the mutant and nobody says why."""
        key = f"{self.NAME} {self.first(noticed=False)}"
        without = {k: reason for k, reason in REASONS.items() if k != key}

        assert complaints(recorded(self.NAME), without) == [
            f"{key}: nothing notices it, and no reason is given"
        ]

    def test_a_reason_too_many(self) -> None:
        """A claim notices the mutant after all."""
        key = f"{self.NAME} {self.first(noticed=True)}"

        assert complaints(recorded(self.NAME), {**REASONS, key: "Why not."}) == [
            f"{key}: has a reason, but REV-7 notices it"
        ]

    def test_a_reason_for_no_mutant(self) -> None:
        """The system has changed."""
        key = f"{self.NAME} show_pointer: without everything"

        assert complaints(recorded(self.NAME), {**REASONS, key: "Why not."}) == [
            f"{key}: a reason for no mutant"
        ]

    def test_another_system(self) -> None:
        """The record lacks a mutant, and has one that is none."""
        document = recorded(self.NAME)
        key = self.first(noticed=True)
        told = {"gone": document["mutants"][key]}
        told.update((k, e) for k, e in document["mutants"].items() if k != key)

        assert complaints({**document, "mutants": told}, REASONS) == [
            f"{self.NAME} {key}: not recorded",
            f"{self.NAME} gone: no such mutant",
        ]
