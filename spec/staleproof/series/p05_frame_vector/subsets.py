"""Properties of get_vaddr_frames() and of what becomes of a vector, after any of the patches that
touch the text: 05 rewrites it, 06 moves it, 09 has it call what 08 defines.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache, partial

from staleproof.cfront import SourceFile
from staleproof.engine.question import Question
from staleproof.kernel.frame_vector.conversions import ROWS
from staleproof.kernel.frame_vector.normal_memory import NAME as NORMAL_MEMORY
from staleproof.kernel.frame_vector.properties import PROPERTIES as OF_GET
from staleproof.kernel.frame_vector.questions import Version, question
from staleproof.kernel.frame_vector.versions import LEGACY
from staleproof.series.by_patches import Asked, ByPatches
from staleproof.series.p05_frame_vector.versions import V4

PATCHES = (5, 6, 8, 9)


@cache
def _version(chosen: frozenset[int]) -> Version:
    """Where the text stands makes no difference to what it does, nor does a function that nobody
    calls.
    """
    version = V4 if 5 in chosen else LEGACY
    if 9 not in chosen:
        return version
    text = version.source.text
    assert text.count("follow_pfn(") == 1
    return replace(
        version,
        text=SourceFile(version.source.name, text.replace("follow_pfn(", "unsafe_follow_pfn(")),
    )


def _question(name: str, chosen: frozenset[int]) -> Question:
    return question(Asked(name), _version(chosen))


NAMES = ("GVF-7", "GVF-13", "GVF-15", "GVF-16", *OF_GET, *ROWS, NORMAL_MEMORY)

PROPERTIES = tuple(
    ByPatches(name, PATCHES, partial(_question, name), "get_vaddr_frames") for name in NAMES
)
