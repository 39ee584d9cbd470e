"""Models as classes: what they build, what they refuse, and how patches compose."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from lang.mappings import Count, Mappings, Page, Vma
from staleproof.errors import ModelError
from staleproof.lang.evaluate import Interpretation, Table
from staleproof.lang.model import (
    Model,
    action,
    build,
    patched,
    without,
)
from staleproof.lang.quantify import every, some
from staleproof.lang.sorts import BitVec, Enum, Unbounded, Value, default_value
from staleproof.lang.state import Relation
from staleproof.lang.system import Action, Assumption, System
from staleproof.lang.terms import TRUE, Term, Var, variable

V, P = Unbounded("Vma"), Unbounded("Page")
SYSTEM = build(Mappings)
v, p, w = variable("v", V), variable("p", P), variable("w", V)


def named(system: System, name: str) -> Action:
    """The action of that name."""
    (found,) = (a for a in system.actions if a.name == name)
    return found


def after(name: str, environment: Mapping[Var, Value], **tables: Table) -> Interpretation:
    """The state after an action, from a state where every function is false, zero or the first."""
    functions = {s: tables.get(s.name, Table({}, default_value(s.range))) for s in SYSTEM.symbols}
    state = Interpretation(functions, {V: 2, P: 2})
    return state.after(named(SYSTEM, name).updates, environment)


def table(state: Interpretation, name: str) -> list[object]:
    """The values of a symbol at all points over two elements per sort."""
    (symbol,) = (s for s in SYSTEM.symbols if s.name == name)
    points: list[tuple[int, ...]] = [()]
    for _ in symbol.domain:
        points = [(*point, i) for point in points for i in range(2)]
    return [state.value(symbol, *point) for point in points]


class TestBuilding:
    """A class becomes the system that it reads like."""

    def test_the_state_is_what_the_annotations_say(self) -> None:
        """Each annotation is a symbol: its sorts, whether it may change, and how it is shown."""
        shapes = {s.name: (s.domain, s.range, s.mutable) for s in SYSTEM.symbols}

        assert ((V, P), shapes["dirty"][1], True) == shapes["pte"]
        assert ((V,), Enum("Stage", ("NEW", "DONE")), True) == shapes["stage"]
        assert shapes["owner"] == ((P,), V, True)
        assert ((), BitVec(3), True) == shapes["pins"]
        assert not shapes["covers"][2]
        assert not shapes["strict"][2]
        assert [s.name for s in SYSTEM.symbols if s.signed] == ["error"]

    def test_an_action_is_guard_and_updates(self) -> None:
        """The name, parameters, guard, kernel function, locks and docstring are the method's."""
        step = named(SYSTEM, "map_page")

        assert (v, p) == step.params
        assert str(step.guard[0]) == "covers(v, p)"
        assert {"pte", "stage", "last", "pins"} == {u.symbol.name for u in step.updates}
        assert (step.kernel, step.holds) == ("mm/memory.c: do_fault", "mmap_lock r")
        assert step.doc == "Fill the PTE of a page."

    def test_a_property_is_premise_and_conclusion(self) -> None:
        """An implication is taken apart, for the question whether its premise can be true."""
        (claim,) = SYSTEM.safety

        assert (v, p) == claim.params
        assert str(claim.premise) == "pte(v, p)"
        assert str(claim.conclusion) == "stage(v) = DONE"
        assert TRUE is SYSTEM.lemmas[0].premise

    def test_axioms_and_initial_conditions_are_closed(self) -> None:
        """Their parameters are quantified, and several conditions are several formulas."""
        assert [str(t) for t in SYSTEM.axioms] == ["(forall v. (exists p. covers(v, p)))"]
        assert [str(t) for t in SYSTEM.init] == [
            "(forall v. stage(v) = NEW)",
            "(forall v. (forall p. ~pte(v, p)))",
            "pins = 0",
        ]

    def test_the_rest_is_carried_along(self) -> None:
        """Name, docstring and assumptions of the class."""
        assert SYSTEM.name == "Mappings"
        assert SYSTEM.doc == "User mappings of pages."
        assert (Assumption("A", "pages stay where they are"),) == SYSTEM.assumptions

    def test_building_again_gives_an_equal_system(self) -> None:
        """Nothing depends on how often or in which order models are built."""
        assert SYSTEM.digest == build(Mappings).digest


