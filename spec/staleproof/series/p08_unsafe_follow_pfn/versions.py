"""unsafe_follow_pfn() as posted in v4 and in v5; it was never merged."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from staleproof.cfront import SourceFile
from staleproof.engine.question import Question
from staleproof.kernel.frame_vector.questions import read_source
from staleproof.kernel.iomem.questions import ClaimLike, question_of, row_named
from staleproof.kernel.iomem.rows import Asked
from staleproof.series.p08_unsafe_follow_pfn.rows import V4, V5

HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Posted:
    """The texts beside this module; a row says which it is asked of."""

    def source(self, asked: Asked) -> SourceFile:
        """The text of the function."""
        return read_source(HERE / f"{asked.text}.c")

    def named(self, text: str) -> str:
        """The text as it stands: no name differs between versions."""
        return text


def v4(claim: ClaimLike) -> Question:
    """Patches 08 and 10 of 15, as posted in v4: the two builds differ."""
    return question_of(claim, Posted(), *row_named(claim.property, V4))


def v5(claim: ClaimLike) -> Question:
    """Patch 08 as posted in v5: both builds have the same text."""
    return question_of(claim, Posted(), *row_named(claim.property, V5))
