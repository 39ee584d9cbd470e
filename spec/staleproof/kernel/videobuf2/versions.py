"""videobuf2's texts, and the questions about them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from staleproof.cfront import SourceFile
from staleproof.engine.question import Question
from staleproof.kernel.frame_vector.questions import read_source
from staleproof.kernel.frame_vector.versions import VIDEOBUF2, WITH_FLAGS, WITHOUT_FLAGS
from staleproof.kernel.iomem.questions import ClaimLike, question_of, row_named
from staleproof.kernel.iomem.rows import Asked
from staleproof.kernel.videobuf2.rows import ALL


@dataclass(frozen=True, slots=True)
class Texts:
    """The text that makes frame vectors, and the one that maps them."""

    create: Path
    allocator: Path = VIDEOBUF2 / "dma_contig_get.c"

    def source(self, asked: Asked) -> SourceFile:
        """The text of the function."""
        path: Path = getattr(self, asked.text)
        return read_source(path)

    def named(self, text: str) -> str:
        """The text as it stands: no name differs between versions."""
        return text


class Versioned(ClaimLike, Protocol):
    """What is needed of a claim."""

    @property
    def version(self) -> str: ...


WITH_GUP_FLAGS, WITHOUT_GUP_FLAGS = Texts(WITH_FLAGS), Texts(WITHOUT_FLAGS)


def question(claim: Versioned) -> Question:
    """Before the series and in v4 the caller passes gup_flags; from the merge on it does not."""
    texts = WITH_GUP_FLAGS if claim.version in ("legacy", "v4") else WITHOUT_GUP_FLAGS
    return question_of(claim, texts, *row_named(claim.property, ALL))
