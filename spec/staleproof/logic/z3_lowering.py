"""Terms to z3 and its models back to plain values: the only file that builds z3 expressions.

It speaks to z3's C library as z3's own Python interface does, but without an object per node.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

import z3
from z3 import z3core

from staleproof.lang.operators import OPERATORS
from staleproof.lang.sorts import (
    BitVec,
    BoolSort,
    Enum,
    IntSort,
    Sort,
    Unbounded,
    Value,
    word_for,
)
from staleproof.lang.terms import (
    App,
    Literal,
    Operation,
    Quantified,
    Symbol,
    Term,
    Var,
    implies,
    postorder,
    u_lt,
)

_VARIADIC = {"and", "or", "add", "sub", "mul"}


def _bare(name: str) -> Any:
    """The function of the C library; what z3's Python has instead looks for an error each time."""
    return getattr(z3core, f"Z3_{name}").__defaults__[0].f


_renamed = _bare("substitute")
_app, _evaluated = _bare("mk_app"), _bare("model_eval")
_keep, _release = _bare("inc_ref"), _bare("dec_ref")
_truth, _word = _bare("get_bool_value"), _bare("get_numeral_uint64")
_OPERATIONS = {row.z3: _bare(f"mk_{row.z3}") for row in OPERATORS.values()}


