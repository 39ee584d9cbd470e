"""The compiled versions against what the dossier says of them, cell by cell (A5.4).

The column `signed-count` is the prediction that a signed reading of v4 makes; it is measured on
a variant that is in no kernel.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from .harness import (
    BASE,
    EFAULT,
    EINTR,
    EINVAL,
    ENOMEM,
    EOPNOTSUPP,
    FOLL_FORCE,
    FOLL_LONGTERM,
    FOLL_WRITE,
    MAX_ERRNO,
    MAX_FRAMES,
    OPTIMISATIONS,
    PAGE_SIZE,
    POISON,
    VERSIONS,
    VM_IO,
    VM_PFNMAP,
    VM_READ,
    VM_WRITE,
    CompiledVersion,
    Script,
    Vma,
    compiled,
    page_word,
    sign_compare_lines,
)


def pages(first: int, count: int, flags: int, *, fsdax: bool = False) -> Vma:
    """A VMA of `count` pages, `first` pages behind BASE."""
    start = BASE + first * PAGE_SIZE
    return Vma(start, start + count * PAGE_SIZE, flags, fsdax=fsdax)


RAW = VM_IO | VM_PFNMAP
ORDINARY = VM_READ | VM_WRITE
UNTOUCHED = 5
"""The count of frames before the call, to see whether it is written."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A result, and the slots that the walk writes before it."""

    ret: int
    writes: tuple[int, ...] = ()


def up_to(low: int, high: int) -> tuple[int, ...]:
    """The indices from low to high, both included."""
    return tuple(range(low, high + 1))


EIGHT = Cell(8, up_to(0, 7))

TABLE: dict[str, tuple[Script, dict[str, Cell]]] = {
    "no-vma": (
        Script(pin_result=-EFAULT),
        {
            "v4": Cell(-EFAULT),
            "signed-count": Cell(-EFAULT),
            "merged": Cell(-EFAULT),
            "errno-fix": Cell(-EFAULT),
            "no-fallback": Cell(-EFAULT),
        },
    ),
    "raw-vma-of-8": (
        Script(pin_result=-EFAULT, vmas=(pages(0, 8, VM_IO),)),
        {
            "v4": Cell(-EFAULT),
            "signed-count": Cell(-6, up_to(-14, -7)),
            "merged": EIGHT,
            "errno-fix": EIGHT,
            "no-fallback": Cell(-EFAULT),
        },
    ),
    "pfnmap-vma-of-8": (
        Script(pin_result=-EFAULT, vmas=(pages(0, 8, VM_PFNMAP),)),
        {
            "v4": Cell(-EFAULT),
            "signed-count": Cell(-6, up_to(-14, -7)),
            "merged": EIGHT,
            "errno-fix": EIGHT,
            "no-fallback": Cell(-EFAULT),
        },
    ),
    "raw-vma-of-22": (
        Script(pin_result=-EFAULT, vmas=(pages(0, 22, VM_IO),)),
        {
            "v4": Cell(-EFAULT),
            "signed-count": Cell(8, up_to(-14, 7)),
            "merged": EIGHT,
            "errno-fix": EIGHT,
            "no-fallback": Cell(-EFAULT),
        },
    ),
    "two-raw-vmas-of-4": (
        Script(pin_result=-EFAULT, vmas=(pages(0, 4, VM_IO), pages(4, 4, VM_IO))),
        {
            "v4": Cell(-EFAULT),
            "signed-count": Cell(-6, up_to(-14, -7)),
            "merged": EIGHT,
            "errno-fix": EIGHT,
            "no-fallback": Cell(-EFAULT),
        },
    ),
    "raw-vma-of-4-then-ordinary": (
        Script(pin_result=-EFAULT, vmas=(pages(0, 4, VM_IO), pages(4, 4, ORDINARY))),
        {
            "v4": Cell(-EFAULT),
            "signed-count": Cell(-10, up_to(-14, -11)),
            "merged": Cell(4, up_to(0, 3)),
            "errno-fix": Cell(4, up_to(0, 3)),
            "no-fallback": Cell(-EFAULT),
        },
    ),
    "ordinary-out-of-memory": (
        Script(pin_result=-ENOMEM, vmas=(pages(0, 8, ORDINARY),)),
        {
            "v4": Cell(-ENOMEM),
            "signed-count": Cell(-ENOMEM),
            "merged": Cell(-EINVAL),
            "errno-fix": Cell(-ENOMEM),
            "no-fallback": Cell(-ENOMEM),
        },
    ),
    "fsdax": (
        Script(pin_result=-EOPNOTSUPP, vmas=(pages(0, 8, ORDINARY, fsdax=True),)),
        {
            "v4": Cell(-EOPNOTSUPP),
            "signed-count": Cell(-EOPNOTSUPP),
            "merged": Cell(-EINVAL),
            "errno-fix": Cell(-EOPNOTSUPP),
            "no-fallback": Cell(-EOPNOTSUPP),
        },
    ),
    "fatal-signal": (
        Script(pin_result=-EINTR, vmas=(pages(0, 8, ORDINARY),)),
        {
            "v4": Cell(-EINTR),
            "signed-count": Cell(-EINTR),
            "merged": Cell(-EINVAL),
            "errno-fix": Cell(-EINTR),
            "no-fallback": Cell(-EINTR),
        },
    ),
    "pin-returns-0-raw-vma": (
        Script(pin_result=0, vmas=(pages(0, 8, VM_IO),)),
        {
            "v4": EIGHT,
            "signed-count": EIGHT,
            "merged": EIGHT,
            "errno-fix": EIGHT,
            "no-fallback": Cell(-EFAULT),
        },
    ),
    "pin-returns-0-no-vma": (
        Script(pin_result=0),
        {
            "v4": Cell(-EFAULT),
            "signed-count": Cell(-EFAULT),
            "merged": Cell(-EFAULT),
            "errno-fix": Cell(-EFAULT),
            "no-fallback": Cell(-EFAULT),
        },
    ),
    "pin-partial": (
        Script(pin_result=3, vmas=(pages(0, 8, ORDINARY),)),
        {
            "v4": Cell(3),
            "signed-count": Cell(3),
            "merged": Cell(3),
            "errno-fix": Cell(3),
            "no-fallback": Cell(3),
        },
    ),
    "pin-full": (
        Script(pin_result=8, vmas=(pages(0, 8, ORDINARY),)),
        {
            "v4": Cell(8),
            "signed-count": Cell(8),
            "merged": Cell(8),
            "errno-fix": Cell(8),
            "no-fallback": Cell(8),
        },
    ),
}

