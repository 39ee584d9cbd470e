"""The worlds that unsafe_follow_pfn() and its caller run in: two builds, and vfio."""

from __future__ import annotations

from dataclasses import replace

from staleproof.cfront.contracts import World
from staleproof.kernel import address_space
from staleproof.kernel.contracts import follow_pfn, looks, pte_lock, taint, user_fault
from staleproof.kernel.contracts.prototypes import prototypes_of
from staleproof.kernel.world import WORLD
from staleproof.lang.system import Assumption
from staleproof.series.p08_unsafe_follow_pfn import asking

HELD = Assumption(
    "PFN-CALLER", "the caller holds mmap_lock for read, and the address lies in the VMA it names"
)
PFNMAP = Assumption("PFN-VFIO", "vfio asks follow_fault_pfn() about VM_PFNMAP VMAs alone")
LIVE = Assumption("PFN-VMA", "the caller names a VMA of its own")
OPTION = {follow_pfn.strict_follow_pfn.name: follow_pfn.strict_follow_pfn()}

MMU = replace(
    WORLD,
    globals=OPTION,
    contracts={"follow_pfn": asking.MMU, **taint.CONTRACTS},
    init=(*follow_pfn.INIT, *asking.INIT),
    assumptions=tuple(a for a in WORLD.assumptions if a.name != "MMAP-UNHELD"),
)
NOMMU = World(
    structs={"vm_area_struct": address_space.STRUCT},
    globals=OPTION,
    contracts={"follow_pfn": asking.NOMMU, **taint.CONTRACTS},
    prototypes=prototypes_of,
    init=(*follow_pfn.INIT, *asking.INIT),
    kinds=WORLD.kinds,
)
VFIO = replace(
    MMU,
    contracts={
        "unsafe_follow_pfn": looks.told(follow_pfn.unsafe_follow_pfn),
        "fixup_user_fault": looks.fixup_user_fault,
    },
    init=(*follow_pfn.INIT, *pte_lock.INIT, *user_fault.INIT, *looks.INIT),
)
