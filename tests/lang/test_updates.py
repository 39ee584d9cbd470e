"""Updates are functional: what they write changes, everything else stays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oracles.effort import examples
from oracles.plans import SYMBOLS, build, environments, plans, states, values_of
from staleproof.errors import SortError
from staleproof.lang.evaluate import Interpretation, evaluate
from staleproof.lang.sorts import BOOL, Unbounded, Value
from staleproof.lang.substitute import Update, assign, formals_of, override
from staleproof.lang.terms import TRUE, Symbol, Term, Var, ite, variable

P = Unbounded("P")
R = Symbol("R", (P,), BOOL)
p, q = variable("p", P), variable("q", P)

Write = tuple[tuple[Term, ...], Term]


@st.composite
def writes(draw: st.DrawFn, symbol: Symbol) -> Write:
    """A point of the symbol and a value for it, as terms over the old state."""
    point = tuple(build(draw(plans(s, 2))) for s in symbol.domain)
    return point, build(draw(plans(symbol.range, 2)))


class TestAssignments:
    """One assignment, and several that happen together."""

    @examples(150)
    @given(st.data())
    def test_the_last_of_several_assignments_to_a_point_wins(self, data: st.DataObject) -> None:
        """Assignments together do what they do one after another, all reading the old state."""
        symbol = data.draw(st.sampled_from(SYMBOLS))
        several = data.draw(st.lists(writes(symbol), min_size=1, max_size=4))
        state = data.draw(states())
        environment = data.draw(environments(state))
        update = assign(symbol, *several[0])
        for write in several[1:]:
            update = override(update, assign(symbol, *write))
        after = state.after((update,), environment)

        expected = written(symbol, several, state, environment)
        assert expected == {point: after.value(symbol, *point) for point in expected}

    @examples(50)
    @given(st.data())
    def test_a_whole_function_wins_everywhere(self, data: st.DataObject) -> None:
        """An update that does not say where it writes writes everywhere."""
        symbol = data.draw(st.sampled_from(SYMBOLS))
        first = assign(symbol, *data.draw(writes(symbol)))
        formals = formals_of(symbol)
        whole = Update(symbol, formals, build(data.draw(plans(symbol.range, 2, formals))))
        state = data.draw(states())
        environment = data.draw(environments(state))
        after = state.after((whole,), environment)
        both = state.after((override(first, whole),), environment)

        for point in values_at(symbol, state):
            assert after.value(symbol, *point) == both.value(symbol, *point)

    def test_both_of_two_writes_to_a_relation_happen(self) -> None:
        """A write of True, which is simplified to a disjunction, is still a write."""
        both = override(assign(R, (p,), True), assign(R, (q,), True))

        assert TRUE is both.at((p,))
        assert TRUE is both.at((q,))

    def test_writing_the_old_value_is_a_write(self) -> None:
        """The second of two assignments wins even if what it writes is the old value."""
        n = Symbol("n", (), BOOL)
        update = override(assign(n, (), True), assign(n, (), n()))

        assert update.value is n()

    def test_a_conditional_write_keeps_the_rest(self) -> None:
        """A value that is conditional in itself is written as a whole."""
        flag = Symbol("flag", (), BOOL)
        update = override(assign(R, (p,), True), assign(R, (p,), ite(flag(), R(q), R(p))))

        assert ite(flag(), R(q), R(p)) is update.at((p,))

    def test_arguments_are_counted(self) -> None:
        """A write needs one argument per place of the symbol."""
        with pytest.raises(SortError):
            assign(R, (), True)


def values_at(symbol: Symbol, state: Interpretation) -> list[tuple[Value, ...]]:
    """Every point of the symbol."""
    points: list[tuple[Value, ...]] = [()]
    for sort in symbol.domain:
        points = [(*point, v) for point in points for v in values_of(sort, state.universes)]
    return points


def written(
    symbol: Symbol,
    several: Sequence[Write],
    state: Interpretation,
    environment: Mapping[Var, Value],
) -> dict[tuple[Value, ...], Value]:
    """The symbol's table after the writes, made by writing into a dictionary."""
    table = {point: state.value(symbol, *point) for point in values_at(symbol, state)}
    for point, value in several:
        key = tuple(evaluate(t, state, environment) for t in point)
        table[key] = evaluate(value, state, environment)
    return table
