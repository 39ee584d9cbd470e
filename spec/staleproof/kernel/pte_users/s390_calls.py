"""What claims about both PCI system calls of s390 speak of."""

from __future__ import annotations

from staleproof.kernel.address_space import page_address
from staleproof.kernel.contracts.io_mapping import copied_at, copies
from staleproof.kernel.iomem.properties import Subject
from staleproof.kernel.page_table import entry
from staleproof.lang.terms import Symbol, Term, eq, neg


def reads(s: Subject) -> bool:
    """The subject is the read."""
    return s.translation.function.name.endswith("read")


def named(s: Subject, row: str) -> str:
    """The row, as the call of the subject has it."""
    return f"{row}r" if reads(s) else row


def was_copied() -> Term:
    """An MMIO was made."""
    return neg(eq(copies(), 0))


def is_legacy(s: Subject) -> bool:
    """The VMA is looked up, and asked, in a function of its own."""
    return any(symbol.name == "get_pfn.vma" for symbol in s.translation.symbols)


def vma_found(s: Subject) -> Term:
    """The VMA that was found, or NULL."""
    return s.local("get_pfn.vma" if is_legacy(s) else "vma")


def pte_seen(s: Subject, at: Symbol = copied_at) -> Term:
    """The PTE of the address at that moment, of itself that of the MMIO."""
    return entry(at(), page_address(s["mmio_addr"]))
