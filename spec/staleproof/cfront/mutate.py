"""Small wrong variants of one C function: each differs from the text in one place.

The operators: a statement, an initialiser or an else dropped (so each break and goto, too); a
comparison replaced by each of the other five; a truth turned round; an arithmetic, bit or logic
operator by its counterpart; a constant one more, one less, or 0; the integer type of a local or
parameter replaced by another; a cast dropped. What a function returns is left as it is: its callers
convert it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from staleproof.cfront.constants import CONSTANTS
from staleproof.cfront.parse import children, declared_name, find_function, items, parse
from staleproof.cfront.source import SourceFile

if TYPE_CHECKING:
    from tree_sitter import Node


@dataclass(frozen=True, slots=True)
class Mutant:
    """A text that differs from another in one place: `old` stood there, now `new` does.

    The name is function:line:operator:occurrence, the same whenever the text is. The text has as
    many lines as the other.
    """

    name: str
    line: int
    column: int
    old: str
    new: str
    text: str

    @property
    def change(self) -> str:
        """What was changed into what, on one line."""
        return f"{' '.join(self.old.split())} -> {self.new.rstrip()}"


@dataclass(frozen=True, slots=True)
class _Edit:
    """The operator that is applied, and what stands in place of the bytes from start to stop."""

    operator: str
    start: int
    stop: int
    new: str


COMPARISONS = ("<", "<=", ">", ">=", "==", "!=")
INTEGERS = ("int", "unsigned int", "long", "unsigned long")
_COUNTERPART = {
    "&&": "||",
    "||": "&&",
    "&": "|",
    "|": "&",
    "+": "-",
    "-": "+",
    "++": "--",
    "--": "++",
    "+=": "-=",
    "-=": "+=",
    "*": "/",
    "/": "*",
    "<<": ">>",
    ">>": "<<",
}


def mutants(source: SourceFile, function: str) -> tuple[Mutant, ...]:
    """The mutants of one function of the text, in the order of the places that they change.

    Raises FunctionNotFoundError and its kin.
    """
    edits = dict.fromkeys(_edits(_definition(source, function), source))
    ordered = sorted(edits, key=lambda e: (e.start, e.stop))
    seen: Counter[tuple[int, str]] = Counter()
    made = []
    for edit in ordered:
        before = source.data[: edit.start]
        line = before.count(b"\n") + 1
        occurrence = seen[line, edit.operator]
        seen[line, edit.operator] += 1
        made.append(
            Mutant(
                name=f"{function}:{line}:{edit.operator}:{occurrence}",
                line=line,
                column=len(before.rpartition(b"\n")[2].decode()) + 1,
                old=source.data[edit.start : edit.stop].decode(),
                new=edit.new,
                text=(before + edit.new.encode() + source.data[edit.stop :]).decode(),
            )
        )
    return tuple(made)


def text_of(source: SourceFile, function: str) -> str:
    """The text of one function. Raises FunctionNotFoundError and its kin."""
    return source.raw(_definition(source, function))


def _definition(source: SourceFile, function: str) -> Node:
    root = parse(source)
    found: dict[str, list[Node]] = {}
    for node in items(root):
        if node.type == "function_definition":
            name = declared_name(node.child_by_field_name("declarator"))
            if name is not None:
                found.setdefault(source.raw(name), []).append(node)
    return find_function(found, function, root, source)


def _edits(definition: Node, source: SourceFile) -> Iterator[_Edit]:
    for node in _below(definition):
        for operator in _OPERATORS:
            yield from operator(node, source)


def _below(node: Node) -> Iterator[Node]:
    yield node
    for child in children(node):
        yield from _below(child)


def _replaced(operator: str, node: Node, new: str) -> _Edit:
    return _Edit(operator, node.start_byte, node.end_byte, new)


# The operators


def _drop(node: Node, source: SourceFile) -> Iterator[_Edit]:
    """A statement becomes empty; a declaration loses its initialiser, an if its else."""
    if node.type in _STATEMENTS:
        yield _replaced("drop", node, ";" + "\n" * source.raw(node).count("\n"))
    elif node.type == "else_clause":
        yield _replaced("drop-else", node, "\n" * source.raw(node).count("\n"))
    elif node.type == "init_declarator":
        declarator = node.child_by_field_name("declarator")
        if declarator is not None:
            yield _replaced("drop-initialiser", node, source.raw(declarator))


_STATEMENTS = frozenset(
    {
        "expression_statement",
        "return_statement",
        "goto_statement",
        "break_statement",
        "continue_statement",
        "if_statement",
        "while_statement",
        "do_statement",
        "for_statement",
        "switch_statement",
    }
)


def _compare(node: Node, source: SourceFile) -> Iterator[_Edit]:
    """A comparison becomes each of the others."""
    sign = node.child_by_field_name("operator")
    if node.type == "binary_expression" and sign is not None and sign.type in COMPARISONS:
        for other in COMPARISONS:
            if other != sign.type:
                yield _replaced("comparison", sign, other)


def _turn(node: Node, source: SourceFile) -> Iterator[_Edit]:
    """`!x` becomes `x`, and a condition that is no comparison is negated."""
    if node.type == "unary_expression" and source.raw(node).startswith("!"):
        (argument,) = children(node)
        yield _replaced("truth", node, source.raw(argument))
    condition = node.child_by_field_name("condition")
    if condition is not None and condition.type == "parenthesized_expression":
        (inside,) = children(condition)
        if not _is_logical(inside):
            yield _replaced("truth", inside, f"!({source.raw(inside)})")


def _is_logical(node: Node) -> bool:
    sign = node.child_by_field_name("operator")
    return sign is not None and sign.type in {*COMPARISONS, "!", "&&", "||"}


def _swap(node: Node, source: SourceFile) -> Iterator[_Edit]:
    """An operator becomes its counterpart."""
    sign = node.child_by_field_name("operator")
    if (
        node.type in ("binary_expression", "update_expression", "assignment_expression")
        and sign is not None
        and sign.type in _COUNTERPART
    ):
        yield _replaced("operator", sign, _COUNTERPART[sign.type])


def _count(node: Node, source: SourceFile) -> Iterator[_Edit]:
    """A constant becomes one more, one less and 0; true and false change places."""
    text = source.raw(node)
    if node.type in ("true", "false"):
        yield _replaced("constant", node, "false" if node.type == "true" else "true")
    elif node.type == "number_literal" or (node.type == "identifier" and text in CONSTANTS):
        yield _replaced("constant", node, f"({text} + 1)")
        yield _replaced("constant", node, f"({text} - 1)")
        if text != "0":
            yield _replaced("constant", node, "0")


def _retype(node: Node, source: SourceFile) -> Iterator[_Edit]:
    """An integer local or parameter gets each other type of int and long."""
    declared = node.child_by_field_name("type")
    if node.type not in ("declaration", "parameter_declaration") or declared is None:
        return
    type_ = source.folded(declared)
    plain = [c for c in children(node) if c.type in ("identifier", "init_declarator")]
    if type_ in INTEGERS and plain and all(_is_plain(c) for c in plain):
        for other in INTEGERS:
            if other != type_:
                yield _replaced("type", declared, other)


def _is_plain(declarator: Node) -> bool:
    inner = declarator.child_by_field_name("declarator")
    return inner is None or inner.type == "identifier"


def _uncast(node: Node, source: SourceFile) -> Iterator[_Edit]:
    """A cast is dropped."""
    value = node.child_by_field_name("value")
    if node.type == "cast_expression" and value is not None:
        yield _replaced("cast", node, source.raw(value))


_OPERATORS: tuple[Callable[[Node, SourceFile], Iterator[_Edit]], ...] = (
    _drop,
    _compare,
    _turn,
    _swap,
    _count,
    _retype,
    _uncast,
)
