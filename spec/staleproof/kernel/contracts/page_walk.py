"""The levels of the page tables above a PTE, as follow_pte() walks down them (mm/memory.c, v5.12).

A level is looked at without a lock; a table that was found stays, because mmap_lock is held.
"""

from __future__ import annotations

from staleproof.cfront.contracts import CallSite, Contract, Demand, Effect, Outcome
from staleproof.kernel.address_space import U64, needs_lock, page_address
from staleproof.kernel.contracts.pte_lock import (
    argument,
    handed_back,
    lock_pointer,
    pte_pointer,
    ptl_held,
    taken,
    truth,
)
from staleproof.kernel.page_table import INSTANT, said_by_word
from staleproof.lang.sorts import BOOL, BitVec
from staleproof.lang.substitute import assign
from staleproof.lang.system import Assumption
from staleproof.lang.terms import FALSE, TRUE, Symbol, Term, conj, eq, neg, variable, word

LEVELS = ("pgd", "p4d", "pud", "pmd")

depth = Symbol("walk.depth", (), BitVec(8))
"""How many levels, from the top, were asked and lead on to a table."""

is_small = Symbol("walk.small", (), BOOL)
"""The last level was asked whether it is huge, and is not."""

table_at = {level: Symbol(f"{level}_offset", (U64,), U64, mutable=False) for level in LEVELS}

TABLES_STAY = Assumption(
    "TABLES-STAY", "a page table that was found stays where it is as long as mmap_lock is held"
)


def _leads_here(level: int) -> Term:
    return eq(depth(), word(level, 8))


def _offset(name: str, level: int) -> Contract:
    def offset(call: CallSite) -> Effect:
        address = argument(call, 1)
        demands = [needs_lock(f"{call.callee}() looks")]
        if level:
            above = eq(argument(call, 0), table_at[LEVELS[level - 1]](address))
            sentence = "a level is looked at only if the one above leads to it"
            demands.append(Demand("level", conj(_leads_here(level), above), sentence))
        outcome = Outcome("points", table_at[name](address))
        kernel = f"include/linux/pgtable.h: {call.callee}"
        return Effect((outcome,), tuple(demands), kernel, "mmap_lock r", (TABLES_STAY,))

    return offset


def _none_or_bad(name: str, level: int) -> Contract:
    def none_or_bad(call: CallSite) -> Effect:
        outcomes = (
            Outcome("leads nowhere", truth(call, TRUE)),
            Outcome(
                "leads on", truth(call, FALSE), (), (), (assign(depth, (), word(level + 1, 8)),)
            ),
        )
        kernel = f"include/linux/pgtable.h: {name}_none, {name}_bad"
        return Effect(outcomes, (), kernel, "mmap_lock r")

    return none_or_bad


def pmd_huge(call: CallSite) -> Effect:
    """Whether the entry maps a huge page by itself."""
    outcomes = (
        Outcome("is huge", truth(call, TRUE)),
        Outcome("is not", truth(call, FALSE), (), (), (assign(is_small, (), TRUE),)),
    )
    return Effect(outcomes, (), "include/linux/hugetlb.h: pmd_huge", "mmap_lock r")


def pte_offset_map_lock(call: CallSite) -> Effect:
    """Where the PTE is, with its lock taken."""
    address, t = argument(call, 2), variable("t", INSTANT)
    page = page_address(address)
    right = conj(
        _leads_here(len(LEVELS)), is_small(), eq(argument(call, 1), table_at["pmd"](address))
    )
    demands = (
        Demand("level", right, "a PTE is looked at only if the levels above lead to it"),
        Demand("lock", neg(ptl_held()), "ptl is not held when it is taken"),
    )
    updates = (*taken(page, t), handed_back(call, 3, lock_pointer(page)))
    outcome = Outcome("takes", pte_pointer(page), (t,), (said_by_word(t, page),), updates)
    return Effect((outcome,), demands, "include/linux/mm.h: pte_offset_map_lock", "mmap_lock r")


INIT = (eq(depth(), 0), neg(is_small()))
CONTRACTS: dict[str, Contract] = {
    **{f"{name}_offset": _offset(name, level) for level, name in enumerate(LEVELS)},
    **{f"{name}_none_or_bad": _none_or_bad(name, level) for level, name in enumerate(LEVELS)},
    "pmd_huge": pmd_huge,
    "pte_offset_map_lock": pte_offset_map_lock,
}
