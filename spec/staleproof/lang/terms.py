"""Terms: a small hash-consed tree of frozen nodes, built without any solver.

Two terms are the same formula exactly when they are the same object, so walks memoise on
identity. `==` and `!=` *build* terms; use `is` to compare them. The operators written on the page
(`&`, `|`, `~`, `+`, `-`) pick the row of the operator table that fits the sort; a bare `<` on
bit-vectors is an error, because bit-vectors carry no sign.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Container, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TypeAlias
from weakref import KeyedRef

from staleproof.errors import ModelError, SignError, SortError
from staleproof.lang.operators import OPERATORS, Operator
from staleproof.lang.sorts import (
    BOOL,
    INT,
    BitVec,
    BoolSort,
    IntSort,
    Sort,
    Value,
    is_value_of,
    show_value,
)

Operand: TypeAlias = "Term | bool | int | str"


@dataclass(frozen=True, slots=True)
class Symbol:
    """A named function of the state, from `domain` to `range`; a constant has an empty domain.

    `mutable` is False for what no action may change: configuration, oracles, the world's history.
    `signed` says how its bit-vectors are printed, and nothing else.
    """

    name: str
    domain: tuple[Sort, ...]
    range: Sort
    mutable: bool = True
    signed: bool = False

    def __hash__(self) -> int:
        return hash(self.name)  # cached in the string, and names are distinct in a system

    def __call__(self, *arguments: Operand) -> Term:
        known = _known((App, self, *map(id, arguments)))
        if known is not None:
            return known
        if len(arguments) != len(self.domain):
            raise SortError(f"{self.name} takes {len(self.domain)} arguments, not {len(arguments)}")
        terms = tuple(coerce(a, s) for a, s in zip(arguments, self.domain, strict=True))
        return _intern(App, self.range, (self, terms), terms)


class Term:
    """A node of the tree: its `sort` and its `children`. Never constructed directly.

    `free` are the variables that no quantifier of the term binds; `quantified` says whether one
    occurs anywhere in it.
    """

    __slots__ = ("__weakref__", "_digest", "children", "free", "quantified", "sort")
    sort: Sort
    children: tuple[Term, ...]
    free: frozenset[Var]
    quantified: bool
    _digest: bytes

    # Hashing is by identity: interning makes that structural.
    __hash__ = object.__hash__

    def __bool__(self) -> bool:
        raise ModelError(
            f"the truth of a term was asked for in Python: {show(self)}",
            fix="use &, |, ~, implies(...) instead of and, or, not, if",
        )

    def __eq__(self, other: object) -> Term:  # type: ignore[override]
        return eq(self, other)  # type: ignore[arg-type]

    def __ne__(self, other: object) -> Term:  # type: ignore[override]
        return neg(eq(self, other))  # type: ignore[arg-type]

    def __invert__(self) -> Term:
        return neg(self) if self.sort == BOOL else operation("bv_not", self)

    def __and__(self, other: Operand) -> Term:
        return _by_sort(self, other, {BoolSort: "and", BitVec: "bv_and"})

    def __or__(self, other: Operand) -> Term:
        return _by_sort(self, other, {BoolSort: "or", BitVec: "bv_or"})

    def __xor__(self, other: Operand) -> Term:
        return _by_sort(self, other, {BitVec: "bv_xor"})

    def __add__(self, other: Operand) -> Term:
        return _by_sort(self, other, {IntSort: "add", BitVec: "bv_add"})

    def __sub__(self, other: Operand) -> Term:
        return _by_sort(self, other, {IntSort: "sub", BitVec: "bv_sub"})

    def __mul__(self, other: Operand) -> Term:
        return _by_sort(self, other, {IntSort: "mul", BitVec: "bv_mul"})

    def __lt__(self, other: Operand) -> Term:
        return self._integer_order("lt", self, other)

    def __le__(self, other: Operand) -> Term:
        return self._integer_order("le", self, other)

    def __gt__(self, other: Operand) -> Term:
        return self._integer_order("lt", other, self)

    def __ge__(self, other: Operand) -> Term:
        return self._integer_order("le", other, self)

    def _integer_order(self, name: str, left: Operand, right: Operand) -> Term:
        if isinstance(self.sort, BitVec):
            raise SignError(f"a bare comparison of bit-vectors: {show(self)}")
        return operation(name, coerce(left, INT), coerce(right, INT))

    def __repr__(self) -> str:
        return show(self)

    def __reduce__(self) -> tuple[object, ...]:
        return _from_records, (_records(self),)

    @property
    def digest(self) -> bytes:
        """A hash of the content, the same in every process and on every machine."""
        try:
            return self._digest
        except AttributeError:
            for node in postorder(self, known=_DIGESTED):
                _set(node, "_digest", hashlib.sha256(node._content()).digest()[:16])
            return self._digest

    def _content(self) -> bytes:
        raise NotImplementedError


class Literal(Term):
    """A plain value of a sort."""

    __slots__ = ("value",)
    value: Value

    def _content(self) -> bytes:
        return f"L {self.sort!r} {self.value!r}".encode()


class Var(Term):
    """A variable: a parameter of an action or property, or bound by a quantifier."""

    __slots__ = ("name",)
    name: str

    def _content(self) -> bytes:
        return f"V {self.sort!r} {self.name}".encode()


class App(Term):
    """A state symbol applied to arguments."""

    __slots__ = ("symbol",)
    symbol: Symbol

    def _content(self) -> bytes:
        return b"".join([f"A {self.symbol!r} ".encode(), *(c.digest for c in self.children)])


class Operation(Term):
    """A row of the operator table applied to operands; `indices` are extract's bounds and alike."""

    __slots__ = ("indices", "operator")
    operator: Operator
    indices: tuple[int, ...]

    def _content(self) -> bytes:
        head = f"O {self.operator.name} {self.indices} ".encode()
        return b"".join([head, *(c.digest for c in self.children)])


