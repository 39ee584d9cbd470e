"""The locals of a function as state constants.

An integer is a word of its width, `bool` a truth value, a pointer to a modelled struct an element
of that struct's sort, any other pointer a 64-bit word, except a pointer into an array of a
modelled struct: that is an object, an element number and (where it may be NULL or an ERR_PTR) the
word that tells. Which array a pointer points into is found from all assignments to it.
"""

from __future__ import annotations

from collections.abc import Container

from staleproof.cfront import ir
from staleproof.cfront.contracts import Access, ArrayPointer, Demand, Store, Value, World
from staleproof.cfront.types import IntType, PointerType, StructType, Type
from staleproof.errors import UnsupportedCError
from staleproof.lang.sorts import BOOL, BitVec, Sort
from staleproof.lang.substitute import Update, assign
from staleproof.lang.terms import FALSE, TRUE, Symbol, Term, eq, neg, word

Region = tuple[str, str]

AT_ENTRY = ".in"
"""What the name of a parameter's value at the call ends in, if the parameter is changed."""

POINTS = word(1, 64)
"""The word of an array pointer that is neither NULL nor an ERR_PTR."""


def sort_of(type_: Type, world: World) -> Sort:
    """The sort of a scalar type's values."""
    if isinstance(type_, IntType):
        return BOOL if type_.is_bool else BitVec(type_.width)
    if isinstance(type_, PointerType) and isinstance(type_.target, StructType):
        model = world.structs.get(type_.target.tag)
        if model is not None:
            return model.sort
    return BitVec(64)


class LocalSymbol(Symbol):
    """The state constant of a local. It is no constant of the model, whatever that is called."""

    __slots__ = ()

    def __repr__(self) -> str:
        # Digests are of this, and what a system means does not depend on whose its constants are.
        return repr(Symbol(self.name, self.domain, self.range, self.mutable, self.signed))


