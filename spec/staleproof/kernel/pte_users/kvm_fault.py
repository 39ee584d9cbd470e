"""What a page fault of a guest should do with what it looks up, from C text, and its killers."""

from __future__ import annotations

from staleproof.cfront.translate import FAILED
from staleproof.kernel.contracts.kvm import references
from staleproof.kernel.contracts.kvm_fault import (
    ERR_HWPOISON,
    ERR_RO_FAULT,
    RET_PF_EMULATE,
    RET_PF_FIXED,
    RET_PF_RETRY,
    entry_address,
    entry_count,
    entry_locked,
    entry_made,
    entry_pfn,
    entry_referenced,
    entry_sequence,
    entry_writable,
    held_count,
    held_sequence,
    looked_address,
    looked_pfn,
    looked_sequence,
    looked_up,
    looked_writable,
    looked_write,
    map_tried,
    mmu_lock,
    room_asked,
    room_result,
)
from staleproof.kernel.errno import EFAULT, errno
from staleproof.kernel.iomem.properties import AT_RETURN, Subject
from staleproof.kernel.iomem.rows import Asked, Row, Wrong
from staleproof.kernel.pte_users.world import KVM_FAULT
from staleproof.lang.system import Property
from staleproof.lang.terms import conj, disj, eq, iff, implies, ite, neg, word


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
    """The entry leads from the guest's address to the page of the process's, as it may be used."""
    right = conj(
        eq(entry_address(), s["gpa"]),
        eq(looked_address(), s["hva"]),
        iff(looked_write(), s["write"]),
        eq(entry_pfn(), looked_pfn()),
        iff(entry_writable(), looked_writable()),
    )
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


def kvm_18(s: Subject) -> Property:
    """What becomes of a word that stands in place of a pfn."""
    told = ite(
        eq(looked_pfn(), word(ERR_RO_FAULT, 64)),
        word(RET_PF_EMULATE, 32),
        ite(eq(looked_pfn(), word(ERR_HWPOISON, 64)), word(RET_PF_RETRY, 32), errno(EFAULT)),
    )
    return Property("KVM-18", eq(s.result, told), premise=neg(looked_up()), at=AT_RETURN)


def kvm_19(s: Subject) -> Property:
    """The guest comes back in vain only if something was invalidated, or there is no room."""
    moved = disj(neg(eq(held_count(), 0)), neg(eq(held_sequence(), s.local("seq"))))
    again = conj(eq(s.result, RET_PF_RETRY), neg(room_asked()), neg(map_tried()))
    full = conj(eq(s.result, room_result()), neg(map_tried()))
    on = conj(room_asked(), ite(eq(room_result(), 0), map_tried(), full))
    return Property("KVM-19", ite(moved, again, on), premise=looked_up(), at=AT_RETURN)


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
        Row(
            "KVM-18",
            kvm_18,
            (
                Wrong(
                    "not emulated",
                    "a write to a read-only page is an error",
                    (("\tif (pfn == KVM_PFN_ERR_RO_FAULT)\n\t\treturn RET_PF_EMULATE;\n", ""),),
                ),
            ),
        ),
        Row(
            "KVM-19",
            kvm_19,
            (
                Wrong(
                    "room not asked",
                    "page tables may run out",
                    (("\tret = make_mmu_pages_available(kvm);\n", ""),),
                ),
                Wrong(
                    "always again",
                    "the guest comes back whenever no range is invalidated",
                    (("\tif (kvm->mmu_notifier_count)\n", "\tif (!kvm->mmu_notifier_count)\n"),),
                ),
            ),
        ),
    ),
)
