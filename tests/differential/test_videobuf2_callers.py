"""The compiled videobuf2 callers, on top of each compiled version (A5.8)."""

from __future__ import annotations

import pytest

from .harness import (
    BASE,
    CALLERS,
    DMA_BIDIRECTIONAL,
    DMA_FROM_DEVICE,
    DMA_TO_DEVICE,
    EFAULT,
    ENOMEM,
    PAGE_SIZE,
    POPULATED_PFN,
    VM_PFNMAP,
    Operation,
    Script,
    Vma,
    compiled,
)

ORDINARY_VMA = Vma(BASE, BASE + 8 * PAGE_SIZE)
RAW_VMA = Vma(BASE, BASE + 8 * PAGE_SIZE, VM_PFNMAP)
PIN_FIRST = ["v4", "merged", "errno-fix", "no-fallback"]
WALKING = ["legacy", "merged", "errno-fix"]

every_version = pytest.mark.parametrize("version", CALLERS)


@every_version
@pytest.mark.parametrize(
    ("start", "length", "frames"),
    [
        pytest.param(BASE, 8 * PAGE_SIZE, 8, id="aligned"),
        pytest.param(BASE, 1, 1, id="one-byte"),
        pytest.param(BASE + PAGE_SIZE - 1, 2, 2, id="two-bytes-over-a-border"),
        pytest.param(BASE + 1, PAGE_SIZE, 2, id="a-page-from-one-byte-in"),
    ],
)
def test_every_touched_page_is_asked_for(
    version: str, start: int, length: int, frames: int
) -> None:
    """The vector has a frame for each page that the buffer touches, from the first page on."""
    script = Script(
        start=start,
        length=length,
        pin_result=frames,
        vmas=(ORDINARY_VMA,),
        operations=(Operation.CREATE_FRAMEVEC, Operation.COUNT),
    )

    outcome = compiled(version).run_one(script)

    assert outcome.results == (1, frames)
    assert outcome.nr_allocated == frames
    (pin,) = [call for call in outcome.calls if call.function.startswith("pin_user_pages")]
    assert pin.arguments[:2] == (BASE, frames)


@every_version
def test_partial_vector_is_given_back(version: str) -> None:
    """A get of 3 out of 8 pages ends in -EFAULT with every pin returned and the vector freed."""
    script = Script(pin_result=3, vmas=(ORDINARY_VMA,), operations=(Operation.CREATE_FRAMEVEC,))

    outcome = compiled(version).run_one(script)

    assert outcome.ret == -EFAULT
    assert outcome.pinned == ()
    assert len(outcome.called("kvfree")) == 1
    assert outcome.violations == ()


@pytest.mark.parametrize("version", PIN_FIRST)
def test_error_of_get_is_passed_on(version: str) -> None:
    """A negative result is returned as it is, and the vector is freed without a put."""
    script = Script(pin_result=-EFAULT, operations=(Operation.CREATE_FRAMEVEC,))

    outcome = compiled(version).run_one(script)

    assert outcome.ret == -EFAULT
    assert len(outcome.called("kvfree")) == 1
    assert outcome.violations == ()


@every_version
def test_no_memory_for_the_vector_is_enomem(version: str) -> None:
    """Without a vector nothing is pinned, and the result is -ENOMEM."""
    script = Script(allocation_fails=True, operations=(Operation.CREATE_FRAMEVEC,))

    outcome = compiled(version).run_one(script)

    assert outcome.ret == -ENOMEM
    assert [call.function for call in outcome.calls] == ["kvmalloc"]


@every_version
@pytest.mark.parametrize(
    ("pages", "ret"),
    [
        pytest.param(1 << 32, -ENOMEM, id="truncates-to-none"),
        pytest.param((1 << 32) + 8, -EFAULT, id="truncates-to-8"),
    ],
)
def test_page_count_beyond_32_bits_is_an_error_all_the_same(
    version: str, pages: int, ret: int
) -> None:
    """A length of 16 TiB and more is truncated on its way, and the last comparison sees it."""
    script = Script(
        length=pages * PAGE_SIZE,
        pin_result=8,
        vmas=(ORDINARY_VMA,),
        operations=(Operation.CREATE_FRAMEVEC,),
    )

    outcome = compiled(version).run_one(script)

    assert outcome.ret == ret
    assert outcome.pinned == ()


@every_version
@pytest.mark.parametrize(
    ("direction", "dirty"),
    [
        pytest.param(DMA_BIDIRECTIONAL, 8, id="bidirectional"),
        pytest.param(DMA_FROM_DEVICE, 8, id="from-device"),
        pytest.param(DMA_TO_DEVICE, 0, id="to-device"),
    ],
)
def test_release_dirties_what_the_device_may_have_written(
    version: str, direction: int, dirty: int
) -> None:
    """Pinned pages are set dirty while still pinned, if the device could write to them."""
    script = Script(
        pin_result=8,
        vmas=(ORDINARY_VMA,),
        direction=direction,
        operations=(Operation.CREATE_FRAMEVEC, Operation.RELEASE_FRAMEVEC),
    )

    outcome = compiled(version).run_one(script)

    assert [call.result for call in outcome.called("set_page_dirty_lock")] == [1] * dirty
    assert outcome.pinned == ()
    assert outcome.violations == ()


@pytest.mark.parametrize("version", WALKING)
def test_release_dirties_pages_that_nobody_holds(version: str) -> None:
    """Raw numbers that pfn_valid accepts end in set_page_dirty_lock without a reference."""
    script = Script(
        vmas=(RAW_VMA,),
        operations=(
            Operation.CREATE_FRAMEVEC,
            Operation.TO_PAGES,
            Operation.RELEASE_FRAMEVEC,
        ),
    )

    outcome = compiled(version).run_one(script)

    assert [call.result for call in outcome.called("set_page_dirty_lock")] == [0] * 8
    assert outcome.called("unpin_user_pages") == ()


@pytest.mark.parametrize("version", WALKING)
def test_release_of_pure_numbers_dirties_nothing(version: str) -> None:
    """Frames without a struct page are only forgotten."""
    script = Script(
        vmas=(RAW_VMA,),
        invalid_pfns=(POPULATED_PFN + 7,),
        operations=(Operation.CREATE_FRAMEVEC, Operation.RELEASE_FRAMEVEC),
    )

    outcome = compiled(version).run_one(script)

    assert outcome.called("set_page_dirty_lock") == ()
    assert len(outcome.called("kvfree")) == 1
    assert outcome.violations == ()


@pytest.mark.parametrize("version", ["v4", "no-fallback"])
def test_raw_buffer_is_refused_where_the_walk_is_dead_or_gone(version: str) -> None:
    """In v4, as after the removal, a raw mapping never becomes a videobuf2 buffer."""
    script = Script(pin_result=-EFAULT, vmas=(RAW_VMA,), operations=(Operation.CREATE_FRAMEVEC,))

    outcome = compiled(version).run_one(script)

    assert outcome.ret == -EFAULT
