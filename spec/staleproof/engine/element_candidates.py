"""Candidate lemmas about the elements of arrays: of each, and of those below or from a counter."""

from __future__ import annotations

from collections.abc import Iterator

from staleproof.engine.recurrences import counters_of
from staleproof.engine.templates import Candidate, is_live, parts
from staleproof.lang.sorts import BOOL, BitVec, Enum, Sort, Unbounded
from staleproof.lang.substitute import Substitution, Update, replace_terms, symbols_of
from staleproof.lang.system import System
from staleproof.lang.terms import (
    App,
    Operation,
    Quantified,
    Symbol,
    Term,
    Var,
    eq,
    has_quantifier,
    implies,
    literal,
    neg,
    postorder,
    u_lt,
    variable,
    zero_extend,
)


def elements(system: System, live: frozenset[Symbol]) -> Iterator[Candidate]:
    """What is true of each element of an array."""
    for var, body in _bounded_bodies(system, live):
        yield (var,), body
    for var, body in _element_bodies(system, live):
        yield (var,), body


def ranges(system: System, live: frozenset[Symbol]) -> Iterator[Candidate]:
    """What is true of the elements below a bound, or from it on."""
    for var, body in _element_bodies(system, live):
        assert isinstance(var.sort, BitVec)
        for bound in _limits(var.sort, system, live):
            inside = u_lt(var, bound)
            yield (var,), implies(inside, body)
            yield (var,), implies(neg(inside), body)


def _bounded_bodies(system: System, live: frozenset[Symbol]) -> Iterator[tuple[Var, Term]]:
    """What initial conditions say of all elements below a bound, as they say it."""
    for term in system.init:
        for node in postorder(term):
            if isinstance(node, Quantified) and node.below is not None and not node.free:
                said = implies(u_lt(node.var, node.below), node.body)
                element = _element(node.var)
                formula = Substitution({node.var: element}, {})(said)
                if is_live(formula, live) and not has_quantifier(formula):
                    yield element, formula


def _element(var: Var) -> Var:
    """The one variable of its sort that stands for an index in candidates."""
    return variable("element", var.sort)


def _limits(index: BitVec, system: System, live: frozenset[Symbol]) -> list[Term]:
    """What may bound an index: the counters that array elements are written at, and hints; none
    of them wider than the index, and no hint wider than every such counter.
    """
    written = symbols_of(*(u.where for a in system.actions for u in a.updates if u.formals))
    counters: list[Term] = [s() for s in counters_of(system) if s in live and s in written]
    widths = [c.sort.width for c in counters if isinstance(c.sort, BitVec)]
    widest = min(max(widths, default=index.width), index.width)
    return [
        zero_extend(t, index.width)
        for t in (*counters, *system.hints)
        if isinstance(t.sort, BitVec) and t.sort.width <= widest
    ]


def _element_bodies(system: System, live: frozenset[Symbol]) -> list[tuple[Var, Term]]:
    """What is said of one element: by initial conditions, demands, and the properties."""
    index = {64: variable("element", BitVec(64)), 32: variable("element32", BitVec(32))}
    sayings = [
        (node.var, body)
        for term in (*system.init, *(g for a in system.actions for g in a.guard))
        for node in postorder(term)
        if isinstance(node, Quantified) and not node.free
        for body in _bodies(node)
    ]
    for prop in system.safety:
        if len(prop.params) == 1:
            sayings += [(prop.params[0], prop.premise), (prop.params[0], prop.conclusion)]
    found: dict[Term, Var] = {}
    for var, body in sayings:
        if isinstance(var.sort, BitVec) and var.sort.width in index:
            element = index[var.sort.width]
            for part in parts(_about(body, var, element, system)):
                if _reads_element(part, element) and not has_quantifier(part):
                    found[part] = element
    for symbol in system.symbols:
        found.update(_by_symbol(system, symbol, index))
    return [(var, body) for body, var in found.items() if is_live(body, live)]


def _bodies(node: Quantified) -> tuple[Term, ...]:
    """The body; and for what is said below a bound, the body with that bound as its premise."""
    if node.below is None:
        return (node.body,)
    return (node.body, implies(u_lt(node.var, node.below), node.body))


def _about(body: Term, var: Var, element: Var, system: System) -> Term:
    """The body about the element itself: not counted from where some pointer points, and of the
    object that the function was given where there is only one.
    """
    given: dict[Sort, list[Symbol]] = {}
    for symbol in system.symbols:
        fixed = not symbol.mutable and not symbol.domain and not symbol.name.endswith("NULL")
        if isinstance(symbol.range, Unbounded) and fixed:
            given.setdefault(symbol.range, []).append(symbol)
    owners = {
        s: Update(s, (), given[s.range][0]())
        for s in symbols_of(body)
        if s.mutable and not s.domain and len(given.get(s.range, ())) == 1
    }
    counted: dict[Term, Term] = {}
    for node in postorder(body):
        if isinstance(node, Operation) and node.operator.name == "bv_add":
            base, offset = node.children
            if offset is var and isinstance(base, App) and not base.children:
                counted[node] = element
    return Substitution({var: element}, owners)(replace_terms(body, counted))


def _reads_element(term: Term, element: Var) -> bool:
    """Whether the element is the index of an array that the term reads, and all it depends on."""
    return term.free == {element} and any(
        isinstance(n, App) and any(c is element for c in n.children) for n in postorder(term)
    )


def _by_symbol(system: System, symbol: Symbol, index: dict[int, Var]) -> dict[Term, Var]:
    """For arrays of truth values and enumerations: every element has one certain value."""
    if not symbol.mutable or not symbol.domain or not isinstance(symbol.domain[-1], BitVec):
        return {}
    var = index.get(symbol.domain[-1].width)
    owners = [
        [
            s()
            for s in system.symbols
            if not s.domain and s.range == sort and not s.mutable and not s.name.endswith("NULL")
        ]
        for sort in symbol.domain[:-1]
    ]
    if var is None or len(owners) > 1:
        return {}
    found: dict[Term, Var] = {}
    for owner in owners[0] if owners else [None]:
        element = symbol(*([owner] if owner is not None else []), var)
        values: list[Term] = []
        if symbol.range == BOOL:
            values = [element, neg(element)]
        elif isinstance(symbol.range, Enum):
            values = [eq(element, literal(m, symbol.range)) for m in symbol.range.members]
        found.update(dict.fromkeys(values, var))
    return found
