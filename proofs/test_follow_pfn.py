"""unsafe_follow_pfn() and vfio's use of it, from the C texts of both builds."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from staleproof.claims import Claim, matching


@pytest.mark.parametrize(
    "claim",
    [
        pytest.param(claim, id=claim.name, marks=pytest.mark.xdist_group(claim.kin))
        for claim in matching(("UFP-*", "EQ-1*", "EQ-2*"))
    ],
)
def test_claim(claim: Claim, prove: Callable[[Claim], None]) -> None:
    """The claim comes out as expected, and as recorded in all but the times."""
    prove(claim)
