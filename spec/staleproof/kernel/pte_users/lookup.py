"""What follow_pte() and follow_pfn() should do, from C text: what their contracts say of them."""

from __future__ import annotations

from staleproof.cfront.translate import FAILED
from staleproof.kernel.address_space import contains, is_raw, layout, mmap_lock, page_address
from staleproof.kernel.contracts.page_walk import LEVELS, depth, is_small
from staleproof.kernel.contracts.pte_lock import (
    lock_pointer,
    looked_at,
    pte_pointer,
    ptl_held,
    read_at,
)
from staleproof.kernel.errno import EINVAL, errno
from staleproof.kernel.iomem.properties import AT_RETURN, Subject
from staleproof.kernel.iomem.rows import Asked, Row, Wrong
from staleproof.kernel.page_table import entry, frame_of, has_page, now, pte_present
from staleproof.kernel.pte_users.world import HELD, LOOKUP, WALK
from staleproof.lang.system import Assumption, Property
from staleproof.lang.terms import Term, conj, disj, eq, implies, neg, word

MMAP_HELD = Assumption("WALK-CALLER", "the caller of follow_pte() holds mmap_lock for read, no ptl")


def _page(s: Subject) -> Term:
    return page_address(s["address"])


def ufp_5(s: Subject) -> Property:
    """0: the PTE is present, and its lock is the caller's."""
    page = _page(s)
    found = conj(
        ptl_held(),
        eq(looked_at(), page),
        eq(s.local("*ptepp"), pte_pointer(page)),
        eq(s.local("*ptlp"), lock_pointer(page)),
        has_page(entry(now(), page)),
    )
    return Property("UFP-5", found, premise=eq(s.result, 0), at=AT_RETURN)


def ufp_6(s: Subject) -> Property:
    """An errno: there is no PTE, and nothing is held."""
    above = disj(neg(eq(depth(), word(len(LEVELS), 8))), neg(is_small()))
    nothing = conj(
        eq(s.result, errno(EINVAL)),
        neg(ptl_held()),
        eq(s.local("*ptepp"), s["*ptepp"]),
        disj(above, neg(has_page(entry(read_at(), _page(s))))),
    )
    return Property("UFP-6", nothing, premise=neg(eq(s.result, 0)), at=AT_RETURN)


def ufp_7(s: Subject) -> Property:
    """No step of the walk is taken without the one before."""
    return Property("UFP-7", neg(FAILED()), at=s.ends("level", "ptl", "lock"))


def _frame(s: Subject, at: Term) -> Term:
    seen = entry(at, _page(s))
    return conj(has_page(seen), eq(s.local("*pfn"), frame_of(seen)))


def ufp_8(s: Subject) -> Property:
    """What follow_pfn() answers and stores."""
    found = conj(is_raw(layout(), s["vma"]), _frame(s, read_at()))
    refused = conj(eq(s.result, errno(EINVAL)), eq(s.local("*pfn"), s["*pfn"]))
    zero = eq(s.result, 0)
    said = conj(implies(zero, found), implies(neg(zero), refused))
    return Property("UFP-8", said, at=AT_RETURN)


def ufp_9(s: Subject) -> Property:
    """Ptl is balanced, and held where the PTE is read."""
    return Property("UFP-9", neg(ptl_held()) & neg(FAILED()), at=s.ends("lock", "ptl"))


def ufp_10(s: Subject) -> Property:
    """The number is still that of the PTE: it is not so."""
    return Property("UFP-10", _frame(s, now()), premise=eq(s.result, 0), at=AT_RETURN)


def ufp_11(s: Subject) -> Property:
    """A refusal has a reason: the VMA, or that there is no PTE."""
    reason = disj(neg(is_raw(layout(), s["vma"])), neg(pte_present(now(), _page(s))))
    return Property("UFP-11", reason, premise=neg(eq(s.result, 0)), at=AT_RETURN)


def _walks(s: Subject) -> tuple[Term, ...]:
    return (eq(mmap_lock(), 1),)


def _held(s: Subject) -> tuple[Term, ...]:
    return (eq(mmap_lock(), 1), contains(layout(), s["vma"], s["address"]))


_ABSENT = "\t\tpte_unmap_unlock(slot, *ptlp);\n"
_HUGE = "\tif (pmd_huge(pmd))\n\t\treturn -EINVAL;\n"
_STORE = "\t*pfn = pte_pfn(ptep_get(slot));\n"
_UNLOCK = "\tpte_unmap_unlock(slot, lock);\n"

FOLLOW_PTE = Asked(
    "follow_pte",
    "follow_pte",
    WALK,
    _walks,
    assumptions=(MMAP_HELD,),
    rows=(
        Row(
            "UFP-5",
            ufp_5,
            (
                Wrong(
                    "any PTE",
                    "an empty PTE is good, too",
                    (("!pte_present(", "!slot && !pte_present("),),
                ),
                Wrong(
                    "PTE not told",
                    "where the PTE is, is not told",
                    (("\t*ptepp = slot;", "\tif (!slot)\n\t\t*ptepp = slot;"),),
                ),
            ),
        ),
        Row(
            "UFP-6",
            ufp_6,
            (
                Wrong(
                    "lock kept",
                    "an empty PTE leaves the lock held",
                    ((_ABSENT, "\t\tif (!slot)\n\t" + _ABSENT),),
                ),
                Wrong(
                    "test inverted",
                    "a PTE that is present is refused",
                    (("!pte_present(", "pte_present("),),
                ),
            ),
        ),
        Row(
            "UFP-7",
            ufp_7,
            (
                Wrong("huge pages", "a huge entry is taken for a table", ((_HUGE, ""),)),
                Wrong(
                    "level not asked",
                    "the third level is not asked",
                    (("\tif (pud_none_or_bad(pud))\n\t\treturn -EINVAL;\n", ""),),
                ),
            ),
        ),
    ),
)
FOLLOW_PFN = Asked(
    "follow_pfn",
    "follow_pfn",
    LOOKUP,
    _held,
    assumptions=(HELD,),
    rows=(
        Row(
            "UFP-8",
            ufp_8,
            (
                Wrong(
                    "any VMA",
                    "ordinary memory is looked up, too",
                    (("\tif (!(vma->vm_flags & (VM_IO | VM_PFNMAP)))\n\t\treturn -EINVAL;\n", ""),),
                ),
                Wrong(
                    "nothing stored",
                    "the pfn is not stored",
                    ((_STORE, "\tif (!slot)\n\t" + _STORE),),
                ),
            ),
        ),
        Row(
            "UFP-9",
            ufp_9,
            (
                Wrong("lock kept", "ptl is not released", ((_UNLOCK, ""),)),
                Wrong(
                    "read late",
                    "the PTE is read after the lock was released",
                    ((_STORE, ""), (_UNLOCK, _UNLOCK + _STORE)),
                ),
            ),
        ),
        Row("UFP-10", ufp_10),
        Row(
            "UFP-11",
            ufp_11,
            (
                Wrong(
                    "VM_IO forgotten",
                    "a VMA that is VM_IO alone is refused",
                    (("(VM_IO | VM_PFNMAP)", "VM_PFNMAP"),),
                ),
            ),
        ),
    ),
)
ALL = (FOLLOW_PTE, FOLLOW_PFN)
