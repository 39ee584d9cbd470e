"""Building typed expressions: each conversion of C made explicit, or refused where C does."""

from __future__ import annotations

from staleproof.cfront.ir import (
    Binary,
    BinaryOperator,
    Const,
    Convert,
    Expr,
    PointerAdd,
    PointerDiff,
    Unary,
    UnaryOperator,
)
from staleproof.cfront.types import (
    INT,
    LONG,
    ULONG,
    VOID,
    VOID_POINTER,
    IntType,
    PointerType,
    StructType,
    Type,
    common_type,
    is_scalar,
    promoted,
)
from staleproof.errors import CTypeError, Place

COMPARISONS = frozenset({"==", "!=", "<", "<=", ">", ">="})


def is_null_constant(expr: Expr) -> bool:
    """True of NULL and of a literal zero, which convert to every pointer type."""
    return (
        isinstance(expr, Const)
        and expr.value == 0
        and (isinstance(expr.type, IntType) or expr.type == VOID_POINTER)
    )


def cast(expr: Expr, type_: Type, place: Place, *, implicit: bool = False) -> Expr:
    """The expression converted to a scalar type, as a cast does it."""
    source = expr.type
    if source == type_:
        return expr
    if not is_scalar(source) or not isinstance(type_, IntType | PointerType):
        raise CTypeError(f"{source} cannot be converted to {type_}", place=place)
    if isinstance(type_, PointerType):
        if is_null_constant(expr):
            return Const(0, type_, "NULL")
        if isinstance(source, IntType) and source.width < 64:
            expr = Convert(expr, LONG if source.signed else ULONG, implicit=True)
    elif isinstance(source, PointerType) and type_.width < 64 and not type_.is_bool:
        expr = Convert(expr, ULONG, implicit=True)
    return Convert(expr, type_, implicit)


def assigned(expr: Expr, type_: Type, place: Place) -> Expr:
    """The expression converted as by assignment: silently, and refused between unlike pointers."""
    source = expr.type
    if source == type_:
        return expr
    allowed = isinstance(source, IntType) and isinstance(type_, IntType)
    if isinstance(type_, PointerType):
        allowed = is_null_constant(expr) or (
            isinstance(source, PointerType) and VOID in (source.target, type_.target)
        )
    elif isinstance(source, PointerType) and isinstance(type_, IntType):
        allowed = type_.is_bool
    if not allowed:
        raise CTypeError(f"{source} is not converted to {type_} without a cast", place=place)
    return cast(expr, type_, place, implicit=True)


def to_promoted(expr: Expr, operator: str, place: Place) -> Expr:
    """The expression after the integer promotion."""
    if not isinstance(expr.type, IntType):
        raise CTypeError(f"{operator} of an operand of type {expr.type}", place=place)
    return cast(expr, promoted(expr.type), place, implicit=True)


def unary(op: UnaryOperator, expr: Expr, place: Place) -> Expr:
    """`-x`, `~x` or `!x`."""
    if op == "!":
        if not is_scalar(expr.type):
            raise CTypeError(f"! of an operand of type {expr.type}", place=place)
        return Unary("!", expr, INT)
    operand = to_promoted(expr, op, place)
    assert isinstance(operand.type, IntType)
    return Unary(op, operand, operand.type)


def not_zero(expr: Expr) -> Expr:
    """An int that is 1 if the scalar is not zero; a comparison is one already."""
    if isinstance(expr, Binary) and expr.op in COMPARISONS:
        return expr
    if isinstance(expr, Unary) and expr.op == "!":
        return expr
    assert isinstance(expr.type, IntType | PointerType)
    return Binary("!=", expr, Const(0, expr.type), INT)


def index(expr: Expr, place: Place) -> Expr:
    """The expression as an index: extended to 64 bits by the sign of its own type."""
    if not isinstance(expr.type, IntType):
        raise CTypeError(f"an index of type {expr.type}", place=place)
    if expr.type.width == 64:
        return expr
    return cast(expr, LONG if expr.type.signed else ULONG, place, implicit=True)


def pointer_add(pointer: Expr, offset: Expr, place: Place, *, negated: bool = False) -> Expr:
    """`pointer + offset`, or `pointer - offset`."""
    assert isinstance(pointer.type, PointerType)
    if pointer.type.target == VOID:
        raise CTypeError(
            "arithmetic on a void pointer", place=place, fix="cast it to the type it points to"
        )
    amount = index(offset, place)
    if negated:
        assert isinstance(amount.type, IntType)
        amount = Unary("-", amount, amount.type)
    return PointerAdd(pointer, amount, pointer.type.target)


def binary(op: BinaryOperator, left: Expr, right: Expr, place: Place) -> Expr:
    """`left op right`, with the usual arithmetic conversions or the rules for pointers."""
    if isinstance(left.type, PointerType) or isinstance(right.type, PointerType):
        return _binary_of_pointers(op, left, right, place)
    if isinstance(left.type, StructType) or isinstance(right.type, StructType):
        raise CTypeError(f"the operands of {op} are {left.type} and {right.type}", place=place)
    if op in ("<<", ">>"):
        left, right = to_promoted(left, op, place), to_promoted(right, op, place)
        assert isinstance(left.type, IntType)
        return Binary(op, left, right, left.type)
    left, right = arithmetic_pair(left, right, op, place)
    assert isinstance(left.type, IntType)
    return Binary(op, left, right, INT if op in COMPARISONS else left.type)


def arithmetic_pair(left: Expr, right: Expr, op: str, place: Place) -> tuple[Expr, Expr]:
    """Two integers after the usual arithmetic conversions."""
    if not isinstance(left.type, IntType) or not isinstance(right.type, IntType):
        raise CTypeError(f"the operands of {op} are {left.type} and {right.type}", place=place)
    common = common_type(left.type, right.type)
    return cast(left, common, place, implicit=True), cast(right, common, place, implicit=True)


def pointer_pair(left: Expr, right: Expr, op: str, place: Place) -> tuple[Expr, Expr]:
    """Two operands, one at least a pointer, at the one pointer type that they have in common."""
    for a, b in ((left.type, right), (right.type, left)):
        if isinstance(a, PointerType) and is_null_constant(b):
            return assigned(left, a, place), assigned(right, a, place)
    if isinstance(left.type, PointerType) and isinstance(right.type, PointerType):
        if left.type == right.type:
            return left, right
        if VOID in (left.type.target, right.type.target):
            return (
                assigned(left, VOID_POINTER, place),
                assigned(right, VOID_POINTER, place),
            )
    raise CTypeError(f"the operands of {op} are {left.type} and {right.type}", place=place)


def _binary_of_pointers(op: BinaryOperator, left: Expr, right: Expr, place: Place) -> Expr:
    if op in COMPARISONS:
        left, right = pointer_pair(left, right, op, place)
        return Binary(op, left, right, INT)
    if op == "+" and isinstance(right.type, IntType):
        return pointer_add(left, right, place)
    if op == "+" and isinstance(left.type, IntType):
        return pointer_add(right, left, place)
    if op == "-" and isinstance(right.type, IntType):
        return pointer_add(left, right, place, negated=True)
    if op == "-" and left.type == right.type and isinstance(left.type, PointerType):
        if left.type.target == VOID:
            raise CTypeError("the difference of void pointers", place=place)
        return PointerDiff(left, right, left.type.target)
    raise CTypeError(f"the operands of {op} are {left.type} and {right.type}", place=place)
