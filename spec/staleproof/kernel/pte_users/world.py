"""The worlds that users of one PTE run in: that of an mm, and what each calls beyond it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from staleproof.cfront.contracts import Contract, World
from staleproof.kernel import address_space, page_table
from staleproof.kernel.contracts import (
    find_vma,
    follow_pfn,
    io_mapping,
    kvm,
    kvm_fault,
    kvm_lookup,
    looks,
    mmap_lock,
    page_walk,
    pages,
    pte_lock,
    user_fault,
    vfio,
    zpci,
)
from staleproof.kernel.pte_users import contiguous
from staleproof.kernel.world import ABOUT, KINDS, WORLD, speaks_of
from staleproof.lang.system import Assumption
from staleproof.lang.terms import Term

_WORDS = speaks_of(
    page_table.entry,
    page_table.has_page,
    page_table.frame_of,
    page_table.may_write,
    page_table.protection_of,
)

HELD = Assumption(
    "PTE-CALLER", "the caller holds mmap_lock for read, and the address lies in the VMA it names"
)
ACCESS = Assumption(
    "ACCESS-CALLER",
    "__access_remote_vm() asks for at least one byte, and for a write as FOLL_WRITE or 0",
)


def about_ptes(
    contracts: Mapping[str, Contract], init: tuple[Term, ...] = (), *, held: bool = True
) -> World:
    """A world with PTEs as words; `held` if the caller of the function holds mmap_lock."""
    assumed = (a for a in WORLD.assumptions if not (held and a.name == "MMAP-UNHELD"))
    speaking = {name: speaks for name, speaks in ABOUT.items() if not held or name != "MMAP-UNHELD"}
    return replace(
        WORLD,
        contracts={**pte_lock.CONTRACTS, **contracts},
        init=(*follow_pfn.INIT, *pte_lock.INIT, *init, *(() if held else address_space.INIT)),
        assumptions=(*assumed, page_table.PTE_WORD),
        about={**speaking, "PTE-WORD": _WORDS},
        kinds={
            **KINDS,
            "ptl": "a PTE is read only while its lock is held",
            "sleep": "ptl, a spinlock, is not held by what sleeps",
            "mm": "page tables are those of the VMA's mm",
            "iounmap": "what ioremap_prot() has mapped is given back, once",
            "level": "a level of the page tables is looked at only if the one above leads to it",
            "fault": "no lock is held by what may take a page fault",
            "leak": "what is allocated is freed, once",
            "put": "a reference is given back that was taken",
            "window": "what is copied lies in what ioremap_prot() has mapped",
        },
    )


GENERIC_ACCESS = about_ptes(io_mapping.CONTRACTS, io_mapping.INIT)
_LOOKS = {
    **mmap_lock.CONTRACTS,
    **find_vma.CONTRACTS,
    "follow_pfn": looks.follow_pfn,
    **user_fault.CONTRACTS,
}
S390 = about_ptes(
    {**_LOOKS, **zpci.CONTRACTS},
    (*user_fault.INIT, *looks.INIT, *zpci.INIT, *io_mapping.INIT),
    held=False,
)
VFIO = about_ptes(
    {**_LOOKS, **pages.CONTRACTS, **vfio.CONTRACTS},
    (*user_fault.INIT, *looks.INIT, *vfio.INIT),
    held=False,
)
KVM = about_ptes({**_LOOKS, **pages.CONTRACTS, **kvm.CONTRACTS}, (*user_fault.INIT, *kvm.INIT))
_FAULT = about_ptes(kvm_fault.CONTRACTS, kvm_fault.INIT, held=False)
KVM_FAULT = replace(_FAULT, structs={**_FAULT.structs, **kvm_fault.STRUCTS})
KVM_LOOKUP = about_ptes({**_LOOKS, **kvm_lookup.CONTRACTS}, kvm_lookup.INIT, held=False)
WALK = about_ptes(page_walk.CONTRACTS, page_walk.INIT)
LOOKUP = about_ptes({})
_BUFFERS = about_ptes({**_LOOKS, **pages.CONTRACTS}, held=False)
BUFFERS = replace(_BUFFERS, structs={**_BUFFERS.structs, **contiguous.STRUCTS})
