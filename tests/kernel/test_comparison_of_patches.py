"""What was said of patch 08 in review, asked by comparing: the default changes nothing but a taint.

The build without an MMU has a bare call of follow_pfn(), so it is what there was before.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

import staleproof
from staleproof.cfront import SourceFile
from staleproof.cfront.translate import Translation
from staleproof.kernel.address_space import contains, layout, mmap_lock
from staleproof.kernel.equivalence.comparison import compare
from staleproof.kernel.equivalence.still_world import stilled
from staleproof.lang.terms import Term, eq
from staleproof.series.p08_unsafe_follow_pfn.world import MMU
from staleproof.verdict import Comparison, Word

TEXTS = Path(staleproof.__file__).parent / "series" / "p08_unsafe_follow_pfn"
BEFORE, AFTER = ((TEXTS / f"{name}.c").read_text() for name in ("nommu_v4", "mmu_v4"))
OFF = "!IS_ENABLED(CONFIG_STRICT_FOLLOW_PFN)"


def locked(translation: Translation) -> tuple[Term, ...]:
    """Callers hold mmap_lock and name a VMA that has the address."""
    vma, address = (translation.parameters[name]() for name in ("vma", "address"))
    return (eq(mmap_lock(), 1), contains(layout(), vma, address))


@cache
def compared(after: str, condition: str) -> Comparison:
    """follow_pfn() against a text of unsafe_follow_pfn()."""
    texts = (SourceFile("before.c", BEFORE), SourceFile("after.c", after))
    return compare(texts, "unsafe_follow_pfn", condition, world=stilled(MMU), start=locked)


def test_without_the_option_only_the_taint_differs() -> None:
    """The result, and what follow_pfn() is asked, are the same; that there is no more is proved."""
    result = compared(AFTER, OFF)

    assert {d.what for d in result.differences} == {"taint.user"}
    assert result.rest.word is Word.PROVED


def test_without_the_taint_nothing_differs() -> None:
    """Then the two are proved the same."""
    untainted = AFTER.replace("\tadd_taint(TAINT_USER, LOCKDEP_STILL_OK);\n", "")

    assert compared(untainted, OFF).verdict.word is Word.PROVED


def test_with_the_option_every_pfn_is_refused() -> None:
    """Where follow_pfn() finds a pfn, there is -EINVAL instead."""
    result = compared(AFTER, "IS_ENABLED(CONFIG_STRICT_FOLLOW_PFN)")

    ends = {(d.first, d.second) for d in result.differences if d.what == "result"}
    assert ends == {("returns 0", "returns -EINVAL")}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (
            "return follow_pfn(vma, address, pfn);",
            "return follow_pfn(vma, address, pfn) ? -14 : 0;",
        ),
        ("follow_pfn(vma, address, pfn);\n}", "follow_pfn(vma, address ^ PAGE_SIZE, pfn);\n}"),
    ],
)
def test_a_wrong_variant_is_told_apart(old: str, new: str) -> None:
    """Another errno, and a question about another page, both show."""
    assert AFTER.count(old) == 1
    result = compared(AFTER.replace(old, new), OFF)

    assert {d.what for d in result.differences} - {"taint.user"} != set()
