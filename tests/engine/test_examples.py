"""Known runs show what they show: of their own system, and of variants of it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oracles.effort import examples
from oracles.exhaustive import Space
from oracles.plans import P
from oracles.systems import Shape, systems
from staleproof.engine.examples import Examples
from staleproof.engine.following import followed
from staleproof.engine.search import Found, Limits, search
from staleproof.lang.sorts import BitVec
from staleproof.lang.substitute import assign
from staleproof.lang.system import Action, Property, System
from staleproof.lang.terms import FALSE, Symbol, eq, neg, u_le, u_lt, variable, word
from staleproof.logic.scope import Scope
from staleproof.trace.replay import replay

B8 = BitVec(8)
COUNT = Symbol("count", (), B8)
STEP = variable("step", B8)
LIMITS = Limits(6, (Scope({P: 2}, 7),))


def counting(most: int, largest: int) -> System:
    """A counter that grows by any step up to the largest, while it is at most `most`."""
    grow = Action(
        f"here{most} grow",
        params=(STEP,),
        guard=(u_le(COUNT(), most), u_lt(word(0, 8), STEP), u_le(STEP, largest)),
        updates=(assign(COUNT, (), COUNT() + STEP),),
        source=f"here{most}",
        target=f"here{most}",
    )
    return System(
        "counting", (COUNT,), (neg(u_lt(word(0, 8), COUNT())),), (grow,), entry=grow.source
    )


def below(bound: int) -> Property:
    """The counter stays below."""
    return Property("below", u_lt(COUNT(), word(bound, 8)))


class TestOfTheSystemItself:
    """A property that a known run violates is found without a search."""

    def test_the_beginning_of_a_run_is_enough(self) -> None:
        """Where an earlier state violates a property, the run ends there."""
        known = Examples(counting(3, 1))
        known.add(below(4), LIMITS)
        shown = known.violating(below(2))

        assert shown is not None
        assert len(shown.choices) == 2
        replay(counting(3, 1), below(2), shown)

    def test_what_no_run_shows_is_not_shown(self) -> None:
        """A run says nothing of states that it does not come to."""
        known = Examples(counting(9, 1))
        known.add(below(2), LIMITS)

        assert known.violating(below(5)) is None

    @examples(60)
    @given(systems(Shape(control=True)), st.data())
    def test_random_systems(self, system: System, data: st.DataObject) -> None:
        """Whatever is shown of a random system is so when all its states are walked through."""
        prop = system.safety[0]
        known = Examples(system)
        for location in system.locations:
            known.add(Property(f"never {location}", FALSE, at=frozenset({location})), LIMITS)
        shown = known.violating(prop)
        if shown is not None:
            replay(system, prop, shown)
            space = Space(system, {P: 2})

            assert space.size > 400 or space.shortest_violation(prop) is not None


class TestOfAWiderSystem:
    """Runs of a system with more of them are known of this one as far as it has them."""

    def test_a_run_that_the_axioms_exclude_is_left_out(self) -> None:
        """Of two runs of the wider system the narrower one has that which its axioms allow."""
        most = Symbol("most", (), B8, mutable=False)
        system = counting(3, 1)
        wide = replace(
            system,
            symbols=(COUNT, most),
            actions=(replace(system.actions[0], guard=(u_le(COUNT(), most()),)),),
        )
        known = Examples(wide)
        for bound in (2, 4):
            few = Property("few", neg(eq(most(), bound)) | u_lt(COUNT(), 1))
            known.add(few, LIMITS)
        narrow = replace(wide, axioms=(u_lt(most(), 3),))
        mine = Examples(narrow)
        mine.add_from(known)

        assert len(known.runs) == 2
        assert [r for r in known.runs if r[0].initial.value(most) == 2] == list(mine.runs)


class TestOfVariants:
    """A known run is followed in a variant, with its choices where the variant has them."""

    def test_the_choices_are_those_of_the_run(self) -> None:
        """The steps are made at other locations, with the parameters that were chosen before."""
        system, variant = counting(3, 2), counting(7, 2)
        found = search(system, below(4), LIMITS)
        assert isinstance(found, Found)
        run = followed(variant, below(4), found.script)

        assert run is not None
        chosen = [list(c.environment.values()) for c in found.script.choices]
        assert [list(c.environment.values()) for c in run.choices] == chosen
        replay(variant, below(4), run)

    @pytest.mark.parametrize("bound", [5, 200])
    def test_a_variant_that_cannot_go_on_shows_nothing(self, bound: int) -> None:
        """Where no action can be taken the run ends, and has not violated anything."""
        known = Examples(counting(3, 1))
        known.add(below(4), LIMITS)

        assert known.violating_variant(counting(2, 1), below(bound)) is None

    @examples(60)
    @given(systems(Shape(control=True)), st.data())
    def test_random_variants(self, system: System, data: st.DataObject) -> None:
        """What a run shows of a system without some guard is a violation of that system."""
        prop = system.safety[0]
        changed = data.draw(st.sampled_from(system.actions))
        variant = system.with_actions(
            replace(a, guard=a.guard[1:]) if a is changed else a for a in system.actions
        )
        known = Examples(system)
        for location in system.locations:
            known.add(Property(f"never {location}", FALSE, at=frozenset({location})), LIMITS)
        shown = known.violating_variant(variant, prop)
        if shown is not None:
            space = Space(variant, {P: 2})

            assert space.size > 400 or space.shortest_violation(prop) is not None


def test_a_run_that_is_shown_is_followed_too() -> None:
    """It need not be one of the known runs, and it counts only if it comes to a violation."""
    system, variant = counting(3, 1), counting(5, 1)
    found = search(system, below(4), LIMITS)
    assert isinstance(found, Found)
    known = Examples(system)

    assert known.violating_variant(variant, below(4)) is None
    run = known.violating_variant(variant, below(4), found.script)
    assert run is not None
    replay(variant, below(4), run)
    assert known.violating_variant(variant, below(99), found.script) is None
