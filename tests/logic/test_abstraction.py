"""Definitions are folded where they are written out, and unfolded again."""

from __future__ import annotations

import pytest

from staleproof.engine.induction import Inductive, Proved
from staleproof.engine.solve import Answer, Session
from staleproof.errors import ModelError
from staleproof.lang.sorts import BitVec
from staleproof.lang.substitute import assign
from staleproof.lang.system import Action, Definition, Property, System
from staleproof.lang.terms import Symbol, Term, eq, forall, u_lt, variable
from staleproof.logic.abstraction import Abstraction, unfolded

B8 = BitVec(8)
base = Symbol("base", (), B8, mutable=False)
n = Symbol("n", (), B8)
x = variable("x", B8)
there = Symbol("there", (B8,), B8, mutable=False)
back = Symbol("back", (B8,), B8, mutable=False)
UNDONE = eq(back(there(x)), x)
DEFINITIONS = (
    Definition(there, (x,), base() + x * 4 + 1, (UNDONE,)),
    Definition(back, (x,), x - base()),
)
ADDED = (Definition(there, (x,), base() + x, (UNDONE,)), DEFINITIONS[1])


def folded(term: Term) -> Term:
    """The term with the functions in the place of what they stand for."""
    return Abstraction(ADDED)(term)


def test_what_is_written_out_is_folded() -> None:
    """Whatever the parameter is, also within the other function and below a quantifier."""
    assert folded(base() + n()) is there(n())
    assert folded((base() + (n() + 1)) - base()) is back(there(n() + 1))
    some = forall(x, u_lt(base() + x, 9), n())
    assert folded(some) is forall(x, u_lt(there(x), 9), n())


def test_other_terms_stay_as_they_are() -> None:
    """A sum of other things is no such sum."""
    other = n() + base()
    assert folded(other) is other


def test_a_parameter_that_occurs_twice_is_one_value() -> None:
    """Both places must hold the same term."""
    twice = Abstraction((Definition(there, (x,), x + x),))
    assert twice(n() + n()) is there(n())
    assert twice(n() + base()) is n() + base()


def test_unfolding_undoes_folding() -> None:
    """What was written out is written out again."""
    term = (base() + (n() + 1)) - base()
    assert unfolded(folded(term), ADDED) is term


SYSTEM = System(
    "there and back",
    (base, n),
    (eq(n(), 3),),
    (Action("go", updates=(assign(n, (), (base() + n()) - base()),)),),
    safety=(Property("same", eq(n(), 3)),),
    definitions=ADDED,
)


def test_a_proof_knows_what_is_said_of_a_definition() -> None:
    """That the second function undoes the first is all that this proof needs."""
    inductive = Inductive(SYSTEM)

    assert inductive.definitions == ADDED
    assert isinstance(inductive.prove(SYSTEM.safety), Proved)


def test_what_does_not_follow_is_refused() -> None:
    """It would make every proof worthless."""
    wrong = System("wrong", (base,), (), SYSTEM.actions[:0], definitions=DEFINITIONS)
    with pytest.raises(ModelError, match="does not follow"):
        Inductive(wrong)


def test_what_the_solver_is_unsure_of_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """Then proofs are tried with what is written out."""

    def unknown(session: Session, *_: object) -> Answer:
        return Answer.UNKNOWN

    monkeypatch.setattr(Session, "ask", unknown)
    fresh = Definition(there, (x,), base() + x, (eq(x, back(there(x))),))
    system = System("unsure", (base,), (), (), definitions=(fresh, ADDED[1]))
    assert Inductive(system).definitions == ()
