"""z3 and the evaluator agree on what every term means."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations, product
from random import Random

import pytest
import z3
from hypothesis import given
from hypothesis import strategies as st

from oracles.effort import FACTOR, examples
from oracles.plans import (
    SEEDS,
    SORTS,
    SYMBOLS,
    build,
    environments,
    meaning,
    plans,
    states,
    values_of,
)
from staleproof.engine.solve import Answer, Session
from staleproof.lang.evaluate import Interpretation
from staleproof.lang.operators import OPERATORS
from staleproof.lang.sorts import BOOL, INT, BitVec, Enum, Sort, Unbounded, Value
from staleproof.lang.terms import (
    Symbol,
    Term,
    Var,
    disj,
    eq,
    forall,
    literal,
    neg,
    operation,
    variable,
)
from staleproof.logic.z3_lowering import Z3Lowering

COLOUR = Enum("Colour", ("red", "green", "blue"))
INDICES = {"zero_extend": (2,), "sign_extend": (2,), "extract": (1, 0)}
NARROW: tuple[Sort, ...] = (BOOL, INT, COLOUR, BitVec(1), BitVec(2), BitVec(3))
WIDE = (BitVec(8), BitVec(32), BitVec(64))


def operand_sorts(name: str, sorts: Sequence[Sort]) -> Iterator[tuple[Sort, ...]]:
    """All sorts of up to three operands that the row takes."""
    row = OPERATORS[name]
    for count in (1, 2, 3):
        for operands in product(sorts, repeat=count):
            if row.type_rule(operands, INDICES.get(name, ())) is not None:
                yield operands


def corners(width: int) -> list[int]:
    """Words around zero, the largest and the sign, and the widths of shifts."""
    top = 1 << width
    numbers = (0, 1, 2, width - 1, width, width + 1, top // 2 - 1, top // 2, top - 2, top - 1)
    return sorted({n % top for n in numbers})


class TestOperators:
    """Each row's meaning on plain values is its meaning in z3."""

    @pytest.mark.parametrize("name", OPERATORS)
    def test_all_small_values_agree(self, name: str) -> None:
        """On every value of the small sorts, and a few integers."""
        for sorts in operand_sorts(name, NARROW):
            domains = [values_of(s, {}) for s in sorts]
            agree(name, sorts, list(product(*domains)))

    @pytest.mark.parametrize("name", OPERATORS)
    def test_corners_of_wide_words_agree(self, name: str) -> None:
        """On the corners of words of up to 64 bits, and on random ones."""
        chance = Random(name)
        for sorts in operand_sorts(name, WIDE):
            widths = [s.width for s in sorts if isinstance(s, BitVec)]
            if len(set(widths)) > 1 and FACTOR == 1 and chance.random() < 0.7:
                continue
            points = list(product(*map(corners, widths)))
            points = chance.sample(points, min(len(points), 40))
            points += [tuple(map(chance.getrandbits, widths)) for _ in range(10)]
            agree(name, sorts, points)


def agree(name: str, sorts: Sequence[Sort], points: Sequence[tuple[Value, ...]]) -> None:
    """Fail unless z3 simplifies the operator at each point to the value in the table."""
    lower = Z3Lowering()
    variables = [variable(f"v{i}", s) for i, s in enumerate(sorts)]
    indices = INDICES.get(name, ())
    term = lower(operation(name, *variables, indices=indices))
    result = OPERATORS[name].type_rule(sorts, indices)
    assert result is not None
    for point in points:
        values = [lower(literal(v, s)) for v, s in zip(point, sorts, strict=True)]
        pairs = list(zip(map(lower, variables), values, strict=True))
        found = lower.plain(z3.simplify(z3.substitute(term, *pairs)), result)

        assert OPERATORS[name].meaning(point, sorts, indices) == found, (name, sorts, point)


class TestTerms:
    """Whole terms, with symbols and quantifiers, have one meaning."""

    @examples(120)
    @given(st.sampled_from([s for s in SORTS if not isinstance(s, Unbounded)]), st.data())
    def test_z3_finds_the_value_that_the_evaluator_finds(
        self, sort: Sort, data: st.DataObject
    ) -> None:
        """In a given state z3 can prove the value and refute every other."""
        plan = data.draw(plans(sort))
        state = data.draw(states(largest=2))
        environment = data.draw(environments(state))
        term = build(plan)
        value = literal(meaning(plan, state, environment), sort)
        session = Session()
        session.add(*facts_of(state, environment))

        assert Answer.UNSAT is session.ask(neg(eq(term, value)))
        assert Answer.SAT is session.ask(eq(term, value))

    def test_a_variable_is_not_a_symbol_of_its_name(self) -> None:
        """A variable and a nullary symbol may share name and sort, and remain two things."""
        symbol, var = Symbol("x", (), BitVec(2)), variable("x", BitVec(2))
        session = Session()
        session.add(eq(symbol(), 1))

        assert Answer.SAT is session.ask(eq(var, 2))
        assert session.value(var) == 2
        assert session.value(symbol()) == 1

    @examples(30)
    @given(SEEDS)
    def test_models_come_back_as_the_values_asked_for(self, seed: int) -> None:
        """What is asserted equal to a literal is decoded as that literal's value."""
        chance = Random(seed)
        session = Session()
        finite = [s for s in SORTS if not isinstance(s, Unbounded)]
        wanted = {variable("v", s): chance.choice(values_of(s, {})) for s in finite}
        session.add(*(eq(v, literal(value, v.sort)) for v, value in wanted.items()))
        session.ask()

        assert wanted == {v: session.value(v) for v in wanted}


def facts_of(state: Interpretation, environment: Mapping[Var, Value]) -> Iterator[Term]:
    """The state and environment as formulas; unbounded sorts are closed over named elements."""
    for sort, size in state.universes.items():
        elements = [named(i, sort) for i in range(size)]
        yield from (neg(eq(a, b)) for a, b in combinations(elements, 2))
        anything = variable("anything", sort)
        yield forall(anything, disj(*(eq(anything, e) for e in elements)))
    for var, value in environment.items():
        yield eq(var, named(value, var.sort))
    for symbol in SYMBOLS:
        for point in product(*(values_of(s, state.universes) for s in symbol.domain)):
            arguments = [named(v, s) for v, s in zip(point, symbol.domain, strict=True)]
            yield eq(symbol(*arguments), named(state.value(symbol, *point), symbol.range))


def named(value: Value, sort: Sort) -> Term:
    """A plain value as a term; an element of an unbounded sort as a variable of its own."""
    if isinstance(sort, Unbounded):
        return variable(f"element {value}", sort)
    return literal(value, sort)
