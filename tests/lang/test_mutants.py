"""Each condition and each assignment of an action is left out once, and nothing else is."""

from __future__ import annotations

from dataclasses import replace

from staleproof.lang.kinds import Element
from staleproof.lang.model import Model, action, build, initial
from staleproof.lang.mutants import Mutant, mutants
from staleproof.lang.quantify import every
from staleproof.lang.state import Flag, Relation
from staleproof.lang.terms import Term, conj, disj, show


class Page(Element):
    """A page."""


class Pages(Model):
    """Pages are marked, swapped and cleared."""

    on: Flag
    marked: Relation[Page]
    clean: Relation[Page]

    @initial
    def nothing_is_marked(s) -> Term:
        """At the start nothing is marked."""
        return every(Page, lambda p: ~s.marked[p])

    @action
    def mark_page(s, p: Page) -> None:
        """A page is marked."""
        s.require(s.on & s.clean[p], ~s.marked[p])
        s.require(s.on)
        s.marked[p] = True

    @action
    def swap_pages(s, p: Page, q: Page) -> None:
        """One page is marked and another is not any more."""
        s.marked[p] = False
        s.marked[q] = True
        s.on = False

    @action
    def clear_pages(s) -> None:
        """All clean pages are unmarked."""
        s.marked.set(False, where=lambda p: disj(s.clean[p], conj(s.on, s.clean[p])))


SYSTEM = build(Pages)


def of(name: str) -> dict[str, Mutant]:
    """The mutants of an action, by what is left out."""
    action = next(a for a in SYSTEM.actions if a.name == name)
    return {m.name.removeprefix(f"{name}: "): m for m in mutants(action)}


class TestConditions:
    """Of a guard each conjunct is left out."""

    def test_each_conjunct_once(self) -> None:
        """A condition that is written twice is left out in both places."""
        found = {name: m for name, m in of("mark_page").items() if m.only_adds_runs}

        assert list(found) == [
            "without require on",
            "without require clean(p)",
            "without require ~marked(p)",
        ]
        mutated = found["without require on"].action
        assert mutated is not None
        assert [show(g) for g in mutated.guard] == ["clean(p)", "~marked(p)"]
        assert mutated.updates == found["without require on"].of.updates


class TestAssignments:
    """Of what an action assigns each assignment is left out."""

    def test_the_only_one_takes_the_action_along(self) -> None:
        """What would change nothing is no action."""
        mutant = of("mark_page")["without marked"]

        assert mutant.action is None
        assert [a.name for a in mutant.within(SYSTEM).actions] == ["swap_pages", "clear_pages"]

    def test_one_of_several_symbols(self) -> None:
        """The symbol stays as it was, the others change."""
        mutated = of("swap_pages")["without on"].action

        assert mutated is not None
        assert [u.symbol.name for u in mutated.updates] == ["marked"]

    def test_one_of_several_places(self) -> None:
        """The symbol stays as it was in the one place."""
        mutated = of("swap_pages")["without marked where marked#0 = q"].action

        assert mutated is not None
        kept = next(u for u in mutated.updates if u.symbol.name == "marked")
        assert show(kept.value) == (
            "if (marked#0 = q) then marked(marked#0) else ((~(marked#0 = p)) & marked(marked#0))"
        )

    def test_a_condition_on_the_place(self) -> None:
        """It is forgotten, and the assignment reaches further; a point is never forgotten."""
        assert "clear_pages: marked also without clean(marked#0)" in {
            m.name for m in of("clear_pages").values()
        }
        assert not any("also" in name for name in of("swap_pages"))


class TestSystems:
    """A mutant stands in for its own action."""

    def test_the_same_system(self) -> None:
        """The mutant stands where its action stood."""
        mutant = of("mark_page")["without require on"]

        assert mutant.is_of(SYSTEM)
        assert mutant.counterpart(SYSTEM) is mutant
        assert mutant.within(SYSTEM).actions[0] is mutant.action

    def test_another_system(self) -> None:
        """The same is left out of an action that differs elsewhere, and of no other."""
        mutants_of_it = of("mark_page")
        (marks, *others) = SYSTEM.actions
        changed = SYSTEM.with_actions([replace(marks, guard=marks.guard[:1]), *others])
        same = mutants_of_it["without require on"].counterpart(changed)

        assert not mutants_of_it["without require on"].is_of(changed)
        assert same is not None
        assert same.action is not None
        assert [show(g) for g in same.action.guard] == ["clean(p)"]
        assert mutants_of_it["without require ~marked(p)"].counterpart(changed) is None
        assert mutants_of_it["without marked"].counterpart(SYSTEM.with_actions(others)) is None

    def test_the_names_differ(self) -> None:
        """A name tells which mutant is meant."""
        names = [m.name for a in SYSTEM.actions for m in mutants(a)]

        assert len(names) == len({*names})
