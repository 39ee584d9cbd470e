"""Facts that hold of a compiled version in every scripted world, on a seeded sample of worlds.

A sample proves nothing.  It is there to disagree with a proof, should there be cause.
"""

from __future__ import annotations

import functools
from collections.abc import Callable

import pytest

from .harness import (
    MAX_ERRNO,
    SHOWN_SLOTS,
    VERSIONS,
    Outcome,
    Script,
    compiled,
    page_word,
    random_scripts,
)

SEED = 0x5EED
COUNT = 3000
KERNELS = [version for version in VERSIONS if version != "signed-count"]

every_version = pytest.mark.parametrize("version", VERSIONS)
every_kernel = pytest.mark.parametrize("version", KERNELS)


@functools.cache
def sample(version: str, optimisation: str = "-O2") -> tuple[tuple[Script, Outcome], ...]:
    """The worlds of this file, and what the version does in them."""
    scripts = random_scripts(SEED, COUNT)
    return tuple(zip(scripts, compiled(version, optimisation).run(scripts), strict=True))


def exceptions(version: str, fact: Callable[[Script, Outcome], bool]) -> list[str]:
    """The worlds that contradict the fact, with what the version did in them."""
    return [
        f"{script}\n{outcome}" for script, outcome in sample(version) if not fact(script, outcome)
    ]


def pin_errors(outcome: Outcome) -> list[int]:
    """The errnos that pins have ended with."""
    return [
        call.result
        for call in outcome.calls
        if call.function.startswith("pin_user_pages") and call.result < 0
    ]


def keeps_errno_of_pin(_: Script, outcome: Outcome) -> bool:
    """A pin that failed decides the result, unless the walk has found a number."""
    errors = pin_errors(outcome)
    return not errors or bool(outcome.writes) or errors == [outcome.ret]


def raw_range_is_mapped(script: Script) -> bool:
    """Every page that is wanted lies whole in a raw VMA, and can be looked up."""
    address = script.start
    for _ in range(script.frames_wanted):
        inside = [vma for vma in script.vmas if vma.start <= address <= vma.end - 4096]
        if not inside or not inside[0].raw:
            return False
        address += 4096
    return all(script.lookup(k) >= 0 for k in range(script.frames_wanted))


def test_same_seed_gives_the_same_worlds() -> None:
    """Two lists of scripts from one seed are equal, and another seed gives another list."""
    assert random_scripts(1, 50) == random_scripts(1, 50)
    assert random_scripts(1, 50) != random_scripts(2, 50)


@every_version
def test_optimiser_changes_nothing(version: str) -> None:
    """The version does the same at -O0 and at -O2, call for call and slot for slot."""
    assert sample(version, "-O0") == sample(version, "-O2")


@every_version
def test_lock_is_balanced_and_no_precondition_is_broken(version: str) -> None:
    """Each run returns, without mmap_lock, and has asked nothing of the kernel out of turn."""

    def fact(_: Script, outcome: Outcome) -> bool:
        return (outcome.fate, outcome.lock_depth, outcome.violations) == ("returned", 0, ())

    assert exceptions(version, fact) == []


@every_kernel
def test_no_write_is_outside_the_array(version: str) -> None:
    """The walk writes slots 0 up to what is wanted, and memory around the array is untouched."""

    def fact(script: Script, outcome: Outcome) -> bool:
        inside = all(0 <= index < script.frames_wanted for index in outcome.write_indices)
        return inside and outcome.stray == ()

    assert exceptions(version, fact) == []


def test_signed_count_writes_outside_the_array() -> None:
    """The signed variant does break that fact in this sample, so the sample can show it."""
    assert any(outcome.stray for _, outcome in sample("signed-count"))


@every_kernel
def test_result_is_a_count_or_an_errno(version: str) -> None:
    """With frames wanted the result is 1 up to their count or an errno, and never 0."""

    def fact(script: Script, outcome: Outcome) -> bool:
        if script.nr_frames == 0:
            return outcome.ret == 0
        return 1 <= outcome.ret <= script.frames_wanted or -MAX_ERRNO <= outcome.ret <= -1

    assert exceptions(version, fact) == []


@every_kernel
def test_tags_tell_what_the_slots_hold(version: str) -> None:
    """A positive result is the count of frames, which are pinned pages or numbers, as tagged."""

    def fact(script: Script, outcome: Outcome) -> bool:
        if outcome.ret <= 0:
            return True
        held = outcome.slots[: outcome.ret]
        shown = min(outcome.ret, SHOWN_SLOTS)
        numbers = tuple(script.lookup(k) for k in range(shown))
        words = tuple(page_word(script.pin_first_pfn + i) for i in range(shown))
        if outcome.is_pfns:
            right = (outcome.got_ref, held, outcome.pinned) == (0, numbers, ())
        else:
            right = (outcome.got_ref, held, len(outcome.pinned)) == (1, words, outcome.ret)
        return right and outcome.nr_frames == outcome.ret

    assert exceptions(version, fact) == []


@every_kernel
def test_negative_result_means_that_no_slot_was_written(version: str) -> None:
    """The walk that returns an errno has stored no number, and left no pin."""

    def fact(_: Script, outcome: Outcome) -> bool:
        return outcome.ret >= 0 or (outcome.writes, outcome.pinned) == ((), ())

    assert exceptions(version, fact) == []


@pytest.mark.parametrize(
    ("version", "keeps"),
    [
        ("legacy", True),
        ("v4", True),
        ("merged", False),
        ("errno-fix", False),
        ("no-fallback", True),
    ],
)
def test_errno_of_a_failed_pin(version: str, keeps: bool) -> None:
    """If no number was found, the errno of the pin is the result: not so in merged or its fix."""
    assert keeps == (exceptions(version, keeps_errno_of_pin) == [])


@pytest.mark.parametrize(
    ("version", "live"),
    [
        ("legacy", True),
        ("v4", False),
        ("merged", True),
        ("errno-fix", True),
        ("no-fallback", False),
    ],
)
def test_walk_over_a_mapped_raw_range(version: str, live: bool) -> None:
    """A mapped raw range that cannot be pinned gives all its numbers, where the walk lives."""
    runs = [
        (script, outcome)
        for script, outcome in sample(version)
        if script.frames_wanted and script.pin_result < 0 and raw_range_is_mapped(script)
    ]

    assert len(runs) > 20
    if live:
        assert all(outcome.ret == script.frames_wanted for script, outcome in runs)
    else:
        assert all(outcome.ret == script.pin_result for script, outcome in runs)
