"""The claims about who gets the number behind a PTE, after patches 08, 09 and 10, and in v5."""

from __future__ import annotations

from staleproof.claims import claims_at
from staleproof.kernel.page_users.reasons import proved, refuted

QUESTION = "staleproof.series.p10_vfio_unsafe.versions:question"

_NOBODY_CALLS_IT = """
    Patch 08 brings unsafe_follow_pfn() and the option, and nobody calls it yet: the option refuses
    nobody.
"""
_ALL_ARE_REFUSED = """
    Of those who would keep a number, each calls unsafe_follow_pfn(), which refuses. KVM, which
    keeps numbers, has its notifier. Any one of them left with follow_pfn() refutes this.
"""
_DEAD_ANYWAY = """
    Since patch 05 as posted the walk of frame vectors is dead (GVF-19@v4): videobuf2 asks for no
    number, with the option or without. What patch 09 changes of videobuf2 changes nothing in v4.
"""
_ITS_OWN_PATCH = "It calls follow_pfn() until its own patch."
_EXPORTED = """
    follow_pfn() is exported. It takes the page-table lock, reads, drops the lock, and returns a
    number; a module may do with it what it likes, and the option is not asked.
"""

CLAIMS = (
    *claims_at("v4/04", QUESTION, refuted("UFP-3c", "new", "The walk is live before patch 05.")),
    *claims_at(
        "v4/08",
        QUESTION,
        refuted("UFP-3", "new", _NOBODY_CALLS_IT),
        refuted("UFP-3b", "new", _NOBODY_CALLS_IT),
        proved("UFP-3c", "new", _DEAD_ANYWAY),
    ),
    *claims_at(
        "v4/09",
        QUESTION,
        refuted("UFP-3", "new", "vfio type1 calls follow_pfn() until patch 10."),
        proved("UFP-3b", "new", "videobuf1 calls unsafe_follow_pfn() now, which refuses."),
        refuted("UFP-3d", "new", _ITS_OWN_PATCH),
    ),
    *claims_at(
        "v4/10",
        QUESTION,
        proved("UFP-3", "H MMU", _ALL_ARE_REFUSED),
        proved("UFP-3d", "new", "vfio type1 calls unsafe_follow_pfn() now, which refuses."),
    ),
    *claims_at(
        "v4",
        QUESTION,
        proved("UFP-3", "H MMU", _ALL_ARE_REFUSED, _DEAD_ANYWAY),
        refuted("D-1", "v4 VIOLATED (plain export)", _EXPORTED),
        refuted("D-1a", "new", _EXPORTED),
    ),
    *claims_at(
        "v5",
        QUESTION,
        proved("UFP-3", "-", _ALL_ARE_REFUSED),
        proved("UFP-3c", "new", "The walk is live again in v5, and patch 09 has it refused."),
        refuted(
            "D-1",
            "v5+ only licence-restricted",
            "follow_pfn() is exported to modules under the GPL, which get a number as before.",
        ),
        proved(
            "D-1a",
            "new",
            """
            Such a module has unsafe_follow_pfn() alone, which is exported to all, and refuses with
            the option. Without the option it gets a number, and the kernel is tainted (UFP-2@v5).
            """,
        ),
    ),
)
