"""The memory that a C text and its system have in common: the objects that are modelled."""

from __future__ import annotations

import ctypes
import functools
from collections.abc import Callable, Container, Mapping, Sequence
from typing import Any, Final

from staleproof.kernel import address_space
from staleproof.kernel.address_space import VMA, vm_mm
from staleproof.kernel.frame_vector import vector
from staleproof.kernel.frame_vector.vector import VECTOR
from staleproof.kernel.pte_users import contiguous
from staleproof.kernel.user_buffer import buffer
from staleproof.kernel.user_buffer.buffer import BUFFER
from staleproof.lang.evaluate import Interpretation
from staleproof.lang.sorts import BitVec, Sort, Unbounded, Value
from staleproof.lang.terms import Symbol

from .answered_worlds import FIRST, NULL, UNIVERSES
from .harness import POISON

SHOWN_SLOTS: Final = 6
"""How many slots of an array are there in memory: more than are ever asked for and then used."""
Memory = Mapping[str, tuple[int, ...]]


def _struct(name: str, **fields: Any) -> type[ctypes.Structure]:
    return type(name, (ctypes.Structure,), {"_fields_": list(fields.items())})


U32, U64, BYTE = ctypes.c_uint32, ctypes.c_uint64, ctypes.c_uint8
STRUCTS: Final[Mapping[Unbounded, type[ctypes.Structure]]] = {
    VMA: _struct("vm_area_struct", start=U64, end=U64, flags=U64, mm=U64),
    VECTOR: _struct(
        "frame_vector",
        allocated=U32,
        frames=U32,
        ref=BYTE,
        pfns=BYTE,
        **{f"slot{i}": U64 for i in range(SHOWN_SLOTS)},
    ),
    BUFFER: _struct("user_buffer", npages=U32, array=U64, table=U64, mapped=BYTE),
    **{m.sort: _struct(tag, first=U64, second=U64) for tag, m in contiguous.STRUCTS.items()},
}
"""What the objects of a sort are in memory, laid out as the texts and the stubs do it."""
SLOTS: Final = STRUCTS[VECTOR].slot0.offset


class Objects:
    """The objects of some sorts, and the variables that a function is given pointers to."""

    def __init__(self, sorts: Container[Unbounded], cells: Sequence[Symbol]) -> None:
        self._made = {
            (sort, element): struct()
            for sort, struct in STRUCTS.items()
            if sort in sorts
            for element in range(FIRST, UNIVERSES[sort])
        }
        self.cells = {cell: U64() for cell in cells}

    def address(self, sort: Sort, element: Value) -> int:
        """Where an object is."""
        if element == NULL:
            return 0
        assert isinstance(sort, Unbounded)
        assert isinstance(element, int)
        return ctypes.addressof(self._made[sort, element])

    def slot(self, array: Value, index: int = 0) -> int:
        """Where a slot is."""
        return self.address(VECTOR, array) + SLOTS + 8 * index if array != NULL else 0

    def now(self) -> Memory:
        """What is there."""
        found = {
            f"{sort.name} {element}": tuple(getattr(made, name) for name, *_ in made._fields_)
            for (sort, element), made in self._made.items()
        }
        return {**found, **{s.name: (cell.value,) for s, cell in self.cells.items()}}

    def become(self, memory: Memory) -> None:
        """Let it be there."""
        for (sort, element), made in self._made.items():
            for (name, *_), value in zip(
                made._fields_, memory[f"{sort.name} {element}"], strict=True
            ):
                setattr(made, name, value)
        for symbol, cell in self.cells.items():
            (cell.value,) = memory[symbol.name]

    def in_state(self, state: Interpretation, *, vectors: bool) -> Memory:
        """What is there in a state of the system; what it does not speak of is POISON.

        With `vectors` the record of a user buffer has a frame vector, and else a bare array.
        """

        def read(symbol: Symbol, *at: Value) -> int:
            return int(state.value(symbol, *at)) if symbol in state.functions else POISON

        def vma(v: int) -> tuple[int, ...]:
            at = read(address_space.layout)
            if not read(address_space.live, at, v):
                return (POISON, POISON, POISON, POISON)
            bounds = (address_space.vm_start, address_space.vm_end, address_space.vm_flags)
            return (*(read(symbol, at, v) for symbol in bounds), read(vm_mm))

        def array(v: int) -> tuple[int, ...]:
            fields = (vector.nr_allocated, vector.nr_frames, vector.got_ref, vector.is_pfns)
            return (
                *(read(symbol, v) for symbol in fields),
                *(read(vector.slot, v, i) for i in range(SHOWN_SLOTS)),
            )

        def user_buffer(b: int) -> tuple[int, ...]:
            pages = read(buffer.slots, b)
            if pages != POISON:
                pages = self.address(VECTOR, pages) if vectors else self.slot(pages)
            fields = (buffer.npages, buffer.table, buffer.is_mapped)
            count, table, mapped = (read(symbol, b) for symbol in fields)
            return count, pages, table, mapped

        contents: dict[Unbounded, Callable[[int], tuple[int, ...]]] = {
            VMA: vma,
            VECTOR: array,
            BUFFER: user_buffer,
        }
        for sort in (model.sort for model in contiguous.STRUCTS.values()):
            contents[sort] = functools.partial(_record, state, sort)
        found = {}
        for (sort, element), made in self._made.items():
            types = [type_ for _, type_, *_ in made._fields_]
            values = contents[sort](element)
            words: list[Any] = [t(value) for t, value in zip(types, values, strict=True)]
            found[f"{sort.name} {element}"] = tuple(word.value for word in words)
        return {**found, **{cell.name: (read(cell),) for cell in self.cells}}


def _record(state: Interpretation, sort: Unbounded, element: int) -> tuple[int, ...]:
    """The two fields of a record of videobuf1, in their order."""
    model = next(m for m in contiguous.STRUCTS.values() if m.sort == sort)
    names = ("size", "dma_handle") if sort.name == "ContigMemory" else ("baddr", "size")
    symbols = (Symbol(f"{model.sort.name}.{name}", (sort,), BitVec(64)) for name in names)
    return tuple(int(state.value(s, element)) if s in state.functions else POISON for s in symbols)
