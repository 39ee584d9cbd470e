"""What is proved here of the functions of device memory, for those that call them.

Each is an assumption where a function is called by contract, and its sentence names the claims that
show it of the C text.
"""

from __future__ import annotations

from staleproof.lang.system import Assumption

EXC = Assumption(
    "EXC-CONTRACT",
    "iomem_is_exclusive(addr) is true exactly if checks are strict and a busy resource that keeps "
    "user space out touches the page of addr (EXC-1); it takes and releases resource_lock (EXC-4), "
    "and no claim changes while it is asked",
)
DEVMEM = Assumption(
    "DEVMEM-CONTRACT",
    "devmem_is_allowed(pfn) of x86 is 0 exactly if the page is at or above 1 MiB and is RAM or "
    "exclusive (EXC-5)",
)
RANGE = Assumption(
    "RANGE-CONTRACT",
    "with CONFIG_STRICT_DEVMEM range_is_allowed(pfn, size) lets a range through only if "
    "devmem_is_allowed() has allowed each of its pages (EXC-2)",
)
REVOKE = Assumption(
    "REVOKE-CONTRACT",
    "the revoke of a claim zaps what the claim covers (REV-13a) unless it is configured out, "
    "relaxed (REV-11), or both end pages are allowed (REV-12a); it is called with the claim busy "
    "in the tree and no lock held (REV-6, REV-10), by claims under &iomem_resource alone (REV-8, "
    "REV-14)",
)
PGOFF = Assumption(
    "PGOFF-CONTRACT",
    "page i of a user mapping of device memory maps pfn vm_pgoff + i: of /dev/mem (REV-3), of PCI "
    "files in sysfs (REV-3a, PCI-5) and in procfs (REV-3b)",
)

CONTRACTS = (EXC, DEVMEM, RANGE, REVOKE, PGOFF)
"""All of them, in the order in which a mapping and a claim meet them."""
