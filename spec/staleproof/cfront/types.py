"""C types on LP64, and the conversions between them: promotions, usual conversions, literals.

Typedefs are resolved to the type they name, so two spellings of one type are equal. Qualifiers are
dropped: `const` changes no value, and `volatile` is refused where it is met.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class IntType:
    """An integer type: its spelling, width in bits, sign, and rank (C11 6.3.1.1)."""

    name: str
    width: int
    signed: bool
    rank: int

    @property
    def is_bool(self) -> bool:
        """True of `bool`, to which conversion is `!= 0` and not truncation."""
        return self.rank == 0

    @property
    def minimum(self) -> int:
        return -(1 << (self.width - 1)) if self.signed else 0

    @property
    def maximum(self) -> int:
        if self.is_bool:
            return 1
        return (1 << (self.width - self.signed)) - 1

    def holds(self, value: int) -> bool:
        """True if the mathematical value is one of the type."""
        return self.minimum <= value <= self.maximum

    def wrap(self, value: int) -> int:
        """The mathematical value converted to the type, as gcc does it: modulo 2^width."""
        if self.is_bool:
            return int(value != 0)
        value &= (1 << self.width) - 1
        return value - (1 << self.width) if value > self.maximum else value

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class VoidType:
    """`void`."""

    def __str__(self) -> str:
        return "void"


@dataclass(frozen=True, slots=True)
class StructType:
    """`struct tag`, also a typedef of an unnamed struct; unions have the tag `union tag`."""

    tag: str

    def __str__(self) -> str:
        return self.tag if self.tag.startswith("union ") else f"struct {self.tag}"


@dataclass(frozen=True, slots=True)
class PointerType:
    """A 64-bit pointer to `target`."""

    target: Type

    def __str__(self) -> str:
        target = str(self.target)
        return f"{target}*" if target.endswith("*") else f"{target} *"


@dataclass(frozen=True, slots=True)
class ArrayType:
    """An array; `length` is None for a flexible array member."""

    element: Type
    length: int | None

    def __str__(self) -> str:
        return f"{self.element}[{'' if self.length is None else self.length}]"


@dataclass(frozen=True, slots=True)
class FunctionType:
    """A prototype: parameter types after adjustment of arrays, and the type returned."""

    parameters: tuple[Type, ...]
    returns: Type
    variadic: bool = False

    def __str__(self) -> str:
        shown = [str(p) for p in self.parameters] + ["..."] * self.variadic
        return f"{self.returns} ({', '.join(shown) or 'void'})"


Type: TypeAlias = IntType | VoidType | StructType | PointerType | ArrayType | FunctionType


@dataclass(frozen=True, slots=True)
class StructField:
    """A member. `refusal` says why it may not be read or written (bit-fields), or is empty."""

    name: str
    type: Type
    refusal: str = ""


@dataclass(frozen=True, slots=True)
class StructDefinition:
    """The members of a struct. `complete` is False if the kernel's struct has more of them."""

    tag: str
    fields: tuple[StructField, ...]
    complete: bool = True

    def field(self, name: str) -> StructField | None:
        """The member of that name, or None."""
        return next((f for f in self.fields if f.name == name), None)


VOID = VoidType()
BOOL = IntType("bool", 8, False, 0)
CHAR = IntType("char", 8, True, 1)
SCHAR = IntType("signed char", 8, True, 1)
UCHAR = IntType("unsigned char", 8, False, 1)
SHORT = IntType("short", 16, True, 2)
USHORT = IntType("unsigned short", 16, False, 2)
INT = IntType("int", 32, True, 3)
UINT = IntType("unsigned int", 32, False, 3)
LONG = IntType("long", 64, True, 4)
ULONG = IntType("unsigned long", 64, False, 4)
LLONG = IntType("long long", 64, True, 5)
ULLONG = IntType("unsigned long long", 64, False, 5)
VOID_POINTER = PointerType(VOID)

INTEGER_TYPES: tuple[IntType, ...] = (
    BOOL,
    CHAR,
    SCHAR,
    UCHAR,
    SHORT,
    USHORT,
    INT,
    UINT,
    LONG,
    ULONG,
    LLONG,
    ULLONG,
)

_UNSIGNED = {SCHAR: UCHAR, SHORT: USHORT, INT: UINT, LONG: ULONG, LLONG: ULLONG}

