"""What vfio type1's translation of one address should do, from C text, and what must kill it."""

from __future__ import annotations

from staleproof.cfront.translate import FAILED
from staleproof.engine.search import Limits
from staleproof.kernel.address_space import (
    LAYOUT,
    VMA,
    lock_is_held,
    mmap_lock,
    page_address,
    untagged,
)
from staleproof.kernel.contracts.pte_lock import ptl_held, read_at
from staleproof.kernel.contracts.vfio import page_pinned, pinned_pfn, reserved
from staleproof.kernel.iomem.properties import AT_RETURN, Subject
from staleproof.kernel.iomem.rows import Asked, Row, Wrong
from staleproof.kernel.page_table import INSTANT, now, pte_write
from staleproof.kernel.pte_users.world import VFIO
from staleproof.lang.system import Property
from staleproof.lang.terms import conj, disj, eq, neg, s_lt, word
from staleproof.logic.scope import Scope

IOMMU_WRITE = 2


def vfio_3(s: Subject) -> Property:
    """No VMA is used that may be gone."""
    ends = s.ends("stale-vma", "null", "unlocked", "vma-range")
    return Property("VFIO-3", neg(FAILED()), at=ends)


def vfio_4(s: Subject) -> Property:
    """A pfn that is given is pinned, or one that nobody counts."""
    found = s.local("*pfn")
    pinned = conj(page_pinned(), eq(found, pinned_pfn()))
    right = disj(pinned, conj(neg(page_pinned()), reserved(found)))
    return Property("VFIO-4", right, premise=eq(s.result, 0), at=AT_RETURN)


def vfio_5(s: Subject) -> Property:
    """A pfn for writing comes from a PTE that was writable when it was read."""
    names = {symbol.name for symbol in s.translation.symbols}
    at = read_at() if "follow_fault_pfn.slot" in names else now()
    page = page_address(untagged(s["vaddr"]))
    wants = neg(eq(s["prot"] & word(IOMMU_WRITE, 32), 0))
    premise = conj(eq(s.result, 0), neg(page_pinned()), wants)
    return Property("VFIO-5", pte_write(at, page), premise=premise, at=AT_RETURN)


def vfio_6(s: Subject) -> Property:
    """What is locked is unlocked, and a PTE is read only under its lock."""
    settled = conj(neg(lock_is_held()), neg(ptl_held()), neg(FAILED()))
    return Property("VFIO-6", settled, at=s.ends("lock", "ptl"))


def _looks_again(s: Subject, head: str) -> tuple[Property, ...]:
    """What holds each time that the VMA is looked up."""
    here = conj(
        eq(mmap_lock(), 1),
        neg(ptl_held()),
        neg(page_pinned()),
        neg(FAILED()),
        s_lt(s.local("ret"), word(0, 32)),
        eq(s.local("vaddr"), untagged(s["vaddr"])),
    )
    return (Property("a look begins", here, at=frozenset({head})),)


_WAITS = Limits(depth=52, scopes=tuple(Scope({LAYOUT: 2, INSTANT: 2, VMA: n}, 1) for n in (2, 3)))
"""Two layouts and instants: mmap_lock was dropped in between, and a PTE is looked at twice. NULL is
one of the VMAs.

Three fifths of the depth are tried early, and are as long as the longest run that is looked for.
"""

_LOOK = "look_up:\n\tvma = find_vma_intersection(mm, vaddr, vaddr + 1);\n"
_RESERVED = "\t\tif (!ret && !is_invalid_reserved_pfn(*pfn))\n\t\t\tret = -EFAULT;\n"
_END = "done:\n\tmmap_read_unlock(mm);\n"

NOT_LOOKED_UP = Wrong(
    "not looked up again",
    "after -EAGAIN the same VMA is asked",
    ((_LOOK, _LOOK.replace("look_up:\n", "") + "look_up:\n"),),
)
UNLOCKED = Wrong(
    "unlocked forgotten",
    "that the fault dropped mmap_lock is not heeded",
    (("if (unlocked)", "if (0)"),),
)
COUNTED = Wrong("counted pages", "pages that are counted are good, too", ((_RESERVED, ""),))
LOCK_KEPT = Wrong("lock kept", "mmap_lock is not released", ((_END, "done:\n"),))
PTL_KEPT = Wrong("ptl kept", "ptl is not released", (("\tpte_unmap_unlock(slot, lock);\n", ""),))
NO_PERMISSION = Wrong(
    "permission not asked",
    "pte_write() is not asked",
    (("write_fault && !pte_write(seen)", "0"),),
)


def asked(text: str, *, permission: bool) -> tuple[Asked, ...]:
    """The rows of one text; `permission` if it looks at that of the PTE."""
    rows = (
        Row("VFIO-3", vfio_3, (NOT_LOOKED_UP, UNLOCKED)),
        Row("VFIO-4", vfio_4, (COUNTED,)),
        Row("VFIO-5", vfio_5, (NO_PERMISSION,) if permission else ()),
        Row("VFIO-6", vfio_6, (LOCK_KEPT, *((PTL_KEPT,) if permission else ()))),
    )
    return (Asked(text, "vaddr_get_pfn", VFIO, lemmas=_looks_again, limits=_WAITS, rows=rows),)


BEFORE = asked("vfio_legacy", permission=False)
MERGED = asked("vfio_merged", permission=True)
