"""Pointers that stand for one variable each: `*pfn` is that variable.

A function hands results back through pointers. Where such a pointer comes from outside, the
variable that it points to is one more parameter, called `*pfn`. Where it is the address of a local
that was passed to a function of the same text, it is that local.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from staleproof.cfront.inline import numbered
from staleproof.cfront.ir import (
    AddressOf,
    Assign,
    Call,
    Const,
    Element,
    Expr,
    Function,
    Load,
    Local,
    LValue,
    Node,
    Note,
    Skip,
    Step,
    expressions,
    walk,
)
from staleproof.cfront.locals import maybe_unset
from staleproof.cfront.rewrite import rewritten
from staleproof.cfront.types import IntType, PointerType, StructType

OUT = Note(
    "c-out-parameter",
    "A pointer to an integer or to a pointer that the function is given and follows is not NULL, "
    "and points to a variable of its own that nobody else uses meanwhile.",
)


def with_cells(function: Function) -> Function:
    """The function with such pointers replaced by the variables that they point to."""
    values = _values(function)
    followed = _followed(function, values)
    cells: dict[Local, Local] = {}
    added: list[Local] = []
    for parameter in function.parameters:
        target = _target(parameter)
        if parameter in followed and parameter not in values and target is not None:
            cells[parameter] = Local(f"*{parameter.name}", target.type)
            added.append(cells[parameter])
    unset = set(maybe_unset(function))
    changed = True
    while changed:
        changed = False
        for local, given in values.items():
            if local.name in unset:
                continue
            found = {_cell_of(value, cells) for value in given}
            if local not in cells and len(found) == 1 and None not in found:
                (cell,) = found
                assert cell is not None
                cells[local] = cell
                changed = True
    if not cells:
        return function
    nodes = [_rewritten(node, cells) for node in function.nodes]
    return replace(
        function,
        parameters=(*function.parameters, *added),
        locals=tuple(local for local in function.locals if local not in cells),
        nodes=numbered(nodes, function.entry, [(n.number,) for n in nodes]),
        notes=(*function.notes, *((OUT,) if added else ())),
        entry=0,
    )


def _target(pointer: Local) -> Local | None:
    """What a pointer to a word points to."""
    type_ = pointer.type
    if not isinstance(type_, PointerType):
        return None
    target = type_.target
    opaque = isinstance(target, StructType) and target.tag.endswith("_t")
    return Local("", target) if isinstance(target, IntType | PointerType) or opaque else None


def _values(function: Function) -> dict[Local, list[Expr | None]]:
    """Of each local that is assigned or whose address is taken: what it is given, None unknown."""
    values: dict[Local, list[Expr | None]] = {}
    for node in function.nodes:
        match node:
            case Step(instruction=Assign(lvalue=Local() as local, expr=expr)):
                values.setdefault(local, []).append(expr)
            case Step(instruction=Call(target=Local() as local)):
                values.setdefault(local, []).append(None)
        for part in (p for top in expressions(node) for p in walk(top)):
            if isinstance(part, AddressOf) and isinstance(part.lvalue, Local):
                values.setdefault(part.lvalue, []).append(None)
    return values


def _followed(function: Function, values: Mapping[Local, list[Expr | None]]) -> set[Local]:
    """The pointers that are followed as `*p`, and those that are handed on to one of them."""
    found = {p for node in function.nodes for p in _dereferenced(node)}
    changed = True
    while changed:
        sources = {
            value.lvalue
            for local in found
            for value in values.get(local, ())
            if isinstance(value, Load) and isinstance(value.lvalue, Local)
        }
        changed = not sources <= found
        found |= sources
    return found


def _dereferenced(node: Node) -> set[Local]:
    found: set[Local] = set()
    lvalues: list[LValue] = [
        part.lvalue for top in expressions(node) for part in walk(top) if isinstance(part, Load)
    ]
    if isinstance(node, Step) and isinstance(node.instruction, Assign):
        lvalues.append(node.instruction.lvalue)
    for lvalue in lvalues:
        match lvalue:
            case Element(pointer=Load(lvalue=Local() as local), index=Const(value=0)):
                found.add(local)
    return found


def _cell_of(value: Expr | None, cells: Mapping[Local, Local]) -> Local | None:
    match value:
        case AddressOf(lvalue=Local() as local):
            return local
        case Load(lvalue=Local() as local):
            return cells.get(local)
    return None


def _rewritten(node: Node, cells: Mapping[Local, Local]) -> Node:
    match node:
        case Step(instruction=Assign(lvalue=Local() as local)) if local in cells:
            return replace(node, instruction=Skip())

    def place(lvalue: LValue) -> LValue:
        match lvalue:
            case Element(pointer=AddressOf(lvalue=Local() as cell), index=Const(value=0)):
                return cell
        return lvalue

    def value(expr: Expr) -> Expr:
        match expr:
            case Load(lvalue=Local() as local) if local in cells:
                return AddressOf(cells[local])
        return expr

    return rewritten(node, place, value)
