"""The claims about users of one PTE before the series, from C text."""

from __future__ import annotations

from staleproof.claims import claims_at
from staleproof.kernel.pte_users.reasons import (
    ALL_OR_NOTHING,
    ONE_PTE_FOR_ALL,
    ONE_WINDOW,
    OTHER_BITS,
)
from staleproof.kernel.pte_users.statements import proved, refuted

_LOCK_IS_GONE = """
    follow_phys() drops ptl before it returns, and from there to the copy nothing keeps the PTE as
    it is. In the trace another CPU clears it after the look. What the owner of the page may do then
    is GAP-1 and GAP-8.
"""

CLAIMS = claims_at(
    "legacy",
    "staleproof.kernel.pte_users.versions:legacy",
    proved("GAP-9", "new", ALL_OR_NOTHING),
    proved("GAP-10", "new", "There is one ioremap_prot() and one iounmap() behind it."),
    proved("GAP-11", "new", "The lock is held in follow_phys() alone, which does not sleep."),
    refuted("GAP-12", "new", _LOCK_IS_GONE),
    refuted("GAP-13", "new", _LOCK_IS_GONE, "The permission may be gone likewise."),
    refuted("GAP-13a", "new", OTHER_BITS),
    proved("GAP-14", "new", ONE_WINDOW),
    refuted("GAP-15", "new", ONE_PTE_FOR_ALL),
)
