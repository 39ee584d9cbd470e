"""Quantifiers in proofs: replaced by enough ground instances.

A refutation of some instances refutes the whole, so `unsat` of the ground formula is a proof.
`sat` of it is not a counterexample, because another instance might exclude the model: whoever
asks treats it as 'not shown'.

Existentials become fresh variables; a universal is instantiated, for some rounds, with the ground
terms that stand in its place where a symbol is read. If no symbol is read at the variable itself:
for unbounded sorts with all terms, for bit-vectors and integers with the state constants and
variables. For enumerations and Booleans it is always instantiated with all members.
"""

from __future__ import annotations

from collections.abc import Iterable
from copy import copy
from dataclasses import dataclass
from itertools import count, islice

from staleproof.lang.sorts import BOOL, BitVec, BoolSort, Enum, IntSort, Sort, Unbounded
from staleproof.lang.substitute import Substitution
from staleproof.lang.terms import (
    TRUE,
    App,
    Operation,
    Quantified,
    Symbol,
    Term,
    Var,
    conj,
    disj,
    eq,
    has_quantifier,
    implies,
    literal,
    neg,
    operation,
    postorder,
    u_lt,
    variable,
)

ROUNDS = 8
MOST_INSTANCES = 4000


@dataclass(frozen=True, slots=True)
class Schema:
    """A formula known to hold for all values of `params`; `when` is a Boolean it depends on."""

    params: tuple[Var, ...]
    formula: Term
    when: Term = TRUE


def ground(formulas: Iterable[Term], schemas: Iterable[Schema] = ()) -> list[Term]:
    """Quantifier-free consequences of all that is known."""
    grounding = Grounding()
    for formula in formulas:
        grounding.assume(formula)
    for schema in schemas:
        grounding.assume_schema(schema)
    return grounding.consequences()


