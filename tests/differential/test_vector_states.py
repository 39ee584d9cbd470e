"""What the compiled functions do to the state of a vector (A5.7)."""

from __future__ import annotations

import pytest

from .harness import (
    BASE,
    EFAULT,
    EINVAL,
    MAX_FRAMES,
    OPTIMISATIONS,
    PAGE_SIZE,
    POISON,
    VERSIONS,
    VM_PFNMAP,
    Operation,
    Outcome,
    Script,
    Vma,
    compiled,
    page_word,
)

PFNS = (7, 9, 11)
WORDS = tuple(page_word(pfn) for pfn in PFNS)
RAW_VMA = Vma(BASE, BASE + 8 * PAGE_SIZE, VM_PFNMAP)
POISONED_BYTE = POISON & 0xFF

every_version = pytest.mark.parametrize("version", VERSIONS)
every_build = pytest.mark.parametrize("optimisation", OPTIMISATIONS)


def raw(*operations: Operation, invalid: tuple[int, ...] = ()) -> Script:
    """A vector of three frame numbers that nobody holds."""
    return Script(
        nr_allocated=4,
        old_nr_frames=3,
        old_is_pfns=True,
        slots=PFNS,
        invalid_pfns=invalid,
        operations=operations,
    )


def pinned(*operations: Operation, invalid: tuple[int, ...] = ()) -> Script:
    """A vector of three pinned pages."""
    return Script(
        nr_allocated=4,
        old_nr_frames=3,
        old_got_ref=True,
        slots=WORDS,
        invalid_pfns=invalid,
        operations=operations,
    )


def state(outcome: Outcome) -> tuple[int, int, int]:
    """The count of frames, got_ref and is_pfns at the end."""
    assert outcome.fate == "returned"
    return outcome.nr_frames, outcome.got_ref, outcome.is_pfns


@every_version
@every_build
class TestConversions:
    """Between page pointers and frame numbers."""

    def test_pinned_pages_are_pages_already(self, version: str, optimisation: str) -> None:
        """frame_vector_to_pages on page pointers returns 0 and changes nothing."""
        outcome = compiled(version, optimisation).run_one(pinned(Operation.TO_PAGES))

        assert outcome.ret == 0
        assert state(outcome) == (3, 1, 0)
        assert outcome.slots == (*WORDS, POISON)

    @pytest.mark.parametrize("invalid", PFNS)
    def test_one_invalid_number_spoils_all(
        self, version: str, optimisation: str, invalid: int
    ) -> None:
        """frame_vector_to_pages is -EINVAL and no slot has changed, whichever number is bad."""
        script = raw(Operation.TO_PAGES, invalid=(invalid,))

        outcome = compiled(version, optimisation).run_one(script)

        assert outcome.ret == -EINVAL
        assert state(outcome) == (3, 0, 1)
        assert outcome.slots == (*PFNS, POISON)

    def test_valid_numbers_become_pages_without_references(
        self, version: str, optimisation: str
    ) -> None:
        """frame_vector_to_pages on raw numbers yields page pointers that nobody has pinned."""
        outcome = compiled(version, optimisation).run_one(raw(Operation.TO_PAGES))

        assert outcome.ret == 0
        assert state(outcome) == (3, 0, 0)
        assert outcome.slots == (*WORDS, POISON)
        assert outcome.pinned == ()

    def test_pinned_pages_become_numbers_and_stay_pinned(
        self, version: str, optimisation: str
    ) -> None:
        """frame_vector_to_pfns converts in place and keeps got_ref, and so the pins."""
        outcome = compiled(version, optimisation).run_one(pinned(Operation.TO_PFNS))

        assert state(outcome) == (3, 1, 1)
        assert outcome.slots == (*PFNS, POISON)
        assert outcome.pinned == WORDS

    def test_numbers_are_numbers_already(self, version: str, optimisation: str) -> None:
        """frame_vector_to_pfns and frame_vector_pfns leave a vector of numbers alone."""
        script = raw(Operation.TO_PFNS, Operation.PFNS, Operation.COUNT)

        outcome = compiled(version, optimisation).run_one(script)

        assert outcome.results == (0, 1, 3)
        assert state(outcome) == (3, 0, 1)
        assert outcome.slots == (*PFNS, POISON)

    def test_accessors_convert_on_demand(self, version: str, optimisation: str) -> None:
        """frame_vector_pages converts, or hands out the error as a pointer."""
        build = compiled(version, optimisation)

        good, bad = build.run([raw(Operation.PAGES), raw(Operation.PAGES, invalid=PFNS[:1])])

        assert (good.ret, state(good)) == (1, (3, 0, 0))
        assert (bad.ret, state(bad)) == (-EINVAL, (3, 0, 1))


