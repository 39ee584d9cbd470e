"""The GVF claims about what came after 5.12, and about a variant that is in no kernel."""

from __future__ import annotations

from staleproof.claims import claims_at
from staleproof.kernel.equivalence import reasons as same
from staleproof.kernel.frame_vector import reasons
from staleproof.kernel.frame_vector.reasons import proved, refuted, vacuous

_NOT_IN_TABLE = """
    The first table has no entry for this version; the walk is as live as it was in 5.12.
"""

ERRNO_FIX = claims_at(
    "errno-fix",
    "staleproof.history.frame_vector.versions:errno_fix",
    proved("GVF-1", "H", reasons.WALK_FROM_ZERO, reasons.PIN_HAS_ROOM),
    proved("GVF-2", "H", reasons.WALK_IS_LIVE, reasons.ALIGNED_START),
    proved("GVF-3", "H", reasons.NEVER_ZERO),
    refuted(
        "GVF-4",
        "?",
        """
        The fix keeps the pin's errno and returns it in one case: the first follow_pfn() says
        -EINVAL. If the walk ends before it has called follow_pfn(), ret is 0 and becomes -EFAULT:
        when there is no VMA at start any more (mmap_lock was not held between the pin and the
        walk), or when an unaligned start lies in the last page of its VMA. Any other errno of
        follow_pfn() would win over the pin's, too, though it has none but -EINVAL. So -ENOMEM,
        -EINTR or -EHWPOISON can still come out as -EFAULT. The first table leaves the row open
        (docs/findings.md); at this version it fails.
        """,
    ),
    proved("GVF-5", "H", reasons.TAGS_OF_PIN_AND_WALK),
    proved("GVF-6", "H", reasons.TRUE_TYPES),
    proved("GVF-7", "H", reasons.VIDEOBUF2_CALLS_ONCE),
    refuted("GVF-8", "-", reasons.NO_WRITE_TEST, _NOT_IN_TABLE),
    refuted("GVF-9", "-", reasons.NOTHING_HOLDS_A_PFN, _NOT_IN_TABLE),
    proved("GVF-10", "H >=5.13", reasons.CMA_SINCE_5_13),
    proved("GVF-11", "?", reasons.DAX_REFUSED),
    proved("GVF-12", "H", reasons.LOCK_AROUND_THE_WALK),
    proved("GVF-13", "H", reasons.COUNTER_GROWS),
    proved("GVF-14", "H", reasons.PARTIAL_BEATS_ERROR),
    proved("GVF-15", "H", reasons.EACH_PIN_ONCE),
    refuted("GVF-16", "-", reasons.DIRTY_UNREFERENCED, _NOT_IN_TABLE),
    proved("GVF-17", "new", reasons.NOTHING_KEPT),
    proved("GVF-18", "new", reasons.SLOT_BY_SLOT),
    refuted("GVF-19", "new", reasons.RAW_IS_THE_FALLBACK),
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
    refuted("GVF-31", "new", reasons.WALK_ASKS_ALL),
    refuted(
        "GVF-32",
        "new",
        """
        When the first follow_pfn() says -EINVAL, the errno of the pin is the result. That is what
        this fix is for, so here the row should fail.
        """,
    ),
    proved("GVF-33", "new", reasons.WHOLE_PAGES),
    proved(
        "GVF-34",
        "new",
        """
        This is the case that the fix repairs: follow_pfn() says -EINVAL at once, and the errno that
        the pin left in ret_pin_user_pages_fast becomes the result. The row was added because GVF-4
        fails at this version for another reason, so nothing noticed when the repair was dropped.
        """,
    ),
    proved("GVF-35", "new", reasons.AS_THE_PIN),
)

_NO_WALK = """
    There is no walk any more: what cannot be pinned is an error. No raw pfn is ever returned
    (GVF-19), so this row has nothing to speak of.
"""

