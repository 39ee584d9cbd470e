"""Terms mean what the operator table says, however they are simplified, replaced or stored."""

from __future__ import annotations

import copy
import os
import pickle
import subprocess
import sys
from collections.abc import Callable, Mapping
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oracles.effort import examples
from oracles.plans import (
    B2,
    B3,
    SORTS,
    SYMBOLS,
    VARIABLES,
    P,
    Plan,
    build,
    environments,
    meaning,
    plans,
    states,
    values_of,
)
from staleproof.errors import ModelError, SignError, SortError
from staleproof.lang.evaluate import Interpretation, Table, evaluate
from staleproof.lang.sorts import BOOL, INT, Value
from staleproof.lang.substitute import Update, formals_of, instance_of, substitute
from staleproof.lang.terms import (
    FALSE,
    TRUE,
    Quantified,
    Symbol,
    Term,
    Var,
    concat,
    conj,
    eq,
    exists,
    extract,
    forall,
    implies,
    ite,
    literal,
    operation,
    postorder,
    show,
    sign_extend,
    u_lt,
    variable,
    zero_extend,
)

ANY_SORT = st.sampled_from(SORTS)
R = Symbol("R", (P,), BOOL)
p, q = variable("p", P), variable("q", P)
x, y = variable("x", B3), variable("y", B3)


class TestMeaning:
    """Building a term simplifies it and never changes what it means."""

    @examples(500)
    @given(st.data())
    def test_simplified_terms_mean_what_was_written(self, data: st.DataObject) -> None:
        """A built term has the value that the table gives to the plan, node by node."""
        plan = data.draw(ANY_SORT.flatmap(plans))
        state = data.draw(states())
        environment = data.draw(environments(state))

        assert meaning(plan, state, environment) == evaluate(build(plan), state, environment)

    @examples(100)
    @given(plans(), st.data())
    def test_only_free_variables_matter(self, plan: Plan, data: st.DataObject) -> None:
        """A term can be evaluated with values for its free variables alone."""
        term, state = build(plan), data.draw(states())
        environment = data.draw(environments(state))
        needed = {v: environment[v] for v in term.free}

        assert evaluate(term, state, environment) == evaluate(term, state, needed)

    @examples(100)
    @given(ANY_SORT.flatmap(plans))
    def test_equal_terms_are_one_object(self, plan: Plan) -> None:
        """Built twice, or pickled and read back, a term is the same object."""
        term = build(plan)

        assert term is build(plan)
        assert term is pickle.loads(pickle.dumps(term))
        assert term is copy.deepcopy(term)

    def test_large_terms_can_be_pickled(self) -> None:
        """The depth of a term is no obstacle to sending it to another process."""
        term: Term = x
        for number in range(5000):
            term = ite(R(p), term + (number % 7), term)

        assert term is pickle.loads(pickle.dumps(term))


class TestDigests:
    """A digest is the content and nothing else."""

    @examples(30)
    @given(st.lists(plans(), min_size=2, max_size=12))
    def test_different_terms_have_different_digests(self, several: list[Plan]) -> None:
        """Two terms have one digest only when they are one."""
        terms = {build(plan) for plan in several}

        assert len(terms) == len({t.digest for t in terms})

    def test_digests_do_not_depend_on_the_process(self) -> None:
        """Other processes with other hash seeds compute the same digests."""
        program = "from lang.test_terms import sample_digests; print(sample_digests())"
        path = os.pathsep.join(sys.path)
        outputs = {
            subprocess.run(
                [sys.executable, "-c", program],
                env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": path},
                capture_output=True,
                text=True,
                check=True,
            ).stdout.strip()
            for seed in ("1", "77")
        }

        assert {sample_digests()} == outputs


class TestParts:
    """Bits that are taken of a word are those of its parts, where it has parts."""

    def test_of_two_words_one(self) -> None:
        """Bits of one of two words are taken of that one."""
        both = concat(x, y)

        assert extract(2, 0, both) is y
        assert extract(5, 3, both) is x
        assert extract(4, 4, both) is extract(1, 1, x)
        assert extract(3, 2, both).children == (both,)

    def test_of_a_wider_word_the_narrow_one(self) -> None:
        """How a word was widened makes no difference to its own bits."""
        for wide in (zero_extend(x, 8), sign_extend(x, 8)):
            assert extract(2, 0, wide) is x
            assert extract(1, 1, wide) is extract(1, 1, x)
            assert extract(3, 0, wide).children == (wide,)

    def test_of_a_part(self) -> None:
        """A part of a part is a part of the whole, and neighbours are one."""
        wide = zero_extend(x, 8) + zero_extend(y, 8)

        assert extract(1, 1, extract(6, 3, wide)) is extract(4, 4, wide)
        assert concat(extract(6, 4, wide), extract(3, 1, wide)) is extract(6, 1, wide)
        assert len(concat(extract(6, 4, wide), extract(2, 1, wide)).children) == 2


def sample_digests() -> str:
    """The digests of a few terms of every kind, in hexadecimal."""
    i = variable("i", B3)
    terms = (
        forall(i, exists(p, R(p) & u_lt(i, x)), x + 1),
        ite(R(p), literal(2, INT), literal(-2, INT)),
        operation("extract", x, indices=(1, 0)),
        conj(R(p), R(q), ~R(p) | R(q)),
    )
    return " ".join(t.digest.hex() for t in terms)


