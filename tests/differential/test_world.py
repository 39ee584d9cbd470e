"""The scripted world notices code that is wrong in one place."""

from __future__ import annotations

from pathlib import Path

import pytest

from .compiler import BuildError
from .harness import (
    BASE,
    PAGE_SIZE,
    VERSIONS,
    VM_IO,
    CompiledVersion,
    Operation,
    Outcome,
    Script,
    Vma,
)

RAW_WORLD = Script(vmas=(Vma(BASE, BASE + 8 * PAGE_SIZE, VM_IO),))
UNLOCK = "\tmmap_read_unlock(mm);\n"
LOCK = "\tmmap_read_lock(mm);\n"
STEP = "\t\t\tstart += PAGE_SIZE;\n\t\t\tret++;\n"


def changed(tmp_path: Path, old: str, new: str) -> Path:
    """merged.c with the one place `old` replaced."""
    text = VERSIONS["merged"].read_text()
    assert text.count(old) == 1
    variant = tmp_path / "variant.c"
    variant.write_text(text.replace(old, new))
    return variant


def run(tmp_path: Path, old: str, new: str, script: Script = RAW_WORLD) -> Outcome:
    """What the changed merged.c does, unoptimised so that a wrong read is not dropped."""
    return CompiledVersion(changed(tmp_path, old, new), optimisation="-O0").run_one(script)


def test_lock_that_is_kept_is_seen(tmp_path: Path) -> None:
    """Without the unlock, the lock is held at the end."""
    assert run(tmp_path, UNLOCK, "").lock_depth == 1


def test_lock_that_is_taken_twice_is_seen(tmp_path: Path) -> None:
    """A second lock is a violation, although the run goes on."""
    assert "mmap_read_lock: taken twice" in run(tmp_path, LOCK, LOCK * 2).violations


def test_unlock_without_lock_is_seen(tmp_path: Path) -> None:
    """Without the lock and without a VMA, the lookup and the unlock are the violations."""
    assert run(tmp_path, LOCK, "", Script()).violations == (
        "find_vma_intersection: without mmap_lock",
        "mmap_read_unlock: not held",
    )


def test_stale_vma_faults(tmp_path: Path) -> None:
    """A field of a VMA that is read after the unlock ends the run."""
    outcome = run(tmp_path, UNLOCK, UNLOCK + "\tif (vma->vm_end == 0)\n\t\tret = 0;\n")

    assert outcome.fate == "crashed"
    with pytest.raises(ValueError, match="crashed"):
        _ = outcome.ret


def test_endless_walk_is_cut_off(tmp_path: Path) -> None:
    """A walk that never moves on runs out of its step budget."""
    assert run(tmp_path, STEP, "").fate == "runaway"


def test_write_far_outside_ends_the_run(tmp_path: Path) -> None:
    """A slot beyond the guard zones is a crash of the run, and not of the process."""
    variant = changed(tmp_path, "&nums[ret]", "&nums[ret - 100000]")

    outcomes = CompiledVersion(variant).run([RAW_WORLD, Script()])

    assert [outcome.fate for outcome in outcomes] == ["crashed", "returned"]


def test_write_that_no_stub_made_is_seen(tmp_path: Path) -> None:
    """A store by the code itself, in front of the vector or behind it, is found by looking."""
    mark = "\tvec->is_pfns = true;\n\tret = 0;\n"
    outcome = run(tmp_path, mark, mark + "\tvec->ptrs[-3] = vec;\n\tvec->ptrs[9] = vec;\n")

    assert outcome.stray == (-3, 9)
    assert outcome.write_indices == tuple(range(8))


def test_pin_under_the_lock_is_seen(tmp_path: Path) -> None:
    """pin_user_pages_fast takes mmap_lock itself, so a caller that holds it is a violation."""
    clamp = "\tstart = untagged_addr(start);\n"

    outcome = run(tmp_path, clamp, clamp + LOCK)

    assert "pin_user_pages_fast: under mmap_lock" in outcome.violations


def test_page_that_is_unpinned_twice_is_seen(tmp_path: Path) -> None:
    """A put that leaves the vector as it was unpins the same pages again the next time."""
    script = Script(pin_result=2, operations=(Operation.GET, Operation.PUT, Operation.PUT))

    outcome = run(
        tmp_path, "\tvec->got_ref = false;\nempty:\n\tvec->nr_frames = 0;\n", "empty:;\n", script
    )

    assert outcome.violations == ("unpin_user_pages: page is not pinned",) * 2


def test_caller_without_its_file_ends_the_run() -> None:
    """An operation whose file was not given crashes instead of pretending."""
    script = Script(operations=(Operation.CREATE_FRAMEVEC,))

    assert CompiledVersion(VERSIONS["merged"]).run_one(script).fate == "crashed"


def test_unknown_signature_is_refused(tmp_path: Path) -> None:
    """A get_vaddr_frames with other parameters does not build, and the message says why."""
    variant = changed(tmp_path, "get_vaddr_frames(unsigned long", "get_vaddr_frames(short")

    with pytest.raises(BuildError, match="signature that the harness does not know"):
        CompiledVersion(variant)


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param({"nr_allocated": 0}, id="empty-vector"),
        pytest.param({"pin_result": -4096}, id="no-errno"),
        pytest.param({"vmas": (Vma(BASE, BASE + 8192), Vma(BASE, BASE + 4096))}, id="overlap"),
        pytest.param({"slots": (1,) * 9}, id="more-slots-than-allocated"),
    ],
)
def test_script_that_no_kernel_could_play_is_refused(wrong: dict[str, int]) -> None:
    """A script outside its ranges is an error when it is written, not when it is run."""
    with pytest.raises(ValueError, match=r"not in|overlap"):
        Script(**wrong)  # type: ignore[arg-type]


def test_vma_is_page_aligned() -> None:
    """A VMA that begins inside a page cannot be written down."""
    with pytest.raises(ValueError, match="page-aligned"):
        Vma(BASE + 1, BASE + 4096)
