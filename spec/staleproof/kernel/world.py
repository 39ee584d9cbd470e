"""The world that C code runs in: every struct, array, global and contract that is modelled."""

from __future__ import annotations

from collections.abc import Callable

from staleproof.cfront.contracts import World
from staleproof.kernel import address_space, page_table
from staleproof.kernel.contracts import find_vma, follow_pfn, frame_vector, gup, mmap_lock, pages
from staleproof.kernel.contracts.prototypes import prototypes_of
from staleproof.kernel.frame_vector import vector
from staleproof.lang.sorts import BitVec, Unbounded
from staleproof.lang.system import Assumption
from staleproof.lang.terms import Symbol, eq, neg

current = Symbol("current", (), BitVec(64), mutable=False)
current_mm = Symbol("current->mm", (), BitVec(64), mutable=False)

USER_THREAD = Assumption(
    "USER-THREAD", "the caller is a thread of a user process: current->mm is set"
)


def speaks_of(*symbols: Symbol, sorts: tuple[Unbounded, ...] = ()) -> Callable[[Symbol], bool]:
    """Whether a symbol is one of these, or has one of the sorts."""
    return lambda s: s in symbols or any(sort in (*s.domain, s.range) for sort in sorts)


_OF_THE_MM = {"sorts": (address_space.LAYOUT, address_space.VMA)}
ABOUT = {
    "VMA-SHAPE": speaks_of(address_space.task_size, **_OF_THE_MM),
    "MMAP-LOCK": speaks_of(address_space.mmap_lock, **_OF_THE_MM),
    "MMAP-UNHELD": speaks_of(address_space.mmap_lock),
    "FSDAX-NOT-RAW": speaks_of(**_OF_THE_MM),
    "c-page-size": speaks_of(
        address_space.task_size,
        vector.slot_address,
        sorts=(address_space.LAYOUT, address_space.VMA, page_table.INSTANT),
    ),
    "PTE-ANY": speaks_of(sorts=(page_table.INSTANT,)),
    "VMEMMAP": speaks_of(page_table.vmemmap, page_table.pfn_valid, vector.pin_pfn, vector.slot),
    "USER-THREAD": speaks_of(current_mm),
}
"""What each assumption speaks of. Too much is told rather than too little."""

KINDS = {
    "bounds": "every index is inside its array",
    "null": "no NULL or ERR_PTR is followed",
    "unlocked": "VMAs and page tables are looked at only under mmap_lock",
    "stale-vma": "no VMA is used after its mmap_lock was dropped",
    "vma-range": "a page table is looked at only inside the VMA that is named",
    "lock": "no lock is taken twice or released unheld",
    "slot-type": "a slot is read as what was stored in it",
    "uninitialised": "no local is read before it is set",
    "division": "no division by zero, and none whose quotient is too large",
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
    only={"task_struct": "current"},
    contracts={
        **mmap_lock.CONTRACTS,
        **find_vma.CONTRACTS,
        **follow_pfn.CONTRACTS,
        **gup.CONTRACTS,
        **pages.CONTRACTS,
        **frame_vector.CONTRACTS,
    },
    results=frame_vector.RESULTS,
    prototypes=prototypes_of,
    axioms=(*address_space.AXIOMS, *page_table.AXIOMS, neg(eq(current_mm(), 0))),
    definitions=page_table.DEFINITIONS,
    init=(*address_space.INIT, *follow_pfn.INIT, *gup.INIT),
    assumptions=(*address_space.ASSUMPTIONS, *page_table.ASSUMPTIONS, USER_THREAD),
    about=ABOUT,
    kinds=KINDS,
)
