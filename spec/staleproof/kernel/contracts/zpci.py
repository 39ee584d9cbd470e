"""What the PCI system calls of s390 call beside page tables (arch/s390/pci, v5.10 and v6.15)."""

from __future__ import annotations

from dataclasses import replace

from staleproof.cfront.contracts import CallSite, Demand, Effect, Outcome
from staleproof.kernel.address_space import (
    U64,
    contains,
    layout,
    mmap_lock,
    needs_live,
    page_address,
)
from staleproof.kernel.contracts.io_mapping import copying
from staleproof.kernel.contracts.looks import LOOKS, told
from staleproof.kernel.contracts.pte_lock import (
    argument,
    handed_back,
    ptl_held,
    read_at,
    taken,
    truth,
)
from staleproof.kernel.errno import EINVAL, errno
from staleproof.kernel.page_table import INSTANT, now, pte_pfn, pte_present, said_by_word
from staleproof.lang.sorts import BOOL, BitVec
from staleproof.lang.substitute import assign
from staleproof.lang.terms import (
    FALSE,
    TRUE,
    Symbol,
    Term,
    conj,
    disj,
    eq,
    neg,
    s_lt,
    u_le,
    variable,
    word,
)

zpci_enabled = Symbol("zpci_is_enabled", (), BOOL, mutable=False)
buffer_lives = Symbol("kmalloc.lives", (), BOOL)
buffer_at = Symbol("kmalloc.address", (), U64)
memory_asked = Symbol("kmalloc.called", (), BOOL)
memory_flags = Symbol("kmalloc.flags", (), BitVec(32))
memory_given = Symbol("kmalloc.made", (), BOOL)
"""Memory was asked for, and how; and it was given."""

given_to_user = Symbol("copy_to_user.complete", (), BOOL)
"""copy_to_user() has copied everything that it was asked for."""

fetched = Symbol("copy_from_user.complete", (), BOOL)
"""copy_from_user() has copied everything that it was asked for."""

user_copy_failed = Symbol("copy_user.failed", (), BOOL)
"""Some bytes of user space could not be copied."""

mmio_result = Symbol("mmio.result", (), BitVec(32))
"""What the last access to the device has returned."""


def zpci_is_enabled(call: CallSite) -> Effect:
    """Whether there is PCI at all."""
    answer = truth(call, zpci_enabled())
    return Effect((Outcome("answers", answer),), (), "arch/s390/pci/pci.c: zpci_is_enabled")


def kmalloc(call: CallSite) -> Effect:
    """Memory that nobody else has, or NULL; it may sleep. Its flags say how it may find some."""
    p = variable("p", U64)
    somewhere = (neg(eq(p, 0)), u_le(p, word(-4096, 64)))
    asked = (assign(memory_asked, (), TRUE), assign(memory_flags, (), argument(call, 1)))
    lives = (assign(buffer_lives, (), TRUE), assign(buffer_at, (), p))
    made = (*asked, *lives, assign(memory_given, (), TRUE))
    outcomes = (
        Outcome("made", p, (p,), somewhere, made),
        Outcome("no memory", word(0, 64), updates=asked),
    )
    once = Demand("leak", neg(buffer_lives()), "what was allocated before was freed")
    return Effect(outcomes, (_may_sleep(call), once), "include/linux/slab.h: kmalloc")


def kfree(call: CallSite) -> Effect:
    """Frees what kmalloc() has given."""
    its_own = conj(buffer_lives(), eq(argument(call, 0), buffer_at()))
    demand = Demand("leak", its_own, "what is freed was allocated and not freed yet")
    outcome = Outcome("freed", updates=(assign(buffer_lives, (), FALSE),))
    return Effect((outcome,), (demand,), "mm/slab: kfree")


def _may_sleep(call: CallSite) -> Demand:
    return Demand("sleep", neg(ptl_held()), f"ptl is not held when {call.callee}() is called")


def _may_fault(call: CallSite) -> Demand:
    """A page fault takes mmap_lock; behind a waiting writer a second hold deadlocks."""
    free = conj(eq(mmap_lock(), 0), neg(ptl_held()))
    return Demand("fault", free, f"neither mmap_lock nor ptl is held when {call.callee}() faults")