class Quantified(Term):
    """For all (or some) values of `var`; of a bit-vector, only those below the bound, unsigned."""

    __slots__ = ("below", "body", "instances", "universal", "var")
    universal: bool
    var: Var
    below: Term | None
    body: Term
    instances: dict[Term, Term]
    """The body with what was put for `var`, as far as that was asked for (substitute.py)."""

    def _content(self) -> bytes:
        return b"".join([b"Q1 " if self.universal else b"Q0 ", *(c.digest for c in self.children)])


class _Digested:
    """The terms whose digest is known."""

    def __contains__(self, term: object) -> bool:
        return hasattr(term, "_digest")


_DIGESTED = _Digested()
_NO_VARS: frozenset[Var] = frozenset()
_table: dict[tuple[object, ...], KeyedRef[tuple[object, ...], Term]] = {}
_set = object.__setattr__


def _intern(
    kind: type[Term], sort: Sort, key: tuple[object, ...], children: tuple[Term, ...]
) -> Term:
    """The one node of this content. `children` stay alive with the node, so ids are stable."""
    # What has children has the sort that they give it.
    full = (kind, *key[:-1], *map(id, children)) if children else (kind, sort, *key)
    node = _known(full)
    if node is None:
        node = object.__new__(kind)
        node.sort = sort
        node.children = children
        node.free = _union(children)
        node.quantified = any(c.quantified for c in children)
        if isinstance(node, Literal):
            (node.value,) = key  # type: ignore[assignment]
        elif isinstance(node, Var):
            (node.name,) = key  # type: ignore[assignment]
            node.free = frozenset((node,))
        elif isinstance(node, App):
            node.symbol = key[0]  # type: ignore[assignment]
        elif isinstance(node, Operation):
            node.operator = OPERATORS[key[0]]  # type: ignore[index]
            node.indices = key[1]  # type: ignore[assignment]
        elif isinstance(node, Quantified):
            node.universal = key[0]  # type: ignore[assignment]
            node.var, node.body = children[0], children[1]  # type: ignore[assignment]
            node.below = children[2] if len(children) == 3 else None
            outside = _NO_VARS if node.below is None else node.below.free
            node.free = (node.body.free - {node.var}) | outside
            node.quantified = True
            node.instances = {}
        _table[full] = KeyedRef(node, _forget, full)
    return node


