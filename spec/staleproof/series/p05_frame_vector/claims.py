"""The GVF claims about patch 05/15: as posted in v4, and as merged for 5.12."""

from __future__ import annotations

from staleproof.claims import claims_at
from staleproof.kernel.equivalence import reasons as same
from staleproof.kernel.frame_vector import reasons
from staleproof.kernel.frame_vector.reasons import proved, refuted, vacuous

_DEAD_WALK = """
    v4 enters the pfn walk with ret as pin_user_pages_fast() left it. `ret < nr_frames` compares an
    int with an unsigned int, so C converts ret to unsigned int: -14 becomes 4294967282, which is
    not below any nr_frames (at most 0x07ffffff). So the loop body never runs after an errno.
"""

_NOR_AFTER_ZERO = """
    A pin that returns 0 does not bring it to life either. That happens only when start + length
    wraps around; start is then above TASK_SIZE, find_vma_intersection() finds no VMA there, and the
    result is -EFAULT.
"""

V4 = claims_at(
    "v4",
    "staleproof.series.p05_frame_vector.versions:v4",
    proved(
        "GVF-1",
        "H",
        _DEAD_WALK,
        """
        So nothing is written in front of the array, and the missing `ret = 0` is not a memory
        corruption. It holds by the unsigned comparison alone: with `int nr_frames` the same text
        writes to nums[-14], see GVF-1@signed-count; a `long ret` would do the same on LP64. The pin
        itself has room, as nr_frames was cut to vec->nr_allocated before.
        """,
    ),
    refuted(
        "GVF-2",
        "X",
        """
        After pin_user_pages_fast() has failed, ret still holds its errno when the pfn walk begins.
        `ret < nr_frames` compares an int with an unsigned int, so by C's usual arithmetic
        conversions ret is converted to unsigned int: for -EFAULT and 8 frames, 4294967282 is
        compared with 8. The walk runs zero rounds, and the pin's errno is what the caller gets.
        Nothing is written out of bounds (GVF-1@v4 is PROVED), mmap_lock is balanced and the call
        ends.
        """,
        """
        So this is a dead fallback: userptr on VM_IO and VM_PFNMAP memory, which worked before the
        patch, always fails with -EFAULT. It is a functional regression and not a memory
        corruption. The fix is `ret = 0` before the walk, as asked in review and as merged
        (GVF-2@merged). gcc -Wsign-compare reports the comparison.
        """,
    ),
    proved("GVF-3", "H", reasons.NEVER_ZERO),
    proved(
        "GVF-4",
        "?",
        _DEAD_WALK,
        """
        So the errno of the pin comes through the walk unchanged and is returned. v4 gets this
        right by accident; resetting ret, as merged, is what loses the errno. The first table leaves
        the row open (docs/findings.md); at this version it holds.
        """,
    ),
    proved("GVF-5", "H", reasons.TAGS_OF_PIN_AND_WALK),
    proved("GVF-6", "H", reasons.TRUE_TYPES),
    proved("GVF-7", "H", reasons.VIDEOBUF2_CALLS_ONCE),
    vacuous(
        "GVF-8",
        "H vacuous",
        _DEAD_WALK,
        _NOR_AFTER_ZERO,
        "No raw pfn is ever returned (GVF-19), so there is nothing for this row to speak of.",
    ),
    vacuous(
        "GVF-9",
        "H vacuous",
        _DEAD_WALK,
        _NOR_AFTER_ZERO,
        "No raw pfn is ever returned (GVF-19), so there is none that could go stale.",
    ),
    refuted("GVF-10", "weak: H unless migration fails", reasons.CMA_UP_TO_5_12),
    proved("GVF-10a", "new", reasons.CMA_UNLESS_MIGRATION_FAILED),
    proved("GVF-11", "?", reasons.DAX_REFUSED),
    proved("GVF-12", "H", reasons.LOCK_AROUND_THE_WALK),
    proved(
        "GVF-13",
        "H",
        reasons.COUNTER_GROWS,
        """
        With an errno in ret neither loop goes round: `ret < nr_frames` is false from the start
        (see GVF-2@v4), and the do-while ends on the same comparison.
        """,
    ),
    proved(
        "GVF-14",
        "H",
        _DEAD_WALK,
        "The walk stores nothing at all, whatever the result.",
    ),
    proved("GVF-15", "H", reasons.EACH_PIN_ONCE),
    proved(
        "GVF-16",
        "H vacuous",
        reasons.DIRTY_ONLY_PINNED,
        """
        The first table calls this vacuous. It is so for vectors of raw pfns; for pinned pages the
        release does mark pages dirty, and the proof is about those.
        """,
    ),
    proved("GVF-17", "new", reasons.NOTHING_KEPT),
    proved("GVF-18", "new", reasons.SLOT_BY_SLOT),
    proved(
        "GVF-19",
        "new",
        _DEAD_WALK,
        _NOR_AFTER_ZERO,
        """
        So every result above 0 comes from the pin. The row was added because GVF-8, GVF-9 and
        GVF-16 rest on it here; that the raw path is dead is thereby proved and not read off.
        """,
    ),
    proved("GVF-20", "new", reasons.NOTHING_ASKED),
    proved("GVF-21", "new", reasons.WRITE_BY_FORCE),
    proved("GVF-22", "new", reasons.KNOWN_ERRNOS),
    proved("GVF-23", "new", reasons.WALK_HIDES_NOTHING),
    refuted(
        "GVF-24",
        "new",
        """
        The function asks no VMA any more; what a DAX file gives is what the pin says. That is
        -EOPNOTSUPP where its slow path comes to look at the VMA, but an earlier failure, such as
        -ENOMEM, comes before, and so does -EFAULT where the range ends above TASK_SIZE.
        """,
    ),
    proved("GVF-30", "new", reasons.INSIDE_THE_VMA),
    proved("GVF-31", "new", _DEAD_WALK, _NOR_AFTER_ZERO, "So follow_pfn() is never called."),
    vacuous("GVF-32", "new", _DEAD_WALK, _NOR_AFTER_ZERO, "follow_pfn() is never called."),
    proved("GVF-33", "new", reasons.WHOLE_PAGES),
    vacuous("GVF-34", "new", _DEAD_WALK, _NOR_AFTER_ZERO, "follow_pfn() is never called."),
    proved("GVF-35", "new", reasons.AS_THE_PIN),
)

