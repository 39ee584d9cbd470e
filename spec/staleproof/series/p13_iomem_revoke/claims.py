"""The claims about patch 13/15, as posted in v4 and as merged: the revoke in resource.c."""

from __future__ import annotations

from staleproof.claims import Claim, claims_at
from staleproof.kernel.iomem import reasons
from staleproof.kernel.iomem.reasons import proved, refuted

_MOVED = """
    The revoke is that of /dev/mem, moved to kernel/resource.c; all files of device memory share
    its mapping from here on.
"""


def _at(version: str) -> tuple[Claim, ...]:
    return claims_at(
        version,
        "staleproof.series.p13_iomem_revoke.versions:revokes_iomem",
        proved("REV-6", "H", reasons.BUSY_FIRST, _MOVED),
        proved("REV-6a", "new", reasons.WHAT_WAS_ASKED_FOR),
        proved("REV-8", "H", reasons.PORTS_ARE_APART),
        proved("REV-10", "H", reasons.LOCK_IS_DROPPED),
        proved("REV-11", "H", reasons.RELAXED_DOES_NOTHING, reasons.BUT_NOT_RAM),
        proved("REV-11a", "new", reasons.CONFIGURED_OUT),
        refuted("REV-12", "?", reasons.TWO_SAMPLES),
        proved("REV-12a", "new", reasons.WHEN_TWO_ARE_ENOUGH),
        refuted("REV-13", "new", reasons.ROUNDED_APART),
        proved("REV-13a", "new", reasons.ALIGNED_IS_FINE),
        proved("REV-13b", "new", reasons.NOTHING_ELSE),
        proved("REV-14", "new", reasons.CALLER_DECIDES),
    )


CLAIMS = (*_at("v4"), *_at("merged"))