class TestAssignments:
    """What assignments do to a state."""

    everywhere = Table({}, True)

    def test_a_point(self) -> None:
        """Only the point changes."""
        assert table(after("map_page", {v: 1, p: 1}), "pte") == [False, False, False, True]

    def test_a_row(self) -> None:
        """All points of the row change."""
        state = after("clear_row", {v: 0}, pte=self.everywhere)

        assert table(state, "pte") == [False, False, True, True]

    def test_all_points_with_a_condition(self) -> None:
        """Where the condition holds; the value may depend on the point."""
        covers = Table({(0, 0): True}, False)
        state = after(
            "clear_covered", {v: 0}, pte=self.everywhere, covers=covers, last=Table({}, 1)
        )

        assert table(state, "pte") == [True, True, False, True]
        assert table(state, "owner") == [0, 1]

    @pytest.mark.parametrize(
        ("enabled", "strict", "pins", "dirty"),
        [(False, True, 0, False), (True, False, 1, False), (True, True, 1, True)],
    )
    def test_conditions_nest(self, enabled: bool, strict: bool, pins: int, dirty: bool) -> None:
        """An assignment under two conditions happens where both hold."""
        given = {"enabled": Table({}, enabled), "strict": Table({}, strict)}
        state = after("count_if_enabled", {p: 0}, **given)

        assert [pins] == table(state, "pins")
        assert [dirty, False] == table(state, "dirty")


class TestQuantifiers:
    """`every` and `some` bind what they seem to bind."""

    edge = build(Mappings).symbols[0]

    def test_a_bound_name_does_not_catch_another(self) -> None:
        """The name of the lambda's parameter may be in use outside."""
        inside = every(Vma, lambda v: self.edge(v, p) == self.edge(w, p))
        outside = variable("p", P)
        caught = every(Page, lambda p: self.edge(w, p) & self.edge(w, outside))

        assert str(inside).replace(str(inside)[11:-1], "edge") == "(forall v. edge)"
        assert str(caught) == "(forall p'. pte(w, p') & pte(w, p))"
        assert {w, outside} == caught.free

    def test_names_nest(self) -> None:
        """An inner quantifier may use the name of an outer one."""
        nested = every(Page, lambda p: some(Page, lambda q: self.edge(w, p) & ~self.edge(w, q)))
        same = every(Page, lambda p: some(Page, other(self.edge, w, p)))

        assert str(nested) == "(forall p. (exists q. pte(w, p) & (~pte(w, q))))"
        assert len(same.free) == 1
        assert str(same) == "(forall p. (exists p'. pte(w, p) & (~pte(w, p'))))"

    def test_several_names_at_once(self) -> None:
        """Two sorts are two quantifiers, the first outermost."""
        assert (
            str(every(Vma, Page, lambda v, p: self.edge(v, p)))
            == "(forall v. (forall p. pte(v, p)))"
        )

    def test_words_need_a_bound(self) -> None:
        """Words are quantified below a bound."""
        assert str(some(Count, lambda i: i == 2, below=3)) == "(exists i < 3. i = 2)"
        with pytest.raises(ModelError, match="all BitVec3 values"):
            every(Count, lambda i: i == 2)

    def test_bodies_have_as_many_names_as_sorts(self) -> None:
        """A body with another number of names is refused."""
        with pytest.raises(ModelError, match="1 sorts has a body of 2"):
            every(Page, lambda p, q: p == q)  # type: ignore[misc,arg-type]


def other(edge: Callable[..., Term], at: Term, outer: Term) -> Callable[[Page], Term]:
    """A body whose parameter has the name of an outer one."""
    return lambda p: edge(at, outer) & ~edge(at, p)


class Quick(Mappings):
    """Mapping needs no check."""

    @action(kernel="mm/memory.c: do_fault_around")
    def map_page(s, v: Vma, p: Page) -> None:
        """Fill the PTE of any page."""
        s.pte[v, p] = True


class Careful(Mappings):
    """Mapping needs one more check."""

    seen: Relation[Page]
    assumptions = (Assumption("B", "seen is kept up to date"),)

    @action(kernel="mm/memory.c: do_fault")
    def map_page(s, v: Vma, p: Page) -> None:
        """Fill the PTE of a page that was seen."""
        s.require(s.seen[p])
        super().map_page(v, p)


class Tidy(Mappings):
    """Rows are cleared one by one."""

    drops = ("clear_covered",)

    @action(adds=True)
    def see_page(s, p: Page) -> None:
        """See a page."""
        s.dirty[p] = False


