"""The world that C code runs in: every struct, array, global and contract that is modelled."""

from __future__ import annotations

from staleproof.cfront.contracts import World
from staleproof.kernel import address_space, page_table
from staleproof.kernel.contracts import find_vma, follow_pfn, frame_vector, gup, mmap_lock, pages
from staleproof.kernel.frame_vector import vector
from staleproof.lang.sorts import BitVec
from staleproof.lang.system import Assumption
from staleproof.lang.terms import Symbol, eq, neg

current = Symbol("current", (), BitVec(64), mutable=False)
current_mm = Symbol("current->mm", (), BitVec(64), mutable=False)

USER_THREAD = Assumption(
    "USER-THREAD", "the caller is a thread of a user process: current->mm is set"
)

KINDS = {
    "bounds": "every index is inside its array",
    "null": "no NULL or ERR_PTR is followed",
    "unlocked": "VMAs and page tables are looked at only under mmap_lock",
    "stale-vma": "no VMA is used after its mmap_lock was dropped",
    "vma-range": "a page table is looked at only inside the VMA that is named",
    "lock": "no lock is taken twice or released unheld",
    "slot-type": "a slot is read as what was stored in it",
    "uninitialised": "no local is read before it is set",
    "division": "no division by zero",
    "shift": "no shift by the width or more",
    "unpin": "only pages that are pinned are unpinned, and only once",
    "dirty": "only pages that are pinned are marked dirty",
    "not-empty": "a vector is empty when it is filled and when it is destroyed",
    "bug": "no BUG_ON fires",
}
"""Each kind of demand and the statement that it never fails."""

WORLD = World(
    structs={"vm_area_struct": address_space.STRUCT, "frame_vector": vector.STRUCT},
    arrays={vector.REGION: vector.ARRAY},
    globals={"current": current()},
    fields={("task_struct", "mm"): current_mm()},
    contracts={
        **mmap_lock.CONTRACTS,
        **find_vma.CONTRACTS,
        **follow_pfn.CONTRACTS,
        **gup.CONTRACTS,
        **pages.CONTRACTS,
        **frame_vector.CONTRACTS,
    },
    results=frame_vector.RESULTS,
    axioms=(*address_space.AXIOMS, *page_table.AXIOMS, neg(eq(current_mm(), 0))),
    init=(*address_space.INIT, *follow_pfn.INIT, *gup.INIT),
    assumptions=(*address_space.ASSUMPTIONS, *page_table.ASSUMPTIONS, USER_THREAD),
    kinds=KINDS,
)
