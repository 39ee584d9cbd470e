"""The UFP and EQ claims about patches 08 and 10: as posted in v4, and patch 08 as posted in v5."""

from __future__ import annotations

from staleproof.claims import Claim
from staleproof.series.p08_unsafe_follow_pfn.statements import STATEMENTS
from staleproof.verdict import Word

_PACKAGE = "staleproof.series.p08_unsafe_follow_pfn.versions"

_COMPARED = "staleproof.series.p08_unsafe_follow_pfn.compared"

_OPTION_FIRST = """
    The option is asked before anything else, and the refusal names no page table: -EINVAL comes
    without a call of follow_pfn().
"""

_USERS_ARE_ROUTED = """
    This is what UFP-3 rests on: with the option no user in the kernel keeps a pfn that nothing
    protects (UFP-3@v4, about all who ask; UFP-3a@v4, about the text of vfio).
"""

_STRAIGHT_THROUGH = """
    The call of follow_pfn() is the last thing that happens, with the arguments as they came, and
    its result is returned as it is. So the default keeps what callers see: only a warning and a
    taint are new.
"""

_TAINTED_FIRST = """
    The taint is set before follow_pfn() is asked, so it is there whether or not a pfn is found.
"""

_BARE_CALL = """
    In the build without an MMU v4 has a bare call of follow_pfn(): the option is never asked.
    Kconfig lets CONFIG_STRICT_FOLLOW_PFN be set only with an MMU, so no kernel of v4 is
    strict and without an MMU; what fails is that this build cannot be made strict at all. v5 has
    one text for both (UFP-1n@v5).
"""

_BARE_CALL_IS_SILENT = """
    In the build without an MMU v4 has a bare call of follow_pfn(): neither the warning nor the
    taint. A kernel without an MMU hands out the pfn and nothing tells of it. What is returned is
    right (UFP-2an@v4). v5 has one text for both builds (UFP-2n@v5).
"""

_SIDE_BY_SIDE = """
    Both are called in the same state with the same arguments, the bare call of follow_pfn() that
    all users had before, and this function. Nothing that the call can tell is different.
"""

_THE_TAINT = """
    The taint is the one thing that follow_pfn() did not do (EQ-1 holds).
"""

_ONE_TEXT = """
    v5 has the text of the other build here, word for word. Whether Kconfig lets the option be set
    without an MMU is not asked.
"""


def _claim(name: str, version: str, expected: Word, table: str, reasons: tuple[str, ...]) -> Claim:
    because = "\n\n".join(" ".join(reason.split()) for reason in reasons)
    package = _COMPARED if name.startswith("EQ-") else _PACKAGE
    question = f"{package}:{version}"
    return Claim(name, version, expected, STATEMENTS[name], because, question, table, "UFP")


def _proved(name: str, version: str, table: str, *reasons: str) -> Claim:
    return _claim(name, version, Word.PROVED, table, reasons)


def _refuted(name: str, version: str, table: str, *reasons: str) -> Claim:
    return _claim(name, version, Word.REFUTED, table, reasons)


V4 = (
    _proved("UFP-1", "v4", "H", _OPTION_FIRST, _USERS_ARE_ROUTED),
    _refuted("UFP-1n", "v4", "X", _BARE_CALL),
    _proved("UFP-2", "v4", "H", _STRAIGHT_THROUGH, _TAINTED_FIRST),
    _refuted("UFP-2n", "v4", "X", _BARE_CALL_IS_SILENT),
    _proved("UFP-2a", "v4", "new", _STRAIGHT_THROUGH),
    _proved("UFP-2an", "v4", "new", "The function is this call and nothing else."),
    _proved("EQ-1", "v4", "new", _SIDE_BY_SIDE, _STRAIGHT_THROUGH),
    _proved("EQ-1n", "v4", "new", "In v4 this build has the bare call itself."),
    _refuted("EQ-2", "v4", "new", _THE_TAINT),
    _proved("EQ-2n", "v4", "new", "In v4 this build has the bare call itself, and no taint."),
    _proved(
        "UFP-3a",
        "v4",
        "H",
        """
        Both looks are refused (UFP-1@v4), so the first never returns early. What comes in between
        gives -EAGAIN if mmap_lock was dropped, or the errno of the fault; if the fault went well,
        the second refusal is returned.
        """,
        """
        This is the part of UFP-3 that is about vfio.
        """,
    ),
    _refuted(
        "UFP-4",
        "v4",
        "?",
        """
        follow_fault_pfn() cannot tell a refusal from a PTE that is not there yet. Both are -EINVAL,
        and for the second it takes a page fault and looks again. So with the option set it takes
        the fault for every VM_PFNMAP page that is asked for, may set a PTE of the user's, may even
        drop mmap_lock and make the caller start over, and is refused at the second look. No pfn
        comes out of it (UFP-3a@v4); the PTE stays.
        """,
        """
        The first table leaves the row open (docs/findings.md). Harm is not seen: user space could
        have had the same PTE by touching the page. It is work for nothing, and a driver's fault
        handler runs on behalf of a mapping that is going to be refused.
        """,
    ),
    _proved(
        "UFP-12",
        "v4",
        "new",
        """
        There are two looks with one fault between them, and each result is returned as it is, but
        for a fault that has dropped mmap_lock. Mutants of the text asked for this row: UFP-3a and
        UFP-4 say nothing of a kernel without the option.
        """,
    ),
    _proved("UFP-13", "v4", "new", "The fault stands behind the first look, and names its flags."),
)
V5 = (
    _proved("UFP-1", "v5", "H", _OPTION_FIRST, _USERS_ARE_ROUTED),
    _proved("UFP-1n", "v5", "H", _OPTION_FIRST, _ONE_TEXT),
    _proved("UFP-2", "v5", "H", _STRAIGHT_THROUGH, _TAINTED_FIRST),
    _proved("UFP-2n", "v5", "H", _STRAIGHT_THROUGH, _TAINTED_FIRST),
    _proved("UFP-2a", "v5", "new", _STRAIGHT_THROUGH),
    _proved("UFP-2an", "v5", "new", _STRAIGHT_THROUGH),
    _proved("EQ-1", "v5", "new", _SIDE_BY_SIDE, _STRAIGHT_THROUGH),
    _proved("EQ-1n", "v5", "new", _SIDE_BY_SIDE, _STRAIGHT_THROUGH),
    _refuted("EQ-2", "v5", "new", _THE_TAINT),
    _refuted("EQ-2n", "v5", "new", _THE_TAINT),
)
CLAIMS = (*V4, *V5)
