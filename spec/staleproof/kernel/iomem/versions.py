"""Device memory before the series: where its texts are."""

from __future__ import annotations

from pathlib import Path

from staleproof.engine.question import Question
from staleproof.kernel.iomem.questions import ClaimLike, Version, question

HERE = Path(__file__).parent
LEGACY = Version(
    resource=HERE / "resource.c",
    mem=HERE / "mem.c",
    claiming=HERE / "resource.c",
    revoking=HERE / "mem.c",
    revoke="revoke_devmem",
    x86=HERE / "devmem_x86.c",
    generic=HERE / "devmem_generic.c",
    memory=HERE / "memory.c",
    pci=HERE / "pci.c",
)


def legacy(claim: ClaimLike) -> Question:
    """kernel/resource.c, drivers/char/mem.c and what they call in v5.10-rc1."""
    return question(claim, LEGACY)
