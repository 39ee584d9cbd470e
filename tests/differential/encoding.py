"""A script as the state that a transition system starts in, and as the choices that it makes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from staleproof.kernel import address_space, page_table
from staleproof.kernel.contracts import follow_pfn, gup
from staleproof.kernel.frame_vector import vector
from staleproof.kernel.world import current, current_mm
from staleproof.lang.evaluate import FunctionValue, Table
from staleproof.lang.sorts import Unbounded, Value
from staleproof.lang.terms import Symbol

from .harness import (
    EFAULT,
    EHWPOISON,
    EINTR,
    EINVAL,
    ENOMEM,
    EOPNOTSUPP,
    FOLL_LONGTERM,
    PAGE_SIZE,
    POISON,
    SHOWN_SLOTS,
    VM_READ,
    VM_WRITE,
    VMEMMAP,
    Script,
    Vma,
    page_word,
)

TASK_SIZE: Final = (1 << 47) - PAGE_SIZE
END_OF_WORDS: Final = 1 << 64

SCRIPTED, ORDINARY, DAX = range(3)
"""The layouts: the VMAs of the script, and one VMA over all of user space, of two kinds."""
VEC, NO_VEC = range(2)
"""The vectors: the one there is, and what NULL points to."""
EVERYWHERE: Final = Vma(0, TASK_SIZE, VM_READ | VM_WRITE)


def universes(script: Script) -> dict[Unbounded, int]:
    """How many elements each sort has in the world of the script; the last VMA is NULL's."""
    return {
        address_space.LAYOUT: 3,
        address_space.VMA: _no_vma(script) + 1,
        page_table.INSTANT: 1 << 20,
        vector.VECTOR: 2,
    }


def _no_vma(script: Script) -> int:
    return max(len(script.vmas), 1)


@dataclass(frozen=True)
class Rule(FunctionValue):
    """A symbol whose meaning is a Python function."""

    function: Callable[..., Value]

    def at(self, arguments: tuple[Value, ...]) -> Value:
        return self.function(*arguments)

    def support(self) -> Iterator[tuple[Value, ...]]:
        return iter(())


def constant(value: Value) -> Table:
    """The meaning of a symbol that is the same everywhere."""
    return Table({}, value)


def kernel_of(script: Script) -> dict[Symbol, FunctionValue]:
    """What the script says of every symbol of the kernel.

    The k-th follow_pfn looks at instant k. A pin looks at any instant: what it finds is all that
    the script says, in a layout that fits its result.
    """
    return {**_address_space(script), **_page_tables(script), **_pin(script), **_vector(script)}


def _address_space(script: Script) -> dict[Symbol, FunctionValue]:
    of_script = dict(enumerate(script.vmas))
    dax = replace(EVERYWHERE, fsdax=True)
    return {
        **vmas_of((of_script, {0: EVERYWHERE}, {0: dax})),
        address_space.null_vma: constant(_no_vma(script)),
        address_space.task_size: constant(TASK_SIZE),
        address_space.tagged_addresses: constant(False),
        address_space.layout: constant(ORDINARY),
        address_space.mmap_lock: constant(0),
        current: constant(0xC0FFEE00),
        current_mm: constant(0xC0FFEE40),
    }


def vmas_of(layouts: Sequence[Mapping[int, Vma]]) -> dict[Symbol, FunctionValue]:
    """The VMAs of each layout, by number, as the symbols that tell of them."""

    def of_vma(read: Callable[[Vma], Value], otherwise: Value) -> Rule:
        def function(layout: int, number: int) -> Value:
            found = layouts[layout].get(number)
            return otherwise if found is None else read(found)

        return Rule(function)

    return {
        address_space.live: of_vma(lambda v: True, False),
        address_space.vm_start: of_vma(lambda v: v.start, POISON),
        address_space.vm_end: of_vma(lambda v: v.end, POISON),
        address_space.vm_flags: of_vma(lambda v: v.flags, POISON),
        address_space.fsdax: of_vma(lambda v: v.fsdax, False),
    }


def _page_tables(script: Script) -> dict[Symbol, FunctionValue]:
    invalid = frozenset(script.invalid_pfns)
    return {
        page_table.pte_present: Rule(lambda t, page: script.lookup(t) >= 0),
        page_table.pte_pfn: Rule(lambda t, page: max(script.lookup(t), 0)),
        page_table.pte_write: Rule(lambda t, page: t % 2 == 0),
        page_table.now: constant(0),
        page_table.vmemmap: constant(VMEMMAP),
        page_table.pfn_valid: Rule(lambda pfn: pfn not in invalid),
        page_table.in_cma: constant(False),
        page_table.in_fsdax: constant(False),
        follow_pfn.pfn_stored: constant(False),
        follow_pfn.pfn_failed: constant(False),
        follow_pfn.pfn_refused: constant(False),
        follow_pfn.pfn_partial: constant(False),
    }


