"""Candidate lemmas, made from the system alone: what loop invariants are usually made of.

Nothing here needs to be true. Houdini keeps the inductive ones, so a bad candidate costs time and
a missing one costs a proof, but neither can make a verdict wrong. The templates:

- a constant of the state equals another, a literal of the program, or what it was at entry;
- orders between words, unsigned and signed;
- the guards of the system, and their negations;
- two counters keep step (closed forms of their recurrences), and alignments that the steps keep;
- of each element of an array below (or from) a counter: what the guards and the initial
  conditions say of one element.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import lru_cache
from itertools import combinations, product

from staleproof.engine.element_candidates import elements, ranges
from staleproof.engine.recurrences import counters_of, in_step
from staleproof.engine.templates import Candidate, can_change, is_live, parts
from staleproof.lang.liveness import live_constants
from staleproof.lang.sorts import BOOL, BitVec, BoolSort, Enum, Sort, Unbounded
from staleproof.lang.substitute import symbols_of
from staleproof.lang.system import Property, System
from staleproof.lang.terms import (
    TRUE,
    App,
    Literal,
    Operation,
    Symbol,
    Term,
    Var,
    eq,
    has_quantifier,
    implies,
    literal,
    neg,
    postorder,
    s_le,
    u_le,
    word,
)
from staleproof.logic.blocks import loop_heads


def candidates(system: System) -> Iterator[list[Property]]:
    """Candidate lemmas for every loop head, in stages: what a stage leaves helps the next.

    First truth values, pointers and guards; what values tell of them; what words are; their bounds
    and their order; elements of arrays, all of them and those below or from a counter; last that
    a property never says anything.
    """
    live = live_constants(system)
    heads = loop_heads(system)
    for stage in (_truths, _consequences, _words, _bounds, _orders, elements, ranges):
        yield [
            Property(f"{head}{stage.__name__}#{n}", formula, params, at=frozenset({head}))
            for head in heads
            for n, (formula, params) in enumerate(_distinct(stage(system, live[head])))
        ]
    yield [q for prop in system.safety for q in _silences(prop, heads)]


def _silences(prop: Property, heads: Iterable[str]) -> Iterator[Property]:
    """That the property says nothing where it speaks; or, if that cannot change, never will."""
    if not has_quantifier(prop.premise):
        yield says_something(prop)
    if prop.premise is not TRUE and not prop.params and not can_change(prop.premise):
        silent = says_something(prop)
        yield from (replace(silent, at=frozenset({head})) for head in heads)


def says_something(prop: Property) -> Property:
    """The property whose violation is a state in which `prop` is not trivially true."""
    return Property(f"{prop.name}: premise", neg(prop.premise), prop.params, at=prop.at)


def _distinct(found: Iterable[Candidate]) -> list[tuple[Term, tuple[Var, ...]]]:
    unique = {formula: params for params, formula in found if not isinstance(formula, Literal)}
    return list(unique.items())


def _truths(system: System, live: frozenset[Symbol]) -> Iterator[Candidate]:
    for sort, terms in _scalars(system, live).items():
        for formula in _scalar_formulas(sort, terms):
            if can_change(formula):
                yield (), formula
    for formula in _guards(system):
        if is_live(formula, live):
            yield (), formula
            yield (), neg(formula)


def _consequences(system: System, live: frozenset[Symbol]) -> Iterator[Candidate]:
    """Where an action sets a constant to a literal: that value tells that its guard held."""
    for action in system.actions:
        for update in action.updates:
            if not update.formals and isinstance(update.value, Literal):
                is_set = eq(update.symbol(), update.value)
                for guard in action.guard:
                    for part in parts(guard):
                        formula = implies(is_set, part)
                        if is_live(formula, live) and not (part.free or has_quantifier(part)):
                            yield (), formula


def _words(system: System, live: frozenset[Symbol]) -> Iterator[Candidate]:
    """What words are equal to, and how counters go together."""
    by_sort = _scalars(system, live)
    for sort, terms in by_sort.items():
        if isinstance(sort, BitVec):
            for term in _that_move(terms, system):
                yield from (((), eq(term, c)) for c in _literals(system, sort))
                yield from (((), eq(term, h)) for h in system.hints if h.sort == sort)
    for group in _copies(system):
        for a, b in combinations([s for s in group if s in live], 2):
            yield (), eq(a(), b())
    counters = {s: step for s, step in counters_of(system).items() if s in live}
    for formula in in_step(counters, _starts(system, by_sort)):
        yield (), formula
    flags = [s for s in system.symbols if s.range == BOOL and s.mutable and not s.domain]
    for flag in (s() for s in flags if s in live):
        for counter in counters:
            started = neg(eq(counter(), 0))
            yield (), implies(flag, started)
            yield (), implies(neg(flag), neg(started))


def _starts(system: System, by_sort: dict[Sort, list[Term]]) -> dict[Sort, list[Term]]:
    """What a counter may have started from: hints, and words that it is compared with."""
    met, hints = _meetings(system), set(system.hints)
    moving = list(counters_of(system))
    found: dict[Sort, list[Term]] = {}
    for sort, terms in by_sort.items():
        found[sort] = [
            t
            for t in terms
            if t in hints
            or (isinstance(t, App) and any(frozenset((t.symbol, m)) in met for m in moving))
        ]
    return found


def _scalars(system: System, live: frozenset[Symbol]) -> dict[Sort, list[Term]]:
    """The terms without variables that are worth comparing, by sort."""
    found: dict[Sort, dict[Term, None]] = {}
    constants = [s for s in system.symbols if not s.domain and (s in live or not s.mutable)]
    fields = [term for s in system.symbols if s.domain for term in _fields(s, constants)]
    for term in (*(s() for s in constants), *system.hints, *fields):
        if is_live(term, live):
            found.setdefault(term.sort, {})[term] = None
    return {sort: list(terms) for sort, terms in found.items()}


def _fields(symbol: Symbol, constants: list[Symbol]) -> Iterator[Term]:
    """A field of the objects that state constants name, NULL aside; of the first few of them."""
    if any(not isinstance(sort, Unbounded) for sort in symbol.domain):
        return
    owners = [
        [c() for c in constants if c.range == sort and not c.name.endswith("NULL")][:2]
        for sort in symbol.domain
    ]
    for arguments in product(*owners):
        yield symbol(*arguments)


def _scalar_formulas(sort: Sort, terms: list[Term]) -> Iterator[Term]:
    match sort:
        case BoolSort():
            for term in terms:
                yield term
                yield neg(term)
        case Enum(_, members):
            for term in terms:
                for member in members:
                    yield eq(term, literal(member, sort))
                    yield neg(eq(term, literal(member, sort)))
        case Unbounded():
            for a, b in combinations(terms, 2):
                yield eq(a, b)
                yield neg(eq(a, b))


def _copies(system: System) -> Iterator[list[Symbol]]:
    """Words that some action makes equal, together with those that another makes equal to them."""
    group: dict[Symbol, list[Symbol]] = {}
    for action in system.actions:
        alike: dict[Term, list[Symbol]] = {}
        for update in action.updates:
            if not update.formals and isinstance(update.symbol.range, BitVec):
                value = update.value
                source = [value.symbol] if isinstance(value, App) and not value.children else []
                alike.setdefault(value, source).append(update.symbol)
        for symbols in alike.values():
            if len(symbols) > 1:
                whole = dict.fromkeys(s for one in symbols for s in group.get(one, [one]))
                group |= {symbol: list(whole) for symbol in whole}
    yield from {tuple(symbols): symbols for symbols in group.values()}.values()


def _that_move(terms: list[Term], system: System) -> list[Term]:
    hints = set(system.hints)
    return [t for t in terms if t not in hints and can_change(t)]


def _bounds(system: System, live: frozenset[Symbol]) -> Iterator[Candidate]:
    """Words and literals: which are the greater."""
    for sort, terms in _scalars(system, live).items():
        if isinstance(sort, BitVec):
            for a, c in product(_that_move(terms, system), _literals(system, sort)):
                yield (), u_le(a, c)
                if _is_signed(a):
                    yield (), s_le(a, c)
                    yield (), s_le(c, a)


def _orders(system: System, live: frozenset[Symbol]) -> Iterator[Candidate]:
    """How words are ordered that some comparison or assignment brings together."""
    met, hints = _meetings(system), set(system.hints)
    for sort, terms in _scalars(system, live).items():
        for a, b in combinations(terms, 2) if isinstance(sort, BitVec) else ():
            if not (can_change(a) or can_change(b)):
                continue
            if a in hints or b in hints or any(frozenset(pair) in met for pair in _heads(a, b)):
                # Equality is both of these.
                yield (), u_le(a, b)
                yield (), u_le(b, a)
                if _is_signed(a) or _is_signed(b):
                    yield (), s_le(a, b)
                    yield (), s_le(b, a)


def _is_signed(term: Term) -> bool:
    return any(s.signed for s in symbols_of(term))


def _heads(a: Term, b: Term) -> Iterator[tuple[Symbol, Symbol]]:
    """The symbols that two terms are about: of a field, the field and not its object."""
    if isinstance(a, App) and isinstance(b, App):
        yield a.symbol, b.symbol


@lru_cache(maxsize=4)
def _meetings(system: System) -> set[frozenset[Symbol]]:
    """The pairs of symbols that some comparison or assignment brings together."""
    met: set[frozenset[Symbol]] = set()
    compared = [g for a in system.actions for g in a.guard]
    compared += [*system.init, *system.axioms, *(p.formula for p in system.safety)]
    for node in postorder(*compared):
        if isinstance(node, Operation) and node.operator.name in _COMPARING:
            met |= {frozenset(pair) for pair in combinations(symbols_of(node), 2)}
    for action in system.actions:
        given: dict[Term, set[Symbol]] = {}
        for update in action.updates:
            if not update.formals:
                given.setdefault(update.value, {*symbols_of(update.value)}).add(update.symbol)
        for symbols in given.values():
            met |= {frozenset(pair) for pair in combinations(symbols, 2)}
    return met


@lru_cache(maxsize=16)
def _literals(system: System, sort: BitVec) -> list[Term]:
    """Zero, one, and the literals that guards and initial conditions compare with."""
    found: dict[Term, None] = {word(value, sort.width): None for value in (0, 1, -1)}
    if sort.width > 32:
        # Addresses are compared with each other; their literals are sizes and flags.
        return [word(0, sort.width)]
    terms = [g for a in system.actions for g in a.guard]
    terms += [p.formula for p in system.safety]
    for term in (*system.init, *system.axioms, *terms):
        for node in postorder(term):
            if isinstance(node, Operation) and node.operator.name in _COMPARING:
                for child in node.children:
                    if isinstance(child, Literal) and child.sort == sort:
                        found[child] = None
    return list(found)[:8]


_COMPARING = ("eq", "u_lt", "u_le", "s_lt", "s_le")


def _guards(system: System) -> Iterator[Term]:
    """Every conjunct of a guard that mentions no parameter."""
    for action in system.actions:
        for guard in action.guard:
            for part in parts(guard):
                if not part.free and not has_quantifier(part):
                    yield part
