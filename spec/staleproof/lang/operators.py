"""The operator table: per operator its typing rule, meaning on plain values, lowering, notation.

Adding an operator is adding one row. The lowering is the name of the operator in SMT-LIB and the
suffix of its constructor in z3's C interface (``Z3_mk_<suffix>``). Division by zero and
over-long shifts mean what SMT-LIB says; models of C guard against them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from staleproof.lang.sorts import BOOL, INT, BitVec, Sort, Value

TypeRule = Callable[[Sequence[Sort], tuple[int, ...]], Sort | None]
Meaning = Callable[[Sequence[Value], Sequence[Sort], tuple[int, ...]], Value]


@dataclass(frozen=True, slots=True)
class Operator:
    """One row. `type_rule` gives the result's sort, or None when the operands do not fit."""

    name: str
    type_rule: TypeRule
    meaning: Meaning
    smtlib: str
    z3: str
    notation: str


def to_signed(value: int, width: int) -> int:
    """The two's complement reading of an unsigned `value` of `width` bits."""
    return value - (1 << width) if value >> (width - 1) & 1 else value


def _all_bool(sorts: Sequence[Sort], _: tuple[int, ...]) -> Sort | None:
    return BOOL if _are(BOOL, sorts) else None


def _are(wanted: Sort, sorts: Sequence[Sort]) -> bool:
    """Whether all are the wanted one."""
    return sorts.count(wanted) == len(sorts)


def _same(count: int, result: Sort | None, *families: type) -> TypeRule:
    """`count` operands of one sort, of one of `families`; the result is that sort or `result`."""

    def rule(sorts: Sequence[Sort], _: tuple[int, ...]) -> Sort | None:
        fits = len(sorts) == count and _are(sorts[0], sorts)
        if not fits or (families and not isinstance(sorts[0], families)):
            return None
        return sorts[0] if result is None else result

    return rule


def _same_int(count: int, result: Sort | None) -> TypeRule:
    return lambda sorts, _: (
        (INT if result is None else result)
        if len(sorts) == count and all(s == INT for s in sorts)
        else None
    )


def _ite(sorts: Sequence[Sort], _: tuple[int, ...]) -> Sort | None:
    return sorts[1] if len(sorts) == 3 and sorts[0] == BOOL and sorts[1] == sorts[2] else None


def _extend(sorts: Sequence[Sort], indices: tuple[int, ...]) -> Sort | None:
    match [*sorts], indices:
        case [BitVec(width)], (extra,) if extra > 0:
            return BitVec(width + extra)
    return None


def _extract(sorts: Sequence[Sort], indices: tuple[int, ...]) -> Sort | None:
    match [*sorts], indices:
        case [BitVec(width)], (high, low) if width > high >= low >= 0:
            return BitVec(high - low + 1)
    return None


def _concat(sorts: Sequence[Sort], _: tuple[int, ...]) -> Sort | None:
    match [*sorts]:
        case [BitVec(left), BitVec(right)]:
            return BitVec(left + right)
    return None


def _width(sort: Sort) -> int:
    assert isinstance(sort, BitVec)
    return sort.width


def _number(value: Value) -> int:
    assert isinstance(value, int)
    return value


def _words(function: Callable[[int, int, int], int]) -> Meaning:
    """Lift a function of two unsigned words and their width; the result is cut to the width."""

    def meaning(values: Sequence[Value], sorts: Sequence[Sort], _: tuple[int, ...]) -> Value:
        width = _width(sorts[0])
        return function(_number(values[0]), _number(values[1]), width) & ((1 << width) - 1)

    return meaning


def _compare(function: Callable[[int, int], bool], signed: bool) -> Meaning:
    def meaning(values: Sequence[Value], sorts: Sequence[Sort], _: tuple[int, ...]) -> Value:
        left, right = _number(values[0]), _number(values[1])
        if signed:
            width = _width(sorts[0])
            left, right = to_signed(left, width), to_signed(right, width)
        return function(left, right)

    return meaning


def _integers(function: Callable[[int, int], Value]) -> Meaning:
    return lambda values, sorts, indices: function(_number(values[0]), _number(values[1]))


def _unsigned_divide(left: int, right: int, width: int) -> int:
    return (1 << width) - 1 if right == 0 else left // right


def _signed_divide(left: int, right: int, width: int) -> int:
    a, b = to_signed(left, width), to_signed(right, width)
    if b == 0:
        return 1 if a < 0 else -1
    quotient = abs(a) // abs(b)
    return quotient if (a < 0) == (b < 0) else -quotient


def _signed_remainder(left: int, right: int, width: int) -> int:
    a, b = to_signed(left, width), to_signed(right, width)
    if b == 0:
        return a
    remainder = abs(a) % abs(b)
    return -remainder if a < 0 else remainder


def _sign_extend(values: Sequence[Value], sorts: Sequence[Sort], indices: tuple[int, ...]) -> Value:
    width = _width(sorts[0])
    return to_signed(_number(values[0]), width) & ((1 << (width + indices[0])) - 1)


