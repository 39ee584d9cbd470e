"""Expressions: typed, pure, with their side effects taken out into instructions in C's order."""

from __future__ import annotations

import difflib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

from staleproof.cfront import calls, changes, choices, conversions, lvalues
from staleproof.cfront.assumptions import CALL_ORDER
from staleproof.cfront.declarations import Declarations
from staleproof.cfront.effects import (
    conflict,
    describe,
    has_call,
    has_effect,
)
from staleproof.cfront.evaluate import EvaluationFailure, constant_value, evaluate
from staleproof.cfront.graph import Graph
from staleproof.cfront.ir import (
    AddressOf,
    Binary,
    BinaryOperator,
    Const,
    Element,
    Expr,
    Field,
    FieldArray,
    Load,
    Local,
    LValue,
    Note,
    PointerAdd,
    PointerDiff,
    StringLiteral,
    UnaryOperator,
    walk,
)
from staleproof.cfront.literals import character_literal, integer_literal
from staleproof.cfront.parse import children
from staleproof.cfront.scope import Scope, spelled
from staleproof.cfront.types import (
    CHAR,
    INT,
    ULONG,
    VOID_POINTER,
    ArrayType,
    FunctionType,
    IntType,
    PointerType,
    StructType,
    Type,
    VoidType,
    is_scalar,
)
from staleproof.errors import (
    ConstantValueError,
    CTypeError,
    Place,
    UnknownNameError,
    UnsequencedError,
    UnsupportedCError,
)

if TYPE_CHECKING:
    from tree_sitter import Node