class Grounding:
    """What is known, and the ground consequences drawn from it so far; it only ever grows."""

    def __init__(self) -> None:
        self._universals: list[_Universal] = []
        self._facts: list[Term] = []
        self._told = 0
        self._fresh = count()
        self._terms: dict[Sort, list[Term]] = {}
        self._readings: dict[Symbol, list[App]] = {}
        self._seen: set[Term] = set()
        self._seen_in_bodies: set[App] = set()
        self._bound: set[Var] = set()
        self._names: dict[Term, Term] = {}
        self._polarised: dict[tuple[Term, bool], Term] = {}

    def fork(self) -> Grounding:
        """What is known, to which more can be added without this one growing."""
        other = copy(self)
        other._universals = [marked.copy() for marked in self._universals]
        other._facts = list(self._facts)
        other._terms = {sort: list(terms) for sort, terms in self._terms.items()}
        other._readings = {symbol: list(found) for symbol, found in self._readings.items()}
        other._seen, other._bound = set(self._seen), set(self._bound)
        other._seen_in_bodies = set(self._seen_in_bodies)
        other._names, other._polarised = dict(self._names), dict(self._polarised)
        return other

    def consequences(self) -> list[Term]:
        """The consequences that were not told before."""
        most = len(self._facts) + MOST_INSTANCES
        for _ in range(ROUNDS):
            if not self._round(most):
                break
        told, self._told = self._told, len(self._facts)
        return self._facts[told:]

    def assume(self, formula: Term) -> None:
        """Add a formula known to hold."""
        fact = self._positive(formula)
        if isinstance(fact, Operation) and fact.operator.name == "and":
            for part in fact.children:
                self._add(part)
        else:
            self._add(fact)

    def assume_schema(self, schema: Schema) -> None:
        """Add a formula known to hold for all values of its parameters."""
        if schema.params:
            self._add_universal(schema.when, schema.params, None, schema.formula)
        else:
            self.assume(implies(schema.when, schema.formula))

    def _add(self, fact: Term) -> None:
        self._facts.append(fact)
        self._collect(fact)

    def _positive(self, term: Term) -> Term:
        return self._walk(term, True)

    def _walk(self, term: Term, positive: bool) -> Term:
        """`term` (negated unless `positive`), its quantifiers replaced by markers or skolems."""
        if not has_quantifier(term):
            return term if positive else neg(term)
        key = (term, positive)
        if key not in self._polarised:
            self._polarised[key] = self._walk_new(term, positive)
        return self._polarised[key]

    def _walk_new(self, term: Term, positive: bool) -> Term:
        if isinstance(term, Quantified):
            if term.universal == positive:
                return self._universal(term, positive)
            skolem = variable(f"some_{term.var.name}!{next(self._fresh)}", term.var.sort)
            body = self._walk(Substitution({term.var: skolem}, {})(term.body), positive)
            if term.below is None:
                return body
            return conj(self._walk(u_lt(skolem, term.below), True), body)
        name = term.operator.name if isinstance(term, Operation) else ""
        children = term.children
        if any(c.sort != BOOL for c in children) or isinstance(term, App):
            plain = self._with_names(term)
            return plain if positive else neg(plain)
        if name == "not":
            return self._walk(children[0], not positive)
        if name in ("and", "or"):
            join = conj if (name == "and") == positive else disj
            return join(*(self._walk(c, positive) for c in children))
        if name == "implies":
            left, right = self._walk(children[0], not positive), self._walk(children[1], positive)
            return disj(left, right) if positive else conj(left, right)
        if name == "ite":
            c, a, b = children
            return conj(
                disj(self._walk(c, False), self._walk(a, positive)),
                disj(self._walk(c, True), self._walk(b, positive)),
            )
        assert name == "eq", f"a quantifier under {name}"
        a, b = children
        return self._walk(conj(implies(a, b), implies(b, a)), positive)

    def _with_names(self, term: Term) -> Term:
        """`term` with a name for each quantified formula in it, defined by a fact."""
        if not has_quantifier(term):
            return term
        if isinstance(term, Quantified):
            if term not in self._names:
                self._names[term] = variable(f"named!{next(self._fresh)}", BOOL)
                self.assume(eq(self._names[term], term))
            return self._names[term]
        children = tuple(self._with_names(c) for c in term.children)
        if isinstance(term, App):
            return term.symbol(*children)
        assert isinstance(term, Operation)
        return operation(term.operator.name, *children, indices=term.indices)

    def _universal(self, term: Quantified, positive: bool) -> Term:
        """A marker that stands for the universal; each instance is implied by the marker."""
        marker = variable(f"forall!{next(self._fresh)}", BOOL)
        body = term.body if positive else neg(term.body)
        self._add_universal(marker, (term.var,), term.below, body)
        return marker

    def _add_universal(
        self, marker: Term, params: tuple[Var, ...], below: Term | None, body: Term
    ) -> None:
        """A universal's body tells which symbols are read, and where it is not bound, at what."""
        self._bound |= set(params)
        self._bound |= {n.var for n in postorder(body) if isinstance(n, Quantified)}
        for node in postorder(body):
            if isinstance(node, App) and node.children and node not in self._seen_in_bodies:
                self._seen_in_bodies.add(node)
                self._read(node)
        self._universals.append(_Universal(marker, params, below, body))

    def _read(self, node: App) -> None:
        self._readings.setdefault(node.symbol, []).append(node)

    def _collect(self, fact: Term) -> None:
        for node in postorder(fact, known=self._seen):
            self._seen.add(node)
            if isinstance(node, App):
                self._read(node)
            useful = isinstance(node.sort, Unbounded) or (
                isinstance(node.sort, BitVec | IntSort)
                and (isinstance(node, Var) or (isinstance(node, App) and not node.children))
            )
            if useful:
                self._terms.setdefault(node.sort, []).append(node)

    def _round(self, most: int) -> bool:
        """Instantiate every universal with the terms now known; whether anything was new."""
        new: list[Schema] = []
        for universal in list(self._universals):
            var, *others = universal.params
            todo, universal.left = [*universal.left, *self._candidates(universal)], []
            for candidate in todo:
                if candidate in universal.used:
                    continue
                if len(self._facts) + len(new) > most:
                    universal.left.append(candidate)
                    continue
                universal.used.add(candidate)
                body = Substitution({var: candidate}, {})(universal.body)
                if universal.below is not None:
                    body = implies(u_lt(candidate, universal.below), body)
                new.append(Schema(tuple(others), body, universal.marker))
        for instance in new:
            self.assume_schema(instance)
        return bool(new)

    def _candidates(self, universal: _Universal) -> list[Term]:
        """The terms to put for the first parameter, of those that are new since the last time:
        what stands in its place in a known reading of a symbol.

        Where the body reads no symbol at the parameter itself, every known term of its sort; of a
        finite sort every member.
        """
        sort = universal.params[0].sort
        if isinstance(sort, Enum | BoolSort):
            members = (False, True) if isinstance(sort, BoolSort) else sort.members
            return [literal(member, sort) for member in members]
        if not universal.patterns:
            return self._of_the_sort(universal, sort)
        found: dict[Term, None] = {}
        for pattern in universal.patterns:
            readings = self._readings.get(pattern.symbol, [])
            for reading in islice(readings, pattern.looked_at, None):
                candidate = reading.children[pattern.position]
                if not candidate.free & self._bound and all(
                    self._may_be(reading.children[place], argument)
                    for place, argument in pattern.fixed
                ):
                    found[candidate] = None
            pattern.looked_at = len(readings)
        return list(found)

    def _of_the_sort(self, universal: _Universal, sort: Sort) -> list[Term]:
        found = list(self._terms.get(sort, []))
        if isinstance(sort, BitVec):
            found.append(literal(0, sort))
        return found or [variable(f"any_{sort.name}", sort)]

    def _may_be(self, argument: Term, wanted: Term) -> bool:
        """Whether an argument may be the wanted one: itself, or not yet known, or two constants of
        the state, which a lemma may equate.
        """
        if argument is wanted or argument.free & self._bound:
            return True
        return _is_constant(argument) and _is_constant(wanted)


def _is_constant(term: Term) -> bool:
    return isinstance(term, App) and not term.children


@dataclass(slots=True)
class _Pattern:
    """Where a universal's body reads a symbol at the parameter, and at what else that is fixed."""

    symbol: Symbol
    position: int
    fixed: tuple[tuple[int, Term], ...]
    looked_at: int = 0


class _Universal:
    """A universal with the Boolean that implies it; what was put for its first parameter, and what
    was left for another time.
    """

    __slots__ = ("below", "body", "left", "marker", "params", "patterns", "used")

    def __init__(
        self, marker: Term, params: tuple[Var, ...], below: Term | None, body: Term
    ) -> None:
        self.marker, self.params, self.below, self.body = marker, params, below, body
        self.used: set[Term] = set()
        self.left: list[Term] = []
        var = params[0]
        bound = {*params}
        bound |= {node.var for node in postorder(body) if isinstance(node, Quantified)}
        self.patterns = [
            _Pattern(
                node.symbol,
                position,
                tuple((p, a) for p, a in enumerate(node.children) if not a.free & bound),
            )
            for node in postorder(body)
            if isinstance(node, App)
            for position, argument in enumerate(node.children)
            if argument is var
        ]

    def copy(self) -> _Universal:
        """The same, to which more can be put."""
        other = copy(self)
        other.used = set(self.used)
        other.patterns = [copy(p) for p in self.patterns]
        return other
