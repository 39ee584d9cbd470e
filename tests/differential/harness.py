"""Run a version of frame_vector.c, as the compiler made it, against a scripted world.

A `Script` fixes everything that the kernel around the function could choose: what the pin
returns, which VMAs there are, and what the k-th `follow_pfn` call finds.  `CompiledVersion.run`
gives back what the compiled function did with it, one `Outcome` a script.  Another evaluator of
the same C text can be driven with the same script, and has to come to the same outcome.
"""

from __future__ import annotations

import functools
import hashlib
import json
import random
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import Any, Final

from .compiler import build_directory, compile_with

HERE: Final = Path(__file__).resolve().parent
STUBS: Final = HERE / "stubs"
SPEC: Final = HERE.parent.parent / "spec" / "staleproof"

VERSIONS: Final[dict[str, Path]] = {
    "legacy": SPEC / "kernel/frame_vector/legacy.c",
    "v4": SPEC / "series/p05_frame_vector/v4.c",
    "merged": SPEC / "series/p05_frame_vector/merged.c",
    "errno-fix": SPEC / "history/frame_vector/errno_fix.c",
    "no-fallback": SPEC / "history/frame_vector/no_fallback.c",
    "signed-count": SPEC / "history/frame_vector/signed_count.c",
}
FRAMEVEC: Final = SPEC / "kernel/videobuf2/framevec.c"
FRAMEVEC_GUP_FLAGS: Final = SPEC / "kernel/videobuf2/framevec_gup_flags.c"
DMA_CONTIG_RELEASE: Final = SPEC / "kernel/videobuf2/dma_contig_release.c"
CALLERS: Final[dict[str, Path]] = {
    "legacy": FRAMEVEC_GUP_FLAGS,
    "v4": FRAMEVEC_GUP_FLAGS,
    "merged": FRAMEVEC,
    "errno-fix": FRAMEVEC,
    "no-fallback": FRAMEVEC,
    "signed-count": FRAMEVEC_GUP_FLAGS,
}

OPTIMISATIONS: Final = ("-O0", "-O2")

PAGE_SIZE: Final = 4096
VM_READ: Final = 0x1
VM_WRITE: Final = 0x2
VM_PFNMAP: Final = 0x400
VM_IO: Final = 0x4000
FOLL_WRITE: Final = 0x01
FOLL_FORCE: Final = 0x10
FOLL_LONGTERM: Final = 0x10000
EPERM: Final = 1
EINTR: Final = 4
EAGAIN: Final = 11
ENOMEM: Final = 12
EFAULT: Final = 14
EINVAL: Final = 22
EOPNOTSUPP: Final = 95
EHWPOISON: Final = 133
MAX_ERRNO: Final = 4095
MAX_FRAMES: Final = 0x07FFFFFF
DMA_BIDIRECTIONAL: Final = 0
DMA_TO_DEVICE: Final = 1
DMA_FROM_DEVICE: Final = 2

BASE: Final = 0x7F00_0000_0000
VMEMMAP: Final = 0xFFFF_EA00_0000_0000
POPULATED_PFN: Final = 0x10_0000
POISON: Final = 0x6B6B_6B6B_6B6B_6B6B
SHOWN_SLOTS: Final = 16

MAX_VMAS: Final = 4
MAX_LOOKUPS: Final = 8192
MAX_INVALID: Final = 64
MAX_OPERATIONS: Final = 16
MAX_SCRIPTED_PINS: Final = 4096

SIGNED_ARGUMENTS: Final = {("follow_pfn", 1), ("pin_user_pages_fast", 1)}


class Operation(IntEnum):
    """What the driver calls; the numbers are those of `enum operation` in world.c."""

    GET = 0
    PUT = 1
    TO_PAGES = 2
    TO_PFNS = 3
    PAGES = 4
    PFNS = 5
    COUNT = 6
    CREATE = 7
    DESTROY = 8
    CREATE_FRAMEVEC = 9
    DESTROY_FRAMEVEC = 10
    RELEASE_FRAMEVEC = 11


def page_word(pfn: int) -> int:
    """The pointer to the struct page of a frame, as a 64-bit word."""
    return VMEMMAP + 64 * pfn


@dataclass(frozen=True, slots=True)
class Vma:
    """A mapping of the scripted process, with the kernel's own values for the flags."""

    start: int
    end: int
    flags: int = VM_READ | VM_WRITE
    fsdax: bool = False

    def __post_init__(self) -> None:
        if not 0 <= self.start < self.end < 1 << 64:
            raise ValueError(f"not a range of addresses: {self.start:#x}..{self.end:#x}")
        if self.start % PAGE_SIZE or self.end % PAGE_SIZE:
            raise ValueError(f"a VMA is page-aligned, {self.start:#x}..{self.end:#x} is not")

    @property
    def raw(self) -> bool:
        """Whether follow_pfn accepts the VMA."""
        return bool(self.flags & (VM_IO | VM_PFNMAP))


