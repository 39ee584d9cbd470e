"""Why the GVF claims come out as they do: what several versions share, and the makers of claims.

A reason is one paragraph for a mail. Reasons that hold at one version only stand in the claims
module of that version. "The first table" is the one that the project began with; docs/findings.md
lists where the proofs differ from it.
"""

from __future__ import annotations

from staleproof.claims import Rows
from staleproof.kernel.frame_vector.statements import STATEMENTS

OF_THE_CALLERS = dict.fromkeys(("GVF-7", "GVF-15", "GVF-16"), "callers")
"""These are about C text that hardly differs from version to version."""


def _kin(name: str, version: str) -> str:
    return OF_THE_CALLERS.get(name, version)


_ROWS = Rows(STATEMENTS, _kin)
proved, refuted, vacuous = _ROWS.proved, _ROWS.refuted, _ROWS.vacuous


# get_vaddr_frames

WALK_FROM_ZERO = """
    The pfn walk begins with ret = 0 and goes on only while `ret < nr_frames`, and nr_frames has
    been cut to vec->nr_allocated (at most 0x07ffffff, see frame_vector_create()). So ret is never
    negative when it is compared with the unsigned nr_frames or used in &nums[ret], and every
    index is below nr_allocated.
"""

PIN_HAS_ROOM = """
    The pin is asked for the same nr_frames and stores no more than that many page pointers
    (GUP-CONTRACT); the conversion of nr_frames to the int nr_pages loses nothing.
"""

WALK_IS_LIVE = """
    pin_user_pages_fast() refuses a VM_IO or VM_PFNMAP VMA, so it pins nothing here, and the walk
    begins at ret = 0 under mmap_lock. follow_pfn() returns 0 for each PTE, all being present; at
    the end of a VMA `start` is its vm_end, and find_vma_intersection(start, start + 1) finds the
    next one. So all frames asked for are returned, or all that the vector has room for.
"""

ALIGNED_START = """
    The start must be page aligned, and the statement says so. With an unaligned start the test
    `start + PAGE_SIZE <= vma->vm_end` fails in the last page of the VMA, so a single page that is
    fully mapped gives -EFAULT. videobuf2 passes `start & PAGE_MASK`.
"""

NEVER_ZERO = """
    ret is the count of the pin, the count of the walk, or an errno. What is left at 0 (a range
    that wraps around, no VMA at start, less than a page of it) becomes -EFAULT before the return.
    Both counts are at most nr_frames, after it was cut to vec->nr_allocated. "Negative errno"
    means -4095 .. -1; that the callees return no other is part of their contracts.
"""

AS_THE_PIN = """
    The count of the pin goes to the return as it is, with got_ref set and is_pfns clear. A walk may
    only take frames of VM_IO and VM_PFNMAP VMAs: follow_pfn() refuses the others. So where there is
    none of these, every version gives what its pin gives. That is what "normal memory is
    unaffected" comes to, and where it ends: FOLL_LONGTERM may make the pin fail, or move a page
    (GVF-10, GVF-11, GVF-24), and which errno comes back differs (GVF-4, GVF-34).
"""

TAGS_OF_PIN_AND_WALK = """
    vec->nr_frames is written in one place, from ret, when ret > 0. On the pin's path got_ref is
    true and slots 0 .. ret-1 hold one pin each, and no other slot does (GUP-CONTRACT); on the
    walk's path got_ref is false and nothing is pinned, because the walk is entered only when the
    pin has returned 0 or an errno, that is, with no pin left behind. The vector holds no pins
    before the call (VEC-EMPTY, which is GVF-7).
"""

TRUE_TYPES = """
    The pin stores page pointers and goes with is_pfns = false, the walk stores pfns and goes with
    is_pfns = true. frame_vector_pfns() is called when is_pfns is already true, so it converts
    nothing. A pin that failed may leave rubbish in ptrs[], but never below nr_frames, which stays
    0 then (VEC-EMPTY).
"""

NO_WRITE_TEST = """
    follow_pfn() hands out the pfn of a present PTE and tests no permission, and get_vaddr_frames()
    looks neither at VM_WRITE nor at the PTE's write bit. The trace has a read-only PTE in a
    VM_PFNMAP VMA, whose pfn is returned like any other. The caller may let a device write there,
    although the process itself may not.
"""

NOTHING_HOLDS_A_PFN = """
    follow_pfn() drops the page-table lock before its caller sees the pfn, and mmap_lock goes next.
    Nothing is left that ties the number to the mapping: no page reference, no mmu notifier. After
    the return another CPU zaps the PTE (unmap_mapping_range() takes no mmap_lock), or puts another
    page there; the pfn may be given away, while it still stands in ptrs[] and in whatever DMA
    mapping was made of it. videobuf2 keeps it for as long as user space keeps the buffer.
"""

