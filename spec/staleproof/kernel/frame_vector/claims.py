"""The GVF claims about frame_vector.c before the series."""

from __future__ import annotations

from staleproof.claims import claims_at
from staleproof.kernel.frame_vector import reasons
from staleproof.kernel.frame_vector.reasons import proved, refuted, vacuous

_PIN_IS_DECISIVE = """
    Which way to go is decided before anything is tried, by the flags of the VMA at start, so a
    failed pin is never followed by a walk: `ret` goes from pin_user_pages_locked() straight to the
    return. The first table leaves the row open (docs/findings.md); at this version it holds.
"""

_ONE_HOLD = """
    mmap_lock is taken once. pin_user_pages_locked() may drop it and then clears `locked`, and the
    unlock at the end asks for that. The VMA is not used after the pin, and find_vma_intersection(),
    vma_is_fsdax(), follow_pfn() and the reads of vma-> all come under the lock.
"""

CLAIMS = claims_at(
    "legacy",
    "staleproof.kernel.frame_vector.versions:legacy",
    proved("GVF-1", "H", reasons.WALK_FROM_ZERO, reasons.PIN_HAS_ROOM),
    proved(
        "GVF-2",
        "H",
        """
        The VMA at start is VM_IO or VM_PFNMAP, so the walk is chosen and nothing is pinned. It
        begins at ret = 0, follow_pfn() returns 0 for each PTE, all being present, and from the end
        of one VMA find_vma_intersection() leads to the next, whose flags allow the loop to go on.
        """,
        reasons.ALIGNED_START,
    ),
    proved(
        "GVF-3",
        "H",
        reasons.NEVER_ZERO,
        "The long of pin_user_pages_locked() goes into the int ret and loses nothing.",
    ),
    proved("GVF-4", "?", _PIN_IS_DECISIVE),
    proved(
        "GVF-5",
        "H",
        """
        vec->nr_frames is written in one place, from ret, when ret > 0. The pin's path sets
        got_ref = true, and slots 0 .. ret-1 then hold one pin each, and no other slot does
        (GUP-CONTRACT). The walk's path sets got_ref = false and pins nothing. The vector holds no
        pins before the call (VEC-EMPTY, which is GVF-7).
        """,
    ),
    proved("GVF-6", "H", reasons.TRUE_TYPES),
    proved(
        "GVF-7",
        "H",
        reasons.VIDEOBUF2_CALLS_ONCE,
        """
        The other users before the series, exynos g2d and habanalabs, are not modelled; patches 01
        and 03 take them off frame vectors.
        """,
    ),
    refuted("GVF-8", "X", reasons.NO_WRITE_TEST),
    refuted("GVF-9", "X", reasons.NOTHING_HOLDS_A_PFN),
    refuted(
        "GVF-10",
        "X",
        """
        pin_user_pages_locked() cannot be asked for FOLL_LONGTERM: it warns and returns -EINVAL.
        So the pin is a short-term one, which takes pages in CMA as they come, and videobuf2 keeps
        it for as long as user space keeps the buffer. This is what patch 05 sets out to repair.
        """,
    ),
    refuted(
        "GVF-11",
        "?",
        """
        Only the VMA at start is asked vma_is_fsdax(). The pin runs on into the next VMA, and
        without FOLL_LONGTERM nothing there refuses a DAX file. In the trace the first page lies in
        an ordinary VMA and the second in a DAX one, and both are pinned. The first table leaves
        the row open (docs/findings.md); at this version it fails. Patch 05 repairs it with
        FOLL_LONGTERM (GVF-11@v4).
        """,
    ),
    proved("GVF-12", "H", _ONE_HOLD),
    proved("GVF-13", "H", reasons.COUNTER_GROWS),
    proved("GVF-14", "H", reasons.PARTIAL_BEATS_ERROR),
    proved("GVF-15", "H", reasons.EACH_PIN_ONCE),
    refuted("GVF-16", "X", reasons.DIRTY_UNREFERENCED),
    proved("GVF-17", "new", reasons.NOTHING_KEPT),
    proved("GVF-18", "new", reasons.SLOT_BY_SLOT),
    refuted(
        "GVF-19",
        "new",
        """
        For a VM_IO or VM_PFNMAP VMA raw pfns are what the function returns, with got_ref = false.
        The row was added to say it apart from what follows from it: GVF-8, GVF-9 and GVF-16 fail
        for this reason alone.
        """,
    ),
    proved("GVF-20", "new", reasons.NOTHING_ASKED),
    refuted(
        "GVF-21",
        "new",
        """
        The flags of the pin are the caller's gup_flags, whatever they are. videobuf2 passes
        FOLL_FORCE | FOLL_WRITE; nothing in this function asks for it. From v4 on the function sets
        its own flags.
        """,
    ),
    proved("GVF-22", "new", reasons.KNOWN_ERRNOS),
    proved(
        "GVF-23",
        "new",
        """
        A pin is never followed by a walk here, and follow_pfn() is called only where nothing was
        pinned (see GVF-4@legacy).
        """,
    ),
    proved(
        "GVF-24",
        "new",
        """
        The VMA at start is asked vma_is_fsdax() before anything else, and the answer is
        -EOPNOTSUPP. What later VMAs of the range are is not asked (GVF-11@legacy). The row was
        added because nothing noticed when the test was dropped.
        """,
    ),
    proved("GVF-25", "new", reasons.PUT_EMPTIES),
    proved("GVF-26", "new", reasons.ALL_OR_NONE),
    proved("GVF-27", "new", reasons.PAGES_OR_ERROR),
    proved("GVF-28", "new", reasons.PFNS_OF_PAGES),
    proved("GVF-29", "new", reasons.PFNS_OF_PAGES),
    proved("GVF-30", "new", reasons.INSIDE_THE_VMA),
    proved(
        "GVF-31",
        "new",
        """
        The flags of the first VMA decide between pin and walk, and the walk goes on to another VMA
        only if that is VM_IO or VM_PFNMAP, too. The row was added because nothing noticed a test of
        other flags: an ordinary VMA was walked then, instead of pinned.
        """,
    ),
    proved("GVF-32", "new", reasons.FIRST_ERRNO),
    proved("GVF-33", "new", reasons.WHOLE_PAGES),
    vacuous(
        "GVF-34",
        "new",
        """
        Here a pin is never followed by a walk: the flags of the first VMA decide for one of them.
        """,
    ),
    proved("GVF-35", "new", reasons.AS_THE_PIN),
)
