"""A trace that uses everything a trace can hold."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from staleproof.errors import Place
from staleproof.lang.sorts import Value
from staleproof.trace.model import Column, State, Step, Trace

BIG = 0x7FFF_FFFF_F000

Tables: TypeAlias = Mapping[str, Mapping[tuple[Value, ...], Value]]

COLUMNS = (
    Column("nr_frames", (), "BitVec32", mutable=False, signed=False),
    Column("start", (), "BitVec64", mutable=False, signed=False),
    Column("ret", (), "BitVec32", mutable=True, signed=True),
    Column("lock", (), "Lock", mutable=True, signed=False),
    Column("vm_start", ("Vma",), "BitVec64", mutable=False, signed=False),
    Column("vm_io", ("Vma",), "Bool", mutable=False, signed=False),
    Column("pte", ("Vma", "BitVec64"), "Bool", mutable=True, signed=False),
    Column("rounds", (), "Int", mutable=True, signed=False),
)

START: Tables = {
    "nr_frames": {(): 8},
    "start": {(): BIG},
    "ret": {(): 0},
    "lock": {(): "free"},
    "vm_start": {(0,): BIG, (1,): 0x1000},
    "vm_io": {(0,): True, (1,): False},
    "pte": {(0, BIG): False},
    "rounds": {(): 0},
}

PINNED: Tables = {
    **START,
    "ret": {(): 0xFFFF_FFF2},
    "rounds": {(): -(2**70)},
}
LOCKED: Tables = {**PINNED, "lock": {(): "read"}, "pte": {(0, BIG): True}}


def trace(loops_to: int | None = None) -> Trace:
    """A pin that fails, then a page that is mapped."""
    return Trace(
        property="GVF-2",
        system="get_vaddr_frames",
        system_digest="0123456789abcdef",
        columns=COLUMNS,
        universes={"Vma": 2},
        states=(State("entry", START), State("line 70", PINNED), State("end", LOCKED)),
        steps=(
            Step(
                action="pin",
                params=(("result", "BitVec32", 0xFFFF_FFF2), ("v", "Vma", 0)),
                doc="The pin fails with an errno.",
                kernel="get_vaddr_frames",
                holds="",
                place=Place("v4.c", 70, 2, "\tret = pin_user_pages_fast(start, nr_frames);", 3),
                notes=(
                    "ret < nr_frames: ret = -14 converts to 4294967282, compared with 8: false",
                ),
            ),
            Step(
                action="install_pte",
                params=(),
                doc="Fill one PTE.",
                kernel="mm/memory.c: remap_pfn_range",
                holds="mmap_lock w",
                place=None,
                notes=(),
            ),
        ),
        violation=(("p", "BitVec64", BIG), ("v", "Vma", 0)),
        loops_to=loops_to,
    )
