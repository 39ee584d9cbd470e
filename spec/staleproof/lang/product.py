"""Two systems side by side, from one beginning: how the runs of two programs are compared.

Each side has state of its own; what cannot change, both share. The runs of two sides that share
nothing that changes cannot disturb each other, so one interleaving of each pair of runs is enough:
the first side goes on to a place where the two are to meet or to its end, then the second does.
A side that has ended is told by the place where it last waited, for that tells how it came to end.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from staleproof.lang.substitute import Substitution, Update, formals_of, symbols_of
from staleproof.lang.system import Action, Assumption, Definition, Property, System
from staleproof.lang.terms import App, Operation, Symbol, Term

BEGIN = "begin"
"""The location before either side has begun; the place of one that has not."""

STOPPED = "-"
"""Where a side is that was cut short."""


@dataclass(frozen=True, eq=False)
class Side:
    """One of the two systems. `own` are its symbols that the other side has no part in.

    `given` are symbols of its that cannot change, and what they stand for in the product. `meets`
    are the locations at which it waits for the other side. At `stops` the comparison ends, whatever
    the other side would do.
    """

    label: str
    system: System
    own: frozenset[Symbol]
    given: Mapping[Symbol, Symbol]
    meets: frozenset[str]
    stops: frozenset[str] = frozenset()

    def named(self, symbol: Symbol) -> Symbol:
        """This side's copy of a symbol."""
        return replace(symbol, name=f"{self.label}.{symbol.name}")

    @property
    def world(self) -> list[Symbol]:
        """What can change and is not its own: both sides begin with the same."""
        return [s for s in self.system.symbols if s.mutable and s not in self.own]


@dataclass(frozen=True, slots=True)
class _Turn:
    """Where the sides are, which of them moves, and where they were when the round began.

    What happens in a round is told apart by where it began, so that only the beginnings of rounds
    can be the heads of loops in which both sides move.
    """

    places: tuple[str, str]
    mover: int
    base: tuple[str, str]
    begins: bool = False

    @property
    def location(self) -> str:
        if self.begins:
            return _where(*self.places)
        return f"{_where(*self.places)} | {self.mover} since {_where(*self.base)}"


