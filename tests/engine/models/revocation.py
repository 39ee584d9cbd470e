"""Check, then act: an mmap checks that a page is unclaimed and maps it; a driver claims and zaps.

Between the check and the mapping the driver can claim the page and zap what is mapped so far. The
repair maps only what is still unclaimed, and finds the mapping by the time of the zap.
"""

from __future__ import annotations

from staleproof.lang.kinds import Element, Members
from staleproof.lang.model import Model, action, initial, lemma, patched, safety
from staleproof.lang.quantify import every
from staleproof.lang.state import Config, Function, Relation
from staleproof.lang.system import Assumption
from staleproof.lang.terms import Term, conj, implies


class Page(Element):
    """A page of device memory."""


class Vma(Element):
    """A user mapping."""


class Stage(Members):
    """How far an mmap has come."""

    NEW: Stage
    CHECKED: Stage
    LINKED: Stage


class Revocation(Model):
    """A driver's claim of a page revokes the user mappings that it finds."""

    stage: Function[Vma, Stage]
    maps: Relation[Vma, Page]  # the mapping covers the page
    pte: Relation[Vma, Page]  # a PTE is present
    busy: Relation[Page]  # a driver's claim is visible
    zapped: Relation[Page]  # the claim has zapped, and the driver uses the page
    strict: Config  # CONFIG_IO_STRICT_DEVMEM

    assumptions = (Assumption("ONE-PAGE", "an mmap checks and maps one page at a time"),)

    @initial
    def nothing_is_mapped(s) -> Term:
        """No mapping has begun and no page is claimed."""
        return conj(
            every(Vma, lambda v: s.stage[v] == Stage.NEW),
            every(Vma, Page, lambda v, p: ~(s.pte[v, p] | s.maps[v, p])),
            every(Page, lambda p: ~(s.busy[p] | s.zapped[p])),
        )

    @action(kernel="drivers/char/mem.c: range_is_allowed", holds="mmap_lock w")
    def check_page(s, v: Vma, p: Page) -> None:
        """An mmap finds that no driver claims the page."""
        s.require(s.stage[v] == Stage.NEW, ~s.busy[p])
        s.stage[v] = Stage.CHECKED
        s.maps[v, p] = True

    @action(kernel="mm/memory.c: remap_pfn_range", holds="mmap_lock w")
    def install_pte(s, v: Vma, p: Page) -> None:
        """The mmap fills its PTE."""
        s.require(s.stage[v] == Stage.CHECKED, s.maps[v, p])
        s.pte[v, p] = True

    @action(kernel="mm/mmap.c: vma_link", holds="mmap_lock w, i_mmap_rwsem w")
    def link_vma(s, v: Vma) -> None:
        """The mapping can now be found by those who zap."""
        s.require(s.stage[v] == Stage.CHECKED)
        s.stage[v] = Stage.LINKED

    @action(kernel="kernel/resource.c: __request_region", holds="resource_lock w")
    def claim_page(s, p: Page) -> None:
        """A driver's claim becomes visible."""
        s.require(~s.busy[p])
        s.busy[p] = True

    @action(kernel="mm/memory.c: unmap_mapping_range", holds="i_mmap_rwsem r")
    def zap_ptes(s, p: Page) -> None:
        """The claim clears the PTEs of all mappings that can be found, if the kernel is strict."""
        s.require(s.busy[p])
        s.pte.set(False, where=lambda v, q: (q == p) & (s.stage[v] == Stage.LINKED) & s.strict)
        s.zapped[p] = True

    @safety
    def no_stale_mapping(s, v: Vma, p: Page) -> Term:
        """In a strict kernel no user PTE reaches a page that its driver uses."""
        return implies(s.strict & s.zapped[p], ~s.pte[v, p])

    @lemma
    def zapped_pages_are_claimed(s, p: Page) -> Term:
        """A page is zapped for a claim only."""
        return implies(s.zapped[p], s.busy[p])


class InstallAfterLink(Revocation):
    """PTEs are filled by faults, when the mapping can be found already."""

    @action(kernel="mm/memory.c: vmf_insert_pfn", holds="mmap_lock r")
    def install_pte(s, v: Vma, p: Page) -> None:
        """A fault fills a PTE."""
        s.require(s.stage[v] == Stage.LINKED, s.maps[v, p])
        s.pte[v, p] = True

    @lemma
    def ptes_can_be_found(s, v: Vma, p: Page) -> Term:
        """A mapping with a PTE is linked."""
        return implies(s.pte[v, p], s.stage[v] == Stage.LINKED)


class CheckAgain(Revocation):
    """What fills a PTE checks the claim again, under a lock that the claim takes too."""

    @action(kernel="mm/memory.c: remap_pfn_range", holds="mmap_lock w, claim lock")
    def install_pte(s, v: Vma, p: Page) -> None:
        """A PTE is filled only while the page is unclaimed."""
        s.require(~s.busy[p])
        super().install_pte(v, p)


Repaired = patched(Revocation, InstallAfterLink, CheckAgain)
"""Both repairs: neither suffices alone."""


class ReleasablePages(Revocation):
    """A claim can be taken back, and the page be claimed anew."""

    @action(kernel="kernel/resource.c: __release_region", holds="resource_lock w", adds=True)
    def release_page(s, p: Page) -> None:
        """A driver gives its page back, and what was zapped may be mapped again."""
        s.require(s.busy[p])
        s.busy[p] = False
        s.zapped[p] = False
