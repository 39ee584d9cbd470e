"""Expressions: typed, pure, with their side effects taken out into instructions in C's order."""

from __future__ import annotations

import difflib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

from staleproof.cfront import calls, conversions
from staleproof.cfront.constants import PAGE_CONSTANTS
from staleproof.cfront.declarations import Declarations
from staleproof.cfront.effects import (
    conflict,
    conflict_of_assignment,
    describe,
    has_call,
    has_effect,
)
from staleproof.cfront.evaluate import EvaluationFailure, constant_value, evaluate
from staleproof.cfront.graph import Graph, Label
from staleproof.cfront.ir import (
    AddressOf,
    Assign,
    Binary,
    BinaryOperator,
    Conditional,
    Const,
    Element,
    Expr,
    Field,
    FieldArray,
    Global,
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
from staleproof.cfront.scope import Scope
from staleproof.cfront.types import (
    CHAR,
    INT,
    LONG,
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
    UnknownFieldError,
    UnknownNameError,
    UnsequencedError,
    UnsupportedCError,
)

if TYPE_CHECKING:
    from tree_sitter import Node

CALL_ORDER = Note(
    "c-call-order",
    "Where C leaves the order of operands open and one is a call, they run from left to right.",
)
PAGE_SIZE_4K = Note("c-page-size", "PAGE_SIZE is 4096.")


@dataclass(slots=True)
class Expressions:
    """Lowers the expressions of one function into its graph."""

    file: Declarations
    graph: Graph
    scope: Scope = field(default_factory=Scope)
    aliased: frozenset[str] = frozenset()
    notes: dict[str, Note] = field(default_factory=dict)
    _branching: set[int] = field(default_factory=set)
    _types: dict[int, Type] = field(default_factory=dict)

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
        return self.file.typedef(self.text(inner))

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
                return self._read(self.lvalue(node), node)
            case "pointer_expression" if node.children[0].type == "&":
                return self._address(node)
            case "pointer_expression":
                return self._read(self.lvalue(node), node)
            case "unary_expression":
                return self._unary(node)
            case "binary_expression":
                return self._binary(node)
            case "update_expression":
                return self._update(node, used=True)
            case "assignment_expression":
                return self._store(node, used=True)
            case "conditional_expression":
                return self._conditional(node)
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
                self._fork_effects(node)
            case "call_expression" if not self._is_disguised_cast(node):
                value = calls.lower(self, node, None, used=False)
                if value is not None:
                    self._drop(value)
            case "cast_expression" if self.text(self.part(node, "type")) == "void":
                inner = self.unwrapped(self.part(node, "value"))
                if inner.type != "identifier":
                    self.effect(inner)
            case "update_expression":
                self._update(node, used=False)
            case "assignment_expression":
                self._store(node, used=False)
            case _:
                self._drop(self.value(node))

    def _drop(self, value: Expr) -> None:
        if is_scalar(value.type) and self.can_go_wrong(value):
            self.graph.saved(value)

    def _fork_effects(self, node: Node) -> None:
        yes, no, done = Label(), Label(), Label()
        self.condition(self.part(node, "condition"), yes, no)
        self.graph.bind(yes)
        self.effect(self.part(node, "consequence"))
        self.graph.jump(done)
        self.graph.bind(no)
        self.effect(self.part(node, "alternative"))
        self.graph.bind(done)

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
            return self._read(local, node)
        constant = self.file.constant(name, node)
        if constant is not None:
            if name in PAGE_CONSTANTS:
                self.note(PAGE_SIZE_4K)
            return constant
        variable = self.file.variable(name)
        if variable is not None:
            return self._read(variable, node)
        raise self._unknown(node, name)

    def _unknown(self, node: Node, name: str) -> Exception:
        if self.file.typedef(name) is not None:
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

    def _read(self, lvalue: LValue, node: Node) -> Expr:
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
            return self._logical(node, op)
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
            return self._cast_to(self._address_of(right), type_, node)
        if op == "*":
            return self._cast_to(self._read(self._dereferenced(right), node), type_, node)
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
        if all(isinstance(v, Local) and v.name not in self.aliased for v in reads):
            return value
        self.note(CALL_ORDER)
        return Load(self.graph.saved(value))

    def _logical(self, node: Node, op: str) -> Expr:
        """`&&` or `||` as a value: one pure expression if its right side can do no harm."""
        if node.id not in self._branching and not has_effect(self.part(node, "right")):
            mark = self.graph.mark()
            left = self.scalar(self.part(node, "left"), INT)
            inner = self.graph.mark()
            right = self.scalar(self.part(node, "right"), INT)
            if not self.graph.grown_since(inner) and not self.can_go_wrong(right):
                truth = conversions.not_zero(right)
                if op == "&&":
                    return Conditional(left, truth, Const(0, INT), INT, "&&")
                return Conditional(left, Const(1, INT), truth, INT, "||")
            self.graph.roll_back(mark)
        self._branching.add(node.id)
        return self._truth_by_branches(node)

    def _truth_by_branches(self, node: Node) -> Expr:
        yes, no, done = Label(), Label(), Label()
        result = self.graph.temporary(INT)
        self.condition(node, yes, no)
        for label, value in ((yes, 1), (no, 0)):
            self.graph.bind(label)
            self.graph.add(Assign(result, Const(value, INT)))
            self.graph.jump(done)
        self.graph.bind(done)
        return Load(result)

    def _conditional(self, node: Node) -> Expr:
        condition, no_node = self.part(node, "condition"), self.part(node, "alternative")
        yes_node = node.child_by_field_name("consequence")
        if yes_node is None:
            return self._elvis(node, condition, no_node)
        arms = (yes_node, no_node)
        if node.id not in self._branching and not any(map(has_effect, arms)):
            mark = self.graph.mark()
            test = self.scalar(condition, INT)
            inner = self.graph.mark()
            yes, no = self._arms(self.scalar(yes_node), self.scalar(no_node), node)
            if not (
                self.graph.grown_since(inner) or self.can_go_wrong(yes) or self.can_go_wrong(no)
            ):
                return Conditional(test, yes, no, yes.type)
            self.graph.roll_back(mark)
        self._branching.add(node.id)
        type_ = self.type_of(node)
        result = self.graph.temporary(type_)
        labels, done = (Label(), Label()), Label()
        self.condition(condition, *labels)
        for label, arm in zip(labels, arms, strict=True):
            self.graph.bind(label)
            value = conversions.cast(self.scalar(arm), type_, self.place(arm), implicit=True)
            self.graph.add(Assign(result, value))
            self.graph.jump(done)
        self.graph.bind(done)
        return Load(result)

    def _elvis(self, node: Node, condition: Node, no_node: Node) -> Expr:
        """`a ?: b`: a, evaluated once, if it is not zero."""
        value = self.scalar(condition)
        if not (isinstance(value, Load) and isinstance(value.lvalue, Local)):
            value = Load(self.graph.saved(value))
        mark = self.graph.mark()
        yes, no = self._arms(value, self.scalar(no_node), node)
        harmless = not has_effect(no_node) and not self.can_go_wrong(no)
        if harmless and not self.graph.grown_since(mark):
            return Conditional(value, yes, no, yes.type)
        self.graph.roll_back(mark)
        result = self.graph.temporary(yes.type)
        use, other, done = Label(), Label(), Label()
        self.graph.fork(value, use, other)
        self.graph.bind(use)
        self.graph.add(Assign(result, yes))
        self.graph.jump(done)
        self.graph.bind(other)
        again = conversions.cast(self.scalar(no_node), yes.type, self.place(node), implicit=True)
        self.graph.add(Assign(result, again))
        self.graph.bind(done)
        return Load(result)

    def _arms(self, yes: Expr, no: Expr, node: Node) -> tuple[Expr, Expr]:
        """The two arms of a `?:` at their common type."""
        if isinstance(yes.type, PointerType) or isinstance(no.type, PointerType):
            return conversions.pointer_pair(yes, no, "?:", self.place(node))
        return conversions.arithmetic_pair(yes, no, "?:", self.place(node))

    def type_of(self, node: Node) -> Type:
        """The type of the node's value, without evaluating it."""
        known = self._types.get(node.id)
        if known is not None:
            return known
        mark = self.graph.mark()
        inner = self.unwrapped(node)
        if inner.type == "conditional_expression" and inner.child_by_field_name("consequence"):
            yes, no = self.part(inner, "consequence"), self.part(inner, "alternative")
            found: Type = self._arms(self.scalar(yes), self.scalar(no), inner)[0].type
        else:
            found = self.value(inner).type
        self.graph.roll_back(mark)
        self._types[node.id] = found
        return found

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
                found = self.lvalue(inner).type
        else:
            found = self.value(inner).type
        self.graph.roll_back(mark)
        return found

    def _is_disguised_cast(self, node: Node) -> bool:
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

    # Lvalues

    def lvalue(self, node: Node) -> LValue:
        """Where the node is in memory."""
        node = self.unwrapped(node)
        if node.type == "identifier":
            return self._variable(node)
        if node.type == "field_expression":
            return self._member(node)
        if node.type == "subscript_expression":
            return self._element(node)
        if node.type == "pointer_expression" and node.children[0].type == "*":
            return self._dereferenced(self.part(node, "argument"))
        raise CTypeError(f"{self.text(node)[:60]} is not a place in memory", place=self.place(node))

    def _variable(self, node: Node) -> LValue:
        name = self.text(node)
        found: Local | Global | None = self.scope.find(name)
        if found is None:
            if self.file.constant(name, node) is not None:
                raise CTypeError(f"{name} is a constant", place=self.place(node))
            found = self.file.variable(name)
        if found is None:
            raise self._unknown(node, name)
        return found

    def _postfixed(self, node: Node) -> Node:
        """The operand of `.`, `->` or `[]`; a cast binds looser, whatever the parser made of it."""
        if node.type == "call_expression" and self._is_disguised_cast(node):
            raise self.refuse(
                node,
                f"a cast whose end is not clear: {self.text(node)[:60]}",
                "put the cast into parentheses",
            )
        return node

    def _member(self, node: Node) -> Field:
        argument = self._postfixed(self.part(node, "argument"))
        if self.operator(node) == "->":
            pointer = self.scalar(argument)
        else:
            pointer = self.pointer_to(self.lvalue(argument))
        name_node = self.part(node, "field")
        name, place = self.text(name_node), self.place(name_node)
        target = pointer.type.target if isinstance(pointer.type, PointerType) else pointer.type
        if not isinstance(target, StructType) or not isinstance(pointer.type, PointerType):
            raise CTypeError(f"{target} has no member {name}", place=place)
        definition = self.file.struct(target.tag)
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
            raise UnsupportedCError(
                f"not understood: the member {name}: {member.refusal}", place=place
            )
        return Field(pointer, target.tag, name, member.type)

    def _element(self, node: Node) -> Element:
        argument, index = self._postfixed(self.part(node, "argument")), self.part(node, "index")
        pointer, offset = self.unordered(argument, index)
        if not isinstance(pointer.type, PointerType):
            raise CTypeError(f"{pointer.type} has no elements", place=self.place(node))
        if isinstance(pointer.type.target, VoidType | FunctionType):
            raise CTypeError(f"{pointer.type} has no elements", place=self.place(node))
        # `p[i]` is `*(p + i)`: where p is itself a sum, the elements are still counted from p.
        return Element(pointer, conversions.index(offset, self.place(index)), pointer.type.target)

    def _dereferenced(self, argument: Node) -> LValue:
        pointer = self.scalar(argument)
        if not isinstance(pointer.type, PointerType):
            raise CTypeError(f"* of {pointer.type}", place=self.place(argument))
        if isinstance(pointer.type.target, VoidType | FunctionType):
            raise CTypeError(f"* of {pointer.type}", place=self.place(argument))
        if isinstance(pointer, AddressOf):
            return pointer.lvalue
        return Element(pointer, Const(0, LONG), pointer.type.target)

    def _address(self, node: Node) -> Expr:
        return self._address_of(self.part(node, "argument"))

    def _address_of(self, argument: Node) -> Expr:
        lvalue = self.lvalue(argument)
        if isinstance(lvalue.type, ArrayType):
            raise self.refuse(argument, "the address of a whole array", "write &ARRAY[0]")
        return self.pointer_to(lvalue)

    def pointer_to(self, lvalue: LValue) -> Expr:
        """`&lvalue`, as plain as it can be."""
        if isinstance(lvalue, Element):
            if lvalue.index == Const(0, LONG):
                return lvalue.pointer
            return PointerAdd(lvalue.pointer, lvalue.index, lvalue.type)
        return AddressOf(lvalue)

    # Changes

    def _store(self, node: Node, *, used: bool) -> Expr:
        """An assignment, and what its value is: what the left side then holds."""
        left, right = self.part(node, "left"), self.part(node, "right")
        place = self.place(node)
        op = self.operator(node)
        clash = conflict_of_assignment(left, right, self.aliased, reads_left=op != "=")
        if clash is not None:
            raise UnsequencedError(
                f"{describe(clash)} is changed twice, or changed and used, in no order",
                place=place,
            )
        lvalue = self.lvalue(left)
        if has_call(left) and has_call(right):
            self.note(CALL_ORDER)
        if has_call(right):
            lvalue = self._settled_lvalue(lvalue)
        if op == "=":
            value = conversions.assigned(self.value(right, lvalue.type), lvalue.type, place)
        else:
            # The left side is read before the right: see unordered().
            old = self._read(lvalue, left)
            if has_call(right):
                old = self.settled(old)
            added = conversions.binary(
                cast(BinaryOperator, op[:-1]), old, self.scalar(right), place
            )
            value = conversions.assigned(added, lvalue.type, place)
        return self._stored(lvalue, value, place, used)

    def _stored(self, lvalue: LValue, value: Expr, place: Place, used: bool) -> Expr:
        if isinstance(lvalue.type, ArrayType | FunctionType):
            raise CTypeError(f"an assignment to {lvalue.type}", place=place)
        if used and not isinstance(lvalue, Local):
            # The value is what was stored, not what a second read of memory would give.
            value = Load(self.graph.saved(value))
        if not isinstance(lvalue, Local) or not self.graph.retarget(value, lvalue):
            self.graph.add(Assign(lvalue, value))
        return Load(lvalue) if isinstance(lvalue, Local) else value

    def _settled_lvalue(self, lvalue: LValue) -> LValue:
        match lvalue:
            case Field():
                pointer = self.settled(lvalue.object_pointer)
                return Field(pointer, lvalue.struct_tag, lvalue.field, lvalue.type)
            case Element():
                pointer, index = self.settled(lvalue.pointer), self.settled(lvalue.index)
                return Element(pointer, index, lvalue.type)
            case _:
                return lvalue

    def _update(self, node: Node, *, used: bool) -> Expr:
        """`++` or `--`: the new value is stored; a postfix one has the old value."""
        argument, place = self.part(node, "argument"), self.place(node)
        lvalue = self.lvalue(self._postfixed(argument))
        old = self._read(lvalue, argument)
        postfix = used and node.children[0].type not in ("++", "--")
        if postfix:
            old = Load(self.graph.saved(old))
        op: BinaryOperator = "+" if self.operator(node) == "++" else "-"
        value = conversions.binary(op, old, Const(1, INT), place)
        value = conversions.assigned(value, lvalue.type, place)
        new = self._stored(lvalue, value, place, used and not postfix)
        return old if postfix else new

    # Conditions

    def condition(self, node: Node, if_true: Label, if_false: Label) -> None:
        """Go to one of the labels by the truth of the node, in the order of `&&`, `||` and `?:`."""
        node = self.unwrapped(node)
        if node.type == "binary_expression" and self.operator(node) in ("&&", "||"):
            between = Label()
            left, right = self.part(node, "left"), self.part(node, "right")
            if self.operator(node) == "&&":
                self.condition(left, between, if_false)
            else:
                self.condition(left, if_true, between)
            self.graph.bind(between)
            self.condition(right, if_true, if_false)
        elif node.type == "unary_expression" and self.operator(node) == "!":
            self.condition(self.part(node, "argument"), if_false, if_true)
        elif node.type == "comma_expression":
            self.effect(self.part(node, "left"))
            self.condition(self.part(node, "right"), if_true, if_false)
        elif node.type == "conditional_expression" and node.child_by_field_name("consequence"):
            yes, no = Label(), Label()
            self.condition(self.part(node, "condition"), yes, no)
            self.graph.bind(yes)
            self.condition(self.part(node, "consequence"), if_true, if_false)
            self.graph.bind(no)
            self.condition(self.part(node, "alternative"), if_true, if_false)
        elif (tested := calls.truth_operand(self, node)) is not None:
            self.condition(tested, if_true, if_false)
        else:
            outside = self.graph.text, self.graph.place
            self.graph.text, self.graph.place = self.text(node), self.place(node)
            self.graph.fork(self.scalar(node, INT), if_true, if_false)
            self.graph.text, self.graph.place = outside


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
