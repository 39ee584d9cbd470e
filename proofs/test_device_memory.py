"""User mappings of device memory and the drivers that claim it, for any number of everything."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from staleproof.claims import Claim, matching


@pytest.mark.parametrize(
    "claim",
    [
        pytest.param(claim, id=claim.name, marks=pytest.mark.xdist_group(claim.kin))
        for claim in matching(
            (
                "REV-1@*",
                "REV-1[a-j]@*",
                "REV-2@*",
                "REV-2a@*",
                "REV-4@*",
                "REV-5@*",
                "REV-7@*",
                "REV-9@*",
                "PCI-[1236]@*",
                "SYS-*",
                "MAP-*",
                "TLB-*",
                "FORK-*",
                "RMP-*",
            )
        )
    ],
)
def test_claim(claim: Claim, prove: Callable[[Claim], None]) -> None:
    """The claim comes out as expected, and as recorded in all but the times."""
    prove(claim)
