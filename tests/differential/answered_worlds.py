"""Random worlds for C texts whose calls are all answered by their system."""

from __future__ import annotations

import functools
import random
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from staleproof.cfront.translate import FAILED
from staleproof.kernel import address_space, page_table
from staleproof.kernel.address_space import LAYOUT, VM_IO, VM_PFNMAP, VM_READ, VM_WRITE, VMA
from staleproof.kernel.contracts import gup
from staleproof.kernel.frame_vector import vector
from staleproof.kernel.frame_vector.vector import VECTOR
from staleproof.kernel.page_table import INSTANT
from staleproof.kernel.pte_users import contiguous
from staleproof.kernel.user_buffer import buffer
from staleproof.kernel.user_buffer.buffer import BUFFER
from staleproof.lang.evaluate import Evaluator, FunctionValue, Interpretation, Table
from staleproof.lang.sorts import BitVec, BoolSort, Enum, Sort, Unbounded, Value
from staleproof.lang.terms import Symbol, eq

from .encoding import TASK_SIZE, Rule, constant, vmas_of
from .harness import BASE, PAGE_SIZE, VMEMMAP, Vma, page_word
from .machine import Machine
from .running import start_of

NULL, FIRST, SECOND = range(3)
"""Of each sort of objects: what NULL points to, and two others."""
UNIVERSES: Final[Mapping[Unbounded, int]] = {
    LAYOUT: 4,
    VMA: 4,
    INSTANT: 6,
    VECTOR: 3,
    BUFFER: 2,
    **{model.sort: 2 for model in contiguous.STRUCTS.values()},
}
RECORDS: Final = (BUFFER, *(model.sort for model in contiguous.STRUCTS.values()))
OWN, LATER, WIDE, DAX = range(UNIVERSES[LAYOUT])
"""The layouts: two of some VMAs each, and two with one over all of user space, of two kinds."""
NUMBERS: Final = (0, 1, 2, 3, 8, 0xFFF, 0x1000, 0x1001, 1 << 31, -1, -14, -4096)
FEW: Final = (0, 1, 2, 3, 5)
COUNTS: Final = (*FEW, (1 << 32) - 14)
"""How many pages are asked for. For so many as the last there is no memory."""
ADDRESSES: Final = frozenset({"address", "addr", "vaddr", "start", "mmio_addr", "Videobuf.baddr"})
LENGTHS: Final = frozenset({"len", "length", "Videobuf.size"})
FEW_BITS: Final = frozenset({"write", "prot", "k", "pinned", "left"})
PFNS_OF_PCI: Final = 1 << 51
"""From there on physical addresses have the top bit, by which s390 knows its devices."""


def noise(*what: int) -> int:
    """A number that depends on nothing else."""
    return random.Random(hash(what)).getrandbits(64)


def layout(chance: random.Random) -> dict[int, Vma]:
    """Up to three VMAs, from BASE on, of all kinds."""
    found: dict[int, Vma] = {}
    address = BASE
    for number in range(FIRST, UNIVERSES[VMA]):
        address += PAGE_SIZE * chance.choice((0, 0, 0, 1, 3))
        end = address + PAGE_SIZE * chance.choice((1, 2, 4))
        raw = chance.choice((0, VM_IO, VM_PFNMAP, VM_PFNMAP, VM_IO | VM_PFNMAP))
        flags = raw | chance.choice((0, VM_READ, VM_WRITE, *[VM_READ | VM_WRITE] * 3))
        if chance.random() < 0.85:
            found[number] = Vma(address, end, flags, fsdax=not raw and chance.random() < 0.2)
        address = end
    return found


@dataclass(frozen=True)
class Aim:
    """A VMA, and an address that lies in it or not far away."""

    vma: int
    address: int


def aimed(chance: random.Random, layouts: Sequence[Mapping[int, Vma]], at: int) -> Aim:
    """Mostly a VMA of that layout, and an address in it."""
    live = list(layouts[at].items())
    if chance.random() < 0.15:
        end = chance.choice((TASK_SIZE, 1 << 64))
        return Aim(FIRST, end - PAGE_SIZE)
    if not live or chance.random() < 0.1:
        pages = chance.randrange(-1, 10)
        return Aim(chance.randrange(UNIVERSES[VMA]), BASE + PAGE_SIZE * pages)
    vma, found = chance.choice(live)
    pages = (min(found.end, BASE + 9 * PAGE_SIZE) - max(found.start, BASE)) // PAGE_SIZE
    page = max(found.start, BASE) // PAGE_SIZE + chance.randrange(max(pages, 1))
    inside = chance.choice((0, 0, 1, 8, 0x800, PAGE_SIZE - 1, chance.randrange(PAGE_SIZE)))
    return Aim(vma, page * PAGE_SIZE + inside)


