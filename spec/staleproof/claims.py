"""Claims: a property at a version, the verdict expected of it, and where to find them all."""

from __future__ import annotations

import builtins
import importlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from staleproof.verdict import Word

CLAIM_MODULES = (
    "staleproof.kernel.frame_vector.claims",
    "staleproof.series.p05_frame_vector.claims",
    "staleproof.history.frame_vector.claims",
    "staleproof.kernel.device_memory.claims",
    "staleproof.series.device_memory.claims",
    "staleproof.history.device_memory.claims",
    "staleproof.kernel.page_users.claims",
    "staleproof.series.p07_generic_access.claims",
    "staleproof.kernel.pte_users.claims",
    "staleproof.series.p07_generic_access.text_claims",
    "staleproof.history.pte_users.claims",
    "staleproof.history.page_users.claims",
    "staleproof.kernel.videobuf2.claims",
    "staleproof.kernel.iomem.claims",
    "staleproof.series.p13_iomem_revoke.claims",
    "staleproof.series.p08_unsafe_follow_pfn.claims",
    "staleproof.series.p10_vfio_unsafe.claims",
    "staleproof.kernel.user_buffer.claims",
    "staleproof.series.p01_exynos_pin.claims",
    "staleproof.series.p02_exynos_longterm.claims",
    "staleproof.series.p03_habana_pin.claims",
    "staleproof.series.p04_habana_longterm.claims",
    "staleproof.series.longterm_pins.claims",
)
"""Every module with a tuple `CLAIMS`; importing one must not import a solver or a parser."""

IN_ORDER = (
    *("ways", "legacy", "v1", "v4", "v5", "v7", "merged", "mmio-read", "kvm-refcount"),
    *("legacy-mem", "getter-at-open", "errno-fix", "tlb-flush", "tlb-flush-stable"),
    *("no-fallback", "vfio-fault", "remap-cleanup", "follow-pfn-gone"),
)
"""The versions in the order of time; what is in no kernel comes after them."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A property at a version.

    `sentence` is the statement in kernel words; `table` what the first table says
    (docs/findings.md); `because` explains the verdict in words that can be pasted into a mail.
    `question` names, as ``module:function``, what builds the question for the engines from the
    claim. Claims of one `kin` are about the same system, or nearly: what is found out for one
    serves the others, in one process.
    """

    property: str
    version: str
    expected: Word
    sentence: str
    because: str
    question: str
    table: str = ""
    kin: str = ""

    @builtins.property
    def name(self) -> str:
        return f"{self.property}@{self.version}"

    def build(self) -> Any:
        """The question of this claim (`staleproof.engine.question.Question`)."""
        module, function = self.question.split(":")
        builder: Callable[[Claim], Any] = getattr(importlib.import_module(module), function)
        return builder(self)


Row = Callable[[str, str], Claim]
"""A claim that still lacks its version and its question."""


def claims_at(version: str, question: str, *rows: Row) -> tuple[Claim, ...]:
    """The claims of one version; `question` names what builds their questions."""
    return tuple(row(version, question) for row in rows)


@dataclass(frozen=True, slots=True)
class Rows:
    """Makes the rows of one subject: what each property states, and of what kin a claim is.

    `table` is the property's cell in the first table, "new" for an added row; each reason is a
    paragraph.
    """

    statements: Mapping[str, str]
    kin: Callable[[str, str], str]

    def proved(self, name: str, table: str, *reasons: str) -> Row:
        """The property holds."""
        return self._row(name, Word.PROVED, table, reasons)

    def refuted(self, name: str, table: str, *reasons: str) -> Row:
        """The property fails."""
        return self._row(name, Word.REFUTED, table, reasons)

    def vacuous(self, name: str, table: str, *reasons: str) -> Row:
        """Nothing can ever make the property's premise true."""
        return self._row(name, Word.VACUOUS, table, reasons)

    def _row(self, name: str, expected: Word, table: str, reasons: tuple[str, ...]) -> Row:
        because = "\n\n".join(" ".join(reason.split()) for reason in reasons)

        def claim(version: str, question: str) -> Claim:
            sentence, kin = self.statements[name], self.kin(name, version)
            return Claim(name, version, expected, sentence, because, question, table, kin)

        return claim


def all_claims() -> tuple[Claim, ...]:
    """Every claim, in the order of the modules and within them as written."""
    return tuple(c for module in CLAIM_MODULES for c in importlib.import_module(module).CLAIMS)


def in_order(versions: Iterable[str]) -> list[str]:
    """The versions, each once, in the order of time: v4 comes after its prefixes."""

    def time(version: str) -> tuple[int, bool, str]:
        posting, is_prefix, number = version.partition("/")
        known = posting in IN_ORDER
        return IN_ORDER.index(posting) if known else len(IN_ORDER), not is_prefix, number

    return sorted(dict.fromkeys(versions), key=time)


def matching(patterns: tuple[str, ...]) -> tuple[Claim, ...]:
    """The claims whose name matches one of the shell-style patterns; all when there is none."""
    claims = all_claims()
    if not patterns:
        return claims
    return tuple(c for c in claims if any(fnmatchcase(c.name, p) for p in patterns))
