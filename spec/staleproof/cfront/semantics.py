"""Pure C expressions as terms, with what they demand: no null dereference, no division by zero."""

from __future__ import annotations

from collections.abc import Iterable

from staleproof.cfront import ir, pointers
from staleproof.cfront.agreement import require_sort
from staleproof.cfront.contracts import (
    Access,
    ArrayModel,
    ArrayPointer,
    Demand,
    FieldAddress,
    GlobalAddress,
    LocalAddress,
    Store,
    StructModel,
    Value,
    World,
)
from staleproof.cfront.locals import Frame
from staleproof.cfront.pointers import is_error, plain, word_of
from staleproof.cfront.types import IntType, PointerType, StructType, Type
from staleproof.errors import UnsupportedCError
from staleproof.lang.sorts import BOOL, BitVec, Unbounded
from staleproof.lang.system import Note
from staleproof.lang.terms import (
    FALSE,
    Symbol,
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

_ARITHMETIC = {"+": "bv_add", "-": "bv_sub", "*": "bv_mul", "&": "bv_and", "|": "bv_or"}
_ARITHMETIC |= {"^": "bv_xor"}
_DIVISIONS = {"/": ("u_div", "s_div"), "%": ("u_rem", "s_rem")}
_COMPARISONS = {"==", "!=", "<", "<=", ">", ">="}


class Expressions:
    """Reads and writes of one function's expressions."""

    def __init__(self, frame: Frame, world: World, filled: frozenset[str] = frozenset()) -> None:
        self._frame, self._world, self._filled = frame, world, filled
        self.strings: dict[Symbol, None] = {}
        """The strings that were read, by their addresses."""

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

    def store(self, lvalue: ir.LValue, value: Value, *, nowhere: bool = False) -> Store:
        """The updates that put `value` into `lvalue`, and what that demands; `nowhere` if the text
        says that it is NULL or an ERR_PTR.
        """
        demands: dict[Demand, None] = {}
        match lvalue:
            case ir.Local(name):
                if self._is_into_array(lvalue) != isinstance(value, ArrayPointer):
                    self._require_no_array(name, value, nowhere)
                return self._frame.store(lvalue, value)
            case ir.Field(object_pointer, tag, field, type_):
                model = self._world.structs.get(tag)
                if model is None:
                    raise UnsupportedCError(f"struct {tag} is not modelled: {field} is written")
                object_ = self._object(object_pointer, tag, demands)
                if isinstance(value, ArrayPointer) and model.point is not None:
                    store = model.point(field, object_, value)
                else:
                    value = plain(value)
                    before = model.load(field, object_, type_).value
                    require_sort(f"{field} of struct {tag}", type_, before, self._world)
                    require_sort(f"what {field} is given", type_, value, self._world)
                    store = model.store(field, object_, value, type_)
            case ir.Element(_, _, type_):
                array, object_, at = self._element(lvalue, demands)
                value = plain(value)
                require_sort("what an element is given", type_, value, self._world)
                store = array.store(object_, at, value, type_)
            case ir.Global(name):
                raise UnsupportedCError(f"the global {name} is written")
        return Store(store.updates, (*demands, *store.demands))

    def _is_into_array(self, local: ir.Local) -> bool:
        return isinstance(self._frame.load(local).value, ArrayPointer)

    def _require_no_array(self, name: str, value: Value, nowhere: bool) -> None:
        """A local of which it is known into which array it points takes no word but NULL and
        ERR_PTRs; another takes no pointer into an array.
        """
        if isinstance(value, ArrayPointer):
            plain(value)
        if not (nowhere or pointers.points_nowhere(value)):
            raise UnsupportedCError(
                f"{name} points into an array, and is given a pointer of which it is not known "
                "where it points",
                fix="use a variable of its own for the other pointer",
            )

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
            case ir.PointerAdd(pointer, index, element):
                base = self._pointer(pointer, demands)
                self._size(base.region, element)
                at = base.index + self._word(index, demands)
                return ArrayPointer(base.region, base.object, at, base.word)
            case ir.PointerDiff(left, right, element):
                a, b = self._pointer(left, demands), self._pointer(right, demands)
                size = self._size(a.region, element)
                same = eq(a.object, b.object) if a.region == b.region else FALSE
                demands[Demand("bounds", same, "both pointers are into one array")] = None
                return pointers.difference(a, b, size)
            case ir.FieldArray(pointer, tag, field, element, length):
                if (tag, field) not in self._world.arrays:
                    raise UnsupportedCError(f"the array {field} of struct {tag} is not modelled")
                self._size((tag, field), element)
                if length:
                    raise UnsupportedCError(
                        f"{field} of struct {tag} has {length} elements in the text, and in the "
                        "model as many as each object was made with",
                        fix=f"declare it as a flexible array member: {field}[]",
                    )
                return ArrayPointer((tag, field), self._object(pointer, tag, demands), word(0, 64))
            case ir.AddressOf(ir.Global(name)) if name in self._world.objects:
                require_sort(f"&{name}", expr.type, self._world.objects[name], self._world)
                return self._world.objects[name]
            case ir.AddressOf(lvalue) if in_call:
                return self._address(lvalue, demands)
            case ir.AddressOf():
                raise UnsupportedCError("an address is kept; it can only be passed to a call")
            case ir.Intrinsic():
                return self._intrinsic(expr, demands)
            case ir.StringLiteral(spelling):
                address = pointers.string(spelling)
                self.strings[address] = None
                return address()

    def _constant(self, value: int, type_: Type) -> Term:
        if isinstance(type_, IntType):
            return literal(bool(value), BOOL) if type_.is_bool else word(value, type_.width)
        assert isinstance(type_, PointerType)
        if isinstance(type_.target, StructType) and type_.target.tag in self._world.structs:
            if value != 0:
                raise UnsupportedCError(f"the address {value} is used as a {type_}")
            return self._world.structs[type_.target.tag].null()
        return word(value, 64)

    def _load(self, lvalue: ir.LValue, demands: dict[Demand, None]) -> Value:
        match lvalue:
            case ir.Local():
                access = self._frame.load(lvalue)
            case ir.Global(name):
                if name not in self._world.globals:
                    raise UnsupportedCError(f"the global {name} is not modelled")
                access = Access(self._world.globals[name])
                require_sort(name, lvalue.type, access.value, self._world)
            case ir.Field(_, tag, field, type_):
                access = self._load_field(lvalue, demands)
                require_sort(f"{field} of struct {tag}", type_, access.value, self._world)
            case ir.Element(_, _, type_):
                array, object_, at = self._element(lvalue, demands)
                access = array.load(object_, at, type_)
                require_sort("an element", type_, access.value, self._world)
        demands.update(dict.fromkeys(access.demands))
        return access.value

    def _load_field(self, lvalue: ir.Field, demands: dict[Demand, None]) -> Access:
        tag, field = lvalue.struct_tag, lvalue.field
        if (tag, field) in self._world.fields:
            object_ = self._value(lvalue.object_pointer, demands)
            only = self._world.only.get(tag)
            if only is not None and object_ is not self._world.globals.get(only):
                raise UnsupportedCError(
                    f"{field} is read of a struct {tag} that may be another than {only}",
                    fix=f"write {only}->{field} where that is meant",
                )
            return Access(self._world.fields[tag, field])
        model = self._world.structs.get(tag)
        if model is None:
            raise UnsupportedCError(f"struct {tag} is not modelled: {field} is read")
        return model.load(field, self._object(lvalue.object_pointer, tag, demands), lvalue.type)

    def _element(
        self, lvalue: ir.Element, demands: dict[Demand, None]
    ) -> tuple[ArrayModel, Term, Term]:
        """The array that an element is in, of which object, and its number."""
        where = self._pointer(lvalue.pointer, demands)
        self._size(where.region, lvalue.type)
        at = where.index + self._word(lvalue.index, demands)
        return self._world.arrays[where.region], where.object, at

    def _size(self, region: tuple[str, str], type_: Type) -> int:
        """The size of the array's elements, which must be that of the type that is pointed to."""
        size = self._world.arrays[region].size
        if pointers.bytes_of(type_) != size:
            raise UnsupportedCError(
                f"the elements of {'.'.join(region)} have {size} bytes, and are counted or "
                f"accessed as {type_}",
                fix="cast the pointer to one whose target has that size",
            )
        return size

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
                return LocalAddress(self._frame.symbol(lvalue), lvalue.name in self._filled)
            case ir.Field(object_pointer, tag, field):
                object_ = plain(self._value(object_pointer, demands))
                return FieldAddress(tag, field, object_)
            case ir.Global(name):
                return GlobalAddress(name)
            case _:
                raise UnsupportedCError("the address of this cannot be passed")

    def _word(self, expr: ir.Expr, demands: dict[Demand, None]) -> Term:
        value = plain(self._value(expr, demands))
        return _bool_as_word(value, 8) if value.sort == BOOL else value

    def _convert(self, expr: ir.Convert, demands: dict[Demand, None], in_call: bool) -> Value:
        source, target = expr.expr.type, expr.type
        if isinstance(target, IntType) and target.is_bool:
            return self._truth(expr.expr, demands)
        value = self._value(expr.expr, demands, in_call)
        if isinstance(source, IntType) and isinstance(target, IntType):
            return _resize(plain(value), source, target)
        if isinstance(source, PointerType) and isinstance(target, PointerType):
            nowhere = pointers.is_said_to_point_nowhere(expr.expr)
            return self._repoint(value, target, nowhere)
        if isinstance(target, PointerType):
            return self._repoint(value, target, nowhere=False)
        if not isinstance(value, Term) or isinstance(value.sort, Unbounded):
            raise UnsupportedCError("a pointer whose address is not modelled becomes an integer")
        return value

    def _repoint(self, value: Value, target: PointerType, nowhere: bool) -> Value:
        """A pointer converted to another pointer type: the same address. An object has no word,
        so a word becomes one only `nowhere`, where the text says that it is NULL or an ERR_PTR.
        """
        wanted = self._world.structs.get(
            target.target.tag if isinstance(target.target, StructType) else ""
        )
        if wanted is None or (isinstance(value, Term) and value.sort == wanted.sort):
            return value
        if pointers.is_null(value):
            return wanted.null()
        if isinstance(value, ArrayPointer) and nowhere:
            return wanted.error(pointers.address_of(value))
        if isinstance(value, Term) and value.sort == BitVec(64) and nowhere:
            return wanted.error(value)
        raise UnsupportedCError(
            f"what is converted to {target} is not known to point to one",
            fix="declare it with the type that it has",
        )

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
        if not (isinstance(a, Term) and isinstance(b, Term)):
            raise UnsupportedCError("?: chooses between two pointers into arrays")
        if pointers.is_said_to_point_nowhere(yes):
            a = self._beside(b, a)
        if pointers.is_said_to_point_nowhere(no):
            b = self._beside(a, b)
        if a.sort != b.sort:
            raise UnsupportedCError(
                "?: chooses between pointers of which one is to an object of the model alone"
            )
        return ite(test, a, b)

    def _beside(self, other: Term, value: Term) -> Term:
        """NULL or an ERR_PTR, as what it is beside a pointer to an object."""
        if isinstance(other.sort, Unbounded) and value.sort == BitVec(64):
            model = self._model_of(other.sort)
            return model.null() if pointers.is_null(value) else model.error(value)
        return value

    def _intrinsic(self, expr: ir.Intrinsic, demands: dict[Demand, None]) -> Value:
        value = self._value(expr.args[0], demands)
        if expr.name in ("ERR_PTR", "ERR_CAST"):
            return value
        if isinstance(value, ArrayPointer) and expr.name == "PTR_ERR":
            return pointers.address_of(value)
        if isinstance(value, Term) and isinstance(value.sort, Unbounded):
            raise UnsupportedCError(f"{expr.name} of a pointer that the model never makes an error")
        address = word_of(value) if isinstance(value, ArrayPointer) else plain(value)
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
            return neg(eq(word_of(value), word(0, 64)))
        assert isinstance(value, Term)
        if value.sort == BOOL:
            return value
        if isinstance(value.sort, Unbounded):
            return neg(eq(value, self._null_of(value.sort)))
        return neg(eq(value, 0))

    def _null_of(self, sort: Unbounded) -> Term:
        return self._model_of(sort).null()

    def _model_of(self, sort: Unbounded) -> StructModel:
        return next(m for m in self._world.structs.values() if m.sort == sort)

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
        same = self._is_same(left, right)
        return same if expr.op == "==" else neg(same)

    def _is_same(self, left: Value, right: Value) -> Term:
        if isinstance(left, ArrayPointer) and isinstance(right, ArrayPointer):
            size = self._world.arrays[left.region].size
            return pointers.same_place(left, right, size)
        if isinstance(left, Term) and isinstance(right, Term) and left.sort == right.sort:
            return eq(left, right)
        for one, other in ((left, right), (right, left)):
            if isinstance(one, ArrayPointer) and pointers.points_nowhere(other):
                return eq(word_of(one), plain(other))
            if pointers.is_null(other) and isinstance(one, Term):
                assert isinstance(one.sort, Unbounded)
                return eq(one, self._null_of(one.sort))
        raise UnsupportedCError(
            "pointers are compared of which the model cannot tell whether they are the same",
            fix="compare pointers that have the same type, or compare with NULL",
        )

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
