"""What generic_access_phys() should do, from its C text, and what must kill each row.

The order of things between processors is in kernel/page_users; here it is asked what one call does.
"""

from __future__ import annotations

from collections.abc import Callable

from staleproof.cfront.translate import FAILED
from staleproof.engine.search import Limits
from staleproof.kernel.address_space import contains, is_raw, layout, mmap_lock, page_address
from staleproof.kernel.contracts.io_mapping import (
    copied_at,
    copied_buffer,
    copied_bytes,
    copied_first,
    copied_locked,
    copied_to,
    copies,
    is_mapped,
    protection,
    size,
)
from staleproof.kernel.contracts.pte_lock import ptl_held, read_at
from staleproof.kernel.errno import EINVAL, ENOMEM, errno
from staleproof.kernel.iomem.properties import AT_RETURN, Subject, never
from staleproof.kernel.iomem.rows import Asked, Row, Wrong
from staleproof.kernel.page_table import (
    INSTANT,
    entry,
    frame_of,
    has_page,
    may_write,
    now,
    protection_of,
    pte_present,
)
from staleproof.kernel.pte_users.world import ACCESS, GENERIC_ACCESS, HELD
from staleproof.lang.system import Assumption, Property
from staleproof.lang.terms import (
    Term,
    conj,
    disj,
    eq,
    iff,
    neg,
    operation,
    s_lt,
    sign_extend,
    u_le,
    u_lt,
    word,
    zero_extend,
)
from staleproof.logic.scope import Scope

Start = Callable[[Subject], tuple[Term, ...]]
_IN_PAGE = 0xFFF
_MOST_MAPPED = 0x7FFFF000
"""The most bytes that an int can count in whole pages."""


def byte_of(pte: Term, address: Term) -> Term:
    """The physical address that the PTE gives the address."""
    page = operation("shl", frame_of(pte), word(12, 64))
    return page + (address & word(_IN_PAGE, 64))


def _entry_at_copy(s: Subject) -> Term:
    return entry(copied_at(), page_address(s["addr"]))


def _copied() -> Term:
    return neg(eq(copies(), 0))


def gap_9(s: Subject) -> Property:
    """All is copied and counted, or nothing is and an errno tells."""
    length = sign_extend(s["len"], 64)
    all_ = conj(
        eq(copies(), 1),
        eq(s.result, s["len"]),
        eq(copied_bytes(), length),
        eq(copied_buffer(), s["buf"]),
        iff(copied_to(), neg(eq(s["write"], 0))),
    )
    refused = disj(eq(s.result, errno(EINVAL)), eq(s.result, errno(ENOMEM)))
    return Property("GAP-9", disj(all_, conj(eq(copies(), 0), refused)), at=AT_RETURN)


def gap_10(s: Subject) -> Property:
    """What is mapped is unmapped, once."""
    return Property("GAP-10", neg(is_mapped()) & neg(FAILED()), at=s.ends("iounmap"))


def gap_11(s: Subject) -> Property:
    """The lock is balanced, held where the PTE is read, and not held where something sleeps."""
    return Property("GAP-11", neg(ptl_held()) & neg(FAILED()), at=s.ends("sleep", "lock", "ptl"))


def gap_12(s: Subject) -> Property:
    """At the copy the PTE leads to the bytes that are copied, and cannot change."""
    seen = _entry_at_copy(s)
    right = conj(copied_locked(), has_page(seen), eq(copied_first(), byte_of(seen, s["addr"])))
    return Property("GAP-12", right, premise=_copied(), at=AT_RETURN)


def gap_13(s: Subject) -> Property:
    """A copy to the page goes through a writable PTE."""
    premise = _copied() & copied_to()
    return Property("GAP-13", may_write(_entry_at_copy(s)), premise=premise, at=AT_RETURN)


def gap_13a(s: Subject) -> Property:
    """The same, whatever the caller passes: it is not so."""
    premise = _copied() & copied_to()
    return Property("GAP-13a", may_write(_entry_at_copy(s)), premise=premise, at=AT_RETURN)


def gap_14(s: Subject) -> Property:
    """What is copied lies in what was mapped."""
    return never(s, "GAP-14", "window")


