"""What videobuf1 should do with a user buffer, from C text, and what must kill each row."""

from __future__ import annotations

from staleproof.cfront.translate import FAILED
from staleproof.kernel.address_space import is_raw, layout, lock_is_held, mmap_lock, null_vma
from staleproof.kernel.iomem.properties import AT_RETURN, Subject
from staleproof.kernel.iomem.rows import Asked, Row, Wrong
from staleproof.kernel.pte_users.world import BUFFERS
from staleproof.lang.system import Assumption, Property
from staleproof.lang.terms import Term, conj, eq, implies, neg

RECORDS = Assumption("VB1-RECORDS", "the two records that videobuf1 passes are there")


def vb1_1(s: Subject) -> Property:
    """Only raw memory is taken."""
    return Property(
        "VB1-1", is_raw(layout(), s.local("vma")), premise=eq(s.result, 0), at=AT_RETURN
    )


def vb1_2(s: Subject) -> Property:
    """mmap_lock is balanced."""
    return Property("VB1-2", neg(lock_is_held()) & neg(FAILED()), at=s.ends("lock"))


def vb1_3(s: Subject) -> Property:
    """The page table is looked at within the VMA alone: it is not so."""
    return Property("VB1-3", neg(FAILED()), at=s.ends("vma-range"))


def _there(s: Subject) -> tuple[Term, ...]:
    structs = BUFFERS.structs
    return (
        neg(eq(s["mem"], structs["videobuf_dma_contig_memory"].null())),
        neg(eq(s["vb"], structs["videobuf_buffer"].null())),
    )


def _under_way(s: Subject, head: str) -> tuple[Property, ...]:
    """What holds each time round: what was taken so far is raw."""
    none = eq(s.local("done"), 0)
    vma, ret = s.local("vma"), s.local("ret")
    so_far = conj(
        eq(mmap_lock(), 1),
        neg(FAILED()),
        neg(eq(vma, null_vma())),
        implies(none, neg(eq(ret, 0))),
        implies(neg(none), is_raw(layout(), vma)),
    )
    at = frozenset({head})
    return (
        Property("what was taken is raw", so_far, at=at),
        Property("the records are there", conj(*_there(s)), at=at),
    )


_LOOK = "\t\tret = follow_pfn(vma, address, &pfn);\n\t\tif (ret)\n\t\t\tbreak;\n"
TAKEN = Asked(
    "videobuf1",
    "videobuf_dma_contig_user_get",
    BUFFERS,
    _there,
    _under_way,
    assumptions=(RECORDS,),
    rows=(
        Row(
            "VB1-1",
            vb1_1,
            (
                Wrong(
                    "refusal forgiven",
                    "what follow_pfn() says is not heeded",
                    ((_LOOK, _LOOK.replace("if (ret)\n\t\t\tbreak", "ret = 0")),),
                ),
                Wrong(
                    "success by default", "0 is what is returned", (("ret = -EINVAL", "ret = 0"),)
                ),
            ),
        ),
        Row(
            "VB1-2",
            vb1_2,
            (
                Wrong(
                    "lock kept", "mmap_lock is kept", (("\tmmap_read_unlock(current->mm);\n", ""),)
                ),
            ),
        ),
        Row("VB1-3", vb1_3),
    ),
)