@dataclass(frozen=True, eq=False)
class Product:
    """Two sides, `frozen` being symbols that stand still, and what they stand at.

    In turn, the second begins where the first has ended, and neither waits for the other: what is
    said of that place cuts the whole into two parts, of one side each.
    """

    first: Side
    second: Side
    frozen: Mapping[Symbol, Symbol]
    in_turn: bool = False

    @cached_property
    def world(self) -> tuple[Symbol, ...]:
        """What either side can change of the world, in the order of the sides."""
        found = dict.fromkeys([*self.first.world, *self.second.world])
        return tuple(s for s in found if s not in self.frozen)

    def at_first(self, term: Term) -> Term:
        """A term of the first side's, in the product."""
        return self._reading(self.first)(term)

    def at_second(self, term: Term) -> Term:
        """A term of the second side's, in the product."""
        return self._reading(self.second)(term)

    def initially(self, term: Term) -> Term:
        """A term of either side's that is about the world as both find it."""
        return self._before(self.first)(self._before(self.second)(term))

    @cached_property
    def beginning(self) -> Mapping[Symbol, Symbol]:
        """What each symbol of the world is when both begin."""
        return {s: replace(s, mutable=False) for s in self.world}

    def _reading(self, side: Side) -> Substitution:
        if side not in self._readings:
            own = {s: side.named(s) for s in (*self.world, *side.own) if s.mutable}
            self._readings[side] = _renaming({**own, **side.given, **self.frozen})
        return self._readings[side]

    def _before(self, side: Side) -> Substitution:
        own = {s: side.named(s) for s in side.own if s.mutable}
        return _renaming({**own, **side.given, **self.frozen, **self.beginning})

    @cached_property
    def _readings(self) -> dict[Side, Substitution]:
        return {}

    @cached_property
    def ends(self) -> Mapping[str, tuple[str | None, str | None]]:
        """The locations at which both sides have ended, and where each has; None for a side that
        the other's stop has cut short.
        """
        found: dict[str, tuple[str | None, str | None]] = {}
        first, second = self._ended
        for at_a, a in first.items():
            found[_where(at_a, STOPPED)] = (a, None)
            for at_b, b in second.items():
                found[_where(STOPPED, at_b)] = (None, b)
                found[_where(at_a, at_b)] = (a, b)
        reached = {action.target for action in self._moves}
        return {location: pair for location, pair in found.items() if location in reached}

    @cached_property
    def _moves(self) -> tuple[Action, ...]:
        return tuple(self._all_moves())

    def _all_moves(self) -> Iterator[Action]:
        """What each side does, round by round: in a round the first side moves until it waits or
        has ended, then the second does.
        """
        todo = [self._round(self.first.system.entry, self.second.system.entry)]
        seen = set(todo)
        for turn in todo:
            side = (self.first, self.second)[turn.mover]
            for action in side.system.leaving(turn.places[turn.mover]):
                after = self._after(turn, action.target)
                other = turn.places[1 - turn.mover]
                if isinstance(after, _Turn):
                    is_new = after not in seen
                    if is_new:
                        seen.add(after)
                        todo.append(after)
                    location = after.location
                    if self.in_turn and after.mover != turn.mover:
                        place = _where(after.places[0], BEGIN)
                        if is_new:
                            yield self._begin((self.second,), place, location)
                        location = place
                    after = location
                yield self._move(side, action, turn.location, after, f"{other} {turn.base}")

    def _round(self, a: str, b: str) -> _Turn:
        """The beginning of a round, in which a side that has ended has no part."""
        return _Turn((a, b), 1 if a in self._ended[0] else 0, (a, b), begins=True)

    def _after(self, turn: _Turn, target: str) -> _Turn | str:
        """Where a move leads: to another turn, or to an end."""
        mover, side = turn.mover, (self.first, self.second)[turn.mover]
        other = STOPPED if target in side.stops else turn.places[1 - mover]
        ended = target in self._ended[mover]
        place = target
        waited = turn.base[mover] in side.meets and not self.in_turn
        if ended and target not in side.stops and waited:
            place = _ended_after(target, turn.base[mover])
        a, b = (place, other) if mover == 0 else (other, place)
        if target in side.stops:
            return _where(a, b)
        if not ended and (self.in_turn or target not in side.meets):
            return _Turn((a, b), mover, turn.base)
        if mover == 0 and b not in self._ended[1]:
            return _Turn((a, b), 1, turn.base)
        if a in self._ended[0] and b in self._ended[1]:
            return _where(a, b)
        return self._round(a, b)

    def end_of(self, number: int, place: str) -> str | None:
        """Where the first (0) or second (1) side has ended, at a place of its own; None before."""
        return self._ended[number].get(place)

    @cached_property
    def _ended(self) -> tuple[Mapping[str, str], Mapping[str, str]]:
        """Per side the places at which it has ended, and where that is."""

        def places(side: Side) -> Mapping[str, str]:
            ends = _ends(side.system)
            later = {_ended_after(end, meet): end for end in ends for meet in side.meets}
            return {end: end for end in ends} | later

        return places(self.first), places(self.second)

    def _move(self, side: Side, action: Action, source: str, target: str, other: str) -> Action:
        reading = self._reading(side)
        updates = tuple(
            Update(side.named(u.symbol), u.formals, reading(u.value), reading(u.where))
            for u in action.updates
            if u.symbol not in self.frozen
        )
        return replace(
            action,
            name=f"{side.label} {action.name} | {other}",
            guard=tuple(reading(g) for g in action.guard),
            updates=updates,
            notes=tuple(replace(n, terms=tuple(map(reading, n.terms))) for n in action.notes),
            source=source,
            target=target,
        )

    def _begin(self, sides: tuple[Side, ...], source: str, target: str) -> Action:
        updates = []
        for symbol, before in self.beginning.items():
            formals = formals_of(symbol)
            for side in sides:
                updates.append(Update(side.named(symbol), formals, before(*formals)))
        own = {side.named(s) for side in sides for s in side.own}
        updates += [Update(s, (), value) for s, value in self._given.items() if s in own]
        return Action(
            "both begin" if len(sides) > 1 else f"{sides[0].label} begins",
            updates=tuple(updates),
            source=source,
            target=target,
            doc="the world is the same for both",
        )

    @property
    def _first_move(self) -> Action:
        """What comes first of all: that both begin, or the first alone."""
        both = (self.first, self.second)
        sides = both[:1] if self.in_turn else both
        return self._begin(sides, BEGIN, _where(*(side.system.entry for side in both)))

    @cached_property
    def halfway(self) -> frozenset[str]:
        """Where the first side has ended and the second is to begin, in turn alone."""
        places = {_where(at, BEGIN) for at in self._ended[0]}
        return frozenset(places & {action.target for action in self._moves})

    @cached_property
    def _given(self) -> Mapping[Symbol, Term]:
        """What constants of a side's own begin with, where what cannot change tells."""
        found: dict[Symbol, Term] = {}
        for side in (self.first, self.second):
            for term in side.system.init:
                if isinstance(term, Operation) and term.operator.name == "eq":
                    left, right = term.children
                    if isinstance(left, App) and left.symbol in side.own and left.symbol.mutable:
                        value = self._before(side)(right)
                        if not (left.children or any(s.mutable for s in symbols_of(value))):
                            found.setdefault(side.named(left.symbol), value)
        return found

    def whole(
        self,
        name: str,
        safety: tuple[Property, ...] = (),
        init: tuple[Term, ...] = (),
        lemmas: tuple[Property, ...] = (),
        assumptions: tuple[Assumption, ...] = (),
    ) -> System:
        """Both sides as one system, begun where `init` holds too."""
        systems = (self.first.system, self.second.system)
        used = {s for system in systems for s in system.symbols}
        stands = [stood for symbol, stood in self.frozen.items() if symbol in used]
        symbols = dict.fromkeys([*stands, *self.beginning.values()])
        for side in (self.first, self.second):
            fixed = (s for s in side.system.symbols if not s.mutable)
            symbols |= dict.fromkeys(side.given.get(s, s) for s in fixed)
            own = sorted(side.own, key=lambda s: s.name)
            copied = (s for s in (*self.world, *own) if s.mutable)
            symbols |= dict.fromkeys(side.named(s) for s in copied)
        symbols |= dict.fromkeys(sorted(symbols_of(*init), key=lambda s: s.name))
        definitions: dict[Symbol, Definition] = {}
        for system in systems:
            definitions |= {d.symbol: d for d in system.definitions}
        taken = {a.name: a for a in (*(a for s in systems for a in s.assumptions), *assumptions)}
        started = [self._before(s)(t) for s in (self.first, self.second) for t in s.system.init]
        started += init
        axioms = [self._before(s)(t) for s in (self.first, self.second) for t in s.system.axioms]
        # What the world is found in cannot change, so what is said of it holds for good.
        changing = [t for t in started if any(s.mutable for s in symbols_of(t))]
        lasting = set(started) - set(changing)
        return System(
            name=name,
            symbols=tuple(symbols),
            init=tuple(dict.fromkeys(changing)),
            axioms=tuple(dict.fromkeys([*axioms, *(t for t in started if t in lasting)])),
            actions=(self._first_move, *self._moves),
            entry=BEGIN,
            safety=safety,
            lemmas=lemmas,
            assumptions=tuple(taken.values()),
            doc="Two systems from one beginning, each with its own state.",
            definitions=tuple(definitions.values()),
        )


def _ended_after(end: str, meet: str) -> str:
    return f"{end} after {meet}"


def _where(a: str, b: str) -> str:
    return f"{a} | {b}"


def _ends(system: System) -> list[str]:
    return [loc for loc in system.locations if not system.leaving(loc)]


def _renaming(names: Mapping[Symbol, Symbol]) -> Substitution:
    updates = {}
    for symbol, new in names.items():
        formals = formals_of(symbol)
        updates[symbol] = Update(symbol, formals, new(*formals))
    return Substitution({}, updates)
