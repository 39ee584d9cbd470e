"""Temporary kernel mappings of device memory, and copies through them (v5.10)."""

from __future__ import annotations

from staleproof.cfront.contracts import CallSite, Demand, Effect, Outcome
from staleproof.kernel.address_space import U64
from staleproof.kernel.contracts.pte_lock import argument, ptl_held, unlocked
from staleproof.kernel.page_table import INSTANT, now
from staleproof.lang.sorts import BOOL, BitVec
from staleproof.lang.substitute import Update, assign
from staleproof.lang.system import Assumption
from staleproof.lang.terms import FALSE, TRUE, Symbol, Term, conj, eq, neg, u_le, variable, word

is_mapped = Symbol("ioremap.mapped", (), BOOL)
base = Symbol("ioremap.base", (), U64)
physical = Symbol("ioremap.phys", (), U64)
size = Symbol("ioremap.size", (), U64)
protection = Symbol("ioremap.prot", (), U64)

copies = Symbol("copy.calls", (), BitVec(8))
copied_to = Symbol("copy.to_device", (), BOOL)
copied_at = Symbol("copy.instant", (), INSTANT)
copied_locked = Symbol("copy.locked", (), BOOL)
copied_first = Symbol("copy.phys", (), U64)
copied_bytes = Symbol("copy.bytes", (), U64)
copied_buffer = Symbol("copy.buffer", (), U64)
"""Of the last copy: its direction, when it was, whether ptl was held, which physical bytes, and the
buffer that they were copied to or from.
"""

WINDOW = Assumption(
    "IOREMAP-WINDOW",
    "ioremap_prot() maps the bytes that it is asked for, one after the other, at addresses that "
    "do not wrap around, or returns NULL; it refuses an empty range and one that wraps around",
)


def ioremap_prot(call: CallSite) -> Effect:
    """A kernel mapping of a physical range, or NULL; it may sleep."""
    first, length, address = argument(call, 0), argument(call, 1), variable("base", U64)
    sound = (
        neg(eq(length, 0)),
        u_le(first, first + length - word(1, 64)),
        neg(eq(address, 0)),
        u_le(address, address + length - word(1, 64)),
    )
    mapped = (
        assign(is_mapped, (), TRUE),
        assign(base, (), address),
        assign(physical, (), first),
        assign(size, (), length),
        assign(protection, (), argument(call, 2)),
    )
    outcomes = (
        Outcome("maps", address, (address,), sound, mapped),
        Outcome("maps nothing", word(0, 64), doc="no memory, or a range that it refuses"),
    )
    demands = (
        unlocked("ioremap_prot() is called"),
        Demand("iounmap", neg(is_mapped()), "the mapping before was given back"),
    )
    return Effect(outcomes, demands, "arch/*/mm/ioremap.c: ioremap_prot", "", (WINDOW,))


def iounmap(call: CallSite) -> Effect:
    """Gives the mapping back; it may sleep."""
    its_own = conj(is_mapped(), eq(argument(call, 0), base()))
    demands = (
        unlocked("iounmap() is called"),
        Demand("iounmap", its_own, "what is given back is a mapping that was not given back yet"),
    )
    outcome = Outcome("gives back", updates=(assign(is_mapped, (), FALSE),))
    return Effect((outcome,), demands, "arch/*/mm/ioremap.c: iounmap")


def _copy(call: CallSite, device: Term, buffer: Term, to_device: Term) -> Effect:
    length = argument(call, 2)
    offset = device - base()
    inside = conj(is_mapped(), u_le(offset, size()), u_le(length, size() - offset))
    outcomes = copying(physical() + offset, length, buffer, to_device)
    demand = Demand("window", inside, "what is copied lies in the mapping")
    return Effect(outcomes, (demand,), f"arch/x86/lib/iomem.c: {call.callee}")


def copying(first: Term, length: Term, buffer: Term, to_device: Term) -> tuple[Outcome, ...]:
    """A copy of physical bytes: while ptl is held the PTE stays, without it time has passed."""
    t = variable("t", INSTANT)

    def noted(at: Term) -> tuple[Update, ...]:
        return (
            assign(copies, (), copies() + 1),
            assign(copied_to, (), to_device),
            assign(copied_at, (), at),
            assign(copied_locked, (), ptl_held()),
            assign(copied_first, (), first),
            assign(copied_bytes, (), length),
            assign(copied_buffer, (), buffer),
        )

    late = (*noted(t), assign(now, (), t))
    return (
        Outcome("copies under the lock", None, (), (ptl_held(),), noted(now())),
        Outcome("copies", None, (t,), (neg(ptl_held()),), late, doc="other CPUs ran before"),
    )


def memcpy_toio(call: CallSite) -> Effect:
    """Copies from a buffer of the kernel's to the device."""
    return _copy(call, argument(call, 0), argument(call, 1), TRUE)


def memcpy_fromio(call: CallSite) -> Effect:
    """Copies from the device to a buffer of the kernel's."""
    return _copy(call, argument(call, 1), argument(call, 0), FALSE)


INIT = (neg(is_mapped()), eq(copies(), 0))
CONTRACTS = {f.__name__: f for f in (ioremap_prot, iounmap, memcpy_toio, memcpy_fromio)}
