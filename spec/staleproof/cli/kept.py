"""What earlier runs left behind: verdicts in the cache and in the recorded evidence."""

from __future__ import annotations

from collections.abc import Iterable

from staleproof.cache import Cache
from staleproof.cli.terminal import say
from staleproof.errors import EvidenceError
from staleproof.evidence import recorded_result, recorded_summaries
from staleproof.verdict import ClaimResult, Summary


def last_verdict(claim: str, cache: Cache) -> ClaimResult | None:
    """What the cache or else the recorded evidence says of a claim."""
    result = cache.get(claim)
    if result is not None:
        return result
    try:
        return recorded_result(claim)
    except EvidenceError as problem:
        say(f"warning: {problem.code} {problem.message}")
        return None


def last_summaries(claims: Iterable[str], cache: Cache) -> list[Summary | None]:
    """What the cache or else the recorded evidence says of each claim, in brief."""
    try:
        recorded = recorded_summaries()
    except EvidenceError as problem:
        say(f"warning: {problem.code} {problem.message}")
        recorded = {}
    return [cache.summary(claim) or recorded.get(claim) for claim in claims]


def warn(cache: Cache) -> None:
    """Tell what went wrong with the cache, one line each."""
    for warning in cache.warnings:
        say(f"warning: {warning.code} {warning.message}")
    cache.warnings.clear()
