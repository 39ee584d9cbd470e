"""Where what a text declares itself meets the model: it must have the sorts that the model has.

A text may bring its own structs, globals and prototypes. They are taken as they stand as long as
the values that they speak of are those of the model, bit for bit.
"""

from __future__ import annotations

from staleproof.cfront import ir
from staleproof.cfront.contracts import CallSite, Effect, LocalAddress, Value, World
from staleproof.cfront.locals import sort_of
from staleproof.cfront.types import VOID, FunctionType, PointerType, Type
from staleproof.errors import UnsupportedCError
from staleproof.lang.sorts import BitVec, BoolSort, Sort
from staleproof.lang.terms import Term


def require_sort(what: str, type_: Type, value: Value, world: World) -> None:
    """A value of the model that the text reads or writes at a type must have that type's sort."""
    if isinstance(value, Term) and value.sort != sort_of(type_, world):
        raise UnsupportedCError(
            f"{what} has the type {type_} in the text, and is {_shown(value.sort)} in the model",
            why="a value of another type would be another value",
            fix="declare it as the kernel does, or leave its declaration out",
        )


def _shown(sort: Sort) -> str:
    match sort:
        case BoolSort():
            return "a bool"
        case BitVec(width):
            return f"a word of {width} bits"
        case _:
            return f"a pointer to an object ({sort.name})"


def require_prototype(call: ir.Call, site: CallSite, world: World) -> None:
    """A call must fit what the contract of the callee is written for."""
    known = world.prototypes(call.callee)
    if known and not any(_fits(call, site, prototype, world) for prototype in known):
        types = tuple(a.type for a in call.arguments)
        shown = " or ".join(map(str, known))
        raise UnsupportedCError(
            f"{call.callee} is called as {FunctionType(types, call.return_type)}; its contract "
            f"is one of {shown}",
            why="a contract says nothing about a function of another type",
            fix="declare the function as the kernel does, or leave its declaration out",
        )


def _fits(call: ir.Call, site: CallSite, prototype: FunctionType, world: World) -> bool:
    if len(call.arguments) != len(prototype.parameters):
        return False
    if call.prototype_known and type(call.return_type) is not type(prototype.returns):
        return False
    return all(
        _is_argument(expr.type, value, parameter, world)
        for expr, value, parameter in zip(
            call.arguments, site.arguments, prototype.parameters, strict=True
        )
    )


def _is_argument(type_: Type, value: Value, parameter: Type, world: World) -> bool:
    if type(type_) is not type(parameter):
        return False
    target = parameter.target if isinstance(parameter, PointerType) else VOID
    if isinstance(value, Term) and value.sort != sort_of(parameter, world):
        return False
    if target == VOID:
        return True
    if isinstance(value, LocalAddress) and value.symbol.range != sort_of(target, world):
        return False
    assert isinstance(type_, PointerType)
    return type_.target == VOID or sort_of(type_.target, world) == sort_of(target, world)


def require_results(call: ir.Call, effect: Effect, world: World) -> None:
    """What a contract returns must be what the text takes it for."""
    if call.target is None:
        return
    for outcome in effect.outcomes:
        if outcome.result is None:
            raise UnsupportedCError(
                f"{call.callee}() is asked for a result, of which its contract says nothing"
            )
        require_sort(f"the result of {call.callee}()", call.return_type, outcome.result, world)
