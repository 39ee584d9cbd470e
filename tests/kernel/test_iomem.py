"""The rows about device memory, their claims, their killers, and what they rest on."""

from __future__ import annotations

import re

import pytest

from staleproof.cfront.contracts import World
from staleproof.claims import Claim, all_claims
from staleproof.engine.question import Question
from staleproof.kernel.iomem import contract
from staleproof.kernel.iomem.rows import ALL
from staleproof.kernel.iomem.statements import STATEMENTS
from staleproof.kernel.iomem.world import CLAIMING, MAPPING, WALKING
from staleproof.lang.substitute import symbols_of
from staleproof.verdict import Word

ROWS = {row.name: row for asked in ALL for row in asked.rows}
CLAIMS = [c for c in all_claims() if c.property in ROWS]
WORLDS = (WALKING, CLAIMING, MAPPING)


def test_each_row_is_stated_and_claimed_before_the_series() -> None:
    """A row without a sentence, or of which nothing is claimed, says nothing."""
    assert ROWS.keys() == STATEMENTS.keys()
    assert {c.property for c in CLAIMS if c.version == "legacy"} == ROWS.keys()


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.name)
def test_a_claim_that_is_proved_has_killers_and_no_other_has(claim: Claim) -> None:
    """Every edit of a killer fits the text of its version, and changes the system."""
    question: Question = claim.build()

    assert bool(ROWS[claim.property].killers) is (claim.expected is Word.PROVED)
    for killer in question.killers:
        system, _ = killer.build()
        assert system.digest != question.system.digest


def test_contracts_cite_rows_that_are_there() -> None:
    """Whoever rests on a contract can look up the claims that show it."""
    for promised in contract.CONTRACTS:
        cited = re.findall(r"\b(?:EXC|REV|PCI)-\d+\w?", promised.sentence)

        assert cited
        assert set(cited) <= ROWS.keys()
        assert all(ROWS[name].killers for name in cited)


def test_the_contracts_have_the_names_that_models_cite() -> None:
    """Models of several CPUs name them."""
    assert [c.name for c in contract.CONTRACTS] == [
        "EXC-CONTRACT",
        "DEVMEM-CONTRACT",
        "RANGE-CONTRACT",
        "REVOKE-CONTRACT",
        "PGOFF-CONTRACT",
    ]


@pytest.mark.parametrize("world", WORLDS, ids=["walking", "claiming", "mapping"])
def test_what_an_assumption_speaks_of_is_known(world: World) -> None:
    """No name in the table is one that no assumption has."""
    assert world.about.keys() == {a.name for a in world.assumptions}


def test_a_walk_rests_on_the_order_of_the_tree_and_a_mapping_does_not() -> None:
    """What is assumed is what the system speaks of."""
    by_name = {c.name: {a.name for a in c.build().system.assumptions} for c in CLAIMS}

    assert {"RES-TREE", "RES-WALK", "RES-LOCK", "RES-UNHELD"} <= by_name["EXC-1@legacy"]
    assert not {"RES-TREE", "RES-WALK", "PCI-BAR"} & by_name["REV-3@legacy"]
    assert {"PCI-BAR", "VMA-NEW"} <= by_name["PCI-5@legacy"]
    assert "VMA-NEW" not in by_name["REV-13@v4"]


def test_axioms_speak_of_what_never_changes() -> None:
    """A world whose axioms could be broken by a step would make any proof worthless."""
    for world in WORLDS:
        assert all(not s.mutable for axiom in world.axioms for s in symbols_of(axiom))
