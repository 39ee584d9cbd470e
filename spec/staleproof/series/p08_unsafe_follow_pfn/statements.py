"""What each property of unsafe_follow_pfn() says; `n` at the end names the build without an MMU."""

from __future__ import annotations

_REFUSES = (
    "With CONFIG_STRICT_FOLLOW_PFN, unsafe_follow_pfn() of the build {build} an MMU returns "
    "-EINVAL and stores no pfn."
)
_TAINTS = (
    "Without CONFIG_STRICT_FOLLOW_PFN, unsafe_follow_pfn() of the build {build} an MMU asks "
    "follow_pfn() once, with the same arguments, returns what it says, and has set TAINT_USER."
)
_SAME = (
    "Without CONFIG_STRICT_FOLLOW_PFN, unsafe_follow_pfn() of the build {build} an MMU asks "
    "follow_pfn() once, with the same arguments, and returns what it says."
)
_EQUAL = (
    "Without CONFIG_STRICT_FOLLOW_PFN, unsafe_follow_pfn() of the build {build} an MMU does what "
    "follow_pfn() did: it asks the same, returns the same, stores the same{taint}."
)
STATEMENTS = {
    f"{row}{suffix}": sentence.format(build=build)
    for suffix, build in (("", "with"), ("n", "without"))
    for row, sentence in (
        ("UFP-1", _REFUSES),
        ("UFP-2", _TAINTS),
        ("UFP-2a", _SAME),
        ("EQ-1", _EQUAL.replace("{taint}", ", the taint aside")),
        ("EQ-2", _EQUAL.replace("{taint}", ", and taints no more")),
    )
} | {
    "UFP-3a": "With CONFIG_STRICT_FOLLOW_PFN, follow_fault_pfn() of vfio type1 gives no pfn and "
    "does not return 0.",
    "UFP-4": "With CONFIG_STRICT_FOLLOW_PFN, follow_fault_pfn() of vfio type1 sets no PTE in "
    "page tables of the user's.",
    "UFP-12": "With the option or without, follow_fault_pfn() of vfio type1 gives a pfn and 0 if "
    "its last look finds one; -EAGAIN if a page fault has dropped mmap_lock; else the errno of a "
    "fault that failed, or -EINVAL after a second look; and without 0 no pfn.",
    "UFP-13": "With the option or without, follow_fault_pfn() of vfio type1 takes a page fault "
    "only after a look that found no pfn, once, for the other process, and for writing exactly if "
    "that was asked for.",
}
