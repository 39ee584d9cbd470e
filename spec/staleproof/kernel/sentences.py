"""What each property says that a C file can be asked, in kernel words."""

from __future__ import annotations

from staleproof.kernel.frame_vector.statements import STATEMENTS
from staleproof.kernel.world import KINDS

BALANCE = "C-BALANCE"
ENDS = "C-ENDS"

SENTENCES = {
    **STATEMENTS,
    **{f"C-{kind.upper()}": f"{said[0].upper()}{said[1:]}." for kind, said in KINDS.items()},
    BALANCE: "At return mmap_lock is held as often as it was at the call.",
    ENDS: "Every call ends.",
}
"""By name; what has none is not known here."""


def sentence_of(name: str) -> str:
    """The sentence of a property, or nothing."""
    return SENTENCES.get(name, "")
