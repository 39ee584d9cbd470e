"""What a property needs: which patches of the series.

Every subset of the patches that may decide it is asked: nothing is taken to be monotone, for some
patches take away what others give. Subsets with equal systems are asked once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from staleproof.engine.known_searches import search_once
from staleproof.engine.portfolio import decide, word_of
from staleproof.engine.question import Kind, Question
from staleproof.engine.search import Found
from staleproof.series.by_patches import ByPatches
from staleproof.series.every_property import every_property
from staleproof.series.patches import PURPOSES, subsets, without
from staleproof.trace.model import Trace
from staleproof.trace.replay import replay
from staleproof.verdict import Broken, PatchNeeds, Undone, Word

Progress = Callable[[str], None]

Words = Mapping[frozenset[int], Word | None]
"""Per subset the verdict; None where it is not sure. A subset that is not asked is not there."""


def _quiet(_: str) -> None:
    pass


def needs_of(name: str, of: str, progress: Progress = _quiet) -> PatchNeeds:
    """What the property of that name needs, of the driver that it is asked of."""
    (asked,) = (p for p in every_property() if (p.property, p.of) == (name, of))
    return patch_needs(asked, progress)


def patch_needs(asked: ByPatches, progress: Progress = _quiet) -> PatchNeeds:
    """The minimal sets of patches with which the property is PROVED; per patch, the series without.

    And which patches break it where they come in the series.
    """
    known: dict[object, Word | None] = {}
    words: dict[frozenset[int], Word | None] = {}
    not_asked = 0
    told = {without(n, asked.patches) for n in asked.patches}
    for chosen in subsets(asked.patches):
        progress(f"with {_list(chosen)}")
        question = asked.question(chosen)
        if question is None:
            not_asked += 1
            continue
        key = _key(question)
        if key not in known:
            # Of the series without one patch the shortest run will be told.
            known[key] = word_of(question, shortest=chosen in told)
        words[chosen] = known[key]
    minimal = _least(words, Word.PROVED)
    needed = sorted({n for chosen in minimal for n in chosen})
    return PatchNeeds(
        property=asked.property,
        of=asked.of,
        patches=asked.patches,
        minimal=_sorted(minimal),
        broken=_sorted(_least(words, Word.REFUTED) if frozenset() in minimal else []),
        silent=_sorted(_least(words, Word.VACUOUS)),
        breaks=tuple(_breaks(asked.patches, words)),
        words=tuple((_numbers(s), w.name if w else Word.UNDECIDED.name) for s, w in words.items()),
        subsets=len(words),
        systems=len(known),
        not_asked=not_asked,
        undecided=sum(word is None for word in words.values()),
        without=tuple(_undone(asked, n, words) for n in needed),
    )


def _key(question: Question) -> object:
    """The same for questions that ask the same of systems that do the same."""
    prop = question.prop
    return question.system.digest, prop.formula.digest, prop.at, question.kind


def _least(words: Words, wanted: Word) -> list[frozenset[int]]:
    """The subsets that came out so and have no part that did; smaller ones come first."""
    found: list[frozenset[int]] = []
    for chosen, word in words.items():
        if word is wanted and not any(less < chosen for less in found):
            found.append(chosen)
    return found


def _breaks(patches: tuple[int, ...], words: Words) -> Iterable[Broken]:
    """The patches with which the series, up to there, loses the property, and who gives it back."""
    series = {n: words.get(frozenset(m for m in patches if m <= n)) for n in patches}
    before = words.get(frozenset())
    for number, word in series.items():
        if before is Word.PROVED and word is Word.REFUTED:
            later = (n for n in patches if n > number and series[n] is Word.PROVED)
            yield Broken(number, next(later, None))
        before = word


def _numbers(chosen: Iterable[int]) -> tuple[int, ...]:
    return tuple(sorted(chosen))


def _sorted(sets: Iterable[frozenset[int]]) -> tuple[tuple[int, ...], ...]:
    return tuple(map(_numbers, sets))


def _list(numbers: Iterable[int]) -> str:
    return ", ".join(f"{n:02}" for n in sorted(numbers)) or "no patch"


# The series without one patch


def _undone(asked: ByPatches, number: int, words: Words) -> Undone:
    """The whole series without one patch, and without those that stand on it."""
    rest = without(number, asked.patches)
    gone = _numbers(n for n in asked.patches if n not in rest and n != number)
    word = words.get(rest)
    trace = _violation(asked.question(rest)) if word is Word.REFUTED else None
    return Undone(
        patch=number,
        title=PURPOSES[number],
        gone=gone,
        verdict="" if rest not in words else word.name if word else Word.UNDECIDED.name,
        files="" if trace is None else _files(trace),
        steps=() if trace is None else tuple(step.headline for step in trace.steps),
    )


def _violation(question: Question | None) -> Trace | None:
    """A run that violates the property: a shortest one, if it can be had."""
    assert question is not None
    if question.kind is Kind.TERMINATION:
        return decide(replace(question, killers=())).trace
    found = search_once(question.system, question.prop, question.limits)
    if not isinstance(found, Found):
        return None
    return replay(question.system, question.prop, found.script)


def _files(trace: Trace) -> str:
    """The kinds of the files in the run, where the model has some."""
    kinds = trace.states[0].values.get("kind", {})
    return ", ".join(sorted({str(kind) for kind in kinds.values()}))
