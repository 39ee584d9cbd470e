"""What properties need of the patches: from the cache where it has it, found out anew where not."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing

from staleproof.cache import Cache
from staleproof.cli.kept import warn
from staleproof.cli.progress import Progress
from staleproof.cli.running import patch_needs
from staleproof.report.layout import count
from staleproof.verdict import PatchNeeds, Subject


def needs(
    subjects: Sequence[Subject], *, jobs: int, use_cache: bool, progress: Progress
) -> list[PatchNeeds]:
    """What each of these properties needs, in their order.

    Without `use_cache` nothing is read from the cache, but what is found is still kept.
    """
    cache = Cache()
    found: dict[str, PatchNeeds] = {}

    def take(result: PatchNeeds, kept: bool) -> None:
        found[result.name] = result
        progress.done(result.name, f"with {count(result.subsets, 'subset')} of patches", kept=kept)

    try:
        for subject in subjects if use_cache else ():
            known = cache.needs(subject.name)
            if known is not None:
                take(known, kept=True)
        missing = [s for s in subjects if s.name not in found]
        if missing:
            with closing(patch_needs(missing, jobs, progress.note)) as results:
                for result in results:
                    cache.put_needs(result)
                    take(result, kept=False)
    finally:
        warn(cache)
    return [found[s.name] for s in subjects]
