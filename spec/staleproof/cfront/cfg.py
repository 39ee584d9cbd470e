"""Statements: from the body of one function to its control-flow graph."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from staleproof.cfront import choices, conversions
from staleproof.cfront.assumptions import LP64, PAGE_SIZE_4K, WRAPS
from staleproof.cfront.declarations import Declarations
from staleproof.cfront.effects import descendants
from staleproof.cfront.graph import Graph, Label
from staleproof.cfront.ir import (
    Assign,
    Binary,
    Check,
    Const,
    Declare,
    Expr,
    Function,
    Load,
    Local,
)
from staleproof.cfront.parse import check_syntax, children
from staleproof.cfront.types import (
    INT,
    ArrayType,
    FunctionType,
    IntType,
    PointerType,
    StructType,
    Type,
    VoidType,
)
from staleproof.cfront.values import Expressions, folded
from staleproof.errors import CTypeError, LabelError, UnsupportedCError

if TYPE_CHECKING:
    from tree_sitter import Node


@dataclass(slots=True)
class _Exits:
    """Where break and continue go; None where there is nothing to leave or to continue."""

    on_break: Label | None = None
    on_continue: Label | None = None


@dataclass(slots=True)
class _GotoLabel:
    target: Label
    stands_at: Node | None = None
    gotos: list[Node] = field(default_factory=list)


@dataclass(slots=True)
class Statements:
    """Lowers the statements of one function into its graph."""

    x: Expressions
    returns: Type
    jumps_into_blocks: bool
    labels: dict[str, _GotoLabel] = field(default_factory=dict)
    exits: list[_Exits] = field(default_factory=lambda: [_Exits()])
    declared: list[list[tuple[Node, Local]]] = field(default_factory=lambda: [[]])
    """What each open block has declared, innermost last."""

    @property
    def graph(self) -> Graph:
        return self.x.graph

    def at(self, node: Node) -> None:
        """What is added next comes from this piece of the text."""
        self.graph.place, self.graph.text = self.x.place(node), self.x.text(node)

    def statement(self, node: Node) -> None:
        """Any one statement."""
        match node.type:
            case "compound_statement":
                with self._block(fresh=_has_label(node)):
                    for child in children(node):
                        self.statement(child)
            case "expression_statement":
                self.at(node)
                for child in children(node):
                    self.x.effect(child)
            case "declaration":
                self.declaration(node)
            case "if_statement":
                self._if(node)
            case "while_statement":
                self._while(node)
            case "do_statement":
                self._do(node)
            case "for_statement":
                self._for(node)
            case "switch_statement":
                self._switch(node)
            case "labeled_statement":
                self._labelled(node)
            case "goto_statement":
                self._goto(node)
            case "break_statement" | "continue_statement":
                self._leave_loop(node)
            case "return_statement":
                self._return(node)
            case ";":
                pass
            case _:
                raise self._refusal(node)

    def _refusal(self, node: Node) -> UnsupportedCError:
        if node.type.startswith("preproc_"):
            return self.x.refuse(
                node,
                f"a preprocessor line inside the function: {self.x.text(node)[:40]}",
                "keep the lines of the configuration that you mean",
            )
        if node.type == "case_statement":
            return self.x.refuse(node, "a case label inside another statement")
        return self.x.refuse(node, f"{node.type.replace('_', ' ')}: {self.x.text(node)[:60]}")

    @contextmanager
    def _block(self, *, fresh: bool) -> Iterator[None]:
        """A scope for what the block declares. `fresh`: there are ways in it past declarations, so
        none of its locals may have a value from when it was run before.
        """
        self.x.scope.open()
        self.declared.append([])
        begin, start, end = Label(), Label(), Label()
        if fresh:
            # What the block declares is known at its end.
            self.graph.jump(begin)
            self.graph.bind(start)
        yield
        self.x.scope.close()
        declared = self.declared.pop()
        if fresh:
            self.graph.jump(end)
            self.graph.bind(begin)
            for node, local in declared:
                self.at(node)
                self.graph.add(Declare(local))
            self.graph.jump(start)
            self.graph.bind(end)

    # Declarations

    def declaration(self, node: Node) -> None:
        """Local variables, each with its initialiser if it has one."""
        x = self.x
        for child in node.children:
            if child.type == "storage_class_specifier" and x.text(child) not in ("register",):
                raise x.refuse(child, f"a local that is {x.text(child)}")
            if child.type in ("attribute_specifier", "ms_declspec_modifier"):
                raise x.refuse(child, f"the attribute {x.text(child)[:40]}")
        x.file.check_qualifiers(node)
        specifier = x.part(node, "type")
        if specifier.child_by_field_name("body") is not None:
            raise x.refuse(specifier, "a type defined inside a function", "move it to file scope")
        name = x.text(specifier)
        if specifier.type == "type_identifier" and x.scope.find(name) is not None:
            raise x.refuse(node, f"{name} is no type: {x.text(node)[:60]}")
        base = x.file.specified(specifier)
        declarators = node.children_by_field_name("declarator")
        for declarator in declarators:
            self.at(node if len(declarators) == 1 else declarator)
            self._declarator(base, declarator)

    def _declarator(self, base: Type, declarator: Node) -> None:
        x = self.x
        name, type_ = x.file.declared(base, declarator)
        if name is None:
            raise x.refuse(declarator, "a declaration without a name")
        if isinstance(type_, ArrayType | FunctionType | VoidType) or (
            isinstance(type_, StructType) and not x.is_opaque(type_)
        ):
            raise x.refuse(
                declarator,
                f"the local {x.text(name)} of type {type_}",
                "only integers and pointers can be locals; pass a pointer to it as a parameter",
            )
        spelled = x.text(name)
        if x.file.is_macro(spelled, name):
            raise x.refuse(name, f"{spelled} is a local here, and a macro of the text")
        value_node = declarator.child_by_field_name("value")
        local = x.scope.declare(spelled, type_, x.place(name))
        self.declared[-1].append((declarator, local))
        if value_node is None or self.jumps_into_blocks:
            x.scope.uninitialised.add(local.name)
        if value_node is None:
            self.graph.add(Declare(local))
            return
        # `int a = a;` reads itself, and would be initialised by what it does not have yet.
        if spelled in (x.text(d) for d in descendants(value_node) if d.type == "identifier"):
            x.scope.uninitialised.add(local.name)
            self.graph.add(Declare(local))
        value = x.converted(value_node, type_)
        if not self.graph.retarget(value, local):
            self.graph.add(Assign(local, value))

    # Branches and loops

    def _if(self, node: Node) -> None:
        yes, no, done = Label(), Label(), Label()
        self._test(node, yes, no)
        self.graph.bind(yes)
        self.statement(self.x.part(node, "consequence"))
        otherwise = node.child_by_field_name("alternative")
        if otherwise is not None:
            self.graph.jump(done)
        self.graph.bind(no)
        if otherwise is not None:
            for child in children(otherwise):
                self.statement(child)
        self.graph.bind(done)

    def _test(self, node: Node, if_true: Label, if_false: Label) -> None:
        condition = self.x.part(node, "condition")
        self.at(self.x.unwrapped(condition))
        choices.condition(self.x, condition, if_true, if_false)

    def _body(self, node: Node, on_break: Label, on_continue: Label) -> None:
        self.exits.append(_Exits(on_break, on_continue))
        self.statement(self.x.part(node, "body"))
        self.exits.pop()

    def _while(self, node: Node) -> None:
        again, body, done = Label(), Label(), Label()
        self.graph.bind(again)
        self._test(node, body, done)
        self.graph.bind(body)
        self._body(node, done, again)
        self.graph.jump(again)
        self.graph.bind(done)

    def _do(self, node: Node) -> None:
        body, test, done = Label(), Label(), Label()
        self.graph.bind(body)
        self._body(node, done, test)
        self.graph.bind(test)
        self._test(node, body, done)
        self.graph.bind(done)

    def _for(self, node: Node) -> None:
        with self._block(fresh=False):
            self._loop(node)

    def _loop(self, node: Node) -> None:
        again, body, update, done = Label(), Label(), Label(), Label()
        initializer = node.child_by_field_name("initializer")
        if initializer is not None:
            if initializer.type == "declaration":
                self.declaration(initializer)
            else:
                self.at(initializer)
                self.x.effect(initializer)
        self.graph.bind(again)
        if node.child_by_field_name("condition") is not None:
            self._test(node, body, done)
        self.graph.bind(body)
        self._body(node, done, update)
        self.graph.bind(update)
        step = node.child_by_field_name("update")
        if step is not None:
            self.at(step)
            self.x.effect(step)
        self.graph.jump(again)
        self.graph.bind(done)

    def _switch(self, node: Node) -> None:
        condition, body = self.x.part(node, "condition"), self.x.part(node, "body")
        self.at(self.x.unwrapped(condition))
        value = conversions.to_promoted(
            self.x.scalar(condition, INT), "switch", self.x.place(condition)
        )
        if not (isinstance(value, Load) and isinstance(value.lvalue, Local)):
            value = Load(self.graph.saved(value))
        cases = children(body)
        if body.type != "compound_statement" or any(c.type != "case_statement" for c in cases):
            raise self.x.refuse(
                next((c for c in cases if c.type != "case_statement"), body),
                "a switch with statements in front of its cases",
            )
        done = Label()
        self.exits.append(_Exits(done, self.exits[-1].on_continue))
        with self._block(fresh=any(map(_declares, cases))):
            targets = self._dispatch(cases, value, done)
            for case, target in zip(cases, targets, strict=True):
                self.graph.bind(target)
                label = case.child_by_field_name("value")
                for child in children(case):
                    if label is None or child.id != label.id:
                        self.statement(child)
        self.exits.pop()
        self.graph.bind(done)

    def _dispatch(self, cases: list[Node], value: Expr, done: Label) -> list[Label]:
        """The comparisons with all cases, in the order of the text; default comes last."""
        targets = [Label() for _ in cases]
        otherwise = done
        seen: set[int] = set()
        for case, target in zip(cases, targets, strict=True):
            label = case.child_by_field_name("value")
            if label is None:
                if otherwise is not done:
                    raise LabelError("two default labels in one switch", place=self.x.place(case))
                otherwise = target
                continue
            constant = self._case(label, value)
            if constant.value in seen:
                raise LabelError(
                    f"case {self.x.text(label)} occurs twice", place=self.x.place(label)
                )
            seen.add(constant.value)
            following = Label()
            self.graph.place = self.x.place(label)
            self.graph.text = f"case {self.x.text(label)}"
            self.graph.fork(Binary("==", value, constant, INT), target, following)
            self.graph.bind(following)
        self.graph.jump(otherwise)
        return targets

    def _case(self, label: Node, value: Expr) -> Const:
        mark = self.graph.mark()
        expr = self.x.scalar(label)
        if self.graph.grown_since(mark):
            raise self.x.refuse(label, "a case label that is no constant")
        constant = folded(expr, self.x.place(label))
        assert isinstance(value.type, IntType)
        return Const(value.type.wrap(constant.value), value.type, self.x.text(label))

    # Jumps

    def _label(self, name: str) -> _GotoLabel:
        return self.labels.setdefault(name, _GotoLabel(Label()))

    def _labelled(self, node: Node) -> None:
        name_node = self.x.part(node, "label")
        label = self._label(self.x.text(name_node))
        if label.target.index is not None:
            raise LabelError(
                f"the label {self.x.text(name_node)} is defined twice",
                place=self.x.place(name_node),
            )
        self.graph.bind(label.target)
        label.stands_at = node
        for child in children(node):
            if child.id != name_node.id:
                self.statement(child)

    def _goto(self, node: Node) -> None:
        name_node = self.x.part(node, "label")
        label = self._label(self.x.text(name_node))
        label.gotos.append(name_node)
        self.at(node)
        self.graph.jump(label.target)

    def _leave_loop(self, node: Node) -> None:
        exits = self.exits[-1]
        target = exits.on_break if node.type == "break_statement" else exits.on_continue
        if target is None:
            raise LabelError(f"{node.children[0].type} outside of a loop", place=self.x.place(node))
        self.at(node)
        self.graph.jump(target)

    def _return(self, node: Node) -> None:
        self.at(node)
        parts = children(node)
        if isinstance(self.returns, VoidType):
            if parts:
                self.x.effect(parts[0])
            self.graph.leave(None)
            return
        if not parts:
            raise CTypeError("return without a value", place=self.x.place(node))
        self.graph.leave(self.x.converted(parts[0], self.returns))

    def finish(self, body: Node) -> None:
        """End the function at its last brace, and see that every goto has its label."""
        for name, label in self.labels.items():
            if label.stands_at is None:
                raise LabelError(f"no label {name}", place=self.x.place(label.gotos[0]))
            for goto in label.gotos:
                if _enters_scope(goto, label.stands_at):
                    raise self.x.refuse(goto, f"a jump to {name}, past declarations of its block")
        self.at(body.children[-1])
        if isinstance(self.returns, VoidType):
            self.graph.leave(None)
            return
        self.graph.add(Check("missing return", Const(1, INT)))
        assert isinstance(self.returns, IntType | PointerType)
        self.graph.leave(Const(0, self.returns))


def _has_label(node: Node) -> bool:
    return any(d.type == "labeled_statement" for d in descendants(node))


def _declares(node: Node) -> bool:
    """Whether the block, the case or the head of the loop declares locals itself."""
    return any(c.type == "declaration" for c in children(node))


def _enters_scope(goto: Node, label: Node) -> bool:
    """Whether a jump from one to the other gets into a block that has locals."""
    around = {node.id for node in _around(goto)}
    entered = (node for node in _around(label) if node.id not in around)
    return any(_declares(n) or any(map(_declares, _cases(n))) for n in entered)


def _around(node: Node) -> Iterator[Node]:
    """The nodes that the node stands in, innermost first."""
    while node.parent is not None:
        node = node.parent
        yield node


def _cases(node: Node) -> list[Node]:
    return [c for c in children(node) if c.type == "case_statement"]


def function_graph(node: Node, file: Declarations) -> Function:
    """The graph of one function definition, its calls of other functions not inlined."""
    source = file.source
    check_syntax(node, source)
    _check_tokens(node, file)
    specifier, body = node.child_by_field_name("type"), node.child_by_field_name("body")
    assert specifier is not None
    assert body is not None
    for child in children(node):
        if child.type == "declaration":
            raise UnsupportedCError(
                "not understood: parameters without types", place=source.place(child)
            )
    name_node, type_ = file.declared(
        file.specified(specifier), node.child_by_field_name("declarator")
    )
    assert name_node is not None
    assert isinstance(type_, FunctionType)
    name, place = source.raw(name_node), source.place(name_node)
    if isinstance(type_.returns, StructType):
        raise UnsupportedCError(f"not understood: {name} returns {type_.returns}", place=place)
    if type_.variadic:
        raise UnsupportedCError(f"not understood: {name} has variable arguments", place=place)
    x = Expressions(file, Graph(name, place), aliased=_address_taken(node, file))
    parameters = _parameters(node, file, x)
    jumps = any(d.type in ("goto_statement", "switch_statement") for d in descendants(body))
    statements = Statements(x, type_.returns, jumps)
    # Not as a block of its own: a local with the name of a parameter is an error.
    for child in children(body):
        statements.statement(child)
    statements.finish(body)
    for note in (LP64, WRAPS, *((PAGE_SIZE_4K,) if file.used_page_size else ())):
        x.note(note)
    return Function(
        name,
        parameters,
        type_.returns,
        tuple(x.scope.declared[len(parameters) :]) + tuple(x.graph.temporaries),
        0,
        x.graph.nodes(),
        place,
        (),
        tuple(x.notes[key] for key in sorted(x.notes)),
    )


def _parameters(node: Node, file: Declarations, x: Expressions) -> tuple[Local, ...]:
    declarator = node.child_by_field_name("declarator")
    while declarator is not None and declarator.type != "function_declarator":
        declarator = declarator.child_by_field_name("declarator")
    assert declarator is not None
    found: list[Local] = []
    for name, type_ in file.parameters(declarator):
        if name is None:
            raise UnsupportedCError(
                "not understood: a parameter without a name", place=file.source.place(node)
            )
        if isinstance(type_, StructType) and not x.is_opaque(type_):
            raise UnsupportedCError(
                f"not understood: a parameter of type {type_}", place=file.source.place(name)
            )
        spelled = file.source.raw(name)
        if file.is_macro(spelled, name):
            raise UnsupportedCError(
                f"not understood: {spelled} is a parameter here, and a macro of the text",
                place=file.source.place(name),
            )
        found.append(x.scope.declare(spelled, type_, file.source.place(name)))
    return tuple(found)


def _address_taken(node: Node, file: Declarations) -> frozenset[str]:
    """The names that occur behind a `&`, the binary one included: `(u64)&x` parses as one."""
    names: set[str] = set()
    for d in descendants(node):
        if d.type not in ("pointer_expression", "binary_expression"):
            continue
        operator = d.child_by_field_name("operator")
        operand = d.child_by_field_name("argument") or d.child_by_field_name("right")
        while operand is not None and operand.type == "parenthesized_expression":
            operand = next(iter(children(operand)), None)
        if operator is None or operator.type != "&" or operand is None:
            continue
        if operand.type == "identifier":
            names.add(file.source.raw(operand))
    return frozenset(names)


def _check_tokens(node: Node, file: Declarations) -> None:
    """Refuse keywords, types, members and labels that a macro of the text replaces."""
    pending = [node]
    while pending:
        token = pending.pop()
        pending.extend(token.children)
        if token.child_count or token.type in ("identifier", "comment"):
            continue
        spelled = file.source.raw(token)
        if spelled in file.macros and file.is_macro(spelled, token):
            raise UnsupportedCError(
                f"not understood: {spelled} is a macro of the text",
                place=file.source.place(token),
                fix="write out what it stands for",
            )
