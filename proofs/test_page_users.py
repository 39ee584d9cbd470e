"""Who keeps what a PTE said, and whether the page is still theirs to use."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from staleproof.claims import Claim, matching


@pytest.mark.parametrize(
    "claim",
    [
        pytest.param(claim, id=claim.name, marks=pytest.mark.xdist_group(claim.kin))
        for claim in matching(
            ("NSM-*", "GAP-*", "VFIO-*", "KVM-*", "S390-*", "VB1-*", "NOT-*", "D-*")
        )
    ],
)
def test_claim(claim: Claim, prove: Callable[[Claim], None]) -> None:
    """The claim comes out as expected, and as recorded in all but the times."""
    prove(claim)
