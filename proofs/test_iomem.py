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
                "EXC-2[abc]@*",
                "EXC-4@*",
                "EXC-5@*",
                "EXC-5a@*",
                "EXC-[67]@*",
                "REV-3@*",
                "REV-3[ab]@*",
                "REV-6@*",
                "REV-6a@*",
                "REV-8@*",
                "REV-1[0-4]@*",
                "REV-1[123]a@*",
                "REV-13b@*",
                "PCI-[45]@*",
                "PCI-4[ab]@*",
            )
        )
    ],
)
def test_claim(claim: Claim, prove: Callable[[Claim], None]) -> None:
    """The claim comes out as expected, and as recorded in all but the times."""
    prove(claim)
