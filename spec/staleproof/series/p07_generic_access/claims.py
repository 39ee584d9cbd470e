"""The claims about generic_access_phys() after patch 7, and about its first version."""

from __future__ import annotations

from staleproof.claims import claims_at
from staleproof.kernel.page_users.reasons import proved, refuted

QUESTION = "staleproof.series.p07_generic_access.versions:question"

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

CLAIMS = (
    *(
        claim
        for version in ("v4", "merged")
        for claim in claims_at(
            version,
            QUESTION,
            proved("GAP-1", "H", _IN_THE_HOLD),
            refuted("GAP-2", "?", _ONE_PAGE_ONLY),
            proved("GAP-4", "H", _IN_THE_HOLD, "pte_same() covers the write bit."),
            proved("GAP-8", "new", _IN_THE_HOLD),
        )
    ),
    *claims_at("v1", QUESTION, refuted("GAP-1", "GAP-7", _INVERTED)),
)
