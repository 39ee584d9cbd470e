"""Typed expressions as C text again."""

from __future__ import annotations

from staleproof.cfront.ir import (
    AddressOf,
    Binary,
    Conditional,
    Const,
    Convert,
    Element,
    Expr,
    Field,
    FieldArray,
    Global,
    Intrinsic,
    Load,
    Local,
    LValue,
    PointerAdd,
    PointerDiff,
    StringLiteral,
    Unary,
)
from staleproof.cfront.types import LONG

_LEVELS = {
    "?:": 1,
    "||": 2,
    "&&": 3,
    "|": 4,
    "^": 5,
    "&": 6,
    "==": 7,
    "!=": 7,
    "<": 8,
    "<=": 8,
    ">": 8,
    ">=": 8,
    "<<": 9,
    ">>": 9,
    "+": 10,
    "-": 10,
    "*": 11,
    "/": 11,
    "%": 11,
}
_PREFIX = 12
_POSTFIX = 13


def render(expr: Expr, *, implicit: bool = False) -> str:
    """The expression in C. With `implicit`, the conversions that C makes silently as casts."""
    return _Renderer(implicit).text(expr, 0)


def render_lvalue(lvalue: LValue, *, implicit: bool = False) -> str:
    """The lvalue in C: `vec->nr_frames`, `nums[ret]`, `*pfn`."""
    return _Renderer(implicit).lvalue(lvalue)[0]


class _Renderer:
    def __init__(self, implicit: bool) -> None:
        self._implicit = implicit

    def text(self, expr: Expr, level: int) -> str:
        """The expression, in parentheses if it binds less tightly than `level`."""
        shown, own = self._shown(expr)
        return f"({shown})" if own < level else shown

    def _shown(self, expr: Expr) -> tuple[str, int]:
        match expr:
            case Const(value=value, spelling=spelling):
                shown = spelling or str(value)
                return shown, _PREFIX if shown.startswith("-") else _POSTFIX
            case StringLiteral(spelling=spelling):
                return spelling, _POSTFIX
            case Load(lvalue=lvalue):
                return self.lvalue(lvalue)
            case AddressOf(lvalue=lvalue):
                return f"&{self._postfix_free(lvalue)}", _PREFIX
            case Convert(expr=inner, type=type_, implicit=implicit):
                if implicit and not self._implicit:
                    return self._shown(inner)
                return f"({type_}){self.text(inner, _PREFIX)}", _PREFIX
            case Unary(op=op, expr=inner):
                operand = self.text(inner, _PREFIX)
                return (f"{op} {operand}" if operand.startswith(op) else f"{op}{operand}"), _PREFIX
            case Binary(op=op, left=left, right=right):
                return self._infix(op, left, right)
            case PointerAdd(pointer=pointer, index=index):
                if isinstance(index, Unary) and index.op == "-":
                    return self._infix("-", pointer, index.expr)
                return self._infix("+", pointer, index)
            case PointerDiff(left=left, right=right):
                return self._infix("-", left, right)
            case Conditional():
                return self._conditional(expr)
            case FieldArray(object_pointer=pointer, field=field):
                return self._member(pointer, field), _POSTFIX
            case Intrinsic(name=name, args=args):
                return f"{name}({', '.join(self.text(a, 0) for a in args)})", _POSTFIX

    def _infix(self, op: str, left: Expr, right: Expr) -> tuple[str, int]:
        level = _LEVELS[op]
        return f"{self.text(left, level)} {op} {self.text(right, level + 1)}", level

    def _conditional(self, expr: Conditional) -> tuple[str, int]:
        if expr.form == "&&":
            return self._infix("&&", expr.condition, _tested(expr.if_true))
        if expr.form == "||":
            return self._infix("||", expr.condition, _tested(expr.if_false))
        parts = (
            self.text(expr.condition, 2),
            self.text(expr.if_true, 0),
            self.text(expr.if_false, 1),
        )
        return f"{parts[0]} ? {parts[1]} : {parts[2]}", 1

    def lvalue(self, lvalue: LValue) -> tuple[str, int]:
        match lvalue:
            case Local(name=name) | Global(name=name):
                return name, _POSTFIX
            case Field(object_pointer=pointer, field=field):
                return self._member(pointer, field), _POSTFIX
            case Element(pointer=pointer, index=index):
                if index == Const(0, LONG):
                    return f"*{self.text(pointer, _PREFIX)}", _PREFIX
                return f"{self.text(pointer, _POSTFIX)}[{self.text(index, 0)}]", _POSTFIX

    def _member(self, pointer: Expr, field: str) -> str:
        if isinstance(pointer, AddressOf):
            return f"{self._postfix_free(pointer.lvalue)}.{field}"
        return f"{self.text(pointer, _POSTFIX)}->{field}"

    def _postfix_free(self, lvalue: LValue) -> str:
        shown, level = self.lvalue(lvalue)
        return shown if level == _POSTFIX else f"({shown})"


def _tested(truth: Expr) -> Expr:
    """What `x != 0` tests, where the text said x."""
    match truth:
        case Binary(op="!=", left=left, right=Const(value=0, spelling="")):
            return left
        case _:
            return truth
