"""What earlier runs left behind: verdicts in the cache and in the recorded evidence."""

from __future__ import annotations

from staleproof.cache import Cache
from staleproof.cli.terminal import say
from staleproof.errors import EvidenceError
from staleproof.evidence import recorded_result
from staleproof.verdict import ClaimResult


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


def warn(cache: Cache) -> None:
    """Tell what went wrong with the cache, one line each."""
    for warning in cache.warnings:
        say(f"warning: {warning.code} {warning.message}")
    cache.warnings.clear()
