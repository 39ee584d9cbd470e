"""Evaluation of terms on plain values: what makes replay possible without a solver."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import product, takewhile
from math import prod

from staleproof.errors import EvaluationError
from staleproof.lang.sorts import BitVec, BoolSort, Enum, IntSort, Sort, Unbounded, Value
from staleproof.lang.substitute import Update
from staleproof.lang.terms import (
    App,
    Literal,
    Operation,
    Quantified,
    Symbol,
    Term,
    Var,
    postorder,
    show,
)

LONGEST_LOOP = 1 << 16
"""A bounded quantifier that runs longer than this is not evaluated but refused."""
MOST_WRITTEN = 1 << 10
"""An update that may write at more points than this is not asked where it does."""


class FunctionValue:
    """The concrete meaning of a symbol in one state."""

    def at(self, arguments: tuple[Value, ...]) -> Value:
        """The value at `arguments`."""
        raise NotImplementedError

    def support(self) -> Iterator[tuple[Value, ...]]:
        """The points that are known to matter: written or given explicitly."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class Table(FunctionValue):
    """A finite table and the value everywhere else."""

    entries: Mapping[tuple[Value, ...], Value]
    default: Value

    def at(self, arguments: tuple[Value, ...]) -> Value:
        return self.entries.get(arguments, self.default)

    def support(self) -> Iterator[tuple[Value, ...]]:
        return iter(self.entries)


@dataclass(frozen=True, slots=True)
class Updated(FunctionValue):
    """A function after an update: evaluated at a point only when somebody asks."""

    update: Update
    before: Interpretation
    environment: Mapping[Var, Value]
    _memo: dict[tuple[Value, ...], Value] = field(default_factory=dict)

    def at(self, arguments: tuple[Value, ...]) -> Value:
        if arguments not in self._memo:
            pending = list(takewhile(lambda f: arguments not in f._memo, self._history()))
            # From the oldest state on, so that a long run does not become a deep recursion.
            for function in reversed(pending[1:]):
                with suppress(EvaluationError):  # it is raised again if the value is needed
                    function._compute(arguments)
            self._compute(arguments)
        return self._memo[arguments]

    def _compute(self, arguments: tuple[Value, ...]) -> None:
        formals = dict(zip(self.update.formals, arguments, strict=True))
        inner = {**self.environment, **formals}
        self._memo[arguments] = evaluate(self.update.value, self.before, inner)

    def support(self) -> Iterator[tuple[Value, ...]]:
        oldest = self
        for oldest in self._history():
            yield from oldest._memo
            yield from oldest._written()
        yield from oldest.before.functions[self.update.symbol].support()

    def _written(self) -> Iterator[tuple[Value, ...]]:
        """The points at which the update writes, as far as they can be listed."""
        where, formals = self.update.where, self.update.formals
        candidates: list[set[Value]] = []
        for formal in formals:
            small = not isinstance(formal.sort, BitVec | IntSort)
            found = set(elements(formal.sort, self.before.universes)) if small else set()
            for node in postorder(where):
                if isinstance(node, Operation) and node.operator.name == "eq" and not small:
                    sides = [side for side in node.children if side is not formal]
                    if len(sides) == 1 and not sides[0].free & set(formals):
                        found.add(evaluate(sides[0], self.before, self.environment))
            candidates.append(found)
        if prod(map(len, candidates)) <= MOST_WRITTEN:
            for point in product(*map(sorted, candidates)):
                inner = {**self.environment, **dict(zip(formals, point, strict=True))}
                if evaluate(where, self.before, inner):
                    yield point

    def _history(self) -> Iterator[Updated]:
        """This function and those it was made from, newest first."""
        function: FunctionValue = self
        while isinstance(function, Updated):
            yield function
            function = function.before.functions[self.update.symbol]


