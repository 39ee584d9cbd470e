"""Users of one PTE in 5.12, KVM after its fix of 2021, and s390 after its fix of 2025."""

from __future__ import annotations

from pathlib import Path

from staleproof.engine.question import Question
from staleproof.kernel.iomem.questions import ClaimLike, Folder, question_of, row_named
from staleproof.kernel.pte_users import kvm, s390, vfio

TEXTS = Folder(Path(__file__).parent)


def merged(claim: ClaimLike) -> Question:
    """Vfio after 07956b6269d3, s390 after a67a88b0b8de, KVM after bd2fae8da794: all in 5.12."""
    rows = (*vfio.MERGED, *kvm.MERGED, *s390.MERGED)
    return question_of(claim, TEXTS, *row_named(claim.property, rows))


def kvm_refcount(claim: ClaimLike) -> Question:
    """KVM after f8be156be163."""
    return question_of(claim, TEXTS, *row_named(claim.property, kvm.REFCOUNT))


def mmio_read(claim: ClaimLike) -> Question:
    """s390 after 41a0926e82f4."""
    return question_of(claim, TEXTS, *row_named(claim.property, s390.MMIO_READ))
