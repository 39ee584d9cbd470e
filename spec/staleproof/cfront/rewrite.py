"""Nodes of a graph with their variables and expressions replaced."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from staleproof.cfront.ir import (
    AddressOf,
    Assign,
    Binary,
    Branch,
    Call,
    Check,
    Conditional,
    Const,
    Convert,
    Declare,
    Element,
    Expr,
    Field,
    FieldArray,
    Instruction,
    Intrinsic,
    Load,
    Local,
    LValue,
    Node,
    PointerAdd,
    PointerDiff,
    Return,
    Step,
    StringLiteral,
    Unary,
)

Place = Callable[[LValue], LValue]
"""What stands for an lvalue whose own operands are replaced already; locals become locals."""

Value = Callable[[Expr], Expr]
"""What stands for an expression whose own operands are replaced already."""


def _same(expr: Expr) -> Expr:
    return expr


def rewritten(node: Node, place: Place, value: Value = _same) -> Node:
    """The node with every lvalue and every expression replaced, innermost first."""
    match node:
        case Step():
            return replace(node, instruction=_instruction(node.instruction, place, value))
        case Branch():
            return replace(node, condition=rewritten_expr(node.condition, place, value))
        case Return():
            found = node.value
            return replace(
                node, value=None if found is None else rewritten_expr(found, place, value)
            )


def _instruction(instruction: Instruction, place: Place, value: Value) -> Instruction:
    match instruction:
        case Assign(lvalue=lvalue, expr=expr):
            return Assign(
                _lvalue(lvalue, place, value),
                rewritten_expr(expr, place, value),
            )
        case Call(target=target, arguments=arguments):
            return replace(
                instruction,
                target=None if target is None else _local(target, place),
                arguments=tuple(rewritten_expr(a, place, value) for a in arguments),
            )
        case Check(expr=expr):
            return replace(instruction, expr=rewritten_expr(expr, place, value))
        case Declare(local=local):
            return Declare(_local(local, place))
        case _:
            return instruction


def _local(local: Local, place: Place) -> Local:
    found = place(local)
    assert isinstance(found, Local)
    return found


def _lvalue(lvalue: LValue, place: Place, value: Value) -> LValue:
    match lvalue:
        case Field():
            inner = rewritten_expr(lvalue.object_pointer, place, value)
            return place(replace(lvalue, object_pointer=inner))
        case Element():
            pointer = rewritten_expr(lvalue.pointer, place, value)
            index = rewritten_expr(lvalue.index, place, value)
            return place(replace(lvalue, pointer=pointer, index=index))
        case _:
            return place(lvalue)


def rewritten_expr(expr: Expr, place: Place, value: Value = _same) -> Expr:
    """The expression with every lvalue and every expression in it replaced, innermost first."""
    return value(_with_operands(expr, place, value))


def _with_operands(expr: Expr, place: Place, value: Value) -> Expr:
    def new(inner: Expr) -> Expr:
        return rewritten_expr(inner, place, value)

    match expr:
        case Const() | StringLiteral():
            return expr
        case Load(lvalue=lvalue):
            return Load(_lvalue(lvalue, place, value))
        case AddressOf(lvalue=lvalue):
            return AddressOf(_lvalue(lvalue, place, value))
        case Convert(expr=inner) | Unary(expr=inner):
            return replace(expr, expr=new(inner))
        case Binary(left=left, right=right) | PointerDiff(left=left, right=right):
            return replace(expr, left=new(left), right=new(right))
        case Conditional(condition=condition, if_true=yes, if_false=no):
            return replace(expr, condition=new(condition), if_true=new(yes), if_false=new(no))
        case PointerAdd(pointer=pointer, index=index):
            return replace(expr, pointer=new(pointer), index=new(index))
        case FieldArray(object_pointer=pointer):
            return replace(expr, object_pointer=new(pointer))
        case Intrinsic(args=args):
            return replace(expr, args=tuple(map(new, args)))
