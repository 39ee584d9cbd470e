"""The interface of contracts: what a called kernel function, a struct or an array may do.

The front end knows no kernel. A `World` tells it which structs are objects, how their fields and
arrays are read and written, and what each called function demands, may answer and changes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from staleproof.cfront.types import FunctionType, IntType, Type
from staleproof.errors import UnsupportedCError
from staleproof.lang.sorts import Unbounded
from staleproof.lang.substitute import Update
from staleproof.lang.system import Assumption, Definition, Note
from staleproof.lang.terms import Symbol, Term, Var


@dataclass(frozen=True, slots=True)
class ArrayPointer:
    """A pointer into an array that is a field: of which object, at which element.

    `index` counts elements and is 64 bits wide; a negative one is a large one. `word` tells
    whether it points at all: 0 is NULL, an errno's word is an ERR_PTR; None means it surely does.
    """

    region: tuple[str, str]
    object: Term
    index: Term
    word: Term | None = None


@dataclass(frozen=True, slots=True)
class LocalAddress:
    """The address of a local, passed to a callee that writes it; `filled` if the callee may find
    there what the function has put there.
    """

    symbol: Symbol
    filled: bool = False


@dataclass(frozen=True, slots=True)
class FieldAddress:
    """The address of a field, passed to a callee: `&mm->mmap_lock`."""

    struct_tag: str
    field: str
    object: Term


@dataclass(frozen=True, slots=True)
class GlobalAddress:
    """The address of a global that is no object of the model, passed to a callee: `&lock`."""

    name: str


Value: TypeAlias = "Term | ArrayPointer | LocalAddress | FieldAddress | GlobalAddress"


@dataclass(frozen=True, slots=True, eq=False)
class Demand:
    """What must hold at this point of the function. `kind` names the property it belongs to.

    `notes` are what a trace shows where it does not hold.
    """

    kind: str
    condition: Term
    sentence: str
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """One way a call may end: for all `params` with `require`, `updates` happen together.

    `demands` must hold if the call ends this way, before its updates.
    """

    name: str
    result: Value | None = None
    params: tuple[Var, ...] = ()
    require: tuple[Term, ...] = ()
    updates: tuple[Update, ...] = ()
    demands: tuple[Demand, ...] = ()
    doc: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Effect:
    """What a call demands and may do. `kernel` names file and function, `holds` the locks."""

    outcomes: tuple[Outcome, ...]
    demands: tuple[Demand, ...] = ()
    kernel: str = ""
    holds: str = ""
    assumptions: tuple[Assumption, ...] = ()


@dataclass(frozen=True, slots=True)
class CallSite:
    """A call as a contract sees it: evaluated arguments, and the type its value is used at."""

    callee: str
    arguments: tuple[Value, ...]
    result_type: Type

    def word(self, position: int) -> Term:
        """An argument that is a plain value. Raises if it is an address that is not modelled."""
        found = self.arguments[position]
        if not isinstance(found, Term):
            raise UnsupportedCError(f"{self.callee} is given an address that is not modelled")
        return found


Contract: TypeAlias = Callable[[CallSite], Effect]


@dataclass(frozen=True, slots=True)
class Access:
    """A read: its value and what must hold for it to be one."""

    value: Value
    demands: tuple[Demand, ...] = ()


@dataclass(frozen=True, slots=True)
class Store:
    """A write: its updates and what must hold for it to be one."""

    updates: tuple[Update, ...]
    demands: tuple[Demand, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class StructModel:
    """How a struct is modelled: the sort of its objects and how a field is read and written.

    `null` is the object that NULL points to, `error` the one that an ERR_PTR's word does. `point`
    writes a field that points into an array; without it such a field keeps but the pointer's word.
    """

    sort: Unbounded
    null: Symbol
    error: Symbol
    load: Callable[[str, Term, Type], Access]
    store: Callable[[str, Term, Term, Type], Store]
    point: Callable[[str, Term, ArrayPointer], Store] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class ArrayModel:
    """How an array that is a field is modelled; elements are reached through typed pointers.

    `size` is that of an element, in bytes.
    """

    size: int
    load: Callable[[Term, Term, Type], Access]
    store: Callable[[Term, Term, Term, Type], Store]


def _unknown(callee: str) -> tuple[FunctionType, ...]:
    return ()


@dataclass(frozen=True, eq=False)
class World:
    """Everything outside the function. Axioms and initial conditions are used where their symbols
    are.
    """

    structs: Mapping[str, StructModel] = field(default_factory=dict)
    arrays: Mapping[tuple[str, str], ArrayModel] = field(default_factory=dict)
    globals: Mapping[str, Term] = field(default_factory=dict)
    objects: Mapping[str, Term] = field(default_factory=dict)
    """Globals that are structs, each with the object that it is: `&iomem_resource`."""
    fields: Mapping[tuple[str, str], Term] = field(default_factory=dict)
    """Fields of structs that are not objects, each with one fixed value: `current->mm`."""
    only: Mapping[str, str] = field(default_factory=dict)
    """Of structs that have such fields: the global that points to the one that they are of."""
    contracts: Mapping[str, Contract] = field(default_factory=dict)
    results: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """For callees that return a pointer into an array: which one."""
    prototypes: Callable[[str], tuple[FunctionType, ...]] = _unknown
    """What contracts are written for: of a callee, the types of the calls that it can judge; none
    where that is not known.
    """
    axioms: tuple[Term, ...] = ()
    definitions: tuple[Definition, ...] = ()
    init: tuple[Term, ...] = ()
    assumptions: tuple[Assumption, ...] = ()
    about: Mapping[str, Callable[[Symbol], bool]] = field(default_factory=dict)
    """By the name of an assumption: which symbols it speaks of. A system without any of them does
    not rest on it; one that is not named here, all rest on.
    """
    kinds: Mapping[str, str] = field(default_factory=dict)
    """Each kind of demand, with the sentence that its property claims."""


def width_of(type_: Type) -> int:
    """The width in bits of a scalar type: pointers are 64 bits wide."""
    return type_.width if isinstance(type_, IntType) else 64
