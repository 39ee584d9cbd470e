"""`&&`, `||`, `?:` and `!`: as branches, or as one pure expression where that is the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

from staleproof.cfront import calls, conversions
from staleproof.cfront.effects import has_effect
from staleproof.cfront.graph import Label
from staleproof.cfront.ir import Assign, Conditional, Const, Expr, Load, Local
from staleproof.cfront.types import INT, PointerType, Type

if TYPE_CHECKING:
    from tree_sitter import Node

    from staleproof.cfront.values import Expressions


def fork_effects(x: Expressions, node: Node) -> None:
    """`c ? a : b` as a statement: one of the two is evaluated, and its value dropped."""
    yes, no, done = Label(), Label(), Label()
    condition(x, x.part(node, "condition"), yes, no)
    x.graph.bind(yes)
    x.effect(x.part(node, "consequence"))
    x.graph.jump(done)
    x.graph.bind(no)
    x.effect(x.part(node, "alternative"))
    x.graph.bind(done)


def logical(x: Expressions, node: Node, op: str) -> Expr:
    """`&&` or `||` as a value: one pure expression if its right side can do no harm."""
    if node.id not in x.branching and not has_effect(x.part(node, "right")):
        mark = x.graph.mark()
        left = x.scalar(x.part(node, "left"), INT)
        inner = x.graph.mark()
        right = x.scalar(x.part(node, "right"), INT)
        if not x.graph.grown_since(inner) and not x.can_go_wrong(right):
            truth = conversions.not_zero(right)
            if op == "&&":
                return Conditional(left, truth, Const(0, INT), INT, "&&")
            return Conditional(left, Const(1, INT), truth, INT, "||")
        x.graph.roll_back(mark)
    x.branching.add(node.id)
    return _truth_by_branches(x, node)


def _truth_by_branches(x: Expressions, node: Node) -> Expr:
    yes, no, done = Label(), Label(), Label()
    result = x.graph.temporary(INT)
    condition(x, node, yes, no)
    for label, value in ((yes, 1), (no, 0)):
        x.graph.bind(label)
        x.graph.add(Assign(result, Const(value, INT)))
        x.graph.jump(done)
    x.graph.bind(done)
    return Load(result)


def conditional(x: Expressions, node: Node) -> Expr:
    """`c ? a : b` as a value: one pure expression if neither arm can do harm."""
    tested, no_node = x.part(node, "condition"), x.part(node, "alternative")
    yes_node = node.child_by_field_name("consequence")
    if yes_node is None:
        return _elvis(x, node, tested, no_node)
    arms = (yes_node, no_node)
    if node.id not in x.branching and not any(map(has_effect, arms)):
        mark = x.graph.mark()
        test = x.scalar(tested, INT)
        inner = x.graph.mark()
        yes, no = _arms(x, x.scalar(yes_node), x.scalar(no_node), node)
        if not (x.graph.grown_since(inner) or x.can_go_wrong(yes) or x.can_go_wrong(no)):
            return Conditional(test, yes, no, yes.type)
        x.graph.roll_back(mark)
    x.branching.add(node.id)
    type_ = type_of(x, node)
    result = x.graph.temporary(type_)
    labels, done = (Label(), Label()), Label()
    condition(x, tested, *labels)
    for label, arm in zip(labels, arms, strict=True):
        x.graph.bind(label)
        value = conversions.cast(x.scalar(arm), type_, x.place(arm), implicit=True)
        x.graph.add(Assign(result, value))
        x.graph.jump(done)
    x.graph.bind(done)
    return Load(result)


def _elvis(x: Expressions, node: Node, tested: Node, no_node: Node) -> Expr:
    """`a ?: b`: a, evaluated once, if it is not zero."""
    value = x.scalar(tested)
    if not (isinstance(value, Load) and isinstance(value.lvalue, Local)):
        value = Load(x.graph.saved(value))
    if node.id not in x.branching and not has_effect(no_node):
        mark = x.graph.mark()
        yes, no = _arms(x, value, x.scalar(no_node), node)
        if not (x.graph.grown_since(mark) or x.can_go_wrong(no)):
            return Conditional(value, yes, no, yes.type)
        x.graph.roll_back(mark)
    x.branching.add(node.id)
    type_ = _type_of_elvis(x, node, value, no_node)
    result = x.graph.temporary(type_)
    use, other, done = Label(), Label(), Label()
    x.graph.fork(value, use, other)
    x.graph.bind(use)
    x.graph.add(Assign(result, conversions.cast(value, type_, x.place(node), implicit=True)))
    x.graph.jump(done)
    x.graph.bind(other)
    again = conversions.cast(x.scalar(no_node), type_, x.place(node), implicit=True)
    x.graph.add(Assign(result, again))
    x.graph.bind(done)
    return Load(result)


def _type_of_elvis(x: Expressions, node: Node, value: Expr, no_node: Node) -> Type:
    known = x.types.get(node.id)
    if known is None:
        mark = x.graph.mark()
        known = x.types[node.id] = _arms(x, value, x.scalar(no_node), node)[0].type
        x.graph.roll_back(mark)
    return known


def _arms(x: Expressions, yes: Expr, no: Expr, node: Node) -> tuple[Expr, Expr]:
    """The two arms of a `?:` at their common type."""
    if isinstance(yes.type, PointerType) or isinstance(no.type, PointerType):
        return conversions.pointer_pair(yes, no, "?:", x.place(node))
    return conversions.arithmetic_pair(yes, no, "?:", x.place(node))


def type_of(x: Expressions, node: Node) -> Type:
    """The type of the node's value, without evaluating it."""
    known = x.types.get(node.id)
    if known is not None:
        return known
    mark = x.graph.mark()
    inner = x.unwrapped(node)
    if inner.type == "conditional_expression" and inner.child_by_field_name("consequence"):
        yes, no = x.part(inner, "consequence"), x.part(inner, "alternative")
        found: Type = _arms(x, x.scalar(yes), x.scalar(no), inner)[0].type
    else:
        found = x.value(inner).type
    x.graph.roll_back(mark)
    x.types[node.id] = found
    return found


def condition(x: Expressions, node: Node, if_true: Label, if_false: Label) -> None:
    """Go to one of the labels by the truth of the node, in the order of `&&`, `||` and `?:`."""
    node = x.unwrapped(node)
    if node.type == "binary_expression" and x.operator(node) in ("&&", "||"):
        between = Label()
        left, right = x.part(node, "left"), x.part(node, "right")
        if x.operator(node) == "&&":
            condition(x, left, between, if_false)
        else:
            condition(x, left, if_true, between)
        x.graph.bind(between)
        condition(x, right, if_true, if_false)
    elif node.type == "unary_expression" and x.operator(node) == "!":
        condition(x, x.part(node, "argument"), if_false, if_true)
    elif node.type == "comma_expression":
        x.effect(x.part(node, "left"))
        condition(x, x.part(node, "right"), if_true, if_false)
    elif node.type == "conditional_expression" and node.child_by_field_name("consequence"):
        yes, no = Label(), Label()
        condition(x, x.part(node, "condition"), yes, no)
        x.graph.bind(yes)
        condition(x, x.part(node, "consequence"), if_true, if_false)
        x.graph.bind(no)
        condition(x, x.part(node, "alternative"), if_true, if_false)
    elif (tested := calls.truth_operand(x, node)) is not None:
        condition(x, tested, if_true, if_false)
    else:
        outside = x.graph.text, x.graph.place
        x.graph.text, x.graph.place = x.text(node), x.place(node)
        x.graph.fork(x.scalar(node, INT), if_true, if_false)
        x.graph.text, x.graph.place = outside