class TestSubstitution:
    """Substituting and then evaluating is evaluating in the state substituted for."""

    @examples(400)
    @given(st.data())
    def test_substitution_commutes_with_evaluation(self, data: st.DataObject) -> None:
        """Variables and symbols are replaced at once, and nothing is captured."""
        term = build(data.draw(plans()))
        state = data.draw(states())
        environment = data.draw(environments(state))
        bound = [n.var for n in postorder(term) if isinstance(n, Quantified)]
        names = st.sampled_from([*dict.fromkeys(bound), *VARIABLES])
        replaced = data.draw(st.lists(names, max_size=3, unique=True))
        variables = {v: build(data.draw(plans(v.sort, 2))) for v in replaced}
        changed = data.draw(st.lists(st.sampled_from(SYMBOLS), max_size=3, unique=True))
        updates = {s: data.draw(updates_of(s)) for s in changed}

        later = {v: evaluate(t, state, environment) for v, t in variables.items()}
        after = in_full(updates, state, environment)
        expected = evaluate(term, after, {**environment, **later})
        assert expected == evaluate(substitute(term, variables, updates), state, environment)

    def test_a_bound_variable_is_not_replaced(self) -> None:
        """A quantifier's own variable is another than the free one of its name."""
        edge = Symbol("edge", (P, P), BOOL)
        term = edge(p, q) & forall(p, edge(p, q))
        there = Symbol("there", (), P)

        assert show(substitute(term, {p: there()}, {})) == "edge(there, q) & (forall p. edge(p, q))"

    def test_a_bound_variable_captures_nothing(self) -> None:
        """A replacement keeps its variables when it moves under a quantifier of that name."""
        edge = Symbol("edge", (P, P), BOOL)
        term = forall(p, edge(p, q))

        assert show(substitute(term, {q: p}, {})) == "(forall p'. edge(p', p))"

    @examples(100)
    @given(st.data())
    def test_an_instance_is_the_body_with_the_value(self, data: st.DataObject) -> None:
        """However often it is asked for, it is what substituting gives."""
        term = build(data.draw(plans()))
        for node in [n for n in postorder(term) if isinstance(n, Quantified)]:
            value = build(data.draw(plans(node.var.sort, 1)))
            expected = substitute(node.body, {node.var: value}, {})

            assert instance_of(node, value) is expected
            assert instance_of(node, value) is expected


@st.composite
def updates_of(draw: st.DrawFn, symbol: Symbol) -> Update:
    """A random new function for the symbol, over the old state and the free variables."""
    formals = formals_of(symbol)
    return Update(symbol, formals, build(draw(plans(symbol.range, 3, (*VARIABLES, *formals)))))


def in_full(
    updates: Mapping[Symbol, Update], state: Interpretation, environment: Mapping[Var, Value]
) -> Interpretation:
    """The state after the updates, every function as a full table."""
    functions = dict(state.functions)
    for symbol, update in updates.items():
        points = product(*(values_of(s, state.universes) for s in symbol.domain))
        entries = {
            point: evaluate(
                update.value,
                state,
                {**environment, **dict(zip(update.formals, point, strict=True))},
            )
            for point in points
        }
        functions[symbol] = Table(entries, entries[min(entries)] if () in entries else 0)
    return Interpretation(functions, state.universes)


COMPARISONS: dict[str, Callable[[], Term]] = {
    "less": lambda: x < 3,
    "less or equal": lambda: x <= 3,
    "greater": lambda: x > 3,
    "greater or equal": lambda: x >= 3,
}
MISFITS: dict[str, Callable[[], Term]] = {
    "argument": lambda: R(x),
    "no argument": lambda: R(),
    "operand": lambda: R(p) & x,
    "unordered sort": lambda: x + p,
    "width": lambda: eq(x, variable("y", B2)),
    "literal": lambda: literal(9, B3),
    "coerced literal": lambda: x == 9,
    "word with integer": lambda: literal(1, INT) < x,
    "bit outside": lambda: operation("extract", x, indices=(3, 0)),
    "body": lambda: forall(p, x),
    "bound": lambda: forall(p, TRUE, x),
    "condition": lambda: ite(x, x, x),
    "operand count": lambda: operation("concat", x),
}


class TestMistakes:
    """What cannot be meant is an error where it is written."""

    @pytest.mark.parametrize("compare", COMPARISONS.values(), ids=COMPARISONS)
    def test_comparisons_of_words_say_their_sign(self, compare: Callable[[], Term]) -> None:
        """A bare comparison of bit-vectors is refused."""
        with pytest.raises(SignError):
            compare()

    def test_python_cannot_ask_for_the_truth_of_a_term(self) -> None:
        """`and`, `or`, `not` and `if` on terms are errors, not silent choices."""
        with pytest.raises(ModelError, match="truth of a term"):
            bool(R(p) == R(q))

    @pytest.mark.parametrize("misfit", MISFITS.values(), ids=MISFITS)
    def test_sorts_do_not_mix(self, misfit: Callable[[], Term]) -> None:
        """An operator or symbol given another sort than its own raises SortError."""
        with pytest.raises(SortError):
            misfit()

    def test_endless_quantifiers_are_refused(self) -> None:
        """A quantifier over words needs a bound, and over the integers there is none."""
        for body, var, bound in (
            (u_lt(x, 3), x, None),
            (variable("n", INT) < 3, variable("n", INT), None),
            (u_lt(x, 3), x, x + 1),
        ):
            with pytest.raises(ModelError):
                forall(var, body, bound)

    def test_and_of_nothing_is_true(self) -> None:
        """An empty conjunction is true, and implies only what is true."""
        assert conj() is TRUE
        assert implies(conj(), FALSE) is FALSE