MERGED = claims_at(
    "merged",
    "staleproof.series.p05_frame_vector.versions:merged",
    proved("GVF-1", "H", reasons.WALK_FROM_ZERO, reasons.PIN_HAS_ROOM),
    proved("GVF-2", "H", reasons.WALK_IS_LIVE, reasons.ALIGNED_START),
    proved("GVF-3", "H", reasons.NEVER_ZERO),
    refuted(
        "GVF-4",
        "?",
        """
        `ret = 0` before the walk throws the pin's errno away. If the walk then finds nothing, the
        caller gets -EINVAL from follow_pfn(), because the VMA is an ordinary one, or -EFAULT from
        the end of the function, because there is no VMA at start. So -ENOMEM, -EINTR, -EHWPOISON
        and, for DAX files, -EOPNOTSUPP are reported as something else. The first table leaves the
        row open (docs/findings.md); at this version it fails. The fix of November 2021 repairs a
        part of it (GVF-4@errno-fix), the removal of the walk all of it (GVF-4@no-fallback).
        """,
    ),
    proved("GVF-5", "H", reasons.TAGS_OF_PIN_AND_WALK),
    proved("GVF-6", "H", reasons.TRUE_TYPES),
    proved("GVF-7", "H", reasons.VIDEOBUF2_CALLS_ONCE),
    refuted("GVF-8", "X", reasons.NO_WRITE_TEST),
    refuted("GVF-9", "X", reasons.NOTHING_HOLDS_A_PFN),
    refuted("GVF-10", "weak", reasons.CMA_UP_TO_5_12),
    proved("GVF-10a", "new", reasons.CMA_UNLESS_MIGRATION_FAILED),
    proved("GVF-11", "?", reasons.DAX_REFUSED),
    proved("GVF-12", "H", reasons.LOCK_AROUND_THE_WALK),
    proved("GVF-13", "H", reasons.COUNTER_GROWS),
    proved("GVF-14", "H", reasons.PARTIAL_BEATS_ERROR),
    proved("GVF-15", "H", reasons.EACH_PIN_ONCE),
    refuted("GVF-16", "X", reasons.DIRTY_UNREFERENCED),
    proved("GVF-17", "new", reasons.NOTHING_KEPT),
    proved("GVF-18", "new", reasons.SLOT_BY_SLOT),
    refuted("GVF-19", "new", reasons.RAW_IS_THE_FALLBACK),
    proved("GVF-20", "new", reasons.NOTHING_ASKED),
    proved("GVF-21", "new", reasons.WRITE_BY_FORCE),
    proved("GVF-22", "new", reasons.KNOWN_ERRNOS),
    refuted(
        "GVF-23",
        "new",
        """
        `ret = 0` before the walk throws the pin's errno away, and the first follow_pfn() of an
        ordinary VMA puts -EINVAL in its place. So -ENOMEM, -EINTR and -EHWPOISON become -EINVAL.
        The fix of November 2021 is for this (GVF-23@errno-fix).
        """,
    ),
    refuted(
        "GVF-24",
        "new",
        """
        The function asks no VMA any more; what a DAX file gives is what the pin says. That is
        -EOPNOTSUPP where its slow path comes to look at the VMA, but an earlier failure, such as
        -ENOMEM, comes before, and so does -EFAULT where the range ends above TASK_SIZE.
        """,
    ),
    proved("GVF-30", "new", reasons.INSIDE_THE_VMA),
    refuted("GVF-31", "new", reasons.WALK_ASKS_ALL),
    proved("GVF-32", "new", reasons.FIRST_ERRNO),
    proved("GVF-33", "new", reasons.WHOLE_PAGES),
    refuted(
        "GVF-34",
        "new",
        """
        The -EINVAL of follow_pfn() takes the place of the pin's errno. It only says that the VMA at
        start is an ordinary one.
        """,
    ),
    proved("GVF-35", "new", reasons.AS_THE_PIN),
)