def number(chance: random.Random, name: str, sort: Sort, aim: Aim | None = None) -> Value:
    """A value for what has that name."""
    if isinstance(sort, BoolSort):
        return chance.random() < 0.8
    if isinstance(sort, Unbounded):
        return aim.vma if aim and sort == VMA else chance.randrange(UNIVERSES[sort])
    if isinstance(sort, Enum):
        return chance.choice(sort.members)
    assert isinstance(sort, BitVec)
    if aim and name in ADDRESSES:
        value = aim.address
    elif name in FEW_BITS:
        value = chance.randrange(4)
    elif name in LENGTHS:
        few, some = chance.randrange(1, 64), chance.randrange(3 * PAGE_SIZE)
        value = chance.choice((*[few] * 5, some, chance.choice(NUMBERS)))
    else:
        value = chance.choice((*NUMBERS, chance.getrandbits(64)))
    return value % (1 << sort.width)


def address_space_of(layouts: Sequence[Mapping[int, Vma]], at: int) -> dict[Symbol, FunctionValue]:
    """The layouts, of which one is there."""
    return {
        **vmas_of(layouts),
        address_space.null_vma: constant(NULL),
        address_space.task_size: constant(TASK_SIZE),
        address_space.layout: constant(at),
    }


def page_tables_of(chance: random.Random) -> dict[Symbol, FunctionValue]:
    """PTEs that stay the same or change from one instant to the next."""
    seed = chance.getrandbits(32)
    changes = [chance.randrange(3) for _ in range(UNIVERSES[INSTANT])]
    first = PFNS_OF_PCI * chance.randrange(2)

    @functools.cache
    def entry(at: int, page: int) -> int:
        word = noise(seed, changes[at], page)
        flags = (word >> 32) & 0xFFE | (word % 3 != 0)
        in_a_row = word % 5 != 0
        frame = noise(seed, changes[at]) + page // PAGE_SIZE if in_a_row else word
        return (first + frame % (1 << 20)) << 12 | flags

    def present(pte: int) -> bool:
        return bool(pte & 1)

    def write(pte: int) -> bool:
        return bool(pte & 2)

    def frame(pte: int) -> int:
        return pte >> 12

    return {
        page_table.entry: Rule(entry),
        page_table.has_page: Rule(present),
        page_table.may_write: Rule(write),
        page_table.frame_of: Rule(frame),
        page_table.protection_of: Rule(lambda pte: pte & 0xFFF),
        page_table.pte_present: Rule(lambda at, page: present(entry(at, page))),
        page_table.pte_write: Rule(lambda at, page: write(entry(at, page))),
        page_table.pte_pfn: Rule(lambda at, page: frame(entry(at, page))),
        page_table.vmemmap: constant(VMEMMAP),
        page_table.pfn_valid: Rule(lambda pfn: noise(seed, pfn) % 4 != 0),
        page_table.in_cma: constant(False),
        page_table.in_fsdax: constant(False),
    }


def pins_of(chance: random.Random) -> dict[Symbol, FunctionValue]:
    """Pages that can be pinned at each instant, up to one that cannot."""
    until = [chance.choice((0, 0, 1, 2, 9, 9)) for _ in range(UNIVERSES[INSTANT])]
    behind = [chance.choice((OWN, DAX)) for _ in until]
    pfn = 8 * chance.getrandbits(30)
    return {
        gup.gup_layout: Rule(lambda at, i: WIDE if i < until[at] else behind[at]),
        gup.gup_vma: constant(FIRST),
        gup.gup_pfn: Rule(lambda at, i: pfn + i),
    }


