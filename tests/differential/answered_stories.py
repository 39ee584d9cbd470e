"""Runs of a system in which every choice that the contracts leave open is taken at random."""

from __future__ import annotations

import ctypes
import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from staleproof.cfront.contracts import ArrayPointer, LocalAddress
from staleproof.cfront.contracts import Outcome as Ending
from staleproof.cfront.contracts import Value as Argument
from staleproof.errors import EvaluationError
from staleproof.kernel.contracts.follow_pfn import strict_follow_pfn
from staleproof.kernel.world import current_mm
from staleproof.lang.evaluate import Interpretation, evaluate
from staleproof.lang.sorts import BitVec, Sort, Unbounded, Value
from staleproof.lang.system import Action
from staleproof.lang.terms import Term, Var

from .answered_memory import Memory, Objects
from .answered_worlds import offers
from .machine import Machine, Site
from .running import Run

MOST_STEPS, MOST_TRIES, MOST_CALLS = 300, 12, 120
"""Where a run is cut, and how often values are tried before another step is."""
ON_PURPOSE = 0.8
"""How often a step that leads to a missing one is tried before others."""
GOES_WELL = 0.4
"""How often that all pages are pinned is tried before what else a pin may come to."""


@dataclass(frozen=True)
class Event:
    """A call in a run: what it was given, and what it gave. A run may end within it."""

    callee: str
    arguments: tuple[tuple[int, int] | None, ...]
    """Each with the bits that count; None is the address of a local."""
    before: Memory
    result: int = 0
    stores: tuple[tuple[int, int, int], ...] = ()
    """What was stored through which argument, in how many bytes."""
    after: Memory | None = None


@dataclass(frozen=True)
class Story:
    """A run of the system."""

    given: tuple[int, ...]
    settings: Mapping[str, int]
    memory: Memory
    events: tuple[Event, ...]
    end: str
    """The location that the run has come to; not the return if a demand failed, or it was cut."""
    result: int
    width: int
    """Of the result, in bits."""
    final: Memory
    taken: frozenset[str] = field(compare=False, default=frozenset())
    """The names of the steps."""


