"""What vfio type1's translation of one address should do, from C text, and what must kill it."""

from __future__ import annotations

from staleproof.cfront.translate import FAILED
from staleproof.engine.search import Limits
from staleproof.kernel.address_space import (
    LAYOUT,
    VM_PFNMAP,
    VMA,
    contains,
    layout,
    lock_is_held,
    mmap_lock,
    null_vma,
    page_address,
    task_size,
    untagged,
    vm_flags,
)
from staleproof.kernel.contracts.gup import migrates_or_fails
from staleproof.kernel.contracts.looks import (
    fault_in_vain,
    look_result,
    looked,
    looked_since_fault,
    waited,
)
from staleproof.kernel.contracts.pte_lock import ptl_held, read_at
from staleproof.kernel.contracts.user_fault import (
    FAULT_FLAG_REMOTE,
    FAULT_FLAG_WRITE,
    fault_address,
    fault_flags,
    fault_result,
    fault_taken,
)
from staleproof.kernel.contracts.vfio import (
    migration_failed,
    page_pinned,
    pin_address,
    pin_error,
    pinned_pfn,
    pinned_to_write,
    range_end,
    range_start,
    reserved,
)
from staleproof.kernel.errno import EAGAIN, EFAULT, EINVAL, errno
from staleproof.kernel.iomem.properties import AT_RETURN, Subject
from staleproof.kernel.iomem.rows import Asked, Row, Wrong
from staleproof.kernel.page_table import (
    INSTANT,
    in_cma,
    in_fsdax,
    pte_pfn,
    pte_present,
    pte_write,
)
from staleproof.kernel.pte_users.world import VFIO
from staleproof.lang.system import Property
from staleproof.lang.terms import (
    FALSE,
    Term,
    conj,
    disj,
    eq,
    extract,
    iff,
    implies,
    ite,
    neg,
    s_lt,
    u_le,
    u_lt,
    word,
)
from staleproof.logic.scope import Scope

IOMMU_WRITE = 2


def _address(s: Subject) -> Term:
    return untagged(s["vaddr"])


def _page(s: Subject) -> Term:
    return page_address(_address(s))


def _wants(s: Subject) -> Term:
    """A page is wanted that the device may write."""
    return neg(eq(s["prot"] & word(IOMMU_WRITE, 32), 0))


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
    premise = conj(eq(s.result, 0), neg(page_pinned()), _wants(s))
    return Property("VFIO-5", pte_write(read_at(), _page(s)), premise=premise, at=AT_RETURN)


def vfio_6(s: Subject) -> Property:
    """What is locked is unlocked, and a PTE is read only under its lock."""
    settled = conj(neg(lock_is_held()), neg(ptl_held()), neg(FAILED()))
    return Property("VFIO-6", settled, at=s.ends("lock", "ptl"))


def vfio_7(s: Subject) -> Property:
    """The pin is of the page, and to write if that is wanted, and for the long term."""
    pfn = pinned_pfn()
    moved = implies(in_cma(pfn), migration_failed() & neg(migrates_or_fails()))
    right = conj(iff(pinned_to_write(), _wants(s)), neg(in_fsdax(pfn)), moved)
    said = conj(eq(pin_address(), _page(s)), eq(s.result, 0), right)
    return Property("VFIO-7", said, premise=page_pinned(), at=AT_RETURN)


def vfio_8(s: Subject) -> Property:
    """A pfn that is not pinned is what the PTE said."""
    names_it = conj(
        pte_present(read_at(), _page(s)), eq(pte_pfn(read_at(), _page(s)), s.local("*pfn"))
    )
    premise = conj(eq(s.result, 0), neg(page_pinned()))
    return Property("VFIO-8", names_it, premise=premise, at=AT_RETURN)


def vfio_9(s: Subject) -> Property:
    """In VM_PFNMAP VMAs, and in no others, a PTE is looked for if nothing is pinned."""
    vma, address = s.local("vma"), _address(s)
    pfnmap = neg(eq(vm_flags(layout(), vma) & word(VM_PFNMAP, 64), 0))
    found = conj(contains(layout(), vma, address), iff(looked(), pfnmap))
    sought = conj(u_le(range_start(), address), u_lt(address, range_end()))
    # No VMA is there; and behind the last address of all an end wraps around.
    beyond = u_le(task_size(), address)
    none = conj(sought | beyond, neg(looked()))
    right = ite(eq(vma, null_vma()), none, found)
    return Property("VFIO-9", right, premise=neg(page_pinned()), at=AT_RETURN)