def buffers_of(chance: random.Random, count: int, *, taken: bool) -> dict[Symbol, FunctionValue]:
    """Two arrays, the first with so many slots; `taken` if a get has filled it."""
    pfn, is_mapped = chance.getrandbits(30), taken and chance.random() < 0.5
    filled_slots = range(count if taken else 0)
    slots: dict[tuple[Value, ...], Value] = {(FIRST, i): pfn + i for i in filled_slots}
    words: dict[tuple[Value, ...], Value] = {
        (FIRST, i): page_word(pfn + i) % (1 << 64) for i in filled_slots
    }
    filled = {
        vector.nr_frames: constant(count),
        vector.got_ref: constant(True),
        vector.is_pfns: constant(chance.random() < 0.2),
        buffer.npages: constant(count),
    }
    return {
        **(filled if taken else {}),
        vector.null_vector: constant(NULL),
        vector.nr_allocated: Table({(FIRST,): count if count in FEW else 1}, 1),
        vector.pinned: Table(dict.fromkeys(slots, True), False),
        vector.slot: Table(words, 0x6B6B),
        vector.slot_kind: Table(dict.fromkeys(slots, "page"), "nothing"),
        vector.pin_pfn: Table(slots, 0),
        buffer.null_buffer: constant(NULL),
        buffer.slots: constant(FIRST if taken else NULL),
        buffer.is_mapped: constant(is_mapped),
        buffer.covered: constant(FIRST if taken else NULL),
        buffer.reachable: Table({(FIRST,): is_mapped}, False),
    }


def offers(chance: random.Random, name: str, sort: Sort) -> Value:
    """A value for what a call leaves open."""
    if name in FEW_BITS:
        return chance.randrange(4)
    if name == "error" and chance.random() < 0.5:
        return 0
    if sort == LAYOUT:
        return chance.choice((OWN, OWN, LATER, LATER, WIDE))
    if isinstance(sort, BitVec):
        few = chance.choice((0, *FEW))
        errno = -chance.choice((4, 12, 14, 22, 133, 4095))
        anywhere = chance.getrandbits(39) << 12
        return chance.choice((few, errno, anywhere)) % (1 << sort.width)
    return number(chance, name, sort)


def start(machine: Machine, chance: random.Random, *, taken: bool = False) -> Interpretation:
    """A world in which the function may be called."""
    for _ in range(500):
        found = _any_start(machine, chance, taken)
        here = Evaluator(found, {})
        if all(here.value(f) for f in machine.system.init):
            return found
    raise AssertionError(f"no start of {machine.system.name} was found")


def _any_start(machine: Machine, chance: random.Random, taken: bool) -> Interpretation:
    count = chance.choice(FEW if taken else COUNTS)
    seed = chance.getrandbits(32)
    own, wide = layout(chance), Vma(0, TASK_SIZE, VM_READ | VM_WRITE)
    later = own if chance.random() < 0.5 else layout(chance)
    layouts = (own, later, {FIRST: wide}, {FIRST: replace(wide, fsdax=True)})
    at = chance.choice((OWN, OWN, LATER, WIDE))
    aim = aimed(chance, layouts, at)
    local = frozenset(machine.translation.symbols)

    def given(name: str, symbol: Symbol) -> Value:
        if name == "npages":
            return count
        return FIRST if symbol.range in RECORDS else number(chance, name, symbol.range, aim)

    def otherwise(symbol: Symbol) -> FunctionValue:
        if symbol.domain:
            plain = isinstance(symbol.range, BitVec | BoolSort)
            if symbol.name in ADDRESSES | LENGTHS or not plain:
                return constant(number(chance, symbol.name, symbol.range, aim))
            code = zlib.crc32(symbol.name.encode())
            if isinstance(symbol.range, BitVec):
                width = symbol.range.width
                return Rule(lambda *at: noise(seed, code, *map(int, at)) % (1 << width))
            return Rule(lambda *at: noise(seed, code, *map(int, at)) % 2 == 0)
        if symbol.name.endswith(".NULL"):
            return constant(NULL)
        if symbol is FAILED or symbol.name.endswith(" is set"):
            return constant(False)
        if symbol in local or not symbol.mutable:
            return constant(number(chance, symbol.name, symbol.range))
        return constant(_nothing(symbol, machine))

    known = {
        **address_space_of(layouts, at),
        **page_tables_of(chance),
        **pins_of(chance),
        **buffers_of(chance, count, taken=taken),
    }
    return start_of(machine.symbols, machine.translation, UNIVERSES, known, given, otherwise)


@functools.cache
def _nothing(symbol: Symbol, machine: Machine) -> Value:
    """What the world begins with: nothing, but for what is said of it, a lock that is held."""
    init = machine.system.init
    if isinstance(symbol.range, BitVec):
        return int(any(f is eq(symbol(), 1) for f in init))
    if isinstance(symbol.range, Enum):
        return symbol.range.members[0]
    return any(f is symbol() for f in init) if isinstance(symbol.range, BoolSort) else NULL