CMA_UP_TO_5_12 = """
    Up to 5.12 the slow path of a FOLL_LONGTERM pin pins first, then tries to migrate the pages
    that it finds in CMA, and returns them pinned if the migration fails. The trace takes that way
    out. Where no migration failed, no page in CMA is left pinned: GVF-10a.
"""

CMA_UNLESS_MIGRATION_FAILED = """
    This is GVF-10 without the one case that refutes it: the runs in which migrating a page out of
    CMA failed and the kernel, being older than 5.13, left it pinned in place. In all others
    FOLL_LONGTERM keeps CMA free of pins. The walk pins nothing. It rests on GUP-FAST-CMA: that the
    lockless part of the pin leaves pages in CMA to the slow part.
"""

CMA_SINCE_5_13 = """
    Since 5.13 a FOLL_LONGTERM pin unpins what it finds in CMA, migrates it and tries again, and
    fails if it cannot, so none stays pinned. That is the contract of pin_user_pages_fast() here
    (GUP-5.13); with it goes GUP-FAST-CMA, that the lockless part leaves pages in CMA to the slow
    part. The row also speaks of ZONE_MOVABLE; that is handled by the same code since 5.13 and has
    no state of its own in the model.
"""

DAX_REFUSED = """
    Only pin_user_pages_fast() takes pins, always with FOLL_LONGTERM, and that refuses the pages of
    a DAX file wherever in the range they come: the lockless part leaves them alone, the slow part
    fails with -EOPNOTSUPP and gives back what it pinned itself. If ordinary pages were pinned
    before it, they are returned as a partial count. The walk takes no pins. The first table of
    these properties leaves the row open (docs/findings.md); what settles it is the contract of the
    pin, GUP-CONTRACT and GUP-DAX.
"""

LOCK_AROUND_THE_WALK = """
    mmap_read_lock() and mmap_read_unlock() stand once each around the walk, every way out of the
    walk goes through `unlock:`, and the pin's path enters neither. find_vma_intersection(),
    follow_pfn() and the reads of vma->vm_end lie in between, and no VMA is used after the unlock.
    pin_user_pages_fast() is called without mmap_lock, which its slow path takes for itself.
"""

COUNTER_GROWS = """
    Each round of the inner loop adds 1 to ret, which is bounded by nr_frames. The outer loop goes
    round again only if start has reached vma->vm_end and frames are still missing; as start was
    inside the VMA, the inner loop has then added at least one frame. An unaligned start stops in
    the last page of a VMA. That the callees return is assumed.
"""

PARTIAL_BEATS_ERROR = """
    The walk stores a pfn only by a follow_pfn() that returns 0, and ret is at least 1 from there
    on. If a later follow_pfn() fails, ret stays the partial count, and nothing after that makes it
    negative. (Rubbish that a failed pin leaves in ptrs[] is not the walk's, and lies above
    nr_frames.)
"""

NOTHING_KEPT = """
    0 is returned only for nr_frames = 0, before anything is done. vec->nr_frames is written only
    when ret > 0, and was 0 before (VEC-EMPTY). A pin that returns 0 or an errno has given back
    whatever it had pinned (GUP-CONTRACT), and the walk takes no pins. got_ref and is_pfns may have
    been changed; with nr_frames = 0 nobody reads a slot.
"""

SLOT_BY_SLOT = """
    The pin puts the page at start + i pages into slot i (GUP-CONTRACT). The walk asks for
    &nums[ret] and steps `start` and `ret` together, so slot i is the pfn found at start + i pages,
    across VMAs as well. The row was added because GVF-1 to GVF-16 do not notice a walk that steps
    by two pages, or a pin that begins one page too high.
"""

RAW_IS_THE_FALLBACK = """
    If nothing can be pinned and the VMAs are VM_IO or VM_PFNMAP, the walk returns raw pfns with
    got_ref = false: that is what the fallback is for. The row was added to say it apart from what
    follows from it: GVF-8, GVF-9 and GVF-16 fail for this reason alone.
"""

# Its caller, put_vaddr_frames, and the release of a buffer

VIDEOBUF2_CALLS_ONCE = """
    vb2_create_framevec() makes the vector (frame_vector_create() sets nr_frames = 0), fills it
    once, and destroys it only after an errno, which leaves it empty (GVF-17), or after
    put_vaddr_frames(). get_vaddr_frames() itself checks nothing of this: called on a filled vector
    it overwrites the slots and the pins in them are lost. The caller that was looked at is
    videobuf2's.
"""

EACH_PIN_ONCE = """
    put_vaddr_frames() gives nr_frames pages to unpin_user_pages() if got_ref is set. By then
    frame_vector_pages() has turned pfns back into page pointers if frame_vector_to_pfns() had been
    called, and they are the pages that were pinned. The first table makes an exception: if that
    conversion fails, there is a WARN and the pins leak. It cannot fail for pinned pages, each of
    which has a struct page and hence a valid pfn. This rests on VEC-FILLED (what GVF-5 and GVF-6
    show) and VMEMMAP (page_to_pfn() and pfn_to_page() are inverses).
"""