def gap_15(s: Subject) -> Property:
    """No byte of another page is copied: it is not so."""
    inside = u_le((s["addr"] & word(_IN_PAGE, 64)) + copied_bytes(), word(_IN_PAGE + 1, 64))
    return Property("GAP-15", inside, premise=_copied(), at=AT_RETURN)


def gap_16(s: Subject) -> Property:
    """Only VM_IO and VM_PFNMAP memory is reached."""
    return Property("GAP-16", is_raw(layout(), s["vma"]), premise=_copied(), at=AT_RETURN)


def gap_17(s: Subject) -> Property:
    """-EINVAL has a reason: the VMA, no PTE, or a write that the PTE does not permit."""
    page = page_address(s["addr"])
    denied = conj(neg(eq(s["write"], 0)), neg(may_write(entry(read_at(), page))))
    reason = disj(neg(is_raw(layout(), s["vma"])), neg(pte_present(now(), page)), denied)
    return Property("GAP-17", reason, premise=eq(s.result, errno(EINVAL)), at=AT_RETURN)


def gap_18(s: Subject) -> Property:
    """No more is mapped than the pages that the bytes lie in."""
    used = (s["addr"] & word(_IN_PAGE, 64)) + copied_bytes()
    spare = size() - used
    fewest = conj(eq(size() & word(_IN_PAGE, 64), 0), u_lt(spare, word(_IN_PAGE + 1, 64)))
    fits = u_le(used, word(_MOST_MAPPED, 64))
    return Property("GAP-18", fewest, premise=_copied() & fits, at=AT_RETURN)


def gap_19(s: Subject) -> Property:
    """The mapping has the protection of the PTE that was read last."""
    seen = entry(read_at(), page_address(s["addr"]))
    right = eq(protection(), protection_of(seen))
    return Property("GAP-19", right, premise=_copied(), at=AT_RETURN)


def _begins_again(s: Subject, head: str) -> tuple[Property, ...]:
    """What holds each time that the PTE is looked up first."""
    offset = eq(zero_extend(s.local("offset"), 64), s["addr"] & word(_IN_PAGE, 64))
    nothing = conj(neg(ptl_held()), neg(is_mapped()), eq(copies(), 0), neg(FAILED()), offset)
    at = frozenset({head})
    return (
        Property("no errno but one", eq(s.local("ret"), errno(EINVAL)), at=at),
        Property("nothing is held or mapped", nothing, at=at),
        Property("the caller is as it was", conj(*_asked_for(s)), at=at),
    )


def _nothing_known(s: Subject, head: str) -> tuple[Property, ...]:
    return ()


def gap_20(s: Subject) -> Property:
    """The bytes are those that the PTE gave when it was read; it may be gone since."""
    seen = entry(read_at(), page_address(s["addr"]))
    right = conj(has_page(seen), eq(copied_first(), byte_of(seen, s["addr"])))
    return Property("GAP-20", right, premise=_copied(), at=AT_RETURN)


def gap_21(s: Subject) -> Property:
    """What is written was writable when the PTE was read; it may be no longer."""
    seen = entry(read_at(), page_address(s["addr"]))
    return Property("GAP-21", may_write(seen), premise=_copied() & copied_to(), at=AT_RETURN)


def held(s: Subject) -> tuple[Term, ...]:
    """What every caller sees to."""
    return (eq(mmap_lock(), 1), contains(layout(), s["vma"], s["addr"]))


def _asked_for(s: Subject) -> tuple[Term, ...]:
    write = s["write"]
    sane = (s_lt(word(0, 32), s["len"]), disj(eq(write, 0), eq(write, 1)))
    return (*held(s), *sane)


_LOOKS = Limits(scopes=(Scope({INSTANT: 2}, 1), Scope({}, 2), Scope({}, 3)))
"""Two instants at least: what is asked is what becomes of a PTE between two looks."""

_LAST_UNLOCK = "\tret = len;\n\tpte_unmap_unlock(slot, lock);\n"
_FIRST_UNLOCK = "\tseen = ptep_get(slot);\n\tpte_unmap_unlock(slot, lock);\n"
_CHANGED = "\t\tpte_unmap_unlock(slot, lock);\n\t\tiounmap(window);\n\t\tgoto again;\n"
_SAME = "!pte_same(seen, ptep_get(slot))"
_END = "unmap:\n\tiounmap(window);\n"
_COPY_OUT = "\tif (write)\n\t\tmemcpy_toio("

