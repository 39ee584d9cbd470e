"""From a claim about device memory to the question for the engines."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from typing import Protocol

from staleproof.claims import all_claims
from staleproof.engine.question import Killer, Question
from staleproof.engine.search import Limits
from staleproof.kernel.device_memory import sorts
from staleproof.kernel.device_memory.rows import ROWS, Row, Wrong
from staleproof.lang.kinds import Element
from staleproof.lang.model import Model, build, patched
from staleproof.lang.sorts import Unbounded
from staleproof.lang.system import Property, System
from staleproof.logic.scope import Scope
from staleproof.verdict import Word

At = Callable[[type[Model]], type[Model]]
"""What makes the model of a version out of a model of the kernel before the series."""

LONGEST = 18
"""The longest run that is searched for; the deepest hole takes 15 steps."""


class ClaimLike(Protocol):
    """What is needed of a claim."""

    @property
    def version(self) -> str: ...
    @property
    def expected(self) -> Word: ...
    @property
    def property(self) -> str: ...


def question(claim: ClaimLike, at: At, more_killers: Iterable[Wrong] = ()) -> Question:
    """The question of a claim: its property of the model at its version."""
    row = ROWS[claim.property]
    system = system_at(row.model, at)
    wrong = (*row.killers, *more_killers)
    if claim.expected is Word.PROVED:
        system = system.with_safety(*_family(claim, row, system))
    else:
        system = system.with_safety(system.property_named(row.method))
    return Question(
        system=system,
        prop=system.property_named(row.method),
        killers=tuple(_killer(row, at, w) for w in wrong) if claim.expected is Word.PROVED else (),
        limits=limits(row),
        search_first=claim.expected is Word.REFUTED,
    )


_systems: dict[tuple[type[Model], At], System] = {}


def system_at(model: type[Model], at: At) -> System:
    """The system of a model at a version, built once."""
    if (model, at) not in _systems:
        _systems[model, at] = replace(build(at(model)), name=model.__name__)
    return _systems[model, at]


def _family(claim: ClaimLike, row: Row, system: System) -> list[Property]:
    """All that is to be proved of this model at this version: one study serves them all."""
    methods = [
        other.method
        for c in all_claims()
        if c.version == claim.version and c.expected is Word.PROVED
        if (other := ROWS.get(c.property)) is not None and other.model is row.model
    ]
    return [system.property_named(m) for m in dict.fromkeys((*methods, row.method))]


def _killer(row: Row, at: At, wrong: Wrong) -> Killer:
    assert wrong.__doc__ is not None
    return Killer(wrong.__name__, wrong.__doc__.split("\n\n")[0], partial(_killed, row, at, wrong))


def _killed(row: Row, at: At, wrong: Wrong) -> tuple[System, Property]:
    system = build(patched(at(row.model), wrong))
    return system, system.property_named(row.method)


def limits(row: Row) -> Limits:
    """How far the property of a row is searched, and over which scopes."""
    return Limits(LONGEST, tuple(scope(dict(sizes)) for sizes in row.scopes))


def scope(sizes: dict[str, int]) -> Scope:
    """One element of each sort but where `sizes` says more.

    There are three mappings: two inodes have their own, and so has the file.
    """
    kinds = [k for k in vars(sorts).values() if isinstance(k, type) and issubclass(k, Element)]
    found: dict[Unbounded, int] = {}
    for kind in kinds:
        if isinstance(kind.declared, Unbounded):
            least = 3 if kind is sorts.Mapping else 1
            found[kind.declared] = sizes.get(kind.__name__, least)
    return Scope(found, 1)
