"""What each patch of the series is needed for, from what each property needs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from staleproof.report.layout import TABLE_WIDTH, Paint, count, numbered, plain, wrapped
from staleproof.verdict import PatchNeeds, Word, whose

_PROVED = Word.PROVED.name

Sets = tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True)
class PatchSummary:
    """What the properties say of one patch.

    `needed` has, per choice of minimal sets of which some has the patch, the properties that hold
    with these sets and with no fewer. Those of `brings` hold with it and are not asked without it,
    for what they speak of comes with it. `breaks` are the properties that the series loses with it,
    each with the patch that gives it back; `would_break` are others that some subset of the patches
    loses with it. With it, nothing is left that those of `silences` speak of.
    """

    patch: int
    purpose: str
    needed: tuple[tuple[Sets, tuple[PatchNeeds, ...]], ...]
    brings: tuple[PatchNeeds, ...]
    breaks: tuple[tuple[PatchNeeds, int | None], ...]
    would_break: tuple[PatchNeeds, ...]
    silences: tuple[PatchNeeds, ...]


def summaries(purposes: Mapping[int, str], needs: Sequence[PatchNeeds]) -> list[PatchSummary]:
    """One for each patch."""
    return [_summary(number, purpose, needs) for number, purpose in purposes.items()]


def _summary(number: int, purpose: str, needs: Sequence[PatchNeeds]) -> PatchSummary:
    needed: dict[Sets, list[PatchNeeds]] = {}
    for one in needs:
        if any(number in chosen for chosen in one.minimal) and not _brings(number, one):
            needed.setdefault(one.minimal, []).append(one)
    return PatchSummary(
        patch=number,
        purpose=purpose,
        needed=tuple((sets, tuple(found)) for sets, found in sorted(needed.items(), key=_fewest)),
        brings=tuple(n for n in needs if _brings(number, n)),
        breaks=tuple((n, b.until) for n in needs for b in n.breaks if b.patch == number),
        would_break=tuple(n for n in needs if _would_break(number, n)),
        silences=tuple(n for n in needs if any(number in chosen for chosen in n.silent)),
    )


def _brings(number: int, needs: PatchNeeds) -> bool:
    """Whether the property is not asked of the series without the patch."""
    return any(u.patch == number and not u.verdict for u in needs.without)


def _would_break(number: int, needs: PatchNeeds) -> bool:
    """Whether it breaks the property after some subset, though not in the order of the series."""
    words = dict(needs.words)
    after = (tuple(sorted((*chosen, number))) for chosen, w in words.items() if w == _PROVED)
    broken = any(words.get(chosen) == Word.REFUTED.name for chosen in after)
    return broken and all(b.patch != number for b in needs.breaks)


def _fewest(item: tuple[Sets, list[PatchNeeds]]) -> tuple[int, int, Sets]:
    """Where one patch suffices comes first."""
    sets = item[0]
    return len(sets), max(map(len, sets)), sets


# As text


def every_patch(
    purposes: Mapping[int, str],
    needs: Sequence[PatchNeeds],
    paint: Paint = plain,
    *,
    of_all: bool = True,
) -> Iterator[str]:
    """A paragraph for each patch, and what was asked; `of_all` if that is all that is claimed."""
    nothing = NOTHING if of_all else "Needed for none of these properties."
    for summary in summaries(purposes, needs):
        head = wrapped(summary.purpose, TABLE_WIDTH, f"{summary.patch:02}  ", "    ")
        yield from (paint(line, "strong") for line in head)
        for sentence in (needed_for(summary, nothing), *harms(summary)):
            yield from wrapped(sentence, TABLE_WIDTH, "    ", "      ") if sentence else ()
        yield ""
    subsets = sum(n.subsets for n in needs)
    systems = sum(n.systems for n in needs)
    asked = f"{count(len(needs), 'property', 'properties')}, {count(subsets, 'subset')} of patches"
    yield from wrapped(f"Asked: {asked}, {count(systems, 'different system')}.", TABLE_WIDTH)
    unsure = [n for n in needs if n.undecided]
    if unsure:
        text = f"With some subset came out neither way: {_names(unsure)}."
        yield from (paint(line, "bad") for line in wrapped(text, TABLE_WIDTH))


NOTHING = "Needed for nothing that is claimed."


def needed_for(summary: PatchSummary, nothing: str = NOTHING) -> str:
    """For which properties the patch is needed, and with which others; or that it is for none."""
    parts = [_ways(summary.patch, sets) + _names(found) for sets, found in summary.needed]
    needed = [f"Needed {'; '.join(parts)}."] if parts else []
    brought = (
        [f"What these speak of comes with it: {_names(summary.brings)}."] if summary.brings else []
    )
    return " ".join([*needed, *brought]) or nothing


def _ways(number: int, sets: Sets) -> str:
    if len(sets) == 1:
        others = [n for n in sets[0] if n != number]
        return f"with {numbered(others)} for " if others else "for "
    ways = ", or ".join(numbered(chosen) for chosen in sets)
    return f"as one of {count(len(sets), 'way')} ({ways}) for "


def breaks(summary: PatchSummary) -> str:
    """Which properties the series loses with the patch; "" if none."""
    kept: dict[int | None, list[PatchNeeds]] = {}
    for needs, until in summary.breaks:
        kept.setdefault(until, []).append(needs)
    parts = [
        _names(found) + (f" until {until:02}" if until else "") for until, found in kept.items()
    ]
    return f"Breaks {'; '.join(parts)}." if parts else ""


def harms(summary: PatchSummary) -> Iterator[str]:
    """What the patch breaks where it stands in the series, would break elsewhere, and silences."""
    if summary.breaks:
        yield breaks(summary)
    if summary.would_break:
        yield f"After other subsets it would break {_names(summary.would_break)}."
    if summary.silences:
        yield f"Leaves nothing that {_names(summary.silences)} could be about."


def _names(needs: Iterable[PatchNeeds]) -> str:
    """The properties, those of one driver together."""
    groups: dict[str, list[str]] = {}
    for one in sorted(needs, key=lambda n: (n.of, by_number(n.property))):
        groups.setdefault(one.of, []).append(one.property)
    return ", ".join(whose(", ".join(names), of) for of, names in groups.items())


def by_number(name: str) -> tuple[str, int, str]:
    """A key that puts GVF-2 before GVF-10 before GVF-10a."""
    found = re.fullmatch(r"(\w+)-(\d+)(\w*)", name)
    return (found[1], int(found[2]), found[3]) if found else (name, 0, "")
