"""The claims about what videobuf2 makes of frames; its texts hardly change between versions."""

from __future__ import annotations

from staleproof.claims import Claim, Rows, claims_at
from staleproof.kernel.videobuf2.statements import STATEMENTS

QUESTION = "staleproof.kernel.videobuf2.versions:question"

_ROWS = Rows(STATEMENTS, lambda name, version: "videobuf2")
_proved, _refuted = _ROWS.proved, _ROWS.refuted

_ALL_OR_NONE = """
    What get_vaddr_frames() returns is compared with the number of pages, as an unsigned long; fewer
    frames are given back. An errno is sorted out before, so none is taken for a count.
"""
_NO_BYTE = """
    From an address inside a page, start + 0 - 1 lies in the same page: one page is counted, and one
    frame is got. The buffer has no byte, and the frame does no harm. From a page-aligned start no
    page is counted, and frame_vector_create() refuses that.
"""
_WRAPPED = """
    Of a length near 2^64 the last byte wraps around and comes to lie in front of the first, in the
    same page: one page is counted. The trace has length 2^64 - 1. User space cannot ask for it: the
    length of a plane has 32 bits (VB2-1 says it with that limit).
"""
_COMPARED = """
    The loop goes from 1 to the last frame and looks at each number and the one before it. That all
    numbers are consecutive follows round by round: i begins at 1 and goes up by 1, a frame is left
    behind only if it fits (VB2-2), and the range is mapped when none is left (VB2-2b).
"""

CLAIMS: tuple[Claim, ...] = (
    *(
        claim
        for version in ("legacy", "v4", "merged", "errno-fix", "no-fallback")
        for claim in claims_at(version, QUESTION, _proved("VB2-1", "H", _ALL_OR_NONE))
    ),
    *(
        claim
        for version in ("legacy", "merged")
        for claim in claims_at(
            version,
            QUESTION,
            _refuted("VB2-1a", "new", _NO_BYTE),
            _refuted("VB2-1b", "new", _WRAPPED),
            _proved("VB2-2", "H", _COMPARED),
            _proved("VB2-2a", "new", "The first number is shifted, and the offset is added."),
            _proved("VB2-2b", "H", _COMPARED),
        )
    ),
)
