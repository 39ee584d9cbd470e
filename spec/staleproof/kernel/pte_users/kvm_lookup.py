"""What KVM's lookup of a page, with its retry, should do, from C text, and what must kill it."""

from __future__ import annotations

from staleproof.cfront.translate import FAILED
from staleproof.engine.search import Limits
from staleproof.kernel.address_space import (
    LAYOUT,
    VMA,
    is_raw,
    layout,
    lock_is_held,
    mmap_lock,
    null_vma,
    task_size,
)
from staleproof.kernel.contracts.kvm import referenced, references, reserved
from staleproof.kernel.contracts.kvm_fault import ERR_HWPOISON, is_error
from staleproof.kernel.contracts.kvm_lookup import (
    asked_address,
    asked_write,
    fast_tried,
    poisoned,
    remapped,
    remapped_again,
    remapped_pfn,
    remapped_result,
    slow_result,
    slow_tried,
    told_at,
)
from staleproof.kernel.contracts.vfio import range_end, range_start
from staleproof.kernel.errno import EHWPOISON, errno
from staleproof.kernel.iomem.properties import AT_RETURN, Subject
from staleproof.kernel.iomem.rows import Asked, Row, Wrong
from staleproof.kernel.page_table import page_of
from staleproof.kernel.pte_users.world import KVM_LOOKUP
from staleproof.lang.system import Property
from staleproof.lang.terms import Term, conj, disj, eq, iff, implies, ite, neg, u_le, u_lt, word
from staleproof.logic.scope import Scope

ERR_FAULT = 0x7FF << 52


def kvm_21(s: Subject) -> Property:
    """No VMA is used that may be gone, and none that the address does not lie in."""
    ends = s.ends("stale-vma", "null", "unlocked", "vma-range")
    return Property("KVM-21", neg(FAILED()), at=ends)


def kvm_22(s: Subject) -> Property:
    """A pfn with its reference and what is said of it, or a word for an error without one."""
    found = s.result
    one = conj(eq(references(), 1), eq(referenced(), page_of(found)))
    none = eq(references(), 0)
    given = conj(ite(reserved(found), none, one), eq(told_at(), s["writable"]))
    right = ite(is_error(found), none, given)
    return Property("KVM-22", conj(right, neg(FAILED())), at=s.ends("uninitialised"))


def kvm_23(s: Subject) -> Property:
    """mmap_lock is balanced, and not held by what takes it."""
    return Property("KVM-23", conj(neg(lock_is_held()), neg(FAILED())), at=s.ends("lock"))


def _failed() -> Term:
    """No page was got by the two ways that give one of any memory."""
    return conj(slow_tried(), neg(eq(slow_result(), 1)))


def _bad() -> Term:
    return disj(eq(slow_result(), errno(EHWPOISON)), poisoned())


def kvm_24(s: Subject) -> Property:
    """The ways are tried in order, each for what is wanted."""
    order = conj(fast_tried(), implies(remapped(), _failed()))
    asked = conj(eq(asked_address(), s["addr"]), iff(asked_write(), s["write_fault"]))
    return Property("KVM-24", conj(order, asked), at=AT_RETURN)


def kvm_25(s: Subject) -> Property:
    """What becomes of a page that neither of the first two ways gives."""
    raw_given = ite(eq(remapped_result(), 0), remapped_pfn(), word(ERR_FAULT, 64))
    given = ite(remapped(), raw_given, word(ERR_FAULT, 64))
    word_of = ite(_bad(), word(ERR_HWPOISON, 64), given)
    return Property("KVM-25", eq(s.result, word_of), premise=_failed(), at=AT_RETURN)


def kvm_26(s: Subject) -> Property:
    """Raw memory is looked into, once in a hold of mmap_lock, and no other."""
    vma, address = s.local("vma"), s["addr"]
    sought = conj(u_le(range_start(), address), u_lt(address, range_end()))
    # Behind the last address of all an end wraps around.
    none = conj(neg(remapped()), sought | u_le(task_size(), address))
    looked = ite(eq(vma, null_vma()), none, iff(remapped(), is_raw(layout(), vma)))
    premise = conj(_failed(), neg(_bad()))
    right = conj(looked, neg(remapped_again()))
    return Property("KVM-26", right, premise=premise, at=AT_RETURN)


