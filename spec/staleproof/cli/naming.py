"""From what a user typed to claims, with the nearest names where there is none."""

from __future__ import annotations

from collections.abc import Iterable

from staleproof import claims
from staleproof.claims import Claim
from staleproof.errors import UnknownClaimError, UsageError


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


def _unknown(name: str) -> UnknownClaimError | UsageError:
    """That no claim has that name, or matches that pattern; the nearest are suggested."""
    if not name.strip():
        return UsageError("the name of a claim is empty", fix=UnknownClaimError.fix)
    if any(c in name for c in "*?["):
        return UnknownClaimError(f"no claim matches {name}")
    names = [c.name for c in claims.all_claims()]
    prop, at, _ = name.strip().partition("@")
    near = (
        [known for known in names if known.upper() == name.strip().upper()]
        or [known for known in names if known.partition("@")[0].upper() == prop.upper()]
        or _nearest(name, names)
    )
    why = None if at else "a claim is a property at a version, and no version was named"
    return UnknownClaimError(f"there is no claim named {name}", why=why, fix=_did_you_mean(near))


def property_unknown(name: str) -> UnknownClaimError | UsageError:
    """That no claim is about a property of that name; the nearest are suggested."""
    if not name.strip():
        return UsageError("the name of a property is empty", fix=UnknownClaimError.fix)
    known = list(dict.fromkeys(c.property for c in claims.all_claims()))
    before = name.partition("@")[0]
    near = [before] if before in known else _nearest(before, known)
    return UnknownClaimError(
        f"there is no property named {name}",
        why="a property is the name of a claim without its version, such as GVF-2",
        fix=_did_you_mean(near),
    )


def _nearest(name: str, known: Iterable[str]) -> list[str]:
    """Those of the names that are most like one, whatever their case."""
    import difflib

    written = {one.upper(): one for one in known}
    return [written[near] for near in difflib.get_close_matches(name.upper(), written, 3, 0.5)]


def _did_you_mean(names: list[str]) -> str | None:
    """What to do: take one of these names, if there are any."""
    if not names:
        return None
    *others, last = names
    said = f"{', '.join(others)} or {last}" if others else last
    return f"did you mean {said}? See all names with: staleproof list"
