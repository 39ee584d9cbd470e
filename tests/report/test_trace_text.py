"""Traces as text show what changed, and all of it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from inline_snapshot import snapshot

from fakes.traces import BIG, trace
from staleproof.report.trace_text import TraceText, shown
from staleproof.trace.model import Column, State


def test_a_trace_reads_from_the_world_to_the_violation() -> None:
    """The start comes first, then per step what changed, then the violated property."""
    text = "\n".join(TraceText(trace(), 72).lines())

    assert text == snapshot("""\
At the start (2 Vmas):
  nr_frames = 8, start = 0x7ffffffff000, lock = free
  every other variable is 0, false or NULL
  Vma   vm_start        vm_io
  Vma0  0x7ffffffff000  true
  Vma1  4096            false
  Vma, number           pte
  Vma0, 0x7ffffffff000  false

1. v4.c:70: ret = pin_user_pages_fast(start, nr_frames);
   The pin fails with an errno.
   in get_vaddr_frames
   chosen: result = -14 (4294967282 unsigned), v = Vma0
   note: ret < nr_frames: ret = -14 converts to 4294967282, compared
         with 8: false
   * ret: 0 -> -14
   * rounds: 0 -> -1180591620717411303424
2. mm/memory.c: remap_pfn_range: install_pte
   Fill one PTE.
   holds mmap_lock w
   * lock: free -> read
   * pte[Vma0, 0x7ffffffff000]: false -> true

Now GVF-2 is violated, for p = 0x7ffffffff000, v = Vma0.\
""")


@pytest.mark.parametrize("width", [30, 40, 72, 100])
def test_no_line_is_longer_than_asked_for(width: int) -> None:
    """Whatever the width, lines fit; tables too wide for it become lists."""
    lines = TraceText(trace(), width).lines()

    assert max(map(len, lines)) <= width


@pytest.mark.parametrize("width", [30, 40, 72])
def test_nothing_is_lost_in_narrow_lines(width: int) -> None:
    """Every character of the widest layout is in the narrow ones."""
    wide = "".join("".join(TraceText(trace(), 400).steps()).split())
    narrow = "".join("".join(TraceText(trace(), width).steps()).split())

    assert wide == narrow


def test_what_does_not_change_is_not_repeated() -> None:
    """A symbol that a step leaves alone is not mentioned in that step."""
    steps = "\n".join(TraceText(trace(), 100).steps())

    assert "* nr_frames" not in steps
    assert "vm_start" not in steps


def test_an_endless_run_says_where_it_comes_back_to() -> None:
    """A lasso says where its loop begins, and that the run stays in it for ever."""
    lines = TraceText(trace(loops_to=1), 200).lines()

    before = lines.index("Here begins the loop that the run stays in:")
    assert lines[before + 1].startswith("2. ")
    assert lines[-1] == (
        "Now the state is again that after step 1: step 2 goes round for ever. Violated: GVF-2."
    )


def test_a_loop_from_the_start_is_the_whole_trace() -> None:
    """Then every step is one of the loop."""
    lines = TraceText(trace(loops_to=0), 200).lines()

    before = lines.index("Here begins the loop that the run stays in:")
    assert lines[before + 1].startswith("1. ")
    assert "again that at the start: steps 1 to 2 go round for ever" in lines[-1]


def test_a_trace_without_steps_says_so() -> None:
    """When the first state violates the property, that is said."""
    first = trace().states[0]
    still = replace(trace(), steps=(), states=(State(first.location, first.values),))

    assert "no step is needed" in TraceText(still, 100).steps()[0]


def test_null_is_called_null() -> None:
    """The element that a constant names NULL is shown as NULL, and has no row in the tables."""
    null = Column("vma.NULL", (), "Vma", mutable=False, signed=False)
    vma = Column("vma", (), "Vma", mutable=True, signed=False)
    states = tuple(
        State(s.location, {**s.values, "vma.NULL": {(): 1}, "vma": {(): element}})
        for s, element in zip(trace().states, (1, 0, 1), strict=True)
    )
    original = trace()
    with_null = replace(original, columns=(*original.columns, null, vma), states=states)

    world = "\n".join(TraceText(with_null, 100).world())
    steps = "\n".join(TraceText(with_null, 100).steps())

    assert "Vma1" not in world
    assert "vma" not in world.split("every other variable")[0].split("\n")[1]
    assert "* vma: NULL -> Vma0" in steps
    assert "* vma: Vma0 -> NULL" in steps


def test_only_what_is_nothing_is_left_out() -> None:
    """Of the variables, those that are 0, false or NULL at the start are told in one sentence."""
    world = "\n".join(TraceText(trace(), 100).world())

    assert "lock = free" in world
    assert "ret" not in world
    assert "every other variable is 0, false or NULL" in world


def test_a_statement_that_goes_on_is_marked() -> None:
    """A source line that is only the first of a statement ends in dots."""
    first = trace().steps[0]
    assert first.place is not None
    place = replace(first.place, file="mm/gup.c", source="\tret = pin(start,")
    cut = replace(trace(), steps=(replace(first, place=place), trace().steps[1]))

    lines = TraceText(cut, 100).steps()

    assert lines[:2] == ["gup.c is mm/gup.c", "1. gup.c:70: ret = pin(start, ..."]


def test_words_are_shown_as_their_sort_says() -> None:
    """Signed columns show negative numbers, choices both readings, addresses hexadecimal."""
    assert shown(0xFFFF_FFF2, "BitVec32", {}, signed=True) == "-14"
    assert shown(0xFFFF_FFF2, "BitVec32", {}, signed=False) == "4294967282"
    assert shown(0xFFFF_FFF2, "BitVec32", {}, signed=None) == "-14 (4294967282 unsigned)"
    assert shown(8, "BitVec32", {}, signed=None) == "8"
    assert shown(BIG, "BitVec64", {}) == "0x7ffffffff000"
    assert shown(1, "Vma", {"Vma": 2}) == "Vma1"
    assert shown(True, "Bool", {}) == "true"
    assert shown("free", "Lock", {}) == "free"
