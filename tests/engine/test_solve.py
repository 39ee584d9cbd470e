"""A conversation with the solver: what is said when, and about what, changes no answer."""

from __future__ import annotations

import pytest

from staleproof.engine.solve import Answer, Session
from staleproof.lang.sorts import BOOL, INT, BitVec, Enum, Unbounded
from staleproof.lang.terms import Symbol, disj, eq, forall, ite, literal, neg, variable
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

    def test_integers_may_be_literals_alone(self) -> None:
        """Two numbers, each 1 or 2, do not come to less than 2, nor to 5."""
        one, two = literal(1, INT), literal(2, INT)
        total = ite(Symbol("f", (), BOOL)(), one, two) + ite(Symbol("g", (), BOOL)(), one, two)
        session = Session()

        assert session.ask(total < two) is Answer.UNSAT
        assert session.ask(eq(total, literal(5, INT))) is Answer.UNSAT
        assert session.ask(eq(total, literal(4, INT))) is Answer.SAT

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

    def test_what_would_have_one_name_is_told_apart(self) -> None:
        """A name may look like the one that is made of another and its enumeration, or like that of
        a variable, or of an element.
        """
        two = BitVec(2)
        paint, word = Symbol("x", (), COLOUR), Symbol("x:Colour", (), two)
        variable_, marked = variable("y", two), Symbol("?y", (), two)
        element, first = literal(0, P), Symbol("P!0", (), P)
        session = Session()

        assert session.ask(eq(paint(), literal("blue", COLOUR)), eq(word(), 1)) is Answer.SAT
        assert session.ask(eq(variable_, 1), eq(marked(), 2)) is Answer.SAT
        assert session.ask(neg(eq(element, first()))) is Answer.SAT
        assert session.value(paint()) is not None


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
