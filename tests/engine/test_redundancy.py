"""What is not asked because it is known already."""

from __future__ import annotations

from staleproof.engine.redundancy import independent, without_weaker_bounds, worth_asking
from staleproof.lang.sorts import BOOL, BitVec, Unbounded
from staleproof.lang.system import Property
from staleproof.lang.terms import (
    Symbol,
    Term,
    Var,
    eq,
    implies,
    neg,
    s_le,
    u_le,
    u_lt,
    variable,
    word,
)

B8 = BitVec(8)
THING = Unbounded("Thing")
a, b, c = (Symbol(name, (), B8) for name in "abc")
fixed = Symbol("fixed", (), B8, mutable=False)
flag = Symbol("flag", (), BOOL)
p, q = Symbol("p", (), THING), Symbol("q", (), THING, mutable=False)
field = Symbol("field", (THING,), B8)
table = Symbol("table", (B8,), BOOL)
i = variable("i", B8)


def at_head(formula: Term, *params: Var) -> Property:
    """A lemma at the loop head."""
    return Property(str(formula), formula, params, at=frozenset({"head"}))


def rest(candidate: Term, *known: Term) -> list[Term]:
    """What is left to ask of one candidate."""
    left = worth_asking([at_head(candidate)], [at_head(k) for k in known])
    return [found.formula for found in left]


def test_what_is_known_is_not_asked() -> None:
    """Nor is its negation, nor what an implication says where its premise is known false."""
    assert rest(eq(a(), b()), eq(a(), b())) == []
    assert rest(flag(), neg(flag())) == []
    assert rest(implies(flag(), u_lt(a(), b())), neg(flag())) == []


def test_a_candidate_is_reduced_to_what_is_new() -> None:
    """The conclusion alone, where the premise is known."""
    assert rest(implies(flag(), u_lt(a(), b())), flag()) == [u_lt(a(), b())]


def test_equal_terms_are_one() -> None:
    """A literal stands for a word, and what never changes for what does; also within fields."""
    assert rest(u_le(a(), 7), eq(a(), 3)) == []
    assert rest(u_le(b(), a()), eq(a(), fixed())) == [u_le(b(), fixed())]
    assert rest(eq(field(p()), 0), eq(p(), q()), eq(field(q()), 0)) == []


def test_two_orders_are_an_equality() -> None:
    """What is below and not below is equal."""
    assert rest(u_le(c(), a()), u_le(a(), fixed()), u_le(fixed(), a())) == [u_le(c(), fixed())]


def test_signed_order_of_positive_words_is_the_unsigned_one() -> None:
    """So it is not asked when that one is known."""
    positive = (s_le(word(0, 8), a()), s_le(word(0, 8), b()))
    assert rest(s_le(a(), b()), *positive, u_le(a(), b())) == []
    assert rest(s_le(a(), b()), *positive) == [u_le(a(), b())]
    assert rest(s_le(a(), b()), u_le(a(), b())) == [s_le(a(), b())]


def test_known_elements_are_known_in_parts() -> None:
    """Of a lemma about each element, every statement that has it as a part."""
    known = at_head(table(i), i)
    candidate = at_head(implies(u_lt(i, a()), table(i)), i)
    assert worth_asking([candidate], [known]) == []


def test_lemmas_of_other_locations_count_for_nothing() -> None:
    """What holds at one place need not hold at another."""
    elsewhere = Property("elsewhere", flag(), at=frozenset({"other"}))
    assert worth_asking([at_head(flag())], [elsewhere]) != []


def test_a_candidate_is_asked_once() -> None:
    """Two that are the same once all that is known is used are one."""
    candidates = [at_head(u_le(a(), c())), at_head(u_le(b(), c()))]
    assert len(worth_asking(candidates, [at_head(eq(a(), b()))])) == 1


def test_only_the_tightest_bounds_are_kept() -> None:
    """From above and from below; of each word."""
    bounds = [
        u_le(a(), 9),
        u_le(a(), 3),
        u_le(b(), 9),
        s_le(word(1, 8), a()),
        s_le(word(2, 8), a()),
    ]
    kept = without_weaker_bounds([at_head(bound) for bound in bounds])
    assert [q.formula for q in kept] == [bounds[1], bounds[2], bounds[4]]


def test_lemmas_that_follow_from_others_are_left_out() -> None:
    """By rewriting: the first says more."""
    strong, weak = at_head(neg(flag())), at_head(implies(flag(), u_lt(a(), b())))
    assert independent([strong, weak]) == [strong]
