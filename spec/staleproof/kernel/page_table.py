"""Page tables and pages: what a user address maps to, at each instant.

An `Instant` is a moment at which this thread looks at a page table, holding the page-table lock
for just that look. Between two instants other CPUs may zap and install PTEs as they like:
unmap_mapping_range takes no mmap_lock. So a PTE is a function of the instant and the address.

Facts: mm/memory.c, v5.10 to v5.12 (follow_pte, follow_pfn, unmap_mapping_range).
"""

from __future__ import annotations

from staleproof.kernel.address_space import U64
from staleproof.lang.sorts import BOOL, Unbounded
from staleproof.lang.system import Assumption, Definition
from staleproof.lang.terms import (
    Symbol,
    Term,
    conj,
    eq,
    iff,
    implies,
    operation,
    u_le,
    u_lt,
    variable,
    word,
)

INSTANT = Unbounded("Instant")

pte_present = Symbol("pte.present", (INSTANT, U64), BOOL, mutable=False)
pte_pfn = Symbol("pte.pfn", (INSTANT, U64), U64, mutable=False)
pte_write = Symbol("pte.write", (INSTANT, U64), BOOL, mutable=False)
now = Symbol("now", (), INSTANT)

entry = Symbol("pte", (INSTANT, U64), U64, mutable=False)
"""The PTE as a word. What it says is told by functions of it, as pte_pfn() and its like do."""

has_page = Symbol("pte_present()", (U64,), BOOL, mutable=False)
frame_of = Symbol("pte_pfn()", (U64,), U64, mutable=False)
may_write = Symbol("pte_write()", (U64,), BOOL, mutable=False)
protection_of = Symbol("pte_pgprot()", (U64,), U64, mutable=False)

vmemmap = Symbol("vmemmap", (), U64, mutable=False)
pfn_valid = Symbol("pfn_valid", (U64,), BOOL, mutable=False)
in_cma = Symbol("page.cma", (U64,), BOOL, mutable=False)
in_fsdax = Symbol("page.fsdax", (U64,), BOOL, mutable=False)

PFN_BITS = 40
SIZEOF_PAGE = 64


def page_of(pfn: Term) -> Term:
    """pfn_to_page(): the address of the struct page in the virtual memory map."""
    return vmemmap() + pfn * word(SIZEOF_PAGE, 64)


def pfn_of(page: Term) -> Term:
    """page_to_pfn(): the inverse, by pointer subtraction."""
    return operation("s_shr", page - vmemmap(), word(6, 64))


KERNEL_HALF = word(1 << 63, 64)
AXIOMS = (u_le(KERNEL_HALF, vmemmap()),)


def said_by_word(at: Term, page: Term) -> Term:
    """What is known of the PTE of a page is what its word says."""
    word_of = entry(at, page)
    return conj(
        iff(pte_present(at, page), has_page(word_of)),
        eq(pte_pfn(at, page), frame_of(word_of)),
        iff(pte_write(at, page), may_write(word_of)),
        u_lt(frame_of(word_of), word(1 << 52, 64)),
    )


def _definitions() -> tuple[Definition, ...]:
    """That each of the two undoes the other is all that proofs need of their arithmetic."""
    pfn, page = variable("pfn", U64), variable("page", U64)
    to_page = Symbol("pfn_to_page", (U64,), U64, mutable=False)
    to_pfn = Symbol("page_to_pfn", (U64,), U64, mutable=False)
    undone = implies(u_lt(pfn, word(1 << PFN_BITS, 64)), eq(to_pfn(to_page(pfn)), pfn))
    return (
        Definition(to_page, (pfn,), page_of(pfn), (undone,)),
        Definition(to_pfn, (page,), pfn_of(page)),
    )


DEFINITIONS = _definitions()
ASSUMPTIONS = (
    Assumption(
        "PTE-ANY",
        "between two looks at a page table other CPUs may have changed any PTE of the mm",
    ),
    Assumption(
        "VMEMMAP",
        "struct pages are 64 bytes in one virtual array in the kernel's half of the addresses "
        "(SPARSEMEM_VMEMMAP), pfns are below 2^40",
    ),
)
PTE_WORD = Assumption(
    "PTE-WORD",
    "a PTE is one word; pte_present(), pte_pfn(), pte_write() and its protection are functions of "
    "the word, and pte_same() compares words; physical addresses have 64 bits",
)