def vfio_10(s: Subject) -> Property:
    """What is returned where nothing is pinned."""
    found = s.local("*pfn")
    refused = conj(_wants(s), neg(pte_write(read_at(), _page(s)))) if _asks_pte(s) else FALSE
    given = conj(reserved(found), neg(refused))
    failed = ite(looked_since_fault(), errno(EINVAL), fault_result())
    of_look = ite(eq(look_result(), 0), ite(given, word(0, 32), errno(EFAULT)), failed)
    of_pin = ite(waited(), errno(EAGAIN), extract(31, 0, pin_error()))
    # A fault that failed is the end.
    ended = implies(looked() & looked_since_fault(), eq(fault_result(), 0))
    right = conj(ended, eq(s.result, ite(looked(), of_look, of_pin)))
    return Property("VFIO-10", right, premise=neg(page_pinned()), at=AT_RETURN)


def _asks_pte(s: Subject) -> bool:
    """The text looks at the PTE itself."""
    return any(symbol.name == "follow_fault_pfn.slot" for symbol in s.translation.symbols)


def _faults(s: Subject) -> Term:
    """A page fault had a reason, and was for what is wanted."""
    writes = ite(_wants(s), word(FAULT_FLAG_WRITE, 32), word(0, 32))
    flags = word(FAULT_FLAG_REMOTE, 32) | writes
    its_own = conj(eq(fault_address(), _address(s)), eq(fault_flags(), flags))
    return conj(neg(fault_in_vain()), implies(disj(fault_taken(), waited()), its_own))


def vfio_11(s: Subject) -> Property:
    """A page fault is taken where no PTE was found, once in a hold, for what is wanted."""
    return Property("VFIO-11", _faults(s), at=AT_RETURN)


def _looks_again(s: Subject, head: str) -> tuple[Property, ...]:
    """What holds each time that the VMA is looked up."""
    here = conj(
        eq(mmap_lock(), 1),
        neg(ptl_held()),
        neg(page_pinned()),
        neg(FAILED()),
        s_lt(s.local("ret"), word(0, 32)),
        eq(s.local("vaddr"), _address(s)),
        neg(looked()),
        neg(fault_taken()),
        _faults(s),
        eq(s.local("ret"), ite(waited(), errno(EAGAIN), extract(31, 0, pin_error()))),
    )
    return (Property("a look begins", here, at=frozenset({head})),)


_WAITS = Limits(depth=52, scopes=tuple(Scope({LAYOUT: 2, INSTANT: 2, VMA: n}, 1) for n in (2, 3)))
"""Two layouts and instants: mmap_lock was dropped in between, and a PTE is looked at twice. NULL is
one of the VMAs.

Three fifths of the depth are tried early, and are as long as the longest run that is looked for.
"""

_LOOK = "look_up:\n\tvma = find_vma_intersection(mm, vaddr, vaddr + 1);\n"
_RESERVED = "\t\tif (!ret && !is_invalid_reserved_pfn(*pfn))\n\t\t\tret = -EFAULT;\n"
_RELEASE = "\tmmap_read_unlock(mm);\n"
_END = "done:\n" + _RELEASE

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
WRITES = Wrong(
    "always to write", "FOLL_WRITE is always asked for", (("flags = 0;", "flags = FOLL_WRITE;"),)
)
SHORT = Wrong("short pin", "FOLL_LONGTERM is not asked for", (("flags | FOLL_LONGTERM", "flags"),))
NEXT_PAGE = Wrong(
    "next page",
    "the pfn of the next page is given",
    (
        (
            "\tmmap_read_unlock(mm);\n\treturn ret;",
            "\tmmap_read_unlock(mm);\n\t(*pfn)++;\n\treturn ret;",
        ),
    ),
)
TAGGED = Wrong(
    "tag kept",
    "the VMA of the tagged address is looked up",
    (("\tvaddr = untagged_addr(vaddr);\n", ""),),
)
ANY_VMA = Wrong(
    "any VMA", "every VMA is looked into", (("vma && vma->vm_flags & VM_PFNMAP", "vma"),)
)
OTHER_ERRNO = Wrong(
    "other errno",
    "pages that are counted give -EINVAL",
    (("ret = -EFAULT;\n\t}", "ret = -EINVAL;\n\t}"),),
)
NOT_REMOTE = Wrong(
    "own fault",
    "FAULT_FLAG_REMOTE is left out",
    (("FAULT_FLAG_REMOTE | (write_fault", "(write_fault"),),
)
READ_FAULT = Wrong(
    "fault to read", "the fault is for reading", (("write_fault ? FAULT_FLAG_WRITE : 0", "0"),)
)
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
        Row("VFIO-7", vfio_7, (WRITES, SHORT)),
        Row("VFIO-8", vfio_8, (NEXT_PAGE,)),
        Row("VFIO-9", vfio_9, (TAGGED, ANY_VMA)),
        Row("VFIO-10", vfio_10, (OTHER_ERRNO,)),
        Row("VFIO-11", vfio_11, (NOT_REMOTE, READ_FAULT)),
    )
    return (Asked(text, "vaddr_get_pfn", VFIO, lemmas=_looks_again, limits=_WAITS, rows=rows),)


BEFORE = asked("vfio_legacy", permission=False)
MERGED = asked("vfio_merged", permission=True)
