"""Ground instances only weaken: what holds of the formulas can be made to hold of the instances."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from oracles.effort import examples
from oracles.plans import (
    SYMBOLS,
    VARIABLES,
    Plan,
    build,
    environments,
    plans,
    states,
    values_of,
)
from staleproof.engine.solve import Answer, Session
from staleproof.lang.evaluate import Interpretation, evaluate
from staleproof.lang.sorts import BOOL, INT, BitVec, Enum, Unbounded, Value
from staleproof.lang.substitute import substitute
from staleproof.lang.terms import (
    Quantified,
    Symbol,
    Term,
    Var,
    eq,
    exists,
    forall,
    implies,
    ite,
    literal,
    neg,
    postorder,
    u_lt,
    variable,
)
from staleproof.logic.instantiate import Grounding, Schema, ground
from staleproof.logic.scope import Scope, Scoper

P = Unbounded("P")
COLOUR = Enum("Colour", ("red", "green", "blue"))
B3 = BitVec(3)
R = Symbol("R", (P,), BOOL)
edge = Symbol("edge", (P, P), BOOL)
a, b, p, q = (variable(name, P) for name in ("a", "b", "p", "q"))


class TestGrounding:
    """Grounding is sound in every interpretation and complete where it should be."""

    @examples(120)
    @given(
        st.lists(plans(depth=4), min_size=1, max_size=3), st.lists(plans(), max_size=2), st.data()
    )
    def test_grounding_only_weakens(
        self, formulas: list[Plan], schemas: list[Plan], data: st.DataObject
    ) -> None:
        """In a state that satisfies all formulas, new names can be chosen so that every ground fact
        holds.
        """
        state = data.draw(states(largest=2))
        environment = data.draw(environments(state))
        known = [true_one(build(f), state, environment) for f in formulas]
        general = [for_all(build(s), state, environment) for s in schemas]
        facts = ground(known, general)

        assert not any(isinstance(node, Quantified) for node in postorder(*facts))
        assert Answer.SAT is in_state(facts, state, environment)

    @examples(100)
    @given(plans(sorts=(BOOL, COLOUR, B3), symbols=()))
    def test_what_has_no_unbounded_sort_is_decided(self, plan: Plan) -> None:
        """A formula without unbounded sorts whose quantifiers are over enumerations and Booleans is
        refuted when it is false.
        """
        term = closed(build(plan))
        over_words = any(
            isinstance(n, Quantified) and isinstance(n.var.sort, BitVec) for n in postorder(term)
        )
        nothing = Interpretation({}, {})
        if over_words or evaluate(term, nothing, {}):
            return
        facts = ground([term])
        session = Session()
        session.add(*facts)

        assert Answer.UNSAT is session.ask()

    def test_a_nested_existential_depends_on_the_universal(self) -> None:
        """For all p there is a q: each p has a witness of its own."""
        everyone_points = forall(p, exists(q, edge(p, q)))
        nobody_shared = forall(q, exists(p, neg(edge(p, q))))

        assert Answer.SAT is refute(everyone_points, nobody_shared)
        assert Answer.UNSAT is refute(everyone_points, forall(q, neg(edge(a, q))))

    def test_polarity_is_followed(self) -> None:
        """A universal that is denied has a witness, one that is asserted has instances."""
        every = forall(p, R(p))
        for negated in (neg(every), implies(every, neg(every)), eq(every, literal(False, BOOL))):
            assert Answer.SAT is refute(negated)
            assert Answer.UNSAT is refute(negated, forall(q, R(q)))
        assert Answer.UNSAT is refute(every, exists(p, neg(R(p))))
        assert Answer.UNSAT is refute(eq(every, R(a)), R(a), neg(R(b)))
        assert Answer.SAT is refute(eq(every, R(a)), neg(R(a)), R(b))
        assert Answer.UNSAT is refute(ite(every, R(a), neg(R(a))), R(a), neg(R(b)))

    def test_quantifiers_inside_of_terms_are_named(self) -> None:
        """A quantified formula may be a condition or an argument below any operator."""
        n = Symbol("n", (), B3)
        truth = Symbol("truth", (BOOL,), BOOL)
        every = forall(p, R(p))
        chosen = eq(ite(every, n(), n() + 1), 3)

        assert Answer.UNSAT is refute(chosen, neg(R(a)), eq(n(), 3))
        assert Answer.SAT is refute(chosen, R(a), eq(n(), 3))
        assert Answer.UNSAT is refute(truth(every), neg(truth(literal(False, BOOL))), neg(R(a)))

    def test_bounds_of_quantifiers_count(self) -> None:
        """An instance at or above the bound says nothing."""
        table = Symbol("table", (B3,), BOOL)
        i, n = variable("i", B3), variable("n", B3)
        below = forall(i, table(i), n)

        assert Answer.UNSAT is refute(below, u_lt(a3, n), neg(table(a3)))
        assert Answer.SAT is refute(below, neg(table(a3)))
        assert Answer.UNSAT is refute(exists(i, table(i), n), eq(n, 0))

    def test_schemas_hold_only_where_they_are_switched_on(self) -> None:
        """A schema says nothing unless its condition is assumed."""
        on = variable("on", BOOL)
        facts = ground([neg(R(a))], [Schema((p,), R(p), on)])
        session = Session()
        session.add(*facts)

        assert Answer.SAT is session.ask()
        assert Answer.UNSAT is session.ask(on)

    def test_consequences_are_told_once(self) -> None:
        """What is learned later adds to what was told before, and to the instances of it."""
        grounding = Grounding()
        grounding.assume(forall(p, R(p)))
        session = Session()
        session.add(*grounding.consequences())
        grounding.assume(neg(R(a)))
        later = grounding.consequences()
        session.add(*later)

        assert neg(R(a)) in later
        assert Answer.UNSAT is session.ask()
        assert grounding.consequences() == []


a3 = variable("a", B3)


def refute(*formulas: Term) -> Answer:
    """What z3 says of the ground instances of the formulas."""
    facts = ground(formulas)
    session = Session()
    session.add(*facts)
    return session.ask()


def closed(term: Term) -> Term:
    """The term with its free variables replaced by the smallest values."""
    values = {v: literal(values_of(v.sort, {})[0], v.sort) for v in term.free}
    return substitute(term, values, {})


def true_one(term: Term, state: Interpretation, environment: Mapping[Var, Value]) -> Term:
    """The formula or its negation, whichever is true here."""
    return term if evaluate(term, state, environment) else neg(term)


def for_all(term: Term, state: Interpretation, environment: Mapping[Var, Value]) -> Schema:
    """A schema that holds here: over two variables, on where the formula holds for all of them."""
    params = tuple(sorted(term.free, key=lambda v: (v.name, v.sort.name)))[:2]
    domains = [values_of(v.sort, state.universes) for v in params]
    endless = INT in {v.sort for v in params}
    holds = not endless and all(
        evaluate(term, state, {**environment, **dict(zip(params, point, strict=True))})
        for point in product(*domains)
    )
    return Schema(params, term, literal(holds, BOOL))


def in_state(facts: list[Term], state: Interpretation, environment: Mapping[Var, Value]) -> Answer:
    """Whether the facts can hold in the state, for some choice of the names that they add."""
    scoper = Scoper(Scope(state.universes))
    scoped = [scoper(f) for f in [*facts, *given_by(state, environment)]]
    session = Session()
    session.add(*scoper.side, *scoped)
    return session.ask()


def given_by(state: Interpretation, environment: Mapping[Var, Value]) -> Iterator[Term]:
    """The state and environment as formulas over the elements by number."""
    for var in VARIABLES:
        yield eq(var, literal(environment[var], var.sort))
    for symbol in SYMBOLS:
        for point in product(*(values_of(s, state.universes) for s in symbol.domain)):
            arguments = [literal(v, s) for v, s in zip(point, symbol.domain, strict=True)]
            value = state.value(symbol, *point)
            yield eq(symbol(*arguments), literal(value, symbol.range))
