"""The PIN claims about exynos g2d after patch 02/15, as posted in v4."""

from __future__ import annotations

from staleproof.claims import claims_at
from staleproof.kernel.user_buffer import reasons
from staleproof.kernel.user_buffer.reasons import proved, refuted

CLAIMS = claims_at(
    "v4/02",
    "staleproof.series.p02_exynos_longterm.versions:longterm",
    proved("PIN-1", "H", reasons.PINS_COME_BACK),
    proved("PIN-1a", "new", reasons.RELEASE_IS_COMPLETE),
    proved("PIN-2", "H", reasons.LEFTOVERS_STAY),
    refuted("PIN-2a", "new", reasons.ERRNO_FOR_A_COUNT),
    proved("PIN-3", "H", reasons.GUP_REFUSES),
    proved("PIN-3a", "new", reasons.GUP_STOPS),
    proved("PIN-4", "H", reasons.UNMAPS_FIRST),
    proved("PIN-4a", "new", reasons.MAPS_LAST),
    proved("PIN-5", "?", reasons.LONG_TERM),
    proved("PIN-6", "new", reasons.MARKED),
    proved("PIN-7", "new", reasons.AS_RELEASED),
)
