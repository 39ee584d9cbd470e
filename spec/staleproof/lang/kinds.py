"""Sorts as classes, so that the parameters of actions and properties can be annotated with them.

A model author declares the sets that a model speaks of::

    class Page(Element):
        "A physical page."

    class Stage(Members):
        "How far an mmap has come."
        IDLE: Stage
        CHECKED: Stage

    class Count(Word, width=3):
        "A reference count."

What such an annotation stands for at run time is a term, so the classes are terms for the type
checker; nobody ever makes an instance of one.
"""

from __future__ import annotations

import inspect
from typing import Any, ClassVar, Self

from staleproof.errors import ModelError
from staleproof.lang.sorts import BOOL, INT, BitVec, Enum, Sort, Unbounded
from staleproof.lang.terms import Term, literal


class Kind(Term):
    """The root of all sorts that are written as classes."""

    __slots__ = ()
    declared: ClassVar[Sort | None] = None

    def __new__(cls, *_: object) -> Self:
        raise ModelError(
            f"{cls.__name__} is a sort, it has no instances",
            fix="annotate a parameter with it, or declare a Constant of it",
        )


class Truth(Kind):
    """The two truth values."""

    __slots__ = ()
    declared = BOOL


class Integer(Kind):
    """The mathematical integers; only constants and parameters of lemmas range over them."""

    __slots__ = ()
    declared = INT


class Element(Kind):
    """The root of unbounded sorts: any non-zero number of elements, named like the class."""

    __slots__ = ()

    def __init_subclass__(cls) -> None:
        cls.declared = Unbounded(cls.__name__)


class Members(Kind):
    """The root of enumerations: the annotated names of the class body are the members, in order."""

    __slots__ = ()

    def __init_subclass__(cls) -> None:
        names = tuple(inspect.get_annotations(cls))
        if not names:
            raise ModelError(
                f"the enumeration {cls.__name__} has no members",
                fix=f"declare them in the class body: IDLE: {cls.__name__}",
            )
        sort = Enum(cls.__name__, names)
        cls.declared = sort
        for name in names:
            setattr(cls, name, literal(name, sort))


class Word(Kind):
    """The root of bit-vector sorts; a subclass says its width: ``class Count(Word, width=3)``."""

    __slots__ = ()

    def __init_subclass__(cls, *, width: int) -> None:
        if width < 1:
            raise ModelError(
                f"{cls.__name__} is a word of {width} bits", fix="give a width of 1 up"
            )
        cls.declared = BitVec(width)


class U32(Word, width=32):
    """Words of 32 bits; they carry no sign, the comparisons do."""

    __slots__ = ()


class U64(Word, width=64):
    """Words of 64 bits; they carry no sign, the comparisons do."""

    __slots__ = ()


def sort_of(annotation: Any, what: str) -> Sort:
    """The sort that an annotation names. Raises ModelError when it names none."""
    declared = getattr(annotation, "declared", None) if isinstance(annotation, type) else None
    if declared is None or not issubclass(annotation, Kind):
        shown = getattr(annotation, "__name__", None) or repr(annotation)
        raise ModelError(
            f"{what} is annotated with {shown}, which is no sort",
            why="what a variable ranges over decides what a property says",
            fix="use Truth, or a class derived from Element, Members or Word",
        )
    sort: Sort = declared
    return sort
