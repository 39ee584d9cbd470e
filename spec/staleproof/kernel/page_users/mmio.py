"""What the MMIO system calls of s390 ask of the VMA before they look at a PTE.

Facts: arch/s390/pci/pci_mmio.c, v5.10 to v5.12, and 41a0926e82f4.
"""

from __future__ import annotations

from staleproof.kernel.page_users.pages import Pages
from staleproof.kernel.page_users.sorts import Doing, Reader, Slot
from staleproof.kernel.page_users.users import MmioBySyscall
from staleproof.lang.model import action, initial, safety
from staleproof.lang.quantify import every
from staleproof.lang.state import Fixed, Relation
from staleproof.lang.terms import Term, conj, disj, eq, iff, implies


class AsksTheVma(Pages):
    """The call asks for a flag of the VMA first, and ends with -EACCES if it is not set.

    mmap_lock is held from the question to the access, so the flags do not change meanwhile; here
    they never do. A reader is one call.
    """

    vm_read: Fixed[Relation[Slot]]
    vm_write: Fixed[Relation[Slot]]
    refused: Relation[Reader]

    @initial
    def nobody_is_refused(s) -> Term:
        """At the start no call has been refused."""
        return every(Reader, lambda r: ~s.refused[r])

    def permits(s, r: Reader, a: Slot) -> Term:
        """What is asked: VM_WRITE by pci_mmio_write(), VM_READ by pci_mmio_read()."""
        return conj(implies(s.writes[r], s.vm_write[a]), implies(~s.writes[r], s.vm_read[a]))

    @action(kernel="arch/s390/pci/pci_mmio.c", holds="mmap_lock r", adds=True)
    def refuse(s, r: Reader, a: Slot) -> None:
        """The VMA has not the flag that is asked for: -EACCES."""
        s.require(s.doing[r] == Doing.IDLE, ~s.refused[r], ~s.permits(r, a))
        s.refused[r] = True
        s.slot[r] = a

    @action(kernel="mm/memory.c: follow_pte", holds="mmap_lock r, ptl")
    def look_up(s, r: Reader, a: Slot) -> None:
        """The VMA has the flag, and the PTE is read under its lock."""
        s.require(~s.refused[r], s.permits(r, a))
        super().look_up(r, a)

    @safety
    def reads_demand_vm_read(s, r: Reader) -> Term:
        """A read is refused only where the VMA lacks VM_READ, and goes on only where it has it."""
        return implies(
            ~s.writes[r] & disj(s.refused[r], s.doing[r] != Doing.IDLE),
            iff(s.refused[r], ~s.vm_read[s.slot[r]]),
        )

    @safety
    def accesses_are_within_the_hold(s, r: Reader) -> Term:
        """At an access the page-table lock is held, and the PTE names the page."""
        a = s.slot[r]
        return implies(
            s.doing[r] == Doing.USING,
            conj(s.holds_ptl(r), s.present[a], eq(s.names[a], s.page[r])),
        )


class ReadAsksForWrite(AsksTheVma):
    """Both calls ask for VM_WRITE."""

    def permits(s, r: Reader, a: Slot) -> Term:
        """The VMA has VM_WRITE."""
        return s.vm_write[a]


class MmioAsksBefore(AsksTheVma, MmioBySyscall):
    """Before a67a88b0b8de: get_pfn() gets the flag from its caller, each call its own."""
