"""The value of a pure expression over integers: what the types and conversions come to.

Used to fold constant expressions, and compared with the compiler in the tests.
"""

from __future__ import annotations

from collections.abc import Mapping

from staleproof.cfront.ir import (
    Binary,
    BinaryOperator,
    Conditional,
    Const,
    Convert,
    Expr,
    Load,
    Local,
    Unary,
)
from staleproof.cfront.types import IntType


class EvaluationFailure(Exception):
    """The expression has no value here: a division by zero, a shift too far, memory, a pointer."""


def evaluate(expr: Expr, values: Mapping[str, int]) -> int:
    """The value of the expression, given those of the locals by name.

    A null pointer is 0. Raises EvaluationFailure where C gives no value, or memory is read.
    """
    match expr:
        case Const(value=value):
            return value
        case Load(lvalue=Local(name=name)) if name in values:
            return values[name]
        case Convert(expr=inner, type=type_):
            value = evaluate(inner, values)
            return type_.wrap(value) if isinstance(type_, IntType) else value
        case Unary(op="!", expr=inner):
            return int(evaluate(inner, values) == 0)
        case Unary(op=op, expr=inner, type=type_):
            value = evaluate(inner, values)
            return type_.wrap(-value if op == "-" else ~value)
        case Conditional(condition=condition, if_true=if_true, if_false=if_false):
            return evaluate(if_true if evaluate(condition, values) else if_false, values)
        case Binary(op=op, left=left, right=right, type=type_):
            return type_.wrap(_binary(op, evaluate(left, values), evaluate(right, values), type_))
        case _:
            raise EvaluationFailure(f"{type(expr).__name__} has no value here")


def constant_value(expr: Expr) -> int | None:
    """The value of a constant expression, or None of any other."""
    try:
        return evaluate(expr, {})
    except EvaluationFailure:
        return None


def _binary(op: BinaryOperator, left: int, right: int, type_: IntType) -> int:
    match op:
        case "+":
            return left + right
        case "-":
            return left - right
        case "*":
            return left * right
        case "&":
            return left & right
        case "|":
            return left | right
        case "^":
            return left ^ right
        case "==":
            return int(left == right)
        case "!=":
            return int(left != right)
        case "<":
            return int(left < right)
        case "<=":
            return int(left <= right)
        case ">":
            return int(left > right)
        case ">=":
            return int(left >= right)
        case "<<" | ">>":
            if not 0 <= right < type_.width:
                raise EvaluationFailure("a shift by a count outside the width")
            return left << right if op == "<<" else left >> right
        case "/" | "%":
            return _divide(op, left, right, type_)


def _divide(op: BinaryOperator, left: int, right: int, type_: IntType) -> int:
    """C rounds to zero, Python down. The lowest value by -1 traps, -fwrapv or not."""
    if right == 0 or (right == -1 and type_.signed and left == type_.minimum):
        raise EvaluationFailure("a division by zero, or one that overflows")
    quotient = abs(left) // abs(right)
    if (left < 0) != (right < 0):
        quotient = -quotient
    return quotient if op == "/" else left - quotient * right
