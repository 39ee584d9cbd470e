"""What each property of two versions of get_vaddr_frames() says, and why the claims come out so."""

from __future__ import annotations

from staleproof.claims import Rows

STATEMENTS = {
    "EQ-3": "Of normal memory, get_vaddr_frames() returns what the version before it does, and "
    "gives the same frames.",
    "EQ-3a": "Of normal memory, if one of get_vaddr_frames() and the version before it gives "
    "frames, the other gives the same.",
    "EQ-3b": "EQ-3 where nothing is in the way of a long-term pin that is not in that of a short "
    "one: no page of a DAX file, no page in CMA, and memory for its array.",
    "EQ-3c": "Of normal memory, get_vaddr_frames() gives no frame that the version before it would "
    "not have given: the same page, unless that was in CMA.",
}

_ROWS = Rows(STATEMENTS, lambda name, version: f"EQ-3@{version}")
proved, refuted = _ROWS.proved, _ROWS.refuted

TOLD_BY_THE_PIN = """
    Neither version goes round a loop here: follow_pfn() refuses an ordinary VMA at once. So what
    each comes to is told by its pin: the count, the pages, and got_ref set. That is proved of each
    where it has ended, and then the two are compared. That a pin of the same pages gives both the
    same is EQ-PINS.
"""