def _known(key: tuple[object, ...]) -> Term | None:
    """The node of that key, if there is one."""
    found = _table.get(key)
    return None if found is None else found()


def _forget(dead: KeyedRef[tuple[object, ...], Term]) -> None:
    if _table.get(dead.key) is dead:
        del _table[dead.key]


def _union(children: tuple[Term, ...]) -> frozenset[Var]:
    whole = _NO_VARS
    for child in children:
        if not child.free <= whole:
            whole = whole | child.free if whole else child.free
    return whole


Record: TypeAlias = tuple[type["Term"], Sort, tuple[object, ...], tuple[int, ...]]


def _records(root: Term) -> tuple[Record, ...]:
    """The nodes, children first, each with the positions of its children: flat, for pickling."""
    positions: dict[Term, int] = {}
    records: list[Record] = []
    for node in postorder(root):
        head: tuple[object, ...] = ()
        if isinstance(node, Literal):
            head = (node.value,)
        elif isinstance(node, Var):
            head = (node.name,)
        elif isinstance(node, App):
            head = (node.symbol,)
        elif isinstance(node, Operation):
            head = (node.operator.name, node.indices)
        elif isinstance(node, Quantified):
            head = (node.universal,)
        children = tuple(positions[c] for c in node.children)
        records.append((type(node), node.sort, head, children))
        positions[node] = len(positions)
    return tuple(records)


def _from_records(records: tuple[Record, ...]) -> Term:
    """The interned term that `_records` wrote."""
    nodes: list[Term] = []
    for kind, sort, head, positions in records:
        children = tuple(nodes[p] for p in positions)
        key = head if issubclass(kind, Literal | Var) else (*head, children)
        nodes.append(_intern(kind, sort, key, children))
    return nodes[-1]


def literal(value: Value, sort: Sort) -> Literal:
    """A plain value as a term. Raises SortError when `value` is none of `sort`."""
    if not is_value_of(value, sort):
        raise SortError(f"{value!r} is not a value of {sort.name}")
    return _intern(Literal, sort, (value,), ())  # type: ignore[return-value]


def variable(name: str, sort: Sort) -> Var:
    """The variable of that name and sort."""
    return _intern(Var, sort, (name,), ())  # type: ignore[return-value]


TRUE = literal(True, BOOL)
FALSE = literal(False, BOOL)


def word(value: int, width: int) -> Literal:
    """The bit-vector of `width` bits congruent to the integer `value`."""
    return literal(value & ((1 << width) - 1), BitVec(width))


def coerce(value: Operand, sort: Sort) -> Term:
    """`value` as a term of `sort`: a term as it is, a plain value as a literal."""
    if isinstance(value, Term):
        if value.sort is not sort and value.sort != sort:
            raise SortError(f"{show(value)} is a {value.sort.name}, not a {sort.name}")
        return value
    if isinstance(sort, BitVec) and isinstance(value, int) and not isinstance(value, bool):
        if not -(1 << (sort.width - 1)) <= value < 1 << sort.width:
            raise SortError(f"{value} does not fit in {sort.name}")
        return word(value, sort.width)
    return literal(value, sort)


def _by_sort(left: Term, right: Operand, names: Mapping[type, str]) -> Term:
    name = names.get(type(left.sort))
    if name is None:
        raise SortError(f"no such operator on {left.sort.name}: {show(left)}")
    return operation(name, left, coerce(right, left.sort))


