"""A property as it may be asked of the kernel with any subset of the patches that may decide it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from staleproof.engine.question import Question
from staleproof.verdict import Word

Ask = Callable[[frozenset[int]], Question | None]
"""From a subset of the patches to the question; None where the property speaks of nothing yet."""


@dataclass(frozen=True, slots=True)
class ByPatches:
    """A property and the patches that may decide it, by their numbers.

    `of` says whose property it is, where the same is asked of several drivers. Properties of one
    `kin` are about the same systems, or nearly.
    """

    property: str
    patches: tuple[int, ...]
    question: Ask
    kin: str
    of: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """As much of a claim as it takes to make a question that is not one of a claim."""

    property: str
    version: str = "v4"
    expected: Word = Word.PROVED
