"""What the PCI system calls of s390 should do, from C text, and what must kill each row.

A row about the read ends in `r`; the one about the write has no letter.
"""

from __future__ import annotations

from staleproof.cfront.translate import FAILED
from staleproof.kernel.address_space import (
    VM_READ,
    VM_WRITE,
    contains,
    layout,
    mmap_lock,
    vm_flags,
)
from staleproof.kernel.contracts.io_mapping import (
    copied_bytes,
    copied_first,
    copied_locked,
    copies,
)
from staleproof.kernel.contracts.pte_lock import ptl_held
from staleproof.kernel.contracts.zpci import buffer_lives, given_to_user
from staleproof.kernel.errno import EACCES, errno
from staleproof.kernel.iomem.properties import AT_RETURN, Subject
from staleproof.kernel.iomem.rows import Asked, Row, Wrong
from staleproof.kernel.page_table import has_page, may_write
from staleproof.kernel.pte_users.access import byte_of
from staleproof.kernel.pte_users.s390_calls import named, pte_seen, reads, vma_found, was_copied
from staleproof.kernel.pte_users.s390_errno import MAKES, s390_15, s390_16
from staleproof.kernel.pte_users.s390_errno import killers as errno_killers
from staleproof.kernel.pte_users.world import S390
from staleproof.lang.system import Property
from staleproof.lang.terms import TRUE, conj, disj, eq, implies, neg, word

_LOCKS = ("lock", "sleep", "fault", "leak", "ptl")


def s390_3(s: Subject) -> Property:
    """At the access the PTE leads to the bytes, and cannot change."""
    seen = pte_seen(s)
    right = conj(copied_locked(), has_page(seen), eq(copied_first(), byte_of(seen, s["mmio_addr"])))
    return Property(named(s, "S390-3"), right, premise=was_copied(), at=AT_RETURN)


def s390_4(s: Subject) -> Property:
    """The permission that the call is about decides, and no other."""
    flag = VM_READ if reads(s) else VM_WRITE
    permitted = neg(eq(vm_flags(layout(), vma_found(s)) & word(flag, 64), 0))
    refused = conj(eq(s.result, errno(EACCES, 64)), neg(was_copied()))
    said = conj(implies(was_copied(), permitted), implies(refused, neg(permitted)))
    return Property(named(s, "S390-4"), said, at=AT_RETURN)


def s390_5(s: Subject) -> Property:
    """Locks and memory come back, and nothing faults or sleeps where it may not."""
    settled = conj(eq(mmap_lock(), 0), neg(ptl_held()), neg(buffer_lives()), neg(FAILED()))
    return Property(named(s, "S390-5"), settled, at=s.ends(*_LOCKS))


def s390_6(s: Subject) -> Property:
    """0 means that it was done."""
    handed = given_to_user() if reads(s) else TRUE
    done = conj(eq(copies(), 1), eq(copied_bytes(), s["length"]), handed)
    return Property(named(s, "S390-6"), done, premise=eq(s.result, 0), at=AT_RETURN)


def s390_7(s: Subject) -> Property:
    """The VMA whose flags were tested is the one that the address lies in."""
    looked = disj(was_copied(), FAILED())
    right = conj(neg(FAILED()), contains(layout(), vma_found(s), s["mmio_addr"]))
    return Property(named(s, "S390-7"), right, premise=looked, at=s.ends("vma-range"))


def s390_8(s: Subject) -> Property:
    """The PTE permits the write: it is not asked."""
    return Property("S390-8", may_write(pte_seen(s)), premise=was_copied(), at=AT_RETURN)


_MMAP = "\tmmap_read_unlock(current->mm);\n"
_PERMISSION = {flag: f"\tif (!(vma->vm_flags & {flag}))\n" for flag in ("VM_READ", "VM_WRITE")}


def _killers(text: str, write: bool) -> dict[str, tuple[Wrong, ...]]:
    call = "zpci_memcpy_toio((void *)io_addr, buf, length)"
    if not write:
        call = "zpci_memcpy_fromio(buf, (void *)io_addr, length)"
    legacy = text.endswith("legacy")
    end = "follow_pfnmap_end()" if "mmio_read" in text else "pte_unmap_unlock(slot, lock)"
    flag = "VM_READ" if not write and "mmio_read" in text else "VM_WRITE"
    forgotten = Wrong("buffer kept", "the buffer is not freed", (("\tkfree(buf);\n", ""),))
    forgiven = Wrong(
        "outcome forgotten",
        "what the access says is not heeded",
        (("\tkfree(buf);\n\treturn ret;", "\tkfree(buf);\n\treturn 0;"),),
    )
    if legacy:
        asks = ("vma->vm_flags & access", "vma->vm_flags & VM_EXEC")
        return {
            "4": (Wrong("other permission", "VM_EXEC is asked for", (asks,)),),
            "5": (forgotten, Wrong("lock kept", "mmap_lock is not released", ((_MMAP, ""),))),
            "6": (forgiven,),
        }
    early = Wrong(
        "lock dropped first",
        "ptl is dropped before the access",
        ((f"\tret = {call};\n", f"\t{end};\n\tret = {call};\n\tgoto unlock_mmap;\n"),),
    )
    asks = (_PERMISSION[flag], "\tif (0)\n")
    unasked = Wrong("permission not asked", "the VMA is not asked", (asks,))
    above = Wrong("first VMA above", "find_vma() for vma_lookup()", (("vma_lookup", "find_vma"),))
    kept = Wrong("ptl kept", "ptl is not dropped", ((f"\t{end};\nunlock_mmap:", "unlock_mmap:"),))
    return {
        "3": (early,),
        "4": (unasked,),
        "5": (forgotten, kept),
        "6": (forgiven,),
        "7": (above,),
    }


_MAKES = {"3": s390_3, "4": s390_4, "5": s390_5, "6": s390_6, "7": s390_7, **MAKES}


def asked(version: str, refuted: tuple[str, ...], *, write: bool) -> Asked:
    """The rows of one call at one version; those that fail are asked without killers."""
    op = "write" if write else "read"
    text = f"s390_{op}_{version}"
    killers = {**_killers(text, write), **errno_killers(text, write)}
    makes = {**_MAKES, **({"15": s390_15} if version == "mmio_read" else {})}
    suffix = "" if write else "r"
    rows = [
        Row(f"S390-{n}{suffix}", make, () if f"S390-{n}{suffix}" in refuted else killers[n])
        for n, make in makes.items()
    ]
    if write:
        rows.append(Row("S390-8", s390_8))
    elif version == "merged":
        rows.append(Row("S390-16", s390_16, killers["16"]))
    return Asked(text, f"s390_pci_mmio_{op}", S390, rows=tuple(rows))


def both(version: str, *refuted: str) -> tuple[Asked, ...]:
    """Write and read at one version."""
    return tuple(asked(version, refuted, write=write) for write in (True, False))


BEFORE = both("legacy", "S390-3", "S390-3r", "S390-7", "S390-7r")
MERGED = both("merged", "S390-4r", "S390-6", "S390-7", "S390-7r", "S390-13")
MMIO_READ = both("mmio_read", "S390-6", "S390-13")