def operation(name: str, *operands: Term, indices: tuple[int, ...] = ()) -> Term:
    """The operator applied, simplified where that needs no search. Raises SortError on a misfit."""
    # What was built once needs no second look: its operands are these very objects.
    known = _known((Operation, name, indices, *map(id, operands)))
    if known is not None:
        return known
    row = OPERATORS[name]
    sorts = [operand.sort for operand in operands]
    sort = row.type_rule(sorts, indices)
    if sort is None:
        shown = ", ".join(f"{show(o)}: {o.sort.name}" for o in operands)
        raise SortError(f"{name} does not apply to ({shown})")
    if operands and all(isinstance(o, Literal) for o in operands):
        values = [o.value for o in operands if isinstance(o, Literal)]
        return literal(row.meaning(values, sorts, indices), sort)
    rewrite = _REWRITES.get(name)
    if rewrite is not None:
        simpler = rewrite(*operands, *indices)
        if simpler is not None:
            return simpler
    return _intern(Operation, sort, (name, indices, operands), operands)


# Rewrites. Each returns an equal, smaller term, or None where it knows none. What an operator's
# indices are comes after its operands.


Rewrite: TypeAlias = Callable[..., Term | None]


def _is(term: Term, name: str) -> bool:
    return isinstance(term, Operation) and term.operator.name == name


def _rewrite_not(a: Term) -> Term | None:
    return a.children[0] if _is(a, "not") else None


def _rewrite_junction(name: str, unit: Term, zero: Term) -> Rewrite:
    def rewrite(*operands: Term) -> Term | None:
        flat: dict[Term, None] = {}
        changed = len(operands) < 2
        for operand in operands:
            nested = _is(operand, name)
            parts = operand.children if nested else (operand,)
            changed |= nested
            for part in parts:
                if part is zero:
                    return zero
                if part is unit or part in flat:
                    changed = True
                    continue
                flat[part] = None
        for part in flat:
            if _is(part, "not") and part.children[0] in flat:
                return zero
        if not changed:
            return None
        if not flat:
            return unit
        if len(flat) == 1:
            return next(iter(flat))
        parts = tuple(flat)
        return _intern(Operation, BOOL, (name, (), parts), parts)

    return rewrite


def _rewrite_implies(a: Term, b: Term) -> Term | None:
    if a is TRUE or b is TRUE:
        return b
    if a is FALSE or a is b:
        return TRUE
    return neg(a) if b is FALSE else None


def _rewrite_eq(a: Term, b: Term) -> Term | None:
    if a is b:
        return TRUE
    if isinstance(a, Literal):
        a, b = b, a
    if isinstance(b, Literal):
        if a.sort == BOOL:
            return a if b is TRUE else neg(a)
        if _is(a, "ite"):
            condition, yes, no = a.children
            if isinstance(yes, Literal) or isinstance(no, Literal):
                return ite(condition, eq(yes, b), eq(no, b))
    return None


def _rewrite_ite(c: Term, a: Term, b: Term) -> Term | None:
    if c is TRUE or a is b:
        return a
    if c is FALSE:
        return b
    if _is(c, "not"):
        return ite(c.children[0], b, a)
    if a.sort == BOOL:
        if a is TRUE:
            return disj(c, b)
        if a is FALSE:
            return conj(neg(c), b)
        if b is TRUE:
            return disj(neg(c), a)
        if b is FALSE:
            return conj(c, a)
    if _is(a, "ite") and a.children[0] is c:
        return ite(c, a.children[1], b)
    if _is(b, "ite") and b.children[0] is c:
        return ite(c, a, b.children[2])
    return None


def _rewrite_extract(a: Term, high: int, low: int) -> Term | None:
    if not isinstance(a, Operation):
        return None
    name = a.operator.name
    if name == "extract":
        (whole,), (_, below) = a.children, a.indices
        return extract(high + below, low + below, whole)
    if name in ("sign_extend", "zero_extend") and high < _width(a.children[0]):
        return extract(high, low, a.children[0])
    if name == "concat":
        upper, lower = a.children
        if high < _width(lower):
            return extract(high, low, lower)
        if low >= _width(lower):
            return extract(high - _width(lower), low - _width(lower), upper)
    return None


