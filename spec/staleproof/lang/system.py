"""Systems: state symbols, axioms, initial states, guarded functional updates, properties.

A system may have *control*: named locations, each action leading from one to another (the program
counter of a C function). A system without control has the one location `EVERYWHERE`. An action is
deterministic once its parameters are chosen; what it does not assign stays as it was.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property

from staleproof.errors import ModelError, Place
from staleproof.lang.sorts import BOOL
from staleproof.lang.substitute import Update, require_closed, symbols_of
from staleproof.lang.terms import TRUE, Symbol, Term, Var, conj, implies

EVERYWHERE = "-"
"""The location of a system without control."""


@dataclass(frozen=True, slots=True, eq=False)
class Note:
    """Something a trace shows beside a step: a text and terms whose values belong to it.

    `text` has one ``{}`` per term; terms are evaluated in the state before the step.
    """

    text: str
    terms: tuple[Term, ...] = ()
    signed: tuple[bool, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Action:
    """One atomic step. `kernel` names the function (and file) it is a step of, `holds` the locks."""

    name: str
    params: tuple[Var, ...] = ()
    guard: tuple[Term, ...] = ()
    updates: tuple[Update, ...] = ()
    source: str = EVERYWHERE
    target: str = EVERYWHERE
    doc: str = ""
    kernel: str = ""
    holds: str = ""
    place: Place | None = None
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Property:
    """A statement about states: for all `params`, at the locations `at` (None: everywhere).

    The statement is ``premise -> conclusion``; the premise is what the vacuity question asks about.
    """

    name: str
    conclusion: Term
    params: tuple[Var, ...] = ()
    premise: Term = TRUE
    at: frozenset[str] | None = None
    doc: str = ""

    @property
    def formula(self) -> Term:
        return implies(self.premise, self.conclusion)

    def holds_at(self, location: str) -> bool:
        """Whether the statement speaks of states at `location`."""
        return self.at is None or location in self.at


@dataclass(frozen=True, slots=True)
class Assumption:
    """Something taken for granted: an id that is cited and the sentence that is printed."""

    name: str
    sentence: str


@dataclass(frozen=True, eq=False)
class System:
    """A state-transition system. Raises ModelError on construction when it is malformed."""

    name: str
    symbols: tuple[Symbol, ...]
    init: tuple[Term, ...]
    actions: tuple[Action, ...]
    axioms: tuple[Term, ...] = ()
    entry: str = EVERYWHERE
    safety: tuple[Property, ...] = ()
    lemmas: tuple[Property, ...] = ()
    assumptions: tuple[Assumption, ...] = ()
    doc: str = ""
    hints: tuple[Term, ...] = field(default=())
    """Terms worth trying in invariants; nothing depends on them for soundness."""

    def __post_init__(self) -> None:
        _check(self)

    @cached_property
    def locations(self) -> tuple[str, ...]:
        """Every location, the entry first, in the order of the actions."""
        ends = (loc for a in self.actions for loc in (a.source, a.target))
        return tuple(dict.fromkeys((self.entry, *ends)))

    @cached_property
    def digest(self) -> str:
        """A hash of all that decides verdicts, the same in every process and on every machine."""
        hasher = hashlib.sha256(f"{self.entry}{self.symbols!r}".encode())
        for term in (*self.axioms, *self.init):
            hasher.update(term.digest)
        for action in self.actions:
            hasher.update(repr((action.name, action.source, action.target)).encode())
            for term in (*action.params, *action.guard):
                hasher.update(term.digest)
            for update in action.updates:
                hasher.update(repr(update.symbol).encode() + update.value.digest)
        return hasher.hexdigest()[:16]

    def leaving(self, location: str) -> tuple[Action, ...]:
        """The actions that start at `location`."""
        return tuple(a for a in self.actions if a.source == location)

    def property_named(self, name: str) -> Property:
        """The safety property of that name. Raises ModelError when there is none."""
        for candidate in (*self.safety, *self.lemmas):
            if candidate.name == name:
                return candidate
        raise ModelError(f"{self.name} has no property {name}")

    def with_safety(self, *properties: Property) -> System:
        """This system with these properties claimed instead."""
        return replace(self, safety=properties)

    def with_actions(self, actions: Iterable[Action]) -> System:
        """This system with these actions instead: how deltas and killers are made."""
        return replace(self, actions=tuple(actions))


def _check(system: System) -> None:
    known = set(system.symbols)
    if len({s.name for s in known}) != len(system.symbols):
        raise ModelError(f"{system.name} declares a symbol twice")
    if len({a.name for a in system.actions}) != len(system.actions):
        seen: set[str] = set()
        twice = sorted({a.name for a in system.actions if a.name in seen or seen.add(a.name)})
        raise ModelError(f"{system.name} has two actions named {', '.join(twice)}")
    for term in (*system.axioms, *system.init):
        _check_formula(term, (), known, f"an axiom or initial state of {system.name}")
    for action in system.actions:
        where = f"action {action.name} of {system.name}"
        _check_formula(conj(*action.guard), action.params, known, where)
        touched = [u.symbol for u in action.updates]
        if len(set(touched)) != len(touched):
            raise ModelError(f"{where} updates a symbol twice")
        for update in action.updates:
            if not update.symbol.mutable:
                raise ModelError(f"{where} updates {update.symbol.name}, which is immutable")
            require_closed(update.value, (*action.params, *update.formals), where)
            _check_known(update.value, known, where)
            if update.symbol not in known or update.value.sort != update.symbol.range:
                raise ModelError(f"{where} updates {update.symbol.name} with a wrong sort or symbol")
    for prop in (*system.safety, *system.lemmas):
        _check_formula(prop.formula, prop.params, known, f"property {prop.name} of {system.name}")
        unknown = (prop.at or frozenset()) - set(system.locations)
        if unknown:
            raise ModelError(f"property {prop.name} speaks of no location: {sorted(unknown)}")


def _check_formula(term: Term, params: tuple[Var, ...], known: set[Symbol], what: str) -> None:
    if term.sort != BOOL:
        raise ModelError(f"{what} is not a formula but a {term.sort.name}")
    require_closed(term, params, what)
    _check_known(term, known, what)


def _check_known(term: Term, known: set[Symbol], what: str) -> None:
    unknown = symbols_of(term) - known
    if unknown:
        raise ModelError(f"{what} uses undeclared {sorted(s.name for s in unknown)}")