NOT_ASKED = Wrong("PTE not compared", "whatever PTE is found is good enough", ((_SAME, "0"),))
INVERTED = Wrong(
    "pte_same() inverted", "the copy is made if the PTE has changed", ((_SAME, _SAME[1:]),)
)
UNLOCKED_COPY = Wrong(
    "copy after the unlock",
    "the lock is dropped before the copy",
    (
        (_COPY_OUT, "\tpte_unmap_unlock(slot, lock);\n" + _COPY_OUT),
        (_LAST_UNLOCK, "\tret = len;\n"),
    ),
)
NO_PERMISSION = Wrong(
    "permission not asked",
    "a write goes on whatever pte_write() says",
    (("(write & FOLL_WRITE) && !pte_write(seen)", "0"),),
)
_KEPT_ON_RETRY = Wrong(
    "mapping kept on retry",
    "the next round maps again and forgets the mapping of this one",
    ((_CHANGED, _CHANGED.replace("\t\tiounmap(window);\n", "")),),
)
_KEPT = Wrong("mapping kept", "the mapping is not given back at the end", ((_END, "unmap:\n"),))
_TWICE = Wrong(
    "given back twice",
    "the copy is followed by an iounmap() of its own",
    ((_LAST_UNLOCK, _LAST_UNLOCK + "\tiounmap(window);\n"),),
)
_NO_GIVING_BACK_ON_ERROR = Wrong(
    "mapping kept on error",
    "a PTE that is gone ends the call at once",
    (("\t\tgoto unmap;\n", "\t\treturn -EINVAL;\n"),),
)
_UNDER_LOCK = Wrong(
    "mapped under the lock",
    "the lock is held across ioremap_prot()",
    ((_FIRST_UNLOCK, "\tseen = ptep_get(slot);\n"),),
)
_UNMAPPED_UNDER_LOCK = Wrong(
    "unmapped under the lock",
    "a changed PTE gives the mapping back before it drops the lock",
    ((_CHANGED, "\t\tiounmap(window);\n\t\tpte_unmap_unlock(slot, lock);\n\t\tgoto again;\n"),),
)
_LOCK_KEPT = Wrong(
    "lock kept", "the lock is not dropped after the copy", ((_LAST_UNLOCK, "\tret = len;\n"),)
)
_LATE_LOOK = Wrong(
    "PTE read late",
    "the PTE is read after its lock was dropped",
    ((_FIRST_UNLOCK, "\tpte_unmap_unlock(slot, lock);\n\tseen = ptep_get(slot);\n"),),
)
_LENGTH_FOR_NOTHING = Wrong(
    "success by default",
    "the length is returned before it is copied",
    (("ret = -EINVAL", "ret = len"),),
)
_OTHER_WAY = Wrong(
    "direction inverted",
    "a write reads and a read writes",
    ((_COPY_OUT, _COPY_OUT.replace("(write)", "(!write)")),),
)
_OFFSET_FORGOTTEN = Wrong(
    "offset not mapped",
    "as much is mapped as is copied, from the begin of the page",
    (("page_align(len + offset)", "page_align(len)"),),
)
_FROM_THE_BEGIN = Wrong(
    "offset not added",
    "the copy begins where the page does",
    tuple(
        (f"{before}(void *)((unsigned long)window + offset){after}", f"{before}window{after}")
        for before, after in (("memcpy_toio(", ", buf, len"), ("memcpy_fromio(buf, ", ", len"))
    ),
)
_ANY_VMA = Wrong(
    "any VMA",
    "ordinary memory is reached, too",
    (("!(vma->vm_flags & (VM_IO | VM_PFNMAP))", "0"),),
)
_READS_REFUSED = Wrong(
    "reads refused",
    "a read, too, needs a PTE that may be written",
    (("(write & FOLL_WRITE) && ", ""),),
)
_READS_REFUSED_EARLY = Wrong(
    "reads refused",
    "a read, too, needs a PTE that may be written",
    (("!(flags & FOLL_WRITE) || ", ""),),
)
_NOT_PERMITTED = Wrong(
    "permission not asked",
    "a write goes on whatever pte_write() says",
    (("!(flags & FOLL_WRITE) || pte_write(entry)", "1"),),
)
_PAGE_MORE = Wrong(
    "a page more",
    "the page behind the bytes is mapped, too",
    (("page_align(len + offset)", "page_align(len + offset) + PAGE_SIZE"),),
)
_OTHER_PROTECTION = Wrong(
    "other protection",
    "the protection of the PTE is not passed on",
    (("page_align(len + offset), prot)", "page_align(len + offset), 0)"),),
)
_KEPT_AT_ONCE = Wrong(
    "mapping kept",
    "the mapping is not given back",
    (("\tiounmap(window);\n\treturn len;\n", "\treturn len;\n"),),
)
_ONE_LOCK_KEPT = Wrong(
    "lock kept",
    "the lock is not dropped after the look",
    (("\tpte_unmap_unlock(slot, lock);\n", ""),),
)
_NO_MEMORY_FORGIVEN = Wrong(
    "failure forgiven",
    "a mapping that failed counts as success",
    (("\t\treturn -ENOMEM;\n", "\t\treturn len;\n"),),
)


