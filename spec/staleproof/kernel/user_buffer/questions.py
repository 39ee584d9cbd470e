"""From a claim about a driver's C text to the question that the engines answer."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Protocol

from staleproof.cfront import SourceFile, load_function
from staleproof.cfront.translate import Translation, translate
from staleproof.engine.question import Killer, Question
from staleproof.engine.search import Limits
from staleproof.kernel.demands import witness_of
from staleproof.kernel.frame_vector.questions import read_source
from staleproof.kernel.user_buffer import buffer
from staleproof.kernel.user_buffer.properties import Subject
from staleproof.kernel.user_buffer.rows import Row, Wrong, asked_with, row_named
from staleproof.kernel.user_buffer.world import DRIVERS
from staleproof.lang.system import Assumption, Property, System
from staleproof.lang.terms import Term
from staleproof.logic.blocks import loop_heads
from staleproof.verdict import Word

LIMITS = Limits(depth=65)
"""Three fifths of it are tried early, and the longest run that is looked for takes 38 steps."""


class ClaimLike(Protocol):
    """What is needed of a claim."""

    @property
    def expected(self) -> Word: ...
    @property
    def property(self) -> str: ...


@dataclass(frozen=True)
class Driver:
    """A driver at a version: its texts, first its own, and what its two functions are called.

    `maps` says whether its get makes the DMA mapping, too.
    """

    texts: tuple[Path, ...]
    get: str
    release: str = ""
    maps: bool = False
    keep_calls: frozenset[str] = frozenset()
    """Functions of the texts that are called by contract all the same."""
    own: SourceFile | None = None
    """What stands in the place of its own text, if something does."""

    @cached_property
    def source(self) -> SourceFile:
        """The texts, one behind the other, under the name of the first."""
        first, *others = (read_source(path) for path in self.texts)
        found = [self.own or first, *others]
        return SourceFile(found[0].name, "\n".join(text.text for text in found))


def question(claim: ClaimLike, driver: Driver) -> Question:
    """The question of a claim about a driver."""
    row = row_named(claim.property)
    source = driver.source
    system, translation = built(row, driver, source)
    prop = system.property_named(row.name)
    refuted = claim.expected is Word.REFUTED
    killers = (w for w in row.killers if w.fits(source.text))
    return Question(
        system,
        prop,
        witness=witness_of(translation, prop),
        killers=() if refuted else tuple(_killer(row, driver, w) for w in killers),
        limits=LIMITS,
        search_first=refuted,
    )


@lru_cache(maxsize=24)
def _translated(source: SourceFile, function: str, keep_calls: frozenset[str]) -> Translation:
    return translate(load_function(source, function, keep_calls=keep_calls), DRIVERS)


def built(row: Row, driver: Driver, source: SourceFile) -> tuple[System, Translation]:
    """The system of the function that the row is about, with all that is asked of such calls."""
    return _built(asked_with(row), driver, source)


@lru_cache(maxsize=24)
def _built(rows: tuple[Row, ...], driver: Driver, source: SourceFile) -> tuple[System, Translation]:
    function = driver.release if rows[0].of_release else driver.get
    translation = _translated(source, function, driver.keep_calls)
    subject = Subject(translation, driver.maps)
    init, assumptions = _start(rows[0], subject)
    made = [(row, row.make(subject)) for row in rows]
    # A driver that maps nothing has no DMA mapping that could come to harm.
    made = [
        (row, prop) for row, prop in made if prop.at is None or prop.at <= translation.locations
    ]
    safety = tuple(prop for _, prop in made)
    system = translation.system(safety, init=init, assumptions=assumptions)
    heads = loop_heads(system)
    lemmas = (q for row, prop in made for h in heads for q in row.lemmas(subject, prop, h))
    return replace(system, lemmas=tuple(lemmas)), translation


def _start(row: Row, subject: Subject) -> tuple[tuple[Term, ...], tuple[Assumption, ...]]:
    """What is known at the call, and as what that is assumed."""
    if row.from_anywhere:
        return (), ()
    if not row.of_release:
        return buffer.empty(subject.buffer), (buffer.EMPTY,)
    told = () if subject.maps else (buffer.MAPPED,)
    return buffer.taken(subject.buffer, mapped=subject.mapped), (buffer.TAKEN, *told)


def _killer(row: Row, driver: Driver, wrong: Wrong) -> Killer:
    def build() -> tuple[System, Property]:
        source = driver.source
        system, _ = built(row, driver, SourceFile(source.name, edited(source.text, wrong)))
        return system, system.property_named(row.name)

    return Killer(wrong.name, wrong.sentence, build)


def edited(text: str, wrong: Wrong) -> str:
    """The text with every edit made in its place, none in the outcome of another."""
    places = sorted((text.index(old), old, new) for old, new in wrong.edits)
    parts, done = [], 0
    for place, old, new in places:
        parts += [text[done:place], new]
        done = place + len(old)
    return "".join([*parts, text[done:]])
