"""Users of one PTE before the series."""

from __future__ import annotations

from pathlib import Path

from staleproof.engine.question import Question
from staleproof.kernel.iomem.questions import ClaimLike, Folder, question_of, row_named
from staleproof.kernel.pte_users import (
    access,
    kvm,
    kvm_fault,
    kvm_lookup,
    lookup,
    s390,
    vfio,
    videobuf1,
)

TEXTS = Folder(Path(__file__).parent)


def legacy(claim: ClaimLike) -> Question:
    """The texts of v5.10-rc1."""
    before = (*access.BEFORE, *vfio.BEFORE, *kvm.BEFORE, *s390.BEFORE)
    rows = (*before, *lookup.ALL, kvm_lookup.LOOKUP, kvm_fault.FAULT, videobuf1.TAKEN)
    return question_of(claim, TEXTS, *row_named(claim.property, rows))