class Frame:
    """Where the locals of one function live. Those that are `taken` names of the model's have the
    function's name in theirs.
    """

    def __init__(
        self, function: ir.Function, world: World, taken: frozenset[str] = frozenset()
    ) -> None:
        self._world = world
        self._names = {
            local.name: f"{local.name}@{function.name}" if local.name in taken else local.name
            for local in (*function.parameters, *function.locals)
        }
        self._regions = _regions(function, world)
        self._words = _may_not_point(function, world)
        self._flags = {
            name: LocalSymbol(f"{self._names[name]} is set", (), BOOL)
            for name in maybe_unset(function)
        }
        self._symbols: dict[str, Symbol] = {}
        self._objects: dict[str, Symbol] = {}
        self._word_symbols: dict[str, Symbol] = {}
        for local in (*function.parameters, *function.locals):
            self._declare(local)
        self.at_entry: dict[str, Symbol] = {}
        changed = _changed(function)
        for parameter in function.parameters:
            symbol = self._symbols[parameter.name]
            fixed = parameter.name not in changed
            name = self._names[parameter.name]
            name = name if fixed else f"{name}{AT_ENTRY}"
            entry = LocalSymbol(name, (), symbol.range, mutable=False, signed=symbol.signed)
            self.at_entry[parameter.name] = entry
            if fixed:
                self._symbols[parameter.name] = entry

    def _declare(self, local: ir.Local) -> None:
        name, region = local.name, self._regions.get(local.name)
        called = self._names[name]
        if region is not None:
            self._symbols[name] = LocalSymbol(called, (), BitVec(64), signed=True)
            struct = self._world.structs[region[0]]
            self._objects[name] = LocalSymbol(f"{called}.of", (), struct.sort)
            if name in self._words:
                word_ = LocalSymbol(f"{called}.word", (), BitVec(64), signed=True)
                self._word_symbols[name] = word_
            return
        signed = isinstance(local.type, IntType) and local.type.signed
        sort = sort_of(local.type, self._world)
        self._symbols[name] = LocalSymbol(called, (), sort, signed=signed)

    def symbols(self) -> list[Symbol]:
        """Every state constant that the locals need, parameters' entry values included."""
        parts = (self.at_entry, self._symbols, self._objects, self._word_symbols, self._flags)
        return list(dict.fromkeys(symbol for part in parts for symbol in part.values()))

    def locals_called(self, names: Container[str]) -> frozenset[str]:
        """The locals of which a state constant has one of these names."""
        parts = (self._symbols, self.at_entry, self._objects, self._word_symbols, self._flags)
        found = (local for part in parts for local, symbol in part.items() if symbol.name in names)
        return frozenset(found)

    def init(self) -> list[Term]:
        """Parameters have their values, nothing else does."""
        values = [
            eq(self._symbols[name](), at())
            for name, at in self.at_entry.items()
            if self._symbols[name] != at
        ]
        return [*values, *(neg(flag()) for flag in self._flags.values())]

    def symbol(self, local: ir.Local) -> Symbol:
        """The constant that holds a scalar local, as an address passed to a callee needs it."""
        if local.name in self._objects:
            raise UnsupportedCError(f"the address of the pointer {local.name} is taken")
        return self._symbols[local.name]

    def declare(self, local: ir.Local) -> tuple[Update, ...]:
        """A local comes to life: without a value."""
        flag = self._flags.get(local.name)
        return () if flag is None else (assign(flag, (), FALSE),)

    def load(self, local: ir.Local) -> Access:
        """The value of a local; reading it before it was set is a failed demand."""
        name = local.name
        flag = self._flags.get(name)
        demands: tuple[Demand, ...] = ()
        if flag is not None:
            demands = (Demand("uninitialised", flag(), f"{name} has been set"),)
        if name not in self._objects:
            return Access(self._symbols[name](), demands)
        told = self._word_symbols.get(name)
        value = ArrayPointer(
            self._regions[name],
            self._objects[name](),
            self._symbols[name](),
            told() if told is not None else None,
        )
        return Access(value, demands)

    def store(self, local: ir.Local, value: Value) -> Store:
        """A local takes a value."""
        name = local.name
        flag = self._flags.get(name)
        updates = [assign(flag, (), TRUE)] if flag is not None else []
        if name in self._objects:
            updates += self._store_pointer(name, value)
        else:
            if isinstance(value, ArrayPointer):
                value = POINTS if value.word is None else value.word
            symbol = self._symbols[name]
            if not isinstance(value, Term) or value.sort != symbol.range:
                raise UnsupportedCError(f"{name} is given a pointer that cannot be followed")
            updates.append(assign(symbol, (), value))
        return Store(tuple(updates))

    def _store_pointer(self, name: str, value: Value) -> list[Update]:
        told = self._word_symbols.get(name)
        if isinstance(value, ArrayPointer):
            updates = [
                assign(self._objects[name], (), value.object),
                assign(self._symbols[name], (), value.index),
            ]
            points: Term = POINTS if value.word is None else value.word
        else:
            assert isinstance(value, Term)
            updates, points = [], value
        if told is not None:
            updates.append(assign(told, (), points))
        return updates


def _changed(function: ir.Function) -> set[str]:
    """The locals that are assigned, or whose address is taken."""
    changed: set[str] = set()
    for node in function.nodes:
        match node:
            case ir.Step(instruction=ir.Assign(ir.Local(name))):
                changed.add(name)
            case ir.Step(instruction=ir.Call(target=ir.Local(name))):
                changed.add(name)
        for expr in ir.expressions(node):
            for part in ir.walk(expr):
                if isinstance(part, ir.AddressOf) and isinstance(part.lvalue, ir.Local):
                    changed.add(part.lvalue.name)
    return changed


def _assignments(function: ir.Function) -> list[tuple[ir.Local, ir.Expr | str]]:
    """Every value a pointer local is given: an expression, or the callee that returned it."""
    found: list[tuple[ir.Local, ir.Expr | str]] = []
    for node in function.nodes:
        match node:
            case ir.Step(instruction=ir.Assign(ir.Local() as local, expr)):
                found.append((local, expr))
            case ir.Step(instruction=ir.Call(target=ir.Local() as local, callee=callee)):
                found.append((local, callee))
    return [(local, value) for local, value in found if isinstance(local.type, PointerType)]