@dataclass(slots=True)
class Expressions:
    """Lowers the expressions of one function into its graph."""

    file: Declarations
    graph: Graph
    scope: Scope = field(default_factory=Scope)
    aliased: frozenset[str] = frozenset()
    notes: dict[str, Note] = field(default_factory=dict)
    branching: set[int] = field(default_factory=set)
    types: dict[int, Type] = field(default_factory=dict)

    # Small questions

    def place(self, node: Node) -> Place:
        return self.file.source.place(node)

    def text(self, node: Node) -> str:
        return self.file.source.folded(node)

    def note(self, note: Note) -> None:
        self.notes[note.id] = note

    def refuse(self, node: Node, what: str, fix: str | None = None) -> UnsupportedCError:
        return UnsupportedCError(f"not understood: {what}", place=self.place(node), fix=fix)

    def part(self, node: Node, field_name: str) -> Node:
        """A part that the syntax must have here."""
        found = node.child_by_field_name(field_name)
        if found is None:
            raise self.refuse(node, f"a {node.type.replace('_', ' ')} without its {field_name}")
        return found

    def operator(self, node: Node) -> str:
        return self.part(node, "operator").type

    def unwrapped(self, node: Node) -> Node:
        """The node inside any parentheses."""
        while node.type == "parenthesized_expression":
            inside = children(node)
            if len(inside) != 1 or inside[0].type == "compound_statement":
                raise self.refuse(node, "a statement used as an expression")
            node = inside[0]
        return node

    def type_named(self, node: Node) -> Type | None:
        """The type that `(u64)` names, which parses as a value; or None."""
        if node.type != "parenthesized_expression":
            return None
        inner = self.unwrapped(node)
        if inner.type != "identifier" or self.scope.find(self.text(inner)) is not None:
            return None
        return self.file.typedef(self.text(inner), inner)

    def can_go_wrong(self, expr: Expr) -> bool:
        """True if evaluating the expression where C would not could violate something."""
        return any(self._goes_wrong(e) for e in walk(expr))

    def _goes_wrong(self, expr: Expr) -> bool:
        match expr:
            case Load(lvalue=Local(name=name)):
                return name in self.scope.uninitialised
            case Load(lvalue=Field() | Element()) | AddressOf(lvalue=Field() | Element()):
                return True
            case PointerAdd() | PointerDiff() | FieldArray():
                return True
            case Binary(op="/" | "%", right=right):
                return constant_value(right) in (None, 0, -1)
            case Binary(op="<<" | ">>", right=right, type=type_):
                count = constant_value(right)
                return count is None or not 0 <= count < type_.width
            case _:
                return False

    # Values

    def value(self, node: Node, wanted: Type | None = None) -> Expr:
        """The value of the node. `wanted` is the type of a call whose prototype is not known."""
        match node.type:
            case "parenthesized_expression":
                return self.value(self.unwrapped(node), wanted)
            case "number_literal":
                return self._number(node)
            case "char_literal":
                return character_literal(self.text(node), self.place(node))
            case "true" | "false":
                return Const(int(node.type == "true"), INT, node.type)
            case "null":
                return Const(0, VOID_POINTER, "NULL")
            case "string_literal" | "concatenated_string":
                return StringLiteral(self.text(node), PointerType(CHAR))
            case "identifier":
                return self._name(node)
            case "field_expression" | "subscript_expression":
                return self.read(lvalues.lvalue(self, node), node)
            case "pointer_expression" if node.children[0].type == "&":
                return self._address(node)
            case "pointer_expression":
                return self.read(lvalues.lvalue(self, node), node)
            case "unary_expression":
                return self._unary(node)
            case "binary_expression":
                return self._binary(node)
            case "update_expression":
                return changes.update(self, node, used=True)
            case "assignment_expression":
                return changes.store(self, node, used=True)
            case "conditional_expression":
                return choices.conditional(self, node)
            case "cast_expression":
                return self._cast(node)
            case "comma_expression":
                self.effect(self.part(node, "left"))
                return self.value(self.part(node, "right"), wanted)
            case "sizeof_expression":
                return self._sizeof(node)
            case "call_expression":
                return self._call(node, wanted)
        raise self.refuse(node, f"{node.type.replace('_', ' ')}: {self.text(node)[:60]}")

    def scalar(self, node: Node, wanted: Type | None = None) -> Expr:
        """The value of a node that must be an integer or a pointer."""
        value = self.value(node, wanted)
        if not is_scalar(value.type):
            raise CTypeError(f"a number is needed, not {value.type}", place=self.place(node))
        return value

    def converted(self, node: Node, type_: Type) -> Expr:
        """The value of the node, converted as by assignment to the type."""
        return conversions.assigned(self.value(node, type_), type_, self.place(node))

    def effect(self, node: Node) -> None:
        """Evaluate the node and drop its value; what can go wrong in it still can."""
        node = self.unwrapped(node)
        match node.type:
            case "comma_expression":
                self.effect(self.part(node, "left"))
                self.effect(self.part(node, "right"))
            case "conditional_expression" if node.child_by_field_name("consequence"):
                choices.fork_effects(self, node)
            case "call_expression" if not self.is_disguised_cast(node):
                value = calls.lower(self, node, None, used=False)
                if value is not None:
                    self._drop(value)
            case "cast_expression" if self.text(self.part(node, "type")) == "void":
                inner = self.unwrapped(self.part(node, "value"))
                if inner.type != "identifier":
                    self.effect(inner)
            case "update_expression":
                changes.update(self, node, used=False)
            case "assignment_expression":
                changes.store(self, node, used=False)
            case _:
                self._drop(self.value(node))

    def _drop(self, value: Expr) -> None:
        if is_scalar(value.type) and self.can_go_wrong(value):
            self.graph.saved(value)

    def _number(self, node: Node) -> Expr:
        text = self.text(node)
        # `-1` is one token to the parser, and two to C.
        if text[:1] in "+-":
            literal = integer_literal(text[1:].strip(), self.place(node))
            return conversions.unary("-", literal, self.place(node)) if text[0] == "-" else literal
        return integer_literal(text, self.place(node))

    def _name(self, node: Node) -> Expr:
        name = self.text(node)
        local = self.scope.find(name)
        if local is not None:
            return self.read(local, node)
        constant = self.file.constant(name, node)
        if constant is not None:
            return constant
        variable = self.file.variable(name)
        if variable is not None:
            return self.read(variable, node)
        raise self.unknown(node, name)

    def unknown(self, node: Node, name: str) -> Exception:
        if self.file.typedef(name, node) is not None:
            return self.refuse(
                node,
                f"{name} is a type, and stands where a value is read",
                "put the operand of the cast into parentheses: (TYPE)(-x)",
            )
        if name in self.file.functions or self.file.prototypes(name):
            return self.refuse(node, f"the function {name} used as a value")
        near = difflib.get_close_matches(name, self.scope.names(), n=1)
        fix = f"did you mean {near[0]}? Otherwise declare it in the text" if near else None
        return UnknownNameError(f"{name} is not declared", place=self.place(node), fix=fix)

    def read(self, lvalue: LValue, node: Node) -> Expr:
        """The lvalue's value; an array becomes the pointer to its first element."""
        type_ = lvalue.type
        if isinstance(type_, ArrayType):
            if isinstance(lvalue, Field):
                return FieldArray(
                    lvalue.object_pointer,
                    lvalue.struct_tag,
                    lvalue.field,
                    type_.element,
                    type_.length,
                )
            raise self.refuse(node, f"an array that is no member of a struct: {self.text(node)}")
        if isinstance(type_, StructType) and not self.is_opaque(type_):
            raise self.refuse(
                node, f"{type_} as a value", "pass a pointer to it, or copy its members one by one"
            )
        if isinstance(type_, VoidType | FunctionType):
            raise CTypeError(f"a value of type {type_}", place=self.place(node))
        return Load(lvalue)

    def is_opaque(self, type_: StructType) -> bool:
        """True of the likes of pgprot_t, which are handed on and never looked into."""
        return type_.tag.endswith("_t") and self.file.struct(type_.tag) is None

    def _unary(self, node: Node) -> Expr:
        op, argument = self.operator(node), self.part(node, "argument")
        if op == "!":
            return conversions.unary("!", self.scalar(argument, INT), self.place(node))
        value = self.scalar(argument)
        if op == "+":
            return conversions.to_promoted(value, "+", self.place(node))
        return conversions.unary(cast(UnaryOperator, op), value, self.place(node))

    def _binary(self, node: Node) -> Expr:
        op = self.operator(node)
        left, right = self.part(node, "left"), self.part(node, "right")
        if op in ("&&", "||"):
            return choices.logical(self, node, op)
        if (type_ := self.type_named(left)) is not None:
            return self._cast_that_parsed_as_binary(node, type_, op, right)
        first, second = self.unordered(left, right)
        return conversions.binary(cast(BinaryOperator, op), first, second, self.place(node))

    def _cast_that_parsed_as_binary(self, node: Node, type_: Type, op: str, right: Node) -> Expr:
        """`(u64)-x` parses as a difference of `(u64)` and x."""
        if op not in ("-", "+", "*", "&") or right.type in (
            "binary_expression",
            "conditional_expression",
            "assignment_expression",
        ):
            raise self.refuse(
                node,
                f"a cast whose end is not clear: {self.text(node)[:60]}",
                "put the operand of the cast into parentheses: (TYPE)(-x)",
            )
        place = self.place(node)
        if op == "&":
            return self._cast_to(lvalues.address_of(self, right), type_, node)
        if op == "*":
            return self._cast_to(self.read(lvalues.dereferenced(self, right), node), type_, node)
        value = self.scalar(right)
        if op == "-":
            return self._cast_to(conversions.unary("-", value, place), type_, node)
        return self._cast_to(conversions.to_promoted(value, "+", place), type_, node)

    def unordered(self, *nodes: Node) -> list[Expr]:
        """The values of operands that C evaluates in any order: from left to right."""
        self.check_unsequenced(*nodes)
        values: list[Expr] = []
        for number, node in enumerate(nodes):
            value = self.scalar(node)
            if any(has_call(later) for later in nodes[number + 1 :]):
                value = self.settled(value)
            values.append(value)
        return values

    def check_unsequenced(self, *nodes: Node) -> None:
        """Refuse operands of which one changes what another uses; note an order that is open."""
        for number, one in enumerate(nodes):
            for other in nodes[number + 1 :]:
                clash = conflict(one, other, self.aliased)
                if clash is not None:
                    raise UnsequencedError(
                        f"{describe(clash)} is changed and used in one expression, in no order",
                        place=self.place(other),
                    )
        if sum(map(has_call, nodes)) > 1:
            self.note(CALL_ORDER)

    def settled(self, value: Expr) -> Expr:
        """A value that a call that comes next cannot change: kept in a temporary if need be."""
        reads = [e.lvalue for e in walk(value) if isinstance(e, Load)]
        if all(isinstance(v, Local) and spelled(v) not in self.aliased for v in reads):
            return value
        self.note(CALL_ORDER)
        return Load(self.graph.saved(value))

    def _cast(self, node: Node) -> Expr:
        descriptor, operand = self.part(node, "type"), self.part(node, "value")
        named = self.text(descriptor)
        if self.scope.find(named) is not None:
            raise self.refuse(
                node,
                f"{named} is no type: {self.text(node)[:60]}",
                f"write {named} without parentheses",
            )
        type_ = self.file.named_type(descriptor)
        return self._cast_to(self.value(operand, type_), type_, node)

    def _cast_to(self, value: Expr, type_: Type, node: Node) -> Expr:
        return conversions.cast(value, type_, self.place(node))

    def _sizeof(self, node: Node) -> Expr:
        place = self.place(node)
        descriptor = node.child_by_field_name("type")
        if descriptor is not None:
            type_ = self.file.named_type(descriptor)
        else:
            operand = self.part(node, "value")
            type_ = self.type_named(operand) or self._type_of_operand(operand)
        return Const(self.file.size_of(type_, place), ULONG, self.text(node))

    def _type_of_operand(self, operand: Node) -> Type:
        inner = self.unwrapped(operand)
        if has_effect(inner) or inner.type in ("cast_expression", "string_literal"):
            raise self.refuse(operand, f"sizeof of {self.text(operand)[:60]}")
        mark = self.graph.mark()
        if inner.type in ("identifier", "field_expression", "subscript_expression") or (
            inner.type == "pointer_expression" and inner.children[0].type == "*"
        ):
            if inner.type == "identifier" and self.scope.find(self.text(inner)) is None:
                found = self.value(inner).type
            else:
                found = lvalues.lvalue(self, inner).type
        else:
            found = self.value(inner).type
        self.graph.roll_back(mark)
        return found

    def is_disguised_cast(self, node: Node) -> bool:
        return self.type_named(self.part(node, "function")) is not None

    def _call(self, node: Node, wanted: Type | None) -> Expr:
        type_ = self.type_named(self.part(node, "function"))
        if type_ is not None:
            arguments = children(self.part(node, "arguments"))
            if len(arguments) != 1:
                raise self.refuse(node, "a cast of several values")
            return self._cast_to(self.value(arguments[0], type_), type_, node)
        value = calls.lower(self, node, wanted)
        if value is None:
            raise CTypeError(
                f"{self.text(node)[:60]} has no value, and one is used", place=self.place(node)
            )
        return value

    def _address(self, node: Node) -> Expr:
        return lvalues.address_of(self, self.part(node, "argument"))


def fold(node: Node, file: Declarations) -> Const:
    """The value of a constant expression at file scope."""
    place = file.source.place(node)
    graph = Graph("", place)
    expr = Expressions(file, graph).scalar(node)
    if graph.grown_since((0, 0)):
        raise ConstantValueError("not a constant expression: it has side effects", place=place)
    return folded(expr, place)


def folded(expr: Expr, place: Place) -> Const:
    """The constant that an expression comes to."""
    try:
        value = evaluate(expr, {})
    except EvaluationFailure as error:
        raise ConstantValueError(f"not a constant expression: {error}", place=place) from error
    assert isinstance(expr.type, IntType | PointerType)
    return Const(value, expr.type)
