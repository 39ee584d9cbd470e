"""A formula within a finite scope says of words what the formula says of elements."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product
from types import MappingProxyType

from hypothesis import given
from hypothesis import strategies as st

from oracles.effort import examples
from oracles.plans import SYMBOLS, Plan, build, environments, plans, states
from staleproof.lang.evaluate import Interpretation, Table, evaluate
from staleproof.lang.sorts import BOOL, BitVec, Enum, Sort, Unbounded, Value, default_value
from staleproof.lang.substitute import symbols_of
from staleproof.lang.terms import TRUE, Symbol, Term, Var, forall, u_lt, variable
from staleproof.logic.scope import Scope, Scoper

P = Unbounded("P")
B2 = BitVec(2)


def encoded(scoper: Scoper, state: Interpretation) -> Interpretation:
    """The state over the words that stand for its elements."""
    functions = {}
    for symbol in SYMBOLS:
        table = state.functions[symbol]
        assert isinstance(table, Table)
        entries = {
            tuple(word_for(scoper, v, s) for v, s in zip(point, symbol.domain, strict=True)): (
                word_for(scoper, value, symbol.range)
            )
            for point, value in table.entries.items()
        }
        functions[scoper.symbol(symbol)] = Table(entries, default_value(scoper.sort(symbol.range)))
    return Interpretation(functions, {})


def word_for(scoper: Scoper, value: Value, sort: Sort) -> Value:
    """The plain value that stands for `value`."""
    return scoper.encode(value, sort).value


def over_words(scoper: Scoper, environment: Mapping[Var, Value]) -> dict[Var, Value]:
    """The environment of the variables over words."""
    words: dict[Var, Value] = {}
    for var, value in environment.items():
        scoped = scoper(var)
        assert isinstance(scoped, Var)
        words[scoped] = word_for(scoper, value, var.sort)
    return words


class TestMeaning:
    """Within its scope a formula keeps its meaning."""

    @examples(250)
    @given(plans(), st.data())
    def test_a_scoped_formula_means_the_same(self, plan: Plan, data: st.DataObject) -> None:
        """Evaluated over words, the formula is true exactly where it was, and its side conditions
        hold of every encoded state.
        """
        state = data.draw(states())
        environment = data.draw(environments(state))
        scoper = Scoper(Scope(state.universes, longest=7))
        term = build(plan)
        scoped = scoper(term)
        words = encoded(scoper, state)
        values = over_words(scoper, environment)

        assert evaluate(term, state, environment) == evaluate(scoped, words, values)
        assert all(evaluate(side, words, values) for side in scoper.side)

    @examples(60)
    @given(plans(), st.data())
    def test_a_short_scope_excludes_states_and_changes_none(
        self, plan: Plan, data: st.DataObject
    ) -> None:
        """Where the side conditions hold, the bound on quantifiers changes nothing."""
        state = data.draw(states())
        environment = data.draw(environments(state))
        scoper = Scoper(Scope(state.universes, longest=2))
        term = build(plan)
        scoped = scoper(term)
        words = encoded(scoper, state)
        values = over_words(scoper, environment)
        if all(evaluate(side, words, values) for side in scoper.side):
            assert evaluate(term, state, environment) == evaluate(scoped, words, values)

    def test_values_come_back(self) -> None:
        """Decoding undoes encoding, at every sort."""
        colour = Enum("Colour", ("red", "green", "blue"))
        scoper = Scoper(Scope({P: 3}))
        for sort, values in ((colour, colour.members), (P, range(3)), (B2, range(4))):
            for value in values:
                assert value == scoper.decode(scoper.encode(value, sort).value, sort)


class TestSides:
    """What the rewriting assumes stands in the side conditions."""

    def test_variables_of_two_sorts_are_two_words(self) -> None:
        """One name at two sorts of one width is two variables, each with its own range."""
        scoper = Scoper(Scope({P: 3}))
        element, word = variable("x", P), variable("x", B2)
        marked = Symbol("marked", (P,), BOOL)
        term = marked(element) & u_lt(word, 2)
        scoped = scoper(term)

        assert len(scoped.free) == 2
        assert {scoper(element)} == {v for side in scoper.side for v in side.free}

    def test_a_name_that_looks_made_is_another_variable(self) -> None:
        """Also to a copy that was made in between, and whichever is seen first."""
        element, word = variable("x", P), variable("x:P", B2)
        for early, late in ((element, word), (word, element)):
            scoper = Scoper(Scope({P: 3}))
            first = scoper(early)

            assert scoper.copy()(late) is not first
            assert scoper(late) is not first

    def test_a_bound_is_assumed_to_be_within_the_scope(self) -> None:
        """A bounded quantifier says how long it may be, in words that can hold it."""
        table = Symbol("table", (B2,), BOOL)
        bound = Symbol("bound", (), B2)
        i = variable("i", B2)
        for longest, limit in ((1, 1), (2, 2), (9, 3)):
            scoper = Scoper(Scope({}, longest=longest))
            scoper(forall(i, table(i), bound()))
            allowed = [n for n in range(4) if all(holds(s, bound, n) for s in scoper.side)]

            assert list(range(limit + 1)) == allowed

    def test_a_bound_inside_a_quantifier_over_elements_is_assumed_too(self) -> None:
        """Each element may have a bound of its own; all of them are within the scope."""
        table = Symbol("table", (P, B2), BOOL)
        bound = Symbol("bound", (P,), B2)
        p, i = variable("p", P), variable("i", B2)
        scoper = Scoper(Scope({P: 2}, longest=1))
        formula = forall(p, forall(i, table(p, i), bound(p)))
        scoper(formula)

        assert scoper.assumed(formula) is not TRUE
        assert symbols_of(scoper.assumed(formula)) == {scoper.symbol(bound)}

    def test_a_copy_goes_its_own_way(self) -> None:
        """It knows what was known; what either learns later is not the other's."""
        first = Scoper(Scope({P: 3}, longest=1))
        known, later = Symbol("known", (), P), Symbol("later", (), P)
        before = first(known())
        ranges = list(first.ranges)
        second = first.copy()

        assert second(known()) is before
        second(later())
        assert list(first.ranges) == ranges
        assert len(second.ranges) == 2

    def test_elements_that_do_not_exist_are_excluded(self) -> None:
        """Three elements in words of two bits: the fourth word is excluded wherever it is read."""
        start = Symbol("start", (), P)
        scoper = Scoper(Scope({P: 3}))
        scoped = scoper(start() == variable("p", P))
        (var,) = scoped.free
        legal = [
            (first, second)
            for first, second in product(range(4), repeat=2)
            if all(
                evaluate(
                    side,
                    Interpretation({scoper.symbol(start): Table({}, first)}, {}),
                    {var: second},
                )
                for side in scoper.side
            )
        ]

        assert list(product(range(3), repeat=2)) == legal


def holds(
    term: Term, symbol: Symbol, value: int, environment: Mapping[Var, Value] = MappingProxyType({})
) -> bool:
    """Whether a formula holds where the symbol has that value."""
    return evaluate(term, Interpretation({symbol: Table({}, value)}, {}), environment) is True
