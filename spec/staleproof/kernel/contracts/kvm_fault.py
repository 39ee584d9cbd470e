"""What a page fault of a guest calls: the notifier's sequence, mmu_lock, the lookup, the entry.

The count and the sequence number of a VM's mmu notifier change under its mmu_lock alone, so they
stay as they are while this thread holds it. At every other call they may have moved on.

A load of the number may be late: what it gives is chosen beforehand, and only a read barrier or
the lock makes sure that it was made by then. (arch/x86/kvm/mmu, virt/kvm/kvm_main.c, v5.10.)
"""

from __future__ import annotations

from staleproof.cfront.contracts import (
    Access,
    CallSite,
    Demand,
    Effect,
    FieldAddress,
    Outcome,
    Store,
    StructModel,
)
from staleproof.cfront.types import Type
from staleproof.errors import UnsupportedCError
from staleproof.kernel.address_space import U64
from staleproof.kernel.contracts.kvm import referenced, references, reserved
from staleproof.kernel.contracts.pte_lock import argument, handed_back
from staleproof.kernel.errno import ENOSPC, errno
from staleproof.kernel.page_table import page_of
from staleproof.lang.sorts import BOOL, BitVec, Unbounded
from staleproof.lang.substitute import Update, assign
from staleproof.lang.system import Assumption
from staleproof.lang.terms import (
    FALSE,
    TRUE,
    Symbol,
    Term,
    Var,
    conj,
    disj,
    eq,
    ite,
    neg,
    u_le,
    u_lt,
    variable,
    word,
)

ERR_MASK = 0x7FF << 52
ERR_HWPOISON, ERR_RO_FAULT = ERR_MASK + 1, ERR_MASK + 2
RET_PF_RETRY, RET_PF_EMULATE, RET_PF_FIXED = 0, 1, 3

mmu_lock = Symbol("mmu_lock.held", (), BOOL)
sequence = Symbol("mmu_notifier_seq", (), U64)
count = Symbol("mmu_notifier_count", (), U64)
loaded = Symbol("mmu_notifier_seq.loaded", (), U64)
"""The number as it is, and as a load here gives it, which may be made later than it stands."""

held_sequence = Symbol("mmu_lock.seq", (), U64)
held_count = Symbol("mmu_lock.count", (), U64)
"""What the two were when mmu_lock was taken, and so are while it is held."""

room_asked = Symbol("room.asked", (), BOOL)
room_result = Symbol("room.result", (), BitVec(32))
map_tried = Symbol("map.tried", (), BOOL)
"""Whether room for page tables was asked for, with what result; and whether an entry was tried."""

looked_up = Symbol("lookup.made", (), BOOL)
looked_address = Symbol("lookup.address", (), U64)
looked_write = Symbol("lookup.write", (), BOOL)
looked_sequence = Symbol("lookup.seq", (), U64)
looked_pfn = Symbol("lookup.pfn", (), U64)
looked_writable = Symbol("lookup.writable", (), BOOL)
"""Of the lookup: whether it has found a page, of which address and what for; the sequence number
while it was made; what it gave, and whether that may be written.
"""

entry_made = Symbol("entry.made", (), BOOL)
entry_locked = Symbol("entry.locked", (), BOOL)
entry_count = Symbol("entry.count", (), U64)
entry_sequence = Symbol("entry.seq", (), U64)
entry_address = Symbol("entry.gpa", (), U64)
entry_pfn = Symbol("entry.pfn", (), U64)
entry_writable = Symbol("entry.writable", (), BOOL)
entry_referenced = Symbol("entry.referenced", (), BOOL)
"""Of the entry in the second-level page table: what held when it was made, and where it leads."""

GROWS = Assumption(
    "KVM-SEQUENCE",
    "the count and the sequence number of a VM's mmu notifier change only under its mmu_lock; the "
    "number grows, and does not wrap around",
)
LOOKUP = Assumption(
    "KVM-LOOKUP",
    "hva_to_pfn() gives a pfn with one reference, none if it is reserved, or a word for an error "
    "and no reference (what KVM-22 says)",
)