def _looks_again(s: Subject, head: str) -> tuple[Property, ...]:
    """What holds each time that the VMA is looked up."""
    asked = conj(eq(asked_address(), s["addr"]), iff(asked_write(), s["write_fault"]))
    kept = conj(eq(s.local("addr"), s["addr"]), iff(s.local("write_fault"), s["write_fault"]))
    here = conj(
        eq(mmap_lock(), 1),
        eq(references(), 0),
        neg(FAILED()),
        fast_tried(),
        _failed(),
        neg(_bad()),
        neg(remapped()),
        neg(remapped_again()),
        asked,
        kept,
    )
    return (Property("a look begins", here, at=frozenset({head})),)


_WAITS = Limits(depth=40, scopes=tuple(Scope({LAYOUT: 2, VMA: n}, 1) for n in (2, 3)))
"""Two layouts: mmap_lock was dropped in between. NULL is one of the VMAs."""

_LOOK = "look_up:\n\tvma = find_vma_intersection(current->mm, addr, addr + 1);\n"
_END = "done:\n\tmmap_read_unlock(current->mm);\n"
_TAKE = "\tmmap_read_lock(current->mm);\n"
_SLOW = "\tret = hva_to_pfn_slow(addr, write_fault, writable, &pfn);\n"
_FAST = "\tif (hva_to_pfn_fast(addr, write_fault, writable, &pfn))\n\t\treturn pfn;\n"
_FAILS = "\tif (ret < 0)\n\t\tpfn = KVM_PFN_ERR_FAULT;\n"

LOOKUP = Asked(
    "kvm_lookup",
    "hva_to_pfn",
    KVM_LOOKUP,
    lemmas=_looks_again,
    limits=_WAITS,
    rows=(
        Row(
            "KVM-21",
            kvm_21,
            (
                Wrong(
                    "not looked up again",
                    "after -EAGAIN the same VMA is asked",
                    (
                        (_LOOK, _LOOK.replace("look_up:\n", "")),
                        ("\tret = hva_to_pfn_remapped(", "look_up:\n\tret = hva_to_pfn_remapped("),
                    ),
                ),
            ),
        ),
        Row(
            "KVM-22",
            kvm_22,
            (
                Wrong("errno overlooked", "an errno is taken for success", ((_FAILS, ""),)),
                Wrong(
                    "errno for a page",
                    "an errno of the slow way is taken for a page",
                    (("\tif (ret == 1)\n", "\tif (ret)\n"),),
                ),
            ),
        ),
        Row(
            "KVM-24",
            kvm_24,
            (
                Wrong("no fast way", "the way without a lock is left out", ((_FAST, ""),)),
                Wrong(
                    "never to write",
                    "the slow way is asked for a page to read",
                    (("hva_to_pfn_slow(addr, write_fault, w", "hva_to_pfn_slow(addr, false, w"),),
                ),
            ),
        ),
        Row(
            "KVM-25",
            kvm_25,
            (
                Wrong(
                    "poison overlooked",
                    "nobody asks whether the page is poisoned",
                    ((" || check_user_page_hwpoison(addr)", ""),),
                ),
            ),
        ),
        Row(
            "KVM-26",
            kvm_26,
            (
                Wrong(
                    "one flag only",
                    "VM_IO alone is not enough",
                    (("(VM_IO | VM_PFNMAP)", "VM_PFNMAP"),),
                ),
            ),
        ),
        Row(
            "KVM-23",
            kvm_23,
            (
                Wrong("lock kept", "mmap_lock is not released", ((_END, "done:\n"),)),
                Wrong(
                    "lock taken early",
                    "what takes page faults is called with mmap_lock held",
                    (
                        (_SLOW, _TAKE + _SLOW),
                        (_TAKE + "\tif (ret == -EHWPOISON", "\tif (ret == -EHWPOISON"),
                    ),
                ),
            ),
        ),
    ),
)