@dataclass(frozen=True, slots=True)
class Script:
    """One run: the arguments, the state of the vector before, and every choice of the kernel.

    The k-th call of follow_pfn in the run, counted from 0, takes `lookup(k)`, also when its VMA
    makes it fail with -EINVAL.  `pin_result` serves whichever pin function is called.
    """

    start: int = BASE
    nr_frames: int = 8
    gup_flags: int = FOLL_WRITE | FOLL_FORCE
    nr_allocated: int = 8
    pin_result: int = -EFAULT
    pin_first_pfn: int = 0x1000
    pin_leftovers: int = 0
    """How many slots a pin that failed has filled before it gave the pages back."""
    pin_drops_lock: bool = False
    """pin_user_pages_locked comes back with the lock dropped and *locked cleared."""
    vmas: tuple[Vma, ...] = ()
    lookups: tuple[int, ...] = ()
    """What follow_pfn finds, call by call: a frame number, or a negative errno."""
    old_nr_frames: int = 0
    old_got_ref: bool = False
    old_is_pfns: bool = False
    slots: tuple[int, ...] = ()
    """The first slots before the run; the others hold POISON."""
    invalid_pfns: tuple[int, ...] = ()
    allocation_fails: bool = False
    length: int = 8 * PAGE_SIZE
    direction: int = DMA_BIDIRECTIONAL
    operations: tuple[Operation, ...] = (Operation.GET,)

    def __post_init__(self) -> None:
        limits = {
            "start": (self.start, 0, (1 << 64) - 1),
            "nr_frames": (self.nr_frames, 0, (1 << 32) - 1),
            "gup_flags": (self.gup_flags, 0, (1 << 32) - 1),
            "nr_allocated": (self.nr_allocated, 1, MAX_FRAMES),
            "old_nr_frames": (self.old_nr_frames, 0, (1 << 32) - 1),
            "pin_result": (self.pin_result, -MAX_ERRNO, MAX_SCRIPTED_PINS),
            "pin_leftovers": (self.pin_leftovers, 0, MAX_SCRIPTED_PINS),
            "number of vmas": (len(self.vmas), 0, MAX_VMAS),
            "number of lookups": (len(self.lookups), 0, MAX_LOOKUPS),
            "number of slots": (len(self.slots), 0, min(self.nr_allocated, SHOWN_SLOTS)),
            "number of invalid pfns": (len(self.invalid_pfns), 0, MAX_INVALID),
            "number of operations": (len(self.operations), 1, MAX_OPERATIONS),
        }
        for name, (value, low, high) in limits.items():
            if not low <= value <= high:
                raise ValueError(f"{name} is {value}, not in {low}..{high}")
        for earlier, later in zip(self.vmas, self.vmas[1:], strict=False):
            if earlier.end > later.start:
                raise ValueError("the VMAs overlap or are not in order")

    def lookup(self, k: int) -> int:
        """What the k-th follow_pfn finds in a raw VMA: a frame number, or a negative errno."""
        return self.lookups[k] if k < len(self.lookups) else POPULATED_PFN + k

    @property
    def frames_wanted(self) -> int:
        """The count after the clamp to what the vector can hold."""
        return min(self.nr_frames, self.nr_allocated)

    def line(self) -> str:
        """The script as world.c reads it."""
        words: list[int] = [
            self.start,
            self.nr_frames,
            self.gup_flags,
            self.nr_allocated,
            self.old_nr_frames,
            self.old_got_ref,
            self.old_is_pfns,
            self.length,
            self.direction,
            self.pin_result,
            self.pin_first_pfn,
            self.pin_leftovers,
            self.pin_drops_lock,
            self.allocation_fails,
            len(self.vmas),
        ]
        for vma in self.vmas:
            words += [vma.start, vma.end, vma.flags, vma.fsdax]
        words.append(len(self.lookups))
        for found in self.lookups:
            words += [min(found, 0), max(found, 0)]
        words += [len(self.invalid_pfns), *self.invalid_pfns]
        words += [len(self.slots), *self.slots]
        words += [len(self.operations), *self.operations]
        return " ".join(str(int(word)) for word in words)


