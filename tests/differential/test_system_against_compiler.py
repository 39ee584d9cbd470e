"""The transition systems that claims are decided on do what the compiled C text does.

Each version is played twice: in the kernel's world, where pins and looks answer what their
contracts allow, and in a lenient one, where they answer whatever the script says. The second has
runs that no kernel has, and so reaches more of the C.
"""

from __future__ import annotations

import functools
import random
import shutil
from collections.abc import Iterable
from dataclasses import replace

import pytest

from staleproof.cfront.translate import bad
from staleproof.claims import matching
from staleproof.kernel.frame_vector.vector import filled
from staleproof.lang.evaluate import evaluate
from staleproof.lang.terms import literal

from .encoding import TASK_SIZE, VEC, lawful
from .harness import (
    BASE,
    EPERM,
    FOLL_LONGTERM,
    PAGE_SIZE,
    POISON,
    VERSIONS,
    VM_IO,
    Operation,
    Outcome,
    Script,
    Vma,
    compiled,
    page_word,
    random_script,
)
from .machine import machine, proved_dead
from .player import Player, StuckError, WrongStartError

pytestmark = pytest.mark.skipif(
    shutil.which("gcc") is None, reason="gcc is not installed, so there is nothing to compare with"
)

SEED = 0xC0DE
IN_KERNEL, IN_LENIENT, ON_VECTORS = 2000, 700, 300
LAST_PAGE = (1 << 64) - PAGE_SIZE
CONVERSIONS = (Operation.TO_PAGES, Operation.TO_PFNS, Operation.PAGES, Operation.PFNS)
AFTER_GET = (*CONVERSIONS, Operation.PUT, Operation.COUNT)

PAST_THE_WALK = "get_vaddr_frames+44 start < vma->vm_end [false]"
MAY_BE_NEVER_TAKEN = {
    "v4": {PAST_THE_WALK, "get_vaddr_frames+46 ret < nr_frames [false]"},
    "errno-fix": {
        "get_vaddr_frames+41.1 ret_pin_user_pages_fast [false]",
        "get_vaddr_frames+44 ret = err;",
    },
    "signed-count": {PAST_THE_WALK, "get_vaddr_frames+46 ret < nr_frames [true]"},
}
"""Steps that are never taken, for a reason that the engine need not find. At errno-fix: a pin gives
0 only of a range that wraps, and no VMA lies there. Elsewhere: the walk is dead, or ends badly, so
after it start still lies in the VMA that was found for it."""

every_version = pytest.mark.parametrize("version", VERSIONS)


# Scripts


def moved(script: Script, limit: int) -> Script:
    """The same world at the end of the addresses: its last VMA, or its first page, ends there."""
    last = script.vmas[-1].end if script.vmas else script.start // PAGE_SIZE * PAGE_SIZE + PAGE_SIZE
    by = limit - last
    vmas = tuple(replace(v, start=v.start + by, end=v.end + by) for v in script.vmas)
    return replace(script, start=min(script.start + by, (1 << 64) - 1), vmas=vmas)


def get_script(rng: random.Random, limit: int) -> Script:
    """A get, in one case of three followed by other operations; sometimes at the limit."""
    script = random_script(rng)
    if rng.random() < 0.1:
        script = moved(script, limit)
    if rng.random() < 0.02:
        script = replace(script, start=(1 << 64) - 1 - rng.randrange(3 * PAGE_SIZE))
    if rng.random() < 0.1 and script.frames_wanted > 1:
        script = replace(script, pin_result=rng.randrange(1, script.frames_wanted))
    if rng.random() < 0.1:
        script = replace(script, gup_flags=script.gup_flags | FOLL_LONGTERM)
    if rng.random() < 0.33 and script.old_nr_frames == 0:
        more = rng.choices(AFTER_GET, k=rng.randint(1, 3))
        numbers = [script.pin_first_pfn, *(pfn for pfn in script.lookups if pfn >= 0)]
        invalid = tuple({rng.choice(numbers)}) if rng.random() < 0.3 else ()
        script = replace(script, operations=(Operation.GET, *more), invalid_pfns=invalid)
    return script


def get_scripts(version: str, count: int, *, lenient: bool) -> list[Script]:
    """`count` gets, all of which the world can play."""
    rng = random.Random(SEED + lenient)
    if lenient:
        return [get_script(rng, LAST_PAGE) for _ in range(count)]
    scripts = (get_script(rng, TASK_SIZE) for _ in range(count))
    return [lawful(script, locked=version == "legacy") for script in scripts]


