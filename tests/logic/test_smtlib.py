"""The SMT-LIB text of a question means the question, to every solver that reads it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from importlib.util import find_spec
from itertools import product
from random import Random
from typing import Any

import pytest
import z3
from hypothesis import given

from engine.models.revocation import Repaired, Revocation
from oracles.effort import examples
from oracles.plans import SEEDS, SYMBOLS, P, PlanMaker, Q, build, table, values_of
from staleproof.engine.context import skolemised
from staleproof.engine.induction import Inductive
from staleproof.engine.second import ask_text, is_available
from staleproof.engine.solve import Answer, Session
from staleproof.errors import ModelError
from staleproof.lang.evaluate import Interpretation, evaluate
from staleproof.lang.model import build as build_model
from staleproof.lang.sorts import BOOL, INT, BitVec, Enum, Sort, Unbounded, Value
from staleproof.lang.terms import Symbol, Term, Var, eq, forall, ite, literal, neg, variable
from staleproof.logic.instantiate import Schema, ground
from staleproof.logic.smtlib import to_smtlib

COLOUR = Enum("Colour", ("red", "green", "blue"))
WORDS = (BOOL, BitVec(1), BitVec(2), BitVec(3), BitVec(8), COLOUR)
EVERYTHING = (*WORDS, INT, P)


def by_z3(text: str) -> Answer:
    """What z3 says of the text."""
    solver = z3.Solver(ctx=z3.Context())
    solver.from_string(text)
    return Answer(str(solver.check()))


def by_cvc5(text: str) -> Answer:
    """What cvc5 says of the text."""
    cvc5: Any = pytest.importorskip("cvc5")
    manager = cvc5.TermManager()
    solver = cvc5.Solver(manager)
    parser = cvc5.InputParser(solver)
    parser.setStringInput(cvc5.InputLanguage.SMT_LIB_2_6, text, "question")
    symbols = parser.getSymbolManager()
    answer = ""
    while not (command := parser.nextCommand()).isNull():
        answer += command.invoke(solver, symbols)
    return Answer(answer.strip())


READERS: dict[str, tuple[Callable[[str], Answer], tuple[Sort, ...], bool]] = {
    "z3": (by_z3, EVERYTHING, False),
    "z3, words": (by_z3, EVERYTHING, True),
    "bitwuzla, words": (ask_text, (*WORDS, P), True),
    "cvc5": (by_cvc5, EVERYTHING, False),
}
INSTALLED = {
    name: r for name, r in READERS.items() if find_spec(name.partition(",")[0]) is not None
}


def symbols_over(sorts: tuple[Sort, ...]) -> list[Symbol]:
    """The symbols that speak of these sorts only."""
    return [s for s in SYMBOLS if {*s.domain, s.range} <= set(sorts)]


def questions(sorts: tuple[Sort, ...], seed: int) -> list[Term]:
    """A few random formulas without quantifiers, likely to contradict each other."""
    chance = Random(seed)
    symbols = symbols_over(sorts)
    free = tuple(variable(n, s) for s in sorts for n in ("x", "y"))
    maker = PlanMaker(chance.randrange, symbols, sorts, quantifiers=False)
    return [build(maker.plan(BOOL, 4, free)) for _ in range(chance.choice((1, 3, 5)))]


class TestReaders:
    """Solvers that read the text agree with the solver that is given the terms."""

    @pytest.mark.parametrize(("read", "sorts", "words"), INSTALLED.values(), ids=INSTALLED)
    @examples(80)
    @given(SEEDS)
    def test_every_reader_gives_the_same_answer(
        self, read: Callable[[str], Answer], sorts: tuple[Sort, ...], words: bool, seed: int
    ) -> None:
        """The answer to the text is the answer to the terms."""
        formulas = questions(sorts, seed)
        session = Session()
        session.add(*formulas)

        assert read(to_smtlib(formulas, only_words=words)) is session.ask()

    @pytest.mark.parametrize(("read", "sorts", "words"), INSTALLED.values(), ids=INSTALLED)
    @examples(40)
    @given(SEEDS)
    def test_every_reader_finds_the_value_that_the_evaluator_finds(
        self, read: Callable[[str], Answer], sorts: tuple[Sort, ...], words: bool, seed: int
    ) -> None:
        """With all symbols and variables fixed, a formula can have its value and no other."""
        (formula, *_) = questions(sorts, seed)
        chance = Random(seed + 1)
        state = Interpretation({s: table(s, {P: 1, Q: 1}, chance) for s in SYMBOLS}, {P: 1, Q: 1})
        environment = {v: chance.choice(values_of(v.sort, {P: 1})) for v in formula.free}
        value = bool(evaluate(formula, state, environment))
        fixed = list(facts(symbols_over(sorts), state, environment))
        right, wrong = (formula, neg(formula)) if value else (neg(formula), formula)

        assert read(to_smtlib([*fixed, right], only_words=words)) is Answer.SAT
        assert read(to_smtlib([*fixed, wrong], only_words=words)) is Answer.UNSAT


def facts(
    symbols: list[Symbol], state: Interpretation, environment: Mapping[Var, Value]
) -> Iterator[Term]:
    """The values of a state; the only element of an unbounded sort has a name."""
    for var, value in environment.items():
        yield eq(var, named(value, var.sort))
    for symbol in symbols:
        for point in product(*(values_of(s, state.universes) for s in symbol.domain)):
            arguments = [named(v, s) for v, s in zip(point, symbol.domain, strict=True)]
            yield eq(symbol(*arguments), named(state.value(symbol, *point), symbol.range))


def named(value: Value, sort: Sort) -> Term:
    """A plain value as a term; the element of an unbounded sort as a variable."""
    return variable("only", sort) if isinstance(sort, Unbounded) else literal(value, sort)


class TestText:
    """What the text looks like."""

    def test_a_question_reads_like_smtlib(self) -> None:
        """Declarations first, shared terms once, assertions, one check."""
        n = Symbol("n", (), BitVec(8))
        paint = Symbol("paint", (P,), COLOUR)
        p = variable("p", P)
        twice = n() + 1
        text = to_smtlib([eq(paint(p), "blue"), eq(twice * twice, n())])

        assert text == (
            "(set-logic ALL)\n"
            "(declare-sort |P sort| 0)\n"
            "(declare-fun |?p| () |P sort|)\n"
            "(declare-fun |paint| (|P sort|) (_ BitVec 2))\n"
            "(declare-fun |n| () (_ BitVec 8))\n"
            "(define-fun |t1| () (_ BitVec 8) (bvadd |n| (_ bv1 8)))\n"
            "(assert (bvule (|paint| |?p|) (_ bv2 2)))\n"
            "(assert (= (|paint| |?p|) (_ bv2 2)))\n"
            "(assert (= (bvmul |t1| |t1|) |n|))\n"
            "(check-sat)\n"
        )

    def test_names_never_collide(self) -> None:
        """Symbols, variables of several sorts and definitions keep names of their own."""
        twins = [variable("x", BitVec(2)), variable("x", BitVec(3))]
        odd = Symbol("a|b", (), BitVec(2)), Symbol("a!b", (), BitVec(2))
        shared = odd[0]() + odd[1]()
        text = to_smtlib(
            [eq(twins[0], 1), eq(twins[1], 5), neg(eq(*(o() for o in odd))), eq(shared, shared + 0)]
        )

        assert by_z3(text) is Answer.SAT
        assert "|?x|" in text
        assert "|?x!2|" in text
        assert "|a!b!2|" in text

    def test_a_large_shared_term_is_a_small_text(self) -> None:
        """A term that doubles forty times is forty definitions."""
        term: Term = variable("x", BitVec(8))
        for _ in range(40):
            term = term + term
        text = to_smtlib([eq(term, 0)])

        assert len(text) < 4000
        assert by_z3(text) is Answer.SAT

    def test_quantifiers_and_elements_are_refused(self) -> None:
        """Only ground questions about terms that every solver knows can be written."""
        p = variable("p", P)
        R = Symbol("R", (P,), BOOL)
        with pytest.raises(ModelError, match="a quantifier in a ground question"):
            to_smtlib([forall(p, R(p))])
        with pytest.raises(ModelError, match="by its number: P3"):
            to_smtlib([R(literal(3, P))])

    def test_the_text_does_not_depend_on_the_process(self) -> None:
        """Other hash seeds give the same text."""
        program = "from logic.test_smtlib import sample; print(sample(), end='')"
        texts = {
            subprocess.run(
                [sys.executable, "-c", program],
                env={"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(sys.path)},
                capture_output=True,
                text=True,
                check=True,
            ).stdout
            for seed in ("2", "31")
        }

        assert texts == {sample()}


def sample() -> str:
    """The text of an obligation of a toy model."""
    return obligations(Revocation)[-1]


def obligations(model: type[Any], words: bool = False) -> list[str]:
    """The obligations of a model's claim, as text."""
    system = build_model(model)
    inductive = Inductive(system)
    claim = system.safety[0]
    known = [Schema(q.params, q.formula) for q in (*system.safety, *system.lemmas)]
    texts = []
    for block in inductive.blocks:
        denied = neg(skolemised(claim, block.after(claim.formula)))
        texts.append(to_smtlib(ground([*inductive.facts(block), denied], known), only_words=words))
    return texts


@pytest.mark.parametrize(("read", "sorts", "words"), INSTALLED.values(), ids=INSTALLED)
def test_real_obligations_are_read(
    read: Callable[[str], Answer], sorts: tuple[Sort, ...], words: bool
) -> None:
    """Of the broken model two obligations fail, of the repaired one none."""
    broken = [read(text) for text in obligations(Revocation, words)]
    repaired = [read(text) for text in obligations(Repaired, words)]

    assert P in sorts
    assert broken.count(Answer.SAT) == 2  # installing after the zap, and zapping what is not found
    assert set(repaired) == {Answer.UNSAT}


def test_integers_are_unknown_to_a_solver_of_words() -> None:
    """What the second solver cannot read it does not know."""
    if not is_available():
        pytest.importorskip("bitwuzla")
    number = variable("number", INT)

    assert ask_text(to_smtlib([eq(ite(eq(number, 1), number, number), -3)])) is Answer.UNKNOWN
