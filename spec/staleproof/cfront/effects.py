"""What an expression does besides having a value, read off its syntax tree.

The order of side effects is C's: fixed at `&&`, `||`, `?:` and the comma, open elsewhere. Where two
operands without an order touch the same thing, and one of them changes it, the expression is
undefined and refused.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from tree_sitter import Node

PURE_MACROS = frozenset(
    [
        "likely",
        "unlikely",
        "WARN_ON",
        "WARN_ON_ONCE",
        "WARN",
        "WARN_ONCE",
        "VM_WARN_ON",
        "VM_WARN_ON_ONCE",
        "IS_ERR",
        "PTR_ERR",
        "IS_ERR_OR_NULL",
        "PTR_ERR_OR_ZERO",
        "ERR_PTR",
        "ERR_CAST",
        "min",
        "max",
        "min_t",
        "max_t",
        "READ_ONCE",
        "smp_load_acquire",
        "IS_ENABLED",
    ]
)

# ("local", name), ("member", name), or ("memory", "") for what a pointer or an index reaches.
Thing: TypeAlias = tuple[str, str]
_MEMORY: Thing = ("memory", "")


def descendants(node: Node) -> Iterable[Node]:
    """The node and all below it, outermost first."""
    yield node
    for child in node.named_children:
        yield from descendants(child)


def has_call(node: Node) -> bool:
    """True if evaluating the node calls a function (not only one of the known macros)."""
    return any(d.type == "call_expression" and not _is_pure_macro(d) for d in descendants(node))


def has_effect(node: Node) -> bool:
    """True if evaluating the node calls a function or changes anything."""
    return has_call(node) or bool(writes(node))


def writes(node: Node) -> set[Thing]:
    """What the node itself assigns, `++` and `--` included, calls aside."""
    changed: set[Thing] = set()
    for d in descendants(node):
        if d.type == "assignment_expression":
            changed.add(_thing(d.child_by_field_name("left")))
        elif d.type == "update_expression":
            changed.add(_thing(d.child_by_field_name("argument")))
        elif d.type == "call_expression" and _callee(d) == "WRITE_ONCE":
            changed.add(_MEMORY)
    return changed


def reads(node: Node) -> set[Thing]:
    """What the value of the node may depend on."""
    used: set[Thing] = set()
    for d in descendants(node):
        if d.type in ("identifier", "field_expression", "subscript_expression"):
            used.add(_thing(d))
        elif d.type == "pointer_expression" and d.children[0].type == "*":
            used.add(_MEMORY)
    return used


def conflict(one: Node, other: Node, aliased: frozenset[str]) -> Thing | None:
    """What one of two unordered operands changes and the other changes or reads; or None.

    `aliased` are the locals whose address is taken.
    """
    return _clash(writes(one), writes(other) | reads(other), aliased) or _clash(
        writes(other), writes(one) | reads(one), aliased
    )


def conflict_of_assignment(
    left: Node, right: Node, aliased: frozenset[str], *, reads_left: bool
) -> Thing | None:
    """The same for an assignment, which stores to `left` after both sides have their values.

    `reads_left` is true of `+=` and its like, which read what they store to.
    """
    left = _inside(left)
    stored = _thing(left)
    located = reads(left)
    if not reads_left:
        located = {thing for part in left.named_children for thing in reads(part)}
    changed = writes(right)
    inner = _inside(right)
    if inner.type == "assignment_expression" and inner.child_by_field_name("operator") is not None:
        # `a->x = b->x = 0`: in either order of the two stores both hold 0 in the end.
        target = inner.child_by_field_name("left")
        rest = inner.child_by_field_name("right")
        if target is not None and rest is not None and _thing(target)[0] != "local":
            changed_again = writes(target) | writes(rest)
            return _clash(changed, located, aliased) or _clash(
                writes(left) | changed_again, {stored}, aliased
            )
    return (
        _clash(changed, located | {stored}, aliased)
        or _clash(writes(left), writes(right) | reads(right), aliased)
        or _clash(writes(left), {stored}, aliased)
    )


def _clash(changed: set[Thing], touched: set[Thing], aliased: frozenset[str]) -> Thing | None:
    return next((a for a in sorted(changed) if any(_overlap(a, b, aliased) for b in touched)), None)


def describe(thing: Thing) -> str:
    """The thing as a message names it."""
    kind, name = thing
    return {"local": name, "member": f"the member {name}"}.get(kind, "memory behind a pointer")


def _overlap(a: Thing, b: Thing, aliased: frozenset[str]) -> bool:
    if a == b:
        return True
    kinds = {a[0], b[0]}
    if kinds == {"memory", "member"}:
        return True
    if kinds == {"memory", "local"}:
        return (a if a[0] == "local" else b)[1] in aliased
    return False


def _inside(node: Node) -> Node:
    while node.type == "parenthesized_expression" and node.named_children:
        node = node.named_children[0]
    return node


def _thing(node: Node | None) -> Thing:
    node = None if node is None else _inside(node)
    if node is not None and node.type == "identifier" and node.text is not None:
        return ("local", node.text.decode())
    if node is not None and node.type == "field_expression":
        field = node.child_by_field_name("field")
        if field is not None and field.text is not None:
            return ("member", field.text.decode())
    return _MEMORY


def _callee(node: Node) -> str:
    function = node.child_by_field_name("function")
    if function is None or function.type != "identifier" or function.text is None:
        return ""
    return function.text.decode()


def _is_pure_macro(node: Node) -> bool:
    function = node.child_by_field_name("function")
    # `(u64)(x)` parses as a call, and is a cast.
    if function is not None and function.type == "parenthesized_expression":
        return True
    return _callee(node) in PURE_MACROS