def is_error(pfn: Term) -> Term:
    """is_error_pfn(): a word that stands in place of a pfn."""
    return neg(eq(pfn & word(ERR_MASK, 64), 0))


def _others() -> tuple[tuple[Var, ...], tuple[Term, ...], tuple[Update, ...]]:
    """Other CPUs invalidate ranges: the number may grow, the count may be anything."""
    s, c = variable("seq", U64), variable("count", U64)
    return (s, c), (u_le(sequence(), s),), (assign(sequence, (), s), assign(count, (), c))


def smp_rmb(call: CallSite) -> Effect:
    """What was loaded before is loaded by now; what is loaded behind it is loaded later."""
    later = variable("loaded", U64)
    done = u_le(loaded(), sequence())
    moved = conj(done, u_le(sequence(), later))
    outcomes = (
        Outcome("orders", None, (), (mmu_lock(), done)),
        Outcome(
            "orders loads", None, (later,), (neg(mmu_lock()), moved), (assign(loaded, (), later),)
        ),
    )
    return Effect(outcomes, (), "include/asm-generic/barrier.h: smp_rmb")


def _is_mmu_lock(call: CallSite) -> None:
    (where,) = call.arguments
    if not (isinstance(where, FieldAddress) and where.field == "mmu_lock"):
        raise UnsupportedCError(f"{call.callee} of a lock other than kvm->mmu_lock")


def spin_lock(call: CallSite) -> Effect:
    """Waits for others; from here on the count and the number stay, and are what loads give."""
    _is_mmu_lock(call)
    params, require, updates = _others()
    here = (
        *updates,
        assign(loaded, (), params[0]),
        assign(held_sequence, (), params[0]),
        assign(held_count, (), params[1]),
        assign(mmu_lock, (), TRUE),
    )
    demand = Demand("lock", neg(mmu_lock()), "this thread does not hold mmu_lock yet")
    outcome = Outcome("taken", None, params, require, here, doc="other CPUs ran before")
    return Effect((outcome,), (demand,), "include/linux/spinlock.h: spin_lock", "", (GROWS,))


def spin_unlock(call: CallSite) -> Effect:
    """Lets others invalidate again."""
    _is_mmu_lock(call)
    params, require, updates = _others()
    demand = Demand("lock", mmu_lock(), "mmu_lock is held when it is released")
    outcome = Outcome("releases", None, params, require, (*updates, assign(mmu_lock, (), FALSE)))
    return Effect((outcome,), (demand,), "include/linux/spinlock.h: spin_unlock", "mmu_lock")


def hva_to_pfn(call: CallSite) -> Effect:
    """A pfn, a reference with it, and whether it may be written; or a word for an error."""
    pfn, writable, at = variable("pfn", U64), variable("writable", BOOL), variable("at", U64)
    params, (grows,), updates = _others()
    first = (u_le(sequence(), at), u_le(at, params[0]), grows)
    looked = (
        *updates,
        assign(looked_address, (), argument(call, 0)),
        assign(looked_write, (), argument(call, 1)),
        assign(looked_pfn, (), pfn),
    )
    found = (
        *looked,
        assign(looked_up, (), TRUE),
        assign(looked_sequence, (), at),
        assign(looked_writable, (), writable),
        assign(references, (), references() + ite(reserved(pfn), word(0, 8), word(1, 8))),
        assign(referenced, (), page_of(pfn)),
        handed_back(call, 2, writable),
    )
    is_pfn = u_lt(pfn, word(1 << 52, 64))
    outcomes = (
        Outcome("finds a page", pfn, (pfn, writable, at, *params), (is_pfn, *first), found),
        Outcome("fails", pfn, (pfn, *params), (is_error(pfn), grows), looked),
    )
    free = Demand("sleep", neg(mmu_lock()), "mmu_lock is not held when hva_to_pfn() sleeps")
    kernel = "virt/kvm/kvm_main.c: hva_to_pfn"
    return Effect(outcomes, (free,), kernel, "mmap_lock r, ptl inside", (GROWS, LOOKUP))