def vector_script(rng: random.Random) -> Script:
    """Operations on a vector of random contents, which sometimes has more frames than slots."""
    allocated = rng.choice((1, 2, 3, 5, 8, 16))
    used = rng.randint(0, allocated)
    if rng.random() < 0.1:
        used = allocated + rng.randint(1, 4)
    pfns = [rng.choice((0, 7, 9, rng.randrange(1 << 34), rng.getrandbits(64))) for _ in range(used)]
    are_pfns = rng.random() < 0.5
    words = pfns if are_pfns else [page_word(pfn) % (1 << 64) for pfn in pfns]
    # What lies beyond the slots is 0: it stays valid, so that it shows when it is converted.
    real = sorted({*pfns} - {0})
    invalid = rng.sample(real, k=1) if real and rng.random() < 0.4 else []
    return Script(
        nr_allocated=allocated,
        old_nr_frames=used,
        old_got_ref=rng.random() < 0.6,
        old_is_pfns=are_pfns,
        slots=(*words, *[POISON] * allocated)[:allocated],
        invalid_pfns=tuple(invalid),
        operations=tuple(rng.choices(AFTER_GET, k=rng.randint(1, 4))),
    )


# Comparing


def agree(system: Outcome, code: Outcome) -> bool:
    """Whether the system has done what the code has; it tells no warnings, and sorts the pins."""
    if system.fate != "returned":
        return agree_on_going_astray(system, code)
    return system == replace(code, pinned=tuple(sorted(code.pinned)), warnings=())


def agree_on_going_astray(system: Outcome, code: Outcome) -> bool:
    """Whether the code did the same up to where the system ends, and there something forbidden."""
    calls = [(call.function, call.arguments) for call in system.calls]
    writes = len(system.writes)
    same = (
        calls == [(call.function, call.arguments) for call in code.calls[: len(calls)]]
        and system.writes == code.writes[:writes]
        and system.results == code.results[: len(system.results)]
    )
    if system.fate == bad("vma-range"):
        # The last call, which the harness forbids too, is the first such one of both.
        first = code.violations[: len(system.violations)]
        return same and system.violations == first == ("follow_pfn: address outside the VMA",)
    if system.calls and system.calls[-1].function == "follow_pfn":
        next_write = code.write_indices[writes : writes + 1]
        outside = [index for index in next_write if not 0 <= index < code.nr_allocated]
        return same and system.fate == bad("bounds") and outside != []
    return same and bool(code.stray or code.violations or code.fate != "returned")


def compare(version: str, scripts: Iterable[Script], systems: Iterable[Outcome]) -> list[str]:
    """Where the code does something else than the system: the script, and the two outcomes.

    The code is run no further than to the end of the operation in which the system has ended.
    """
    ends = list(systems)
    cut = [
        replace(script, operations=script.operations[: len(system.results) + 1])
        for script, system in zip(scripts, ends, strict=True)
    ]
    return [
        f"{script}\n  system: {system}\n  code:   {code}"
        for script, system, code in zip(cut, ends, compiled(version).run(cut), strict=True)
        if not agree(system, code)
    ]


@functools.cache
def played_in_the_kernel(version: str) -> tuple[tuple[Script, ...], tuple[Outcome, ...], set[str]]:
    """Scripts, their outcomes by the system, and the steps of get_vaddr_frames that they take."""
    scripts = tuple(get_scripts(version, IN_KERNEL, lenient=False))
    players = [Player(version, script) for script in scripts]
    outcomes = tuple(player.play() for player in players)
    return scripts, outcomes, set().union(*(p.taken[Operation.GET] for p in players))


@every_version
def test_get_in_the_kernel(version: str) -> None:
    """Thousands of gets come to the same end, call for call and slot for slot; none is skipped."""
    scripts, outcomes, _ = played_in_the_kernel(version)

    assert len(outcomes) == IN_KERNEL
    assert compare(version, scripts, outcomes) == []


@every_version
def test_get_whatever_the_kernel_answers(version: str) -> None:
    """So do gets in a kernel that answers with any errno or count, of any range."""
    scripts = get_scripts(version, IN_LENIENT, lenient=True)
    outcomes = [Player(version, script, lenient=True).play() for script in scripts]

    assert compare(version, scripts, outcomes) == []


@every_version
def test_operations_on_any_vector(version: str) -> None:
    """The conversions and put_vaddr_frames do the same to vectors of any contents."""
    rng = random.Random(SEED)
    scripts = [vector_script(rng) for _ in range(ON_VECTORS)]

    assert compare(version, scripts, [Player(version, s).play() for s in scripts]) == []


