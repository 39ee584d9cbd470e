"""What KVM's lookup of a page that is not pinned should do, from C text, and what must kill it."""

from __future__ import annotations

from staleproof.cfront.translate import FAILED
from staleproof.kernel.address_space import contains, layout, mmap_lock, page_address
from staleproof.kernel.contracts.kvm import (
    referenced,
    referenced_at,
    references,
    reserved,
    revived,
    uncounted,
)
from staleproof.kernel.contracts.pte_lock import ptl_held, read_at
from staleproof.kernel.contracts.user_fault import (
    FAULT_FLAG_WRITE,
    fault_flags,
    fault_result,
    fault_taken,
)
from staleproof.kernel.errno import EAGAIN, EFAULT, errno
from staleproof.kernel.iomem.properties import AT_RETURN, Subject
from staleproof.kernel.iomem.rows import Asked, Row, Wrong
from staleproof.kernel.page_table import page_of, pte_pfn, pte_present, pte_write
from staleproof.kernel.pte_users.world import HELD, KVM
from staleproof.lang.system import Property
from staleproof.lang.terms import Term, conj, disj, eq, iff, implies, ite, neg, s_lt, word

KVM_PFN_ERR_MASK = 0x7FF << 52


def _page(s: Subject) -> Term:
    return page_address(s["addr"])


def _is_pfn(s: Subject) -> Term:
    """0, and what is handed back is no word that stands for an error."""
    error = neg(eq(s.local("*p_pfn") & word(KVM_PFN_ERR_MASK, 64), 0))
    return conj(eq(s.result, 0), neg(error))


def kvm_4(s: Subject) -> Property:
    """Who writes, or is told that it may, has a writable PTE."""
    premise = conj(_is_pfn(s), disj(s["write_fault"], s.local("*writable")))
    return Property("KVM-4", pte_write(read_at(), _page(s)), premise=premise, at=AT_RETURN)


def kvm_5(s: Subject) -> Property:
    """No count goes from 0 to 1."""
    return Property("KVM-5", neg(revived()), premise=neg(eq(references(), 0)), at=AT_RETURN)


def _names(at: Term, s: Subject) -> Term:
    """At that instant the PTE names what is handed back."""
    page = _page(s)
    return conj(pte_present(at, page), eq(pte_pfn(at, page), s.local("*p_pfn")))


def kvm_6(s: Subject) -> Property:
    """The pfn is what the PTE said when it was read last."""
    return Property("KVM-6", _names(read_at(), s), premise=_is_pfn(s), at=AT_RETURN)


def kvm_7(s: Subject) -> Property:
    """The PTE still names the page when its count goes up."""
    premise = conj(_is_pfn(s), neg(eq(references(), 0)))
    return Property("KVM-7", _names(referenced_at(), s), premise=premise, at=AT_RETURN)


def kvm_8(s: Subject) -> Property:
    """One reference for a pfn that is counted, none for another; none where writing is refused."""
    found = s.local("*p_pfn")
    one = conj(eq(references(), 1), eq(referenced(), page_of(found)))
    none = eq(references(), 0)
    given = ite(reserved(found), none, one)
    refused = conj(none, s["write_fault"], neg(pte_write(read_at(), _page(s))))
    right = ite(_is_pfn(s), given, refused)
    return Property("KVM-8", right, premise=eq(s.result, 0), at=AT_RETURN)


def kvm_9(s: Subject) -> Property:
    """An errno, and no reference with it."""
    failed = conj(s_lt(s.result, word(0, 32)), eq(references(), 0))
    return Property("KVM-9", failed, premise=neg(eq(s.result, 0)), at=AT_RETURN)


def kvm_10(s: Subject) -> Property:
    """Ptl is balanced, held where the PTE is read, and not held where a fault is taken."""
    settled = conj(neg(ptl_held()), neg(FAILED()))
    return Property("KVM-10", settled, at=s.ends("lock", "ptl", "sleep"))


