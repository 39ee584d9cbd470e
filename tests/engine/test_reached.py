"""What known runs deny is no invariant, and what they pass can happen."""

from __future__ import annotations

from hypothesis import assume, given
from hypothesis import strategies as st

from oracles.effort import examples
from oracles.exhaustive import Space
from oracles.plans import P
from oracles.systems import Shape, properties_of, systems
from staleproof.engine.examples import Examples
from staleproof.engine.reached import Reached, with_runs_to_loops
from staleproof.engine.search import Limits
from staleproof.lang.sorts import BitVec
from staleproof.lang.substitute import assign
from staleproof.lang.system import Action, Property, System
from staleproof.lang.terms import FALSE, TRUE, Symbol, Term, eq, neg, u_le, u_lt, word
from staleproof.logic.blocks import Block, blocks, cut_points
from staleproof.logic.scope import Scope

LARGEST = 700
LIMITS = Limits(6, (Scope({P: 2}, 7),))
B8 = BitVec(8)
n = Symbol("n", (), B8)


@examples(60)
@given(systems(Shape(control=True, actions=(4, 7))), st.data())
def test_what_is_denied_fails_somewhere(system: System, data: st.DataObject) -> None:
    """Where a state of a known run denies a property, enumeration finds it violated."""
    space = Space(system, {P: 2})
    assume(space.size <= LARGEST and space.initial)
    known = Examples(system)
    for location in system.locations:
        known.add(Property(f"never {location}", FALSE, at=frozenset({location})), LIMITS)
    reached = Reached(system, cut_points(system), known.runs)
    for prop in data.draw(properties_of(system, 4)):
        if reached.denies(prop):
            assert space.shortest_violation(prop) is not None


def counter(most: int) -> System:
    """A loop that counts to `most`, and a way out of it that is never taken."""

    def step(name: str, source: str, target: str, guard: Term, more: int = 0) -> Action:
        updates = (assign(n, (), n() + more),) if more else ()
        return Action(name, (), (guard,), updates, source, target)

    top = word(most, 8)
    actions = (
        step("begin", "start", "head", eq(n(), 0)),
        step("enter", "head", "body", u_lt(n(), top)),
        step("count", "body", "head", TRUE, 1),
        step("leave", "head", "end", eq(n(), top)),
        step("fail", "head", "lost", u_lt(top, n())),
    )
    return System("counter", (n,), (eq(n(), 0),), actions, entry="start")


class TestOfALoop:
    """A run to the head of the loop tells of its states and of the blocks on its way."""

    def reached(self) -> tuple[Reached, dict[tuple[str, str], Block]]:
        system = counter(3)
        cuts = cut_points(system)
        known = with_runs_to_loops(system)
        found = {(b.source, b.target): b for b in blocks(system, cuts)}
        return Reached(system, cuts, known.runs), found

    def test_a_state_of_the_loop_denies(self) -> None:
        """That something has been counted is denied; that no more is counted than may be is not."""
        reached, _ = self.reached()
        at = frozenset({"head"})

        assert reached.denies(Property("something", neg(eq(n(), 0)), at=at))
        assert not reached.denies(Property("bounded", u_le(n(), 3), at=at))
        assert not reached.denies(Property("elsewhere", FALSE, at=frozenset({"lost"})))

    def test_blocks_that_are_passed(self) -> None:
        """The block on the way is passed, the one that cannot happen is not."""
        reached, found = self.reached()

        assert reached.passes(found["start", "head"])
        assert not reached.passes(found["head", "lost"])

    def test_without_runs_nothing_is_known(self) -> None:
        """No runs, no states."""
        system = counter(3)
        nothing = Reached(system, cut_points(system))

        assert not nothing.denies(Property("false", FALSE, at=frozenset({"head", "start"})))
