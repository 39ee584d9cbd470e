"""The claims about generic_access_phys() after patch 7, and about its first version."""

from __future__ import annotations

from staleproof.claims import claims_at
from staleproof.kernel.page_users.reasons import proved, refuted

QUESTION = "staleproof.series.p07_generic_access.versions:question"
RETRY = "staleproof.series.p07_generic_access.retry:question"

_IN_THE_HOLD = """
    The PTE is read, the lock is dropped for ioremap_prot(), which sleeps, and taken again; if
    pte_same() says that nothing has changed, the bytes are copied within that hold. A zap takes the
    same lock, and the page is given away after the zap. That the PTE may have been cleared and set
    again in between does no harm: it maps the page now.
"""
_ONE_PAGE_ONLY = """
    __access_remote_vm() passes the whole remaining length, and generic_access_phys() maps and
    copies all of it by the one PTE that it has looked at. What lies behind the end of that page is
    reached by its physical address, whatever the next PTE maps, if there is one. The fix would be
    to clip the length to the page.
"""
_INVERTED = """
    v1 of the patch tested pte_same() the wrong way round: it copied when the PTE had changed. Found
    in review, and fixed in v2; this claim holds the model to it.
"""
_BACK_ON_EVERY_WAY = """
    After ioremap_prot() three ways lead on: the PTE is gone, the PTE is another one, or the bytes
    are copied. On each the lock is dropped, if it is held, and then comes iounmap(). The retry
    makes a new mapping.
"""
_DROPPED_FIRST = """
    That is what the second look is for: the lock is dropped after the first, so that
    ioremap_prot() may sleep.
"""
_ADVERSARY = """
    Who changes the PTE during each ioremap_prot() keeps the call going for ever: the trace comes
    back to where it was. It takes another thread that maps and zaps without an end, at the right
    moments. Nothing is held during the retry but mmap_lock for reading, and the price is paid by
    the one who reads or writes the memory of that process. There is no test for signals in the
    loop.
"""
_A_CHANGE_FOR_EACH_RETRY = """
    A retry needs a PTE that is not what it was at the look before, so it has changed since. Each
    round uses up one change at least; that number is the ranking word.
"""

CLAIMS = (
    *(
        claim
        for version in ("v4", "merged")
        for claim in claims_at(
            version,
            QUESTION,
            proved("GAP-1", "H", _IN_THE_HOLD),
            refuted("GAP-2", "?", _ONE_PAGE_ONLY),
            proved("GAP-3", "H", _BACK_ON_EVERY_WAY),
            proved("GAP-4", "H", _IN_THE_HOLD, "pte_same() covers the write bit."),
            proved("GAP-5", "H", _DROPPED_FIRST),
            proved("GAP-8", "new", _IN_THE_HOLD),
        )
    ),
    *(
        claim
        for version in ("v4", "merged")
        for claim in claims_at(
            version,
            RETRY,
            refuted("GAP-6", "X", _ADVERSARY),
            proved("GAP-6a", "new", _A_CHANGE_FOR_EACH_RETRY),
        )
    ),
    *claims_at("v1", QUESTION, refuted("GAP-1", "GAP-7", _INVERTED)),
)
