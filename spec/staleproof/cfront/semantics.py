"""Pure C expressions as terms, with what they demand: no null dereference, no division by zero."""

from __future__ import annotations

from collections.abc import Iterable

from staleproof.cfront import ir
from staleproof.cfront.contracts import (
    Access,
    ArrayPointer,
    Demand,
    FieldAddress,
    GlobalAddress,
    LocalAddress,
    Store,
    Value,
    World,
)
from staleproof.cfront.locals import POINTS, Frame
from staleproof.cfront.types import IntType, PointerType, StructType, Type
from staleproof.errors import UnsupportedCError
from staleproof.lang.sorts import BOOL, BitVec, Unbounded
from staleproof.lang.system import Note
from staleproof.lang.terms import (
    FALSE,
    TRUE,
    Literal,
    Term,
    conj,
    disj,
    eq,
    extract,
    ite,
    literal,
    neg,
    operation,
    s_le,
    s_lt,
    sign_extend,
    u_le,
    u_lt,
    word,
    zero_extend,
)

LAST_ERRNO = word(-4095, 64)

_ARITHMETIC = {"+": "bv_add", "-": "bv_sub", "*": "bv_mul", "&": "bv_and", "|": "bv_or"}
_ARITHMETIC |= {"^": "bv_xor"}
_DIVISIONS = {"/": ("u_div", "s_div"), "%": ("u_rem", "s_rem")}
_COMPARISONS = {"==", "!=", "<", "<=", ">", ">="}


def is_error(pointer_word: Term) -> Term:
    """IS_ERR: the last page of the address space."""
    return u_le(LAST_ERRNO, pointer_word)


def result_value(value: Value) -> Term:
    """What a function's caller sees of a returned value: of an array pointer, its word."""
    if isinstance(value, ArrayPointer):
        return POINTS if value.word is None else value.word
    if not isinstance(value, Term):
        raise UnsupportedCError("the address of a local, a field or a global is returned")
    return value


