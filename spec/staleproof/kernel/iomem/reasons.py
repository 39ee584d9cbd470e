"""Why the claims about device memory come out as they do, and the makers of these claims.

A reason is one paragraph for a mail. Those that several versions share stand here.
"""

from __future__ import annotations

from staleproof.claims import Rows
from staleproof.kernel.iomem.statements import STATEMENTS

_ROWS = Rows(STATEMENTS, lambda name, version: name.partition("-")[0])
proved, refuted = _ROWS.proved, _ROWS.refuted


BUSY_FIRST = """
    The resource is put into the tree with IORESOURCE_BUSY, under resource_lock held for writing.
    The lock is released, and only then comes the revoke, still before the caller gets the
    resource. So a mapping that is tested after the release is refused, and one that was made
    before the revoke is zapped, if it can be found. One that was tested before and made after is
    the window that this order leaves.
"""

WHAT_WAS_ASKED_FOR = """
    The range is written before the loop, the flags each time round it, since the type comes from
    the resource that the claim goes under. The resource is linked in one place, at the loop's
    good end, and freed in another. A length of 0 makes a resource that ends in front of its
    start; nobody refuses that here.
"""

PORTS_ARE_APART = """
    The revoke is called only if the parent that the caller named is &iomem_resource. A claim of
    I/O ports names &ioport_resource, and the loop moves `parent`, not `orig_parent`.
"""

LOCK_IS_DROPPED = """
    resource_lock is an rwlock, under which nothing may sleep, and unmap_mapping_range() takes
    i_mmap_rwsem. The claim releases the lock before the revoke and before it waits for a muxed
    region. devmem_is_allowed(), which the revoke asks, takes the lock for reading itself, and so
    could not be asked under it.
"""

RELAXED_DOES_NOTHING = """
    With strict_iomem_checks off iomem_is_exclusive() is false of every page, so that
    devmem_is_allowed() denies none but RAM, both end pages are allowed, and the revoke returns.
"""

BUT_NOT_RAM = """
    An end page that is RAM at or above 1 MiB is denied all the same: a claim that shares a page
    with RAM is revoked even then. That zaps too much, which does no harm.
"""

CONFIGURED_OUT = """
    Without the option there is no revoke, so that a claim without IORESOURCE_EXCLUSIVE neither
    keeps user space out nor takes anything away. Before there is an inode no file can have been
    opened with its mapping; a driver that claims that early revokes nothing.
"""

TWO_SAMPLES = """
    devmem_is_allowed() is asked about the first and the last page of the claim, and if both are
    allowed, nothing is zapped. In the trace both are, and a page between them is denied: checks
    are relaxed, and that page is RAM. The code says that it does not look at the whole range for
    the sake of speed, and not why two pages are enough. With strict checks they are: REV-12a.
"""

WHEN_TWO_ARE_ENOUGH = """
    A claim that is busy keeps user space out of every page that it touches (EXC-1, with
    CONFIG_IO_STRICT_DEVMEM), and with strict checks devmem_is_allowed() then denies each page at
    or above 1 MiB. If some page of the claim is denied, it is at or above 1 MiB, so the last page
    is, too, and that one is asked. It is the order of REV-6 (busy first, then the revoke) that
    makes the condition true where the revoke is called.
"""

ROUNDED_APART = """
    The start is rounded down to a page and the length is rounded up to pages, each for itself. A
    claim of one page's length that begins in the middle of a page touches two pages, and the
    length rounds up to one: the second page is not zapped. For files both are page aligned, since
    truncation works with pages; the revoke of a claim passes any start and length. A user mapping
    of the page that the claim ends in then survives the claim, though a new mapping of the same
    page would be refused (EXC-1).
"""

ALIGNED_IS_FINE = """
    If the start is the first byte of a page, rounding down changes nothing, and the length
    rounded up counts exactly the pages that are touched. A length of 0 means all to the end. BARs
    of a page or more are aligned to their size, and so never meet REV-13; BARs of less than a
    page lie in one page.
"""

NOTHING_ELSE = """
    From the first byte of a page on, the length rounded up ends in the page of the last byte. Of a
    length of 0 the last page would lie below the first, and that is what tells it.
"""

CALLER_DECIDES = """
    `parent` moves down the tree to the resource that the claim goes under, for instance the BAR
    or the bus window, before the loop ends. `orig_parent` keeps what the caller said. A caller
    that names such a resource itself, instead of &iomem_resource, is not revoked for.
"""
