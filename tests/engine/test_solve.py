"""A conversation with the solver: what is said when, and about what, changes no answer."""

from __future__ import annotations

import pytest

from staleproof.engine.solve import Answer, Session
from staleproof.lang.sorts import BOOL, INT, BitVec, Enum, Unbounded
from staleproof.lang.terms import Symbol, disj, eq, forall, literal, neg, variable
from staleproof.logic.z3_lowering import Z3Lowering

COLOUR = Enum("Colour", ("red", "green", "blue"))
P = Unbounded("P")


class TestTheories:
    """The solver is begun for words alone, and begun again when more is said."""

    def test_integers_may_come_late(self) -> None:
        """What was said before holds for the new solver, too, and so do open scopes."""
        flag, count = Symbol("flag", (), BOOL), Symbol("count", (), INT)
        session = Session()
        session.add(flag())
        assert session.ask() is Answer.SAT
        session.push()
        session.add(count() > 3)

        assert session.ask(count() < 4) is Answer.UNSAT
        assert session.ask(~flag()) is Answer.UNSAT
        session.pop()
        assert session.ask(count() < 4) is Answer.SAT

    def test_integers_may_come_late_under_other_names(self) -> None:
        """What is renamed counts as what is said."""
        x, y = variable("x", INT), variable("y", INT)
        session = Session()
        session.add(Symbol("flag", (), BOOL)())
        assert session.ask() is Answer.SAT
        session.add_renamed([(x > 3) & (x < 4)], {x: y})

        assert session.ask() is Answer.UNSAT

    def test_quantifiers_may_come_late(self) -> None:
        """A formula of all elements is understood after one without a quantifier."""
        known, some = Symbol("known", (P,), BOOL), Symbol("some", (), P)
        session = Session()
        session.add(~known(some()))
        assert session.ask() is Answer.SAT

        x = variable("x", P)
        assert session.ask(forall(x, known(x))) is Answer.UNSAT

    @pytest.mark.parametrize("quantified", [False, True])
    def test_an_enumeration_has_no_other_members(self, quantified: bool) -> None:
        """Neither a variable nor the value of a function can be anything else."""
        paint, colour = Symbol("paint", (COLOUR,), COLOUR), variable("colour", COLOUR)
        session = Session(lowering=Z3Lowering(quantified=quantified))
        painted = [eq(paint(colour), literal(m, COLOUR)) for m in COLOUR.members]

        assert session.ask(neg(disj(*painted))) is Answer.UNSAT
        assert all(session.ask(p) is Answer.SAT for p in painted)
        assert session.value(paint(colour)) == "blue"

    def test_one_name_at_two_sorts_is_two_variables(self) -> None:
        """Though a member of an enumeration and a word of two bits are both words."""
        colour, word = variable("x", COLOUR), variable("x", BitVec(2))
        session = Session()

        assert session.ask(eq(colour, literal("blue", COLOUR)), eq(word, 1)) is Answer.SAT


class TestScopes:
    """What was said in a scope is forgotten with it, whether or not anything was asked there."""

    @pytest.mark.parametrize("asked", [False, True])
    def test_a_closed_scope_leaves_nothing(self, asked: bool) -> None:
        """Neither in a solver that was told, nor in one that was not."""
        flag = Symbol("flag", (), BOOL)
        session = Session()
        session.push()
        session.add(~flag())
        if asked:
            assert session.ask(flag()) is Answer.UNSAT
        session.pop()

        assert session.ask(flag()) is Answer.SAT
