"""Random small systems, made to be awkward: shared names, overlapping guards, many choices."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from hypothesis import strategies as st

from oracles.exhaustive import Space
from oracles.plans import B2, B3, COLOUR, SEEDS, P, PlanMaker, build
from staleproof.lang.evaluate import evaluate
from staleproof.lang.sorts import BOOL, Sort
from staleproof.lang.substitute import Update, assign, formals_of, override
from staleproof.lang.system import EVERYWHERE, Action, Property, System
from staleproof.lang.terms import (
    FALSE,
    TRUE,
    Symbol,
    Term,
    Var,
    conj,
    eq,
    forall,
    literal,
    neg,
    variable,
)

FLAG, OTHER = Symbol("flag", (), BOOL), Symbol("other", (), BOOL)
PAIR = Symbol("x", (), B2)
WORD = Symbol("word", (), B3)
PAINT = Symbol("paint", (), COLOUR)
HERE = Symbol("here", (), P)
MARKED = Symbol("marked", (P,), BOOL)
EDGE = Symbol("edge", (P, P), BOOL)
NEXT = Symbol("next", (P,), P)
FIXED = Symbol("fixed", (P,), BOOL, mutable=False)
ELEMENT = variable("p", P)

CONSTANTS = ((FLAG,), (PAIR,), (WORD,), (PAINT,), (FLAG, OTHER), (FLAG, PAIR), (OTHER, PAINT))
RELATIONS: tuple[tuple[Symbol, ...], ...] = (
    (),
    (MARKED,),
    (HERE,),
    (HERE, MARKED),
    (EDGE,),
    (NEXT, HERE),
    (MARKED, FIXED),
)
PARAMETERS = tuple(variable(n, s) for n in ("x", "y") for s in (P, B2, BOOL, COLOUR))
"""The same names at several sorts, one of them the name and sort of a symbol."""
LOCATIONS = ("start", "middle", "late", "end")


@dataclass(frozen=True)
class Shape:
    """What kind of systems to draw."""

    unbounded: bool = True
    control: bool | None = None
    most_params: int = 2
    actions: tuple[int, int] = (2, 4)
    quantifiers: bool = True


@st.composite
def systems(draw: st.DrawFn, shape: Shape = Shape()) -> System:
    """A random system with one safety property."""
    actions = draw(st.integers(*shape.actions))
    return SystemMaker(Random(draw(SEEDS)), shape).system(actions)


class SystemMaker:
    """Random systems from a source of chance; too many small choices to be worth shrinking."""

    def __init__(self, chance: Random, shape: Shape) -> None:
        self.chance, self.shape = chance, shape
        constants = chance.choice(CONSTANTS)
        relations = chance.choice(RELATIONS) if shape.unbounded else ()
        self.symbols = (*constants, *relations)
        self.sorts: tuple[Sort, ...] = (BOOL, B2, B3, COLOUR, *((P,) if shape.unbounded else ()))
        control = self.perhaps() if shape.control is None else shape.control
        self.locations: tuple[str, ...] = LOCATIONS if control else (EVERYWHERE,)

    def formula(self, free: tuple[Var, ...] = (), depth: int = 2, sort: Sort = BOOL) -> Term:
        quantifiers = self.shape.quantifiers
        maker = PlanMaker(self.chance.randrange, self.symbols, self.sorts, quantifiers)
        return build(maker.plan(sort, depth, free))

    def value(self, sort: Sort) -> Term:
        """A plain value."""
        return build(PlanMaker(self.chance.randrange, (), ()).leaf(sort, ()))

    def perhaps(self) -> bool:
        """One time in two."""
        return self.chance.random() < 0.5

    def system(self, count: int) -> System:
        """A system of that many actions."""
        actions: list[Action] = []
        for number in range(count):
            actions.append(self.action(number, actions))
        ends = (end for a in actions for end in (a.source, a.target))
        entry = self.locations[0]
        self.locations = tuple(dict.fromkeys((entry, *ends)))
        axioms: tuple[Term, ...] = ()
        if FIXED in self.symbols and self.perhaps():
            maker = PlanMaker(self.chance.randrange, (FIXED,), (BOOL, P))
            axioms = (build(maker.plan(BOOL, 3, ())),)
        return System(
            "random",
            self.symbols,
            self.init(),
            tuple(actions),
            axioms,
            entry,
            safety=(self.prop("safe"),),
        )

    def init(self) -> tuple[Term, ...]:
        """Most constants are fixed at the start, so that not everything is reachable at once."""
        fixed = [
            eq(s(), self.value(s.range))
            for s in self.symbols
            if not s.domain and s.range != P and self.chance.randrange(6)
        ]
        if MARKED in self.symbols and self.perhaps():
            fixed.append(forall(ELEMENT, neg(MARKED(ELEMENT))))
        return tuple(fixed) if self.chance.randrange(4) else (*fixed, self.formula())

    def params(self) -> tuple[Var, ...]:
        usable = tuple(p for p in PARAMETERS if p.sort in self.sorts)
        count = self.chance.randrange(self.shape.most_params + 1)
        chosen = {p.name: p for p in (self.chance.choice(usable) for _ in range(count))}
        return tuple(chosen.values())

    def action(self, number: int, earlier: list[Action]) -> Action:
        params = self.params()
        source, target = self.ends()
        guard = tuple(self.formula(params) for _ in range(self.chance.choice((0, 1, 1, 2))))
        rivals = [a for a in earlier if a.source == source and a.guard and not a.guard[0].free]
        if rivals and self.perhaps():
            guard = (neg(rivals[0].guard[0]), *guard[1:])
        mutable = [s for s in self.symbols if s.mutable]
        updates: dict[Symbol, Update] = {}
        for _ in range(1 + self.chance.randrange(2)):
            symbol = mutable[self.chance.randrange(len(mutable))]
            update = self.update(symbol, params)
            if update is None:
                continue
            known = updates.get(symbol)
            updates[symbol] = update if known is None else override(known, update)
        return Action(
            f"action{number}",
            params,
            tuple(g for g in guard if g is not TRUE),
            tuple(updates.values()),
            source,
            target,
        )

    def ends(self) -> tuple[str, str]:
        """Where an action leads from and to, mostly forwards."""
        source, target = self.chance.choice(self.locations), self.chance.choice(self.locations)
        ahead = self.locations[self.locations.index(source) + 1 :]
        return source, self.chance.choice(ahead) if ahead and self.perhaps() else target

    def update(self, symbol: Symbol, params: tuple[Var, ...]) -> Update | None:
        """A new value at one point, or a new function."""
        available = {p.sort for p in params} | {s.range for s in self.symbols if not s.domain}
        formals = formals_of(symbol)
        if P in symbol.domain and (P not in available or not self.chance.randrange(3)):
            return Update(symbol, formals, self.formula((*params, *formals), 2, symbol.range))
        if symbol.range == P and P not in available:
            return None
        if symbol.range in (B2, B3) and self.perhaps():
            return assign(symbol, (), symbol() + 1)
        point = tuple(self.formula(params, 1, s) for s in symbol.domain)
        return assign(symbol, point, self.formula(params, 2, symbol.range))

    def prop(self, name: str, depth: int = 3) -> Property:
        """A random statement, mostly about all states."""
        usable = tuple(p for p in PARAMETERS if p.sort in self.sorts)
        params = (self.chance.choice(usable),) if self.perhaps() else ()
        at: frozenset[str] | None = None
        if len(self.locations) > 1 and self.perhaps():
            at = frozenset({self.chance.choice(self.locations)})
        premise = self.formula(params, 1) if self.perhaps() else TRUE
        if self.perhaps():
            return Property(name, self.formula(params, depth), params, premise, at)
        never = conj(*(self.fact(params) for _ in range(1 + self.chance.randrange(2))))
        return Property(name, neg(never), params, premise, at)

    def fact(self, params: tuple[Var, ...]) -> Term:
        """That a constant has some value, or something else that is small."""
        plain = [s for s in self.symbols if not s.domain and s.range != P]
        if self.chance.randrange(3) and plain:
            symbol = self.chance.choice(plain)
            return eq(symbol(), self.value(symbol.range))
        return self.formula(params, 1)


def aimed_at(space: Space, chance: Random) -> Property:
    """That some reachable state, likely a far one, is not reached, as far as constants tell."""
    distances = space.distances
    if not distances:
        return Property("aimed", FALSE)
    at = max(chance.sample(list(distances), min(4, len(distances))), key=distances.__getitem__)
    state = space.state(at.values)
    facts = [
        eq(s(), literal(state.value(s), s.range))
        for s in space.system.symbols
        if not s.domain and s.range != P
    ]
    if MARKED in space.system.symbols:
        all_marked = forall(ELEMENT, MARKED(ELEMENT))
        facts.append(all_marked if evaluate(all_marked, state, {}) else neg(all_marked))
    only_there = frozenset({at.location}) if chance.random() < 0.5 else None
    return Property("aimed", neg(conj(*facts)), at=only_there)


@st.composite
def properties_of(
    draw: st.DrawFn,
    system: System,
    count: int,
    everywhere: bool = False,
    shape: Shape = Shape(),
) -> list[Property]:
    """Random statements about the states of a system."""
    maker = SystemMaker(Random(draw(SEEDS)), shape)
    maker.symbols, maker.locations = system.symbols, system.locations
    maker.sorts = (BOOL, B2, B3, COLOUR, *((P,) if uses_elements(system) else ()))
    found = [maker.prop(f"candidate{i}", depth=2) for i in range(count)]
    if everywhere:
        found = [Property(q.name, q.conclusion, q.params, q.premise) for q in found]
    return found


def uses_elements(system: System) -> bool:
    """Whether the system has symbols over the unbounded sort."""
    return any(P in (*s.domain, s.range) for s in system.symbols)
