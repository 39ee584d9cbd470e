"""Verdicts for claims: from the cache where it has them, decided anew where not."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing

from staleproof.cache import Cache
from staleproof.claims import Claim
from staleproof.cli.kept import warn
from staleproof.cli.progress import Progress
from staleproof.cli.running import decide_all
from staleproof.verdict import ClaimResult

OnResult = Callable[[ClaimResult], None]


def verdicts(
    claims: Sequence[Claim],
    *,
    jobs: int,
    use_cache: bool,
    progress: Progress,
    on_result: OnResult = lambda _: None,
) -> list[ClaimResult]:
    """The results in the order of the claims; `on_result` hears of each as soon as it is there.

    Without `use_cache` nothing is read from the cache, but what is found is still kept.
    """
    cache = Cache()
    found: dict[str, ClaimResult] = {}

    def take(result: ClaimResult, kept: bool) -> None:
        found[result.claim] = result
        progress.finished(result, kept=kept)
        on_result(result)

    try:
        for claim in claims if use_cache else ():
            result = cache.get(claim.name)
            if result is not None:
                take(result, kept=True)
        missing = [c for c in claims if c.name not in found]
        if missing:
            with closing(decide_all(missing, jobs, progress.note)) as results:
                for result in results:
                    cache.put(result)
                    take(result, kept=False)
    finally:
        warn(cache)
    return [found[c.name] for c in claims]
