"""Candidate lemmas: what is proposed for a loop, and that a false one is dropped."""

from __future__ import annotations

from staleproof.engine.candidates import candidates, says_something
from staleproof.engine.houdini import largest_inductive
from staleproof.engine.induction import Inductive
from staleproof.engine.invariants import find_invariants
from staleproof.engine.recurrences import counters_of, in_step
from staleproof.lang.sorts import BitVec
from staleproof.lang.substitute import assign
from staleproof.lang.system import Action, Property, System
from staleproof.lang.terms import Symbol, Term, eq, neg, u_le, u_lt

B16 = BitVec(16)
address, rounds, other = (Symbol(name, (), B16) for name in ("address", "rounds", "other"))
first = Symbol("first", (), B16, mutable=False)
limit = Symbol("limit", (), B16, mutable=False)

ENTER = Action(
    "enter",
    updates=(assign(address, (), first()), assign(rounds, (), 0)),
    source="start",
    target="head",
)
ROUND = Action(
    "round",
    guard=(u_lt(rounds(), limit()),),
    updates=(
        assign(address, (), address() + 8),
        assign(rounds, (), rounds() + 2),
        assign(other, (), rounds() + 1),
    ),
    source="head",
    target="head",
)
LEAVE = Action("leave", guard=(u_le(limit(), rounds()),), source="head", target="end")
SYSTEM = System(
    "stepping",
    (address, rounds, other, first, limit),
    (),
    (ENTER, ROUND, LEAVE),
    entry="start",
    hints=(first(),),
)
TIED = eq(address(), first() + rounds() * 4)


def formulas(found: list[Property]) -> set[Term]:
    """What is said at the loop head."""
    return {q.formula for q in found if q.holds_at("head")}


def test_counters_are_what_an_action_adds_a_literal_to() -> None:
    """What is made from another word is no counter."""
    assert counters_of(SYSTEM) == {address: 8, rounds: 2}


def test_counters_in_step_are_tied_by_their_ratio() -> None:
    """The fast one is so many times the slow one from each start; alignment is by the step."""
    found = set(in_step(counters_of(SYSTEM), {B16: [first()]}))
    assert TIED in found
    assert eq(address(), rounds() * 4) in found
    assert eq(address() & 7, first() & 7) in found
    assert eq(rounds() & 1, 0) in found


def test_a_slow_counter_is_no_multiple_of_a_fast_one() -> None:
    """Nor are two counters tied whose steps do not divide."""
    found = list(in_step({address: 3, rounds: 2}, {}))
    assert found == [eq(rounds() & 1, 0)]


def test_candidates_that_are_false_are_dropped() -> None:
    """They are proposed all the same: what is kept is the part that is inductive."""
    proposed = formulas([q for stage in candidates(SYSTEM) for q in stage])
    kept = formulas(find_invariants(Inductive(SYSTEM)))
    untied = eq(address(), rounds() * 4)
    assert {TIED, untied} <= proposed
    assert TIED in kept
    assert untied not in kept
    assert eq(address() & 7, 0) not in kept


def test_what_holds_only_at_the_start_is_dropped() -> None:
    """Each of them falls to the first round, together with what leaned on it."""
    at = frozenset({"head"})
    zero = Property("zero", eq(rounds(), 0), at=at)
    leans = Property("leans", eq(address(), first()), at=at)
    even = Property("even", eq(rounds() & 1, 0), at=at)
    assert largest_inductive(Inductive(SYSTEM), [zero, leans, even]) == [even]


def test_a_property_says_something_where_its_premise_holds() -> None:
    """Its vacuity is a property of its own: that the premise is never true."""
    prop = Property("p", eq(rounds(), 0), premise=u_lt(limit(), 3), at=frozenset({"end"}))
    asked = says_something(prop)
    assert asked.formula is neg(prop.premise)
    assert asked.at == prop.at
