"""Assignments, `++` and `--`."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from staleproof.cfront import conversions, lvalues
from staleproof.cfront.assumptions import CALL_ORDER
from staleproof.cfront.effects import conflict_of_assignment, describe, has_call
from staleproof.cfront.ir import (
    Assign,
    BinaryOperator,
    Const,
    Element,
    Expr,
    Field,
    Load,
    Local,
    LValue,
)
from staleproof.cfront.types import INT, ArrayType, FunctionType
from staleproof.errors import CTypeError, Place, UnsequencedError

if TYPE_CHECKING:
    from tree_sitter import Node

    from staleproof.cfront.values import Expressions


def store(x: Expressions, node: Node, *, used: bool) -> Expr:
    """An assignment, and what its value is: what the left side then holds."""
    left, right = x.part(node, "left"), x.part(node, "right")
    place = x.place(node)
    op = x.operator(node)
    clash = conflict_of_assignment(left, right, x.aliased, reads_left=op != "=")
    if clash is not None:
        raise UnsequencedError(
            f"{describe(clash)} is changed twice, or changed and used, in no order",
            place=place,
        )
    lvalue = lvalues.lvalue(x, left)
    if has_call(left) and has_call(right):
        x.note(CALL_ORDER)
    if has_call(right):
        lvalue = _settled_lvalue(x, lvalue)
    if op == "=":
        value = conversions.assigned(x.value(right, lvalue.type), lvalue.type, place)
    else:
        # To a call on the right, reading the left side and storing into it are one evaluation.
        change = x.scalar(right)
        old = x.read(lvalue, left)
        added = conversions.binary(cast(BinaryOperator, op[:-1]), old, change, place)
        value = conversions.assigned(added, lvalue.type, place)
    return _stored(x, lvalue, value, place, used)


def _stored(x: Expressions, lvalue: LValue, value: Expr, place: Place, used: bool) -> Expr:
    if isinstance(lvalue.type, ArrayType | FunctionType):
        raise CTypeError(f"an assignment to {lvalue.type}", place=place)
    if used and not isinstance(lvalue, Local):
        # The value is what was stored, not what a second read of memory would give.
        value = Load(x.graph.saved(value))
    if not isinstance(lvalue, Local) or not x.graph.retarget(value, lvalue):
        x.graph.add(Assign(lvalue, value))
    return Load(lvalue) if isinstance(lvalue, Local) else value


def _settled_lvalue(x: Expressions, lvalue: LValue) -> LValue:
    match lvalue:
        case Field():
            pointer = x.settled(lvalue.object_pointer)
            return Field(pointer, lvalue.struct_tag, lvalue.field, lvalue.type)
        case Element():
            pointer, index = x.settled(lvalue.pointer), x.settled(lvalue.index)
            return Element(pointer, index, lvalue.type)
        case _:
            return lvalue


def update(x: Expressions, node: Node, *, used: bool) -> Expr:
    """`++` or `--`: the new value is stored; a postfix one has the old value."""
    argument, place = x.part(node, "argument"), x.place(node)
    lvalue = lvalues.lvalue(x, lvalues.postfixed(x, argument))
    old = x.read(lvalue, argument)
    postfix = used and node.children[0].type not in ("++", "--")
    if postfix:
        old = Load(x.graph.saved(old))
    op: BinaryOperator = "+" if x.operator(node) == "++" else "-"
    value = conversions.binary(op, old, Const(1, INT), place)
    value = conversions.assigned(value, lvalue.type, place)
    new = _stored(x, lvalue, value, place, used and not postfix)
    return old if postfix else new
