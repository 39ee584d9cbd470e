"""The real engines on a solver that always answers unknown."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from staleproof.claims import Claim
from staleproof.cli import running
from staleproof.cli.workers import named
from staleproof.engine.solve import Answer, Session
from staleproof.lang.terms import Term
from staleproof.verdict import ClaimResult, Comparison, PatchNeeds

DECIDER, CHECKER, COMPARER = running.DECIDER, running.CHECKER, running.COMPARER
PATCH_NEEDS = running.PATCH_NEEDS


def _unknown(self: Session, *assumptions: Term) -> Answer:
    self.why = "the fake solver never knows"
    return Answer.UNKNOWN


def decide(claim: Claim, progress: Callable[[str], None]) -> ClaimResult:
    """Decide as the real command does."""
    Session.ask = _unknown  # type: ignore[method-assign]
    result: ClaimResult = named(DECIDER)(claim, progress=progress)
    return result


def check(*arguments: Any, progress: Callable[[str], None]) -> list[ClaimResult]:
    """Check as the real command does."""
    Session.ask = _unknown  # type: ignore[method-assign]
    results: list[ClaimResult] = named(CHECKER)(*arguments, progress=progress)
    return results


def compare(*arguments: Any, progress: Callable[[str], None]) -> Comparison:
    """Compare as the real command does."""
    Session.ask = _unknown  # type: ignore[method-assign]
    result: Comparison = named(COMPARER)(*arguments, progress=progress)
    return result


def needs(*arguments: Any, progress: Callable[[str], None]) -> PatchNeeds:
    """Find out what a property needs as the real command does."""
    Session.ask = _unknown  # type: ignore[method-assign]
    result: PatchNeeds = named(PATCH_NEEDS)(*arguments, progress=progress)
    return result
