"""The systems about device memory do what their C texts do when gcc compiles them.

Each function is run on random worlds, many of them at the edges of pages and of the addresses, by
the compiled text and by the system that claims are decided on.
"""

from __future__ import annotations

import ctypes
import random
import shutil

import pytest

from staleproof.kernel.contracts import devmem, pci, resource_tree, zap
from staleproof.kernel.iomem import mapping, resource, rows
from staleproof.kernel.iomem.questions import Version
from staleproof.kernel.iomem.resource import BUSY, CHANGING, EXCLUSIVE, SETTLED
from staleproof.kernel.iomem.versions import LEGACY
from staleproof.kernel.iomem.world import devmem_inode, iomem_inode
from staleproof.lang.evaluate import FunctionValue, Table
from staleproof.lang.sorts import Value
from staleproof.lang.terms import Symbol
from staleproof.series.p13_iomem_revoke.versions import REVOKES_IOMEM

from .iomem_library import Kernel, Node, Resource, Vma
from .iomem_player import FIRST, IOMEM, IOPORT, NULL, Played

pytestmark = pytest.mark.skipif(
    shutil.which("gcc") is None, reason="gcc is not installed, so there is nothing to compare with"
)

SEED = 0x10E3
PAGE = 4096
WORDS = 1 << 64
MUXED = 0x400000
EPERM, EINVAL, EAGAIN = 1, 22, 11
Functions = dict[Symbol, FunctionValue]

compiled = pytest.mark.parametrize("optimisation", ["-O0", "-O2"])
each_version = pytest.mark.parametrize("version", [LEGACY, REVOKES_IOMEM], ids=["legacy", "later"])


def constant(value: Value) -> Table:
    """A symbol that is the same everywhere."""
    return Table({}, value)


def edge(chance: random.Random, most: int = WORDS) -> int:
    """A number near a border: of pages, of the first MiB, of 52 bits, or of the words."""
    border = chance.choice((0, PAGE, 3 * PAGE, 1 << 20, 1 << 32, 1 << 52, 1 << 63, WORDS))
    return (border + chance.choice((-2, -1, 0, 1, 2, 0x800, -0x800, PAGE, -PAGE))) % most


# iomem_is_exclusive


