"""Termination: every run ends, by ranking words that are proved themselves.

Between two visits of a loop head that pass through no loop around it, some unsigned word must
strictly grow (or strictly shrink). A run that never ended would visit some head for ever, and from
some time on the outermost of those without passing a head around it: a word of finitely many
values would grow for ever, which it cannot.

What a word was at the last visit is kept in a *snapshot*, a state constant set when the head is
left; so 'more than at the last visit' is an ordinary invariant, and Houdini finds it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from math import prod

from staleproof.engine.houdini import largest_inductive
from staleproof.engine.induction import Inductive
from staleproof.engine.reading import Runs
from staleproof.engine.scoped import Goal
from staleproof.engine.search import Found, Limits, Search
from staleproof.errors import EvaluationError
from staleproof.lang.evaluate import MOST_WRITTEN, Interpretation, elements, evaluate
from staleproof.lang.liveness import live_constants
from staleproof.lang.sorts import BOOL, BitVec, Value
from staleproof.lang.substitute import Update, assign, symbols_of
from staleproof.lang.system import Action, Property, System
from staleproof.lang.terms import (
    FALSE,
    TRUE,
    Operation,
    Symbol,
    Term,
    Var,
    conj,
    eq,
    implies,
    neg,
    u_le,
    u_lt,
)
from staleproof.logic.blocks import loop_heads, reachable
from staleproof.logic.runs import Run, read
from staleproof.trace.model import Trace
from staleproof.trace.replay import Choice, as_trace, execute


@dataclass(frozen=True, slots=True)
class Ranking:
    """Between visits of `head` (through no loop around it) the word `symbol` strictly `moves`."""

    head: str
    symbol: Symbol
    moves: str

    def __str__(self) -> str:
        return f"at {self.head}: {self.symbol.name} strictly {self.moves} between visits"


@dataclass(frozen=True, slots=True)
class Ends:
    """Every run ends: a ranking for each loop head, and the lemmas that prove them."""

    rankings: tuple[Ranking, ...]
    lemmas: tuple[Property, ...]


@dataclass(frozen=True, slots=True)
class NoRanking:
    """For this loop head no ranking word was found; `unsure` if the solver gave up on the way."""

    head: str
    unsure: bool


def prove_termination(inductive: Inductive, invariants: Sequence[Property]) -> Ends | NoRanking:
    """A ranking for every loop head that can be reached where the `invariants` hold."""
    system = inductive.system
    inside = enclosed(system)
    reached = {system.entry}
    while new := {b.target for b in inductive.blocks if b.source in reached} - reached:
        reached |= new
    heads = [h for h in loop_heads(system) if h in reached]
    watched = _Watched(system, heads, inside)
    augmented = Inductive(watched.system, inductive.cuts, inductive.budget)
    possible = {(b.source, b.target) for b in inductive.blocks}
    augmented.blocks = tuple(b for b in augmented.blocks if (b.source, b.target) in possible)
    lemmas = largest_inductive(augmented, watched.candidates(), invariants)
    kept = set(lemmas)
    rankings = []
    for head in heads:
        found = next((r for r, q in watched.goals[head] if q in kept), None)
        if found is None:
            return NoRanking(head, inductive.unsure or augmented.unsure)
        rankings.append(found)
    return Ends(tuple(rankings), tuple(lemmas))


def enclosed(system: System) -> dict[str, frozenset[str]]:
    """Per loop head, the other heads inside its loop."""
    heads = loop_heads(system)
    before: dict[str, set[str]] = {}
    for action in system.actions:
        before.setdefault(action.target, set()).add(action.source)
    ahead = {head: reachable(system, head) for head in heads}
    inside: dict[str, frozenset[str]] = {}
    for head in heads:
        body: set[str] = set()
        # From where the head can be reached again without leaving what it reaches.
        todo = [s for s in before.get(head, ()) if s in ahead[head]]
        while todo:
            location = todo.pop()
            if location != head and location not in body:
                body.add(location)
                todo += [s for s in before.get(location, ()) if s in ahead[head]]
        inside[head] = frozenset(h for h in heads if h in body)
    # Of two heads that are inside each other's loop, the one met first is the outer.
    return {
        h: frozenset(g for g in gs if h not in inside[g] or heads.index(h) < heads.index(g))
        for h, gs in inside.items()
    }


def _moving(system: System, heads: list[str]) -> set[Symbol]:
    """The state constants that some action within a loop sets."""
    ahead = {location: reachable(system, location) for location in system.locations}
    within = [
        action
        for action in system.actions
        if any(action.source in ahead[h] and h in ahead[action.target] for h in heads)
    ]
    return {u.symbol for a in within for u in a.updates if not u.formals}


class _Watched:
    """The system with snapshots of the words at each loop head."""

    def __init__(self, system: System, heads: list[str], inside: dict[str, frozenset[str]]) -> None:
        self._heads = heads
        self._inside = {h: [g for g in heads if g in inside[h]] for h in heads}
        self._live = live_constants(system)
        moving = _moving(system, heads)
        words = [s for s in system.symbols if s in moving and isinstance(s.range, BitVec)]
        self._words = {h: [s for s in words if s in self._live[h]] for h in heads}
        self._visited = {h: Symbol(f"visited {h}", (), BOOL) for h in heads}
        self._snapshots = {
            (h, s): Symbol(f"{s.name} at {h}", (), s.range) for h in heads for s in self._words[h]
        }
        self.goals: dict[str, list[tuple[Ranking, Property]]] = {h: [] for h in heads}
        # Nothing is claimed of it, so that it is cut where the system was and nowhere else.
        self.system = replace(
            system,
            safety=(),
            lemmas=(),
            wider=None,
            symbols=(*system.symbols, *self._visited.values(), *self._snapshots.values()),
            init=(*system.init, *(neg(v()) for v in self._visited.values())),
            actions=tuple(self._watch(a) for a in system.actions),
        )

    def _watch(self, action: Action) -> Action:
        if action.source not in self._heads:
            return action
        head = action.source
        more: list[Update] = [assign(self._visited[head], (), TRUE)]
        more += [assign(self._snapshots[head, s], (), s()) for s in self._words[head]]
        more += [assign(self._visited[h], (), FALSE) for h in self._inside[head]]
        return replace(action, updates=(*action.updates, *more))

    def candidates(self) -> list[Property]:
        """At each head, how its words stand to the snapshots of heads around it and its own."""
        found: list[Property] = []
        for head in self._heads:
            for watched in self._heads:
                if head == watched or head in self._inside[watched]:
                    found += self._relations(head, watched)
        return found

    def _relations(self, here: str, watched: str) -> Iterator[Property]:
        visited = self._visited[watched]()
        words = [*(s() for s in self._words[here]), *self._bounds(here)]
        for symbol in self._words[watched]:
            before = self._snapshots[watched, symbol]()
            for term in words:
                if term.sort != symbol.range:
                    continue
                for name, formula in (
                    ("grows", u_lt(before, term)),
                    ("shrinks", u_lt(term, before)),
                    ("keeps", eq(before, term)),
                    ("not below", u_le(before, term)),
                    ("not above", u_le(term, before)),
                ):
                    prop = Property(
                        f"{here}: {term} {name} since {watched}.{symbol.name}",
                        implies(visited, formula),
                        at=frozenset({here}),
                    )
                    yield prop
                    if here == watched and term is symbol() and name in ("grows", "shrinks"):
                        self.goals[here].append((Ranking(here, symbol, name), prop))

    def _bounds(self, head: str) -> list[Term]:
        """Fields that pointers name at the head: the end of the VMA that is walked."""
        constants = [s for s in self._live[head] if not s.domain]
        fields: list[Term] = []
        for symbol in sorted({s for s in self._live[head] if s.domain}, key=lambda s: s.name):
            owners = [[c for c in constants if c.range == d and c.mutable] for d in symbol.domain]
            if isinstance(symbol.range, BitVec) and all(len(o) == 1 for o in owners):
                fields.append(symbol(*(o[0]() for o in owners)))
        return fields


# Runs that never end


def find_endless_run(
    system: System, limits: Limits, *, shortest: bool = True
) -> tuple[Trace, Found] | None:
    """The shortest run (or any) that comes back to a state it was in, replayed; None if none was
    found.
    """
    endless = Property("every run ends", FALSE, at=frozenset(loop_heads(system)))
    if not endless.at:
        return None
    # A loop that stands still does so in small scopes.
    narrow = replace(limits, scopes=limits.scopes[:2])
    lasso = _Lasso(system, (endless,), narrow)
    found = lasso.run() if shortest else lasso.any()
    if not isinstance(found, Found):
        return None
    states = execute(system, found.script)
    locations = [system.entry, *(c.action.target for c in found.script.choices)]
    live = [s for s in live_constants(system)[locations[-1]] if not s.domain and s.mutable]
    for index in range(len(states) - 1):
        same = locations[index] == locations[-1] and all(
            evaluate(s(), states[index], {}) == evaluate(s(), states[-1], {}) for s in live
        )
        if same and _same_tables(system, states[index:], found.script.choices[index:]):
            return as_trace(system, endless, found.script, states, loops_to=index), found
    return None


def _same_tables(system: System, states: Sequence[Interpretation], loop: Sequence[Choice]) -> bool:
    """Whether the tables are as before the loop: where they are known, and, of those that the
    loop reads, wherever it wrote.
    """
    first, last = states[0], states[-1]
    known = all(
        first.value(s, *point) == last.value(s, *point)
        for s in system.symbols
        if s.domain and s.mutable
        for point in [*last.functions[s].support()]
    )
    read = _read_by([choice.action for choice in loop])
    for choice, before in zip(loop, states, strict=False):
        for update in choice.action.updates:
            if update.formals and update.symbol in read:
                points = _written(update.where, update.formals, before, choice.environment)
                if points is None or any(
                    first.value(update.symbol, *p) != last.value(update.symbol, *p) for p in points
                ):
                    return False
    return known


def _read_by(actions: Sequence[Action]) -> set[Symbol]:
    """The symbols that decide whether the actions can happen again, and what they then do."""
    updates = [u for a in actions for u in a.updates]
    read = {*symbols_of(*(g for a in actions for g in a.guard))}
    read |= symbols_of(*(u.value for u in updates if not u.formals))
    while more := symbols_of(*(u.value for u in updates if u.symbol in read)) - read:
        read |= more
    return read


def _written(
    where: Term, formals: tuple[Var, ...], state: Interpretation, environment: Mapping[Var, Value]
) -> set[tuple[Value, ...]] | None:
    """Points outside of which `where` is false; None where they cannot be listed."""
    if isinstance(where, Operation) and where.operator.name == "or":
        parts = [_written(part, formals, state, environment) for part in where.children]
        listed = [points for points in parts if points is not None]
        return set().union(*listed) if len(listed) == len(parts) else None
    is_conjunction = isinstance(where, Operation) and where.operator.name == "and"
    facts = where.children if is_conjunction else (where,)
    values: list[Sequence[Value]] = []
    for formal in formals:
        fixed = [t for t in (_equal_to(formal, fact) for fact in facts) if t is not None]
        fixed = [t for t in fixed if not t.free & set(formals)]
        if fixed:
            values.append((evaluate(fixed[0], state, environment),))
            continue
        try:
            values.append(elements(formal.sort, state.universes))
        except EvaluationError:
            return None
    return set(product(*values)) if prod(map(len, values)) <= MOST_WRITTEN else None


def _equal_to(formal: Var, fact: Term) -> Term | None:
    """What the formal is, if the fact says so."""
    if isinstance(fact, Operation) and fact.operator.name == "eq":
        left, right = fact.children
        if left is formal:
            return right
        if right is formal:
            return left
    return None


class _Lasso(Search):
    """Search for a run whose last state equals an earlier one, in all that still matters."""

    def __init__(
        self,
        system: System,
        props: Sequence[Property],
        limits: Limits,
        runs: Runs | None = None,
    ) -> None:
        super().__init__(system, props, limits, runs)
        self._live = live_constants(system)
        self._visits: dict[str, list[Run]] = {}

    def goals_at(self, depth: int, runs: dict[str, Run]) -> list[Goal]:
        """One goal per loop head: the run was there before, in the same state."""
        goals = []
        (endless,) = self.props
        for location, run in runs.items():
            if not endless.holds_at(location):
                continue
            for earlier in self._visits.get(location, ()):
                term = conj(run.guard, earlier.guard, *self._equalities(location, earlier, run))
                if term is not FALSE:
                    goals.append(Goal(endless, depth, location, term))
            self._visits.setdefault(location, []).append(run)
        return goals

    def _equalities(self, location: str, earlier: Run, later: Run) -> Iterator[Term]:
        for symbol in sorted(self._live[location], key=lambda s: s.name):
            if not symbol.domain and symbol.mutable:
                yield eq(read(earlier, symbol()), read(later, symbol()))