def _rewrite_concat(a: Term, b: Term) -> Term | None:
    if _is(a, "extract") and _is(b, "extract") and a.children[0] is b.children[0]:
        assert isinstance(a, Operation) and isinstance(b, Operation)
        (high, middle), (next_, low) = a.indices, b.indices
        if middle == next_ + 1:
            return extract(high, low, a.children[0])
    return None


def _rewrite_add(a: Term, b: Term) -> Term | None:
    zero = literal(0, a.sort)
    if a is zero:
        return b
    return a if b is zero else None


def _rewrite_u_lt(a: Term, b: Term) -> Term | None:
    return FALSE if a is b or _is_least(b) or _is_greatest(a) else None


def _rewrite_u_le(a: Term, b: Term) -> Term | None:
    return TRUE if a is b or _is_least(a) or _is_greatest(b) else None


def _is_least(a: Term) -> bool:
    return isinstance(a, Literal) and a.value == 0


def _is_greatest(a: Term) -> bool:
    return (
        isinstance(a, Literal) and isinstance(a.sort, BitVec) and a.value == (1 << a.sort.width) - 1
    )


_REWRITES: dict[str, Rewrite] = {
    "not": _rewrite_not,
    "and": _rewrite_junction("and", TRUE, FALSE),
    "or": _rewrite_junction("or", FALSE, TRUE),
    "implies": _rewrite_implies,
    "eq": _rewrite_eq,
    "ite": _rewrite_ite,
    "extract": _rewrite_extract,
    "concat": _rewrite_concat,
    "bv_add": _rewrite_add,
    "add": _rewrite_add,
    "bv_sub": lambda a, b: a if b is literal(0, a.sort) else None,
    "u_lt": _rewrite_u_lt,
    "s_lt": lambda a, b: FALSE if a is b else None,
    "u_le": _rewrite_u_le,
    "s_le": lambda a, b: TRUE if a is b else None,
}


# The operators by name, as they are written in models


def conj(*operands: Term) -> Term:
    """All of them; of nothing, true."""
    return operation("and", *operands) if operands else TRUE


def disj(*operands: Term) -> Term:
    """At least one of them; of nothing, false."""
    return operation("or", *operands) if operands else FALSE


def neg(operand: Term) -> Term:
    """Not."""
    return operation("not", operand)


def implies(premise: Term, conclusion: Operand) -> Term:
    """If the premise, then the conclusion."""
    return operation("implies", premise, coerce(conclusion, BOOL))


def iff(left: Term, right: Operand) -> Term:
    """Both or neither."""
    return eq(left, coerce(right, BOOL))


def eq(left: Operand, right: Operand) -> Term:
    """Equality, at any one sort; one side may be a plain value."""
    if not isinstance(left, Term):
        left, right = right, left
    if not isinstance(left, Term):
        raise SortError("neither side of an equality is a term")
    return operation("eq", left, coerce(right, left.sort))


def ite(condition: Term, yes: Term, no: Operand) -> Term:
    """`yes` where the condition holds, else `no`."""
    return operation("ite", condition, yes, coerce(no, yes.sort))


def u_lt(left: Term, right: Operand) -> Term:
    """Less than, of unsigned words."""
    return operation("u_lt", left, coerce(right, left.sort))


def u_le(left: Term, right: Operand) -> Term:
    """Less than or equal, of unsigned words."""
    return operation("u_le", left, coerce(right, left.sort))


def s_lt(left: Term, right: Operand) -> Term:
    """Less than, of words in two's complement."""
    return operation("s_lt", left, coerce(right, left.sort))


def s_le(left: Term, right: Operand) -> Term:
    """Less than or equal, of words in two's complement."""
    return operation("s_le", left, coerce(right, left.sort))


def zero_extend(term: Term, width: int) -> Term:
    """The word widened to `width` bits with zeros; the word itself when it has that width."""
    return _widen("zero_extend", term, width)


def sign_extend(term: Term, width: int) -> Term:
    """The word widened to `width` bits with its sign; the word itself when it has that width."""
    return _widen("sign_extend", term, width)


