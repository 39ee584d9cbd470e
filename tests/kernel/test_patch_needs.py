"""Properties with any subset of the patches: which subsets there are, and what comes out."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from staleproof.claims import all_claims
from staleproof.evidence import recorded_needs, recorded_summaries
from staleproof.series.every_property import every_property, subjects
from staleproof.series.needs import needs_of
from staleproof.series.patches import PURPOSES, STANDS_ON, subsets, without
from staleproof.verdict import PatchNeeds

RECORDED = recorded_needs()


def test_no_subset_has_a_patch_without_what_it_stands_on() -> None:
    """Of 01 and 02 there are three subsets, since 02 changes a line of 01's."""
    assert list(subsets((1, 2))) == [frozenset(), {1}, {1, 2}]
    assert len(list(subsets(PURPOSES))) == 2**15 * 3 // 4 * 3 // 4 * 5 // 8


def test_without_a_patch_those_that_stand_on_it_are_gone_too() -> None:
    """The series without 08 has no 09 and no 10."""
    assert without(8, (5, 8, 9, 10)) == {5}
    assert without(9, (5, 8, 9, 10)) == {5, 8, 10}


def test_what_a_patch_stands_on_may_decide_what_it_decides() -> None:
    """Or else its subsets would never be asked."""
    for one in every_property():
        for number in one.patches:
            assert STANDS_ON.get(number, number) in one.patches, one.property


def test_every_patch_may_decide_something() -> None:
    """No patch is needless because nobody asked."""
    assert {n for one in every_property() for n in one.patches} == set(PURPOSES)


def test_every_property_that_is_claimed_before_and_after_the_series_is_asked() -> None:
    """Unless its texts are the same, as those of videobuf2 are."""
    before, after = (
        {c.property for c in all_claims() if c.version == version} for version in ("legacy", "v4")
    )
    asked = {one.property for one in every_property()}

    assert (before & after) - asked == {"VB2-1"}


@pytest.mark.parametrize(
    ("name", "of", "minimal"),
    [
        ("UFP-3b", "", ((8, 9),)),
        ("UFP-3c", "", ((5,), (8, 9))),
        ("GVF-9e", "", ((1,), (5,))),
        ("UFP-1", "", ((8,),)),
        ("GAP-1", "", ((7,),)),
        ("PIN-4", "habanalabs", ((),)),
    ],
)
def test_what_some_properties_need(
    name: str, of: str, minimal: tuple[tuple[int, ...], ...]
) -> None:
    """Each kind of system once."""
    needs = needs_of(name, of)

    assert needs.minimal == minimal
    assert needs.undecided == 0
    assert all(u.steps or not u.verdict or u.verdict == "PROVED" for u in needs.without)


# What is recorded


def test_everything_is_recorded() -> None:
    """If it is not, run `staleproof matrix --patches PROPERTY --record` of what is missing."""
    assert sorted(one.name for one in RECORDED) == sorted(one.name for one in subjects())


@pytest.mark.parametrize("one", RECORDED, ids=lambda one: one.name)
def test_what_is_recorded_agrees_with_the_claims(one: PatchNeeds) -> None:
    """A property after the first patches of the series is a claim, where there is one."""
    verdicts = {name: s.verdict.word.name for name, s in recorded_summaries().items()}
    words = dict(one.words)
    for chosen, claims in _prefixes(one):
        for claim in claims & verdicts.keys():
            assert words.get(chosen, verdicts[claim]) == verdicts[claim], claim


OF = {"exynos g2d": ("legacy", "v4/01", "v4/02"), "habanalabs": ("v4/03", "v4/04")}
"""The versions at which a claim of a property is about that driver."""


def _prefixes(one: PatchNeeds) -> Iterator[tuple[tuple[int, ...], set[str]]]:
    """The first so many of its patches, and the claims that are about as many of the series."""
    for last in range(len(PURPOSES) + 1):
        versions = {"legacy"} if last == 0 else {f"v4/{last:02}"}
        if last == len(PURPOSES):
            versions.add("v4")
        meant = versions & {*OF[one.of]} if one.of else versions
        yield tuple(n for n in one.patches if n <= last), {f"{one.property}@{v}" for v in meant}