CELLS = [
    pytest.param(case, version, id=f"{case}@{version}")
    for case, (_, cells) in TABLE.items()
    for version in cells
]

optimised = pytest.mark.parametrize("optimisation", OPTIMISATIONS)


@optimised
@pytest.mark.parametrize(("case", "version"), CELLS)
def test_cell(case: str, version: str, optimisation: str) -> None:
    """Result, written slots and count of frames are those of the table."""
    script, cells = TABLE[case]
    expected = cells[version]
    clears = version == "no-fallback"
    overwritten = -2 in expected.writes

    outcome = compiled(version, optimisation).run_one(replace(script, old_nr_frames=UNTOUCHED))

    assert outcome.ret == expected.ret
    assert outcome.write_indices == expected.writes
    if expected.ret > 0:
        assert outcome.nr_frames == expected.ret
    elif not overwritten:
        assert outcome.nr_frames == (0 if clears else UNTOUCHED)


@optimised
@pytest.mark.parametrize(("case", "version"), CELLS)
def test_every_cell_keeps_the_lock_balanced(case: str, version: str, optimisation: str) -> None:
    """Each run of the table ends without mmap_lock, and asks nothing of the kernel out of turn."""
    outcome = compiled(version, optimisation).run_one(TABLE[case][0])

    assert outcome.lock_depth == 0
    assert outcome.violations == ()


@pytest.mark.parametrize("case", [case for case in TABLE if TABLE[case][0].pin_result < 0])
def test_v4_asks_no_page_table_after_a_failed_pin(case: str) -> None:
    """v4 looks for the VMA once, calls follow_pfn never, and leaves the tags of the raw path."""
    outcome = compiled("v4").run_one(TABLE[case][0])

    assert len(outcome.called("find_vma_intersection")) == 1
    assert outcome.called("follow_pfn") == ()
    assert (outcome.got_ref, outcome.is_pfns) == (0, 1)


@optimised
@pytest.mark.parametrize("count", [1, 8, MAX_FRAMES], ids=["one", "eight", "largest-vector"])
def test_v4_walks_after_no_errno_at_all(count: int, optimisation: str) -> None:
    """For each errno there is, v4 returns that errno from a fully mapped raw VMA, unwritten."""
    vma = pages(0, 1 << 14, RAW)
    scripts = [
        Script(pin_result=-errno, nr_frames=count, nr_allocated=count, vmas=(vma,))
        for errno in range(1, MAX_ERRNO + 1)
    ]

    outcomes = compiled("v4", optimisation).run(scripts)

    assert [outcome.ret for outcome in outcomes] == [script.pin_result for script in scripts]
    assert not any(outcome.called("follow_pfn") for outcome in outcomes)