class Teller:
    """Plays a machine at random, mostly towards steps that it has not taken yet.

    `wanted` are the names of those that it is to take.
    """

    def __init__(
        self, machine: Machine, objects: Objects, wanted: Iterable[str], *, vectors: bool
    ) -> None:
        self.machine, self.objects, self.vectors = machine, objects, vectors
        self.missing = set(wanted)
        """Those that it has not taken yet."""
        self._ahead = {at: self._steps_from(at) for at in machine.system.locations}

    def _steps_from(self, location: str) -> frozenset[str]:
        """The steps that may come after that location, by the flow of control."""
        found: set[str] = set()
        seen, pending = {location}, [location]
        while pending:
            for action in self.machine.system.leaving(pending.pop()):
                found.add(action.name)
                if action.target not in seen:
                    seen.add(action.target)
                    pending.append(action.target)
        return frozenset(found)

    def _leads_on(self, action: Action) -> bool:
        """Whether it, or what may come after it, is missing."""
        return action.name in self.missing or not self.missing.isdisjoint(
            self._ahead[action.target]
        )

    def memory(self, state: Interpretation) -> Memory:
        """The memory of a state."""
        return self.objects.in_state(state, vectors=self.vectors)

    def story(self, state: Interpretation, chance: random.Random) -> Story:
        """One run from that state."""
        run = Run(self.machine.system, self.machine.translation, state)
        events: list[Event] = []
        taken = set()
        for _ in range(MOST_STEPS):
            chosen = self._choice(run, chance)
            if chosen is None or len(events) > MOST_CALLS:
                break
            action, environment = chosen
            taken.add(action.name)
            self.missing.discard(action.name)
            before = run.state
            run.take(action, environment)
            call = self.machine.calls.get(action)
            if call is not None:
                events.append(self._event(action, *call, environment, before, run.state))
        result, width = 0, 0
        if run.returned and self.machine.translation.result is not None:
            result, width = self._word(self.machine.translation.result(), run.state, {})
        return Story(
            given=self._given(state),
            settings={
                symbol.name: int(state.value(symbol))
                for symbol in (current_mm, strict_follow_pfn)
                if symbol in state.functions
            },
            memory=self.memory(state),
            events=tuple(events),
            end=run.location,
            result=result,
            width=width,
            final=self.memory(run.state),
            taken=frozenset(taken),
        )

    def _given(self, state: Interpretation) -> tuple[int, ...]:
        """The arguments of the function: pointers to cells are their addresses."""
        cells = {s.name: ctypes.addressof(cell) for s, cell in self.objects.cells.items()}
        parameters = self.machine.translation.parameters
        return tuple(
            cells.get(f"*{name}") or self._word(symbol(), state, {})[0]
            for name, symbol in parameters.items()
            if not name.startswith("*")
        )

    def _choice(self, run: Run, chance: random.Random) -> tuple[Action, Mapping[Var, Value]] | None:
        """A step that is possible; None at the end, or where what is asked of is endless."""
        leaving = list(run.system.leaving(run.location))
        chance.shuffle(leaving)
        if chance.random() < ON_PURPOSE:
            leaving.sort(key=self._leads_on, reverse=True)
        if chance.random() < GOES_WELL:
            leaving.sort(key=lambda action: "[pins all" not in action.name)
        endless = False
        for tries in (1, MOST_TRIES, 20 * MOST_TRIES):
            for action in leaving:
                is_new = action.name in self.missing
                for _ in range(max(tries, MOST_TRIES * is_new) if action.params else 1):
                    environment = {p: offers(chance, p.name, p.sort) for p in action.params}
                    try:
                        if run.is_possible(action, environment):
                            return action, environment
                    except EvaluationError:
                        endless = True
        assert endless or not leaving, (run.location, [action.name for action in leaving])
        return None

    def _event(
        self,
        action: Action,
        site: Site,
        ending: Ending | None,
        environment: Mapping[Var, Value],
        before: Interpretation,
        after: Interpretation,
    ) -> Event:
        arguments = tuple(self._argument(argument, before) for argument in site.arguments)
        if ending is None:
            return Event(site.callee, arguments, self.memory(before))
        result = ending.result
        word = 0 if result is None else self._pointed(result, before, environment)[0]
        changed = {update.symbol for update in action.updates}
        stores = tuple(
            (at, self._size(argument.symbol.range), self._word(argument.symbol(), after, {})[0])
            for at, argument in enumerate(site.arguments)
            if isinstance(argument, LocalAddress) and argument.symbol in changed
        )
        then = self.memory(after)
        return Event(site.callee, arguments, self.memory(before), word, stores, then)

    def _argument(self, argument: Argument, state: Interpretation) -> tuple[int, int] | None:
        if isinstance(argument, LocalAddress):
            cell = self.objects.cells.get(argument.symbol)
            return None if cell is None else (ctypes.addressof(cell), 64)
        return self._pointed(argument, state, {})

    def _pointed(
        self, value: Argument, state: Interpretation, environment: Mapping[Var, Value]
    ) -> tuple[int, int]:
        if isinstance(value, ArrayPointer):
            word = 1 if value.word is None else evaluate(value.word, state, environment)
            if word != 1:
                return int(word), 64
            index = evaluate(value.index, state, environment)
            return self.objects.slot(evaluate(value.object, state, environment), int(index)), 64
        assert isinstance(value, Term)
        return self._word(value, state, environment)

    def _word(
        self, term: Term, state: Interpretation, environment: Mapping[Var, Value]
    ) -> tuple[int, int]:
        """The value as it is in a register, with the bits that count."""
        value = evaluate(term, state, environment)
        if isinstance(term.sort, Unbounded):
            return self.objects.address(term.sort, value), 64
        return int(value), 8 * self._size(term.sort)

    def _size(self, sort: Sort) -> int:
        return sort.width // 8 if isinstance(sort, BitVec) else 1
