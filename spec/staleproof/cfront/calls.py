"""Calls: of functions, and of the kernel's macros that stand for an expression.

Logging (`pr_err(...)` and its like) and annotations (`might_sleep()`) are dropped without
evaluating their arguments, which therefore must be free of side effects.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from staleproof.cfront import conversions, lvalues
from staleproof.cfront.assumptions import unknown_prototype
from staleproof.cfront.effects import has_call, has_effect
from staleproof.cfront.graph import Label, constant_truth
from staleproof.cfront.ir import (
    Assign,
    Binary,
    Call,
    Check,
    Conditional,
    Const,
    Expr,
    Global,
    Intrinsic,
    Load,
)
from staleproof.cfront.parse import children
from staleproof.cfront.types import (
    BOOL,
    INT,
    LONG,
    VOID,
    VOID_POINTER,
    FunctionType,
    IntType,
    PointerType,
    StructType,
    Type,
    integer_of_words,
)
from staleproof.errors import (
    ArgumentCountError,
    ConstantValueError,
    CTypeError,
    UnknownPrototypeError,
    UnknownTypeError,
)

if TYPE_CHECKING:
    from tree_sitter import Node

    from staleproof.cfront.values import Expressions

TRUTHS = frozenset(
    [
        "likely",
        "unlikely",
        "WARN_ON",
        "WARN_ON_ONCE",
        "WARN",
        "WARN_ONCE",
        "VM_WARN_ON",
        "VM_WARN_ON_ONCE",
    ]
)
CHECKS = frozenset({"BUG_ON", "VM_BUG_ON", "VM_BUG_ON_PAGE", "VM_BUG_ON_VMA", "VM_BUG_ON_MM"})
INTRINSICS: dict[str, tuple[Type, IntType | PointerType]] = {
    "IS_ERR": (VOID_POINTER, BOOL),
    "IS_ERR_OR_NULL": (VOID_POINTER, BOOL),
    "PTR_ERR": (VOID_POINTER, LONG),
    "PTR_ERR_OR_ZERO": (VOID_POINTER, INT),
    "ERR_PTR": (LONG, VOID_POINTER),
    "ERR_CAST": (VOID_POINTER, VOID_POINTER),
}
CHOICES = frozenset({"min", "max", "min_t", "max_t"})
_LEVELS = ("emerg", "alert", "crit", "err", "warn", "notice", "info", "debug", "dbg", "cont")
DROPPED = frozenset(
    {f"{family}_{level}{once}" for family in ("pr", "dev") for level in _LEVELS
     for once in ("", "_once", "_ratelimited")}
    | {"printk", "printk_once", "printk_ratelimited", "dump_stack", "might_sleep", "might_fault"}
    | {"lockdep_assert_held", "lockdep_assert_held_write", "lockdep_assert_held_read"}
    | {"cond_resched", "cpu_relax", "barrier"}
)  # fmt: skip
MACROS = (
    TRUTHS
    | CHECKS
    | CHOICES
    | DROPPED
    | frozenset(INTRINSICS)
    | {"BUG", "BUILD_BUG_ON", "READ_ONCE", "WRITE_ONCE", "smp_load_acquire", "IS_ENABLED"}
)


def callee(x: Expressions, node: Node) -> str:
    """The name of the function or macro called. Raises if it is not a plain name."""
    function = x.part(node, "function")
    name = x.text(function)
    if function.type != "identifier" or x.scope.find(name) is not None:
        raise x.refuse(
            node,
            f"a call through a pointer: {x.text(node)[:60]}",
            "call the function that is meant by its name",
        )
    if x.file.is_macro(name, node):
        raise x.refuse(function, f"{name} is a macro of the text", "write out what it stands for")
    return name


def truth_operand(x: Expressions, node: Node) -> Node | None:
    """The condition inside `unlikely()`, `WARN_ON()` and the like, or None for anything else."""
    if node.type != "call_expression" or x.part(node, "function").type != "identifier":
        return None
    if x.text(x.part(node, "function")) not in TRUTHS or callee(x, node) in x.file.functions:
        return None
    arguments = children(x.part(node, "arguments"))
    if not arguments:
        raise ArgumentCountError(f"{x.text(node)} has no condition", place=x.place(node))
    _check_silent(x, arguments[1:])
    return arguments[0]


def lower(x: Expressions, node: Node, wanted: Type | None, *, used: bool = True) -> Expr | None:
    """The value of a call, after the instructions that make it; None if it has none."""
    name = callee(x, node)
    arguments = children(x.part(node, "arguments"))
    if name in MACROS and name in x.file.functions:
        raise x.refuse(node, f"a function of the text that is named like the macro {name}()")
    if name not in MACROS:
        return _call(x, node, name, arguments, wanted, used)
    if name in DROPPED:
        _check_silent(x, arguments)
        return None
    if name in TRUTHS:
        tested = truth_operand(x, node)
        assert tested is not None
        return conversions.cast(
            conversions.not_zero(x.scalar(tested, INT)), LONG, x.place(node), implicit=True
        )
    if name in CHOICES:
        return _choice(x, node, name, arguments)
    if name == "WRITE_ONCE":
        _count(x, node, name, arguments, 2)
        x.check_unsequenced(*arguments)
        target = lvalues.lvalue(x, arguments[0])
        x.graph.add(Assign(target, x.converted(arguments[1], target.type)))
        return None
    if name == "BUG":
        _count(x, node, name, arguments, 0)
        _stop(x)
        return None
    if name in CHECKS:
        _check_silent(x, arguments[1:])
        arguments = arguments[:1]
    _count(x, node, name, arguments, 1)
    if name == "READ_ONCE":
        return x.scalar(arguments[0])
    if name == "smp_load_acquire":
        return x.read(lvalues.dereferenced(x, arguments[0]), node)
    if name == "IS_ENABLED":
        return _is_enabled(x, arguments[0])
    if name in CHECKS:
        x.graph.add(Check(name, x.scalar(arguments[0], INT)))
        return None
    if name == "BUILD_BUG_ON":
        if constant_truth(x.scalar(arguments[0])) is not False:
            raise ConstantValueError(f"{x.text(node)} is not known to be zero", place=x.place(node))
        return None
    parameter, returns = INTRINSICS[name]
    return Intrinsic(name, (x.converted(arguments[0], parameter),), returns)


def _stop(x: Expressions) -> None:
    """BUG(): a check that fails, and nothing after it."""
    x.graph.add(Check("BUG", Const(1, INT)))
    forever = Label()
    x.graph.bind(forever)
    x.graph.jump(forever)


def _is_enabled(x: Expressions, argument: Node) -> Expr:
    """A configuration option: 1 or 0, one of the two for good."""
    option = x.text(argument)
    if re.fullmatch(r"CONFIG_\w+", option) is None:
        raise x.refuse(argument, f"IS_ENABLED of {option[:40]}", "name a CONFIG_ option")
    defined = [o for o in (option, f"{option}_MODULE") if x.file.is_macro(o, argument)]
    if any(x.file.replacement(o, argument) == "1" for o in defined):
        return Const(1, INT, option)
    if defined:
        raise x.refuse(
            argument,
            f"IS_ENABLED of {option}, which the text defines as anything but 1",
            f"define {option} as 1, or not at all",
        )
    return conversions.cast(Load(Global(option, BOOL)), INT, x.place(argument), implicit=True)


def _count(x: Expressions, node: Node, name: str, arguments: list[Node], count: int) -> None:
    if len(arguments) != count:
        raise ArgumentCountError(
            f"{name} takes {count} argument{'s' * (count != 1)}, not {len(arguments)}",
            place=x.place(node),
        )


def _check_silent(x: Expressions, arguments: list[Node]) -> None:
    for argument in arguments:
        if has_effect(argument):
            raise x.refuse(
                argument,
                f"a side effect in the arguments of a message: {x.text(argument)[:60]}",
                "move it in front of the message",
            )


def _choice(x: Expressions, node: Node, name: str, arguments: list[Node]) -> Expr:
    """min() and max(), and with a type min_t() and max_t(): each argument evaluated once."""
    place = x.place(node)
    typed = name.endswith("_t")
    _count(x, node, name, arguments, 2 + typed)
    left, right = x.unordered(*arguments[typed:])
    if typed:
        named = x.file.source.folded(arguments[0])
        type_ = integer_of_words(named.split()) or x.file.typedef(named, node)
        if type_ is None:
            raise UnknownTypeError(f"the type {named} is not known", place=x.place(arguments[0]))
        left, right = (conversions.cast(v, type_, place) for v in (left, right))
    elif isinstance(left.type, IntType) and isinstance(right.type, IntType):
        _check_same_sign(x, node, left, right)
    less = conversions.binary("<" if name.startswith("min") else ">", left, right, place)
    assert isinstance(less, Binary)
    return Conditional(less, less.left, less.right, less.left.type)


def _check_same_sign(x: Expressions, node: Node, left: Expr, right: Expr) -> None:
    """min() does not compile on arguments of different signs, unless one is a constant >= 0."""
    signs = []
    for operand in (left, right):
        promoted = conversions.to_promoted(operand, "min", x.place(node)).type
        assert isinstance(promoted, IntType)
        signs.append(promoted.signed)
    constant = any(isinstance(v, Const) and v.value >= 0 for v in (left, right))
    if signs[0] != signs[1] and not constant:
        raise CTypeError(
            f"min() or max() of {left.type} and {right.type}, which differ in sign",
            place=x.place(node),
            fix="use min_t() or max_t()",
        )


def _call(
    x: Expressions,
    node: Node,
    name: str,
    arguments: list[Node],
    wanted: Type | None,
    used: bool,
) -> Expr | None:
    x.file.check_callee(name, node)
    prototype = _prototype(x, node, name, len(arguments))
    x.check_unsequenced(*arguments)
    values: list[Expr] = []
    for number, argument in enumerate(arguments):
        value = _argument(x, argument, prototype, number)
        if any(has_call(later) for later in arguments[number + 1 :]):
            value = x.settled(value)
        values.append(value)
    if prototype is not None:
        returns = prototype.returns
    elif not used:
        returns = VOID
    elif wanted is not None:
        returns = wanted
        x.note(unknown_prototype(name, wanted))
    else:
        raise UnknownPrototypeError(
            f"the type of {name}() is not known", place=x.place(node),
            fix=f"declare the function in the text: long {name}(...);",
        )  # fmt: skip
    if isinstance(returns, StructType) and not x.is_opaque(returns):
        raise x.refuse(node, f"{name}() returns {returns}")
    target = x.graph.temporary(returns) if used and returns != VOID else None
    x.graph.add(Call(target, name, tuple(values), returns, prototype is not None))
    return None if target is None else Load(target)


def _argument(x: Expressions, argument: Node, prototype: FunctionType | None, number: int) -> Expr:
    if prototype is not None and number < len(prototype.parameters):
        return x.converted(argument, prototype.parameters[number])
    value = x.value(argument)
    if isinstance(value.type, IntType):
        return conversions.to_promoted(value, "an argument", x.place(argument))
    return value


def _prototype(x: Expressions, node: Node, name: str, count: int) -> FunctionType | None:
    """The prototype that fits the number of arguments, or None if none is known at all."""
    known = x.file.prototypes(name)
    for prototype in known:
        fixed = len(prototype.parameters)
        if fixed == count or (prototype.variadic and fixed < count):
            return prototype
    if known:
        shown = " or ".join(f"{name}: {p}" for p in known)
        raise ArgumentCountError(
            f"{name} is called with {count} argument{'s' * (count != 1)}; known is {shown}",
            place=x.place(node),
        )
    return None
