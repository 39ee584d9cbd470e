"""The state of a model, as its author writes it: relations, functions, constants, flags.

Inside of an action ``s.pte[v, p]`` reads the state before the step, and assignments say what is
different after it. All assignments of an action happen together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import (
    TYPE_CHECKING,
    Annotated,
    Any,
    Generic,
    Never,
    Self,
    TypeAlias,
    TypeVar,
    TypeVarTuple,
    get_args,
    get_origin,
    overload,
)

from staleproof.errors import ModelError
from staleproof.lang.kinds import Kind, Truth, sort_of
from staleproof.lang.sorts import BOOL, BoolSort
from staleproof.lang.substitute import Update, formals_of, override
from staleproof.lang.terms import Operand, Symbol, Term, coerce, conj, eq, ite

if TYPE_CHECKING:
    from staleproof.lang.model import Model

R = TypeVar("R", bound=Kind)
A = TypeVar("A")
B = TypeVar("B")
C = TypeVar("C")
T = TypeVar("T")
Ts = TypeVarTuple("Ts")
Row: TypeAlias = slice
"""``:`` in place of an argument: at every element."""


@dataclass
class Recording:
    """What the method of an action or formula says while it runs."""

    what: str
    is_action: bool
    guard: list[Term] = field(default_factory=list)
    updates: dict[Symbol, Update] = field(default_factory=dict)
    conditions: list[Term] = field(default_factory=list)

    def require(self, conditions: tuple[Operand, ...]) -> None:
        """Add to what must hold before the step."""
        if not self.is_action:
            raise ModelError(f"{self.what} requires something", fix="return an implication instead")
        if self.updates:
            raise ModelError(
                f"{self.what} requires something after an assignment",
                why="a guard speaks of the state before the step",
                fix="write all `require` lines first",
            )
        self.guard += [coerce(condition, BOOL) for condition in conditions]

    def read(self, symbol: Symbol) -> None:
        """Note that a symbol is read."""
        if symbol in self.updates:
            raise ModelError(
                f"{self.what} reads {symbol.name} after assigning it",
                why="an action reads the state before it, which is not what the line suggests",
                fix="read it into a local name before the first assignment to it",
            )

    def write(self, symbol: Symbol, where: Term, value: Operand) -> None:
        """Add an assignment: at the formals where `where` holds, and the enclosing conditions."""
        if not self.is_action:
            raise ModelError(
                f"{self.what} assigns {symbol.name}", why="only actions change the state"
            )
        if not symbol.mutable:
            raise ModelError(f"{self.what} assigns {symbol.name}, which never changes")
        formals = formals_of(symbol)
        here = conj(where, *self.conditions)
        changed = ite(here, coerce(value, symbol.range), symbol(*formals))
        update = Update(symbol, formals, changed, here)
        known = self.updates.get(symbol)
        self.updates[symbol] = update if known is None else override(known, update)

    @contextmanager
    def under(self, condition: Operand) -> Iterator[None]:
        """Make the assignments inside depend on a condition."""
        self.conditions.append(coerce(condition, BOOL))
        try:
            yield
        finally:
            self.conditions.pop()


class Declared:
    """A declared part of the state."""

    def __init__(self, symbol: Symbol) -> None:
        self.symbol = symbol


class _Table(Declared):
    """What relations and functions have in common: reading and writing at points."""

    recording: Recording

    def __get__(self, model: Model | None, owner: type[Model]) -> Self:
        if model is None:
            return self
        table = type(self)(self.symbol)
        table.recording = model.recording
        return table

    def __set__(self, model: Model, value: object) -> None:
        name = self.symbol.name
        raise ModelError(
            f"{model.recording.what} assigns {name} as a whole",
            fix=f"assign at a point, s.{name}[...] = ..., or at many: s.{name}.set(..., where=...)",
        )

    def __iter__(self) -> Never:
        raise ModelError(f"{self.symbol.name} is iterated", fix="use every(...) or some(...)")

    def _read(self, at: Any) -> Any:
        arguments = at if isinstance(at, tuple) else (at,)
        if any(isinstance(argument, slice) for argument in arguments):
            raise ModelError(
                f"{self.symbol.name} is read at a row", fix="use every(...) or some(...)"
            )
        self.recording.read(self.symbol)
        return self.symbol(*arguments)

    def _write(self, at: Any, value: Operand) -> None:
        arguments = at if isinstance(at, tuple) else (at,)
        symbol = self.symbol
        if len(arguments) != len(symbol.domain):
            raise ModelError(f"{symbol.name} takes {len(symbol.domain)} arguments")
        points = []
        for formal, argument in zip(formals_of(symbol), arguments, strict=True):
            if isinstance(argument, slice):
                if argument != slice(None):
                    raise ModelError(f"{symbol.name} is assigned at a part of a row", fix="use `:`")
            else:
                points.append(eq(formal, coerce(argument, formal.sort)))
        self.recording.write(symbol, conj(*points), value)

    def _set(self, value: Any, where: Callable[..., Term] | None) -> None:
        formals = formals_of(self.symbol)
        new = value(*formals) if callable(value) else value
        condition = conj() if where is None else coerce(where(*formals), BOOL)
        self.recording.write(self.symbol, condition, new)


class Relation(_Table, Generic[*Ts]):
    """A relation over sorts: ``pte: Relation[Vma, Page]``."""

    @overload
    def __getitem__(self: Relation[A], at: A) -> Term: ...
    @overload
    def __getitem__(self: Relation[A, B], at: tuple[A, B]) -> Term: ...
    @overload
    def __getitem__(self: Relation[A, B, C], at: tuple[A, B, C]) -> Term: ...
    def __getitem__(self, at: Any) -> Term:
        read: Term = self._read(at)
        return read

    @overload
    def __setitem__(self: Relation[A], at: A | Row, value: Term | bool) -> None: ...
    @overload
    def __setitem__(
        self: Relation[A, B], at: tuple[A | Row, B | Row], value: Term | bool
    ) -> None: ...
    @overload
    def __setitem__(
        self: Relation[A, B, C], at: tuple[A | Row, B | Row, C | Row], value: Term | bool
    ) -> None: ...
    def __setitem__(self, at: Any, value: Term | bool) -> None:
        self._write(at, value)

    def set(
        self,
        value: Term | bool | Callable[[*Ts], Term],
        where: Callable[[*Ts], Term] | None = None,
    ) -> None:
        """Assign at every point where `where` holds, or at all points."""
        self._set(value, where)


class Function(_Table, Generic[*Ts, R]):
    """A function between sorts, the last one its range: ``stage: Function[Vma, Stage]``."""

    @overload
    def __getitem__(self: Function[A, R], at: A) -> R: ...
    @overload
    def __getitem__(self: Function[A, B, R], at: tuple[A, B]) -> R: ...
    def __getitem__(self, at: Any) -> R:
        read: R = self._read(at)
        return read

    @overload
    def __setitem__(self: Function[A, R], at: A | Row, value: Operand) -> None: ...
    @overload
    def __setitem__(
        self: Function[A, B, R], at: tuple[A | Row, B | Row], value: Operand
    ) -> None: ...
    def __setitem__(self, at: Any, value: Operand) -> None:
        self._write(at, value)

    def set(
        self,
        value: Operand | Callable[[*Ts], Term],
        where: Callable[[*Ts], Term] | None = None,
    ) -> None:
        """Assign at every point where `where` holds, or at all points."""
        self._set(value, where)


class Constant(Declared, Generic[R]):
    """A value of a sort: ``holder: Constant[Cpu]``, read as ``s.holder``, assigned the same way."""

    @overload
    def __get__(self, model: None, owner: type[Model]) -> Constant[R]: ...
    @overload
    def __get__(self, model: Model, owner: type[Model]) -> R: ...
    def __get__(self, model: Model | None, owner: type[Model]) -> Any:
        if model is None:
            return self
        model.recording.read(self.symbol)
        return self.symbol()

    def __set__(self, model: Model, value: Operand) -> None:
        model.recording.write(self.symbol, conj(), value)


class Flag(Declared):
    """A truth value of the state."""

    @overload
    def __get__(self, model: None, owner: type[Model]) -> Flag: ...
    @overload
    def __get__(self, model: Model, owner: type[Model]) -> Truth: ...
    def __get__(self, model: Model | None, owner: type[Model]) -> Any:
        if model is None:
            return self
        model.recording.read(self.symbol)
        return self.symbol()

    def __set__(self, model: Model, value: Term | bool) -> None:
        model.recording.write(self.symbol, conj(), value)


class Config(Declared):
    """A kernel configuration: a truth value that never changes, and may be either."""

    @overload
    def __get__(self, model: None, owner: type[Model]) -> Config: ...
    @overload
    def __get__(self, model: Model, owner: type[Model]) -> Truth: ...
    def __get__(self, model: Model | None, owner: type[Model]) -> Any:
        return self if model is None else self.symbol()

    def __set__(self, model: Model, value: Never) -> None:
        model.recording.write(self.symbol, conj(), value)


class _Mark:
    """What an annotation says beside the type."""


_FIXED, _SIGNED = _Mark(), _Mark()

Fixed = Annotated[T, _FIXED]
"""A part of the state that no action may change: ``covers: Fixed[Relation[Region, Page]]``."""
Signed = Annotated[T, _SIGNED]
"""Words that a trace shows with their sign: ``ret: Signed[Constant[U32]]``."""


def declaration(name: str, annotation: Any, what: str) -> Declared | None:
    """The part of the state that a class annotation declares; None if it declares none."""
    marks: tuple[Any, ...] = ()
    while get_origin(annotation) is Annotated:
        annotation, *more = get_args(annotation)
        marks += tuple(more)
    kind = get_origin(annotation) or annotation
    if not (isinstance(kind, type) and issubclass(kind, Declared)):
        return None
    sorts = tuple(sort_of(argument, f"{name} of {what}") for argument in get_args(annotation))
    signed = _SIGNED in marks
    if kind is Constant or kind is Function:
        if not sorts:
            raise ModelError(
                f"{name} of {what} does not say its range", fix=f"{kind.__name__}[...]"
            )
        *domain, range_ = sorts
    else:
        domain, range_ = [*sorts], BOOL
    if kind in (Relation, Function) and not domain:
        raise ModelError(f"{name} of {what} has no arguments", fix="declare a Constant or a Flag")
    if signed and isinstance(range_, BoolSort):
        raise ModelError(f"{name} of {what} is signed, and a truth value has no sign")
    mutable = kind is not Config and _FIXED not in marks
    symbol = Symbol(name, tuple(domain), range_, mutable, signed)
    made: Declared = kind(symbol)
    return made