def test_signed_count_reports_a_page_that_is_not_the_first() -> None:
    """The signed variant counts up through 0 and puts page 14 of the range into slot 0."""
    script, _ = TABLE["raw-vma-of-22"]

    outcome = compiled("signed-count").run_one(script)

    assert outcome.slots == tuple(script.lookup(k) for k in range(14, 22))


def test_indices_just_before_the_array_are_the_header() -> None:
    """Index -2 overwrites both counts, index -1 both tags, and lower ones foreign memory."""
    found = (*range(12), (5 << 32) | 1000, 0x0201)
    script = Script(pin_result=-14, vmas=(pages(0, 14, RAW),), lookups=found)

    outcome = compiled("signed-count").run_one(script)

    assert (
        outcome.nr_allocated,
        outcome.nr_frames,
        outcome.got_ref,
        outcome.is_pfns,
    ) == (1000, 5, 0x01, 0x02)
    # Slot -14 holds a stored 0, which looks like untouched memory.
    assert outcome.stray == up_to(-13, -3)


def test_a_long_counter_would_make_v4_write_in_front_of_the_array(tmp_path: Path) -> None:
    """With `long ret` the comparison in v4 is signed, and the signed prediction comes true."""
    v4 = VERSIONS["v4"].read_text()
    assert v4.count("\tint ret = 0;") == 1
    variant = tmp_path / "long_counter.c"
    variant.write_text(v4.replace("\tint ret = 0;", "\tlong ret = 0;"))
    script, cells = TABLE["raw-vma-of-8"]

    outcome = CompiledVersion(variant).run_one(script)

    assert outcome.ret == cells["signed-count"].ret
    assert outcome.write_indices == cells["signed-count"].writes


def test_the_compiler_sees_the_mixed_comparison() -> None:
    """-Wsign-compare names the two comparisons of the counter in v4, and none in the variant."""

    def of_the_counter(version: str) -> list[str]:
        text = VERSIONS[version].read_text().splitlines()
        lines = [text[number - 1] for number in sign_compare_lines(VERSIONS[version])]
        return [line.strip() for line in lines if "ret < nr_frames" in line]

    assert of_the_counter("v4") == [
        "while (ret < nr_frames && start + PAGE_SIZE <= vma->vm_end) {",
        "} while (ret < nr_frames);",
    ]
    assert of_the_counter("signed-count") == []


@pytest.mark.parametrize("version", ["v4", "merged", "errno-fix", "no-fallback"])
def test_pin_is_long_term_and_never_the_flags_of_the_caller(version: str) -> None:
    """From v4 on every pin is FOLL_FORCE, FOLL_WRITE and FOLL_LONGTERM, without mmap_lock."""
    outcome = compiled(version).run_one(Script(pin_result=8, gup_flags=0))

    (pin,) = outcome.called("pin_user_pages_fast")
    assert pin.arguments == (BASE, 8, FOLL_FORCE | FOLL_WRITE | FOLL_LONGTERM)
    assert outcome.called("mmap_read_lock") == ()


@pytest.mark.parametrize("version", ["v4", "merged", "errno-fix", "no-fallback"])
def test_partial_pin_is_the_vector(version: str) -> None:
    """A pin of 3 out of 8 gives a vector of exactly those 3 pages, tagged as pinned."""
    outcome = compiled(version).run_one(Script(pin_result=3, pin_first_pfn=0x40))

    assert (outcome.nr_frames, outcome.got_ref, outcome.is_pfns) == (3, 1, 0)
    assert outcome.slots == tuple(page_word(0x40 + i) for i in range(3)) + (POISON,) * 5
    assert sorted(outcome.pinned) == sorted(outcome.slots[:3])


@pytest.mark.parametrize("version", VERSIONS)
def test_no_frames_wanted_is_0_and_touches_nothing(version: str) -> None:
    """A count of 0 returns 0 before anything else, the one result that is 0."""
    outcome = compiled(version).run_one(Script(nr_frames=0))

    assert outcome.ret == 0
    assert outcome.calls == ()


@pytest.mark.parametrize("version", VERSIONS)
def test_count_is_clamped_to_the_vector(version: str) -> None:
    """More frames than the vector holds is a warning, and the pin is asked for what fits."""
    vma = pages(0, 9, ORDINARY)
    outcome = compiled(version).run_one(Script(nr_frames=9, pin_result=8, vmas=(vma,)))

    (pin,) = [call for call in outcome.calls if call.function.startswith("pin_user_pages")]
    assert pin.arguments[1] == 8
    assert outcome.warnings == ("WARN_ON_ONCE: nr_frames > vec->nr_allocated",)


