"""Places in memory: variables, members, elements, and their addresses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from staleproof.cfront import conversions
from staleproof.cfront.ir import (
    AddressOf,
    Const,
    Element,
    Expr,
    Field,
    Global,
    Local,
    LValue,
    PointerAdd,
)
from staleproof.cfront.types import (
    LONG,
    ArrayType,
    FunctionType,
    PointerType,
    StructType,
    VoidType,
)
from staleproof.errors import CTypeError, UnknownFieldError, UnsupportedCError

if TYPE_CHECKING:
    from tree_sitter import Node

    from staleproof.cfront.values import Expressions


def lvalue(x: Expressions, node: Node) -> LValue:
    """Where the node is in memory."""
    node = x.unwrapped(node)
    if node.type == "identifier":
        return _variable(x, node)
    if node.type == "field_expression":
        return _member(x, node)
    if node.type == "subscript_expression":
        return _element(x, node)
    if node.type == "pointer_expression" and node.children[0].type == "*":
        return dereferenced(x, x.part(node, "argument"))
    raise CTypeError(f"{x.text(node)[:60]} is not a place in memory", place=x.place(node))


def _variable(x: Expressions, node: Node) -> LValue:
    name = x.text(node)
    found: Local | Global | None = x.scope.find(name)
    if found is None:
        if x.file.constant(name, node) is not None:
            raise CTypeError(f"{name} is a constant", place=x.place(node))
        found = x.file.variable(name)
    if found is None:
        raise x.unknown(node, name)
    return found


def postfixed(x: Expressions, node: Node) -> Node:
    """The operand of `.`, `->` or `[]`; a cast binds looser, whatever the parser made of it."""
    if node.type == "call_expression" and x.is_disguised_cast(node):
        raise x.refuse(
            node,
            f"a cast whose end is not clear: {x.text(node)[:60]}",
            "put the cast into parentheses",
        )
    return node


def _member(x: Expressions, node: Node) -> Field:
    argument = postfixed(x, x.part(node, "argument"))
    arrow = x.operator(node) == "->"
    pointer = x.scalar(argument) if arrow else pointer_to(lvalue(x, argument))
    name_node = x.part(node, "field")
    name, place = x.text(name_node), x.place(name_node)
    target = pointer.type.target if isinstance(pointer.type, PointerType) else pointer.type
    if not isinstance(target, StructType) or not isinstance(pointer.type, PointerType):
        raise CTypeError(f"{target} has no member {name}", place=place)
    definition = x.file.struct(target.tag)
    if definition is None:
        raise UnknownFieldError(f"the members of {target} are not known", place=place)
    member = definition.field(name)
    if member is None:
        known = ", ".join(f.name for f in definition.fields) or "none"
        raise UnknownFieldError(
            f"{target} has no member {name}, as far as is known",
            place=place,
            fix=f"known are: {known}. Put the whole definition of the struct into the text",
        )
    if target.tag.startswith("union "):
        raise UnsupportedCError(f"not understood: the member {name} of a union", place=place)
    if member.refusal:
        raise UnsupportedCError(f"not understood: the member {name}: {member.refusal}", place=place)
    return Field(pointer, target.tag, name, member.type)


def _element(x: Expressions, node: Node) -> Element:
    argument, index = postfixed(x, x.part(node, "argument")), x.part(node, "index")
    pointer, offset = x.unordered(argument, index)
    if not isinstance(pointer.type, PointerType):
        raise CTypeError(f"{pointer.type} has no elements", place=x.place(node))
    if isinstance(pointer.type.target, VoidType | FunctionType):
        raise CTypeError(f"{pointer.type} has no elements", place=x.place(node))
    # `p[i]` is `*(p + i)`: where p is itx a sum, the elements are still counted from p.
    return Element(pointer, conversions.index(offset, x.place(index)), pointer.type.target)


def dereferenced(x: Expressions, argument: Node) -> LValue:
    """`*argument`."""
    pointer = x.scalar(argument)
    if not isinstance(pointer.type, PointerType):
        raise CTypeError(f"* of {pointer.type}", place=x.place(argument))
    if isinstance(pointer.type.target, VoidType | FunctionType):
        raise CTypeError(f"* of {pointer.type}", place=x.place(argument))
    if isinstance(pointer, AddressOf):
        return pointer.lvalue
    return Element(pointer, Const(0, LONG), pointer.type.target)


def address_of(x: Expressions, argument: Node) -> Expr:
    """`&argument`."""
    target = lvalue(x, argument)
    if isinstance(target.type, ArrayType):
        raise x.refuse(argument, "the address of a whole array", "write &ARRAY[0]")
    return pointer_to(target)


def pointer_to(lvalue: LValue) -> Expr:
    """`&lvalue`, as plain as it can be."""
    if isinstance(lvalue, Element):
        if lvalue.index == Const(0, LONG):
            return lvalue.pointer
        return PointerAdd(lvalue.pointer, lvalue.index, lvalue.type)
    return AddressOf(lvalue)