@pytest.mark.parametrize(
    ("version", "astray"),
    [(version, version == "signed-count") for version in VERSIONS],
    ids=list(VERSIONS),
)
def test_only_the_signed_variant_writes_out_of_bounds(version: str, astray: bool) -> None:
    """In the kernel's world every run returns, but those of the signed variant may go astray."""
    _, outcomes, _ = played_in_the_kernel(version)

    assert {outcome.fate for outcome in outcomes} == (
        {"returned", bad("bounds")} if astray else {"returned"}
    )


@pytest.mark.parametrize(
    ("one", "other"),
    [("v4", "merged"), ("merged", "errno-fix"), ("v4", "signed-count"), ("legacy", "merged")],
)
def test_different_texts_are_told_apart(one: str, other: str) -> None:
    """The system of one version does not agree with the code of another."""
    scripts = get_scripts("merged", 200, lenient=False)
    codes = compiled(other).run(scripts)

    assert not all(
        agree(Player(one, script, lenient=True).play(), code)
        for script, code in zip(scripts, codes, strict=True)
    )


@pytest.mark.parametrize("version", [v for v in VERSIONS if v not in ("v4", "no-fallback")])
@pytest.mark.parametrize(("end", "fate"), [(LAST_PAGE, bad("vma-range")), (TASK_SIZE, "returned")])
def test_walk_leaves_a_vma_at_the_very_end(version: str, end: int, fate: str) -> None:
    """Where start + PAGE_SIZE wraps around, the walk goes on past its VMA: in both alike.

    VMA-SHAPE keeps TASK_SIZE away from there.
    """
    vma = Vma(end - 2 * PAGE_SIZE, end, VM_IO)
    script = Script(start=vma.start, nr_frames=4, pin_result=0, vmas=(vma,))
    outcome = Player(version, script, lenient=True).play()

    assert outcome.fate == fate
    assert compare(version, [script], [outcome]) == []


def test_answer_outside_the_contracts_is_stuck() -> None:
    """A pin that no contract allows leaves no step, and a VMA above user space no start."""
    with pytest.raises(StuckError, match="pin_user_pages_fast"):
        Player("merged", Script(pin_result=-EPERM)).play()
    with pytest.raises(WrongStartError, match="TASK_SIZE"):
        Player("merged", Script(vmas=(Vma(BASE, LAST_PAGE),))).demand_start()


@every_version
def test_scripts_start_where_the_claims_do(version: str) -> None:
    """The kernel of a script satisfies the axioms, and the vector is as the claims assume it."""
    for script in get_scripts(version, 200, lenient=False):
        Player(version, script).demand_start()


# What the systems are


@every_version
def test_the_claims_are_about_these_systems(version: str) -> None:
    """What is played here is what the claims about the version are decided on."""
    (about_get,) = matching((f"GVF-1@{version}",))
    about_put = matching((f"GVF-15@{version}",))

    assert about_get.build().system.digest == machine(version, Operation.GET).system.digest
    for claim in about_put:
        actions = machine(version, Operation.PUT).system.actions
        assert [a.digest for a in claim.build().system.actions] == [a.digest for a in actions]


@every_version
def test_each_step_is_taken_or_proved_dead(version: str) -> None:
    """The scripts take every step that the evidence does not call dead, and none that it does."""
    actions = machine(version, Operation.GET).translation.actions
    steps = {a.name for a in actions if not a.target.startswith("bad: ")}
    _, _, seen = played_in_the_kernel(version)
    about = "GVF-2" if version == "signed-count" else "GVF-1"
    never = proved_dead(f"{about}@{version}", steps)

    assert seen & never == set()
    assert steps - seen - never <= MAY_BE_NEVER_TAKEN.get(version, set())


@every_version
def test_get_and_conversions_leave_what_put_assumes(version: str) -> None:
    """After a get and conversions the vector is as the claims about put_vaddr_frames assume."""
    rng = random.Random(SEED)
    statements = filled(
        literal(VEC, machine(version, Operation.GET).translation.parameters["vec"].range)
    )
    for script in get_scripts(version, 200, lenient=False):
        operations = (Operation.GET, *rng.choices(CONVERSIONS, k=rng.randint(0, 2)))
        player = Player(version, replace(script, operations=operations))
        if player.play().fate == "returned":
            assert all(evaluate(s, player.state, {}) for s in statements), script