def _pin(script: Script) -> dict[Symbol, FunctionValue]:
    refused = script.pin_result == -EOPNOTSUPP
    at_start = [
        number
        for number, vma in enumerate(script.vmas)
        if vma.start <= script.start < vma.end and not vma.raw and not vma.fsdax
    ]
    # Under a lock that is kept throughout, the first page is one of the caller's layout.
    in_script = bool(at_start) and not script.pin_drops_lock and not refused

    def layout(t: int, i: int) -> int:
        if i == 0 and in_script:
            return SCRIPTED
        return DAX if refused else ORDINARY

    def vma(t: int, i: int) -> int:
        return at_start[0] if i == 0 and in_script else 0

    def garbage(t: int, i: int) -> int:
        if script.pin_result < 0 and i < script.pin_leftovers:
            return page_word(script.pin_first_pfn + i)
        return POISON if i < SHOWN_SLOTS else 0

    return {
        gup.gup_layout: Rule(layout),
        gup.gup_vma: Rule(vma),
        gup.gup_pfn: Rule(lambda t, i: script.pin_first_pfn + i),
        gup.gup_garbage: Rule(garbage),
        gup.pin_called: constant(False),
        gup.pin_result: constant(0),
        gup.pin_wanted: constant(0),
        gup.migration_failed: constant(False),
    }


def _vector(script: Script) -> dict[Symbol, FunctionValue]:
    shown = min(script.nr_allocated, SHOWN_SLOTS)
    words = (*script.slots, *[POISON] * shown)[:shown]
    used = script.slots[: script.old_nr_frames]
    points = [(VEC, i) for i in range(len(used))]
    kind = "pfn" if script.old_is_pfns else "page"
    pfns = used if script.old_is_pfns else tuple((w - VMEMMAP) % END_OF_WORDS // 64 for w in used)
    return {
        vector.null_vector: constant(NO_VEC),
        vector.nr_allocated: Table({(VEC,): script.nr_allocated}, 0),
        vector.nr_frames: Table({(VEC,): script.old_nr_frames}, 0),
        vector.got_ref: Table({(VEC,): script.old_got_ref}, False),
        vector.is_pfns: Table({(VEC,): script.old_is_pfns}, False),
        vector.slot: Table({(VEC, i): word for i, word in enumerate(words)}, 0),
        vector.slot_kind: Table(dict.fromkeys(points, kind), "nothing"),
        vector.slot_address: constant(0),
        vector.slot_writable: constant(False),
        vector.pinned: Table(dict.fromkeys(points, script.old_got_ref), False),
        vector.pin_pfn: Table(dict(zip(points, pfns, strict=True)), 0),
    }


def lawful(script: Script, *, locked: bool) -> Script:
    """The script, changed where the contracts do not allow what it says.

    A pin gives 0 only of a range that wraps, so the range is moved there; an errno that no kernel
    gives becomes one that it does. The vector is empty before, and what is pinned has a struct
    page. `locked` tells which pin is called.
    """
    changes: dict[str, Any] = {"old_nr_frames": 0}
    changes["lookups"] = tuple(-EINVAL if found < 0 else found for found in script.lookups)
    possible = [EFAULT, ENOMEM, EINTR, EHWPOISON]
    if not locked:
        possible.append(EOPNOTSUPP)
    wanted = script.frames_wanted
    pages = range(script.pin_first_pfn, script.pin_first_pfn + wanted)
    changes["invalid_pfns"] = tuple(pfn for pfn in script.invalid_pfns if pfn not in pages)
    end = script.start // PAGE_SIZE * PAGE_SIZE + wanted * PAGE_SIZE
    if locked and script.gup_flags & FOLL_LONGTERM:
        changes |= {"pin_result": -EINVAL, "pin_drops_lock": False, "pin_leftovers": 0}
    elif end >= END_OF_WORDS:
        changes |= {"pin_result": 0, "pin_leftovers": 0}
    elif end > TASK_SIZE:
        changes |= {"pin_result": -EFAULT, "pin_leftovers": 0}
    elif script.pin_result == 0 and not locked and wanted:
        left = script.pin_first_pfn % wanted + 1
        changes["start"] = END_OF_WORDS - left * PAGE_SIZE + script.start % PAGE_SIZE
    elif script.pin_result <= 0 and -script.pin_result not in possible:
        changes["pin_result"] = -possible[-script.pin_result % len(possible)]
    return replace(script, **changes)
