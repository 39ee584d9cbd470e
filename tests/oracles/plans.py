"""Random formulas as plans: a term to be built, and what it means by the operator table alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import product
from random import Random
from typing import TypeAlias, TypeVar

from hypothesis import strategies as st

from staleproof.lang.evaluate import Interpretation, Table
from staleproof.lang.operators import OPERATORS
from staleproof.lang.sorts import (
    BOOL,
    INT,
    BitVec,
    BoolSort,
    Enum,
    IntSort,
    Sort,
    Unbounded,
    Value,
    default_value,
)
from staleproof.lang.terms import (
    Literal,
    Symbol,
    Term,
    Var,
    exists,
    forall,
    literal,
    operation,
    variable,
)

P = Unbounded("P")
Q = Unbounded("Q")
COLOUR = Enum("Colour", ("red", "green", "blue"))
STAGE = Enum("Stage", ("red", "done"))
"""Shares the name of a member with COLOUR."""
B1, B2, B3, B8 = BitVec(1), BitVec(2), BitVec(3), BitVec(8)
WIDTHS = (1, 2, 3, 8)
SORTS: tuple[Sort, ...] = (BOOL, INT, B1, B2, B3, B8, COLOUR, STAGE, P, Q)

VARIABLES = tuple(variable(name, sort) for sort in SORTS for name in ("x", "y"))
"""Free and bound variables have the same names, at every sort, and so has a symbol."""

SYMBOLS = (
    Symbol("x", (), B2),
    Symbol("flag", (), BOOL),
    Symbol("number", (), INT),
    Symbol("word", (), B3),
    Symbol("byte", (), B8),
    Symbol("bit", (), B1),
    Symbol("colour", (), COLOUR),
    Symbol("stage", (), STAGE),
    Symbol("here", (), P),
    Symbol("there", (), Q),
    Symbol("next", (P,), P),
    Symbol("map", (P,), Q),
    Symbol("marked", (P,), BOOL),
    Symbol("edge", (P, Q), BOOL),
    Symbol("table", (B2,), B3),
    Symbol("paint", (P,), COLOUR),
    Symbol("known", (COLOUR,), BOOL),
)


@dataclass(frozen=True)
class Leaf:
    """A variable or a plain value."""

    term: Term


@dataclass(frozen=True)
class Apply:
    """A state symbol applied."""

    symbol: Symbol
    arguments: tuple[Plan, ...]


@dataclass(frozen=True)
class Operate:
    """A row of the operator table applied."""

    name: str
    operands: tuple[Plan, ...]
    indices: tuple[int, ...] = ()


@dataclass(frozen=True)
class Quantify:
    """A quantifier."""

    universal: bool
    var: Var
    body: Plan
    below: Plan | None = None


Plan: TypeAlias = Leaf | Apply | Operate | Quantify


def build(plan: Plan) -> Term:
    """The term, made by the constructors that a model author uses."""
    match plan:
        case Leaf(term):
            return term
        case Apply(symbol, arguments):
            return symbol(*map(build, arguments))
        case Operate(name, operands, indices):
            return operation(name, *map(build, operands), indices=indices)
        case Quantify(universal, var, body, below):
            bound = None if below is None else build(below)
            return (forall if universal else exists)(var, build(body), bound)


def sort_of(plan: Plan) -> Sort:
    """The sort, by the typing rules of the table."""
    match plan:
        case Leaf(term):
            return term.sort
        case Apply(symbol, _):
            return symbol.range
        case Operate(name, operands, indices):
            sort = OPERATORS[name].type_rule([sort_of(o) for o in operands], indices)
            assert sort is not None
            return sort
        case Quantify():
            return BOOL


def meaning(plan: Plan, state: Interpretation, environment: Mapping[Var, Value]) -> Value:
    """The value, computed bottom up with nothing simplified and nothing skipped."""
    match plan:
        case Leaf(Literal() as term):
            return term.value
        case Leaf(term):
            assert isinstance(term, Var)
            return environment[term]
        case Apply(symbol, arguments):
            point = tuple(meaning(a, state, environment) for a in arguments)
            return state.functions[symbol].at(point)
        case Operate(name, operands, indices):
            values = [meaning(o, state, environment) for o in operands]
            return OPERATORS[name].meaning(values, [sort_of(o) for o in operands], indices)
        case Quantify(universal, var, body, below):
            domain: Sequence[Value]
            if below is None:
                domain = values_of(var.sort, state.universes)
            else:
                domain = range(int(meaning(below, state, environment)))
            truths = [meaning(body, state, {**environment, var: v}) for v in domain]
            return all(truths) if universal else any(truths)


def values_of(sort: Sort, universes: Mapping[Unbounded, int]) -> Sequence[Value]:
    """Every value of a finite sort; of the integers, some."""
    match sort:
        case BoolSort():
            return (False, True)
        case IntSort():
            return range(-3, 4)
        case BitVec(width):
            return range(1 << width)
        case Enum(_, members):
            return members
        case Unbounded():
            return range(universes[sort])


# Strategies

Choice = TypeVar("Choice")


@cache
def below(count: int) -> st.SearchStrategy[int]:
    """The numbers below `count`: making a strategy takes longer than drawing from it."""
    return st.integers(0, count - 1)


_COMPARISONS = ("u_lt", "u_le", "s_lt", "s_le")
_ARITHMETIC = (
    *("bv_add", "bv_sub", "bv_mul", "bv_and", "bv_or", "bv_xor", "shl", "u_shr", "s_shr"),
    *("u_div", "s_div", "u_rem", "s_rem"),
)


Choose: TypeAlias = Callable[[int], int]
"""Chooses a number from 0 up to, not including, its argument."""


class PlanMaker:
    """Random plans over given symbols, from a source of choices."""

    def __init__(
        self,
        choose: Choose,
        symbols: Sequence[Symbol],
        sorts: Sequence[Sort],
        quantifiers: bool = True,
    ) -> None:
        self.choose, self.symbols, self.sorts = choose, symbols, sorts
        self.quantifiers = ("quantify", "quantify") if quantifiers else ()

    def one_of(self, choices: Sequence[Choice]) -> Choice:
        return choices[self.choose(len(choices))]

    def plan(self, sort: Sort, depth: int, free: tuple[Var, ...]) -> Plan:
        """A plan of that sort, whose variables are among `free`."""
        if depth <= 0:
            return self.leaf(sort, free)
        kinds = ["leaf", "apply", "ite", *self.kinds(sort)]
        kind = self.one_of(kinds)

        def recur(s: Sort) -> Plan:
            return self.plan(s, depth - 1, free)

        if kind == "leaf":
            return self.leaf(sort, free)
        if kind == "apply":
            return self.apply(sort, depth, free)
        if kind == "ite":
            return Operate("ite", (recur(BOOL), recur(sort), recur(sort)))
        if kind == "eq":
            inner = self.one_of([s for s in self.sorts if self.inhabited(s, free)])
            return Operate("eq", (recur(inner), recur(inner)))
        if kind == "not":
            return Operate("not", (recur(BOOL),))
        if kind in ("and", "or"):
            count = self.choose(4)
            return Operate(kind, tuple(recur(BOOL) for _ in range(count)))
        if kind == "implies":
            return Operate("implies", (recur(BOOL), recur(BOOL)))
        if kind in ("lt", "le"):
            return Operate(kind, (recur(INT), recur(INT)))
        if kind in ("add", "sub", "mul"):
            return Operate(kind, (recur(INT), recur(INT)))
        if kind == "compare":
            width = BitVec(self.one_of(WIDTHS))
            return Operate(self.one_of(_COMPARISONS), (recur(width), recur(width)))
        if kind == "arithmetic":
            return Operate(self.one_of(_ARITHMETIC), (recur(sort), recur(sort)))
        if kind in ("bv_not", "bv_neg"):
            return Operate(kind, (recur(sort),))
        if kind == "quantify":
            return self.quantify(depth, free)
        assert isinstance(sort, BitVec)
        return self.resize(kind, sort.width, depth, free)

    def kinds(self, sort: Sort) -> tuple[str, ...]:
        match sort:
            case BoolSort():
                numbers = ("lt", "le") if INT in self.sorts else ()
                words = ("compare", "compare") if B2 in self.sorts else ()
                logic = ("not", "and", "or", "implies", *self.quantifiers)
                return ("eq", "eq", *logic, *numbers, *words)
            case IntSort():
                return ("add", "sub", "mul")
            case BitVec(width):
                wider = ("extract",) if width < max(WIDTHS) else ()
                narrower = ("zero_extend", "sign_extend") if width > 1 else ()
                parts = ("concat",) if width in (2, 3) else ()
                plain = ("arithmetic", "arithmetic", "arithmetic", "bv_not", "bv_neg")
                return (*plain, *wider, *narrower, *parts)
            case _:
                return ()

    def resize(self, kind: object, width: int, depth: int, free: tuple[Var, ...]) -> Plan:
        if kind == "concat":
            left = 1 + self.choose(width - 1)
            parts = (BitVec(left), BitVec(width - left))
            return Operate("concat", tuple(self.plan(s, depth - 1, free) for s in parts))
        if kind == "extract":
            whole = self.one_of([w for w in WIDTHS if w > width])
            low = self.choose(whole - width + 1)
            operand = self.plan(BitVec(whole), depth - 1, free)
            return Operate("extract", (operand,), (low + width - 1, low))
        part = self.one_of([w for w in WIDTHS if w < width])
        operand = self.plan(BitVec(part), depth - 1, free)
        return Operate(str(kind), (operand,), (width - part,))

    def leaf(self, sort: Sort, free: tuple[Var, ...]) -> Plan:
        choices: list[Plan] = [Leaf(v) for v in free if v.sort == sort]
        choices += [Apply(s, ()) for s in self.symbols if not s.domain and s.range == sort]
        if not isinstance(sort, Unbounded) and (not choices or self.choose(2) == 1):
            values = values_of(sort, {})
            return Leaf(literal(self.one_of(values), sort))
        return self.one_of(choices)

    def inhabited(self, sort: Sort, free: tuple[Var, ...]) -> bool:
        """Whether there is a leaf of that sort: an unbounded sort has no literals."""
        return (
            not isinstance(sort, Unbounded)
            or any(v.sort == sort for v in free)
            or any(s.range == sort and not s.domain for s in self.symbols)
        )

    def apply(self, sort: Sort, depth: int, free: tuple[Var, ...]) -> Plan:
        fitting = [
            s
            for s in self.symbols
            if s.range == sort and s.domain and all(self.inhabited(d, free) for d in s.domain)
        ]
        if not fitting:
            return self.leaf(sort, free)
        symbol = self.one_of(fitting)
        return Apply(symbol, tuple(self.plan(s, depth - 1, free) for s in symbol.domain))

    def quantify(self, depth: int, free: tuple[Var, ...]) -> Plan:
        finite = [s for s in self.sorts if not isinstance(s, IntSort) and s != B8]
        var = variable(self.one_of(("x", "y")), self.one_of(finite))
        below = None
        if isinstance(var.sort, BitVec):
            outside = tuple(v for v in free if v is not var)
            below = self.plan(var.sort, min(depth - 1, 1), outside)
        inside = tuple(dict.fromkeys((*free, var)))
        return Quantify(self.choose(2) == 1, var, self.plan(BOOL, depth - 1, inside), below)


@st.composite
def plans(
    draw: st.DrawFn,
    sort: Sort = BOOL,
    depth: int = 4,
    free: tuple[Var, ...] = VARIABLES,
    symbols: Sequence[Symbol] = SYMBOLS,
    sorts: Sequence[Sort] = SORTS,
) -> Plan:
    """A random plan of that sort."""
    maker = PlanMaker(lambda count: draw(below(count)), symbols, sorts)
    return maker.plan(sort, depth, free)


# States are many small choices, none of which is worth shrinking: they come from one seed.


@st.composite
def states(
    draw: st.DrawFn, symbols: Sequence[Symbol] = SYMBOLS, largest: int = 3
) -> Interpretation:
    """A random state: a universe for each unbounded sort and a full table for each symbol."""
    universes = {P: draw(st.integers(1, largest)), Q: draw(st.integers(1, largest))}
    chance = Random(draw(SEEDS))
    return Interpretation({s: table(s, universes, chance) for s in symbols}, universes)


def table(symbol: Symbol, universes: Mapping[Unbounded, int], chance: Random) -> Table:
    """A random function for the symbol, given at every point."""
    values = values_of(symbol.range, universes)
    points = product(*(values_of(s, universes) for s in symbol.domain))
    entries = {point: chance.choice(values) for point in points}
    return Table(entries, default_value(symbol.range))


@st.composite
def environments(
    draw: st.DrawFn, state: Interpretation, variables: Sequence[Var] = VARIABLES
) -> dict[Var, Value]:
    """A value for every variable."""
    chance = Random(draw(SEEDS))
    return {v: chance.choice(values_of(v.sort, state.universes)) for v in variables}


SEEDS = st.integers(0, 2**32 - 1)
