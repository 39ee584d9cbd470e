"""Properties of the texts that claim device memory and revoke it, with patch 13 and without it."""

from __future__ import annotations

from functools import partial

from staleproof.engine.question import Question
from staleproof.kernel.iomem.questions import question
from staleproof.kernel.iomem.versions import LEGACY
from staleproof.series.by_patches import Asked, ByPatches
from staleproof.series.p13_iomem_revoke.claims import CLAIMS
from staleproof.series.p13_iomem_revoke.versions import REVOKES_IOMEM


def _question(name: str, chosen: frozenset[int]) -> Question:
    return question(Asked(name), REVOKES_IOMEM if chosen else LEGACY)


PROPERTIES = tuple(
    ByPatches(name, (13,), partial(_question, name), "iomem")
    for name in dict.fromkeys(claim.property for claim in CLAIMS)
)
