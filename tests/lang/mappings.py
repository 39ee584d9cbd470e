"""A model with one declaration, action and formula of each kind."""

from __future__ import annotations

from staleproof.lang.kinds import U64, Element, Members, Word
from staleproof.lang.model import Model, action, axiom, initial, lemma, safety
from staleproof.lang.quantify import every, some
from staleproof.lang.state import Config, Constant, Fixed, Flag, Function, Relation, Signed
from staleproof.lang.system import Assumption
from staleproof.lang.terms import Term, implies, ite, u_lt


class Vma(Element):
    """A user mapping."""


class Page(Element):
    """A page."""


class Stage(Members):
    """How far a mapping has come."""

    NEW: Stage
    DONE: Stage


class Count(Word, width=3):
    """A small count."""


class Mappings(Model):
    """User mappings of pages."""

    pte: Relation[Vma, Page]
    dirty: Relation[Page]
    stage: Function[Vma, Stage]
    owner: Function[Page, Vma]
    last: Constant[Vma]
    pins: Constant[Count]
    enabled: Flag
    covers: Fixed[Relation[Vma, Page]]
    strict: Config
    error: Signed[Constant[U64]]

    assumptions = (Assumption("A", "pages stay where they are"),)

    @axiom
    def something_is_covered(s, v: Vma) -> Term:
        """Every mapping covers a page."""
        return some(Page, lambda p: s.covers[v, p])

    @initial
    def nothing_is_mapped(s, v: Vma) -> list[Term]:
        """No mapping has begun."""
        return [s.stage[v] == Stage.NEW, every(Page, lambda p: ~s.pte[v, p]), s.pins == 0]

    @action(kernel="mm/memory.c: do_fault", holds="mmap_lock r")
    def map_page(s, v: Vma, p: Page) -> None:
        """Fill the PTE
        of a page.
        """
        s.require(s.covers[v, p], s.stage[v] == Stage.NEW)
        s.pte[v, p] = True
        s.stage[v] = Stage.DONE
        s.last = v
        s.pins += 1

    @action
    def clear_row(s, v: Vma) -> None:
        """Clear all PTEs of a mapping."""
        s.pte[v, :] = False

    @action
    def clear_covered(s, v: Vma) -> None:
        """Clear the PTEs of all pages that another mapping covers."""
        s.pte.set(False, where=lambda w, p: s.covers[v, p] & (w != v))
        s.owner.set(lambda p: ite(s.covers[v, p], v, s.last))

    @action
    def count_if_enabled(s, p: Page) -> None:
        """Count and mark a page, if counting is enabled."""
        with s.when(s.enabled):
            s.pins += 1
            with s.when(s.strict):
                s.dirty[p] = True

    @safety
    def mapped_is_done(s, v: Vma, p: Page) -> Term:
        """A mapping with a PTE is done."""
        return implies(s.pte[v, p], s.stage[v] == Stage.DONE)

    @lemma
    def few_pins(s) -> Term:
        """There are few pins."""
        return u_lt(s.pins, 7)
