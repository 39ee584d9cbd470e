"""A system over a finite scope, written out: every point of every symbol is a variable of its own.

Where all sorts are finite, an action with values for its parameters is a condition on points and a
few points that change. So one step of a run is one formula over the points before and after it,
the same at every step: runs of any length cost no more than their length.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import product

from staleproof.lang.recent import Recent
from staleproof.lang.sorts import BitVec, BoolSort, Enum, Sort, Unbounded, Value, word_for
from staleproof.lang.substitute import Substitution
from staleproof.lang.system import Action, Property, System
from staleproof.lang.terms import (
    App,
    Literal,
    Operation,
    Quantified,
    Symbol,
    Term,
    Var,
    conj,
    disj,
    eq,
    implies,
    ite,
    literal,
    neg,
    operation,
    postorder,
    u_lt,
    variable,
    word,
)
from staleproof.logic.scope import Scope, Scoper

Point = tuple[Value, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Instance:
    """An action with values for its parameters: when it can happen, and the points it changes."""

    action: Action
    values: Mapping[Var, Value]
    guard: Term
    changes: Mapping[Var, Term]


@dataclass(frozen=True, slots=True, eq=False)
class Violation:
    """A property that fails for these values of its parameters."""

    prop: Property
    values: Mapping[Var, Value]
    term: Term


MOST_KNOWN = 12
"""How many systems in a scope are kept."""

_known: Recent[tuple[object, ...], FiniteSystem] = Recent(MOST_KNOWN)


def written_out(system: System, scope: Scope) -> FiniteSystem:
    """The system in the scope, the same object where nothing but what is claimed is another."""
    sizes = frozenset(scope.sizes.items()), scope.longest
    key = (system.symbols, system.axioms, system.init, system.actions, sizes)
    return _known.get(key) or _known.put(key, FiniteSystem(system, scope))


class FiniteSystem:
    """A system in a scope: its points, its initial states, the instances of its actions.

    The formulas speak of points by variables without a time; `at` puts the time in.
    """

    def __init__(self, system: System, scope: Scope) -> None:
        self.system, self.scope = system, scope
        self._scoper = Scoper(scope)
        self._written_out: dict[Term, Term] = {}
        self._scoped = {self._scoper.symbol(s).name: s for s in system.symbols}
        self.points: dict[Var, tuple[Symbol, Point]] = {}
        self._points: dict[tuple[str, Point], Var] = {}
        for symbol in system.symbols:
            for place in self._values(symbol.domain):
                point = self._points[symbol.name, place] = self._new_point(symbol, place)
                self.points[point] = (symbol, place)
        self.given = self._given()
        """What always holds: the axioms, and that words stand for members."""
        self.initial = [*self.given, *(self._ground(t, {}) for t in system.init)]
        self._times: dict[int, Substitution] = {}

    @cached_property
    def instances(self) -> tuple[Instance, ...]:
        """Every action with every choice of its parameters, but for those that can never happen."""
        return tuple(i for a in self.system.actions for i in self._instances(a))

    @cached_property
    def _writers(self) -> dict[Var, list[tuple[int, Term]]]:
        """Per point that changes the instances that change it, and to what."""
        writers: dict[Var, list[tuple[int, Term]]] = {}
        for number, instance in enumerate(self.instances):
            for point, value in instance.changes.items():
                writers.setdefault(point, []).append((number, value))
        return writers

    def point(self, symbol: Symbol, point: Point) -> Var:
        """The variable for the value of `symbol` at `point`."""
        return self._points[symbol.name, point]

    def _new_point(self, symbol: Symbol, point: Point) -> Var:
        name, sort = f"{symbol.name}[{','.join(map(str, point))}]", self._scoper.sort(symbol.range)
        while (found := variable(name, sort)) in self.points:
            # Brackets and commas may be part of other names as well.
            name += "'"
        return found

    def decode(self, value: Value, sort: Sort) -> Value:
        """The plain value that a word stands for."""
        return self._scoper.decode(value, sort)

    def at(self, term: Term, time: int) -> Term:
        """The term, read after so many steps."""
        if time not in self._times:
            tagged: dict[Var, Term] = {p: self._tagged(p, time) for p in self._writers}
            self._times[time] = Substitution(tagged, {})
        return self._times[time](term)

    def chosen(self, time: int) -> Var:
        """The word that says which instance is taken at that time."""
        return variable(f"chosen@{time}", word_for(len(self.instances)))

    @cached_property
    def first_step(self) -> tuple[Term, ...]:
        """That some instance takes the state at time 0 to the next one."""
        chosen = self.chosen(0)
        takes = [eq(chosen, literal(n, chosen.sort)) for n in range(len(self.instances))]
        formulas: list[Term] = [u_lt(chosen, len(self.instances))] if self._leaves_room else []
        for taken, instance in zip(takes, self.instances, strict=True):
            formulas.append(implies(taken, self.at(instance.guard, 0)))
        for point, writers in self._writers.items():
            by_value: dict[Term, list[Term]] = {}
            for number, value in writers:
                by_value.setdefault(value, []).append(takes[number])
            after = self.at(point, 0)
            for value, when in by_value.items():
                after = ite(disj(*when), self.at(value, 0), after)
            formulas.append(eq(self.at(point, 1), after))
        return tuple(formulas)

    def names_from(self, time: int) -> dict[Var, Var]:
        """What the variables of the first step are called in that which begins at `time`."""
        names = {self.chosen(0): self.chosen(time)}
        for point in self._writers:
            for begins in (0, 1):
                names[self._tagged(point, begins)] = self._tagged(point, time + begins)
        return names

    def _tagged(self, point: Var, time: int) -> Var:
        return variable(f"{point.name}@{time}", point.sort)

    @property
    def _leaves_room(self) -> bool:
        return len(self.instances) < 1 << word_for(len(self.instances)).width

    def violations(self, prop: Property) -> list[Violation]:
        """How the property can fail, per values of its parameters."""
        return [
            Violation(prop, values, neg(self._ground(prop.formula, values)))
            for values in self._environments(prop.params)
        ]

    # Writing out

    def _given(self) -> list[Term]:
        given = [self._ground(axiom, {}) for axiom in self.system.axioms]
        for point, (symbol, _) in self.points.items():
            count = self._count(symbol.range)
            if isinstance(point.sort, BitVec) and count < 1 << point.sort.width:
                given.append(u_lt(point, count))
        return given

    def _instances(self, action: Action) -> Iterator[Instance]:
        for values in self._environments(action.params):
            guard = conj(*(self._ground(g, values) for g in action.guard))
            if isinstance(guard, Literal) and guard.value is False:
                continue
            changes: dict[Var, Term] = {}
            for update in action.updates:
                for point in self._values(update.symbol.domain):
                    here = dict(zip(update.formals, point, strict=True))
                    var = self.point(update.symbol, point)
                    after = self._ground(update.value, {**values, **here})
                    if after is not var:
                        changes[var] = after
            yield Instance(action, values, guard, changes)

    def _environments(self, params: tuple[Var, ...]) -> Iterator[dict[Var, Value]]:
        for values in self._values(tuple(p.sort for p in params)):
            yield dict(zip(params, values, strict=True))

    def _values(self, sorts: tuple[Sort, ...]) -> Iterator[Point]:
        yield from product(*(self._members(s) for s in sorts))

    def _members(self, sort: Sort) -> tuple[Value, ...]:
        if isinstance(sort, Enum):
            return sort.members
        if isinstance(sort, Unbounded):
            return tuple(range(self.scope.sizes[sort]))
        assert isinstance(sort, BoolSort), f"{sort.name} is not written out"
        return (False, True)

    def _count(self, sort: Sort) -> int:
        return len(self._members(sort))

    def _ground(self, term: Term, values: Mapping[Var, Value]) -> Term:
        literals: dict[Var, Term] = {v: literal(value, v.sort) for v, value in values.items()}
        return self._write_out(self._scoper(Substitution(literals, {})(term)))

    def _write_out(self, term: Term) -> Term:
        """A term over words, with a variable for every point where a symbol is read."""
        done = self._written_out
        for node in postorder(term, known=done):
            children = tuple(done[c] for c in node.children)
            if isinstance(node, App):
                done[node] = self._reading(self._scoped[node.symbol.name], children, ())
            elif isinstance(node, Operation):
                done[node] = operation(node.operator.name, *children, indices=node.indices)
            else:
                assert not isinstance(node, Quantified)
                done[node] = node
        return done[term]

    def _reading(self, symbol: Symbol, arguments: tuple[Term, ...], point: Point) -> Term:
        """The value at arguments that may be anything: a case for each element they can be."""
        if len(point) == len(symbol.domain):
            return self.point(symbol, point)
        sort, argument = symbol.domain[len(point)], arguments[len(point)]
        members = self._members(sort)
        if isinstance(argument, Literal):
            number = int(argument.value) if isinstance(argument.value, int) else 0
            return self._reading(symbol, arguments, (*point, members[number]))
        value = self._reading(symbol, arguments, (*point, members[-1]))
        for number in range(len(members) - 2, -1, -1):
            here = self._is_member(argument, number)
            value = ite(here, self._reading(symbol, arguments, (*point, members[number])), value)
        return value

    def _is_member(self, argument: Term, number: int) -> Term:
        if isinstance(argument.sort, BitVec):
            return eq(argument, word(number, argument.sort.width))
        return argument if number else neg(argument)
