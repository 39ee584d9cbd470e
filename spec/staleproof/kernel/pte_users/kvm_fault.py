"""What a page fault of a guest should do with what it looks up, from C text, and its killers."""

from __future__ import annotations

from staleproof.cfront.translate import FAILED
from staleproof.kernel.contracts.kvm import references
from staleproof.kernel.contracts.kvm_fault import (
    RET_PF_FIXED,
    entry_count,
    entry_locked,
    entry_made,
    entry_pfn,
    entry_referenced,
    entry_sequence,
    entry_writable,
    looked_pfn,
    looked_sequence,
    looked_up,
    looked_writable,
    mmu_lock,
)
from staleproof.kernel.iomem.properties import AT_RETURN, Subject
from staleproof.kernel.iomem.rows import Asked, Row, Wrong
from staleproof.kernel.pte_users.world import KVM_FAULT
from staleproof.lang.system import Property
from staleproof.lang.terms import conj, eq, iff, implies, neg


def kvm_12(s: Subject) -> Property:
    """Nothing was invalidated since the lookup, and nothing is while the entry is made."""
    fresh = conj(
        entry_locked(),
        looked_up(),
        eq(entry_count(), 0),
        eq(entry_sequence(), looked_sequence()),
    )
    return Property("KVM-12", fresh, premise=entry_made(), at=AT_RETURN)


def kvm_13(s: Subject) -> Property:
    """The entry leads to the page that was looked up, and lets it be written if that may be."""
    right = conj(eq(entry_pfn(), looked_pfn()), implies(entry_writable(), looked_writable()))
    return Property("KVM-13", right, premise=entry_made(), at=AT_RETURN)


def kvm_14(s: Subject) -> Property:
    """mmu_lock is balanced, held where it must be, and not held by what sleeps."""
    settled = conj(neg(mmu_lock()), neg(FAILED()))
    return Property("KVM-14", settled, at=s.ends("lock", "sleep"))


def kvm_15(s: Subject) -> Property:
    """The reference is held while the entry is made, and is given back, once."""
    back = conj(eq(references(), 0), neg(FAILED()), implies(entry_made(), entry_referenced()))
    return Property("KVM-15", back, at=s.ends("put"))


def kvm_16(s: Subject) -> Property:
    """The guest is told of an entry if there is one."""
    return Property("KVM-16", iff(entry_made(), eq(s.result, RET_PF_FIXED)), at=AT_RETURN)


_READ = "\tseq = kvm->mmu_notifier_seq;\n"
_BARRIER = "\tseq = kvm->mmu_notifier_seq;\n\tsmp_rmb();\n"
_LOOK = "\tpfn = hva_to_pfn(hva, write, &map_writable);\n"
_COUNT = "\tif (kvm->mmu_notifier_count)\n\t\treturn 1;\n"
_NUMBER = "\treturn kvm->mmu_notifier_seq != before;\n"
_LOCK = "\tspin_lock(&kvm->mmu_lock);\n"
_TEST = "\tif (mmu_notifier_retry(kvm, seq))\n\t\tgoto out_unlock;\n"
_UNLOCK = "\tspin_unlock(&kvm->mmu_lock);\n"
_RELEASE = "\tkvm_release_pfn_clean(pfn);\n"
_MAP = "\tret = __direct_map(kvm, gpa, map_writable, pfn);\n"

FAULT = Asked(
    "kvm_fault",
    "direct_page_fault",
    KVM_FAULT,
    rows=(
        Row(
            "KVM-12",
            kvm_12,
            (
                Wrong("count not asked", "an invalidation may be under way", ((_COUNT, ""),)),
                Wrong(
                    "number not asked",
                    "an invalidation may have come and gone",
                    ((_NUMBER, "\treturn 0;\n"),),
                ),
                Wrong(
                    "number read late",
                    "the sequence number is read behind the lookup",
                    ((_BARRIER, ""), (_LOOK, _LOOK + _BARRIER)),
                ),
                Wrong(
                    "no barrier",
                    "nothing keeps the lookup from being made before the number is read",
                    ((_BARRIER, _READ),),
                ),
                Wrong(
                    "asked before the lock",
                    "count and number are asked before mmu_lock is taken",
                    (
                        (_LOCK + _TEST, _TEST.replace("goto out_unlock", "goto out") + _LOCK),
                        (_UNLOCK, _UNLOCK + "out:\n"),
                    ),
                ),
            ),
        ),
        Row(
            "KVM-13",
            kvm_13,
            (
                Wrong(
                    "writable as asked",
                    "the entry is writable if the guest writes",
                    ((_MAP, _MAP.replace("map_writable", "write")),),
                ),
            ),
        ),
        Row(
            "KVM-14",
            kvm_14,
            (
                Wrong(
                    "lock kept",
                    "mmu_lock is not released where the guest has to come back",
                    ((_TEST, _TEST.replace("goto out_unlock", "return ret")),),
                ),
                Wrong(
                    "lock taken early",
                    "the lookup is made under mmu_lock",
                    ((_LOCK, ""), (_LOOK, _LOCK + _LOOK)),
                ),
            ),
        ),
        Row(
            "KVM-15",
            kvm_15,
            (
                Wrong("reference kept", "the reference is not given back", ((_RELEASE, ""),)),
                Wrong(
                    "given back early",
                    "the reference is given back before the entry is made",
                    ((_RELEASE, ""), (_LOCK, _RELEASE + _LOCK)),
                ),
            ),
        ),
        Row(
            "KVM-16",
            kvm_16,
            (
                Wrong(
                    "told before",
                    "the guest is told that all is well where it has to come back",
                    (("\tret = RET_PF_RETRY;\n", "\tret = 3;\n"),),
                ),
            ),
        ),
    ),
)
