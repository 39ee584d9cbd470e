"""What the PCI system calls of s390 return, from C text, and when they make the MMIO.

Together the rows tell of every call what it returns.
"""

from __future__ import annotations

from staleproof.kernel.address_space import (
    PAGE_SIZE,
    VM_WRITE,
    is_raw,
    layout,
    null_vma,
    vm_flags,
)
from staleproof.kernel.contracts.io_mapping import copied_first, copied_to
from staleproof.kernel.contracts.looks import (
    fault_in_vain,
    look_result,
    looked,
    looked_since_fault,
)
from staleproof.kernel.contracts.pte_lock import read_at
from staleproof.kernel.contracts.user_fault import (
    FAULT_FLAG_WRITE,
    fault_address,
    fault_flags,
    fault_taken,
)
from staleproof.kernel.contracts.zpci import (
    fetched,
    memory_asked,
    memory_flags,
    memory_given,
    mmio_result,
    user_copy_failed,
    zpci_enabled,
)
from staleproof.kernel.errno import EACCES, EFAULT, EINVAL, ENODEV, ENOMEM, errno
from staleproof.kernel.iomem.properties import AT_RETURN, Subject
from staleproof.kernel.iomem.rows import Wrong
from staleproof.kernel.page_table import has_page
from staleproof.kernel.pte_users.access import byte_of
from staleproof.kernel.pte_users.s390_calls import (
    is_legacy,
    named,
    pte_seen,
    reads,
    vma_found,
    was_copied,
)
from staleproof.lang.system import Property
from staleproof.lang.terms import (
    TRUE,
    Term,
    conj,
    eq,
    iff,
    implies,
    ite,
    neg,
    sign_extend,
    u_le,
    word,
)

GFP_KERNEL = 0xCC0
ZPCI_IOMAP_ADDR_BASE = 1 << 63


def _is(s: Subject, number: int) -> Term:
    return eq(s.result, errno(number, 64))


def _fits(s: Subject) -> Term:
    """The range has a byte, and ends within the page that it begins in."""
    start, length = s["mmio_addr"] & word(PAGE_SIZE - 1, 64), s["length"]
    return conj(neg(eq(length, 0)), u_le(length, word(PAGE_SIZE, 64) - start))


def _found() -> Term:
    return conj(looked(), eq(look_result(), 0))


def _in_windows(s: Subject) -> Term:
    """The PTE that was found leads to an address of the PCI windows."""
    return u_le(word(ZPCI_IOMAP_ADDR_BASE, 64), byte_of(pte_seen(s, read_at), s["mmio_addr"]))


def s390_9(s: Subject) -> Property:
    """What is refused before anything is looked up, and with which errno."""
    none = conj(memory_asked(), eq(memory_flags(), GFP_KERNEL), _is(s, ENOMEM))
    memory = ite(memory_given(), eq(memory_flags(), GFP_KERNEL), none)
    range_ = ite(_fits(s), memory, _is(s, EINVAL))
    said = ite(zpci_enabled(), range_, _is(s, ENODEV))
    return Property(named(s, "S390-9"), said, at=AT_RETURN)


def s390_10(s: Subject) -> Property:
    """What becomes of a lookup that leads to no PTE."""
    raw = TRUE if is_legacy(s) else is_raw(layout(), vma_found(s))
    asks = conj(neg(eq(vma_found(s), null_vma())), raw)
    no_pte = implies(neg(eq(look_result(), 0)), _is(s, EINVAL))
    unasked = conj(neg(looked()), _is(s, EINVAL))
    said = ite(asks, ite(looked(), no_pte, _is(s, EACCES)), unasked)
    # The later texts copy from user space first.
    comes = memory_given() if reads(s) or is_legacy(s) else conj(memory_given(), fetched())
    return Property(named(s, "S390-10"), said, premise=comes, at=AT_RETURN)


def s390_11(s: Subject) -> Property:
    """When the MMIO is made."""
    writes = not reads(s)
    came = neg(user_copy_failed()) if writes else TRUE
    ready = conj(_found(), _in_windows(s), came)
    has_bytes = fetched() if writes else TRUE
    said = conj(iff(was_copied(), ready), implies(was_copied(), has_bytes))
    return Property(named(s, "S390-11"), said, at=AT_RETURN)


def s390_12(s: Subject) -> Property:
    """What comes of the bytes, in user space and at the device."""
    made = eq(s.result, sign_extend(mmio_result(), 64))
    said = ite(user_copy_failed(), _is(s, EFAULT), implies(was_copied(), made))
    return Property(named(s, "S390-12"), said, at=AT_RETURN)


def s390_13(s: Subject) -> Property:
    """An address outside of the windows."""
    premise = conj(_found(), neg(_in_windows(s)))
    return Property(named(s, "S390-13"), _is(s, EFAULT), premise=premise, at=AT_RETURN)


