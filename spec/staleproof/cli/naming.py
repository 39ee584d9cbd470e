"""From what a user typed to claims, with the nearest names where there is none."""

from __future__ import annotations

from staleproof import claims
from staleproof.claims import Claim
from staleproof.errors import UnknownClaimError


def claims_for(patterns: tuple[str, ...]) -> tuple[Claim, ...]:
    """The claims that the patterns select, in order.

    Raises UnknownClaimError for a pattern that selects none.
    """
    for pattern in patterns:
        if not claims.matching((pattern,)):
            raise _unknown(pattern)
    return claims.matching(patterns)


def claim_named(name: str) -> Claim:
    """The claim of exactly that name. Raises UnknownClaimError, which suggests the nearest."""
    for claim in claims.all_claims():
        if claim.name == name:
            return claim
    raise _unknown(name)


def _unknown(name: str) -> UnknownClaimError:
    import difflib

    is_pattern = any(c in name for c in "*?[")
    what = "no claim matches" if is_pattern else "there is no claim named"
    near = difflib.get_close_matches(
        name.upper(), {c.name.upper() for c in claims.all_claims()}, 3, 0.5
    )
    names = [c.name for upper in near for c in claims.all_claims() if c.name.upper() == upper]
    fix = None
    if names and not is_pattern:
        fix = f"did you mean {' or '.join(names)}? See all names with: staleproof list"
    return UnknownClaimError(f"{what} {name}", fix=fix)


def property_unknown(name: str) -> UnknownClaimError:
    """That no claim is about a property of that name; the nearest are suggested."""
    import difflib

    known = list(dict.fromkeys(c.property for c in claims.all_claims()))
    near = difflib.get_close_matches(name.upper(), known, 3, 0.5)
    fix = f"did you mean {' or '.join(near)}? See all names with: staleproof list"
    return UnknownClaimError(f"there is no property named {name}", fix=fix if near else None)