_WORDS_OF_TYPES: dict[tuple[str, ...], IntType] = {
    ("char",): CHAR,
    ("char", "signed"): SCHAR,
    ("char", "unsigned"): UCHAR,
    ("short",): SHORT,
    ("short", "unsigned"): USHORT,
    ("int",): INT,
    ("unsigned",): UINT,
    ("long",): LONG,
    ("long", "unsigned"): ULONG,
    ("long", "long"): LLONG,
    ("long", "long", "unsigned"): ULLONG,
    ("_Bool",): BOOL,
    ("bool",): BOOL,
}

TYPEDEFS: dict[str, Type] = {
    "bool": BOOL,
    "_Bool": BOOL,
    "u8": UCHAR,
    "u16": USHORT,
    "u32": UINT,
    "u64": ULLONG,
    "s8": SCHAR,
    "s16": SHORT,
    "s32": INT,
    "s64": LLONG,
    "uint8_t": UCHAR,
    "uint16_t": USHORT,
    "uint32_t": UINT,
    "uint64_t": ULLONG,
    "int8_t": SCHAR,
    "int16_t": SHORT,
    "int32_t": INT,
    "int64_t": LLONG,
    "uint": UINT,
    "ulong": ULONG,
    "size_t": ULONG,
    "ssize_t": LONG,
    "uintptr_t": ULONG,
    "intptr_t": LONG,
    "ptrdiff_t": LONG,
    "loff_t": LLONG,
    "pgoff_t": ULONG,
    "phys_addr_t": ULLONG,
    "dma_addr_t": ULLONG,
    "resource_size_t": ULLONG,
    "sector_t": ULLONG,
    "gfp_t": UINT,
    "vm_fault_t": UINT,
    "fmode_t": UINT,
    "vm_flags_t": ULONG,
    "pgprot_t": StructType("pgprot_t"),
    "pte_t": StructType("pte_t"),
    "pmd_t": StructType("pmd_t"),
    "pud_t": StructType("pud_t"),
    "p4d_t": StructType("p4d_t"),
    "pgd_t": StructType("pgd_t"),
    "spinlock_t": StructType("spinlock_t"),
    "rwlock_t": StructType("rwlock_t"),
    "atomic_t": StructType("atomic_t"),
}
TYPEDEFS |= {
    f"__{name}": TYPEDEFS[name] for name in ("u8", "u16", "u32", "u64", "s8", "s16", "s32", "s64")
}
TYPEDEFS |= {f"__kernel_{name}": TYPEDEFS[name] for name in ("size_t", "ssize_t", "loff_t")}


def integer_of_words(words: list[str]) -> IntType | None:
    """The type that a list of specifiers names (`unsigned`, `long`, `int`, ...), or None."""
    key = sorted(words)
    if len(key) > 1 and "int" in key:
        key.remove("int")
    if "signed" in key and "char" not in key:
        key.remove("signed")
        key = key or ["int"]
    return _WORDS_OF_TYPES.get(tuple(key))


def is_scalar(type_: Type) -> bool:
    """True of what can be tested against zero: integers and pointers."""
    return isinstance(type_, IntType | PointerType)


def promoted(type_: IntType) -> IntType:
    """The integer promotion (C11 6.3.1.1): int holds every narrower type of LP64."""
    return INT if type_.rank < INT.rank else type_


def common_type(left: IntType, right: IntType) -> IntType:
    """The usual arithmetic conversions (C11 6.3.1.8) of two integer types."""
    left, right = promoted(left), promoted(right)
    if left.signed == right.signed:
        return left if left.rank >= right.rank else right
    signed, unsigned = (left, right) if left.signed else (right, left)
    if unsigned.rank >= signed.rank:
        return unsigned
    if signed.width > unsigned.width:
        return signed
    return _UNSIGNED[signed]


def literal_type(value: int, suffix: str, decimal: bool) -> IntType | None:
    """The type of an integer literal (C11 6.4.4.1): the first of its list that holds the value.

    None if the suffix is not one of C, or no type holds the value.
    """
    folded = suffix.lower()
    if folded not in ("", "u", "l", "ul", "lu", "ll", "ull", "llu") or "lL" in suffix:
        return None
    if "Ll" in suffix:
        return None
    longs = folded.count("l")
    candidates = [(INT, UINT), (LONG, ULONG), (LLONG, ULLONG)][longs:]
    for signed, unsigned in candidates:
        if "u" not in folded and signed.holds(value):
            return signed
        if ("u" in folded or not decimal) and unsigned.holds(value):
            return unsigned
    return None
