"""Terms to z3 and its models back to plain values: the only file that builds z3 expressions."""

from __future__ import annotations

from typing import Any

import z3
from z3 import z3core

from staleproof.lang.sorts import BitVec, BoolSort, Enum, IntSort, Sort, Unbounded, Value
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

_VARIADIC = {"and", "or"}


class Z3Lowering:
    """Terms as z3 expressions in one context, memoised, for one solver or for several."""

    def __init__(self) -> None:
        self.context = z3.Context()
        self._sorts: dict[Sort, Any] = {}
        self._enum_values: dict[Enum, dict[str, Any]] = {}
        self._functions: dict[Symbol, Any] = {}
        self._memo: dict[Term, Any] = {}

    def sort(self, sort: Sort) -> Any:
        """The z3 sort that stands for `sort`."""
        found = self._sorts.get(sort)
        if found is None:
            match sort:
                case BoolSort():
                    found = z3.BoolSort(self.context)
                case IntSort():
                    found = z3.IntSort(self.context)
                case BitVec(width):
                    found = z3.BitVecSort(width, self.context)
                case Enum(name, members):
                    found, values = z3.EnumSort(name, list(members), ctx=self.context)
                    self._enum_values[sort] = dict(zip(members, values, strict=True))
                case Unbounded(name):
                    found = z3.DeclareSort(name, self.context)
            self._sorts[sort] = found
        return found

    def function(self, symbol: Symbol) -> Any:
        """The uninterpreted function that stands for `symbol`."""
        found = self._functions.get(symbol)
        if found is None:
            sorts = [self.sort(s) for s in (*symbol.domain, symbol.range)]
            found = self._functions[symbol] = z3.Function(symbol.name, *sorts)
        return found

    def __call__(self, term: Term) -> Any:
        memo = self._memo
        if term not in memo:
            for node in postorder(term, known=memo):
                memo[node] = self._lower(node, [memo[c] for c in node.children])
        return memo[term]

    def _lower(self, node: Term, children: list[Any]) -> Any:
        if isinstance(node, Operation):
            return self._operation(node, children)
        if isinstance(node, App):
            return self.function(node.symbol)(*children)
        if isinstance(node, Literal):
            return self._literal(node.value, node.sort)
        if isinstance(node, Var):
            # In z3 a variable is a nullary function too: the mark keeps it apart from symbols.
            return z3.Const(f"?{node.name}", self.sort(node.sort))
        assert isinstance(node, Quantified)
        variable, body = self(node.var), node.body
        if node.below is not None:
            inside = u_lt(node.var, node.below)
            body = implies(inside, body) if node.universal else inside & body
        quantify = z3.ForAll if node.universal else z3.Exists
        return quantify([variable], self(body))

    def _operation(self, node: Operation, children: list[Any]) -> Any:
        context, name = self.context.ref(), node.operator.z3
        if name == "bvmul" and (power := _power_of_two(node.children[1])) is not None:
            return self._shifted(children[0], power)
        make = getattr(z3core, f"Z3_mk_{name}")
        asts = [c.as_ast() for c in children]
        if name in _VARIADIC or name in ("add", "sub", "mul"):
            array = (z3.Ast * len(asts))(*asts)
            result = make(context, len(asts), array)
        elif node.indices:
            result = make(context, *node.indices, asts[0])
        else:
            result = make(context, *asts)
        return z3.z3._to_expr_ref(result, self.context)

    def _shifted(self, word: Any, bits: int) -> Any:
        """A product with a power of two, as wiring: the solver would build a multiplier."""
        if bits == 0:
            return word
        kept = z3.Extract(word.size() - bits - 1, 0, word)
        return z3.Concat(kept, z3.BitVecVal(0, bits, self.context))

    def _literal(self, value: Value, sort: Sort) -> Any:
        match sort:
            case BoolSort():
                return z3.BoolVal(value, self.context)
            case IntSort():
                return z3.IntVal(value, self.context)
            case BitVec(width):
                return z3.BitVecVal(value, width, self.context)
            case Enum():
                self.sort(sort)
                return self._enum_values[sort][str(value)]
            case Unbounded(name):
                # An element of a concrete universe: a constant that nothing equates by itself.
                return z3.Const(f"{name}!{value}", self.sort(sort))

    def plain(self, expression: Any, sort: Sort) -> Value | None:
        """A z3 value as a plain value; None for elements of unbounded sorts."""
        match sort:
            case BoolSort():
                return bool(z3.is_true(expression))
            case IntSort() | BitVec():
                return int(expression.as_long())
            case Enum():
                return str(expression)
            case Unbounded():
                return None


def _power_of_two(term: Term) -> int | None:
    """The exponent, if the term is a literal power of two."""
    if isinstance(term, Literal) and isinstance(term.value, int) and term.value > 0:
        exponent = term.value.bit_length() - 1
        return exponent if term.value == 1 << exponent else None
    return None