DIRTY_UNREFERENCED = """
    If every raw pfn has a struct page, frame_vector_pages() turns them into page pointers and
    takes no reference. The dma-contig release then calls set_page_dirty_lock() on each of them for
    DMA_FROM_DEVICE and DMA_BIDIRECTIONAL, without looking at got_ref. The pages may long belong to
    somebody else. The start is any vector that get_vaddr_frames() or a conversion can leave
    (VEC-FILLED).
"""

DIRTY_ONLY_PINNED = """
    The dma-contig release marks every page of the vector dirty without looking at got_ref. That is
    sound here because a filled vector of this version always holds pins: VEC-NO-RAW, which is
    GVF-19. The pins go only afterwards, in vb2_destroy_framevec().
"""

# Rows that were added because a mutant of the C text went unnoticed

NOTHING_ASKED = """
    The first statement returns 0 for nr_frames = 0, before a lock is taken, a page is pinned or a
    tag is set. Without it the result would be -EFAULT. The row was added because GVF-3 begins at
    one frame, so nothing noticed when that statement was dropped.
"""

WRITE_BY_FORCE = """
    FOLL_WRITE and FOLL_FORCE stand in the call. A device may write what it is given, so copy-on-
    write has to be broken before the pin; and a read-only private mapping is pinned by force. The
    row was added because no other asks which flags a pin has, beside FOLL_LONGTERM.
"""

KNOWN_ERRNOS = """
    A negative result is what the pin returned, or what follow_pfn() returned, which is -EINVAL, or
    the -EFAULT of the end of the function, where nothing was found and nothing failed. The row was
    added because no other said which errno a caller gets when there is nothing at start.
"""

WALK_HIDES_NOTHING = """
    -EINVAL from follow_pfn() only says that the VMA is an ordinary one, so there is no raw mapping
    to be had; why the pages of it could not be pinned is what the pin said. The row is the part of
    GVF-4 that the fix of November 2021 is about; it was added because nothing noticed when that fix
    was undone.
"""

PUT_EMPTIES = """
    nr_frames is set to 0 on every path. got_ref is cleared after the unpin; the path around it, on
    which frame_vector_pages() fails, is not taken by a vector of pinned pages (GVF-15). The row was
    added because the contract of put_vaddr_frames() that GVF-7 uses says so, and GVF-15 does not.
"""

ALL_OR_NONE = """
    The first loop tests every pfn and changes nothing, so -EINVAL leaves the vector as it was. The
    second loop stores the struct page of each, up to nr_frames, and is_pfns follows. The row was
    added because the tags and slots after a conversion (VEC-FILLED) were taken for granted.
    frame_vector.c has this function unchanged in every version, so the claim stands at the first.
"""

PAGES_OR_ERROR = """
    A vector of pages is returned as it is. Otherwise frame_vector_to_pages() does the work
    (GVF-26), and its errno becomes the ERR_PTR. The function is the same in every version.
"""

PFNS_OF_PAGES = """
    Pfns are left alone. Otherwise each slot below nr_frames becomes page_to_pfn() of the page it
    held, and is_pfns follows; got_ref is kept, so pins are not forgotten. The row was added because
    nothing noticed mutants of this function: get_vaddr_frames() calls it for pfns only. The
    function is the same in every version.
"""

INSIDE_THE_VMA = """
    find_vma_intersection(start, start + 1) finds a VMA that begins at or below start, and the walk
    goes on only while a whole page is left of it. follow_pfn() itself looks at no bounds. The row
    was added because nothing noticed a lookup of two bytes, which may find the next VMA for an
    address that is not aligned.
"""

WALK_ASKS_ALL = """
    The walk is entered whatever the pin's errno was, and asks follow_pfn() of ordinary VMAs, too,
    which answers -EINVAL. So that errno is the walk's only way to tell that there is nothing raw
    here. The row was added for the versions that look at the flags first or have no live walk
    (GVF-31@legacy, GVF-31@v4).
"""

WHOLE_PAGES = """
    The walk goes on only while `start + PAGE_SIZE <= vma->vm_end`; the sum does not wrap, as start
    lies inside a VMA. So an unaligned start never gets the last page of a VMA, of which less than
    a page is left from there (see the alignment in GVF-2). The row was added because nothing
    noticed a walk that is content with 4095 bytes.
"""

FIRST_ERRNO = """
    ret is still 0 when the first follow_pfn() fails, takes its errno, and the walk ends. The row
    was added because nothing noticed when the errno was dropped and became -EFAULT.
"""
