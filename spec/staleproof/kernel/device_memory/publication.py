"""The publication of iomem_inode: a release store, and an acquire load by whoever reads it."""

from __future__ import annotations

from staleproof.kernel.device_memory.sorts import Cpu
from staleproof.lang.model import Model, action, initial, lemma, safety
from staleproof.lang.quantify import every
from staleproof.lang.state import Flag, Relation
from staleproof.lang.terms import Term, conj, implies


class Publication(Model):
    """iomem_init_inode() on one processor, iomem_get_mapping() on others.

    A store is made and becomes visible to all others in two steps. What is stored before a release
    store is visible before it (smp_store_release); what is loaded after an acquire load is loaded
    after it (smp_load_acquire).
    """

    built: Flag  # the inode's fields are stored
    built_is_visible: Flag
    stored: Flag  # the pointer is stored in iomem_inode
    stored_is_visible: Flag
    has_pointer: Relation[Cpu]  # the processor has loaded the pointer, and it was not NULL
    has_fields: Relation[Cpu]  # it has loaded i_mapping through it
    saw_rubbish: Relation[Cpu]  # and that was from before the fields were stored

    @initial
    def nothing_is_stored(s) -> Term:
        """At the start iomem_inode is NULL and nothing is stored."""
        return conj(
            ~s.built,
            ~s.built_is_visible,
            ~s.stored,
            ~s.stored_is_visible,
            every(Cpu, lambda u: ~(s.has_pointer[u] | s.has_fields[u] | s.saw_rubbish[u])),
        )

    @action(kernel="kernel/resource.c: iomem_init_inode")
    def build_inode(s) -> None:
        """The inode is allocated and its fields are stored."""
        s.require(~s.built)
        s.built = True

    @action(kernel="kernel/resource.c: iomem_init_inode")
    def store_pointer(s) -> None:
        """smp_store_release() stores the pointer."""
        s.require(s.built, ~s.stored)
        s.stored = True

    @action(kernel="the memory system")
    def show_fields(s) -> None:
        """The stores of the fields become visible to the other processors."""
        s.require(s.built, ~s.built_is_visible)
        s.built_is_visible = True

    @action(kernel="the memory system")
    def show_pointer(s) -> None:
        """The store of the pointer becomes visible, after those that it releases."""
        s.require(s.stored, ~s.stored_is_visible, s.is_released())
        s.stored_is_visible = True

    def is_released(s) -> Term:
        """What smp_store_release() waits for: all stores before it are visible."""
        return s.built_is_visible

    @action(kernel="kernel/resource.c: iomem_get_mapping")
    def load_pointer(s, u: Cpu) -> None:
        """smp_load_acquire() loads a pointer that is not NULL."""
        s.require(s.stored_is_visible, ~s.has_pointer[u])
        s.has_pointer[u] = True

    @action(kernel="kernel/resource.c: iomem_get_mapping")
    def load_fields(s, u: Cpu) -> None:
        """The processor loads i_mapping, after the load that it is ordered after."""
        s.require(~s.has_fields[u], s.is_acquired(u))
        s.has_fields[u] = True
        s.saw_rubbish[u] = ~s.built_is_visible

    def is_acquired(s, u: Cpu) -> Term:
        """What smp_load_acquire() makes later loads wait for."""
        return s.has_pointer[u]

    @safety
    def readers_see_a_built_inode(s, u: Cpu) -> Term:
        """Who sees iomem_inode other than NULL sees the inode initialised."""
        return implies(s.has_pointer[u] & s.has_fields[u], ~s.saw_rubbish[u])

    @lemma
    def visible_pointers_lead_to_visible_fields(s) -> Term:
        """Once the pointer is visible, the fields are."""
        return implies(s.stored_is_visible, s.built_is_visible)

    @lemma
    def loaded_pointers_are_visible(s, u: Cpu) -> Term:
        """A pointer that was loaded is visible."""
        return implies(s.has_pointer[u], s.stored_is_visible)

    @lemma
    def fields_come_after_pointers(s, u: Cpu) -> Term:
        """Who has loaded the fields has loaded the pointer before."""
        return implies(s.has_fields[u], s.has_pointer[u])
