"""BARs of a PCI device (include/linux/pci.h, drivers/pci/mmap.c, v5.10)."""

from __future__ import annotations

from staleproof.cfront.contracts import CallSite, Effect, LocalAddress, Outcome
from staleproof.errors import UnsupportedCError
from staleproof.kernel.errno import EINVAL, errno
from staleproof.kernel.iomem.mapping import not_null as vma_not_null
from staleproof.kernel.iomem.mapping import vm_pgoff
from staleproof.kernel.iomem.resource import RESOURCE, SETTLED, U64, not_null, null_resource
from staleproof.lang.sorts import BitVec
from staleproof.lang.substitute import assign
from staleproof.lang.system import Assumption
from staleproof.lang.terms import Symbol, Term, eq, forall, neg, u_le, variable

KERNEL = "drivers/pci: {}"

bar_resource = Symbol("pci.bar", (BitVec(32),), RESOURCE, mutable=False)
user_start = Symbol("pci.user_start", (RESOURCE,), U64, mutable=False)
user_end = Symbol("pci.user_end", (RESOURCE,), U64, mutable=False)
"""What user space sees of a BAR in procfs: its addresses, or on some machines those of the bus."""


def pci_resource_n(call: CallSite) -> Effect:
    """The resource of a BAR; it is not NULL."""
    number = call.arguments[1]
    assert isinstance(number, Term)
    bar = bar_resource(number)
    outcome = Outcome("", bar, (), (neg(eq(bar, null_resource())),))
    return Effect((outcome,), (), KERNEL.format("pci_resource_n"))


def pci_resource_to_user(call: CallSite) -> Effect:
    """The range of a BAR as user space sees it."""
    resource, start, end = call.arguments[2:]
    assert isinstance(resource, Term)
    if not (isinstance(start, LocalAddress) and isinstance(end, LocalAddress)):
        raise UnsupportedCError("pci_resource_to_user() stores to something other than locals")
    updates = (
        assign(start.symbol, (), user_start(resource)),
        assign(end.symbol, (), user_end(resource)),
    )
    kernel = KERNEL.format("pci_resource_to_user")
    return Effect((Outcome("", updates=updates),), (not_null(resource),), kernel)


def pci_iobar_pfn(call: CallSite) -> Effect:
    """Of an I/O BAR: vm_pgoff becomes any pfn that the architecture likes, or -EINVAL."""
    vma = call.arguments[2]
    assert isinstance(vma, Term)
    pfn = variable("io_pfn", U64)
    outcomes = (
        Outcome("has a window", errno(0), (pfn,), (), (assign(vm_pgoff, (vma,), pfn),)),
        Outcome("has none", errno(EINVAL)),
    )
    return Effect(outcomes, (vma_not_null(vma),), KERNEL.format("pci_iobar_pfn"))


def _axioms() -> tuple[Term, ...]:
    r = variable("r", RESOURCE)
    return (forall(r, u_le(SETTLED.start(r), SETTLED.end(r))),)


AXIOMS = _axioms()
BAR = Assumption(
    "PCI-BAR",
    "the resource of a BAR does not change while it is mapped; its end is not below its start",
)
CONTRACTS = {f.__name__: f for f in (pci_resource_n, pci_resource_to_user, pci_iobar_pfn)}
