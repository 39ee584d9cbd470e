"""Systems: state symbols, axioms, initial states, guarded functional updates, properties.

A system may have *control*: named locations, each action leading from one to another (the program
counter of a C function). A system without control has the one location `EVERYWHERE`. An action is
deterministic once its parameters are chosen; what it does not assign stays as it was.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache

from staleproof.errors import ModelError, Place
from staleproof.lang.sorts import BOOL, BoolSort, Enum, Sort, Unbounded
from staleproof.lang.substitute import Update, require_closed, sorts_of, symbols_of
from staleproof.lang.terms import (
    TRUE,
    App,
    Literal,
    Quantified,
    Symbol,
    Term,
    Var,
    implies,
    postorder,
    show,
)

EVERYWHERE = "-"
"""The location of a system without control."""

MARKS = "!@"
"""What stands in no name of a parameter or a bound variable: names that have it are made of those,
and are different for different ones.
"""


@dataclass(frozen=True, slots=True, eq=False)
class Note:
    """Something a trace shows beside a step: a text and terms whose values belong to it.

    `text` has one ``{}`` per term; terms are evaluated in the state before the step.
    """

    text: str
    terms: tuple[Term, ...] = ()
    signed: tuple[bool, ...] = ()


@dataclass(frozen=True, eq=False)
class Action:
    """One atomic step. `kernel` names the function (and file) it is part of, `holds` the locks."""

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

    @cached_property
    def digest(self) -> bytes:
        """A hash of what the step does, the same in every process and on every machine."""
        hasher = hashlib.sha256(repr((self.name, self.source, self.target)).encode())
        _add(hasher, "params", self.params)
        _add(hasher, "guard", self.guard)
        for update in self.updates:
            _add(hasher, repr(update.symbol), (*update.formals, update.value))
        return hasher.digest()


@dataclass(frozen=True, eq=False)
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

    @cached_property
    def formula(self) -> Term:
        return implies(self.premise, self.conclusion)

    @cached_property
    def sorts(self) -> frozenset[Sort]:
        """The sorts of its parameters and of what it quantifies over."""
        return sorts_of(self.formula) | {p.sort for p in self.params}

    def holds_at(self, location: str) -> bool:
        """Whether the statement speaks of states at `location`."""
        return self.at is None or location in self.at


@dataclass(frozen=True, slots=True)
class Assumption:
    """Something taken for granted: an id that is cited and the sentence that is printed."""

    name: str
    sentence: str


@dataclass(frozen=True, eq=False)
class Definition:
    """A function that the formulas of a system write out: ``symbol(*params)`` stands for `body`.

    Runs are searched and replayed as they are written. A proof is tried with the short form, of
    which it knows the `facts` alone, each true of all values of `params`. They must follow from the
    definitions and the axioms, which is checked; so a proof is none the weaker, only easier.
    """

    symbol: Symbol
    params: tuple[Var, ...]
    body: Term
    facts: tuple[Term, ...] = ()


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
    definitions: tuple[Definition, ...] = ()
    wider: System | None = None
    """One with the same actions from the same initial states, under fewer axioms: it has every run
    of this one, so what holds there holds here."""

    def __post_init__(self) -> None:
        _check(self)

    @cached_property
    def locations(self) -> tuple[str, ...]:
        """Every location, the entry first, in the order of the actions."""
        ends = (loc for a in self.actions for loc in (a.source, a.target))
        return tuple(dict.fromkeys((self.entry, *ends)))

    @cached_property
    def unbounded_sorts(self) -> tuple[Unbounded, ...]:
        """Every unbounded sort that the system speaks of, by name."""
        sorts = {s for symbol in self.symbols for s in (*symbol.domain, symbol.range)}
        sorts |= {p.sort for a in self.actions for p in a.params}
        formulas = [*self.axioms, *self.init, *(g for a in self.actions for g in a.guard)]
        formulas += (u.value for a in self.actions for u in a.updates)
        sorts |= sorts_of(*formulas)
        for prop in (*self.safety, *self.lemmas):
            sorts |= prop.sorts
        found = (s for s in sorts if isinstance(s, Unbounded))
        return tuple(sorted(found, key=lambda s: s.name))

    @cached_property
    def is_relational(self) -> bool:
        """Whether it has no control and speaks of truth values, enumerations and elements alone."""
        formulas = [*self.axioms, *self.init, *(g for a in self.actions for g in a.guard)]
        formulas += (u.value for a in self.actions for u in a.updates)
        sorts = sorts_of(*formulas) | {
            s for symbol in self.symbols for s in (*symbol.domain, symbol.range)
        }
        sorts |= {p.sort for a in self.actions for p in a.params}
        return len(self.locations) == 1 and are_relational(sorts)

    @cached_property
    def digest(self) -> str:
        """A hash of all that decides verdicts, the same in every process and on every machine."""
        hasher = hashlib.sha256(repr((self.entry, self.symbols)).encode())
        _add(hasher, "axioms", self.axioms)
        _add(hasher, "init", self.init)
        for action in self.actions:
            hasher.update(action.digest)
        return hasher.hexdigest()[:16]

    @cached_property
    def _by_source(self) -> dict[str, tuple[Action, ...]]:
        found: dict[str, list[Action]] = {}
        for action in self.actions:
            found.setdefault(action.source, []).append(action)
        return {source: tuple(actions) for source, actions in found.items()}

    def leaving(self, location: str) -> tuple[Action, ...]:
        """The actions that start at `location`."""
        return self._by_source.get(location, ())

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
        return replace(self, actions=tuple(actions), wider=None)


def are_relational(sorts: Iterable[Sort]) -> bool:
    """Whether each is that of truth values, an enumeration or an unbounded sort."""
    return all(isinstance(s, BoolSort | Enum | Unbounded) for s in sorts)


def _add(hasher: hashlib._Hash, what: str, terms: Sequence[Term]) -> None:
    """Feed the terms to the hasher so that no two lists of terms feed it the same."""
    hasher.update(f"{what} {len(terms)}".encode())
    for term in terms:
        hasher.update(term.digest)


def _check(system: System) -> None:
    if system.wider is not None and not _has_all_runs_of(system.wider, system):
        raise ModelError(
            f"{system.wider.name} may lack runs of {system.name}",
            why="what holds of the wider system would be believed of the other",
            fix="make one from the other, and change axioms and properties alone",
        )
    known = frozenset(system.symbols)
    sorts = _check_body(system.name, system.symbols, system.axioms, system.init, system.actions)
    defined = (*system.symbols, *(d.symbol for d in system.definitions))
    _require_distinct("declares or defines twice", (s.name for s in defined), system.name)
    properties = (*system.safety, *system.lemmas)
    seen: set[Term] = set()
    _require_distinct("has two properties named", (p.name for p in properties), system.name)
    for prop in properties:
        where = f"property {prop.name} of {system.name}"
        _check_params(prop.params, where)
        _check_formula(prop.formula, prop.params, known, where, seen)
        unknown = (prop.at or frozenset()) - set(system.locations)
        if unknown:
            raise ModelError(f"property {prop.name} speaks of no location: {sorted(unknown)}")
    sorts |= _sorts_of_all(seen) | {p.sort for prop in properties for p in prop.params}
    _require_distinct("speaks of two sorts named", (s.name for s in sorts), system.name)


@lru_cache(maxsize=16)
def _check_body(
    name: str,
    symbols: tuple[Symbol, ...],
    axioms: tuple[Term, ...],
    init: tuple[Term, ...],
    actions: tuple[Action, ...],
) -> frozenset[Sort]:
    """Check what runs are made of: many systems differ in nothing but what is claimed of them. Its
    sorts are returned.
    """
    known = frozenset(symbols)
    seen: set[Term] = set()
    _require_distinct("declares twice", (s.name for s in symbols), name)
    _require_distinct("has two actions named", (a.name for a in actions), name)
    for term in (*axioms, *init):
        _check_formula(term, (), known, f"an axiom or initial state of {name}", seen)
    for axiom in axioms:
        changing = sorted(s.name for s in symbols_of(axiom) if s.mutable)
        if changing:
            raise ModelError(
                f"an axiom of {name} speaks of {', '.join(changing)}, which can change",
                why="an axiom is assumed in every state, so no action may be able to break it",
                fix="make it an initial condition and prove it, or declare the symbol immutable",
            )
    for action in actions:
        _check_action(action, known, f"action {action.name} of {name}", seen)
    sorts = {s for symbol in symbols for s in (*symbol.domain, symbol.range)}
    sorts |= {p.sort for action in actions for p in action.params}
    return _sorts_of_all(seen) | sorts


def _sorts_of_all(nodes: Iterable[Term]) -> frozenset[Sort]:
    # The same object most times, and that is quicker to see.
    return frozenset({id(node.sort): node.sort for node in nodes}.values())


def _has_all_runs_of(wide: System, narrow: System) -> bool:
    """Whether they differ in nothing that makes a run but that `narrow` has more axioms; and it
    names all that the other assumes, for its proofs lean on that.
    """
    same = (
        wide.symbols == narrow.symbols
        and wide.entry == narrow.entry
        and wide.actions == narrow.actions
        and [t.digest for t in wide.init] == [t.digest for t in narrow.init]
    )
    axioms = {t.digest for t in wide.axioms} <= {t.digest for t in narrow.axioms}
    return same and axioms and set(wide.assumptions) <= set(narrow.assumptions)


def _check_action(action: Action, known: frozenset[Symbol], where: str, seen: set[Term]) -> None:
    _check_params(action.params, where)
    _require_distinct("updates twice", (u.symbol.name for u in action.updates), where)
    for guard in action.guard:
        _check_formula(guard, action.params, known, f"the guard of {where}", seen)
    for update in action.updates:
        symbol = update.symbol
        if not symbol.mutable:
            raise ModelError(f"{where} updates {symbol.name}, which is immutable")
        if symbol not in known or update.value.sort != symbol.range:
            raise ModelError(f"{where} updates {symbol.name} with a wrong sort or symbol")
        points = tuple(formal.sort for formal in update.formals)
        if points != symbol.domain or set(update.formals) & set(action.params):
            raise ModelError(f"{where} updates {symbol.name} at formals that do not fit")
        require_closed(update.value, (*action.params, *update.formals), where)
        _check_known(update.value, known, where, seen)
    for note in action.notes:
        for term in note.terms:
            require_closed(term, action.params, f"a note on {where}")
            _check_known(term, known, f"a note on {where}", seen)


def _check_params(params: tuple[Var, ...], where: str) -> None:
    _require_distinct("has two parameters named", (p.name for p in params), where)
    for param in params:
        _require_plain(param, where)


def _require_plain(var: Var, where: str) -> None:
    if any(mark in var.name for mark in MARKS):
        raise ModelError(
            f"{where} has a variable named {var.name}",
            why=f"names with one of {' '.join(MARKS)} are made in proofs and searches",
            fix="choose another name",
        )


def _require_distinct(what: str, names: Iterable[str], where: str) -> None:
    counts = Counter(names)
    twice = sorted(name for name, count in counts.items() if count > 1)
    if twice:
        raise ModelError(f"{where} {what} {', '.join(twice)}")


def _check_formula(
    term: Term, params: tuple[Var, ...], known: frozenset[Symbol], what: str, seen: set[Term]
) -> None:
    if term.sort != BOOL:
        raise ModelError(f"{what} is not a formula but a {term.sort.name}")
    require_closed(term, params, what)
    _check_known(term, known, what, seen)


def _check_known(term: Term, known: frozenset[Symbol], what: str, seen: set[Term]) -> None:
    """Check what has not been `seen` in another term of the same system."""
    nodes = list(postorder(term, known=seen))
    unknown = {n.symbol for n in nodes if isinstance(n, App)} - known
    if unknown:
        raise ModelError(f"{what} uses undeclared {sorted(s.name for s in unknown)}")
    for node in nodes:
        if isinstance(node, Literal) and isinstance(node.sort, Unbounded):
            raise ModelError(
                f"{what} names an element of {node.sort.name}: {show(node)}",
                why="a universe may be too small to have that element",
                fix="declare an immutable constant of the sort",
            )
        if isinstance(node, Quantified):
            _require_plain(node.var, what)
    seen.update(nodes)