def _asked(text: str, rows: tuple[Row, ...]) -> tuple[Asked, ...]:
    def of(start: Start, given: tuple[Assumption, ...], rows: tuple[Row, ...]) -> Asked:
        lemmas = _begins_again if start is _asked_for else _nothing_known
        return Asked(
            text,
            "generic_access_phys",
            GENERIC_ACCESS,
            start,
            lemmas,
            assumptions=given,
            limits=_LOOKS,
            rows=rows,
        )

    return (
        of(_asked_for, (HELD, ACCESS), rows),
        of(held, (HELD,), (Row("GAP-13a", gap_13a),)),
    )


BEFORE = _asked(
    "generic_access_legacy",
    (
        Row("GAP-9", gap_9, (_NO_MEMORY_FORGIVEN, _OTHER_WAY)),
        Row("GAP-10", gap_10, (_KEPT_AT_ONCE,)),
        Row("GAP-11", gap_11, (_ONE_LOCK_KEPT,)),
        Row("GAP-12", gap_12),
        Row("GAP-13", gap_13),
        Row("GAP-14", gap_14, (_OFFSET_FORGOTTEN,)),
        Row("GAP-15", gap_15),
        Row("GAP-16", gap_16, (_ANY_VMA,)),
        Row("GAP-17", gap_17, (_READS_REFUSED_EARLY,)),
        Row("GAP-18", gap_18, (_PAGE_MORE,)),
        Row("GAP-19", gap_19, (_OTHER_PROTECTION,)),
        Row("GAP-20", gap_20, (_FROM_THE_BEGIN,)),
        Row("GAP-21", gap_21, (_NOT_PERMITTED,)),
    ),
)
AFTER = _asked(
    "merged",
    (
        Row("GAP-9", gap_9, (_LENGTH_FOR_NOTHING, _OTHER_WAY)),
        Row("GAP-10", gap_10, (_KEPT_ON_RETRY, _KEPT, _TWICE, _NO_GIVING_BACK_ON_ERROR)),
        Row("GAP-11", gap_11, (_UNDER_LOCK, _UNMAPPED_UNDER_LOCK, _LOCK_KEPT, _LATE_LOOK)),
        Row("GAP-12", gap_12, (NOT_ASKED, INVERTED, UNLOCKED_COPY, _FROM_THE_BEGIN)),
        Row("GAP-13", gap_13, (NO_PERMISSION, NOT_ASKED, INVERTED)),
        Row("GAP-14", gap_14, (_OFFSET_FORGOTTEN,)),
        Row("GAP-15", gap_15),
        Row("GAP-16", gap_16, (_ANY_VMA,)),
        Row("GAP-17", gap_17, (_READS_REFUSED,)),
        Row("GAP-18", gap_18, (_PAGE_MORE,)),
        Row("GAP-19", gap_19, (_OTHER_PROTECTION,)),
    ),
)
FIRST = _asked("v1", (Row("GAP-12", gap_12), Row("GAP-13", gap_13)))
"""The rows of the text before patch 7, after it, and of its first version."""
