"""One PTE and its lock: follow_pte, what is read of the PTE, and the unlock (mm/memory.c, v5.10).

While the page-table lock (ptl) is held, no other CPU changes the PTE. Letting it go picks another
instant: whatever was read before may be gone.
"""

from __future__ import annotations

from staleproof.cfront.contracts import CallSite, Demand, Effect, LocalAddress, Outcome
from staleproof.cfront.types import IntType
from staleproof.errors import UnsupportedCError
from staleproof.kernel import page_table
from staleproof.kernel.address_space import U64, needs_lock, page_address, vm_mm
from staleproof.kernel.errno import EINVAL, errno
from staleproof.kernel.page_table import INSTANT, entry, now
from staleproof.lang.sorts import BOOL
from staleproof.lang.substitute import Update, assign
from staleproof.lang.terms import FALSE, TRUE, Symbol, Term, conj, eq, ite, neg, variable, word

ptl_held = Symbol("ptl.held", (), BOOL)
looked_at = Symbol("ptl.address", (), U64)
"""The page of which the PTE was looked up last."""

pte_pointer = Symbol("pte_offset", (U64,), U64, mutable=False)
lock_pointer = Symbol("pte_lockptr", (U64,), U64, mutable=False)
"""Where the PTE of a page is, and its lock."""

read_at = Symbol("pte.read_at", (), INSTANT)
"""When the PTE was read last."""

HOLDS = "mmap_lock r, ptl"


def argument(call: CallSite, position: int) -> Term:
    """An argument that is a plain value."""
    return call.word(position)


def handed_back(call: CallSite, position: int, value: Term) -> Update:
    """What the callee stores through a pointer to one of the caller's variables."""
    where = call.arguments[position]
    if not isinstance(where, LocalAddress):
        raise UnsupportedCError(f"{call.callee} stores through a pointer that is not modelled")
    return assign(where.symbol, (), value)


def unlocked(what: str) -> Demand:
    """The demand that ptl, a spinlock, is not held by what sleeps."""
    return Demand("sleep", neg(ptl_held()), f"ptl is not held when {what}")


def current_entry() -> Term:
    """The PTE that was looked up, as it is now."""
    return entry(now(), looked_at())


def taken(page: Term, at: Term) -> tuple[Update, ...]:
    """Ptl of the page is held from this instant on."""
    return (assign(now, (), at), assign(ptl_held, (), TRUE), assign(looked_at, (), page))


def follow_pte(call: CallSite) -> Effect:
    """0 with ptl held and a PTE that is present, or -EINVAL without it: what UFP-5 to UFP-7 say."""
    page, t = page_address(argument(call, 1)), variable("t", INSTANT)
    word_of, present = page_table.said_by_word(t, page), page_table.pte_present(t, page)
    found = (
        *taken(page, t),
        handed_back(call, 2, pte_pointer(page)),
        handed_back(call, 3, lock_pointer(page)),
    )
    outcomes = (
        Outcome("finds a PTE", word(0, 32), (t,), (word_of, present), found),
        Outcome("finds none", errno(EINVAL), (t,), (neg(present),), (assign(now, (), t),)),
    )
    demands = (
        needs_lock("follow_pte() looks"),
        Demand("lock", neg(ptl_held()), "ptl is not held when follow_pte() takes it"),
        Demand("mm", eq(argument(call, 0), vm_mm()), "follow_pte() looks in the mm of the VMA"),
    )
    return Effect(outcomes, demands, "mm/memory.c: follow_pte", "mmap_lock r")


def ptep_get(call: CallSite) -> Effect:
    """The PTE as it is now; without ptl nothing is known of it a moment later."""
    right = eq(argument(call, 0), pte_pointer(looked_at()))
    demand = Demand("ptl", conj(ptl_held(), right), "a PTE is read only while its lock is held")
    outcome = Outcome("reads", current_entry(), updates=(assign(read_at, (), now()),))
    return Effect((outcome,), (demand,), "include/linux/pgtable.h: ptep_get", HOLDS)


def pte_unmap_unlock(call: CallSite) -> Effect:
    """Lets other CPUs at the PTE: the next instant is any other."""
    t = variable("t", INSTANT)
    its_own = conj(
        ptl_held(),
        eq(argument(call, 0), pte_pointer(looked_at())),
        eq(argument(call, 1), lock_pointer(looked_at())),
    )
    demand = Demand("lock", its_own, "ptl of this PTE is held when it is released")
    updates = (assign(ptl_held, (), FALSE), assign(now, (), t))
    outcome = Outcome("releases", params=(t,), updates=updates, doc="other CPUs may go on")
    return Effect((outcome,), (demand,), "include/linux/mm.h: pte_unmap_unlock", HOLDS)


def truth(call: CallSite, answer: Term) -> Term:
    """A truth as what the callee returns: a bool, or an int that is 1 or 0."""
    type_ = call.result_type
    if isinstance(type_, IntType) and not type_.is_bool:
        return ite(answer, word(1, type_.width), word(0, type_.width))
    return answer


def _answers(call: CallSite, value: Term) -> Effect:
    kernel = f"arch/*/include/asm/pgtable.h: {call.callee}"
    return Effect((Outcome("answers", value),), (), kernel)


def pte_present(call: CallSite) -> Effect:
    """Whether the PTE has a page."""
    return _answers(call, truth(call, page_table.has_page(argument(call, 0))))


def pte_write(call: CallSite) -> Effect:
    """Whether user space may write through the PTE."""
    return _answers(call, truth(call, page_table.may_write(argument(call, 0))))


def pte_pfn(call: CallSite) -> Effect:
    """The page that the PTE names."""
    return _answers(call, page_table.frame_of(argument(call, 0)))


def pte_pgprot(call: CallSite) -> Effect:
    """The protection and the caching attributes of the PTE."""
    return _answers(call, page_table.protection_of(argument(call, 0)))


def pgprot_val(call: CallSite) -> Effect:
    """The protection as a word."""
    return _answers(call, argument(call, 0))


def pte_same(call: CallSite) -> Effect:
    """Whether two PTEs are the same word."""
    return _answers(call, truth(call, eq(argument(call, 0), argument(call, 1))))


INIT = (neg(ptl_held()),)
CONTRACTS = {
    f.__name__: f
    for f in (
        follow_pte,
        ptep_get,
        pte_unmap_unlock,
        pte_present,
        pte_write,
        pte_pfn,
        pte_pgprot,
        pgprot_val,
        pte_same,
    )
}