_ROWS = (
    # Booleans
    Operator("not", _same(1, BOOL, type(BOOL)), lambda v, s, i: not v[0], "not", "not", "~{0}"),
    Operator("and", _all_bool, lambda v, s, i: all(v), "and", "and", "&"),
    Operator("or", _all_bool, lambda v, s, i: any(v), "or", "or", "|"),
    Operator(
        "implies",
        _same(2, BOOL, type(BOOL)),
        lambda v, s, i: not v[0] or bool(v[1]),
        "=>",
        "implies",
        "{0} -> {1}",
    ),
    # Any sort
    Operator("eq", _same(2, BOOL), lambda v, s, i: v[0] == v[1], "=", "eq", "{0} = {1}"),
    Operator(
        "ite",
        _ite,
        lambda v, s, i: v[1] if v[0] else v[2],
        "ite",
        "ite",
        "if {0} then {1} else {2}",
    ),
    # Integers
    Operator("add", _same_int(2, None), _integers(lambda a, b: a + b), "+", "add", "{0} + {1}"),
    Operator("sub", _same_int(2, None), _integers(lambda a, b: a - b), "-", "sub", "{0} - {1}"),
    Operator("mul", _same_int(2, None), _integers(lambda a, b: a * b), "*", "mul", "{0} * {1}"),
    Operator("lt", _same_int(2, BOOL), _integers(lambda a, b: a < b), "<", "lt", "{0} < {1}"),
    Operator("le", _same_int(2, BOOL), _integers(lambda a, b: a <= b), "<=", "le", "{0} <= {1}"),
    # Bit-vectors
    *(
        Operator(name, _same(2, None, BitVec), _words(meaning), smtlib, smtlib, notation)
        for name, meaning, smtlib, notation in (
            ("bv_add", lambda a, b, w: a + b, "bvadd", "{0} + {1}"),
            ("bv_sub", lambda a, b, w: a - b, "bvsub", "{0} - {1}"),
            ("bv_mul", lambda a, b, w: a * b, "bvmul", "{0} * {1}"),
            ("bv_and", lambda a, b, w: a & b, "bvand", "{0} & {1}"),
            ("bv_or", lambda a, b, w: a | b, "bvor", "{0} | {1}"),
            ("bv_xor", lambda a, b, w: a ^ b, "bvxor", "{0} ^ {1}"),
            ("shl", lambda a, b, w: a << b if b < w else 0, "bvshl", "{0} << {1}"),
            ("u_shr", lambda a, b, w: a >> b if b < w else 0, "bvlshr", "{0} >>u {1}"),
            (
                "s_shr",
                lambda a, b, w: to_signed(a, w) >> min(b, w - 1),
                "bvashr",
                "{0} >>s {1}",
            ),
            ("u_div", _unsigned_divide, "bvudiv", "{0} /u {1}"),
            ("s_div", _signed_divide, "bvsdiv", "{0} /s {1}"),
            ("u_rem", lambda a, b, w: a if b == 0 else a % b, "bvurem", "{0} %u {1}"),
            ("s_rem", _signed_remainder, "bvsrem", "{0} %s {1}"),
        )
    ),
    *(
        Operator(name, _same(2, BOOL, BitVec), _compare(meaning, signed), smtlib, smtlib, notation)
        for name, meaning, signed, smtlib, notation in (
            ("u_lt", lambda a, b: a < b, False, "bvult", "{0} <u {1}"),
            ("u_le", lambda a, b: a <= b, False, "bvule", "{0} <=u {1}"),
            ("s_lt", lambda a, b: a < b, True, "bvslt", "{0} <s {1}"),
            ("s_le", lambda a, b: a <= b, True, "bvsle", "{0} <=s {1}"),
        )
    ),
    Operator(
        "bv_not",
        _same(1, None, BitVec),
        lambda v, s, i: ~_number(v[0]) & ((1 << _width(s[0])) - 1),
        "bvnot",
        "bvnot",
        "~{0}",
    ),
    Operator(
        "bv_neg",
        _same(1, None, BitVec),
        lambda v, s, i: -_number(v[0]) & ((1 << _width(s[0])) - 1),
        "bvneg",
        "bvneg",
        "-{0}",
    ),
    Operator(
        "zero_extend", _extend, lambda v, s, i: v[0], "zero_extend", "zero_ext", "zero_extend({0})"
    ),
    Operator("sign_extend", _extend, _sign_extend, "sign_extend", "sign_ext", "sign_extend({0})"),
    Operator(
        "extract",
        _extract,
        lambda v, s, i: _number(v[0]) >> i[1] & ((1 << (i[0] - i[1] + 1)) - 1),
        "extract",
        "extract",
        "{0}[{i0}:{i1}]",
    ),
    Operator(
        "concat",
        _concat,
        lambda v, s, i: _number(v[0]) << _width(s[1]) | _number(v[1]),
        "concat",
        "concat",
        "{0} ++ {1}",
    ),
)

OPERATORS: dict[str, Operator] = {row.name: row for row in _ROWS}
"""Every operator by its name."""
