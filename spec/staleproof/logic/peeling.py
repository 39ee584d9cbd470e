"""A system whose first rounds of loops have locations of their own: the same runs, told apart.

What is true only from some round on is an invariant of the rounds that are left. And what is chosen
in the first rounds is chosen once, so it is made a constant of the run: what the first rounds found
out about what never changes can then be said for good.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace

from staleproof.lang.sorts import BOOL, Sort
from staleproof.lang.substitute import Substitution, Update
from staleproof.lang.system import Action, Property, System
from staleproof.lang.terms import Symbol, Term, Var, neg
from staleproof.logic.runs import exclude_each_other


def peeled(system: System, heads: Collection[str], rounds: int) -> System:
    """`system`, with copies of its locations for the first `rounds` rounds.

    A round ends where a run comes to one of the `heads`. Where no action leaves there is one
    location for all rounds.
    """
    return _Peeling(system, frozenset(heads), rounds).whole()


def copies_of(name: str, rounds: int) -> tuple[str, ...]:
    """The names that the copies of an action have."""
    return tuple(_copy_named(name, number, rounds) for number in range(rounds + 1))


def _copy_named(name: str, number: int, rounds: int) -> str:
    return name if number == rounds else f"{name} <{number}>"


class _Peeling:
    def __init__(self, system: System, heads: frozenset[str], rounds: int) -> None:
        self._system, self._heads, self._rounds = system, heads, rounds
        self._chosen: list[Symbol] = []
        self._actions: list[Action] = []
        self._reached: dict[str, list[int]] = {}

    def whole(self) -> System:
        """The peeled system."""
        system = self._system
        todo = [(system.entry, 0)]
        self._reached[system.entry] = [0]
        for location, number in todo:
            for action in self._leaving(location, number):
                after = min(number + (action.target in self._heads), self._rounds)
                if after not in self._reached.setdefault(action.target, []):
                    self._reached[action.target].append(after)
                    todo.append((action.target, after))
                source, target = self._copy(location, number), self._copy(action.target, after)
                name = self._named(action.name, number)
                self._actions.append(replace(action, name=name, source=source, target=target))
        return replace(
            system,
            wider=None,
            symbols=(*system.symbols, *self._chosen),
            actions=tuple(self._actions),
            entry=self._copy(system.entry, 0),
            safety=tuple(map(self._everywhere, system.safety)),
            lemmas=tuple(map(self._everywhere, system.lemmas)),
        )

    def _leaving(self, location: str, number: int) -> Iterable[Action]:
        """The actions that leave a location in a round; none but those of the rounds that are left
        has a choice.
        """
        actions = self._system.leaving(location)
        if number == self._rounds:
            return actions
        return list(self._decided(actions, self._copy(location, number)))

    def _decided(self, actions: tuple[Action, ...], where: str) -> Iterator[Action]:
        """Each action with what is chosen made constants of the run, and which of them is taken."""
        others: tuple[Term, ...] = ()
        for index, action in enumerate(actions):
            known: dict[Var, Term] = {}
            for param in action.params:
                known[param] = self._choice(f"{param.name} of {index} at {where}", param.sort)
            here: tuple[Term, ...] = ()
            if index < len(actions) - 1 and not exclude_each_other(actions):
                taken = self._choice(f"{index} at {where}", BOOL)
                here = (taken,)
            yield _with(action, known, (*others, *here))
            others = (*others, *(neg(h) for h in here))

    def _choice(self, name: str, sort: Sort) -> Term:
        symbol = Symbol(f"chosen: {name}", (), sort, mutable=False)
        self._chosen.append(symbol)
        return symbol()

    def _everywhere(self, prop: Property) -> Property:
        if prop.at is None:
            return prop
        at = (self._copy(loc, n) for loc in prop.at for n in self._reached.get(loc, ()))
        return replace(prop, at=frozenset(at))

    def _copy(self, location: str, number: int) -> str:
        return self._named(location, number) if self._system.leaving(location) else location

    def _named(self, name: str, number: int) -> str:
        return _copy_named(name, number, self._rounds)


def _with(action: Action, known: dict[Var, Term], guard: tuple[Term, ...]) -> Action:
    if not known and not guard:
        return action
    reading = Substitution(known, {})
    return replace(
        action,
        params=(),
        guard=(*guard, *map(reading, action.guard)),
        updates=tuple(
            Update(u.symbol, u.formals, reading(u.value), reading(u.where)) for u in action.updates
        ),
        notes=tuple(replace(n, terms=tuple(map(reading, n.terms))) for n in action.notes),
    )
