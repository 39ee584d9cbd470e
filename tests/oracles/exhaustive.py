"""Systems executed state by state over finite universes: every state, every step, no solver."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import TypeAlias

from oracles.plans import values_of
from staleproof.lang.evaluate import Interpretation, Table, evaluate
from staleproof.lang.sorts import Unbounded, Value
from staleproof.lang.system import Action, Property, System
from staleproof.lang.terms import Symbol, Term, Var

Values: TypeAlias = tuple[Value, ...]
Environment: TypeAlias = Mapping[Var, Value]


@dataclass(frozen=True)
class Where:
    """A concrete state: where control is, and the value of every symbol at every point."""

    location: str
    values: Values


@dataclass(frozen=True, eq=False)
class Space:
    """All concrete states of a system over universes of the given sizes."""

    system: System
    universes: Mapping[Unbounded, int]

    @cached_property
    def points(self) -> dict[Symbol, tuple[Values, ...]]:
        """Per symbol its points."""
        return {
            symbol: tuple(product(*(values_of(s, self.universes) for s in symbol.domain)))
            for symbol in self.system.symbols
        }

    @property
    def size(self) -> int:
        """How many assignments of values there are."""
        count = 1
        for symbol, points in self.points.items():
            count *= len(values_of(symbol.range, self.universes)) ** len(points)
        return count

    def state(self, values: Values) -> Interpretation:
        """The values as the evaluator reads them."""
        functions = {}
        position = 0
        for symbol, points in self.points.items():
            part = values[position : position + len(points)]
            functions[symbol] = Table(dict(zip(points, part, strict=True)), part[0])
            position += len(points)
        return Interpretation(functions, self.universes)

    def values(self, state: Interpretation) -> Values:
        """What the evaluator reads, at every point."""
        return tuple(state.value(s, *p) for s, points in self.points.items() for p in points)

    @cached_property
    def everything(self) -> tuple[Values, ...]:
        """Every assignment of values that satisfies the axioms."""
        ranges = (
            values_of(symbol.range, self.universes)
            for symbol, points in self.points.items()
            for _ in points
        )
        return tuple(v for v in product(*ranges) if self.satisfies(v, self.system.axioms))

    def satisfies(self, values: Values, formulas: Iterable[Term]) -> bool:
        """Whether the closed formulas hold there."""
        state = self.state(values)
        return all(evaluate(f, state, {}) for f in formulas)

    @cached_property
    def initial(self) -> tuple[Values, ...]:
        """Every initial state."""
        return tuple(v for v in self.everything if self.satisfies(v, self.system.init))

    def environments(self, params: Iterable[Var]) -> Iterator[dict[Var, Value]]:
        """Every choice of values for the parameters."""
        named = tuple(params)
        for point in product(*(values_of(p.sort, self.universes) for p in named)):
            yield dict(zip(named, point, strict=True))

    def steps(self, at: Where) -> Iterator[tuple[Action, Environment, Where]]:
        """Every step that leaves a state."""
        state = self.state(at.values)
        for action in self.system.leaving(at.location):
            for environment in self.environments(action.params):
                if all(evaluate(g, state, environment) for g in action.guard):
                    after = state.after(action.updates, environment)
                    yield action, environment, Where(action.target, self.values(after))

    @cached_property
    def distances(self) -> dict[Where, int]:
        """Every reachable state, with the least number of steps to it."""
        frontier = [Where(self.system.entry, values) for values in self.initial]
        found = dict.fromkeys(frontier, 0)
        depth = 0
        while frontier:
            depth += 1
            after = [there for here in frontier for _, _, there in self.steps(here)]
            frontier = [there for there in dict.fromkeys(after) if there not in found]
            found.update(dict.fromkeys(frontier, depth))
        return found

    @cached_property
    def has_endless_run(self) -> bool:
        """Whether some run never ends: whether a reachable state leads back to itself."""
        after = {at: {there for _, _, there in self.steps(at)} for at in self.distances}
        while ends := [at for at, following in after.items() if not following]:
            for at in ends:
                del after[at]
            for at in after:
                after[at] &= after.keys()
        return bool(after)

    def holds(self, prop: Property, at: Where) -> bool:
        """Whether the property holds in a state, for all its parameters."""
        if not prop.holds_at(at.location):
            return True
        state = self.state(at.values)
        return all(evaluate(prop.formula, state, e) for e in self.environments(prop.params))

    def shortest_violation(self, prop: Property) -> int | None:
        """The length of the shortest run into a violation, if there is one."""
        bad = (depth for at, depth in self.distances.items() if not self.holds(prop, at))
        return min(bad, default=None)
