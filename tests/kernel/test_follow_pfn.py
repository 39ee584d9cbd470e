"""The rows about unsafe_follow_pfn(): their statements, their killers, and their builds."""

from __future__ import annotations

import pytest

from staleproof.claims import Claim
from staleproof.engine.question import Question
from staleproof.series.p08_unsafe_follow_pfn.claims import CLAIMS
from staleproof.series.p08_unsafe_follow_pfn.rows import V4, V5
from staleproof.series.p08_unsafe_follow_pfn.statements import STATEMENTS
from staleproof.series.p08_unsafe_follow_pfn.versions import POSTED
from staleproof.verdict import Word


def test_each_row_is_stated_and_claimed_at_its_version() -> None:
    """A row without a sentence, or of which nothing is claimed, says nothing."""
    rows = {"v4": V4, "v5": V5}
    asked = {(r.name, version) for version, of in rows.items() for a in of for r in a.rows}
    # Beside follow_pfn(), each build is asked twice: the taint aside, and with it.
    asked |= {(f"EQ-{n}{build}", v) for n in (1, 2) for build in ("", "n") for v in rows}

    assert {(c.property, c.version) for c in CLAIMS} == asked
    assert {name for name, _ in asked} == STATEMENTS.keys()


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.name)
def test_a_claim_that_is_proved_has_killers_and_no_other_has(claim: Claim) -> None:
    """Every edit of a killer fits the text of its version, and changes the system."""
    question: Question = claim.build()

    assert bool(question.killers) is (claim.expected is Word.PROVED)
    for killer in question.killers:
        system, _ = killer.build()
        assert system.digest != question.system.digest


def test_with_an_mmu_the_function_is_the_same_in_v4_and_v5() -> None:
    """What v5 changes is the other build."""
    v4, v5 = (POSTED.source(asked[0]).text.partition("*/")[2] for asked in (V4, V5))

    assert v4 == v5