@every_version
@every_build
class TestPut:
    """put_vaddr_frames, by what the vector holds."""

    def test_each_pinned_page_is_unpinned_once(self, version: str, optimisation: str) -> None:
        """put_vaddr_frames gives back exactly the pinned pages, and empties the vector."""
        outcome = compiled(version, optimisation).run_one(pinned(Operation.PUT))

        (unpin,) = outcome.called("unpin_user_pages")
        assert unpin.arguments == (3, *WORDS)
        assert state(outcome) == (0, 0, 0)
        assert outcome.pinned == ()
        assert outcome.violations == ()

    def test_pins_survive_a_detour_over_numbers(self, version: str, optimisation: str) -> None:
        """Pages that were turned into numbers are turned back before they are unpinned."""
        script = pinned(Operation.TO_PFNS, Operation.PUT)

        outcome = compiled(version, optimisation).run_one(script)

        (unpin,) = outcome.called("unpin_user_pages")
        assert unpin.arguments == (3, *WORDS)
        assert state(outcome) == (0, 0, 0)
        assert outcome.violations == ()

    def test_pins_leak_when_a_number_is_no_page(self, version: str, optimisation: str) -> None:
        """If the way back fails, all pins are lost, and got_ref is left set on an empty vector."""
        script = pinned(Operation.TO_PFNS, Operation.PUT, invalid=PFNS[-1:])

        outcome = compiled(version, optimisation).run_one(script)

        assert outcome.called("unpin_user_pages") == ()
        assert outcome.warnings == ("WARN_ON: IS_ERR(pages)",)
        assert outcome.pinned == WORDS
        assert state(outcome) == (0, 1, 1)

    @pytest.mark.parametrize("first", [Operation.COUNT, Operation.TO_PAGES], ids=["raw", "pages"])
    def test_what_has_no_reference_is_only_forgotten(
        self, version: str, optimisation: str, first: Operation
    ) -> None:
        """Without got_ref, put_vaddr_frames clears the count and nothing else."""
        script = raw(first, Operation.PUT)

        outcome = compiled(version, optimisation).run_one(script)

        assert state(outcome) == (0, 0, int(first is Operation.COUNT))
        assert outcome.calls == ()


@every_version
class TestLifetime:
    """From frame_vector_create to frame_vector_destroy."""

    @pytest.mark.parametrize("count", [1, MAX_FRAMES])
    def test_created_vector_has_counts_but_no_tags(self, version: str, count: int) -> None:
        """frame_vector_create sets the two counts; both tags hold what the allocator left."""
        script = Script(nr_frames=count, operations=(Operation.CREATE,))

        outcome = compiled(version).run_one(script)

        assert outcome.ret == 1
        assert (outcome.nr_allocated, outcome.nr_frames) == (count, 0)
        assert (outcome.got_ref, outcome.is_pfns) == (POISONED_BYTE, POISONED_BYTE)
        (allocation,) = outcome.called("kvmalloc")
        assert allocation.arguments == (16 + 8 * count,)
        assert outcome.warnings == ()

    @pytest.mark.parametrize("count", [0, MAX_FRAMES + 1, (1 << 32) - 1])
    def test_absurd_count_is_refused_with_a_warning(self, version: str, count: int) -> None:
        """frame_vector_create refuses 0 and more than 0x07ffffff before it allocates."""
        script = Script(nr_frames=count, operations=(Operation.CREATE,))

        outcome = compiled(version).run_one(script)

        assert outcome.ret == 0
        assert outcome.called("kvmalloc") == ()
        assert len(outcome.warnings) == 1

    def test_failed_allocation_is_null(self, version: str) -> None:
        """frame_vector_create is NULL, without a warning, when there is no memory."""
        script = Script(allocation_fails=True, operations=(Operation.CREATE,))

        outcome = compiled(version).run_one(script)

        assert outcome.ret == 0
        assert outcome.warnings == ()

    @pytest.mark.parametrize("count", [0, 3])
    def test_destroy_wants_an_empty_vector(self, version: str, count: int) -> None:
        """frame_vector_destroy frees always, and is a bug in debug builds if frames are left."""
        script = Script(
            old_nr_frames=count, old_got_ref=False, slots=WORDS, operations=(Operation.DESTROY,)
        )

        outcome = compiled(version).run_one(script)

        assert len(outcome.called("kvfree")) == 1
        assert (count > 0) == (outcome.violations == ("VM_BUG_ON: vec->nr_frames > 0",))

    def test_whole_life_with_a_pin(self, version: str) -> None:
        """Create, get, put and destroy leave no pin, no frame and no complaint."""
        script = Script(
            pin_result=8,
            vmas=(Vma(BASE, BASE + 8 * PAGE_SIZE),),
            operations=(Operation.CREATE, Operation.GET, Operation.PUT, Operation.DESTROY),
        )

        outcome = compiled(version).run_one(script)

        assert outcome.results == (1, 8, 0, 0)
        assert state(outcome) == (0, 0, 0)
        assert outcome.pinned == ()
        assert (outcome.violations, outcome.warnings) == ((), ())


@every_version
def test_get_on_a_filled_vector_loses_its_pins(version: str) -> None:
    """Two gets and one put leave the pins of the first get behind."""
    script = Script(
        pin_result=8,
        vmas=(Vma(BASE, BASE + 8 * PAGE_SIZE),),
        operations=(Operation.GET, Operation.GET, Operation.PUT),
    )

    outcome = compiled(version).run_one(script)

    assert state(outcome) == (0, 0, 0)
    assert len(outcome.pinned) == 8


@pytest.mark.parametrize(
    ("version", "tags"),
    [
        pytest.param("v4", (0, 1), id="v4"),
        pytest.param("merged", (0, 1), id="merged"),
        pytest.param("errno-fix", (0, 1), id="errno-fix"),
        pytest.param("no-fallback", (1, 0), id="no-fallback"),
    ],
)
def test_failed_get_leaves_an_empty_vector_with_new_tags(
    version: str, tags: tuple[int, int]
) -> None:
    """After an error the vector is empty, and its tags are those of the last path tried."""
    before = Script(pin_result=-EFAULT, old_got_ref=not tags[0], old_is_pfns=not tags[1])

    outcome = compiled(version).run_one(before)

    assert outcome.ret == -EFAULT
    assert state(outcome) == (0, *tags)


@pytest.mark.parametrize("version", ["legacy", "merged", "errno-fix"])
def test_walk_leaves_numbers_that_nobody_holds(version: str) -> None:
    """A vector from the walk is tagged as numbers without a reference."""
    outcome = compiled(version).run_one(Script(vmas=(RAW_VMA,)))

    assert state(outcome) == (8, 0, 1)
    assert outcome.pinned == ()
