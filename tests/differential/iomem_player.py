"""Run the systems of the C texts of device memory on plain values, without a solver."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import product
from typing import Final

from staleproof.cfront.translate import RETURN, Translation
from staleproof.kernel.iomem.mapping import VMA
from staleproof.kernel.iomem.questions import Version, built
from staleproof.kernel.iomem.resource import RESOURCE
from staleproof.kernel.iomem.rows import Asked
from staleproof.lang.evaluate import Evaluator, FunctionValue, Interpretation, Table
from staleproof.lang.sorts import BoolSort, Value
from staleproof.lang.system import Action, System
from staleproof.lang.terms import Symbol, Var

NULL, IOMEM, IOPORT, FIRST = range(4)
"""The resources of every world; those of the script come after."""
LONGEST: Final = 5_000


class Played:
    """One run of a function in one world."""

    def __init__(
        self,
        asked: Asked,
        version: Version,
        given: Mapping[str, Value],
        functions: Mapping[Symbol, FunctionValue],
        resources: int = FIRST,
    ) -> None:
        source = version.source(asked)
        self.system: System
        self.translation: Translation
        self.system, self.translation = built(asked, version, source, asked.rows)
        self.universes = {RESOURCE: resources, VMA: 2}
        known = dict(functions)
        parameters = {s.name: name for name, s in self.translation.parameters.items()}
        parameters |= {name: name for name in self.translation.parameters}
        for symbol in self.system.symbols:
            if symbol in known:
                continue
            value: Value = False if isinstance(symbol.range, BoolSort) else 0
            if not symbol.domain and symbol.name in parameters:
                value = given.get(parameters[symbol.name], value)
            known[symbol] = Table({}, value)
        self.state = Interpretation(known, self.universes)
        self.location = self.system.entry

    def demand_lawful(self) -> None:
        """The world is one that the axioms and the initial conditions allow."""
        here = Evaluator(self.state, {})
        for formula in (*self.system.axioms, *self.system.init):
            assert here.value(formula), f"{self.system.name} starts in a state without {formula}"

    def run(self, choices: Mapping[str, Value], endings: Iterable[str] = ()) -> Played:
        """Go on to where no step leads on.

        `choices` has the values of parameters by name; of elements that are not in it every one is
        tried. `endings` are ways in which calls do not end.
        """
        for _ in range(LONGEST):
            if self.has_ended:
                return self
            self.step(choices, endings)
        raise AssertionError(f"{self.system.name} has not returned after {LONGEST} steps")

    @property
    def has_ended(self) -> bool:
        """No step leads on."""
        return not self.system.leaving(self.location)

    def step(self, choices: Mapping[str, Value], endings: Iterable[str] = ()) -> None:
        """Take the one step that is possible."""
        excluded = tuple(f"[{ending}]" for ending in endings)
        leaving = [a for a in self.system.leaving(self.location) if not a.name.endswith(excluded)]
        possible = [
            (action, environment)
            for action in leaving
            for environment in self._environments(action, choices)
            if all(Evaluator(self.state, environment).value(g) for g in action.guard)
        ]
        assert len(possible) == 1, (self.location, [a.name for a, _ in possible])
        ((action, environment),) = possible
        self.state = self.state.after(action.updates, environment)
        self.location = action.target

    def _environments(
        self, action: Action, choices: Mapping[str, Value]
    ) -> Iterator[Mapping[Var, Value]]:
        offers = [
            (choices[p.name],) if p.name in choices else range(self.universes[p.sort])
            for p in action.params
        ]
        for values in product(*offers):
            yield dict(zip(action.params, values, strict=True))

    # What came of it

    @property
    def returned(self) -> bool:
        """The run ended at the return, and no demand failed."""
        return self.location == RETURN

    @property
    def result(self) -> Value:
        """What was returned."""
        assert self.translation.result is not None
        return self.state.value(self.translation.result)

    def value(self, symbol: Symbol, *arguments: Value) -> Value:
        """A symbol's value at the end."""
        return self.state.value(symbol, *arguments)
