"""What known runs show to be possible is possible: no other action is told of."""

from __future__ import annotations

from hypothesis import assume, given
from hypothesis import strategies as st

from oracles.effort import examples
from oracles.exhaustive import Space
from oracles.plans import P
from oracles.systems import Shape, systems
from staleproof.engine.exploring import possible_actions
from staleproof.lang.sorts import BOOL, BitVec
from staleproof.lang.substitute import assign
from staleproof.lang.system import Action, System
from staleproof.lang.terms import Symbol, eq, literal, neg, u_lt, variable
from staleproof.trace.replay import Choice, Script

LARGEST = 700
B8 = BitVec(8)
n, done = Symbol("n", (), B8), Symbol("done", (), BOOL)
size = variable("size", B8)


@examples(120)
@given(systems(Shape(control=True, actions=(4, 7))), st.integers(1, 2))
def test_what_is_told_happens_in_some_run(system: System, many: int) -> None:
    """From one initial state no more is told than enumeration finds from all of them."""
    space = Space(system, {P: many})
    assume(space.size <= LARGEST and space.initial)
    start = space.state(space.initial[0])

    told = possible_actions(system, [(Script(start, (), {}), [start])])

    assert told <= {action for at in space.distances for action, _, _ in space.steps(at)}


def outcomes() -> System:
    """A call with three outcomes; what follows one of them needs what it returned."""
    ways = (
        Action("fails", source="call", target="after", updates=(assign(n, (), literal(0, B8)),)),
        Action(
            "returns a size",
            (size,),
            guard=(u_lt(literal(1, B8), size),),
            source="call",
            target="after",
            updates=(assign(n, (), size),),
        ),
        Action("cannot be", guard=(done(),), source="call", target="after"),
        Action("none", guard=(eq(n(), 0),), source="after", target="end"),
        Action("some", guard=(neg(eq(n(), 0)),), source="after", target="end"),
        Action("stop", source="end", target="stopped"),
    )
    return System("outcomes", (n, done), (neg(done()),), ways, entry="call")


def test_other_outcomes_of_a_run_are_walked_on() -> None:
    """A run of the failure tells of the size that could have been returned, and of its branch."""
    system = outcomes()
    space = Space(system, {})
    start = space.state(space.initial[0])
    run = Script(start, (Choice(system.actions[0], {}),), {})
    states = [start, start.after(system.actions[0].updates, {})]

    told = {action.name for action in possible_actions(system, [(run, states)])}

    assert told == {"fails", "returns a size", "none", "some", "stop"}


def test_of_what_is_known_to_be_possible_nothing_is_found_out() -> None:
    """What is known stays possible; what another run shows is added to it."""
    system = outcomes()
    *_, none, some, stop = system.actions
    space = Space(system, {})
    start = space.state(space.initial[0])

    told = possible_actions(system, [(Script(start, (), {}), [start])], {none, some, stop})

    assert {a.name for a in told} == {"fails", "returns a size", "none", "some", "stop"}
    assert possible_actions(system, [], {stop}) == {stop}