def kvm_11(s: Subject) -> Property:
    """No VMA is used that may be gone, and the caller is told so by -EAGAIN."""
    told = iff(s.local("unlocked"), eq(s.result, errno(EAGAIN)))
    ends = s.ends("stale-vma", "null", "unlocked", "vma-range")
    return Property("KVM-11", conj(told, neg(FAILED())), at=ends)


def kvm_17(s: Subject) -> Property:
    """A fault is taken before anything is refused, for what was asked, and its errno counts."""
    wanted = ite(s["write_fault"], word(FAULT_FLAG_WRITE, 32), word(0, 32))
    failed = conj(neg(s.local("unlocked")), neg(eq(fault_result(), 0)))
    said = conj(fault_taken(), implies(failed, eq(s.result, fault_result())))
    reason = ite(uncounted(), eq(s.result, errno(EFAULT)), said)
    asked = implies(fault_taken(), eq(fault_flags(), wanted))
    right = conj(asked, disj(eq(s.result, 0), reason))
    return Property("KVM-17", right, at=AT_RETURN)


def kvm_20(s: Subject) -> Property:
    """A page that may be written is said to be."""
    premise = conj(_is_pfn(s), pte_write(read_at(), _page(s)))
    return Property("KVM-20", s.local("*writable"), premise=premise, at=AT_RETURN)


_AGAIN = "\t\t\treturn -EAGAIN;\n"
_LOOK_AFTER_FAULT = {
    "pfn": "\t\tret = follow_pfn(vma, {}, &found);\n",
    "pte": "\t\tret = follow_pte(vma->vm_mm, {}, &slot, &lock);\n",
}
_GETS = {
    "kvm_get_pfn": "kvm_get_pfn(found);\n",
    "kvm_try_get_pfn": "if (!kvm_try_get_pfn(found))\n\t\t\tret = -EFAULT;\n",
}
_UNLOCK = "\tpte_unmap_unlock(slot, lock);\n"
_READ = "\tseen = ptep_get(slot);\n"

PERMISSION = (
    Wrong(
        "told as asked",
        "writing is said to be permitted, whatever the PTE says",
        (("*writable = pte_write(seen);", "*writable = true;"),),
    ),
    Wrong(
        "write not refused",
        "a fault that wants to write gets a read-only page",
        (("!write_fault || pte_write(seen)", "1"),),
    ),
)
ANY_COUNT = Wrong(
    "any count",
    "the count goes up, whatever it was",
    (
        ("bool get_page_unless_zero(struct page *page);\n", "void get_page(struct page *page);\n"),
        (
            "\treturn get_page_unless_zero(pfn_to_page(pfn));\n",
            "\tget_page(pfn_to_page(pfn));\n\treturn 1;\n",
        ),
    ),
)
EARLY_UNLOCK = Wrong(
    "early unlock",
    "ptl is released before the count goes up",
    ((_READ, _READ + _UNLOCK), ("\t}\n" + _UNLOCK, "\t}\n")),
)
READ_REFUSED = Wrong(
    "read refused",
    "a fault that only reads is refused a read-only page",
    (("!write_fault || pte_write(seen)", "pte_write(seen)"),),
)
POSITIVE = Wrong(
    "positive errno", "EAGAIN is not negated", ((_AGAIN, _AGAIN.replace("-EAGAIN", "EAGAIN")),)
)
PTL = (
    Wrong("ptl kept", "ptl is not released", ((_UNLOCK, ""),)),
    Wrong(
        "fault under ptl",
        "a page fault is taken though the PTE was found, whose lock is held",
        (("\tif (ret) {\n", "\tif (ret || write_fault) {\n"),),
    ),
)
UNLOCKED = Wrong(
    "unlocked forgotten",
    "that the fault dropped mmap_lock is not heeded",
    (("if (unlocked)", "if (0)"),),
)
NEVER_TOLD = Wrong(
    "never told", "no page is said to be writable", (("*writable = true;", "*writable = false;"),)
)
TOLD_IF_ASKED = Wrong(
    "told if asked",
    "a page is said to be writable only to who asks for a write",
    (("*writable = pte_write(seen);", "*writable = write_fault;"),),
)
NO_FAULT = (
    Wrong(
        "fault to read",
        "the page fault is taken to read, whatever was asked for",
        (("write_fault ? FAULT_FLAG_WRITE : 0", "0"),),
    ),
    Wrong(
        "errno overlooked",
        "after a fault that has failed it looks all the same",
        (("\t\tif (ret)\n\t\t\treturn ret;\n\n", ""),),
    ),
)


