"""mmap of a file of device memory, in the order in which the kernel does it."""

from __future__ import annotations

from typing import ClassVar

from staleproof.kernel.device_memory.resources import Resources
from staleproof.kernel.device_memory.sorts import (
    Claim,
    Cpu,
    File,
    Kind,
    Mm,
    Page,
    Phase,
    Stage,
    Vma,
)
from staleproof.kernel.iomem.contract import PGOFF, RANGE
from staleproof.lang.model import action, initial
from staleproof.lang.quantify import every, some
from staleproof.lang.state import Fixed, Function, Relation
from staleproof.lang.system import Assumption
from staleproof.lang.terms import Term, conj, disj, implies


class Mmap(Resources):
    """mmap with the PTEs filled by ->mmap: test, PTEs, return, and only then the i_mmap tree.

    Testing one page and filling one PTE are one step each;
    between any two another processor can run, for mmap_lock keeps out neither claims nor zaps.
    A failed mmap is torn down in one step, which only takes PTEs and translations away.
    """

    mm: Fixed[Function[Vma, Mm]]
    covers: Fixed[Relation[Vma, Page]]  # the page lies in the VMA, at vm_pgoff + i
    bar: Fixed[Function[File, Page]]  # the first page of the file's BAR
    file: Function[Vma, File]
    stage: Function[Vma, Stage]
    tested: Relation[Vma, Page]  # ->mmap has asked whether the page may be mapped
    pte: Relation[Vma, Page]  # a present PTE of the VMA leads to the page
    tlb: Relation[Cpu, Vma, Page]  # the processor has the translation in its TLB
    mmap_lock: Relation[Mm]  # held for writing
    holder: Function[Mm, Vma]  # the VMA for whose sake it is held

    assumptions: ClassVar[tuple[Assumption, ...]] = (
        RANGE,
        PGOFF,
        Assumption(
            "LEGACY-UNTESTED",
            "->mmap of legacy_io and legacy_mem asks nobody who claims the memory, as"
            " pci_mmap_legacy_page_range() of powerpc and microblaze",
        ),
    )

    @initial
    def nothing_is_mapped(s) -> Term:
        """At the start there is no VMA, no PTE and no translation in a TLB, and no lock is held."""
        return conj(
            every(Vma, lambda v: s.stage[v] == Stage.UNUSED),
            every(Vma, Page, lambda v, p: ~s.pte[v, p] & ~s.tested[v, p]),
            every(Cpu, Vma, Page, lambda u, v, p: ~s.tlb[u, v, p]),
            every(Mm, lambda m: ~s.mmap_lock[m]),
        )

    def lock(s, v: Vma) -> None:
        """mmap_lock is taken for writing, for the sake of the VMA."""
        s.mmap_lock[s.mm[v]] = True
        s.holder[s.mm[v]] = v

    def unlock(s, v: Vma) -> None:
        """mmap_lock of the VMA's address space is dropped."""
        s.mmap_lock[s.mm[v]] = False

    def in_tree(s, v: Vma) -> Term:
        """The VMA is in the i_mmap tree of its file's f_mapping."""
        return disj(s.stage[v] == Stage.LINKED, s.stage[v] == Stage.DETACHED)

    def tree(s, v: Vma) -> Term:
        """The mapping whose i_mmap tree the VMA is put into: that of vm_file->f_mapping."""
        return s.f_mapping[s.file[v]]

    def tests_pages(s, v: Vma) -> Term:
        """->mmap asks about every page: range_is_allowed() of /dev/mem."""
        return s.kind[s.file[v]] == Kind.DEVMEM

    def tests_bar(s, v: Vma) -> Term:
        """->mmap asks about the first page of the BAR: pci_mmap_resource() in sysfs."""
        return s.kind[s.file[v]] == Kind.PCI_SYSFS

    @action(kernel="mm/mmap.c: mmap_region", holds="mmap_lock w", adds=True)
    def begin_mmap(s, v: Vma, f: File) -> None:
        """A process has a new VMA for an open file, and calls the file's ->mmap."""
        s.require(s.opened[f], s.stage[v] == Stage.UNUSED, ~s.mmap_lock[s.mm[v]])
        s.lock(v)
        s.file[v] = f
        s.stage[v] = Stage.CHECKING

    @action(
        kernel="drivers/char/mem.c: range_is_allowed",
        holds="mmap_lock w, resource_lock r",
        adds=True,
    )
    def test_page(s, v: Vma, p: Page) -> None:
        """devmem_is_allowed() allows one page of the range to be mapped."""
        s.require(s.stage[v] == Stage.CHECKING, s.tests_pages(v), s.covers[v, p])
        s.require(~(s.strict_devmem & s.is_denied(p)))
        s.tested[v, p] = True

    @action(
        kernel="drivers/pci: pci_mmap_resource or proc_bus_pci_mmap",
        holds="mmap_lock w, resource_lock r",
        adds=True,
    )
    def test_bar(s, v: Vma, p: Page) -> None:
        """iomem_is_exclusive() says no of the first page of the BAR."""
        s.require(s.stage[v] == Stage.CHECKING, s.tests_bar(v), p == s.bar[s.file[v]])
        s.require(~s.is_exclusive(p))
        s.tested[v, p] = True

    @action(kernel="mm/memory.c: remap_pfn_range", holds="mmap_lock w", adds=True)
    def begin_remap(s, v: Vma) -> None:
        """All that ->mmap wanted to know is known, and it begins to fill PTEs."""
        s.require(
            s.stage[v] == Stage.CHECKING,
            implies(
                s.tests_pages(v), every(Page, lambda p: implies(s.covers[v, p], s.tested[v, p]))
            ),
            implies(s.tests_bar(v), s.tested[v, s.bar[s.file[v]]]),
        )
        s.stage[v] = Stage.REMAPPING

    @action(kernel="mm/memory.c: remap_pte_range", holds="mmap_lock w, ptl", adds=True)
    def install_pte(s, v: Vma, p: Page) -> None:
        """->mmap fills one PTE."""
        s.require(s.stage[v] == Stage.REMAPPING, s.covers[v, p], ~s.pte[v, p])
        s.pte[v, p] = True

    @action(kernel="mm/memory.c: remap_pfn_range", holds="mmap_lock w", adds=True)
    def fail_remap(s, v: Vma) -> None:
        """remap_pfn_range() fails half-way (no memory for a page table) and returns its error."""
        s.require(
            s.stage[v] == Stage.REMAPPING, some(Page, lambda p: s.covers[v, p] & ~s.pte[v, p])
        )
        s.stage[v] = Stage.FAILED

    @action(kernel="mm/mmap.c: unmap_region", holds="mmap_lock w", adds=True)
    def unmap_failed(s, v: Vma) -> None:
        """Mmap tears the VMA down whose ->mmap has failed, and returns the error."""
        s.require(s.stage[v] == Stage.FAILED)
        s.pte[v, :] = False
        s.tlb[:, v, :] = False
        s.stage[v] = Stage.GONE
        s.unlock(v)

    @action(kernel="a processor's page walk", adds=True)
    def fill_tlb(s, u: Cpu, v: Vma, p: Page) -> None:
        """A processor that runs the process reads the PTE into its TLB."""
        s.require(s.pte[v, p])
        s.tlb[u, v, p] = True

    @action(kernel="mm/mmap.c: call_mmap", holds="mmap_lock w", adds=True)
    def return_from_mmap(s, v: Vma) -> None:
        """->mmap has filled every PTE and returns."""
        s.require(
            s.stage[v] == Stage.REMAPPING,
            every(Page, lambda p: implies(s.covers[v, p], s.pte[v, p])),
        )
        s.stage[v] = Stage.MAPPED

    @action(kernel="mm/mmap.c: vma_link", holds="mmap_lock w, i_mmap_rwsem w", adds=True)
    def link_vma(s, v: Vma) -> None:
        """The VMA goes into the i_mmap tree of its file's f_mapping, and mmap is done."""
        s.require(s.stage[v] == Stage.MAPPED, s.i_mmap_is_free(s.tree(v)))
        s.stage[v] = Stage.LINKED
        s.unlock(v)

    def i_mmap_is_free(s, a: Term) -> Term:
        """Nobody holds the i_mmap lock of the mapping: no revocation walks its tree."""
        return every(Claim, lambda c: ~((s.phase[c] == Phase.ZAPPING) & (a == s.revoked_mapping)))
