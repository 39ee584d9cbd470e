"""Quantifiers that are left to the solver say what their instances say."""

from __future__ import annotations

from staleproof.engine.solve import Answer, Session
from staleproof.lang.sorts import BOOL, BitVec, Unbounded
from staleproof.lang.terms import Symbol, Term, literal, neg, variable
from staleproof.logic.instantiate import Schema
from staleproof.logic.quantified import Quantified, spoken

P = Unbounded("Page")
CLEAN = Symbol("clean", (P,), BOOL)
WORD = BitVec(2)
EVEN = Symbol("even", (WORD,), BOOL)


def answer(*formulas: Term) -> Answer:
    """Whether the formulas can hold together."""
    session = Session()
    session.add(*formulas)
    return session.ask()


def test_a_schema_holds_for_every_element() -> None:
    """All pages are clean, so none is not."""
    p, q = variable("p", P), variable("q", P)
    said = spoken([neg(CLEAN(q))], [Schema((p,), CLEAN(p))], relational=True)

    assert answer(*said) is Answer.UNSAT


def test_a_schema_holds_for_every_word_and_the_greatest() -> None:
    """A quantifier over words has a bound; what it leaves out is said beside it."""
    x = variable("x", WORD)
    for value in range(4):
        said = spoken([neg(EVEN(literal(value, WORD)))], [Schema((x,), EVEN(x))], relational=True)

        assert answer(*said) is Answer.UNSAT


def test_a_fork_keeps_what_it_is_told_to_itself() -> None:
    """What is added to a fork is not known to the conversation that it came from."""
    p = variable("p", P)
    known = Quantified()
    known.assume(CLEAN(p))
    other = known.fork()
    other.assume(neg(CLEAN(p)))

    assert known.consequences() == [CLEAN(p)]
    assert other.consequences() == [CLEAN(p), neg(CLEAN(p))]
    assert known.consequences() == []