def tree(chance: random.Random, start: int, end: int, depth: int) -> list[Node]:
    """Resources inside a range, in order and apart, some with others inside."""
    nodes: list[Node] = []
    at = start + chance.choice((0, 0, 1, PAGE // 2, PAGE))
    while at <= end and len(nodes) < 3:
        last = min(end, at + chance.choice((0, 1, PAGE - 1, PAGE, 3 * PAGE)))
        flags = chance.choice((0, BUSY)) | chance.choice((0, EXCLUSIVE))
        below = tree(chance, at, last, depth - 1) if depth and chance.random() < 0.6 else []
        nodes.append(Node(at, last, flags, below))
        at = last + 1 + chance.choice((0, 1, PAGE // 2, 2 * PAGE))
    return nodes


@compiled
def test_exclusive(optimisation: str) -> None:
    """On every tree and address the answers are the same, and resource_lock is free after."""
    chance, kernel = random.Random(SEED), Kernel(optimisation)
    answers = set()
    for _ in range(500):
        base = chance.choice((0, 0x800, 1 << 20, (1 << 52) - 2 * PAGE, WORDS - 4 * PAGE))
        nodes = tree(chance, base, min(base + 40 * PAGE, WORDS - 1), 2)
        flat = [n for node in nodes for n in node.walk()]
        near = chance.choice([n.start for n in flat] + [n.end for n in flat] or [base])
        addr = (near + chance.choice((0, 1, -1, PAGE, -PAGE, 0x7FF))) % WORDS
        if chance.random() < 0.1:
            addr = WORDS - 1 - chance.randrange(PAGE)
        strict, option = int(chance.random() < 0.9), chance.random() < 0.5
        kernel.set(CONFIG_IO_STRICT_DEVMEM=int(option))
        kernel.library.begin(strict, 1)
        kernel.plant(nodes)
        found = kernel.library.iomem_is_exclusive(ctypes.c_uint64(addr))

        numbered = list(enumerate(flat, FIRST))
        functions: Functions = {
            resource.iomem_resource: constant(IOMEM),
            resource.ioport_resource: constant(IOPORT),
            resource.strict_iomem_checks: constant(strict),
            resource.io_strict_devmem: constant(option),
            resource.in_tree: Table({(i,): True for i, _ in numbered}, False),
            resource.place: Table({(i,): i for i, _ in numbered}, 0),
            SETTLED.start: Table({(i,): n.start for i, n in numbered}, 0),
            SETTLED.end: Table({(i,): n.end for i, n in numbered}, 0),
            SETTLED.flags: Table({(i,): n.flags for i, n in numbered}, 0),
        }
        played = Played(rows.EXCLUSIVE, LEGACY, {"addr": addr}, functions, FIRST + len(flat))
        played.demand_lawful()
        played.run({})

        assert played.returned
        assert played.result == found
        assert kernel.get("violations") == 0
        assert (kernel.lock.readers, kernel.lock.writers) == (0, 0)
        answers.add(found)
    assert answers == {True, False}


# devmem_is_allowed and range_is_allowed


def policy(chance: random.Random, first: int) -> tuple[Node, tuple[int, int], int, bool]:
    """A claim and RAM near a page, whether checks are strict, and CONFIG_IO_STRICT_DEVMEM."""
    start = max(first + chance.randrange(-4, 4), 0) * PAGE + chance.choice((0, 0x800))
    node = Node(start, start + chance.choice((0, PAGE - 1, 3 * PAGE)), BUSY)
    ram = max(first + chance.randrange(-6, 6), 0)
    return node, (ram, ram + chance.randrange(3)), int(chance.random() < 0.8), chance.random() < 0.7


def allowing(
    node: Node, ram: tuple[int, int], strict: int, option: bool, pages: range
) -> Functions:
    """The same policy, as the contracts see it."""
    touched = range(node.start // PAGE, node.end // PAGE + 1)
    keeps_out = bool(node.flags & BUSY) and (option or bool(node.flags & EXCLUSIVE))
    return {
        resource.strict_iomem_checks: constant(strict),
        resource.io_strict_devmem: constant(option),
        devmem.qualified: Table({(p,): keeps_out and p in touched for p in pages}, False),
        devmem.ram: Table({(p,): ram[0] <= p <= ram[1] for p in pages}, False),
    }


def set_policy(kernel: Kernel, node: Node, ram: tuple[int, int], strict: int, option: bool) -> None:
    """The policy in the compiled world, its claim in the tree."""
    kernel.set(CONFIG_IO_STRICT_DEVMEM=int(option), ram_first=ram[0], ram_last=ram[1])
    kernel.library.begin(strict, 1)
    kernel.plant([node])


@compiled
@pytest.mark.parametrize(
    ("asked", "function"),
    [
        pytest.param(rows.ALLOWED_X86, "devmem_is_allowed", id="x86"),
        pytest.param(rows.ALLOWED_GENERIC, "generic_devmem_is_allowed", id="generic"),
    ],
)
def test_allowed(optimisation: str, asked: rows.Asked, function: str) -> None:
    """0, 1 or 2 of a page; the compiled one walks a real tree, the system asks by contract."""
    chance, kernel = random.Random(SEED), Kernel(optimisation)
    answers = set()
    for _ in range(400):
        pfn = chance.choice((0, 4, 250, 254, 255, 256, 257, 300, 1 << 30)) + chance.randrange(3)
        node, ram, strict, option = policy(chance, pfn)
        set_policy(kernel, node, ram, strict, option)
        found = getattr(kernel.library, function)(ctypes.c_ulong(pfn))
        functions = allowing(node, ram, strict, option, range(pfn, pfn + 1))
        played = Played(asked, LEGACY, {"pfn": pfn}, functions).run({"mixed": False})

        assert played.returned
        assert played.result == found
        assert kernel.get("violations") == 0
        answers.add(found)
    assert {0, 1} <= answers


@compiled
def test_range(optimisation: str) -> None:
    """Ranges of some pages: near the policy, around 1 MiB, and up to the end of the addresses."""
    chance, kernel = random.Random(SEED), Kernel(optimisation)
    answers = set()
    for _ in range(400):
        pfn = chance.choice((0, 3, 252, 256, 1000, (1 << 52) - 8)) + chance.randrange(3)
        size = chance.randrange(6) * PAGE + chance.choice((0, 0, 1, PAGE - 1))
        if chance.random() < 0.1:
            pfn, size = (1 << 52) - 2, 2 * PAGE
        if (pfn * PAGE + size) % WORDS > WORDS - PAGE:
            # There the loop has no end.
            continue
        node, ram, strict, option = policy(chance, min(pfn + 2, (1 << 52) - 12))
        wanted = int(chance.random() < 0.9)
        kernel.set(CONFIG_STRICT_DEVMEM=wanted)
        set_policy(kernel, node, ram, strict, option)
        found = kernel.library.range_is_allowed(ctypes.c_ulong(pfn), ctypes.c_ulong(size))
        functions = allowing(node, ram, strict, option, range(pfn, pfn + 8))
        functions[resource.strict_devmem] = constant(bool(wanted))
        played = Played(rows.RANGE, LEGACY, {"pfn": pfn, "size": size}, functions).run({})

        assert played.returned
        assert played.result == found
        answers.add(found)
    assert answers == {0, 1}


# Mappings


VMA = 1


def new_vma(chance: random.Random) -> Vma:
    """A VMA as do_mmap() makes it."""
    start = chance.randrange(1 << 20) * PAGE
    pages = chance.choice((1, 2, 3, 8))
    pgoff = chance.choice((edge(chance), chance.randrange(16), edge(chance) // PAGE))
    pgoff = min(pgoff, WORDS - 1 - pages)
    return Vma(start, start + pages * PAGE, pgoff, 0)


def seen(vma: Vma, watched: int) -> Functions:
    """The same VMA in the system."""
    return {
        mapping.null_vma: constant(0),
        mapping.vm_start: Table({(VMA,): vma.vm_start}, 0),
        mapping.vm_end: Table({(VMA,): vma.vm_end}, PAGE),
        mapping.vm_pgoff: Table({(VMA,): vma.vm_pgoff}, 0),
        mapping.pgoff_at_call: Table({(VMA,): vma.vm_pgoff}, 0),
        mapping.watched_address: constant(watched),
    }


def same_mapping(played: Played, kernel: Kernel, vma: Vma, watched: int) -> None:
    """vm_pgoff and what the watched page maps are the same."""
    assert played.value(mapping.vm_pgoff, VMA) == vma.vm_pgoff
    offset = (watched - kernel.get("remap_addr")) % WORDS
    there = offset < kernel.get("remap_size")
    assert played.value(mapping.present) == there
    if there:
        leads = (kernel.get("remap_pfn") + offset // PAGE) % WORDS
        assert played.value(mapping.mapped_pfn) == leads


@compiled
def test_mmap_mem(optimisation: str) -> None:
    """Every errno of the mmap of /dev/mem, and its mapping."""
    chance, kernel = random.Random(SEED), Kernel(optimisation)
    answers = set()
    for _ in range(400):
        vma = new_vma(chance)
        watched = vma.vm_start + chance.randrange(-1, 9) * PAGE
        if watched < 0:
            continue
        valid, fails = chance.random() < 0.9, chance.random() < 0.2
        node, ram, strict, option = policy(chance, min(vma.vm_pgoff, 1 << 40))
        kernel.set(CONFIG_STRICT_DEVMEM=1, range_valid=int(valid))
        kernel.set(remap_error=-EINVAL if fails else 0)
        set_policy(kernel, node, ram, strict, option)
        functions = seen(vma, watched)
        size, pgoff = vma.vm_end - vma.vm_start, vma.vm_pgoff
        last = (pgoff * PAGE + size - 1) % WORDS
        allowed = False
        if last < 1 << 52 and pgoff < 1 << 52:
            asked = ctypes.c_ulong(pgoff), ctypes.c_ulong(size)
            allowed = bool(kernel.library.range_is_allowed(*asked))
        found = kernel.library.mmap_mem(None, ctypes.byref(vma))
        played = Played(rows.MMAP_MEM, LEGACY, {"vma": VMA, "file": 0}, functions)
        played.demand_lawful()
        played.run(
            {"valid": valid and last < 1 << 52, "allowed": allowed, "error": -EINVAL % (1 << 32)},
            ["maps all"] if fails else ["fails"],
        )

        assert played.returned
        assert played.result == found % (1 << 32)
        same_mapping(played, kernel, vma, watched)
        answers.add(found)
    assert answers == {0, -EINVAL, -EPERM, -EAGAIN}


def a_bar(chance: random.Random) -> Resource:
    """A BAR: absent, of less than a page, of pages, or at the end of the addresses."""
    start = chance.choice((0, PAGE, 0x1800, 1 << 20, 1 << 40, edge(chance)))
    length = chance.choice((1, 0x80, PAGE, 4 * PAGE, 1 << 28))
    bar = Resource(start, min(start + length - 1, WORDS - 1))
    return Resource(0, 0) if chance.random() < 0.1 else bar


def of_bar(bar: Resource, user: int) -> Functions:
    """The same BAR in the system."""
    return {
        pci.bar_resource: constant(FIRST),
        SETTLED.start: Table({(FIRST,): bar.start}, 0),
        SETTLED.end: Table({(FIRST,): bar.end}, 0),
        pci.user_start: Table({(FIRST,): user}, 0),
        pci.user_end: Table({(FIRST,): (user + bar.end - bar.start) % WORDS}, 0),
        resource.iomem_resource: constant(IOMEM),
        resource.ioport_resource: constant(IOPORT),
    }


@compiled
@pytest.mark.parametrize(
    ("asked", "function", "numbers"),
    [
        pytest.param(rows.PCI_FITS, "pci_mmap_fits", ("mmap_api",), id="fits"),
        pytest.param(rows.PCI_SYSFS, "pci_mmap_resource_range", ("mmap_state", "wc"), id="sysfs"),
        pytest.param(rows.PCI_PROCFS, "pci_mmap_page_range", ("mmap_state", "wc"), id="procfs"),
    ],
)
def test_pci(optimisation: str, asked: rows.Asked, function: str, numbers: tuple[str, ...]) -> None:
    """BARs of all kinds, offsets in front of them, inside and beyond."""
    chance, kernel = random.Random(SEED), Kernel(optimisation)
    answers = set()
    for _ in range(500):
        bar = a_bar(chance)
        user = chance.choice((bar.start, bar.start, edge(chance)))
        vma = new_vma(chance)
        if chance.random() < 0.5:
            vma.vm_pgoff = (bar.start // PAGE + chance.randrange(-2, 6)) % (1 << 60)
        watched = vma.vm_start + chance.randrange(9) * PAGE
        first, fails, no_window = chance.randrange(2), chance.random() < 0.1, chance.random() < 0.5
        kernel.library.begin(1, 1)
        ctypes.memmove(ctypes.addressof(kernel.resource("bar")), ctypes.addressof(bar), 16)
        kernel.set(user_start=user, iobar_pfn=77, iobar_error=-EINVAL if no_window else 0)
        kernel.set(remap_error=-EINVAL if fails else 0)
        functions = {**seen(vma, watched), **of_bar(bar, user)}
        call = getattr(kernel.library, function)
        found = call(None, 0, ctypes.byref(vma), *([first] + [0] * (len(numbers) - 1)))
        given: dict[str, Value] = {"vma": VMA, numbers[0]: first}
        played = Played(asked, LEGACY, given, functions, FIRST + 1)
        played.demand_lawful()
        played.run(
            {"io_pfn": 77, "error": -EINVAL % (1 << 32)},
            [
                "maps all" if fails else "fails",
                "has a window" if no_window else "has none",
            ],
        )

        assert played.returned
        assert played.result == found % (1 << 32)
        if asked is not rows.PCI_FITS:
            same_mapping(played, kernel, vma, watched)
        answers.add(found)
    assert len(answers) == 2


# Claims and their revokes


@compiled
def test_unmap(optimisation: str) -> None:
    """Which pages are zapped, of every start and length."""
    chance, kernel = random.Random(SEED), Kernel(optimisation)
    for _ in range(500):
        begin = edge(chance, 1 << 63)
        length = chance.choice((0, 1, PAGE, PAGE + 1, edge(chance, 1 << 63)))
        kernel.library.begin(1, 1)
        kernel.library.unmap_mapping_range(
            None, ctypes.c_longlong(begin), ctypes.c_longlong(length), 1
        )
        given = {"holebegin": begin, "holelen": length, "even_cows": 1}
        played = Played(rows.UNMAP, LEGACY, given, {}).run({})

        assert played.returned
        assert played.value(zap.zap_first) == kernel.get("zap_first")
        assert played.value(zap.zap_last) == kernel.get("zap_last")


@compiled
@each_version
def test_revoke(optimisation: str, version: Version) -> None:
    """Whether a claim is zapped, and which bytes: around 1 MiB, near RAM, however configured."""
    chance, kernel = random.Random(SEED), Kernel(optimisation)
    name = "revoke_devmem" if version is LEGACY else "later_revoke"
    answers = set()
    for _ in range(500):
        start = chance.choice((0, 0x800, 254 * PAGE, 256 * PAGE, 5000 * PAGE + 0x800))
        end = start + chance.choice((0, PAGE - 1, PAGE, 3 * PAGE))
        node = Node(start, end, BUSY | chance.choice((0, EXCLUSIVE)))
        pages = range(start // PAGE, end // PAGE + 1)
        low = max(chance.choice(list(pages)) + chance.randrange(-3, 3), 0)
        ram, strict = (low, low + 1), int(chance.random() < 0.6)
        option, ready = chance.random() < 0.8, int(chance.random() < 0.9)
        kernel.set(CONFIG_IO_STRICT_DEVMEM=int(option), ram_first=ram[0], ram_last=ram[1])
        kernel.library.begin(strict, ready)
        kernel.plant([node])
        res = Resource(start, end, None, node.flags)
        getattr(kernel.library, name)(ctypes.byref(res))
        functions = {
            **allowing(node, ram, strict, option, pages),
            **claimed_world(),
            CHANGING.start: Table({(FIRST,): start}, 0),
            CHANGING.end: Table({(FIRST,): end}, 0),
            CHANGING.flags: Table({(FIRST,): node.flags}, 0),
            resource_tree.inserted: constant(True),
            resource_tree.claim: constant(FIRST),
            devmem_inode: constant(ready),
            iomem_inode: constant(ready),
        }
        played = Played(rows.REVOKE, version, {"res": FIRST}, functions, FIRST + 1)
        played.demand_lawful()
        played.run({})

        assert played.returned
        zapped = kernel.get("unmaps")
        assert played.value(zap.zapped) == bool(zapped)
        if zapped:
            assert played.value(zap.zap_begin) == kernel.get("unmap_begin")
            assert played.value(zap.zap_length) == kernel.get("unmap_length")
        assert kernel.get("violations") == 0
        answers.add(zapped)
    assert answers == {0, 1}


def claimed_world() -> Functions:
    """What is there before any claim."""
    return {
        resource.iomem_resource: constant(IOMEM),
        resource.ioport_resource: constant(IOPORT),
        resource_tree.existing: Table({(FIRST,): False}, True),
    }


@compiled
@each_version
def test_claim(optimisation: str, version: Version) -> None:
    """Claims that meet idle, busy and muxed resources, below iomem and below I/O ports."""
    chance, kernel = random.Random(SEED), Kernel(optimisation)
    name = "legacy_request_region" if version is LEGACY else "later_request_region"
    answers = set()
    for _ in range(500):
        start, size = 300 * PAGE, chance.choice((1, PAGE, 3 * PAGE))
        flags = chance.choice((0, MUXED, EXCLUSIVE))
        strict, option = int(chance.random() < 0.8), chance.random() < 0.9
        no_memory, is_ports = chance.random() < 0.1, chance.random() < 0.3
        way = [
            (chance.choice((0, 0, BUSY, BUSY | MUXED)), chance.random() < 0.2)
            for _ in range(chance.randrange(4))
        ]
        kernel.set(CONFIG_IO_STRICT_DEVMEM=int(option), alloc_fails=int(no_memory))
        kernel.set(ram_first=1, ram_last=0)
        kernel.library.begin(strict, 1)
        kernel.conflicts(way)
        parent = kernel.resource("ioport_resource" if is_ports else "iomem_resource")
        found = getattr(kernel.library, name)(
            ctypes.byref(parent), ctypes.c_uint64(start), ctypes.c_uint64(size), None, flags
        )

        node = Node(start, start + size - 1, BUSY | flags)
        pages = range(start // PAGE, (start + size - 1) // PAGE + 1)
        functions = {
            **allowing(node, (1, 0), strict, option, pages),
            **claimed_world(),
            devmem_inode: constant(1),
            iomem_inode: constant(1),
        }
        root = IOPORT if is_ports else IOMEM
        given = {"parent": root, "start": start, "n": size, "flags": flags}
        others = FIRST + 1
        played = Played(rows.CLAIM, version, given, functions, others + len(way))
        played.demand_lawful()
        play_claim(played, way, no_memory)

        assert played.returned
        assert (played.result == NULL) == (found is None)
        assert kernel.get("violations") == 0
        assert (kernel.lock.readers, kernel.lock.writers) == (0, 0)
        if version is not LEGACY:
            assert played.value(zap.zapped) == bool(kernel.get("unmaps"))
        answers.add((found is None, bool(kernel.get("unmaps"))))
    assert answers == {(True, False), (False, False), (False, True)}


def play_claim(played: Played, way: list[tuple[int, bool]], no_memory: bool) -> None:
    """What is in the way comes in its order, then nothing is; a parent in the way is itself."""
    met, endings = 0, ["makes one" if no_memory else "no memory"]
    while not played.has_ended:
        asked = any(a.name.endswith("[puts it in]") for a in played.system.leaving(played.location))
        choices: dict[str, Value] = {"r": FIRST}
        other = "puts it in" if met < len(way) else "finds another in the way"
        if asked and met < len(way):
            choices["flags"], is_parent = way[met]
            met += 1
            choices["c"] = played.value(_local(played, "parent")) if is_parent else FIRST + met
        played.step(choices, [*endings, other])


def _local(played: Played, name: str) -> Symbol:
    return next(s for s in played.translation.symbols if s.name == name)