def make_mmu_pages_available(call: CallSite) -> Effect:
    """0, or -ENOSPC; it frees page tables of the VM, under mmu_lock."""
    outcomes = (
        _room("makes room", word(0, 32)),
        _room("finds none", errno(ENOSPC)),
    )
    kernel = "arch/x86/kvm/mmu/mmu.c: make_mmu_pages_available"
    return Effect(outcomes, (_under_lock(call),), kernel, "mmu_lock")


def _room(name: str, result: Term) -> Outcome:
    asked = (assign(room_asked, (), TRUE), assign(room_result, (), result))
    return Outcome(name, result, updates=asked)


def _under_lock(call: CallSite) -> Demand:
    return Demand("lock", mmu_lock(), f"mmu_lock is held while {call.callee}() runs")


def direct_map(call: CallSite) -> Effect:
    """An entry for the guest's address, and RET_PF_FIXED; or none, and RET_PF_RETRY."""
    writable, pfn = argument(call, 2), argument(call, 3)
    held = disj(reserved(pfn), conj(eq(references(), 1), eq(referenced(), page_of(pfn))))
    tried = assign(map_tried, (), TRUE)
    made = (
        tried,
        assign(entry_made, (), TRUE),
        assign(entry_address, (), argument(call, 1)),
        assign(entry_locked, (), mmu_lock()),
        assign(entry_count, (), count()),
        assign(entry_sequence, (), sequence()),
        assign(entry_pfn, (), pfn),
        assign(entry_writable, (), writable),
        assign(entry_referenced, (), held),
    )
    outcomes = (
        Outcome("makes an entry", word(RET_PF_FIXED, 32), updates=made),
        Outcome("makes none", word(RET_PF_RETRY, 32), updates=(tried,), doc="no page table"),
    )
    kernel = "arch/x86/kvm/mmu/mmu.c: __direct_map"
    return Effect(outcomes, (_under_lock(call),), kernel, "mmu_lock")


def kvm_release_pfn_clean(call: CallSite) -> Effect:
    """Gives the reference back; nothing for a reserved page, or a word for an error."""
    pfn = argument(call, 0)
    none = disj(is_error(pfn), reserved(pfn))
    own = conj(neg(eq(references(), 0)), eq(referenced(), page_of(pfn)))
    demand = Demand(
        "put", disj(none, own), "the reference that is given back is one that was taken"
    )
    left = ite(none, references(), references() - 1)
    outcome = Outcome("gives back", updates=(assign(references, (), left),))
    return Effect((outcome,), (demand,), "virt/kvm/kvm_main.c: kvm_release_pfn_clean")


def _load(field: str, kvm: Term, type_: Type) -> Access:
    fields = {"mmu_notifier_seq": loaded(), "mmu_notifier_count": count()}
    if field not in fields:
        raise UnsupportedCError(f"kvm->{field} is not modelled")
    return Access(fields[field])


def _store(field: str, kvm: Term, value: Term, type_: Type) -> Store:
    raise UnsupportedCError(f"kvm->{field} is written", why="a fault of a guest only reads it")


_SORT = Unbounded("Kvm")
_NULL = Symbol("kvm.NULL", (), _SORT, mutable=False)
_ERROR = Symbol("kvm.ERR_PTR", (U64,), _SORT, mutable=False)
STRUCTS = {"kvm": StructModel(_SORT, _NULL, _ERROR, _load, _store)}
INIT = (
    neg(mmu_lock()),
    neg(looked_up()),
    neg(entry_made()),
    neg(room_asked()),
    neg(map_tried()),
    eq(references(), word(0, 8)),
    u_le(sequence(), loaded()),
)
CONTRACTS = {
    **{
        f.__name__: f
        for f in (
            smp_rmb,
            spin_lock,
            spin_unlock,
            hva_to_pfn,
            make_mmu_pages_available,
            kvm_release_pfn_clean,
        )
    },
    "__direct_map": direct_map,
}
