"""The rows about C texts that look up one PTE: their statements, killers and assumptions."""

from __future__ import annotations

import pytest

from staleproof.claims import Claim, all_claims
from staleproof.engine.question import Question
from staleproof.kernel.pte_users import world
from staleproof.kernel.pte_users.statements import STATEMENTS
from staleproof.verdict import Word

CLAIMS = [c for c in all_claims() if c.property in STATEMENTS]


def test_each_row_is_claimed() -> None:
    """A sentence of which nothing is claimed says nothing."""
    assert {c.property for c in CLAIMS} == STATEMENTS.keys()


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.name)
def test_a_claim_that_is_proved_has_killers_and_no_other_has(claim: Claim) -> None:
    """Every edit of a killer fits the text of its version, and changes the system."""
    question: Question = claim.build()

    assert bool(question.killers) is (claim.expected is Word.PROVED)
    for killer in question.killers:
        system, _ = killer.build()
        assert system.digest != question.system.digest


def test_what_an_assumption_speaks_of_is_known() -> None:
    """No name in the table is one that no assumption has."""
    about = world.GENERIC_ACCESS

    assert about.about.keys() <= {a.name for a in about.assumptions}


def test_the_permission_rests_on_what_callers_pass_and_the_refutation_does_not() -> None:
    """GAP-13 and GAP-13a differ in that assumption alone."""
    assumed = {
        c.property: {a.name for a in c.build().system.assumptions}
        for c in CLAIMS
        if c.version == "v4" and c.property in ("GAP-13", "GAP-13a")
    }

    assert assumed["GAP-13"] - assumed["GAP-13a"] == {"ACCESS-CALLER"}
