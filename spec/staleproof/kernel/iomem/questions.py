"""From a claim about device memory to the question that the engines answer."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Protocol

from staleproof.cfront import SourceFile, load_function
from staleproof.cfront.translate import Translation, translate
from staleproof.engine.question import Killer, Question
from staleproof.errors import ModelError
from staleproof.kernel.demands import witness_of
from staleproof.kernel.frame_vector.questions import read_source
from staleproof.kernel.iomem.properties import Subject
from staleproof.kernel.iomem.rows import ALL, Asked, Row, Wrong
from staleproof.lang.substitute import symbols_of
from staleproof.lang.system import Property, System
from staleproof.logic.blocks import loop_heads
from staleproof.verdict import Word


class ClaimLike(Protocol):
    """What is needed of a claim."""

    @property
    def expected(self) -> Word: ...
    @property
    def property(self) -> str: ...


class Texts(Hashable, Protocol):
    """The C texts of a version: that of a function, and how names in edits are spelled in it."""

    def source(self, asked: Asked) -> SourceFile: ...
    def named(self, text: str) -> str: ...


@dataclass(frozen=True, slots=True)
class Folder:
    """The texts of a folder: a row says which it is asked of. Names are spelled as they stand."""

    path: Path

    def source(self, asked: Asked) -> SourceFile:
        """The text of the function."""
        return read_source(self.path / f"{asked.text}.c")

    def named(self, text: str) -> str:
        """The text as it stands."""
        return text


@dataclass(frozen=True, slots=True)
class Version:
    """The C texts of a version, by what they are about, and the name that its revoke has."""

    resource: Path
    mem: Path
    claiming: Path
    revoking: Path
    revoke: str
    x86: Path
    generic: Path
    memory: Path
    pci: Path

    def source(self, asked: Asked) -> SourceFile:
        """The text of the function."""
        path: Path = getattr(self, asked.text)
        return read_source(path)

    def named(self, text: str) -> str:
        """The text with the name of the revoke in its place."""
        return text.replace("{revoke}", self.revoke)


def question(claim: ClaimLike, version: Version) -> Question:
    """The question of a claim at a version."""
    return question_of(claim, version, *row_named(claim.property, ALL))


def question_of(claim: ClaimLike, version: Texts, asked: Asked, row: Row) -> Question:
    """The question of a claim that is this row of this function."""
    source = version.source(asked)
    rows = _together(asked, row)
    system, translation = built(asked, version, source, rows)
    prop = system.property_named(row.name)
    refuted = claim.expected is Word.REFUTED
    return Question(
        system,
        prop,
        witness=witness_of(translation, prop),
        killers=() if refuted else tuple(_killer(asked, version, row, w) for w in row.killers),
        limits=asked.limits,
        search_first=refuted,
    )


def row_named(name: str, among: tuple[Asked, ...]) -> tuple[Asked, Row]:
    """The row of that name, and the function that it is asked of."""
    for asked in among:
        for row in asked.rows:
            if row.name == name:
                return asked, row
    raise ModelError(f"there is no row {name}")


def _together(asked: Asked, row: Row) -> tuple[Row, ...]:
    """The rows that are asked of one system: those to be proved, or the one to be refuted."""
    return tuple(r for r in asked.rows if r.killers) if row.killers else (row,)


@lru_cache(maxsize=24)
def _translated(asked: Asked, version: Texts, source: SourceFile) -> Translation:
    keep = frozenset(version.named(name) for name in asked.keep_calls)
    function = load_function(source, version.named(asked.function), keep_calls=keep)
    return translate(function, asked.world)


@lru_cache(maxsize=24)
def built(
    asked: Asked, version: Texts, source: SourceFile, rows: tuple[Row, ...]
) -> tuple[System, Translation]:
    """One system for several rows of a function: what is found out about it is found once."""
    translation = _translated(asked, version, source)
    subject = Subject(translation)
    props = [row.make(subject) for row in rows]
    claimed = [
        replace(p, at=p.at & translation.locations) if p.at is not None else p for p in props
    ]
    init, assumptions = asked.start(subject), asked.assumptions
    system = translation.system(tuple(claimed), init=init, assumptions=assumptions)
    lemmas = (q for head in loop_heads(system) for q in asked.lemmas(subject, head))
    known = frozenset(system.symbols)
    spoken = tuple(q for q in lemmas if symbols_of(q.formula) <= known)
    return replace(system, lemmas=spoken), translation


def _killer(asked: Asked, version: Texts, row: Row, wrong: Wrong) -> Killer:
    def build() -> tuple[System, Property]:
        source = version.source(asked)
        text = edited(source.text, version, wrong)
        system, _ = built(asked, version, SourceFile(source.name, text), (row,))
        return system, system.property_named(row.name)

    return Killer(wrong.name, wrong.sentence, build)


def edited(text: str, version: Texts, wrong: Wrong) -> str:
    """The text with the mistake in it. Raises ModelError where an edit does not fit it once."""
    for old, new in wrong.edits:
        stands, comes = version.named(old), version.named(new)
        if text.count(stands) != 1:
            raise ModelError(f"a killer's edit does not fit the text once: {stands!r}")
        text = text.replace(stands, comes)
    return text