class TestPatches:
    """A patch changes the named actions and nothing else; patches compose in order."""

    def test_a_patch_replaces_in_place(self) -> None:
        """The other actions are those of the model, in their order."""
        before, now = SYSTEM.actions, build(Quick).actions

        assert [a.name for a in before] == [a.name for a in now]
        assert [a.digest for a in before[1:]] == [a.digest for a in now[1:]]
        assert before[0].digest != now[0].digest
        assert now[0].doc == "Fill the PTE of any page."

    def test_a_patch_drops_and_adds(self) -> None:
        """What is dropped is gone, what is added comes last."""
        assert [a.name for a in build(Tidy).actions] == [
            "map_page",
            "clear_row",
            "count_if_enabled",
            "see_page",
        ]

    def test_a_patch_can_build_on_what_it_replaces(self) -> None:
        """`super()` is the action before this patch, whatever patches came before."""
        models: dict[str, type[Model]] = {
            "alone": Careful,
            "after": patched(Mappings, Quick, Careful),
            "before": patched(Mappings, Careful, Quick),
        }
        guards = {
            name: [str(g) for g in build(model).actions[0].guard] for name, model in models.items()
        }

        assert guards["alone"] == ["seen(p)", "covers(v, p)", "stage(v) = NEW"]
        assert guards["after"] == ["seen(p)"]
        assert guards["before"] == []

    def test_any_subset_is_a_system(self) -> None:
        """Patches that touch different actions commute; state and assumptions add up."""
        one, other = patched(Mappings, Careful, Tidy), patched(Mappings, Tidy, Careful)

        assert {a.digest for a in build(one).actions} == {a.digest for a in build(other).actions}
        assert [a.name for a in build(one).assumptions] == ["A", "B"]
        assert SYSTEM.symbols == build(Tidy).symbols
        assert build(one).symbols[-1].name == "seen"
        assert Mappings is patched(Mappings)

    def test_a_patch_may_not_replace_what_another_dropped(self) -> None:
        """In a wrong order the second patch has nothing to replace."""

        class Slow(Mappings):
            """Clearing is slow."""

            @action
            def clear_covered(s, v: Vma) -> None:
                """Clear one row."""
                s.pte[v, :] = False

        assert len(build(patched(Mappings, Slow)).actions) + 1 == 5
        with pytest.raises(ModelError, match="clear_covered, which is not there"):
            patched(Mappings, Tidy, Slow)

    def test_a_patch_of_something_else_is_refused(self) -> None:
        """A patch shares a layer with the model, and comes after what it builds on."""

        class Later(Quick):
            """Later still."""

        class Unrelated(Model):
            """Another subject."""

        with pytest.raises(ModelError, match="is no patch of Quick"):
            patched(Quick, Unrelated)
        with pytest.raises(ModelError, match="before one that it builds on"):
            patched(Mappings, Later, Quick)

        assert build(patched(Mappings, Quick, Later)).digest == build(Quick).digest

    def test_a_patch_of_a_layer_is_a_patch_of_what_is_built_on_it(self) -> None:
        """Two patches of one layer may both be applied to a model above that layer."""
        both = patched(Mappings, Tidy, Quick)

        assert build(patched(Quick, Tidy)).digest == build(patched(Mappings, Quick, Tidy)).digest
        assert [c for c in both.__mro__ if c in (Quick, Tidy)] == [Quick, Tidy]

    def test_killers_drop_by_name(self) -> None:
        """`without` is a patch that drops and does nothing else."""
        less = build(without(Mappings, "clear_row", "mapped_is_done"))

        assert [a.name for a in less.actions] == ["map_page", "clear_covered", "count_if_enabled"]
        assert less.safety == ()


TYPED = """
from engine.models.revocation import Page, Revocation, Stage, Vma

def good(s: Revocation, v: Vma, p: Page) -> None:
    s.pte[v, p] = s.busy[p]
    s.pte[v, :] = False
    s.stage[v] = Stage.CHECKED
    s.pte.set(False, where=lambda w, q: s.stage[w] == s.stage[v])

def bad(s: Revocation, v: Vma, p: Page) -> None:
    s.pte[p, v] = True
    s.busy[v]
    s.strict = True
    s.staeg[v]
    s.pte.set(False, where=lambda w, q: s.busy[w])
"""


def test_models_are_typed(tmp_path: Path) -> None:
    """Mypy --strict accepts the toy models, and sees wrong sorts, names and constants."""
    program = tmp_path / "typed.py"
    program.write_text(TYPED)
    root = Path(__file__).parents[2]
    run = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--no-error-summary", str(program)],
        env={"MYPYPATH": f"{root / 'spec'}:{root / 'tests'}", "PATH": ""},
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    lines = {int(line.split(":")[1]) for line in run.stdout.splitlines() if ": error:" in line}

    assert {11, 12, 13, 14, 15} == lines, run.stdout + run.stderr