def _regions(function: ir.Function, world: World) -> dict[str, Region]:
    regions: dict[str, Region] = {}
    assignments = _assignments(function)
    changed = True
    while changed:
        changed = False
        for local, value in assignments:
            region = _region(value, regions, world)
            if region is None:
                continue
            known = regions.get(local.name)
            if known is not None and known != region:
                raise UnsupportedCError(
                    f"{local.name} points into {'.'.join(known)} and into {'.'.join(region)}",
                    place=function.place,
                )
            if known is None:
                regions[local.name] = region
                changed = True
    return regions


def _region(value: ir.Expr | str, regions: dict[str, Region], world: World) -> Region | None:
    match value:
        case str():
            return world.results.get(value)
        case ir.FieldArray():
            region = (value.struct_tag, value.field)
            return region if region in world.arrays else None
        case ir.Load(ir.Local(name)):
            return regions.get(name)
        case ir.Convert(expr, PointerType()):
            return _region(expr, regions, world)
        case ir.PointerAdd():
            return _region(value.pointer, regions, world)
        case ir.Conditional():
            return _region(value.if_true, regions, world) or _region(value.if_false, regions, world)
        case _:
            return None


def _may_not_point(function: ir.Function, world: World) -> set[str]:
    """The pointer locals that may be NULL or an ERR_PTR."""
    maybe: set[str] = set()
    assignments = _assignments(function)
    changed = True
    while changed:
        changed = False
        for local, value in assignments:
            if local.name not in maybe and not _surely_points(value, maybe):
                maybe.add(local.name)
                changed = True
    return maybe


def _surely_points(value: ir.Expr | str, maybe: set[str]) -> bool:
    match value:
        case ir.FieldArray():
            return True
        case ir.Load(ir.Local(name)):
            return name not in maybe
        case ir.Convert(expr, PointerType()):
            return _surely_points(expr, maybe)
        case ir.PointerAdd():
            return _surely_points(value.pointer, maybe)
        case _:
            return False


def maybe_unset(function: ir.Function) -> list[str]:
    """The locals that some path reads before it sets them, as far as the flow graph tells.

    A local whose address is passed to a callee counts as set by the call.
    """
    everything = frozenset(x.name for x in (*function.parameters, *function.locals))
    set_before: dict[int, frozenset[str]] = {
        function.entry: frozenset(p.name for p in function.parameters)
    }
    todo = [function.entry]
    while todo:
        node = function.nodes[todo.pop()]
        after = _set_after(node, set_before[node.number])
        for number in ir.successors(node):
            known = set_before.get(number, everything)
            if number not in set_before or known & after != known:
                set_before[number] = known & after
                todo.append(number)
    unset: dict[str, None] = {}
    for node in function.nodes:
        for expr in ir.expressions(node):
            for part in ir.walk(expr):
                if not (isinstance(part, ir.Load) and isinstance(part.lvalue, ir.Local)):
                    continue
                if part.lvalue.name not in set_before.get(node.number, everything):
                    unset[part.lvalue.name] = None
    return list(unset)


def _set_after(node: ir.Node, before: frozenset[str]) -> frozenset[str]:
    match node:
        case ir.Step(instruction=ir.Assign(ir.Local(name))):
            return before | {name}
        case ir.Step(instruction=ir.Declare(local)):
            return before - {local.name}
        case ir.Step(instruction=ir.Call(target=target, arguments=arguments)):
            passed = {
                part.lvalue.name
                for argument in arguments
                for part in ir.walk(argument)
                if isinstance(part, ir.AddressOf) and isinstance(part.lvalue, ir.Local)
            }
            return before | passed | ({target.name} if target is not None else set())
        case _:
            return before
