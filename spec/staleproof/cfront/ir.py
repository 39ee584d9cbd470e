"""The typed control-flow graph of a C function: what the front end hands on.

Expressions are pure: a call, an assignment or a `++` inside an expression has become an
instruction of its own, in C's order, with temporaries (locals named `$1`, `$2`, ...). Every
conversion is a `Convert`, those that C makes silently too, so nothing about types is left to guess:
the operands of a `Binary` have the same type, except those of a shift.

Signed arithmetic wraps (the kernel is built with -fno-strict-overflow). What can go wrong in an
expression (a dereference, a division, a shift by too much, an uninitialised read, a pointer that
leaves its array) is unconditional: no short circuit hides in a pure expression, because the arms
of a `Conditional` cannot go wrong, or are evaluated in any case.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

from staleproof.cfront.types import (
    LONG,
    IntType,
    PointerType,
    StructDefinition,
    Type,
)
from staleproof.errors import Place

UnaryOperator: TypeAlias = Literal["-", "~", "!"]
BinaryOperator: TypeAlias = Literal[
    "+", "-", "*", "/", "%", "&", "|", "^", "<<", ">>", "==", "!=", "<", "<=", ">", ">="
]

# Places in memory


@dataclass(frozen=True, slots=True)
class Local:
    """A parameter, a local or a temporary of the function; the name is unique in the function."""

    name: str
    type: Type

    @property
    def is_temporary(self) -> bool:
        return self.name.rpartition(".")[2].startswith("$")


@dataclass(frozen=True, slots=True)
class Global:
    """An object at file scope: `current`, or a variable that the text declares."""

    name: str
    type: Type


@dataclass(frozen=True, slots=True)
class Field:
    """`p->f` and `(*p).f`: a member of the struct that `object_pointer` points to.

    A member of a member, `p->a.b`, has `&p->a` as its `object_pointer`.
    """

    object_pointer: Expr
    struct_tag: str
    field: str
    type: Type


@dataclass(frozen=True, slots=True)
class Element:
    """`p[i]`, and `*p` with index 0. The index has a 64-bit type (see `PointerAdd`)."""

    pointer: Expr
    index: Expr
    type: Type


LValue: TypeAlias = Local | Global | Field | Element

# Expressions


@dataclass(frozen=True, slots=True)
class Const:
    """A constant; of a pointer type it is the null pointer, and `value` is 0.

    `spelling` is what the text said (`PAGE_SIZE`, `0x10`), where that is not the decimal number.
    """

    value: int
    type: IntType | PointerType
    spelling: str = ""


@dataclass(frozen=True, slots=True)
class Load:
    """The value of an lvalue of scalar type."""

    lvalue: LValue

    @property
    def type(self) -> Type:
        return self.lvalue.type


@dataclass(frozen=True, slots=True)
class Convert:
    """A conversion. `implicit` means that C makes it without a cast in the text.

    To an integer: modulo 2^width; to bool: `!= 0`; between pointers: the same address. Pointers
    convert to and from 64-bit integers only, so `(int)p` is two conversions.
    """

    expr: Expr
    type: IntType | PointerType
    implicit: bool


@dataclass(frozen=True, slots=True)
class Unary:
    """`-x` and `~x` of a promoted operand; `!x` is an int, of any scalar operand."""

    op: UnaryOperator
    expr: Expr
    type: IntType


@dataclass(frozen=True, slots=True)
class Binary:
    """Arithmetic on operands of type `type`; a comparison has type int, its operands any one type.

    A comparison's operands are two integers or two pointers. The operands of a shift are promoted
    each on its own, and `type` is that of the left one. Integer arithmetic wraps; `/` and `%` go
    wrong on a zero divisor and on the lowest value by -1, shifts on a count that is negative or
    not below the width.
    """

    op: BinaryOperator
    left: Expr
    right: Expr
    type: IntType


@dataclass(frozen=True, slots=True)
class Conditional:
    """`c ? a : b` where neither arm can go wrong; `a && b` and `a || b` too (see `form`).

    `a && b` is Conditional(a, b-is-not-zero, 0) and `a || b` Conditional(a, 1, b-is-not-zero).
    """

    condition: Expr
    if_true: Expr
    if_false: Expr
    type: Type
    form: Literal["?:", "&&", "||"] = "?:"


@dataclass(frozen=True, slots=True)
class PointerAdd:
    """`p + i`, in elements. The index has a 64-bit type: sign- or zero-extended as its own type is.

    `p - i` has the index negated (modulo 2^64).
    """

    pointer: Expr
    index: Expr
    element_type: Type

    @property
    def type(self) -> PointerType:
        return PointerType(self.element_type)


@dataclass(frozen=True, slots=True)
class PointerDiff:
    """`p - q`, in elements, for two pointers to `element_type`."""

    left: Expr
    right: Expr
    element_type: Type

    @property
    def type(self) -> IntType:
        return LONG


@dataclass(frozen=True, slots=True)
class AddressOf:
    """`&lvalue`, where it is not plainer: `&p[i]` is a `PointerAdd`, `&*p` is p."""

    lvalue: LValue

    @property
    def type(self) -> PointerType:
        return PointerType(self.lvalue.type)


@dataclass(frozen=True, slots=True)
class FieldArray:
    """A member that is an array, as the pointer to its first element: `vec->ptrs`.

    `length` is None for a flexible array member.
    """

    object_pointer: Expr
    struct_tag: str
    field: str
    element_type: Type
    length: int | None

    @property
    def type(self) -> PointerType:
        return PointerType(self.element_type)


@dataclass(frozen=True, slots=True)
class Intrinsic:
    """IS_ERR, IS_ERR_OR_NULL (bool), PTR_ERR (long), PTR_ERR_OR_ZERO (int), ERR_PTR, ERR_CAST.

    The argument is a `void *`, or a long for ERR_PTR.
    """

    name: str
    args: tuple[Expr, ...]
    type: IntType | PointerType


@dataclass(frozen=True, slots=True)
class StringLiteral:
    """The address of a string, as spelled: never null."""

    spelling: str
    type: PointerType


Expr: TypeAlias = (
    Const
    | Load
    | Convert
    | Unary
    | Binary
    | Conditional
    | PointerAdd
    | PointerDiff
    | AddressOf
    | FieldArray
    | Intrinsic
    | StringLiteral
)

# Instructions


@dataclass(frozen=True, slots=True)
class Assign:
    """`lvalue = expr`, of equal types."""

    lvalue: LValue
    expr: Expr


@dataclass(frozen=True, slots=True)
class Call:
    """A call of a function that is not inlined.

    `target`, if any, has type `return_type`. Arguments have the types of the parameters where
    `prototype_known`; otherwise they are promoted only, and `return_type` is what the caller makes
    of the value.
    """

    target: Local | None
    callee: str
    arguments: tuple[Expr, ...]
    return_type: Type
    prototype_known: bool = True


@dataclass(frozen=True, slots=True)
class Check:
    """The expression must be zero here; `kind` is BUG_ON, VM_BUG_ON, BUG, or `missing return`."""

    kind: str
    expr: Expr


@dataclass(frozen=True, slots=True)
class Declare:
    """A local comes to life without a value: it is uninitialised from here on."""

    local: Local


@dataclass(frozen=True, slots=True)
class Skip:
    """Nothing: what is left of an empty endless loop."""


Instruction: TypeAlias = Assign | Call | Check | Declare | Skip

# Nodes


@dataclass(frozen=True, slots=True)
class Step:
    """An instruction, then the node `successor`.

    `text` is the C text of the statement or condition on one line; `function` is the C function
    that it stands in, which after inlining need not be the graph's own.
    """

    number: int
    place: Place
    text: str
    function: str
    instruction: Instruction
    successor: int


@dataclass(frozen=True, slots=True)
class Branch:
    """To `if_true` if the scalar condition is not zero, else to `if_false`."""

    number: int
    place: Place
    text: str
    function: str
    condition: Expr
    if_true: int
    if_false: int


@dataclass(frozen=True, slots=True)
class Return:
    """The end of the function; the value has the function's return type."""

    number: int
    place: Place
    text: str
    function: str
    value: Expr | None


