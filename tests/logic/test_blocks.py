"""A block does in one step what the actions between its cut points do one after another."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from oracles.effort import examples
from oracles.exhaustive import Environment, Space, Values, Where
from oracles.plans import P
from oracles.systems import Shape, systems
from staleproof.lang.evaluate import evaluate
from staleproof.lang.sorts import BOOL, BitVec
from staleproof.lang.substitute import assign
from staleproof.lang.system import Action, Property, System
from staleproof.lang.terms import Symbol, u_lt, variable
from staleproof.logic.blocks import Block, blocks, cut_points, loop_heads, reachable

CONTROLLED = systems(Shape(control=True, most_params=1, actions=(3, 7)))
MOST_CHOICES = 256


def paths(space: Space, at: Where, cuts: tuple[str, ...]) -> Iterator[Where]:
    """Where each way to the next cut point ends."""
    for _, __, there in space.steps(at):
        if there.location in cuts:
            yield there
        else:
            yield from paths(space, there, cuts)


def big_steps(space: Space, block: Block, values: Values) -> Iterator[tuple[Environment, Values]]:
    """The states that the block leads to, with the choices of its parameters."""
    state = space.state(values)
    for environment in space.environments(block.params):
        if evaluate(block.guard, state, environment):
            after = state.after(tuple(block.state.values()), environment)
            yield environment, space.values(after)


def choices(space: Space, block: Block) -> int:
    """How many choices of its parameters a block has."""
    return len(list(islice(space.environments(block.params), MOST_CHOICES + 1)))


class TestComposition:
    """Blocks and steps reach the same states."""

    @examples(120)
    @given(CONTROLLED, st.integers(1, 2), st.sets(st.sampled_from(["middle", "late"])))
    def test_blocks_compose_what_happens_step_by_step(
        self, system: System, size: int, also: set[str]
    ) -> None:
        """From every state at a cut point, the blocks lead to exactly the states that paths of
        actions lead to.
        """
        space = Space(system.with_safety(), {P: size})
        assume(space.size <= 300)
        cuts = cut_points(space.system, also)
        found = blocks(space.system, cuts)
        assume(all(choices(space, block) <= MOST_CHOICES for block in found))
        for source in cuts:
            if source not in reachable(system):
                continue
            for values in space.everything[:40]:
                stepwise = set(paths(space, Where(source, values), cuts))
                at_once = {
                    Where(block.target, after)
                    for block in found
                    if block.source == source
                    for _, after in big_steps(space, block, values)
                }
                assert stepwise == at_once

    @examples(60)
    @given(CONTROLLED)
    def test_a_block_tells_which_actions_it_took(self, system: System) -> None:
        """For each choice of parameters the actions marked as taken are one path, and lead to the
        block's state.
        """
        space = Space(system.with_safety(), {P: 1})
        assume(space.size <= 300)
        for block in blocks(space.system, cut_points(space.system)):
            assume(choices(space, block) <= MOST_CHOICES)
            for values in space.everything[:20]:
                for environment, after in big_steps(space, block, values):
                    assert after == retraced(space, block, values, environment)

    @examples(100)
    @given(CONTROLLED)
    def test_every_cycle_meets_a_cut_point(self, system: System) -> None:
        """Between two cut points there is no loop."""
        cuts = {*loop_heads(system), system.entry}
        for location in reachable(system) - cuts:
            assert location not in ahead(system, location, cuts)

    def test_a_property_cuts_where_it_speaks(self) -> None:
        """A location that a property names is a cut point; one without is passed through."""
        n = Symbol("n", (), BitVec(3))
        chain = System(
            "chain",
            (n,),
            (n() == 0,),
            (
                Action("one", (), (), (assign(n, (), n() + 1),), "a", "b"),
                Action("two", (), (), (assign(n, (), n() + 1),), "b", "c"),
            ),
            entry="a",
        )
        at_b = Property("small", u_lt(n(), 2), at=frozenset({"b"}))

        assert cut_points(chain) == ("a", "c")
        assert cut_points(chain.with_safety(at_b)) == ("a", "b", "c")
        (both,) = blocks(chain, cut_points(chain))
        assert tuple(step.action.name for step in both.taken) == ("one", "two")
        assert str(both.after(n())) == "(n + 1) + 1"


def ahead(system: System, start: str, cuts: set[str]) -> set[str]:
    """The locations that paths from `start` come to without passing a cut point."""
    seen: set[str] = set()
    todo = [start]
    while todo:
        for action in system.leaving(todo.pop()):
            if action.target not in seen | cuts:
                seen.add(action.target)
                todo.append(action.target)
    return seen


def retraced(space: Space, block: Block, values: Values, environment: Environment) -> Values:
    """The state after the actions that the block says were taken, executed one by one."""
    first = space.state(values)
    at, state = block.source, first
    while at != block.target or state is first:
        # Steps on the way to other cut points have parameters that this block does not.
        (step,) = (
            t
            for t in block.taken
            if t.action.source == at
            and t.when.free <= environment.keys()
            and evaluate(t.when, first, environment)
        )
        own = {p: environment[fresh] for p, fresh in step.renaming.items()}
        assert all(evaluate(g, state, own) for g in step.action.guard)
        state = state.after(step.action.updates, own)
        at = step.target
    return space.values(state)


@pytest.mark.parametrize("name", ["x", "y"])
def test_parameters_of_two_actions_are_two_variables(name: str) -> None:
    """Two actions of one block may use the same parameter name for different values."""
    element = variable(name, P)
    first, second = Symbol("first", (), P), Symbol("second", (), P)
    actions = (
        Action("pick", (element,), (), (assign(first, (), element),), "a", "b"),
        Action("pick again", (element,), (), (assign(second, (), element),), "b", "c"),
    )
    system = System("two picks", (first, second), (), actions, entry="a")
    (block,) = blocks(system, cut_points(system))

    assert len(block.params) == 2
    assert block.guard.sort == BOOL
    assert block.after(first()) is not block.after(second())
