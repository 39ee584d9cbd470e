"""Answers to what is asked: from the cache where it has them, found out anew where not."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import closing
from typing import TypeVar

from staleproof.cache import Cache
from staleproof.claims import Claim
from staleproof.cli.kept import warn
from staleproof.cli.progress import Progress
from staleproof.cli.running import decide_all, patch_needs
from staleproof.report.layout import count
from staleproof.verdict import ClaimResult, PatchNeeds, Subject

OnResult = Callable[[ClaimResult], None]

Asked = TypeVar("Asked")
Answer = TypeVar("Answer", ClaimResult, PatchNeeds)


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

    def find(missing: Sequence[Claim]) -> Generator[tuple[str, ClaimResult], None, None]:
        cache.begin()
        with closing(decide_all(missing, jobs, progress.note)) as results:
            for result in results:
                cache.put(result)
                yield result.claim, result

    def take(result: ClaimResult, kept: bool) -> None:
        progress.finished(result, kept=kept)
        on_result(result)

    known = cache.get if use_cache else _nothing
    return _answers({c.name: c for c in claims}, cache, known, find, take)


def needs(
    subjects: Sequence[Subject], *, jobs: int, use_cache: bool, progress: Progress
) -> list[PatchNeeds]:
    """What each of these properties needs of the patches, in their order; the cache as above."""
    cache = Cache()

    def find(missing: Sequence[Subject]) -> Generator[tuple[str, PatchNeeds], None, None]:
        cache.begin()
        with closing(patch_needs(missing, jobs, progress.note)) as results:
            for result in results:
                cache.put_needs(result)
                yield result.name, result

    def take(result: PatchNeeds, kept: bool) -> None:
        progress.done(result.name, f"with {count(result.subsets, 'subset')} of patches", kept=kept)

    known = cache.needs if use_cache else _nothing
    return _answers({s.name: s for s in subjects}, cache, known, find, take)


def _nothing(name: str) -> None:
    """What is known without a cache."""


def _answers(
    asked: Mapping[str, Asked],
    cache: Cache,
    known: Callable[[str], Answer | None],
    find: Callable[[Sequence[Asked]], Generator[tuple[str, Answer], None, None]],
    take: Callable[[Answer, bool], None],
) -> list[Answer]:
    """The answers in the order in which they were asked for. `take` hears of each as it comes, and
    whether it was known. What went wrong with the cache is told at the end, whatever the end is.
    """
    found: dict[str, Answer] = {}
    try:
        for name in asked:
            answer = known(name)
            if answer is not None:
                found[name] = answer
                take(answer, True)
        missing = [one for name, one in asked.items() if name not in found]
        if missing:
            with closing(find(missing)) as answers:
                for name, answer in answers:
                    found[name] = answer
                    take(answer, False)
    finally:
        warn(cache)
    return [found[name] for name in asked]