def s390_14(s: Subject) -> Property:
    """The bytes are those that the PTE gave when it was read."""
    seen = pte_seen(s, read_at)
    leads = conj(has_page(seen), eq(copied_first(), byte_of(seen, s["mmio_addr"])))
    way = copied_to() if not reads(s) else neg(copied_to())
    return Property(named(s, "S390-14"), conj(leads, way), premise=was_copied(), at=AT_RETURN)


def s390_15(s: Subject) -> Property:
    """A page fault is taken where no PTE was found, and a look after it decides."""
    flags = word(0 if reads(s) else FAULT_FLAG_WRITE, 32)
    its_own = conj(
        neg(fault_in_vain()), eq(fault_address(), s["mmio_addr"]), eq(fault_flags(), flags)
    )
    asked = implies(fault_taken(), its_own)
    refused = conj(looked(), neg(eq(look_result(), 0)))
    right = conj(asked, implies(refused, looked_since_fault()))
    return Property(named(s, "S390-15"), right, at=AT_RETURN)


def s390_16(s: Subject) -> Property:
    """The read of 5.12 asks for the permission of the write."""
    permitted = neg(eq(vm_flags(layout(), vma_found(s)) & word(VM_WRITE, 64), 0))
    refused = conj(_is(s, EACCES), neg(was_copied()))
    said = conj(implies(was_copied(), permitted), implies(refused, neg(permitted)))
    return Property("S390-16", said, at=AT_RETURN)


_NO_DEVICE = "\tif (!zpci_is_enabled())\n\t\treturn -ENODEV;\n"
_IS_RAW = "\tif (!(vma->vm_flags & (VM_IO | VM_PFNMAP)))\n\t\tgoto unlock_mmap;\n"
_FETCH = "\tif (copy_from_user(buf, user_buffer, length))\n\t\tgoto {};\n"
_FETCH_ONLY = "\tcopy_from_user(buf, user_buffer, length);\n"
_GIVE = "\tif (!ret && copy_to_user(user_buffer, buf, length))\n\t\tret = -EFAULT;\n"
_GIVE_ONLY = "\tif (!ret)\n\t\tcopy_to_user(user_buffer, buf, length);\n"
_OUTSIDE = {
    "legacy": ("\tret = -EFAULT;\n\tif (io_addr", "\tif (io_addr"),
    "later": ("\t\tret = -EFAULT;\n\t\tgoto unlock_pte;", "\t\tgoto unlock_pte;"),
}


def killers(text: str, write: bool) -> dict[str, tuple[Wrong, ...]]:
    """By the number of the row."""
    legacy = text.endswith("legacy")
    fetch = (_FETCH.format("out" if legacy else "free"), _FETCH_ONLY)
    no_vma = ("long ret = -EINVAL;", "long ret = -EFAULT;") if legacy else (_IS_RAW, "")
    refused = "without a VMA it is -EFAULT" if legacy else "ordinary memory is looked up, too"
    fault = "\t\tfixup_user_fault(current->mm, mmio_addr, {}, NULL);\n"
    flag, other = ("FAULT_FLAG_WRITE", "0") if write else ("0", "1")
    return {
        "9": (
            Wrong("PCI not asked", "nobody asks whether there is PCI", ((_NO_DEVICE, ""),)),
            Wrong("empty range", "a range may be empty", (("length <= 0 || ", ""),)),
            Wrong("no memory", "it is -EINVAL that tells of no memory", (("ENOMEM", "EINVAL"),)),
        ),
        "10": (
            Wrong("refused otherwise", refused, (no_vma,)),
            Wrong("other errno", "-EPERM for -EACCES", (("EACCES", "EPERM"),)),
        ),
        "11": (
            Wrong(
                "first window left out",
                "the first byte of the windows is refused",
                (("io_addr < ZPCI", "io_addr <= ZPCI"),),
            ),
        ),
        "12": (
            Wrong(
                "bytes left behind",
                "it is not asked whether user space's bytes could be copied",
                (fetch if write else (_GIVE, _GIVE_ONLY),),
            ),
        ),
        "13": (
            Wrong(
                "said to be done",
                "an address outside of the windows gives 0",
                (_OUTSIDE["legacy" if legacy else "later"],),
            ),
        ),
        "14": (
            Wrong(
                "from the page on",
                "the offset in the page is left out",
                (("PAGE_SHIFT) | (mmio_addr & ~PAGE_MASK);", "PAGE_SHIFT);"),),
            ),
        ),
        "15": (
            Wrong("no fault", "no page fault is taken", ((fault.format(flag), ""),)),
            Wrong(
                "other fault",
                "the fault is for what the other call does",
                ((fault.format(flag), fault.format(other)),),
            ),
        ),
        "16": (
            Wrong("reading", "VM_READ is asked for", (("_flags & VM_WRITE", "_flags & VM_READ"),)),
        ),
    }


MAKES = {
    "9": s390_9,
    "10": s390_10,
    "11": s390_11,
    "12": s390_12,
    "13": s390_13,
    "14": s390_14,
}