class Z3Lowering:
    """Terms as z3 expressions in one context, memoised, for one solver or for several.

    What is memoised lives as long as the context. Members of enumerations are words, so that words
    are all that there is to reason about; or, where quantifiers range over them, what z3 calls a
    datatype, which it knows to have no other elements.
    """

    def __init__(self, *, quantified: bool = False) -> None:
        self._has_datatypes = quantified
        self._enum_values: dict[Enum, dict[str, Any]] = {}
        self._sorts: dict[Sort, Any] = {}
        self._functions: dict[Symbol, Any] = {}
        self._constants: dict[Var, Any] = {}
        self._taken: set[tuple[str, tuple[int, ...]]] = set()
        self._memo: dict[Term, Any] = {}
        self._objects: list[Any] = []
        self.is_of_words = not quantified
        """Whether all terms so far speak of truth values, words and functions alone."""

    @cached_property
    def context(self) -> z3.Context:
        """Made when the first expression or session is, since many questions need none."""
        return z3.Context()

    @cached_property
    def _ref(self) -> Any:
        return self.context.ref()

    def __del__(self) -> None:
        # A context that is ended with many expressions left takes long to end.
        for handle in reversed(self._memo.values()):
            _release(self._ref, handle)

    def sort(self, sort: Sort) -> Any:
        """The z3 sort that stands for `sort`."""
        found = self._sorts.get(sort)
        if found is None:
            match sort:
                case BoolSort():
                    found = z3.BoolSort(self.context)
                case IntSort():
                    found = z3.IntSort(self.context)
                    self.is_of_words = False
                case BitVec(width):
                    found = z3.BitVecSort(width, self.context)
                case Enum(name, members) if self._has_datatypes:
                    found, values = z3.EnumSort(name, list(members), ctx=self.context)
                    self._enum_values[sort] = dict(zip(members, values, strict=True))
                case Enum(_, members):
                    found = self.sort(word_for(len(members)))
                case Unbounded(name):
                    found = z3.DeclareSort(name, self.context)
            self._sorts[sort] = found
        return found

    def function(self, symbol: Symbol) -> Any:
        """The uninterpreted function that stands for `symbol`."""
        found = self._functions.get(symbol)
        if found is None:
            speaks_of = (*symbol.domain, symbol.range)
            sorts = [self.sort(s) for s in speaks_of]
            name = self._free(_told_apart(symbol.name, *speaks_of), sorts)
            found = self._functions[symbol] = z3.Function(name, *sorts)
        return found

    def _free(self, name: str, sorts: Sequence[Any]) -> str:
        """The name, or one like it where something else of these z3 sorts has it: to z3 they would
        be one.
        """
        speaks_of = tuple(map(id, sorts))
        while (name, speaks_of) in self._taken:
            name += "'"
        self._taken.add((name, speaks_of))
        return name

    def __call__(self, term: Term) -> Any:
        """The expression as an object of z3's Python interface."""
        return z3.z3._to_expr_ref(self.handle(term), self.context)

    def handle(self, term: Term) -> Any:
        """The expression as the C library knows it."""
        memo = self._memo
        found = memo.get(term)
        if found is None:
            for node in postorder(term, known=memo):
                found = self._made(self._lower(node, [memo[c] for c in node.children]))
                _keep(self._ref, found)
                memo[node] = found
        return found

    def handles(self, terms: Sequence[Term]) -> Any:
        """The expressions as an array of the C library."""
        return _array([self.handle(t) for t in terms])

    def renamed(self, terms: Sequence[Term], names: Mapping[Var, Var]) -> Iterator[Any]:
        """The expressions with other names for their variables, each valid until the next."""
        before, after = self.handles(tuple(names)), self.handles(tuple(names.values()))
        for term in terms:
            found = self._made(_renamed(self._ref, self.handle(term), len(names), before, after))
            _keep(self._ref, found)
            yield found
            _release(self._ref, found)

    def _made(self, handle: Any) -> Any:
        """What the C library has made. Raises Z3Exception if that is nothing."""
        if not handle:
            code = z3core.Z3_get_error_code(self._ref)
            raise z3.Z3Exception(z3core.Z3_get_error_msg(self._ref, code))
        return handle

    def _lower(self, node: Term, children: list[Any]) -> Any:
        if isinstance(node, Operation):
            return self._operation(node, children)
        if isinstance(node, App):
            function = self.function(node.symbol).ast
            value = self._made(_app(self._ref, function, len(children), _array(children)))
            return self._member(value, node.sort)
        if isinstance(node, Literal):
            return self._kept(self._literal(node.value, node.sort))
        if isinstance(node, Var):
            return self._member(self._kept(self._constant(node)), node.sort)
        assert isinstance(node, Quantified)
        variable, body = self._constant(node.var), node.body
        if node.below is not None:
            inside = u_lt(node.var, node.below)
            body = implies(inside, body) if node.universal else inside & body
        quantify = z3.ForAll if node.universal else z3.Exists
        return self._kept(quantify([variable], self(body)))

    def _constant(self, var: Var) -> Any:
        """The constant that stands for a variable."""
        found = self._constants.get(var)
        if found is None:
            # In z3 a variable is a nullary function too: the mark keeps it apart from symbols.
            name = f"?{_told_apart(var.name, var.sort)}"
            found = self._constants[var] = self._named(name, var.sort)
        return found

    def _named(self, name: str, sort: Sort) -> Any:
        """A constant of that name that nothing else is."""
        made = self.sort(sort)
        return z3.Const(self._free(name, [made]), made)

    def _member(self, word: Any, sort: Sort) -> Any:
        """What the word stands for: of an enumeration one that is past the last is the first.

        So each function to words stands for one to members, and each of those for some to words.
        """
        if not isinstance(sort, Enum) or self._has_datatypes:
            return word
        if len(sort.members) == 1 << word_for(len(sort.members)).width:
            return word
        value = z3.z3._to_expr_ref(word, self.context)
        return self._kept(z3.If(z3.ULT(value, len(sort.members)), value, 0))

    def _kept(self, expression: Any) -> Any:
        """The handle of an object, which stays with its handle."""
        self._objects.append(expression)
        return expression.as_ast()

    def _operation(self, node: Operation, children: list[Any]) -> Any:
        name = node.operator.z3
        if name == "bvmul" and (power := _power_of_two(node.children[1])) is not None:
            return self._shifted(node.children[0], children[0], power)
        make = _OPERATIONS[name]
        if name in _VARIADIC:
            return make(self._ref, len(children), _array(children))
        return make(self._ref, *node.indices, *children)

    def _shifted(self, word: Term, lowered: Any, bits: int) -> Any:
        """A product with a power of two, as wiring: the solver would build a multiplier."""
        assert isinstance(word.sort, BitVec)
        if bits == 0:
            return lowered
        kept = z3.Extract(word.sort.width - bits - 1, 0, self(word))
        return self._kept(z3.Concat(kept, z3.BitVecVal(0, bits, self.context)))

    def _literal(self, value: Value, sort: Sort) -> Any:
        match sort:
            case BoolSort():
                return z3.BoolVal(value, self.context)
            case IntSort():
                self.sort(sort)  # so that it is known that there are integers
                return z3.IntVal(value, self.context)
            case BitVec(width):
                return z3.BitVecVal(value, width, self.context)
            case Enum() if self._has_datatypes:
                self.sort(sort)
                return self._enum_values[sort][str(value)]
            case Enum(_, members):
                return self._literal(members.index(str(value)), word_for(len(members)))
            case Unbounded(name):
                # An element of a concrete universe: a constant that nothing equates by itself.
                return self._named(f"{name}!{value}", sort)

    def value(self, term: Term, model: Any) -> Value | None:
        """The plain value of `term` in a z3 model, completed where it is free."""
        found = (z3.Ast * 1)()
        if not _evaluated(self._ref, model.model, self.handle(term), True, found):
            raise z3.Z3Exception("the model does not tell the value of a term")
        if isinstance(term.sort, BoolSort):
            return bool(_truth(self._ref, found[0]) == z3.Z3_L_TRUE)
        if isinstance(term.sort, BitVec) and term.sort.width <= 64:
            word = ctypes.c_uint64()
            if _word(self._ref, found[0], ctypes.byref(word)):
                return word.value
        return self.plain(z3.z3._to_expr_ref(found[0], self.context), term.sort)

    def plain(self, expression: Any, sort: Sort) -> Value | None:
        """A z3 value as a plain value; None for elements of unbounded sorts."""
        match sort:
            case BoolSort():
                return bool(z3.is_true(expression))
            case IntSort() | BitVec():
                return int(expression.as_long())
            case Enum() if self._has_datatypes:
                return str(expression)
            case Enum(_, members):
                return members[int(expression.as_long())]
            case Unbounded():
                return None


def _told_apart(name: str, *sorts: Sort) -> str:
    """A name that tells the enumerations it is about, as words of one width would not."""
    return ":".join([name, *(s.name for s in sorts if isinstance(s, Enum))])


def _array(handles: list[Any]) -> Any:
    return (z3.Ast * len(handles))(*handles)


def _power_of_two(term: Term) -> int | None:
    """The exponent, if the term is a literal power of two."""
    if isinstance(term, Literal) and isinstance(term.value, int) and term.value > 0:
        exponent = term.value.bit_length() - 1
        return exponent if term.value == 1 << exponent else None
    return None