NO_FALLBACK = claims_at(
    "no-fallback",
    "staleproof.history.frame_vector.versions:no_fallback",
    proved(
        "GVF-1",
        "H",
        """
        Only pin_user_pages_fast() writes to ptrs[], and nr_frames has been cut to vec->nr_allocated
        before.
        """,
        reasons.PIN_HAS_ROOM,
    ),
    refuted(
        "GVF-2",
        "X by design",
        """
        6647e76ab623 removed the pfn walk, because nothing keeps a raw pfn valid (GVF-9@merged). So
        a range of VM_IO or VM_PFNMAP VMAs gives the -EFAULT of pin_user_pages_fast() and a
        WARN_ONCE. This is what the commit wants: the claim records that userptr on such memory is
        gone, where at v4 it was gone by mistake.
        """,
    ),
    proved(
        "GVF-3",
        "H",
        """
        A count of the pin is returned as it is and is at most nr_frames, an errno is returned as
        it is, and a 0 (a range that wraps around) becomes -EFAULT. "Negative errno" means
        -4095 .. -1; that the pin returns no other is part of its contract.
        """,
    ),
    proved(
        "GVF-4",
        "?",
        """
        Nothing comes after the pin that could replace its errno. The first table leaves the row
        open (docs/findings.md). At this version it holds, as it did before the series and at v4,
        and did not in between.
        """,
    ),
    proved(
        "GVF-5",
        "H",
        """
        got_ref is set and nr_frames is the result of the pin, whose slots 0 .. ret-1 hold one pin
        each, and no other slot does (GUP-CONTRACT). The vector holds no pins before the call
        (VEC-EMPTY, which is GVF-7).
        """,
    ),
    proved(
        "GVF-6",
        "H",
        """
        The pin stores page pointers, and is_pfns is false. After a failure nr_frames is 0, so the
        rubbish that a failed pin may leave in ptrs[] lies above it.
        """,
    ),
    proved("GVF-7", "H", reasons.VIDEOBUF2_CALLS_ONCE),
    vacuous("GVF-8", "-", _NO_WALK),
    vacuous("GVF-9", "H", _NO_WALK, "The first table says H; it holds of nothing."),
    proved("GVF-10", "H >=5.13", reasons.CMA_SINCE_5_13),
    proved("GVF-11", "?", reasons.DAX_REFUSED),
    proved(
        "GVF-12",
        "H",
        """
        The function takes no lock any more and looks at no VMA. pin_user_pages_fast() is called
        without mmap_lock, which its slow path takes and releases for itself.
        """,
    ),
    proved("GVF-13", "H", "There is no loop. That pin_user_pages_fast() returns is assumed."),
    proved(
        "GVF-14",
        "H",
        """
        There is no walk, so it has written nothing, whatever the result. A failed pin may leave
        rubbish in ptrs[]; nr_frames is 0 then, and nobody reads it.
        """,
    ),
    proved("GVF-15", "H", reasons.EACH_PIN_ONCE),
    proved("GVF-16", "H", reasons.DIRTY_ONLY_PINNED),
    proved(
        "GVF-17",
        "new",
        """
        After a failed pin nr_frames holds the errno for a moment, as an unsigned number near 2^32,
        and is set to 0 before the return; nobody else sees the vector meanwhile (VEC-MADE). A pin
        that returns 0 or an errno has given back whatever it had pinned (GUP-CONTRACT). got_ref
        stays true with nr_frames = 0, for which put_vaddr_frames() unpins zero pages.
        """,
    ),
    proved(
        "GVF-18",
        "new",
        """
        The pin puts the page at start + i pages into slot i (GUP-CONTRACT), and it is given the
        start of the range. The row was added because GVF-1 to GVF-16 do not notice a pin that
        begins one page too high.
        """,
    ),
    proved(
        "GVF-19",
        "new",
        """
        Every result above 0 comes from the pin. The row was added because GVF-16 rests on it, and
        because it is what 6647e76ab623 is about.
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
    proved("GVF-31", "new", _NO_WALK),
    vacuous("GVF-32", "new", _NO_WALK),
    proved("GVF-33", "new", _NO_WALK),
    vacuous("GVF-34", "new", _NO_WALK),
    proved("GVF-35", "new", reasons.AS_THE_PIN),
)

SIGNED_COUNT = claims_at(
    "signed-count",
    "staleproof.history.frame_vector.versions:signed_count",
    refuted(
        "GVF-1",
        "X in the signed misreading",
        """
        This version is in no kernel: it is v4 with `int nr_frames`. Now `ret < nr_frames` compares
        two ints, -14 is below any count, and the walk that begins with the pin's errno stores its
        first pfn to nums[-14] after -EFAULT. That is 112 bytes in front of ptrs[] and, the header
        being 16 bytes, 96 bytes in front of the allocation. It is the memory corruption that one
        expects when one reads v4 without the conversion to unsigned; v4 itself has none
        (GVF-1@v4). The claim shows that the proof of GVF-1@v4 hangs on the types alone.
        """,
    ),
    vacuous(
        "GVF-2",
        "new",
        """
        This version is in no kernel: it is v4 with `int nr_frames`. Here the walk is entered with
        the pin's errno as its counter, and its first store is the one in front of the array that
        GVF-1@signed-count shows. C gives no meaning to what comes after that, and neither does the
        model, which ends the run there. So no call on such a range returns, and the statement is
        left without a case.
        """,
        """
        Compiled and executed, with 8 frames of one VMA of 8 pages, the walk writes nums[-14] to
        nums[-7], leaves vec->nr_frames alone and returns -6, an errno that nobody meant.
        """,
    ),
)

_BESIDE = "staleproof.history.frame_vector.beside"

ERRNO_FIX_BESIDE_MERGED = claims_at(
    "errno-fix",
    f"{_BESIDE}:errno_fix",
    same.refuted(
        "EQ-3",
        "new",
        """
        That is what the fix is for: follow_pfn() refuses the ordinary VMA with -EINVAL, which is
        what the merged version returns; with the fix it is what the pin said.
        """,
    ),
    same.proved(
        "EQ-3a",
        "new",
        """
        The fix changes errnos alone. The two run on the same kernel here, before 5.13 or since.
        """,
        same.TOLD_BY_THE_PIN,
    ),
)

NO_FALLBACK_BESIDE_ERRNO_FIX = claims_at(
    "no-fallback",
    f"{_BESIDE}:no_fallback",
    same.proved(
        "EQ-3",
        "new",
        """
        On normal memory the walk that was removed did nothing but put back the errno of the pin, or
        -EFAULT where no VMA has the start. There the pin says -EFAULT as well, since 5.13: it
        allocates nothing before it looks. In a still world, that is; between pin and walk another
        thread may unmap the range (GVF-4@errno-fix).
        """,
        same.TOLD_BY_THE_PIN,
    ),
)

BESIDE = (*ERRNO_FIX_BESIDE_MERGED, *NO_FALLBACK_BESIDE_ERRNO_FIX)
CLAIMS = (*ERRNO_FIX, *NO_FALLBACK, *SIGNED_COUNT, *BESIDE)
