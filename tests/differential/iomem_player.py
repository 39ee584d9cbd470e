"""Run the systems of the C texts of device memory on plain values, without a solver."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import product

from staleproof.kernel.iomem.mapping import VMA
from staleproof.kernel.iomem.questions import Version, built
from staleproof.kernel.iomem.resource import RESOURCE
from staleproof.kernel.iomem.rows import Asked
from staleproof.lang.evaluate import FunctionValue, Table
from staleproof.lang.sorts import BoolSort, Unbounded, Value
from staleproof.lang.system import Action
from staleproof.lang.terms import Symbol, Var

from .running import LONGEST, Run, start_of

NULL, IOMEM, IOPORT, FIRST = range(4)
"""The resources of every world; those of the script come after."""


class Played(Run):
    """One run of a function in one world."""

    def __init__(
        self,
        asked: Asked,
        version: Version,
        given: Mapping[str, Value],
        functions: Mapping[Symbol, FunctionValue],
        resources: int = FIRST,
    ) -> None:
        def nothing(symbol: Symbol) -> Table:
            return Table({}, False if isinstance(symbol.range, BoolSort) else 0)

        system, translation = built(asked, version, version.source(asked), asked.rows)
        self.universes = {RESOURCE: resources, VMA: 2}
        start = start_of(
            system.symbols,
            translation,
            self.universes,
            functions,
            lambda name, symbol: given.get(name, nothing(symbol).default),
            nothing,
        )
        super().__init__(system, translation, start)

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

    def step(self, choices: Mapping[str, Value], endings: Iterable[str] = ()) -> None:
        """Take the one step that is possible."""
        excluded = tuple(f"[{ending}]" for ending in endings)
        leaving = [a for a in self.system.leaving(self.location) if not a.name.endswith(excluded)]
        possible = [
            (action, environment)
            for action in leaving
            for environment in self._environments(action, choices)
            if self.is_possible(action, environment)
        ]
        assert len(possible) == 1, (self.location, [a.name for a, _ in possible])
        ((action, environment),) = possible
        self.take(action, environment)

    def _environments(
        self, action: Action, choices: Mapping[str, Value]
    ) -> Iterator[Mapping[Var, Value]]:
        def offered(param: Var) -> Iterable[Value]:
            if param.name in choices:
                return (choices[param.name],)
            assert isinstance(param.sort, Unbounded)
            return range(self.universes[param.sort])

        for values in product(*map(offered, action.params)):
            yield dict(zip(action.params, values, strict=True))
