"""Why the PIN claims come out as they do, and the makers of these claims.

A reason is one paragraph for a mail. Those that several versions share stand here.
"""

from __future__ import annotations

from staleproof.claims import Rows
from staleproof.kernel.user_buffer.statements import STATEMENTS

_ROWS = Rows(STATEMENTS, lambda name, version: f"PIN@{version}")
proved, refuted = _ROWS.proved, _ROWS.refuted


PINS_COME_BACK = """
    A pin that comes out short is counted by its result: that many pages are unpinned, and not as
    many as were asked for. After an errno nothing is pinned (GUP-CONTRACT), and the array is freed
    as it is. Every later error goes through the unpin of all pages. kvfree() is asked, too, whether
    a pin is lost with the array.
"""

RELEASE_IS_COMPLETE = """
    The release unpins npages slots of the array that the get has filled, in one call, and frees
    the array after it.
"""

LEFTOVERS_STAY = """
    `ret < 0` goes to the kvfree() past the unpin. What a failed pin has left in the array is not
    read.
"""

ERRNO_FOR_A_COUNT = """
    The only test is `ret != count`, of an int with an unsigned int. It becomes one of unsigned
    ints, and -EFAULT is 4294967282. In the trace that many pages were asked for: as an int that is
    -14, pin_user_pages_fast() finds a range that is not one of user space, returns -14, and the
    get takes it for all of its pages. The array, of which nothing was set, goes into the scatter
    list. It takes a range that begins in the first pages of the address space, and 32 GiB for the
    array; up to 0x7fffffff pages it cannot happen (PIN-2). Whether the callers, which take the size
    from user space, let so much through was not looked at. Testing `ret < 0` first would close it.
"""

GUP_REFUSES = """
    No page of a VM_IO or VM_PFNMAP VMA is ever pinned. If the first page is one, the pin fails
    with -EFAULT, unless memory ran out before it has looked; there is nothing else that would take
    the page.
"""

GUP_STOPS = """
    The pin ends in front of such a page, and a part of the buffer is no buffer: -EFAULT, or the
    errno of the pin.
"""

UNMAPS_FIRST = "dma_unmap_sgtable() comes first in the release, and the unpin after it."

MAPS_LAST = """
    The DMA mapping is the last that can fail, and a failed one leaves nothing mapped (DMA-REACH).
    So no error path unpins a page that is mapped.
"""

SHORT_TERM = """
    The flags are FOLL_FORCE | FOLL_WRITE. How long the pin lasts is up to user space, so pages in
    CMA stay where they are for as long. The next patch repairs it.
"""

LONG_TERM = "FOLL_LONGTERM stands among the flags of the only pin."

MARKED = """
    unpin_user_pages_dirty_lock() gets true and marks every page before it unpins it; the device may
    have written any of them.
"""

AS_RELEASED = """
    The fields are set when nothing can fail any more, from what the calls before have made. The
    rows about the release start from here (BUF-TAKEN).
"""
