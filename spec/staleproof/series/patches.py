"""The fifteen patches as posted in v4: what each is for, and which of them stand on others."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import combinations

PURPOSES = {
    1: "drm/exynos: pin user pages, without a frame vector",
    2: "drm/exynos: pin for the long term",
    3: "habanalabs: pin user pages, without a frame vector",
    4: "habanalabs: pin for the long term",
    5: "frame vector: pin for the long term, and only then look at page tables; as posted it kills "
    "the way by page tables",
    6: "frame vector moves into videobuf2",
    7: "generic_access_phys() looks at the PTE again before it copies",
    8: "unsafe_follow_pfn() and CONFIG_STRICT_FOLLOW_PFN; never merged",
    9: "videobuf calls unsafe_follow_pfn(); never merged",
    10: "vfio type1 calls unsafe_follow_pfn(); never merged",
    11: "PCI procfs asks who claims the BAR",
    12: "/dev/mem sets f_mapping only; by itself it takes revocation from /dev/mem",
    13: "revocation moves to kernel/resource.c, with a mapping of its own for all; as posted a "
    "stub returns NULL",
    14: "sysfs attributes may name a mapping; nothing by itself, but 15 needs it",
    15: "PCI files are revoked like /dev/mem; removal of a sysfs file finds them no more",
}
"""By their number in the series, which is also their order."""

STANDS_ON = {2: 1, 4: 3, 9: 8, 10: 8}
"""The patch without which another cannot be there: 02 and 04 add a flag to the call that 01 and 03
write, 09 and 10 call the function that 08 defines.

That 09 finds the lines that it changes where 06 has moved them is no such thing: the lines are the
same in either file. Patch 15 calls what 13 and 14 define, but these two do more than define it; so
it is asked without them, as if what it calls were there and did nothing else.
"""


def subsets(numbers: Iterable[int]) -> Iterator[frozenset[int]]:
    """The subsets of these patches in which none lacks what it stands on; smaller ones first."""
    among = sorted(numbers)
    for size in range(len(among) + 1):
        for chosen in combinations(among, size):
            if all(STANDS_ON.get(n, n) in chosen for n in chosen):
                yield frozenset(chosen)


def without(number: int, numbers: Iterable[int]) -> frozenset[int]:
    """These patches but for one, and for those that stand on it."""
    return frozenset(n for n in numbers if number not in (n, STANDS_ON.get(n)))