@dataclass(frozen=True, slots=True)
class Call:
    """A call that the compiled code made into the kernel.

    The arguments are the scalar ones in their order; follow_pfn has (address, index of the slot).
    The result of find_vma_intersection is the number of the VMA or -1, that of
    set_page_dirty_lock whether the page was pinned.
    """

    function: str
    arguments: tuple[int, ...]
    result: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the compiled code did with a script."""

    fate: str
    """returned, crashed (a signal, or a write far outside), or runaway (a step budget ran out)."""
    results: tuple[int, ...]
    """One per operation; a pointer counts as its errno, or else as 0 for NULL and 1."""
    nr_allocated: int
    nr_frames: int
    got_ref: int
    """The byte of the bool: neither 0 nor 1 when nothing, or something else, was written there."""
    is_pfns: int
    lock_depth: int
    slots: tuple[int, ...]
    pinned: tuple[int, ...]
    """The words of the pages that are still pinned at the end."""
    writes: tuple[tuple[int, int], ...]
    """What follow_pfn stored: (index of the slot, frame number), in order."""
    stray: tuple[int, ...]
    """Indices outside the array and the header whose memory changed, found by looking."""
    calls: tuple[Call, ...]
    warnings: tuple[str, ...]
    violations: tuple[str, ...]
    """Preconditions of kernel functions that were broken, the discipline of locks first of all."""

    @property
    def ret(self) -> int:
        """The result of the last operation."""
        if self.fate != "returned":
            raise ValueError(f"there is no result, the run has {self.fate}")
        return self.results[-1]

    @property
    def write_indices(self) -> tuple[int, ...]:
        return tuple(index for index, _ in self.writes)

    def called(self, function: str) -> tuple[Call, ...]:
        return tuple(call for call in self.calls if call.function == function)


def _signed(word: int) -> int:
    return word - (1 << 64) if word >> 63 else word


def _call(entry: list[Any]) -> Call:
    function, arguments, result = entry
    return Call(
        function,
        tuple(
            _signed(word) if (function, position) in SIGNED_ARGUMENTS else word
            for position, word in enumerate(arguments)
        ),
        result,
    )


def _outcome(record: dict[str, Any]) -> Outcome:
    lists = {name: tuple(value) for name, value in record.items() if isinstance(value, list)}
    lists["writes"] = tuple((index, pfn) for index, pfn in record["writes"])
    lists["calls"] = tuple(_call(entry) for entry in record["calls"])
    return Outcome(**{**record, **lists})


def _defines(version: Path, framevec: Path | None, release: Path | None) -> list[str]:
    named = {"VERSION_FILE": version, "FRAMEVEC_FILE": framevec, "RELEASE_FILE": release}
    return [f'-D{name}="{path}"' for name, path in named.items() if path is not None]


def _compile(arguments: Sequence[str]) -> str:
    return compile_with(f"-I{STUBS}", *arguments)


@functools.cache
def _world(optimisation: str) -> Path:
    target = build_directory() / f"world{optimisation}.o"
    _compile([optimisation, "-c", str(STUBS / "world.c"), "-o", str(target)])
    return target


@functools.cache
def _build(
    version: Path, optimisation: str, framevec: Path | None, release: Path | None, digest: str
) -> Path:
    target = build_directory() / f"{version.stem}{optimisation}-{digest[:12]}"
    _compile(
        [
            optimisation,
            *_defines(version, framevec, release),
            str(STUBS / "adapter.c"),
            str(_world(optimisation)),
            "-o",
            str(target),
        ]
    )
    return target


class CompiledVersion:
    """One C file with get_vaddr_frames and its company, compiled; built once per session.

    `framevec` and `release` are the files of the videobuf2 callers; the operations that call
    them end in a crash without them.
    """

    def __init__(
        self,
        path: Path,
        *,
        optimisation: str = "-O2",
        framevec: Path | None = None,
        release: Path | None = None,
    ) -> None:
        self.path = path.resolve()
        self.optimisation = optimisation
        sources = [file for file in (self.path, framevec, release) if file is not None]
        digest = hashlib.sha256(b"\0".join(file.read_bytes() for file in sources)).hexdigest()
        self.program = _build(self.path, optimisation, framevec, release, digest)

    def run(self, scripts: Sequence[Script]) -> list[Outcome]:
        """The outcomes of the scripts, in their order."""
        done = subprocess.run(
            [str(self.program)],
            input="".join(script.line() + "\n" for script in scripts),
            capture_output=True,
            text=True,
            check=False,
        )
        outcomes = [_outcome(json.loads(line)) for line in done.stdout.splitlines()]
        if done.returncode != 0 or len(outcomes) != len(scripts):
            raise RuntimeError(
                f"{self.program.name} answered {len(outcomes)} of {len(scripts)} scripts "
                f"and ended with {done.returncode}: {done.stderr.strip()}"
            )
        return outcomes

    def run_one(self, script: Script) -> Outcome:
        return self.run([script])[0]


@functools.cache
def compiled(name: str, optimisation: str = "-O2") -> CompiledVersion:
    """The version of that name, with the callers that fit it."""
    return CompiledVersion(
        VERSIONS[name],
        optimisation=optimisation,
        framevec=CALLERS[name],
        release=DMA_CONTIG_RELEASE,
    )


def sign_compare_lines(path: Path) -> list[int]:
    """The lines of the file where the compiler sees a comparison of mixed signs."""
    diagnostics = _compile(
        [
            "-Wsign-compare",
            "-fsyntax-only",
            *_defines(path.resolve(), None, None),
            str(STUBS / "adapter.c"),
        ]
    )
    return [
        int(line.split(":")[1])
        for line in diagnostics.splitlines()
        if "-Wsign-compare" in line and line.startswith(str(path.resolve()))
    ]


_RAW_FLAGS = (VM_IO, VM_PFNMAP, VM_IO | VM_PFNMAP, VM_IO | VM_PFNMAP | VM_READ | VM_WRITE)
_PIN_ERRNOS = (EFAULT, EFAULT, EFAULT, ENOMEM, EOPNOTSUPP, EINTR, EINVAL, EAGAIN, EHWPOISON)
_LOOKUP_ERRNOS = (EINVAL, EINVAL, EFAULT, ENOMEM)


def _random_vmas(rng: random.Random, wanted: int) -> tuple[Vma, ...]:
    """Up to four VMAs from BASE on, mostly raw, mostly adjacent, mostly about as long as wanted."""
    vmas: list[Vma] = []
    address = BASE
    for _ in range(rng.choice((0, 1, 1, 1, 2, 2, 3, 4))):
        if rng.random() < 0.25:
            address += PAGE_SIZE * rng.randint(1, 3)
        pages = rng.choice((1, 2, rng.randint(1, 6), wanted - 1, wanted, wanted + 1, wanted + 14))
        end = address + PAGE_SIZE * max(pages, 1)
        if rng.random() < 0.7:
            vmas.append(Vma(address, end, rng.choice(_RAW_FLAGS)))
        else:
            vmas.append(Vma(address, end, VM_READ | VM_WRITE, fsdax=rng.random() < 0.3))
        address = end
    return tuple(vmas)


def _random_start(rng: random.Random, vmas: tuple[Vma, ...]) -> int:
    start = BASE
    if vmas and rng.random() < 0.3:
        vma = rng.choice(vmas)
        start = rng.choice((vma.start, vma.end - PAGE_SIZE, vma.end))
    if rng.random() < 0.3:
        start += rng.choice((1, PAGE_SIZE // 2, PAGE_SIZE - 1))
    return start - PAGE_SIZE if rng.random() < 0.05 else start


def _random_pin(rng: random.Random, wanted: int) -> int:
    kind = rng.random()
    if kind < 0.65 or wanted == 0:
        return -rng.choice((*_PIN_ERRNOS, EPERM, MAX_ERRNO, rng.randint(1, MAX_ERRNO)))
    if kind < 0.8:
        return 0
    return wanted if kind < 0.9 else rng.randint(1, wanted)


def _random_lookups(rng: random.Random, wanted: int) -> tuple[int, ...]:
    failing = rng.choice((0.0, 0.0, 0.1, 0.4))
    return tuple(
        -rng.choice(_LOOKUP_ERRNOS) if rng.random() < failing else rng.randrange(1 << 34)
        for _ in range(rng.randint(0, wanted + 2))
    )


def random_script(rng: random.Random) -> Script:
    """One call of get_vaddr_frames in a world where something interesting is likely."""
    allocated = rng.choice((1, 2, 3, 4, 5, 8, 8, 12, 20))
    nr_frames = rng.choice((allocated, allocated, rng.randint(1, allocated), allocated + 1))
    if rng.random() < 0.06:
        nr_frames = rng.choice((0, MAX_FRAMES, (1 << 31) - 1, 1 << 31, (1 << 32) - 1))
    wanted = min(nr_frames, allocated)
    vmas = _random_vmas(rng, wanted)
    pin_result = _random_pin(rng, wanted)
    used_before = rng.random() < 0.1
    return Script(
        start=_random_start(rng, vmas),
        nr_frames=nr_frames,
        gup_flags=rng.choice((0, FOLL_WRITE, FOLL_WRITE | FOLL_FORCE)),
        nr_allocated=allocated,
        pin_result=pin_result,
        pin_first_pfn=rng.randrange(1 << 34),
        pin_leftovers=rng.randint(0, wanted) if pin_result < 0 and rng.random() < 0.2 else 0,
        pin_drops_lock=rng.random() < 0.5,
        vmas=vmas,
        lookups=_random_lookups(rng, wanted),
        old_nr_frames=rng.randint(1, allocated) if used_before else 0,
        old_got_ref=rng.random() < 0.5,
        old_is_pfns=rng.random() < 0.5,
    )


def random_scripts(seed: int, count: int) -> list[Script]:
    """`count` scripts; the same seed gives the same ones."""
    rng = random.Random(seed)
    return [random_script(rng) for _ in range(count)]