Node: TypeAlias = Step | Branch | Return


@dataclass(frozen=True, slots=True)
class Note:
    """An assumption that the graph rests on: an id and a sentence."""

    id: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Function:
    """A control-flow graph: `nodes[n].number == n`, and every node can be reached from `entry`.

    `locals` are all locals and temporaries, without the parameters. `structs` defines each struct
    whose members the graph touches.
    """

    name: str
    parameters: tuple[Local, ...]
    return_type: Type
    locals: tuple[Local, ...]
    entry: int
    nodes: tuple[Node, ...]
    place: Place
    structs: tuple[StructDefinition, ...] = ()
    notes: tuple[Note, ...] = ()


def successors(node: Node) -> tuple[int, ...]:
    """The numbers of the nodes that may come next, each once."""
    match node:
        case Step():
            return (node.successor,)
        case Branch():
            return tuple(dict.fromkeys((node.if_true, node.if_false)))
        case Return():
            return ()


def operands(expr: Expr) -> tuple[Expr, ...]:
    """The direct sub-expressions, those inside an lvalue included, in the order of the text."""
    match expr:
        case Const() | StringLiteral():
            return ()
        case Load() | AddressOf():
            return operands_of_lvalue(expr.lvalue)
        case Convert() | Unary():
            return (expr.expr,)
        case Binary() | PointerDiff():
            return (expr.left, expr.right)
        case Conditional():
            return (expr.condition, expr.if_true, expr.if_false)
        case PointerAdd():
            return (expr.pointer, expr.index)
        case FieldArray():
            return (expr.object_pointer,)
        case Intrinsic():
            return expr.args


def operands_of_lvalue(lvalue: LValue) -> tuple[Expr, ...]:
    """The expressions that say where an lvalue is."""
    match lvalue:
        case Local() | Global():
            return ()
        case Field():
            return (lvalue.object_pointer,)
        case Element():
            return (lvalue.pointer, lvalue.index)


def walk(expr: Expr) -> Iterator[Expr]:
    """The expression and all its sub-expressions, outermost first."""
    yield expr
    for operand in operands(expr):
        yield from walk(operand)


def expressions(node: Node) -> tuple[Expr, ...]:
    """The expressions that a node evaluates, the operands of its target lvalue included."""
    match node:
        case Branch():
            return (node.condition,)
        case Return():
            return () if node.value is None else (node.value,)
        case Step(instruction=Assign(lvalue=lvalue, expr=expr)):
            return (*operands_of_lvalue(lvalue), expr)
        case Step(instruction=Call(arguments=arguments)):
            return arguments
        case Step(instruction=Check(expr=expr)):
            return (expr,)
        case Step():
            return ()