@pytest.mark.parametrize("pin_result", [-EFAULT, 0, 8])
def test_no_fallback_warns_unless_something_was_pinned(pin_result: int) -> None:
    """Without the raw walk, whatever is not pinned is reported and leaves an empty vector."""
    outcome = compiled("no-fallback").run_one(Script(pin_result=pin_result, vmas=()))

    assert (pin_result <= 0) == any(text.startswith("WARN_ONCE") for text in outcome.warnings)
    assert outcome.nr_frames == max(pin_result, 0)
    assert (outcome.got_ref, outcome.is_pfns) == (1, 0)


@pytest.mark.parametrize("found", [-EINVAL, -EFAULT], ids=["EINVAL", "EFAULT"])
def test_errno_fix_keeps_the_pin_error_only_over_einval(found: int) -> None:
    """The saved errno replaces -EINVAL of the first lookup, and no other error."""
    script = Script(pin_result=-ENOMEM, vmas=(pages(0, 8, RAW),), lookups=(found,))

    outcome = compiled("errno-fix").run_one(script)

    assert outcome.ret == (-ENOMEM if found == -EINVAL else found)


class TestLegacy:
    """The steps of the version before the series (A5.2)."""

    @optimised
    @pytest.mark.parametrize("drops", [False, True], ids=["keeps-lock", "drops-lock"])
    def test_pin_may_drop_the_lock(self, drops: bool, optimisation: str) -> None:
        """Whether or not the pin drops mmap_lock, it is released once, with the caller's flags."""
        script = Script(
            pin_result=8, pin_drops_lock=drops, gup_flags=FOLL_WRITE, vmas=(pages(0, 8, ORDINARY),)
        )

        outcome = compiled("legacy", optimisation).run_one(script)

        assert outcome.ret == 8
        (pin,) = outcome.called("pin_user_pages_locked")
        assert pin.arguments == (BASE, 8, FOLL_WRITE)
        assert len(outcome.called("mmap_read_unlock")) == (0 if drops else 1)
        assert outcome.lock_depth == 0
        assert outcome.violations == ()

    @pytest.mark.parametrize(
        ("vmas", "ret"),
        [
            pytest.param((), -EFAULT, id="no-vma"),
            pytest.param((pages(0, 8, ORDINARY, fsdax=True),), -EOPNOTSUPP, id="fsdax-first"),
            pytest.param((pages(0, 8, RAW),), 8, id="raw"),
            pytest.param((pages(0, 4, RAW), pages(4, 4, RAW)), 8, id="raw-then-raw"),
            pytest.param((pages(0, 4, RAW), pages(4, 4, ORDINARY)), 4, id="raw-then-ordinary"),
            pytest.param((pages(0, 4, RAW), pages(5, 4, RAW)), 4, id="raw-then-hole"),
        ],
    )
    def test_result_without_a_pin(self, vmas: tuple[Vma, ...], ret: int) -> None:
        """The first VMA alone decides the path, and the walk ends where raw VMAs end."""
        outcome = compiled("legacy").run_one(Script(vmas=vmas))

        assert outcome.ret == ret
        assert outcome.called("pin_user_pages_locked") == ()
        assert outcome.write_indices == up_to(0, ret - 1)

    def test_fsdax_behind_an_ordinary_vma_is_pinned(self) -> None:
        """An fsdax VMA that is not the first is never asked about, so its pages get pinned."""
        vmas = (pages(0, 4, ORDINARY), pages(4, 4, ORDINARY, fsdax=True))

        outcome = compiled("legacy").run_one(Script(pin_result=8, vmas=vmas))

        assert outcome.ret == 8
        assert len(outcome.called("vma_is_fsdax")) == 1


@pytest.mark.parametrize("version", ["legacy", "merged", "errno-fix"])
@pytest.mark.parametrize("offset", [1, PAGE_SIZE - 1], ids=["one-byte-in", "last-byte"])
def test_unaligned_start_loses_the_tail_page(version: str, offset: int) -> None:
    """From an unaligned start the walk stops at the page that its VMA does not fully cover."""
    script = Script(start=BASE + offset, vmas=(pages(0, 4, RAW), pages(4, 8, RAW)))

    outcome = compiled(version).run_one(script)

    assert outcome.ret == 3
    assert outcome.write_indices == up_to(0, 2)