_BESIDE = "staleproof.series.p05_frame_vector.beside"

V4_BESIDE_LEGACY = claims_at(
    "v4",
    f"{_BESIDE}:v4",
    same.refuted(
        "EQ-3",
        "new",
        """
        "Normal memory is unaffected" is not true of the errno. Where no VMA has the start, the
        version before looks first and returns -EFAULT. v4 asks the pin, which for the long term
        allocates an array before it looks, and may return -ENOMEM.
        """,
    ),
    same.refuted(
        "EQ-3a",
        "new",
        """
        Nor is it true of the frames: FOLL_LONGTERM moves a page out of CMA, so another page is
        pinned; that is what the patch is for (GVF-10). It also refuses pages of DAX files, and may
        find no memory for its array of VMAs, where the pin before the series gave frames.
        """,
    ),
    same.proved(
        "EQ-3b",
        "new",
        """
        With these three out of the way, "normal memory is unaffected" is true as it stands: the
        result is the same, each errno included, and so are the pages, their pins and the tags.
        """,
        same.TOLD_BY_THE_PIN,
    ),
    same.proved(
        "EQ-3c",
        "new",
        """
        What FOLL_LONGTERM changes goes one way only: it gives fewer frames or none, never more, and
        each is the page that the pin before the series gave, or was moved out of CMA. The first
        VMA, which the version before asks about DAX, is none of DAX where a long-term pin has got a
        page of it.
        """,
        same.TOLD_BY_THE_PIN,
    ),
)

MERGED_BESIDE_V4 = claims_at(
    "merged",
    f"{_BESIDE}:merged",
    same.refuted(
        "EQ-3",
        "new",
        """
        `ret = 0` before the walk throws the pin's errno away, on normal memory, too: v4 returns
        -ENOMEM and the merged version -EFAULT, or -EINVAL where there is a VMA (GVF-4@merged).
        """,
    ),
    same.proved(
        "EQ-3a",
        "new",
        """
        Which errno it is is all that differs: the two ask for the same pin, and what it gives goes
        to the caller as it is.
        """,
        same.TOLD_BY_THE_PIN,
    ),
)

CLAIMS = (*V4, *MERGED, *V4_BESIDE_LEGACY, *MERGED_BESIDE_V4)
