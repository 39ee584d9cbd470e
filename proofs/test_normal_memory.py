"""EQ-3: get_vaddr_frames on normal memory, each version beside the one before it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from staleproof.claims import Claim, matching


@pytest.mark.parametrize(
    "claim",
    [
        pytest.param(claim, id=claim.name, marks=pytest.mark.xdist_group(claim.kin))
        for claim in matching(("EQ-3*",))
    ],
)
def test_claim(claim: Claim, prove: Callable[[Claim], None]) -> None:
    """The claim comes out as expected, and as recorded in all but the times."""
    prove(claim)
