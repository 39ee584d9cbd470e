"""Device memory: what is exclusive, what may be mapped, and what a claim zaps, from the C texts."""

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
                "EXC-1@*",
                "EXC-1[ab]@*",
                "EXC-2@*",
                "EXC-2[ab]@*",
                "EXC-4@*",
                "EXC-5@*",
                "EXC-5a@*",
                "EXC-6@*",
                "REV-3@*",
                "REV-3[ab]@*",
                "REV-6@*",
                "REV-8@*",
                "REV-1[0-4]@*",
                "REV-1[23]a@*",
                "PCI-[45]@*",
                "PCI-4a@*",
            )
        )
    ],
)
def test_claim(claim: Claim, prove: Callable[[Claim], None]) -> None:
    """The claim comes out as expected, and as recorded in all but the times."""
    prove(claim)
