"""What a text declares at file scope: types, structs, constants, prototypes, functions.

Everything is resolved when it is asked for, so a declaration that is not understood stops only a
function that needs it. What the text does not declare is looked up in what the kernel declares.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, TypeAlias

from staleproof.cfront.constants import CONSTANTS
from staleproof.cfront.ir import Const, Global
from staleproof.cfront.parse import children, declared_name, items, parse
from staleproof.cfront.source import SourceFile
from staleproof.cfront.structs import COMPLETE, KERNEL_DECLARATIONS
from staleproof.cfront.types import (
    INT,
    TYPEDEFS,
    UINT,
    VOID,
    ArrayType,
    FunctionType,
    IntType,
    PointerType,
    StructDefinition,
    StructField,
    StructType,
    Type,
    VoidType,
    integer_of_words,
)
from staleproof.errors import (
    AmbiguousFunctionError,
    ConstantValueError,
    CSyntaxError,
    CTypeError,
    Place,
    StaleproofError,
    UnknownTypeError,
    UnsupportedCError,
)

if TYPE_CHECKING:
    from tree_sitter import Node

# The typed value of a constant expression; given by the part that lowers expressions.
Fold: TypeAlias = "Callable[[Node, Declarations], Const]"

_SPECIFIERS = ("struct_specifier", "union_specifier", "enum_specifier")
_MACRO_BODY = re.compile(r"\(.*\)|-?\w+|'[^']*'", re.DOTALL)


class Declarations:
    """The file scope of a text. `base` is asked for what the text does not declare itself."""

    def __init__(
        self,
        source: SourceFile,
        fold: Fold,
        base: Declarations | None,
        *,
        root: Node | None = None,
        prototypes: Mapping[str, FunctionType] | None = None,
    ) -> None:
        self.source = source
        self.root = parse(source) if root is None else root
        self.functions: dict[str, list[Node]] = {}
        self.macros: dict[str, list[Node]] = {}
        self._fold = fold
        self._given = prototypes or {}
        self._base = base
        self._bodies: dict[str, list[Node]] = {}
        self._typedefs: dict[str, tuple[Node, Node]] = {}
        self._enumerators: dict[str, Node] = {}
        self._enums: dict[str, Node] = {}
        self._declared: dict[str, list[tuple[Node, Node]]] = {}
        self._open: set[str] = set()
        for node in items(self.root):
            self._index(node)

    def _index(self, node: Node) -> None:
        if node.type in ("preproc_def", "preproc_function_def"):
            name = node.child_by_field_name("name")
            if name is not None:
                self.macros.setdefault(self.source.raw(name), []).append(node)
            return
        if node.type == "preproc_call":
            if match := re.match(r"#\s*undef\s+(\w+)", self.source.raw(node)):
                self.macros.setdefault(match[1], []).append(node)
            return
        if node.type not in ("function_definition", "declaration", "type_definition", *_SPECIFIERS):
            return
        self._index_specifier(node)
        type_ = node.child_by_field_name("type")
        if type_ is None:
            return
        self._index_specifier(type_)
        for declarator in node.children_by_field_name("declarator"):
            name = declared_name(declarator)
            if name is None:
                continue
            spelled = self.source.raw(name)
            if node.type == "type_definition":
                self._typedefs[spelled] = (type_, declarator)
            elif node.type == "function_definition":
                self.functions.setdefault(spelled, []).append(node)
            else:
                self._declared.setdefault(spelled, []).append((type_, declarator))

    def _index_specifier(self, node: Node) -> None:
        if node.type not in _SPECIFIERS:
            return
        body = node.child_by_field_name("body")
        if body is None:
            return
        if node.type == "enum_specifier":
            if tag := node.child_by_field_name("name"):
                self._enums[self.source.raw(tag)] = node
            for enumerator in children(body):
                name = enumerator.child_by_field_name("name")
                if name is not None:
                    self._enumerators[self.source.raw(name)] = enumerator
            return
        self._bodies.setdefault(self._tag(node), []).append(node)
        for member in children(body):
            nested = member.child_by_field_name("type")
            if nested is not None:
                self._index_specifier(nested)

    # Types

    def specified(self, node: Node) -> Type:
        """The type that a specifier names: `unsigned long`, `struct page`, `u64`."""
        place = self.source.place(node)
        text = self.source.folded(node)
        if node.type in ("primitive_type", "type_identifier", "sized_type_specifier"):
            if text == "void":
                return VOID
            if node.type != "sized_type_specifier" and (named := self.typedef(text)) is not None:
                return named
            if (integer := integer_of_words(text.split())) is not None:
                return integer
            if text in ("float", "double", "long double"):
                raise UnsupportedCError(f"not understood: the floating type {text}", place=place)
            raise UnknownTypeError(f"the type {text} is not known", place=place)
        if node.type == "enum_specifier":
            return self._enum_type(node)
        if node.type in ("struct_specifier", "union_specifier"):
            return StructType(self._tag(node))
        raise UnsupportedCError(f"not understood: the type {text[:40]}", place=place)

    def typedef(self, name: str) -> Type | None:
        """The type of that name, or None if it is no typedef."""
        if name in self._typedefs:
            if name in self._open:
                return None
            self._open.add(name)
            try:
                type_, declarator = self._typedefs[name]
                base = self.specified(type_)
                return self.declared(base, declarator)[1]
            finally:
                self._open.discard(name)
        return TYPEDEFS.get(name) if self._base is None else self._base.typedef(name)

    def declared(self, base: Type, declarator: Node | None) -> tuple[Node | None, Type]:
        """The name and type that a declarator, also one without a name, makes of its specifier."""
        type_ = base
        while declarator is not None:
            kind = declarator.type
            if kind in ("identifier", "field_identifier", "type_identifier", "primitive_type"):
                return declarator, type_
            inner = declarator.child_by_field_name("declarator")
            if kind in ("pointer_declarator", "abstract_pointer_declarator"):
                self.check_qualifiers(declarator)
                type_ = PointerType(type_)
            elif kind in ("array_declarator", "abstract_array_declarator"):
                type_ = ArrayType(type_, self._length(declarator))
            elif kind in ("function_declarator", "abstract_function_declarator"):
                type_ = self._function(type_, declarator)
            elif kind in ("parenthesized_declarator", "abstract_parenthesized_declarator"):
                inner = next(iter(children(declarator)), None)
            elif kind != "init_declarator":
                raise UnsupportedCError(
                    f"not understood: the declaration {self.source.folded(declarator)[:60]}",
                    place=self.source.place(declarator),
                )
            declarator = inner
        return None, type_

    def named_type(self, descriptor: Node) -> Type:
        """The type of a cast or a sizeof."""
        self.check_qualifiers(descriptor)
        type_ = descriptor.child_by_field_name("type")
        assert type_ is not None
        return self.declared(self.specified(type_), descriptor.child_by_field_name("declarator"))[1]

    def check_qualifiers(self, node: Node) -> None:
        """Refuse the qualifiers that change what a read or a write means."""
        for child in node.children:
            if child.type == "type_qualifier" and self.source.raw(child) in (
                "volatile",
                "_Atomic",
            ):
                raise UnsupportedCError(
                    f"not understood: a {self.source.raw(child)} object",
                    place=self.source.place(child),
                    fix="read it with READ_ONCE() instead",
                )

    def parameters(self, function: Node) -> list[tuple[Node | None, Type]]:
        """Names and types of the parameters of a function declarator."""
        found: list[tuple[Node | None, Type]] = []
        listed = function.child_by_field_name("parameters")
        assert listed is not None
        for node in children(listed):
            if node.type == "variadic_parameter":
                continue
            type_ = node.child_by_field_name("type")
            if node.type != "parameter_declaration" or type_ is None:
                raise UnsupportedCError(
                    "not understood: parameters without types", place=self.source.place(node)
                )
            self.check_qualifiers(node)
            name, declared = self.declared(
                self.specified(type_), node.child_by_field_name("declarator")
            )
            if isinstance(declared, ArrayType):
                declared = PointerType(declared.element)
            if isinstance(declared, FunctionType):
                declared = PointerType(declared)
            if not isinstance(declared, VoidType):
                found.append((name, declared))
        return found

    def _function(self, returns: Type, declarator: Node) -> FunctionType:
        listed = declarator.child_by_field_name("parameters")
        assert listed is not None
        variadic = any(c.type in ("variadic_parameter", "...") for c in listed.children)
        types = tuple(type_ for _, type_ in self.parameters(declarator))
        return FunctionType(types, returns, variadic)

    def _enum_type(self, node: Node) -> IntType:
        body = node.child_by_field_name("body")
        if body is None:
            name = node.child_by_field_name("name")
            return self._named_enum(self.source.raw(name) if name else "", self.source.place(node))
        # gcc makes an enum without negative enumerators unsigned int; its enumerators stay int.
        names = [e.child_by_field_name("name") for e in children(body)]
        values = [self._enumerator(self.source.raw(n)).value for n in names if n is not None]
        return INT if any(v < 0 for v in values) else UINT

    def _named_enum(self, name: str, place: Place) -> IntType:
        if name in self._enums:
            return self._enum_type(self._enums[name])
        if self._base is not None:
            return self._base._named_enum(name, place)
        raise UnknownTypeError(f"the type enum {name} is not known", place=place)

    def _length(self, declarator: Node) -> int | None:
        size = declarator.child_by_field_name("size")
        if size is None:
            return None
        value = self._fold(size, self).value
        if value < 0:
            raise ConstantValueError("an array of negative length", place=self.source.place(size))
        return value

    def _tag(self, node: Node) -> str:
        name = node.child_by_field_name("name")
        if name is not None:
            tag = self.source.raw(name)
        else:
            parent = node.parent
            declarator = parent.child_by_field_name("declarator") if parent is not None else None
            named = declared_name(declarator)
            if parent is not None and parent.type == "type_definition" and named is not None:
                tag = self.source.raw(named)
            else:
                row, column = node.start_point
                tag = f"(unnamed at {row + 1}:{column + 1})"
        return f"union {tag}" if node.type == "union_specifier" else tag

    # Structs

    def struct(self, tag: str) -> StructDefinition | None:
        """The members of the struct, or None if they are not known."""
        bodies = self._bodies.get(tag, [])
        if len(bodies) > 1:
            raise AmbiguousFunctionError(
                f"{self.source.name} defines struct {tag} {len(bodies)} times",
                place=self.source.place(bodies[1]),
            )
        if not bodies:
            return None if self._base is None else self._base.struct(tag)
        body = bodies[0].child_by_field_name("body")
        assert body is not None
        if body.has_error:
            raise CSyntaxError(
                f"the definition of struct {tag} could not be parsed",
                place=self.source.place(bodies[0]),
            )
        fields: list[StructField] = []
        complete = self._base is not None or tag in COMPLETE
        for node in children(body):
            if node.type != "field_declaration" or not node.child_by_field_name("declarator"):
                complete = False
            if node.type != "field_declaration":
                continue
            fields += self._members(node)
        return StructDefinition(tag, tuple(fields), complete)

    def _members(self, node: Node) -> list[StructField]:
        specifier = node.child_by_field_name("type")
        assert specifier is not None
        refusal = ""
        try:
            self.check_qualifiers(node)
            base = self.specified(specifier)
        except (UnknownTypeError, UnsupportedCError) as error:
            base, refusal = VOID, error.message.removeprefix("not understood: ")
        if any(c.type == "bitfield_clause" for c in children(node)):
            refusal = "it is a bit-field"
        if any(c.type.startswith(("attribute", "ms_")) for c in children(node)):
            refusal = "it has an attribute"
        declarators = node.children_by_field_name("declarator")
        if not declarators and isinstance(base, StructType):
            return self._anonymous(base)
        found: list[StructField] = []
        for declarator in declarators:
            try:
                name, type_ = self.declared(base, declarator)
            except (UnknownTypeError, UnsupportedCError, ConstantValueError) as error:
                name, type_, refusal = (
                    declared_name(declarator),
                    VOID,
                    error.message.removeprefix("not understood: "),
                )
            if name is not None:
                found.append(StructField(self.source.raw(name), type_, refusal))
        return found

    def _anonymous(self, type_: StructType) -> list[StructField]:
        """The members of an unnamed member, which C lets one name as those of the outer struct."""
        definition = self.struct(type_.tag)
        if definition is None:
            return []
        if type_.tag.startswith("union "):
            return [
                StructField(f.name, f.type, "it shares its memory with other members of a union")
                for f in definition.fields
            ]
        return list(definition.fields)

    # Layout

    def size_of(self, type_: Type, place: Place) -> int:
        """Sizeof. Raises for types whose size is not known."""
        return self._layout(type_, place)[0]

    def _layout(self, type_: Type, place: Place) -> tuple[int, int]:
        if isinstance(type_, IntType):
            return type_.width // 8, type_.width // 8
        if isinstance(type_, PointerType):
            return 8, 8
        if isinstance(type_, ArrayType):
            size, alignment = self._layout(type_.element, place)
            return size * (type_.length or 0), alignment
        if isinstance(type_, StructType):
            return self._layout_of_struct(type_, place)
        raise CTypeError(f"the size of {type_}", place=place)

    def _layout_of_struct(self, type_: StructType, place: Place) -> tuple[int, int]:
        definition = self.struct(type_.tag)
        if (
            definition is None
            or not definition.complete
            or any(f.refusal for f in definition.fields)
            or type_.tag.startswith("union ")
        ):
            raise UnknownTypeError(
                f"the size of {type_} is not known",
                place=place,
                fix="put the whole definition of the struct into the text",
            )
        offset, widest = 0, 1
        for member in definition.fields:
            size, alignment = self._layout(member.type, place)
            offset = -(-offset // alignment) * alignment + size
            widest = max(widest, alignment)
        return -(-offset // widest) * widest, widest

    # Names

    def is_macro(self, name: str, use: Node) -> bool:
        """True if the text has defined a macro of that name before the node."""
        return any(m.start_byte < use.start_byte for m in self.macros.get(name, []))

    def constant(self, name: str, use: Node | None) -> Const | None:
        """The value of a macro or an enumerator, or None if the name is neither.

        A macro counts from its definition on; `use` is where it is used.
        """
        defined = [
            m for m in self.macros.get(name, []) if use is None or m.start_byte < use.start_byte
        ]
        if defined:
            return self._macro(name, defined, use)
        if name in self._enumerators:
            return self._enumerator(name)
        if self._base is not None:
            return self._base.constant(name, None)
        return CONSTANTS.get(name)

    def _macro(self, name: str, defined: list[Node], use: Node | None) -> Const:
        place = self.source.place(defined[-1] if use is None else use)
        if len(defined) > 1 or defined[0].type == "preproc_call":
            raise ConstantValueError(f"the macro {name} is defined or undefined twice", place=place)
        body = defined[0].child_by_field_name("value")
        text = self.source.raw(body).strip() if body is not None else ""
        text = re.sub(r"/\*.*?\*/|//.*", " ", text).replace("\\\n", " ").strip()
        if defined[0].type != "preproc_def" or not _MACRO_BODY.fullmatch(text):
            raise ConstantValueError(
                f"the macro {name} is not a plain constant",
                place=place,
                fix="define it as a number, or as an expression in parentheses",
            )
        if name in self._open:
            raise ConstantValueError(f"the macro {name} is defined by itself", place=place)
        inner = SourceFile(self.source.name, f"long macro = {text};")
        root = parse(inner)
        node = next((n for n in _below(root) if n.type == "init_declarator"), None)
        value = node.child_by_field_name("value") if node is not None else None
        if root.has_error or value is None:
            raise ConstantValueError(f"the macro {name} is not a plain constant", place=place)
        scope = Declarations(inner, self._fold, self, root=root)
        scope._open = self._open
        self._open.add(name)
        try:
            folded = self._fold(value, scope)
        except StaleproofError as error:
            raise ConstantValueError(
                f"the macro {name} is not a plain constant: {error.message}", place=place
            ) from error
        finally:
            self._open.discard(name)
        return Const(folded.value, folded.type, name)

    def _enumerator(self, name: str) -> Const:
        node: Node | None = self._enumerators[name]
        steps = 0
        while node is not None:
            value = node.child_by_field_name("value")
            if value is not None:
                return Const(INT.wrap(self._fold(value, self).value + steps), INT, name)
            before = node.prev_named_sibling
            while before is not None and before.type == "comment":
                before = before.prev_named_sibling
            if before is None:
                break
            node, steps = before, steps + 1
        return Const(steps, INT, name)

    def prototypes(self, name: str) -> tuple[FunctionType, ...]:
        """The prototypes of the function: its definition's, or those declared."""
        if name in self.functions:
            node = self.functions[name][0]
            declared = [(node.child_by_field_name("type"), node.child_by_field_name("declarator"))]
        else:
            declared = list(self._declared.get(name, []))
        found: list[FunctionType] = []
        for specifier, declarator in declared:
            assert specifier is not None
            type_ = self.declared(self.specified(specifier), declarator)[1]
            if isinstance(type_, FunctionType) and type_ not in found:
                found.append(type_)
        if found:
            return tuple(found)
        if name in self._given:
            return (self._given[name],)
        return () if self._base is None else self._base.prototypes(name)

    def variable(self, name: str) -> Global | None:
        """The variable of that name at file scope, or None."""
        for specifier, declarator in self._declared.get(name, []):
            type_ = self.declared(self.specified(specifier), declarator)[1]
            if not isinstance(type_, FunctionType):
                return Global(name, type_)
        return None if self._base is None else self._base.variable(name)


def _below(node: Node) -> list[Node]:
    return [node, *(d for c in node.named_children for d in _below(c))]


@lru_cache(maxsize=1)
def kernel_declarations(fold: Fold) -> Declarations:
    """What the kernel declares: the structs, prototypes and constants known without a text."""
    return Declarations(SourceFile("<kernel>", KERNEL_DECLARATIONS), fold, None)