def _first_page(look: str) -> Wrong:
    text = _LOOK_AFTER_FAULT[look]
    edit = (text.format("addr"), text.format("vma->vm_start"))
    return Wrong("first page", "after a fault the first page of the VMA is looked up", (edit,))


def _no_reference(get: str) -> Wrong:
    return Wrong("no reference", "no reference is taken", ((_GETS[get], ";\n"),))


def _reserved_too(edit: tuple[str, str]) -> Wrong:
    return Wrong("reserved pages", "the count of reserved pages goes up, too", (edit,))


_ASKED_FIRST = ("\tif (!kvm_is_reserved_pfn(pfn))\n\t\tget_page", "\tget_page")
_LET_THROUGH = ("\tif (kvm_is_reserved_pfn(pfn))\n\t\treturn 1;\n", "")


def _held(s: Subject) -> tuple[Term, ...]:
    return (eq(mmap_lock(), 1), contains(layout(), s["vma"], s["addr"]))


def _asked(text: str, *rows: Row) -> tuple[Asked, ...]:
    return (Asked(text, "hva_to_pfn_remapped", KVM, _held, assumptions=(HELD,), rows=rows),)


BEFORE = _asked(
    "kvm_legacy",
    Row("KVM-4", kvm_4),
    Row("KVM-5", kvm_5),
    Row("KVM-6", kvm_6, (_first_page("pfn"),)),
    Row("KVM-7", kvm_7),
    Row("KVM-8", kvm_8, (_no_reference("kvm_get_pfn"), _reserved_too(_ASKED_FIRST))),
    Row("KVM-9", kvm_9, (POSITIVE,)),
    Row("KVM-11", kvm_11, (UNLOCKED,)),
    Row("KVM-17", kvm_17, NO_FAULT),
    Row("KVM-20", kvm_20, (NEVER_TOLD,)),
)
MERGED = _asked(
    "kvm_merged",
    Row("KVM-4", kvm_4, PERMISSION),
    Row("KVM-5", kvm_5),
    Row("KVM-6", kvm_6, (_first_page("pte"),)),
    Row("KVM-7", kvm_7, (EARLY_UNLOCK,)),
    Row("KVM-8", kvm_8, (_no_reference("kvm_get_pfn"), _reserved_too(_ASKED_FIRST), READ_REFUSED)),
    Row("KVM-9", kvm_9, (POSITIVE,)),
    Row("KVM-10", kvm_10, PTL),
    Row("KVM-11", kvm_11, (UNLOCKED,)),
    Row("KVM-17", kvm_17, NO_FAULT),
    Row("KVM-20", kvm_20, (TOLD_IF_ASKED,)),
)
REFCOUNT = _asked(
    "kvm_refcount",
    Row("KVM-4", kvm_4, PERMISSION),
    Row("KVM-5", kvm_5, (ANY_COUNT,)),
    Row("KVM-6", kvm_6, (_first_page("pte"),)),
    Row("KVM-7", kvm_7, (EARLY_UNLOCK,)),
    Row(
        "KVM-8",
        kvm_8,
        (_no_reference("kvm_try_get_pfn"), _reserved_too(_LET_THROUGH), READ_REFUSED),
    ),
    Row("KVM-9", kvm_9, (POSITIVE,)),
    Row("KVM-10", kvm_10, PTL),
    Row("KVM-11", kvm_11, (UNLOCKED,)),
    Row("KVM-17", kvm_17, NO_FAULT),
    Row("KVM-20", kvm_20, (TOLD_IF_ASKED,)),
)
