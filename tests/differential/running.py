"""A system that goes its way on plain values, one step after the other, without a solver."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Final

from staleproof.cfront.translate import RETURN, Translation
from staleproof.lang.evaluate import Evaluator, FunctionValue, Interpretation, Table
from staleproof.lang.sorts import Unbounded, Value
from staleproof.lang.system import Action, System
from staleproof.lang.terms import Symbol, Var

LONGEST: Final = 5_000
"""Runs that take more steps have gone astray."""


def start_of(
    symbols: Iterable[Symbol],
    translation: Translation,
    universes: Mapping[Unbounded, int],
    known: Mapping[Symbol, FunctionValue],
    given: Callable[[str, Symbol], Value],
    otherwise: Callable[[Symbol], FunctionValue],
) -> Interpretation:
    """The state in which a function is called.

    `known` is the world, `given` says what a parameter is, `otherwise` what all else is.
    """
    parameters = {s.name: name for name, s in translation.parameters.items()}
    parameters |= {name: name for name in translation.parameters}
    functions = dict(known)
    values: dict[str, Value] = {}
    for symbol in symbols:
        if symbol in functions:
            continue
        name = parameters.get(symbol.name)
        if name is None or symbol.domain:
            functions[symbol] = otherwise(symbol)
        else:
            values.setdefault(name, given(name, symbol))
            functions[symbol] = Table({}, values[name])
    return Interpretation(functions, universes)


class Run:
    """Where a system stands, and in which state."""

    def __init__(self, system: System, translation: Translation, state: Interpretation) -> None:
        self.system, self.translation, self.state = system, translation, state
        self.location = system.entry

    def demand_lawful(self) -> None:
        """The state is one that the axioms and the initial conditions allow."""
        here = Evaluator(self.state, {})
        for formula in (*self.system.axioms, *self.system.init):
            assert here.value(formula), f"{self.system.name} starts in a state without {formula}"

    @property
    def has_ended(self) -> bool:
        """No step leads on."""
        return not self.system.leaving(self.location)

    def is_possible(self, action: Action, environment: Mapping[Var, Value]) -> bool:
        """Its guards hold, with these values of its parameters."""
        here = Evaluator(self.state, environment)
        return all(here.value(guard) for guard in action.guard)

    def take(self, action: Action, environment: Mapping[Var, Value]) -> None:
        """The step is made."""
        self.state = self.state.after(action.updates, environment)
        self.location = action.target

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
        """A symbol's value now."""
        return self.state.value(symbol, *arguments)
