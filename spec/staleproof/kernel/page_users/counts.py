"""Reference counts of pages that a PTE of VM_PFNMAP memory names, and who frees a page.

Facts: virt/kvm/kvm_main.c, hva_to_pfn_remapped(), v5.10; include/linux/mm.h.
"""

from __future__ import annotations

from staleproof.kernel.page_users.sorts import Page, Reader
from staleproof.lang.model import Model, action, initial, lemma, safety
from staleproof.lang.quantify import every, some
from staleproof.lang.state import Function, Relation
from staleproof.lang.terms import TRUE, Term, conj, disj, implies, neg


class CountedPages(Model):
    """KVM takes a reference of the page whose number it has read, and gives it back.

    follow_pfn() has dropped the page-table lock before the reference is taken. A count is told by
    who is in it: the owner, if the page takes part in reference counting, and KVM's callers. The
    tail pages of a high-order allocation that is no compound page have an owner and a count of 0.
    Freeing is one step: it ends in the allocator's free lists.
    """

    owned: Relation[Page]  # somebody has allocated the page and has not freed it
    counted: Relation[Page]  # the owner's reference is in the count
    free: Relation[Page]  # the page is in the allocator's free lists
    mapped: Relation[Page]  # a PTE of a VM_PFNMAP mapping names it
    knows: Relation[Reader]  # it has read a number from a PTE
    page: Function[Reader, Page]
    refers: Relation[Reader]  # it has a reference of that page

    @initial
    def all_pages_are_free(s) -> Term:
        """At the start every page is free, and nobody has begun."""
        return conj(
            every(Page, lambda p: s.free[p] & ~s.owned[p] & ~s.counted[p] & ~s.mapped[p]),
            every(Reader, lambda r: ~s.knows[r] & ~s.refers[r]),
        )

    def is_referred_to(s, p: Page) -> Term:
        """Somebody other than the owner is in the count."""
        return some(Reader, lambda r: s.refers[r] & (s.page[r] == p))

    def has_count(s, p: Page) -> Term:
        """The count of the page is above 0."""
        return s.counted[p] | s.is_referred_to(p)

    @action(kernel="mm/page_alloc.c: alloc_pages")
    def allocate_page(s, p: Page) -> None:
        """A page is allocated, with a count of 1."""
        s.require(s.free[p])
        s.free[p] = False
        s.owned[p] = True
        s.counted[p] = True

    @action(kernel="mm/page_alloc.c: alloc_pages, order > 0 without __GFP_COMP")
    def allocate_tail(s, p: Page) -> None:
        """A tail page of a high-order allocation is allocated, with a count of 0."""
        s.require(s.free[p])
        s.free[p] = False
        s.owned[p] = True
        s.counted[p] = False

    @action(kernel="mm/memory.c: remap_pfn_range, vmf_insert_pfn", holds="ptl")
    def map_page(s, p: Page) -> None:
        """The owner maps its page into user space by number."""
        s.require(s.owned[p], ~s.mapped[p])
        s.mapped[p] = True

    @action(kernel="mm/memory.c: zap_pte_range", holds="ptl")
    def zap_pte(s, p: Page) -> None:
        """The owner takes the mapping away."""
        s.require(s.mapped[p])
        s.mapped[p] = False

    @action(kernel="mm/page_alloc.c: __free_pages")
    def free_page(s, p: Page) -> None:
        """The owner frees a page: at once if it was not counted, or else with its last count."""
        s.require(s.owned[p], ~s.mapped[p])
        last = ~s.counted[p] | ~s.is_referred_to(p)
        s.owned[p] = False
        s.counted[p] = False
        s.free[p] = last

    @action(kernel="mm/memory.c: follow_pfn", holds="mmap_lock r, ptl")
    def look_up(s, r: Reader, p: Page) -> None:
        """KVM reads the number of a page from a PTE, and the page-table lock is dropped."""
        s.require(~s.knows[r], s.mapped[p])
        s.knows[r] = True
        s.page[r] = p

    @action(kernel="virt/kvm/kvm_main.c: kvm_get_pfn", holds="mmap_lock r")
    def take_reference(s, r: Reader) -> None:
        """KVM raises the count of the page."""
        s.require(s.knows[r], ~s.refers[r], s.may_refer(s.page[r]))
        s.refers[r] = True

    def may_refer(s, p: Page) -> Term:
        """What is asked of the count before it is raised: nothing."""
        return TRUE

    @action(kernel="virt/kvm/kvm_main.c: kvm_release_pfn_clean")
    def put_reference(s, r: Reader) -> None:
        """KVM gives its reference back, and with the last one the page is freed."""
        s.require(s.refers[r])
        p = s.page[r]
        frees = s.is_last(r)
        s.refers[r] = False
        s.knows[r] = False
        with s.when(frees):
            s.free[p] = True

    def is_last(s, r: Reader) -> Term:
        """The count becomes 0 when this reference is gone."""
        p = s.page[r]
        others = some(Reader, lambda q: (q != r) & s.refers[q] & (s.page[q] == p))
        return ~s.counted[p] & neg(others)

    @safety
    def owned_pages_are_not_free(s, p: Page) -> Term:
        """A page is not in the free lists while somebody owns it."""
        return implies(s.owned[p], ~s.free[p])

    @lemma
    def referred_pages_are_counted(s, r: Reader) -> Term:
        """A page that KVM has a reference of is not free, and its owner, if any, is counted."""
        p = s.page[r]
        return implies(s.refers[r], ~s.free[p] & disj(~s.owned[p], s.counted[p]))

    @lemma
    def referrers_know_their_page(s, r: Reader) -> Term:
        """Who has a reference knows of which page."""
        return implies(s.refers[r], s.knows[r])

    @lemma
    def counted_pages_are_owned(s, p: Page) -> Term:
        """Only who owns a page is counted as its owner."""
        return implies(s.counted[p], s.owned[p] & ~s.free[p])