@dataclass(frozen=True, slots=True)
class Interpretation:
    """A concrete state: a function per symbol and the size of each unbounded sort's universe."""

    functions: Mapping[Symbol, FunctionValue]
    universes: Mapping[Unbounded, int]

    def value(self, symbol: Symbol, *arguments: Value) -> Value:
        """The value of `symbol` at `arguments` in this state."""
        try:
            return self.functions[symbol].at(arguments)
        except KeyError:
            raise EvaluationError(f"the state has no value for {symbol.name}") from None

    def after(
        self, updates: tuple[Update, ...], environment: Mapping[Var, Value]
    ) -> Interpretation:
        """The next state: what is updated changes, all else stays."""
        functions = dict(self.functions)
        for update in updates:
            if update.formals:
                functions[update.symbol] = Updated(update, self, environment)
            else:
                functions[update.symbol] = Table({}, evaluate(update.value, self, environment))
        return Interpretation(functions, self.universes)


def elements(sort: Sort, universes: Mapping[Unbounded, int]) -> range | tuple[Value, ...]:
    """All plain values of `sort` in a concrete state. Raises EvaluationError for endless ones."""
    match sort:
        case BoolSort():
            return (False, True)
        case Enum(_, members):
            return members
        case Unbounded():
            return range(universes.get(sort, 1))
        case BitVec(width) if width <= 8:
            return range(1 << width)
        case BitVec() | IntSort():
            raise EvaluationError(f"the values of {sort.name} cannot all be tried")


def evaluate(term: Term, state: Interpretation, environment: Mapping[Var, Value]) -> Value:
    """The plain value of `term` in `state`. Raises EvaluationError where it has none."""
    return Evaluator(state, environment).value(term)


class Evaluator:
    """Evaluates terms of one state and environment; what they share is evaluated once."""

    def __init__(self, state: Interpretation, environment: Mapping[Var, Value]) -> None:
        self._state = state
        self._environment = environment
        self._memo: dict[Term, Value] = {}
        self._outside: Evaluator | None = None
        self._own: frozenset[Var] = frozenset()

    def inside(self, values: Mapping[Var, Value]) -> Evaluator:
        """An evaluator where these variables have values, too: what does not speak of them is
        evaluated once for all.
        """
        inner = Evaluator(self._state, {**self._environment, **values})
        inner._outside, inner._own = self, frozenset(values)
        return inner

    def value(self, term: Term) -> Value:
        """The plain value of `term`. Raises EvaluationError where it has none."""
        known = self._memo.get(term)
        if known is not None:
            return known
        if self._outside is not None and self._own.isdisjoint(term.free):
            return self._outside.value(term)
        if isinstance(term, Operation):
            result = self._operation(term)
        elif isinstance(term, App):
            result = self._state.value(term.symbol, *[self.value(c) for c in term.children])
        elif isinstance(term, Literal):
            return term.value
        elif isinstance(term, Var):
            return self._variable(term)
        else:
            assert isinstance(term, Quantified)
            result = self._quantified(term)
        self._memo[term] = result
        return result

    def _variable(self, term: Var) -> Value:
        try:
            return self._environment[term]
        except KeyError:
            raise EvaluationError(f"{term.name} has no value") from None

    def _operation(self, term: Operation) -> Value:
        name, children = term.operator.name, term.children
        # Lazily, so that what a guard protects is not evaluated where the guard fails.
        if name == "ite":
            return self.value(children[1] if self.value(children[0]) else children[2])
        if name == "and":
            return all(self.value(c) for c in children)
        if name == "or":
            return any(self.value(c) for c in children)
        if name == "implies":
            return not self.value(children[0]) or bool(self.value(children[1]))
        values = [self.value(c) for c in children]
        return term.operator.meaning(values, [c.sort for c in children], term.indices)

    def _quantified(self, term: Quantified) -> bool:
        if term.below is None:
            domain = elements(term.var.sort, self._state.universes)
        else:
            bound = self.value(term.below)
            assert isinstance(bound, int)
            if bound > LONGEST_LOOP:
                raise EvaluationError(f"too many values to try ({bound}): {show(term)}")
            domain = range(bound)
        results = (self.inside({term.var: value}).value(term.body) for value in domain)
        return all(results) if term.universal else any(results)
