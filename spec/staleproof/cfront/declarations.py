"""What a text declares at file scope: types, structs, constants, prototypes, functions.

Everything is resolved when it is asked for, so a declaration that is not understood stops only a
function that needs it. What the text does not declare is looked up in what the kernel declares.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, TypeAlias

from staleproof.cfront.attributes import changes_type, is_plain, may_change_size, packs
from staleproof.cfront.conditionals import (
    DEFINITION,
    Condition,
    conditionals,
    contradict,
)
from staleproof.cfront.constants import CONSTANTS, PAGE_CONSTANTS
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
_WHOLE = ("parenthesized_expression", "number_literal", "char_literal", "identifier")
_CONSTANT_WORDS = ("true", "false", "null")


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
        use: Node | None = None,
    ) -> None:
        """`use` is where the macro is used of which `source` is the body; `base` has defined it."""
        self.source = source
        self.root = parse(source) if root is None else root
        self.functions: dict[str, list[Node]] = {}
        self.macros: dict[str, list[Node]] = {}
        self.used_page_size = False
        """Whether anything that was asked for rests on how large the kernel's pages are."""
        self._fold = fold
        self._given = prototypes or {}
        self._base = base
        self._use = use
        self._conditionals = conditionals(source.data)
        self._packs = packs(self._conditionals.code)
        self._bodies: dict[str, list[Node]] = {}
        self._typedefs: dict[str, list[Node]] = {}
        self._enumerators: dict[str, list[Node]] = {}
        self._enums: dict[str, list[Node]] = {}
        self._declared: dict[str, list[tuple[Node, Node]]] = {}
        self._locals: dict[int, frozenset[str]] = {}
        self._open: set[str] = set()
        for match in DEFINITION.finditer(self._conditionals.code):
            self._index_macro(match["name"].decode(), match.start("start"))
        for node in items(self.root):
            self._index(node)

    def _index_macro(self, name: str, offset: int) -> None:
        """Wherever it stands: the preprocessor knows no braces."""
        if self._conditionals.dead(offset):
            return
        node = self.root.descendant_for_byte_range(offset, offset + 1)
        assert node is not None
        while not node.type.startswith("preproc_") and node.parent is not None:
            if node.parent.start_byte != offset:
                break
            node = node.parent
        self.macros.setdefault(name, []).append(node)

    def _index(self, node: Node) -> None:
        if node.type not in ("function_definition", "declaration", "type_definition", *_SPECIFIERS):
            return
        self._index_specifier(node)
        type_ = node.child_by_field_name("type")
        if type_ is None:
            return
        self._index_specifier(type_)
        if node.type == "type_definition":
            self._index_typedef(node)
            return
        for declarator in node.children_by_field_name("declarator"):
            name = declared_name(declarator)
            if name is None:
                continue
            spelled = self.source.raw(name)
            if node.type == "function_definition":
                self.functions.setdefault(spelled, []).append(node)
            else:
                self._declared.setdefault(spelled, []).append((type_, declarator))

    def _index_typedef(self, node: Node) -> None:
        for child in node.children:
            if child.type == "ERROR":
                # Which of these words the name is, is not known.
                for word in re.findall(r"\w+", self.source.raw(child)):
                    self._typedefs.setdefault(word, []).append(child)
        for declarator in node.children_by_field_name("declarator"):
            if name := declared_name(declarator):
                self._typedefs.setdefault(self.source.raw(name), []).append(declarator)

    def _index_specifier(self, node: Node) -> None:
        if node.type not in _SPECIFIERS:
            return
        body = node.child_by_field_name("body")
        if body is None:
            return
        if node.type == "enum_specifier":
            if tag := node.child_by_field_name("name"):
                self._enums.setdefault(self.source.raw(tag), []).append(node)
            for part in _below(body):
                if part.type == "enumerator":
                    name = part.child_by_field_name("name")
                    assert name is not None
                    self._enumerators.setdefault(self.source.raw(name), []).append(part)
                elif part.type == "ERROR":
                    for word in re.findall(r"\w+", self.source.raw(part)):
                        self._enumerators.setdefault(word, []).append(part)
            return
        self._bodies.setdefault(self._tag(node), []).append(node)
        for member in children(body):
            nested = member.child_by_field_name("type")
            if nested is not None:
                self._index_specifier(nested)

    # Conditions

    def _holding(self, node: Node | None) -> frozenset[Condition]:
        """What holds of the configuration wherever the node is part of the text."""
        return self._conditionals.holding(node.start_byte) if node is not None else frozenset()

    def _possible(self, found: list[Node], use: Node | None) -> list[Node]:
        """The definitions that some configuration has in which `use` is part of the text."""
        if not found:
            return []
        where = self._holding(use)
        return [n for n in found if not contradict(self._holding(n), where)]

    def _is_sure(self, found: list[Node], use: Node | None) -> bool:
        """True if every configuration in which `use` is part of the text has one of them."""
        if not found:
            return False
        where = self._holding(use)
        return any(self._holding(n) <= where for n in found)

    def _conditional(self, name: str, definition: Node, use: Node | None) -> AmbiguousFunctionError:
        line = definition.start_point.row + 1
        return AmbiguousFunctionError(
            f"{name} is defined in some configurations only (line {line})",
            place=self.source.place(definition if use is None else use),
        )

    def _several(self, what: str, found: list[Node]) -> AmbiguousFunctionError:
        lines = ", ".join(str(node.start_point.row + 1) for node in found)
        return AmbiguousFunctionError(
            f"{self.source.name} defines {what} in several ways (lines {lines})",
            place=self.source.place(found[-1]),
        )

    # Types

    def specified(self, node: Node) -> Type:
        """The type that a specifier names: `unsigned long`, `struct page`, `u64`."""
        place = self.source.place(node)
        self._check_specifier(node)
        text = self.source.folded(node)
        if node.type in ("primitive_type", "type_identifier", "sized_type_specifier"):
            if text == "void":
                return VOID
            if node.type != "sized_type_specifier":
                named = self.typedef(text, node)
                if named is not None:
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

    def _check_specifier(self, node: Node) -> None:
        """Refuse what is written as one type and means another."""
        named = node.child_by_field_name("name") if node.type in _SPECIFIERS else node
        for word in self.source.raw(named).split() if named is not None else ():
            if self.is_macro(word, node):
                raise UnsupportedCError(
                    f"not understood: {word} is a macro of the text",
                    place=self.source.place(node),
                    fix="write out what it stands for",
                )
        for sibling in node.parent.children if node.parent is not None else ():
            if sibling.type == "attribute_specifier" and changes_type(self.source.raw(sibling)):
                raise UnsupportedCError(
                    f"not understood: the attribute {self.source.folded(sibling)[:40]}",
                    place=self.source.place(sibling),
                )

    def typedef(self, name: str, use: Node | None) -> Type | None:
        """The type of that name where `use` is, or None if it is no typedef."""
        found = self._possible(self._typedefs.get(name, []), use)
        if found and name in self._open:
            return None
        types = {self._aliased(name, node) for node in found}
        if not self._is_sure(found, use):
            other = (
                TYPEDEFS.get(name) if self._base is None else self._base.typedef(name, self._use)
            )
            if not found:
                return other
            if other is None:
                raise self._conditional(name, found[0], use)
            types.add(other)
        if len(types) > 1:
            raise self._several(f"the type {name}", found)
        return types.pop()

    def _aliased(self, name: str, declarator: Node) -> Type:
        node = declarator.parent
        assert node is not None
        type_ = node.child_by_field_name("type")
        assert type_ is not None
        if any(child.type == "ERROR" or child.is_missing for child in node.children):
            raise CSyntaxError(
                f"the definition of {name} could not be parsed", place=self.source.place(node)
            )
        # Those of a struct that is defined here are the struct's.
        if type_.child_by_field_name("body") is None and may_change_size(self._code(node)):
            raise UnsupportedCError(
                f"not understood: the type {name} has an attribute", place=self.source.place(node)
            )
        self._open.add(name)
        try:
            return self.declared(self.specified(type_), declarator)[1]
        finally:
            self._open.discard(name)

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
        self._check_body(type_)
        return self.declared(self.specified(type_), descriptor.child_by_field_name("declarator"))[1]

    def _check_body(self, specifier: Node) -> None:
        """Refuse a type that is defined where it is known nowhere else."""
        if specifier.child_by_field_name("body") is not None:
            raise UnsupportedCError(
                "not understood: a type defined inside a function",
                place=self.source.place(specifier),
                fix="move it to file scope",
            )

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
            self._check_body(type_)
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
            tag = self.source.raw(name) if name else ""
            if (known := self._named_enum(tag, node)) is not None:
                return known
            raise UnknownTypeError(
                f"the type enum {tag} is not known", place=self.source.place(node)
            )
        self._check_enum(node)
        if not self._is_plain(node):
            raise UnsupportedCError(
                "not understood: the type of an enum with an attribute or a type of its own",
                place=self.source.place(node),
            )
        # gcc makes an enum without negative enumerators unsigned int; its enumerators stay int.
        values = [self._enumerator(e).value for e in children(body)]
        return INT if any(v < 0 for v in values) else UINT

    def _named_enum(self, name: str, use: Node | None) -> IntType | None:
        found = self._possible(self._enums.get(name, []), use)
        types = {self._enum_type(node) for node in found}
        if len(types) > 1:
            raise self._several(f"enum {name}", found)
        if types:
            return types.pop()
        return None if self._base is None else self._base._named_enum(name, self._use)

    def _check_enum(self, node: Node) -> None:
        """Refuse an enum of which the text does not tell the list."""
        body = node.child_by_field_name("body")
        assert body is not None
        for child in children(body):
            if child.type.startswith("preproc_"):
                raise UnsupportedCError(
                    f"not understood: a preprocessor line inside an enum: "
                    f"{self.source.folded(child)[:40]}",
                    place=self.source.place(child),
                    fix="cut the text down to the configuration that you mean",
                )
        if body.has_error:
            raise CSyntaxError("the enum could not be parsed", place=self.source.place(node))

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
        complete = tag in COMPLETE if self._base is None else self._is_plain(bodies[0])
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
        outside = self._code(node, without=specifier)
        if may_change_size(outside) or any(c.type.startswith("ms_") for c in children(node)):
            refusal = "it has an attribute"
        declarators = node.children_by_field_name("declarator")
        if not declarators and isinstance(base, StructType) and not refusal:
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

    def _code(self, node: Node, without: Node | None = None) -> str:
        """The text of the node without comments, or of what of it is not in another."""
        code = self._conditionals.code
        if without is None:
            return code[node.start_byte : node.end_byte].decode()
        front, behind = code[node.start_byte : without.start_byte], code[without.end_byte :]
        return (front + behind[: node.end_byte - without.end_byte]).decode()

    def _is_plain(self, specifier: Node) -> bool:
        """True if no attribute or pragma lays the struct or enum out in another way."""
        body, parent = specifier.child_by_field_name("body"), specifier.parent
        assert body is not None
        code = self._conditionals.code
        stop = code.find(b";", body.end_byte)
        front = code[specifier.start_byte : body.start_byte].decode()
        behind = code[body.end_byte : stop].decode() if stop >= 0 else ""
        named = parent is not None and parent.type == "type_definition"
        return not self._packs and is_plain(front, behind, self.macros, named=named)

    def size_of(self, type_: Type, place: Place) -> int:
        """Sizeof. Raises for types whose size is not known."""
        if isinstance(type_, ArrayType) and type_.length is None:
            raise UnknownTypeError(
                f"the size of {type_} is not known", place=place, fix="write the number itself"
            )
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

    def _defined(self, name: str, use: Node | None) -> list[Node]:
        """Where the text may have defined a macro of that name, or undefined it, before `use`."""
        before = [
            m for m in self.macros.get(name, []) if use is None or m.start_byte < use.start_byte
        ]
        return self._possible(before, use)

    def is_macro(self, name: str, use: Node | None) -> bool:
        """True if the text may have defined a macro of that name before the node."""
        if self._use is not None and self._base is not None:
            return self._base.is_macro(name, self._use)
        return bool(self._defined(name, use))

    def constant(self, name: str, use: Node | None) -> Const | None:
        """The value of a macro or an enumerator, or None if the name is neither.

        A macro counts from its definition on; `use` is where it is used.
        """
        defined = self._defined(name, use)
        if not defined:
            return self._declared_constant(name, use)
        assert use is not None
        if len(defined) > 1 or self._is_sure(defined, use):
            return self._macro(name, defined, use)
        value, other = self._macro(name, defined, use), self._declared_constant(name, use)
        if other is None or (value.value, value.type) != (other.value, other.type):
            raise self._conditional(name, defined[0], use)
        return value

    def _declared_constant(self, name: str, use: Node | None) -> Const | None:
        """The value of an enumerator, or of a constant of the kernel."""
        found = self._possible(self._enumerators.get(name, []), use)
        constants = [self._enumerator(node) for node in found]
        if not self._is_sure(found, use):
            other = self._given_constant(name)
            if not found:
                return other
            if other is None:
                raise self._conditional(name, found[0], use)
            constants.append(other)
        if len({(constant.value, constant.type) for constant in constants}) > 1:
            raise self._several(f"the constant {name}", found)
        return constants[0]

    def _given_constant(self, name: str) -> Const | None:
        if self._base is None:
            return CONSTANTS.get(name)
        # A variable or a function of the text that is named like a constant of the kernel.
        if name in self._declared or name in self.functions:
            return None
        self.used_page_size |= name in PAGE_CONSTANTS
        return self._base.constant(name, self._use)

    def replacement(self, name: str, use: Node) -> str:
        """What a macro that is defined before `use` stands for."""
        if self._use is not None and self._base is not None:
            return self._base.replacement(name, self._use)
        defined = self._defined(name, use)
        text = self._body(name, defined, use)
        if not self._is_sure(defined, use):
            raise self._conditional(name, defined[0], use)
        return text

    def _body(self, name: str, defined: list[Node], use: Node) -> str:
        if len(defined) > 1 or re.match(r"#\s*undef", self.source.raw(defined[0])):
            raise ConstantValueError(
                f"the macro {name} is defined or undefined twice", place=self.source.place(use)
            )
        if defined[0].type != "preproc_def":
            raise self._not_constant(name, use)
        body = defined[0].child_by_field_name("value")
        text = self._code(body) if body is not None else ""
        return re.sub(r"\\\r?\n", " ", text).strip()

    def _not_constant(self, name: str, use: Node, why: str = "") -> ConstantValueError:
        return ConstantValueError(
            f"the macro {name} is not a plain constant{why}",
            place=self.source.place(use),
            fix="define it as a number, or as an expression in parentheses",
        )

    def _macro(self, name: str, defined: list[Node], use: Node) -> Const:
        text = self._body(name, defined, use)
        if name in self._open:
            raise ConstantValueError(
                f"the macro {name} is defined by itself", place=self.source.place(use)
            )
        inner = SourceFile(self.source.name, f"long macro = {text};")
        root = parse(inner)
        node = next((n for n in _below(root) if n.type == "init_declarator"), None)
        value = node.child_by_field_name("value") if node is not None else None
        if (
            root.has_error
            or value is None
            or value.type not in (*_WHOLE, *_CONSTANT_WORDS)
            or inner.raw(value) != text
        ):
            raise self._not_constant(name, use)
        self._check_locals(name, value, inner, use)
        scope = Declarations(inner, self._fold, self, root=root, use=use)
        scope._open = self._open
        self._open.add(name)
        try:
            folded = self._fold(value, scope)
        except StaleproofError as error:
            raise self._not_constant(name, use, f": {error.message}") from error
        finally:
            self._open.discard(name)
        return Const(folded.value, folded.type, name)

    def _check_locals(self, name: str, value: Node, inner: SourceFile, use: Node) -> None:
        """Refuse a macro that names what is a local where it is used."""
        function: Node | None = use
        while function is not None and function.type != "function_definition":
            function = function.parent
        if function is None:
            return
        if function.start_byte not in self._locals:
            self._locals[function.start_byte] = frozenset(self._local_names(function))
        for node in _below(value):
            named = inner.raw(node)
            if (
                node.type in ("identifier", "type_identifier")
                and named in self._locals[function.start_byte]
            ):
                raise ConstantValueError(
                    f"the macro {name} names {named}, which is a local of the function as well",
                    place=self.source.place(use),
                    fix="rename the local",
                )

    def _local_names(self, function: Node) -> Iterator[str]:
        for node in _below(function):
            if node.type in ("declaration", "parameter_declaration"):
                for declarator in node.children_by_field_name("declarator"):
                    if name := declared_name(declarator):
                        yield self.source.raw(name)

    def _enumerator(self, node: Node) -> Const:
        list_ = node.parent
        while list_ is not None and list_.type != "enum_specifier":
            list_ = list_.parent
        assert list_ is not None
        self._check_enum(list_)
        name = node.child_by_field_name("name")
        assert name is not None
        value, spelled = self._number(node), self.source.raw(name)
        if not INT.holds(value):
            raise ConstantValueError(
                f"the enumerator {spelled} is {value}, which does not fit into an int",
                place=self.source.place(node),
                fix=f"define {spelled} as a macro",
            )
        return Const(value, INT, spelled)

    def _number(self, node: Node) -> int:
        before: Node | None = node
        steps = 0
        while before is not None:
            if before.type == "enumerator":
                value = before.child_by_field_name("value")
                if value is not None:
                    return self._fold(value, self).value + steps
                steps += 1
            before = before.prev_named_sibling
        return steps - 1

    def prototypes(self, name: str) -> tuple[FunctionType, ...]:
        """The prototypes of the function: its definition's, or those declared."""
        declared = [
            (node.child_by_field_name("type"), node.child_by_field_name("declarator"))
            for node in self.functions.get(name, [])
        ] or list(self._declared.get(name, []))
        found: list[FunctionType] = []
        for specifier, declarator in declared:
            assert specifier is not None
            type_ = self.declared(self.specified(specifier), declarator)[1]
            if isinstance(type_, FunctionType) and type_ not in found:
                found.append(type_)
        # Those of the kernel's own list differ from version to version.
        if self._base is not None and len({len(t.parameters) for t in found}) < len(found):
            raise self._several(f"{name}()", [s for s, _ in declared if s is not None])
        if found:
            return tuple(found)
        if name in self._given:
            return (self._given[name],)
        return () if self._base is None else self._base.prototypes(name)

    def check_callee(self, name: str, use: Node) -> None:
        """Refuse a call of a function that has a body in one configuration, and in another none."""
        bodies = self.functions.get(name, [])
        if self._is_sure(bodies, use):
            return
        for specifier, _ in self._declared.get(name, []):
            held = self._holding(specifier)
            if any(contradict(held, self._holding(body)) for body in bodies):
                raise self._conditional(f"{name}()", bodies[0], use)

    def variable(self, name: str) -> Global | None:
        """The variable of that name at file scope, or None."""
        declared = self._declared.get(name, [])
        types = [self.declared(self.specified(s), d)[1] for s, d in declared]
        found = {t for t in types if not isinstance(t, FunctionType)}
        # `extern int a[];` and `int a[3];`
        complete = {t for t in found if not isinstance(t, ArrayType) or t.length is not None}
        if len(complete or found) > 1:
            raise self._several(f"the variable {name}", [s for s, _ in declared])
        if found:
            return Global(name, (complete or found).pop())
        return None if self._base is None else self._base.variable(name)


def _below(node: Node) -> list[Node]:
    return [node, *(d for c in node.named_children for d in _below(c))]


@lru_cache(maxsize=1)
def kernel_declarations(fold: Fold) -> Declarations:
    """What the kernel declares: the structs, prototypes and constants known without a text."""
    return Declarations(SourceFile("<kernel>", KERNEL_DECLARATIONS), fold, None)
