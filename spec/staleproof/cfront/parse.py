"""From the text to syntax trees: the parser, the blanks it needs, and the functions of a file.

The kernel's annotations are no C that a parser without headers could place, so they are blanked
out before parsing, byte for byte; positions and shown text come from the text as it was.
"""

from __future__ import annotations

import difflib
import re
from bisect import bisect_right
from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING

from staleproof.cfront.attributes import ATTRIBUTE, HARMLESS, LAYOUT
from staleproof.cfront.conditionals import conditionals
from staleproof.cfront.source import SourceFile
from staleproof.errors import AmbiguousFunctionError, CSyntaxError, FunctionNotFoundError

if TYPE_CHECKING:
    from tree_sitter import Node, Parser

_BLANKED = re.compile(f"{HARMLESS}|{LAYOUT}")
# Where the parser takes no attribute.
_MISPLACED = re.compile(
    rf"\btypedef\b[^;{{}}]*;|\b(?:struct|union|enum)\s+(?:{ATTRIBUTE}\s*)+(?=\w+\s*{{|{{)"
)
_DIRECTIVE = re.compile(r"^[ \t]*#(?:\\\n|[^\n])*", re.MULTILINE)
# A macro that an expression could use, of the text's own.
_VALUE = re.compile(
    r"^[ \t]*#[ \t]*define[ \t]+(\w+)(?:\([^()]*\))?[ \t]+[-+~!(\d\']", re.MULTILINE
)
# Two words that name a type are no argument of a call, for a parser that knows no macros.
_TYPE_ARGUMENT = re.compile(
    r"(?<=_t\()( *)((?:unsigned|signed|long|short|int|char)(?: +(?:long|short|int|char))+)(?= *,)"
)


@lru_cache(maxsize=1)
def _parser() -> Parser:
    # Imported here, so that importing the package costs no parser.
    import tree_sitter_c
    from tree_sitter import Language, Parser

    return Parser(Language(tree_sitter_c.language()))


def parse(source: SourceFile) -> Node:
    """The syntax tree of the text. What did not parse is in it as ERROR and MISSING nodes."""
    text = conditionals(source.data).live().decode()
    values = {match[1] for match in _VALUE.finditer(text)}
    lines = [match.span() for match in _DIRECTIVE.finditer(text)]
    starts = [start for start, _ in lines]

    def blank_annotation(match: re.Match[str]) -> str:
        line = bisect_right(starts, match.start()) - 1
        in_directive = line >= 0 and match.start() < lines[line][1]
        if in_directive or re.split(r"\W", match[0])[0] in values:
            return match[0]
        return _blank(match)

    text = _BLANKED.sub(blank_annotation, text)
    text = _MISPLACED.sub(lambda m: re.sub(ATTRIBUTE, _blank, m[0]), text)
    text = _TYPE_ARGUMENT.sub(lambda m: m[1] + m[2].replace(" ", "_"), text)
    return _parser().parse(text.encode()).root_node


def _blank(match: re.Match[str]) -> str:
    return re.sub(r"[^\n]", lambda c: " " * len(c[0].encode()), match[0])


def children(node: Node) -> list[Node]:
    """The named children, comments aside."""
    return [c for c in node.named_children if c.type != "comment"]


def items(root: Node) -> Iterator[Node]:
    """The definitions and declarations at file scope, those between #if and #endif too."""
    for node in children(root):
        if (
            node.type.startswith("preproc_")
            and node.type
            not in (
                "preproc_def",
                "preproc_function_def",
                "preproc_call",
                "preproc_include",
            )
        ) or node.type == "linkage_specification":
            yield from items(node)
        else:
            yield node


def declared_name(declarator: Node | None) -> Node | None:
    """The identifier inside a declarator, past pointers, arrays, parameters and initialisers."""
    while declarator is not None and declarator.type not in (
        "identifier",
        "field_identifier",
        "type_identifier",
    ):
        inner = declarator.child_by_field_name("declarator")
        if inner is None and declarator.type in (
            "parenthesized_declarator",
            "attributed_declarator",
        ):
            inner = next(iter(children(declarator)), None)
        declarator = inner
    return declarator


def find_function(
    functions: dict[str, list[Node]], name: str, root: Node, source: SourceFile
) -> Node:
    """The definition of the function. Raises if there is none, or more than one."""
    found = functions.get(name, [])
    if len(found) > 1:
        lines = ", ".join(str(node.start_point.row + 1) for node in found)
        raise AmbiguousFunctionError(
            f"{source.name} defines {name} {len(found)} times (lines {lines})",
            place=source.place(declared_name(found[1].child_by_field_name("declarator")) or root),
        )
    if found:
        return found[0]
    broken = _broken_definition(root, name, source)
    if broken is not None:
        raise CSyntaxError(
            f"the definition of {name} could not be parsed", place=source.place(broken)
        )
    near = difflib.get_close_matches(name, functions, n=len(functions) or 1, cutoff=0.0)
    listed = ", ".join(near[:12]) + (", ..." if len(near) > 12 else "")
    raise FunctionNotFoundError(
        f"{source.name} defines no function {name}",
        fix=f"name one of its functions: {listed}" if near else "it defines no function at all",
    )


def check_syntax(node: Node, source: SourceFile) -> None:
    """Raise at the first thing below the node that did not parse."""
    if not node.has_error:
        return
    for child in node.children:
        if child.is_missing:
            raise CSyntaxError(f"expected {child.type} here", place=source.place(child))
        if child.type == "ERROR":
            raise CSyntaxError(
                f"could not parse {source.folded(child)[:60]}", place=source.place(child)
            )
        check_syntax(child, source)


def _broken_definition(root: Node, name: str, source: SourceFile) -> Node | None:
    """A place where the name is followed by parameters and a body, but not in a function node."""
    match = re.search(
        rf"^(?:[A-Za-z_][\w \t*]*)?\b{re.escape(name)}\s*\([^;{{}}]*\)\s*\{{",
        source.text,
        re.MULTILINE,
    )
    if match is None:
        return None
    start = len(source.text[: match.start()].encode())
    offset = start + len(source.text[match.start() : match.end()].encode().partition(b"(")[0]) - 1
    if conditionals(source.data).dead(offset):
        return None
    return root.descendant_for_byte_range(offset, offset)