def _widen(name: str, term: Term, width: int) -> Term:
    if not isinstance(term.sort, BitVec) or term.sort.width > width:
        raise SortError(f"{show(term)}: {term.sort.name} cannot be widened to {width} bits")
    extra = width - term.sort.width
    return operation(name, term, indices=(extra,)) if extra else term


def extract(high: int, low: int, term: Term) -> Term:
    """Bits `high` down to `low`, both included."""
    if low == 0 and term.sort == BitVec(high + 1):
        return term
    return operation("extract", term, indices=(high, low))


def concat(high: Term, low: Term) -> Term:
    """The word with the bits of both, those of `low` below."""
    return operation("concat", high, low)


def _width(term: Term) -> int:
    assert isinstance(term.sort, BitVec)
    return term.sort.width


def forall(var: Var, body: Term, below: Term | None = None) -> Term:
    """For every `var` (below the bound, unsigned, if one is given)."""
    return _quantify(True, var, body, below)


def exists(var: Var, body: Term, below: Term | None = None) -> Term:
    """For some `var` (below the bound, unsigned, if one is given)."""
    return _quantify(False, var, body, below)


def _quantify(universal: bool, var: Var, body: Term, below: Term | None) -> Term:
    if isinstance(var.sort, BitVec):
        if below is None:
            raise ModelError(
                f"a quantifier over all {var.sort.name} values: {var.name}",
                fix="give a bound with below=..., so that the formula can be evaluated",
            )
        coerce(below, var.sort)
        if var in below.free:
            raise ModelError(f"the bound of a quantifier over {var.name} mentions {var.name}")
    elif below is not None:
        raise SortError(f"only bit-vector quantifiers take a bound, {var.name} is {var.sort.name}")
    elif isinstance(var.sort, IntSort):
        raise ModelError(f"a quantifier over the integers cannot be replayed: {var.name}")
    if body.sort != BOOL:
        raise SortError(f"a quantifier needs a formula, not a {body.sort.name}")
    if below is None and var not in body.free:
        return body  # no sort is empty
    children = (var, body) if below is None else (var, body, below)
    return _intern(Quantified, BOOL, (universal, children), children)


# Walks


def postorder(*roots: Term, known: Container[Term] = ()) -> Iterator[Term]:
    """Every node once, children before parents, without recursion; what is `known` is left out, and
    all below it.
    """
    seen: set[Term] = set()
    stack = [*reversed(roots)]
    while stack:
        node = stack[-1]
        if node not in seen and node not in known:
            missing = [c for c in node.children if c not in seen and c not in known]
            if missing:
                stack += reversed(missing)
                continue
            seen.add(node)
            yield node
        stack.pop()


def show(term: Term, names: Mapping[Term, str] = MappingProxyType({})) -> str:
    """The term on one line, in the notation of the operator table.

    The parts of it that have `names` are called by them.
    """

    def part(of: Term) -> str:
        return names.get(of) or show(of, names)

    def operand(of: Term) -> str:
        return names.get(of) or (f"({show(of, names)})" if isinstance(of, Operation) else part(of))

    if isinstance(term, Literal):
        return show_value(term.value, term.sort)
    if isinstance(term, Var):
        return term.name
    if isinstance(term, App):
        inside = ", ".join(part(c) for c in term.children)
        return f"{term.symbol.name}({inside})" if inside else term.symbol.name
    if isinstance(term, Quantified):
        word_ = "forall" if term.universal else "exists"
        bound = "" if term.below is None else f" < {part(term.below)}"
        return f"({word_} {term.var.name}{bound}. {part(term.body)})"
    assert isinstance(term, Operation)
    operands = [operand(c) for c in term.children]
    if term.operator.name in ("and", "or"):
        return f" {term.operator.notation} ".join(operands)
    indices = {f"i{position}": index for position, index in enumerate(term.indices)}
    return term.operator.notation.format(*operands, **indices)


def has_quantifier(term: Term) -> bool:
    """Whether a quantifier occurs anywhere in the term."""
    return term.quantified