class Expressions:
    """Reads and writes of one function's expressions."""

    def __init__(self, frame: Frame, world: World) -> None:
        self._frame, self._world = frame, world

    def read(self, expr: ir.Expr, in_call: bool = False) -> Access:
        """The value of `expr`; addresses of locals and fields only as arguments of a call."""
        demands: dict[Demand, None] = {}
        value = self._value(expr, demands, in_call)
        return Access(value, tuple(demands))

    def truth(self, expr: ir.Expr) -> Access:
        """Whether `expr` is not zero, as a truth value."""
        demands: dict[Demand, None] = {}
        value = self._truth(expr, demands)
        return Access(value, tuple(demands))

    def store(self, lvalue: ir.LValue, value: Value) -> Store:
        """The updates that put `value` into `lvalue`, and what that demands."""
        demands: dict[Demand, None] = {}
        match lvalue:
            case ir.Local():
                return self._frame.store(lvalue, value)
            case ir.Field(object_pointer, tag, field, type_):
                model = self._world.structs.get(tag)
                if model is None:
                    raise UnsupportedCError(f"struct {tag} is not modelled: {field} is written")
                object_ = self._object(object_pointer, tag, demands)
                if isinstance(value, ArrayPointer) and model.point is not None:
                    store = model.point(field, object_, value)
                else:
                    store = model.store(field, object_, result_value(value), type_)
            case ir.Element(pointer, index, type_):
                where = self._pointer(pointer, demands)
                at = where.index + self._word(index, demands)
                array = self._world.arrays[where.region]
                store = array.store(where.object, at, result_value(value), type_)
            case ir.Global(name):
                raise UnsupportedCError(f"the global {name} is written")
        return Store(store.updates, (*demands, *store.demands))

    # Values

    def _value(self, expr: ir.Expr, demands: dict[Demand, None], in_call: bool = False) -> Value:
        match expr:
            case ir.Const(value, type_):
                return self._constant(value, type_)
            case ir.Load(lvalue):
                return self._load(lvalue, demands)
            case ir.Convert():
                return self._convert(expr, demands, in_call)
            case ir.Unary("!", inner):
                return _as_int(neg(self._truth(inner, demands)))
            case ir.Unary(op, inner):
                return operation("bv_neg" if op == "-" else "bv_not", self._word(inner, demands))
            case ir.Binary():
                if expr.op in _COMPARISONS:
                    return _as_int(self._comparison(expr, demands))
                return self._arithmetic(expr, demands)
            case ir.Conditional(condition, if_true, if_false):
                return self._conditional(condition, if_true, if_false, demands)
            case ir.PointerAdd(pointer, index):
                base = self._pointer(pointer, demands)
                at = base.index + self._word(index, demands)
                return ArrayPointer(base.region, base.object, at, base.word)
            case ir.PointerDiff(left, right):
                a, b = self._pointer(left, demands), self._pointer(right, demands)
                same = eq(a.object, b.object) if a.region == b.region else FALSE
                demands[Demand("bounds", same, "both pointers are into one array")] = None
                return a.index - b.index
            case ir.FieldArray(pointer, tag, field):
                if (tag, field) not in self._world.arrays:
                    raise UnsupportedCError(f"the array {field} of struct {tag} is not modelled")
                return ArrayPointer((tag, field), self._object(pointer, tag, demands), word(0, 64))
            case ir.AddressOf(ir.Global(name)) if name in self._world.objects:
                return self._world.objects[name]
            case ir.AddressOf(lvalue) if in_call:
                return self._address(lvalue, demands)
            case ir.AddressOf():
                raise UnsupportedCError("an address is kept; it can only be passed to a call")
            case ir.Intrinsic():
                return self._intrinsic(expr, demands)
            case ir.StringLiteral():
                return POINTS

    def _constant(self, value: int, type_: Type) -> Term:
        if isinstance(type_, IntType):
            return literal(bool(value), BOOL) if type_.is_bool else word(value, type_.width)
        assert isinstance(type_, PointerType)
        if isinstance(type_.target, StructType) and type_.target.tag in self._world.structs:
            return self._world.structs[type_.target.tag].null()
        return word(value, 64)

    def _load(self, lvalue: ir.LValue, demands: dict[Demand, None]) -> Value:
        match lvalue:
            case ir.Local():
                access = self._frame.load(lvalue)
            case ir.Global(name):
                if name not in self._world.globals:
                    raise UnsupportedCError(f"the global {name} is not modelled")
                return self._world.globals[name]
            case ir.Field(object_pointer, tag, field, type_):
                if (tag, field) in self._world.fields:
                    self._value(object_pointer, demands)
                    return self._world.fields[tag, field]
                model = self._world.structs.get(tag)
                if model is None:
                    raise UnsupportedCError(f"struct {tag} is not modelled: {field} is read")
                access = model.load(field, self._object(object_pointer, tag, demands), type_)
            case ir.Element(pointer, index, type_):
                where = self._pointer(pointer, demands)
                at = where.index + self._word(index, demands)
                access = self._world.arrays[where.region].load(where.object, at, type_)
        demands.update(dict.fromkeys(access.demands))
        return access.value

    def _object(self, pointer: ir.Expr, tag: str, demands: dict[Demand, None]) -> Term:
        """The object that a pointer points to, which must not be NULL."""
        value = self._value(pointer, demands)
        model = self._world.structs[tag]
        if not isinstance(value, Term) or value.sort != model.sort:
            raise UnsupportedCError(f"a pointer that is followed as a struct {tag} is not one")
        condition = neg(eq(value, model.null()))
        demands[Demand("null", condition, f"the pointer to struct {tag} is not NULL")] = None
        return value

    def _pointer(self, pointer: ir.Expr, demands: dict[Demand, None]) -> ArrayPointer:
        """A pointer that is followed into an array, and so must point there."""
        value = self._value(pointer, demands)
        if not isinstance(value, ArrayPointer):
            raise UnsupportedCError(
                "a pointer is followed of which it is not known into which array it points"
            )
        if value.word is not None:
            points = conj(neg(eq(value.word, word(0, 64))), neg(is_error(value.word)))
            demands[Demand("null", points, "the pointer is neither NULL nor an ERR_PTR")] = None
        return value

    def _address(self, lvalue: ir.LValue, demands: dict[Demand, None]) -> Value:
        match lvalue:
            case ir.Local():
                return LocalAddress(self._frame.symbol(lvalue))
            case ir.Field(object_pointer, tag, field):
                object_ = result_value(self._value(object_pointer, demands))
                return FieldAddress(tag, field, object_)
            case ir.Global(name):
                return GlobalAddress(name)
            case _:
                raise UnsupportedCError("the address of this cannot be passed")

    def _word(self, expr: ir.Expr, demands: dict[Demand, None]) -> Term:
        value = result_value(self._value(expr, demands))
        return _bool_as_word(value, 8) if value.sort == BOOL else value

    def _convert(self, expr: ir.Convert, demands: dict[Demand, None], in_call: bool) -> Value:
        source, target = expr.expr.type, expr.type
        if isinstance(target, IntType) and target.is_bool:
            return self._truth(expr.expr, demands)
        value = self._value(expr.expr, demands, in_call)
        if isinstance(source, IntType) and isinstance(target, IntType):
            return _resize(result_value(value), source, target)
        if isinstance(source, PointerType) and isinstance(target, PointerType):
            return self._repoint(value, target)
        if not isinstance(value, Term) or isinstance(value.sort, Unbounded):
            raise UnsupportedCError("a pointer whose address is not modelled becomes an integer")
        return value

    def _repoint(self, value: Value, target: PointerType) -> Value:
        """A pointer converted to another pointer type: the same address."""
        wanted = self._world.structs.get(
            target.target.tag if isinstance(target.target, StructType) else ""
        )
        if wanted is None or (isinstance(value, Term) and value.sort == wanted.sort):
            return value
        if isinstance(value, Literal) and value.value == 0:
            return wanted.null()
        if isinstance(value, Term) and value.sort == BitVec(64):
            # An ERR_PTR: no word of another origin is converted to an object in C that is sound.
            return wanted.error(value)
        raise UnsupportedCError(f"a pointer is converted to {target}, of which nothing is known")

    def _arithmetic(self, expr: ir.Binary, demands: dict[Demand, None]) -> Term:
        left, right = self._word(expr.left, demands), self._word(expr.right, demands)
        signed = expr.type.signed
        if expr.op in ("<<", ">>"):
            return self._shift(expr, left, right, demands)
        if expr.op in _DIVISIONS:
            demands[Demand("division", neg(eq(right, 0)), "the divisor is not zero")] = None
            if signed:
                # On x86 the remainder traps as the quotient does.
                least = 1 << expr.type.width - 1
                fits = neg(conj(eq(left, least), eq(right, least * 2 - 1)))
                demands[Demand("division", fits, "the quotient fits its type")] = None
            return operation(_DIVISIONS[expr.op][signed], left, right)
        return operation(_ARITHMETIC[expr.op], left, right)

    def _shift(self, expr: ir.Binary, left: Term, right: Term, demands: dict[Demand, None]) -> Term:
        assert isinstance(left.sort, BitVec) and isinstance(right.sort, BitVec)
        width = left.sort.width
        demands[Demand("shift", u_lt(right, width), "the shift is less than the width")] = None
        if right.sort.width > width:
            right = extract(width - 1, 0, right)
        right = zero_extend(right, width)
        if expr.op == "<<":
            return operation("shl", left, right)
        return operation("s_shr" if expr.type.signed else "u_shr", left, right)

    def _conditional(
        self, condition: ir.Expr, yes: ir.Expr, no: ir.Expr, demands: dict[Demand, None]
    ) -> Value:
        test = self._truth(condition, demands)
        a, b = self._value(yes, demands), self._value(no, demands)
        if isinstance(a, Term) and isinstance(b, Term):
            return ite(test, a, b)
        raise UnsupportedCError("?: chooses between two pointers into arrays")

    def _intrinsic(self, expr: ir.Intrinsic, demands: dict[Demand, None]) -> Value:
        value = self._value(expr.args[0], demands)
        if expr.name in ("ERR_PTR", "ERR_CAST"):
            return result_value(value)
        if isinstance(value, Term) and isinstance(value.sort, Unbounded):
            raise UnsupportedCError(f"{expr.name} of a pointer that the model never makes an error")
        address = result_value(value)
        if expr.name == "IS_ERR":
            return is_error(address)
        if expr.name == "IS_ERR_OR_NULL":
            return disj(is_error(address), eq(address, word(0, 64)))
        if expr.name == "PTR_ERR":
            return address
        error = ite(is_error(address), extract(31, 0, address), word(0, 32))
        return error

    # Truth values

    def _truth(self, expr: ir.Expr, demands: dict[Demand, None]) -> Term:
        match expr:
            case ir.Binary() if expr.op in _COMPARISONS:
                return self._comparison(expr, demands)
            case ir.Unary("!", inner):
                return neg(self._truth(inner, demands))
            case ir.Convert(inner, IntType() as target, _) if _keeps_truth(inner.type, target):
                return self._truth(inner, demands)
        value = self._value(expr, demands)
        if isinstance(value, ArrayPointer):
            return TRUE if value.word is None else neg(eq(value.word, word(0, 64)))
        assert isinstance(value, Term)
        if value.sort == BOOL:
            return value
        if isinstance(value.sort, Unbounded):
            return neg(eq(value, self._null_of(value.sort)))
        return neg(eq(value, 0))

    def _null_of(self, sort: Unbounded) -> Term:
        return next(m.null() for m in self._world.structs.values() if m.sort == sort)

    def _comparison(self, expr: ir.Binary, demands: dict[Demand, None]) -> Term:
        if isinstance(expr.left.type, PointerType):
            return self._pointer_comparison(expr, demands)
        left, right = self._word(expr.left, demands), self._word(expr.right, demands)
        assert isinstance(expr.left.type, IntType)
        less, less_equal = (s_lt, s_le) if expr.left.type.signed else (u_lt, u_le)
        match expr.op:
            case "==":
                return eq(left, right)
            case "!=":
                return neg(eq(left, right))
            case "<":
                return less(left, right)
            case "<=":
                return less_equal(left, right)
            case ">":
                return less(right, left)
            case _:
                return less_equal(right, left)

    def _pointer_comparison(self, expr: ir.Binary, demands: dict[Demand, None]) -> Term:
        left, right = self._value(expr.left, demands), self._value(expr.right, demands)
        if expr.op not in ("==", "!="):
            raise UnsupportedCError("pointers are compared by order")
        if isinstance(left, ArrayPointer) and isinstance(right, ArrayPointer):
            same = (
                conj(eq(left.object, right.object), eq(left.index, right.index))
                if left.region == right.region
                else FALSE
            )
        elif isinstance(left, Term) and isinstance(right, Term) and left.sort == right.sort:
            same = eq(left, right)
        elif isinstance(left, Term) and isinstance(left.sort, Unbounded):
            same = eq(left, self._null_of(left.sort))
        elif isinstance(right, Term) and isinstance(right.sort, Unbounded):
            same = eq(right, self._null_of(right.sort))
        else:
            same = eq(result_value(left), result_value(right))
        return same if expr.op == "==" else neg(same)

    # What a trace says of a comparison

    def comparison_notes(self, expr: ir.Expr) -> list[Note]:
        """Operands before and after conversion, for every comparison in a condition."""
        notes: list[Note] = []
        for part in ir.walk(expr):
            if not isinstance(part, ir.Binary) or part.op not in _COMPARISONS:
                continue
            if not isinstance(part.left.type, IntType):
                continue
            for side in (part.left, part.right):
                notes.extend(self._conversion_note(side))
            ignored: dict[Demand, None] = {}
            terms = (self._word(part.left, ignored), self._word(part.right, ignored))
            signs = (part.left.type.signed,) * 2
            notes.append(Note(f"compares {{}} {part.op} {{}}", terms, signs))
        return notes

    def _conversion_note(self, side: ir.Expr) -> Iterable[Note]:
        if not isinstance(side, ir.Convert) or not isinstance(side.type, IntType):
            return
        source = side.expr.type
        if not isinstance(source, IntType) or source.signed == side.type.signed or source.is_bool:
            return
        if isinstance(side.expr, ir.Const):
            return
        ignored: dict[Demand, None] = {}
        name = _local_name(side.expr) or f"the {source}"
        terms = (self._word(side.expr, ignored), self._word(side, ignored))
        yield Note(
            f"{name} = {{}} converts to {{}} ({side.type})",
            terms,
            (source.signed, side.type.signed),
        )


def _local_name(expr: ir.Expr) -> str:
    if isinstance(expr, ir.Load) and isinstance(expr.lvalue, ir.Local):
        return expr.lvalue.name
    return ""


def _keeps_truth(source: Type, target: IntType) -> bool:
    """Whether converting cannot turn a value that is not zero into zero."""
    if not isinstance(source, IntType):
        return target.is_bool
    return target.is_bool or source.is_bool or source.width <= target.width


def _as_int(truth: Term) -> Term:
    return _bool_as_word(truth, 32)


def _bool_as_word(truth: Term, width: int) -> Term:
    return ite(truth, word(1, width), word(0, width))


def _resize(value: Term, source: IntType, target: IntType) -> Term:
    """An integer converted to another width: cut, or extended by the sign of its own type."""
    if value.sort == BOOL:
        return _bool_as_word(value, target.width)
    assert isinstance(value.sort, BitVec)
    if value.sort.width > target.width:
        return extract(target.width - 1, 0, value)
    return (sign_extend if source.signed else zero_extend)(value, target.width)
