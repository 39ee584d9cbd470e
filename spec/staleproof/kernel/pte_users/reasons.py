"""Why the claims about users of one PTE come out as they do, where several versions share it."""

from __future__ import annotations

ALL_OR_NOTHING = """
    There is one copy, of all the bytes, and it is followed by the return of the length. Every other
    return stands before it.
"""
ONE_WINDOW = """
    What is mapped is the length and the offset in the page, rounded up to pages. Where the sum does
    not fit in an int it is negative, becomes a size near 2^64, and ioremap_prot() refuses it
    because the range would wrap around. So nothing is copied beyond what was mapped.
"""
ONE_PTE_FOR_ALL = """
    The caller passes the whole length that is left and generic_access_phys() does not clip it to
    the page, so the bytes behind the end of the page are reached by their physical address. It is
    what GAP-2 says of the order of things; here it is an access of two bytes, of which the second
    lies in the next page. Clipping the length in the caller or here would close it.
"""
OTHER_BITS = """
    The permission is asked for if `write & FOLL_WRITE`, and the copy goes to the page if `write`:
    a caller that passes another bit (2, say) writes through a read-only PTE. __access_remote_vm()
    passes FOLL_WRITE or 0, so the two tests agree (ACCESS-CALLER, GAP-13).
"""
