"""Each row about unsafe_follow_pfn(): of which text it is asked, and what must kill it."""

from __future__ import annotations

from staleproof.kernel.address_space import (
    VM_PFNMAP,
    contains,
    layout,
    live,
    mmap_lock,
    vm_flags,
)
from staleproof.kernel.iomem.properties import Subject
from staleproof.kernel.iomem.rows import Asked, Row, Wrong
from staleproof.lang.terms import Term, eq, neg, word
from staleproof.series.p08_unsafe_follow_pfn import properties
from staleproof.series.p08_unsafe_follow_pfn.world import HELD, LIVE, MMU, NOMMU, PFNMAP, VFIO

_REFUSAL = "\t\treturn -EINVAL;\n"
_TAINT = "\tadd_taint(TAINT_USER, LOCKDEP_STILL_OK);\n"
_CALL = "return follow_pfn(vma, address, pfn);"

REFUSES_AFTERWARDS = Wrong(
    "pfn given all the same",
    "the refusal comes after follow_pfn() has stored a pfn",
    ((_REFUSAL, "\t\tfollow_pfn(vma, address, pfn);\n" + _REFUSAL),),
)
ONLY_SAYS_SO = Wrong("message only", "the call is not refused", ((_REFUSAL, ""),))
UPSIDE_DOWN = Wrong(
    "option inverted",
    "the call is refused unless the option is set",
    (("if (IS_ENABLED", "if (!IS_ENABLED"),),
)
NO_TAINT = Wrong("no taint", "the kernel is not tainted", ((_TAINT, ""),))
SWAPPED = Wrong(
    "arguments swapped",
    "the taint is another one",
    ((_TAINT, "\tadd_taint(LOCKDEP_STILL_OK, TAINT_USER);\n"),),
)
OTHER_ERRNO = Wrong(
    "errno replaced",
    "whatever follow_pfn() says becomes -EFAULT",
    ((_CALL, "return follow_pfn(vma, address, pfn) ? -EFAULT : 0;"),),
)
NEXT_PAGE = Wrong(
    "next page",
    "follow_pfn() is asked about another address",
    ((_CALL, "return follow_pfn(vma, address ^ PAGE_SIZE, pfn);"),),
)
ASKED_TWICE = Wrong(
    "asked twice",
    "follow_pfn() is asked once more, and may answer otherwise",
    ((_CALL, "follow_pfn(vma, address, pfn);\n\t" + _CALL),),
)
STRICT_KILLERS = (REFUSES_AFTERWARDS, ONLY_SAYS_SO, UPSIDE_DOWN)
TAINT_KILLERS = (NO_TAINT, SWAPPED, OTHER_ERRNO)
SAME_KILLERS = (OTHER_ERRNO, NEXT_PAGE, ASKED_TWICE)


def _held(s: Subject) -> tuple[Term, ...]:
    address = "address" if "address" in s.translation.parameters else "vaddr"
    return (eq(mmap_lock(), 1), contains(layout(), s["vma"], s[address]))


def _pfnmap(s: Subject) -> tuple[Term, ...]:
    flags = vm_flags(layout(), s["vma"])
    return (*_held(s), neg(eq(flags & word(VM_PFNMAP, 64), 0)))


def _live(s: Subject) -> tuple[Term, ...]:
    return (live(layout(), s["vma"]),)


def _rows(build: str, *, refuses: bool, taints: bool) -> tuple[Row, ...]:
    """The rows of a build; those that fail are asked without killers."""
    strict, taint = f"UFP-1{build}", f"UFP-2{build}"
    same = f"UFP-2a{build}"
    return (
        Row(strict, properties.refuses(strict), STRICT_KILLERS if refuses else ()),
        Row(taint, properties.passes_on_and_taints(taint), TAINT_KILLERS if taints else ()),
        Row(same, properties.passes_on(same), SAME_KILLERS),
    )


def _unsafe(text: str, build: str, *, complete: bool = True) -> Asked:
    without_mmu = build == "n"
    return Asked(
        text,
        "unsafe_follow_pfn",
        NOMMU if without_mmu else MMU,
        _live if without_mmu else _held,
        assumptions=(LIVE if without_mmu else HELD,),
        rows=_rows(build, refuses=complete, taints=complete),
    )


_UNTOLD = ("\tif (unlocked)\n\t\treturn -EAGAIN;\n", "")

FOLLOW_FAULT = Asked(
    "vfio_v4",
    "follow_fault_pfn",
    VFIO,
    _pfnmap,
    assumptions=(HELD, PFNMAP),
    rows=(
        Row(
            "UFP-3a",
            properties.gives_vfio_nothing,
            (
                Wrong(
                    "second look forgiven",
                    "what the second look says is not heeded",
                    (
                        (
                            "\treturn unsafe_follow_pfn(vma, vaddr, pfn);",
                            "\tunsafe_follow_pfn(vma, vaddr, pfn);\n\treturn 0;",
                        ),
                    ),
                ),
                Wrong(
                    "fault taken for success",
                    "a fault that was handled counts as a pfn that was found",
                    (
                        (
                            "\tif (ret)\n\t\treturn ret;\n\n\treturn unsafe",
                            "\treturn ret;\n\treturn unsafe",
                        ),
                    ),
                ),
            ),
        ),
        Row("UFP-4", properties.leaves_page_tables_alone),
        Row(
            "UFP-12",
            properties.tells_vfio_what_it_found,
            (
                Wrong(
                    "no second look",
                    "a fault that was handled is the end",
                    (("\treturn unsafe_follow_pfn(vma, vaddr, pfn);", "\treturn -EINVAL;"),),
                ),
                Wrong("wait forgotten", "a wait gives the fault's result", (_UNTOLD,)),
            ),
        ),
        Row(
            "UFP-13",
            properties.takes_vfios_fault,
            (
                Wrong(
                    "fault to read",
                    "the fault is for reading",
                    (("write_fault ? FAULT_FLAG_WRITE : 0", "0"),),
                ),
                Wrong(
                    "always a fault",
                    "a fault is taken whether there is a PTE or not",
                    (("\tif (!ret)\n\t\treturn 0;\n", ""),),
                ),
            ),
        ),
    ),
)

V4 = (_unsafe("mmu_v4", ""), _unsafe("nommu_v4", "n", complete=False), FOLLOW_FAULT)
V5 = (_unsafe("both_v5", ""), _unsafe("both_v5", "n"))
