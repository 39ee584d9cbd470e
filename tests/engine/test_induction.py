"""What induction proves holds in every reachable state, for every size of every universe."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations
from random import Random

import pytest
from hypothesis import assume, given, reject
from hypothesis import strategies as st

from oracles.effort import examples
from oracles.exhaustive import Space, Where
from oracles.plans import B3, SEEDS, P
from oracles.systems import Shape, aimed_at, properties_of, systems
from staleproof.engine.houdini import largest_inductive
from staleproof.engine.induction import Inductive, NotShown, Proof, Proved
from staleproof.engine.kinduction import prove_by_k_induction
from staleproof.errors import ModelError
from staleproof.lang.sorts import BOOL, BitVec
from staleproof.lang.substitute import assign
from staleproof.lang.system import Action, Property, System
from staleproof.lang.terms import (
    TRUE,
    Symbol,
    forall,
    neg,
    u_le,
    u_lt,
    variable,
)
from staleproof.logic.blocks import reachable

LARGEST = 500
SIZES = (1, 2, 3)
p = variable("p", P)
n = Symbol("n", (), BitVec(8))
FINITE = Shape(unbounded=False, quantifiers=False)
SYSTEMS = st.one_of(systems(), systems(Shape(control=True, actions=(3, 6))))


def spaces(system: System) -> Iterator[Space]:
    """The system over the universes that are small enough to walk through."""
    for size in SIZES:
        space = Space(system, {P: size})
        if space.size <= LARGEST:
            yield space


class TestSoundness:
    """No engine proves what enumeration refutes."""

    @examples(120)
    @given(SYSTEMS, st.data())
    def test_what_is_proved_is_never_violated(self, system: System, data: st.DataObject) -> None:
        """A proof, with or without lemmas, excludes violations in every universe."""
        goal, *lemmas = data.draw(properties_of(system, 4))
        claimed = system.with_safety(goal, *lemmas)
        outcome = Inductive(claimed).prove([goal], lemmas)
        lemmas_used = outcome.lemmas if isinstance(outcome, Proved) else reject()
        for space in spaces(system):
            for prop in (goal, *lemmas_used):
                assert space.shortest_violation(prop) is None

    @examples(120)
    @given(SYSTEMS, SEEDS)
    def test_reachable_states_are_not_proved_away(self, system: System, seed: int) -> None:
        """That a reachable state is not reached is proved by no engine."""
        space = Space(system, {P: 2})
        assume(space.size <= LARGEST)
        prop = aimed_at(space, Random(seed))
        assume(space.shortest_violation(prop) is not None)
        claimed = system.with_safety(prop)

        assert isinstance(Inductive(claimed).prove([prop]), NotShown)
        assert isinstance(prove_by_k_induction(claimed, prop, 3), NotShown)
        assert largest_inductive(Inductive(claimed), [prop]) == []

    @examples(80)
    @given(SYSTEMS, st.data())
    def test_k_induction_proves_only_what_holds(self, system: System, data: st.DataObject) -> None:
        """A property proved by k steps in a row is never violated."""
        (goal,) = data.draw(properties_of(system, 1))
        outcome = prove_by_k_induction(system.with_safety(goal), goal, 3)
        assume(isinstance(outcome, Proved))
        for space in spaces(system):
            assert space.shortest_violation(goal) is None

    @examples(80)
    @given(SYSTEMS, st.data())
    def test_candidates_that_survive_hold(self, system: System, data: st.DataObject) -> None:
        """What Houdini keeps holds in every reachable state."""
        candidates = data.draw(properties_of(system, 5))
        kept = largest_inductive(Inductive(system.with_safety(*candidates)), candidates)
        for space in spaces(system):
            for prop in kept:
                assert space.shortest_violation(prop) is None


class TestCompleteness:
    """Where everything is finite and without quantifiers, the engines miss nothing."""

    @examples(80)
    @given(systems(FINITE), st.data())
    def test_houdini_keeps_the_largest_inductive_set(
        self, system: System, data: st.DataObject
    ) -> None:
        """No larger set of the candidates is inductive, tried one by one over all states."""
        drawn = data.draw(properties_of(system, 6, everywhere=True, shape=FINITE))
        candidates = [q for q in drawn if not over_words(q)]
        claimed = system.with_safety(*candidates)
        inductive = Inductive(claimed)
        kept = largest_inductive(inductive, candidates)

        assert largest_by_trying(claimed, candidates, inductive) == set(kept)

    @examples(80)
    @given(systems(FINITE), st.data())
    def test_what_is_inductive_is_proved(self, system: System, data: st.DataObject) -> None:
        """A property that the initial states satisfy and every step preserves is proved."""
        (goal,) = data.draw(properties_of(system, 1, everywhere=True, shape=FINITE))
        assume(not over_words(goal))
        claimed = system.with_safety(goal)
        inductive = Inductive(claimed)
        by_trying = largest_by_trying(claimed, [goal], inductive)

        assert isinstance(inductive.prove([goal]), Proved) == bool(by_trying)


def over_words(prop: Property) -> bool:
    """Whether the property quantifies over words, of which the engines try some only."""
    return any(isinstance(sort, BitVec) for sort in (param.sort for param in prop.params))


def largest_by_trying(
    system: System, candidates: Sequence[Property], inductive: Inductive
) -> set[Property]:
    """The largest subset that is inductive, of all subsets, over all states."""
    space = Space(system, {})
    steps = [
        (values, location, there)
        for location in system.locations
        if location in reachable(system)
        for values in space.everything
        if location != system.entry
        or not inductive.entry_is_visited_once
        or space.satisfies(values, system.init)
        for _, __, there in space.steps(Where(location, values))
    ]
    true_at = {
        (q, values): space.holds(q, Where(system.entry, values))
        for q in candidates
        for values in space.everything
    }
    for count in range(len(candidates), 0, -1):
        for chosen in combinations(candidates, count):
            starts = all(true_at[q, v] for q in chosen for v in space.initial)
            if starts and all(
                all(true_at[q, there.values] for q in chosen)
                for values, _, there in steps
                if all(true_at[q, values] for q in chosen)
            ):
                return set(chosen)
    return set()


class TestProofs:
    """What a proof says about itself."""

    even = Property("even", neg((n() & 1) == 1))
    small = Property("small", u_lt(n(), 100))
    other = Property("other", TRUE)
    add_two = Action("add_two", (), (u_lt(n(), 90),), (assign(n, (), n() + 2),))
    system = System("steps of two", (n,), (n() == 0,), (add_two,), safety=(even, small))

    def test_only_lemmas_that_are_needed_are_listed(self) -> None:
        """A lemma that no obligation leans on is not part of the proof."""
        odd = Property("not_91", neg(n() == 91))
        outcome = Inductive(self.system).prove([odd], [self.even, self.small])

        assert isinstance(outcome, Proved)
        assert [self.even] == list(outcome.lemmas)

    def test_a_false_lemma_that_is_leaned_on_is_no_proof(self) -> None:
        """A goal is not proved by a lemma that is not inductive itself."""
        tiny = Property("tiny", u_le(n(), 2))
        outcome = Inductive(self.system).prove([Property("not_5", neg(n() == 5))], [tiny])

        assert isinstance(outcome, NotShown)

    def test_goals_of_one_conversation_do_not_lean_on_each_other(self) -> None:
        """A goal that was asked before and failed is not known when the next one is asked."""
        tiny, less = Property("tiny", u_le(n(), 2)), Property("less", u_le(n(), 4))
        proof = Proof(Inductive(self.system), [self.small])

        assert isinstance(proof.prove([tiny]), NotShown)
        assert isinstance(proof.prove([less]), NotShown)
        assert isinstance(proof.prove([self.even]), Proved)

    def test_a_location_that_is_not_looked_at_is_refused(self) -> None:
        """A goal at a location between cut points would be proved of nothing."""
        there = Action("there", (), (), (assign(n, (), 7),), "a", "b")
        back = Action("back", (), (), (assign(n, (), 0),), "b", "a")
        system = System("there and back", (n,), (n() == 0,), (there, back), entry="a")
        goal = Property("never_seven", neg(n() == 7), at=frozenset({"b"}))
        with pytest.raises(ModelError, match="b, where nothing was cut"):
            Inductive(system).prove([goal])

        assert isinstance(Inductive(system, also=["b"]).prove([goal]), NotShown)

    def test_an_unreachable_location_needs_no_cut(self) -> None:
        """What no path leads to is not an obligation."""
        lost = Action("lost", (), (), (assign(n, (), 7),), "nowhere", "nowhere else")
        system = System("lost", (n,), (n() == 0,), (lost,))

        assert isinstance(Inductive(system).prove([Property("zero", n() == 0)]), Proved)

    def test_the_same_proof_has_the_same_digests(self) -> None:
        """The digests of obligations do not depend on when or how often they are asked."""
        runs = [Inductive(self.system).prove([self.even, self.small]) for _ in range(2)]
        digests = [[o.digest for o in r.obligations] for r in runs if isinstance(r, Proved)]

        assert digests[0] == digests[1]
        assert len(digests[0]) == 4

    def test_any_number_of_elements_is_meant(self) -> None:
        """A proof over an unbounded sort needs no bound, and a mutual exclusion is one."""
        R = Symbol("R", (P,), BOOL)
        q = variable("q", P)
        nobody = forall(q, neg(R(q)))
        take = Action("take", (p,), (nobody,), (assign(R, (p,), True),))
        drop = Action("drop", (p,), (R(p),), (assign(R, (p,), False),))
        alone = Property("alone", p == q, (p, q), R(p) & R(q))
        good = System("lock", (R,), (nobody,), (take, drop), safety=(alone,))
        bad = good.with_actions((Action("take", (p,), (), take.updates), drop))

        assert isinstance(Inductive(good).prove([alone]), Proved)
        assert isinstance(Inductive(bad).prove([alone]), NotShown)


class TestKInduction:
    """Some properties need two steps in a row."""

    m = Symbol("m", (), B3)
    turn = (
        Action("to_one", (), (m() == 0,), (assign(m, (), 1),)),
        Action("to_zero", (), (m() == 1,), (assign(m, (), 0),)),
        Action("on", (), (u_lt(m() - 2, 3),), (assign(m, (), m() + 1),)),
    )

    def test_k_is_the_least_that_suffices(self) -> None:
        """Not five: from two to four one may walk into it, but only for so long."""
        system = System("turns", (self.m,), (self.m() == 0,), self.turn)
        goal = Property("not_five", neg(self.m() == 5))
        outcome = prove_by_k_induction(system, goal, 5)

        assert isinstance(outcome, Proved)
        assert {"not_five: base", "not_five: 4 steps"} == {o.name for o in outcome.obligations}
        assert isinstance(prove_by_k_induction(system, goal, 3), NotShown)

    def test_a_violation_at_the_start_is_no_proof(self) -> None:
        """The base case is asked of every step before the k-th."""
        system = System("turns", (self.m,), (self.m() == 2,), self.turn)
        outcome = prove_by_k_induction(system, Property("not_five", neg(self.m() == 5)), 6)

        assert isinstance(outcome, NotShown)
        assert outcome.obligation.name.endswith("base")
