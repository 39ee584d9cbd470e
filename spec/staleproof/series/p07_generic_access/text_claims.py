"""The claims about the C text of generic_access_phys() after patch 7."""

from __future__ import annotations

from staleproof.claims import claims_at
from staleproof.kernel.pte_users.reasons import (
    ALL_OR_NOTHING,
    ANY_OTHER_VMA_IS_REFUSED,
    FEWEST_PAGES,
    ONE_PTE_FOR_ALL,
    ONE_WINDOW,
    OTHER_BITS,
    PROTECTION_OF_THE_PTE,
    REASONS_FOR_EINVAL,
)
from staleproof.kernel.pte_users.statements import proved, refuted

_PACKAGE = "staleproof.series.p07_generic_access.text_versions"

_THREE_WAYS_ON = """
    Behind ioremap_prot() there are three ways on: no PTE any more, another PTE, the copy. The first
    and the last end at the same iounmap(), the second has one of its own before it goes round
    again. GAP-3 says it of the steps between processors.
"""
_DROPPED_TWICE = """
    The lock is dropped right after the PTE was read, before anything that sleeps, and on each of
    the ways on before iounmap(). GAP-5 says it of the steps between processors.
"""
_WITHIN_THE_HOLD = """
    The second follow_pte() takes the lock, pte_same() compares, the copy is made, and only then is
    the lock dropped. What was mapped is the page of the PTE that is there now: the words are equal.
    That nobody can give the page away meanwhile is GAP-1 and GAP-8.
"""
_BIT_IN_THE_WORD = """
    pte_write() was asked of the first PTE, and the one under the lock is the same word.
"""
_INVERTED = """
    v1 asked pte_same() the wrong way round: it goes round again as long as the PTE stays, and
    copies when it has changed. Found in review and fixed in v2; GAP-7 of the first table.
"""

CLAIMS = (
    *(
        claim
        for version in ("v4", "merged")
        for claim in claims_at(
            version,
            f"{_PACKAGE}:merged",
            proved("GAP-9", "new", ALL_OR_NOTHING),
            proved("GAP-10", "new", _THREE_WAYS_ON),
            proved("GAP-11", "new", _DROPPED_TWICE),
            proved("GAP-12", "new", _WITHIN_THE_HOLD),
            proved("GAP-13", "new", _WITHIN_THE_HOLD, _BIT_IN_THE_WORD),
            refuted("GAP-13a", "new", OTHER_BITS),
            proved("GAP-14", "new", ONE_WINDOW),
            refuted("GAP-15", "new", ONE_PTE_FOR_ALL),
            proved("GAP-16", "new", ANY_OTHER_VMA_IS_REFUSED),
            proved("GAP-17", "new", REASONS_FOR_EINVAL),
            proved("GAP-18", "new", FEWEST_PAGES),
            proved(
                "GAP-19",
                "new",
                PROTECTION_OF_THE_PTE,
                "The second PTE that is read is the same word.",
            ),
        )
    ),
    *claims_at(
        "v1",
        f"{_PACKAGE}:v1",
        refuted("GAP-12", "new", _INVERTED),
        refuted("GAP-13", "new", _INVERTED),
    ),
)