def _user_copy(call: CallSite, *, to_user: bool) -> Effect:
    left = variable("left", U64)
    length = argument(call, 2)
    told = (assign(given_to_user if to_user else fetched, (), TRUE),)
    failed = (assign(user_copy_failed, (), TRUE),)
    part = (neg(eq(left, 0)), u_le(left, length))
    outcomes = (
        Outcome("copies all", word(0, 64), (), (), told),
        Outcome("copies a part", left, (left,), part, failed),
    )
    return Effect(outcomes, (_may_fault(call),), f"include/linux/uaccess.h: {call.callee}")


def copy_from_user(call: CallSite) -> Effect:
    """The number of bytes that could not be copied."""
    return _user_copy(call, to_user=False)


def copy_to_user(call: CallSite) -> Effect:
    """The number of bytes that could not be copied."""
    return _user_copy(call, to_user=True)


def _mmio(call: CallSite, device: int, to_device: Term) -> Effect:
    error = variable("error", BitVec(32))
    settled = disj(eq(error, 0), s_lt(error, word(0, 32)))
    told = assign(mmio_result, (), error)
    outcomes = tuple(
        replace(
            o,
            result=error,
            params=(*o.params, error),
            require=(*o.require, settled),
            updates=(*o.updates, told),
        )
        for o in copying(
            argument(call, device), argument(call, 2), argument(call, 1 - device), to_device
        )
    )
    return Effect(outcomes, (), f"arch/s390/include/asm/pci_io.h: {call.callee}")


def zpci_memcpy_toio(call: CallSite) -> Effect:
    """0 if all was stored, or an errno."""
    return _mmio(call, 0, TRUE)


def zpci_memcpy_fromio(call: CallSite) -> Effect:
    """0 if all was loaded, or an errno."""
    return _mmio(call, 1, FALSE)


def follow_pfnmap_start(call: CallSite) -> Effect:
    """0 with the lock of the PTE held and its pfn, or -EINVAL without it (mm/memory.c, v6.12)."""
    vma, address, t = argument(call, 0), argument(call, 1), variable("t", INSTANT)
    page = page_address(address)
    there = (said_by_word(t, page), pte_present(t, page))
    found = (
        *taken(page, t),
        assign(read_at, (), t),
        handed_back(call, 2, pte_pfn(t, page)),
    )
    outcomes = (
        Outcome("finds a PTE", word(0, 32), (t,), there, found),
        Outcome("finds none", errno(EINVAL), (t,), (), (assign(now, (), t),)),
    )
    demands = (
        *needs_live(vma, "follow_pfnmap_start() looks"),
        Demand("vma-range", contains(layout(), vma, address), "the address lies in the VMA"),
        Demand("lock", neg(ptl_held()), "ptl is not held when follow_pfnmap_start() takes it"),
    )
    return Effect(outcomes, demands, "mm/memory.c: follow_pfnmap_start", "mmap_lock r")


def follow_pfnmap_end(call: CallSite) -> Effect:
    """Lets other CPUs at the PTE."""
    t = variable("t", INSTANT)
    demand = Demand("lock", ptl_held(), "ptl is held when it is released")
    outcome = Outcome(
        "releases", params=(t,), updates=(assign(ptl_held, (), FALSE), assign(now, (), t))
    )
    return Effect((outcome,), (demand,), "mm/memory.c: follow_pfnmap_end", "mmap_lock r, ptl")


INIT = tuple(
    neg(ghost())
    for ghost in (
        buffer_lives,
        memory_asked,
        memory_given,
        given_to_user,
        fetched,
        user_copy_failed,
    )
)
CONTRACTS = {
    f.__name__: f
    for f in (
        zpci_is_enabled,
        kmalloc,
        kfree,
        copy_from_user,
        copy_to_user,
        zpci_memcpy_toio,
        zpci_memcpy_fromio,
        follow_pfnmap_end,
    )
} | {
    **LOOKS,
    "follow_pfnmap_start": told(follow_pfnmap_start),
}
