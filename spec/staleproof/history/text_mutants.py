"""The C texts that are mutated, each with the claims about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache

from staleproof.cfront import SourceFile
from staleproof.cfront.mutate import text_of
from staleproof.claims import Claim, matching
from staleproof.engine.question import Question
from staleproof.history.frame_vector.versions import ERRNO_FIX, NO_FALLBACK
from staleproof.history.pte_users.versions import TEXTS as LATER
from staleproof.kernel.frame_vector import questions as of_frames
from staleproof.kernel.frame_vector.questions import Version, read_source
from staleproof.kernel.frame_vector.statements import STATEMENTS
from staleproof.kernel.frame_vector.versions import LEGACY
from staleproof.kernel.iomem.questions import Folder, question_of, row_named
from staleproof.kernel.iomem.rows import Asked
from staleproof.kernel.pte_users import (
    access,
    kvm,
    kvm_fault,
    kvm_lookup,
    lookup,
    s390,
    vfio,
    videobuf1,
)
from staleproof.kernel.pte_users.versions import TEXTS as EARLY
from staleproof.kernel.text_mutants import Subject
from staleproof.kernel.user_buffer import questions as of_drivers
from staleproof.kernel.user_buffer.questions import Driver
from staleproof.series.p01_exynos_pin.versions import PINS as EXYNOS_PINS
from staleproof.series.p02_exynos_longterm.versions import LONGTERM as EXYNOS_LONGTERM
from staleproof.series.p03_habana_pin.versions import PINS as HABANA_PINS
from staleproof.series.p04_habana_longterm.versions import LONGTERM as HABANA_LONGTERM
from staleproof.series.p05_frame_vector.versions import MERGED, V4
from staleproof.series.p07_generic_access.text_versions import TEXTS as AFTER_7
from staleproof.series.p08_unsafe_follow_pfn import rows as unsafe
from staleproof.series.p08_unsafe_follow_pfn.versions import POSTED

# Frame vectors

FRAME_FUNCTIONS = (
    "get_vaddr_frames",
    "put_vaddr_frames",
    "frame_vector_pages",
    "frame_vector_to_pages",
    "frame_vector_to_pfns",
    "frame_vector_pfns",
    "frame_vector_count",
)
"""Those whose text is the same in every version are mutated in the first."""

COVERED = {"bounds": "GVF-1", "lock": "GVF-12", "unlocked": "GVF-12"}
"""The kinds of demand that a property of get_vaddr_frames speaks of."""

FRAME_VERSIONS: Mapping[str, Version] = {
    "legacy": LEGACY,
    "v4": V4,
    "merged": MERGED,
    "errno-fix": ERRNO_FIX,
    "no-fallback": NO_FALLBACK,
}


def _frames(name: str) -> Subject:
    version = FRAME_VERSIONS[name]
    functions = tuple(
        function
        for function in FRAME_FUNCTIONS
        if version is LEGACY
        or text_of(version.source, function) != text_of(LEGACY.source, function)
    )
    claims = (c for c in matching(("GVF-*",)) if c.version == name and c.property in STATEMENTS)

    def ask(claim: Claim, source: SourceFile) -> Question:
        return of_frames.question(claim, replace(version, text=source))

    return Subject(name, version.source, functions, tuple(claims), ask, COVERED)


# Those who look up one PTE


@dataclass(frozen=True)
class Replaced:
    """A folder in which a text was replaced by another."""

    folder: Folder
    text: SourceFile

    def source(self, asked: Asked) -> SourceFile:
        """The other text."""
        return self.text

    def named(self, text: str) -> str:
        """As it is spelled in the folder."""
        return self.folder.named(text)


@dataclass(frozen=True)
class Look:
    """A text of a folder: its functions, what is asked of it, and the version of the claims."""

    folder: Folder
    version: str
    asked: tuple[Asked, ...]
    functions: tuple[str, ...]


_ACCESS = ("offset_in_page", "page_align", "generic_access_phys")
_KVM = "hva_to_pfn_remapped"
_VFIO = ("follow_fault_pfn", "vaddr_get_pfn")
LOOKS: Mapping[str, Look] = {
    "follow_pte": Look(EARLY, "legacy", (lookup.FOLLOW_PTE,), ("follow_pte",)),
    "follow_pfn": Look(EARLY, "legacy", (lookup.FOLLOW_PFN,), ("follow_pfn",)),
    "unsafe_follow_pfn@v4": Look(POSTED, "v4", unsafe.V4[:1], ("unsafe_follow_pfn",)),
    "unsafe_follow_pfn-nommu@v4": Look(POSTED, "v4", unsafe.V4[1:2], ("unsafe_follow_pfn",)),
    "unsafe_follow_pfn@v5": Look(POSTED, "v5", unsafe.V5, ("unsafe_follow_pfn",)),
    "follow_fault_pfn@v4": Look(POSTED, "v4", unsafe.V4[2:], ("follow_fault_pfn",)),
    "generic_access_phys@legacy": Look(
        EARLY, "legacy", access.BEFORE, (*_ACCESS[:2], "follow_phys", _ACCESS[2])
    ),
    "generic_access_phys@merged": Look(AFTER_7, "merged", access.AFTER, _ACCESS),
    "vfio@legacy": Look(EARLY, "legacy", vfio.BEFORE, _VFIO),
    "vfio@merged": Look(LATER, "merged", vfio.MERGED, _VFIO),
    "kvm@legacy": Look(EARLY, "legacy", kvm.BEFORE, ("kvm_get_pfn", _KVM)),
    "kvm@merged": Look(LATER, "merged", kvm.MERGED, ("kvm_get_pfn", _KVM)),
    "kvm@kvm-refcount": Look(LATER, "kvm-refcount", kvm.REFCOUNT, ("kvm_try_get_pfn", _KVM)),
    "kvm-lookup": Look(EARLY, "legacy", (kvm_lookup.LOOKUP,), ("hva_to_pfn",)),
    "kvm-fault": Look(
        EARLY,
        "legacy",
        (kvm_fault.FAULT,),
        ("mmu_notifier_retry", "kvm_handle_bad_page", "direct_page_fault"),
    ),
    **{
        f"s390-{op}@{version}": Look(folder, version, (asked,), (*more, f"s390_pci_mmio_{op}"))
        for version, folder, both, more in (
            ("legacy", EARLY, s390.BEFORE, ("get_pfn",)),
            ("merged", LATER, s390.MERGED, ()),
            ("mmio-read", LATER, s390.MMIO_READ, ()),
        )
        for op, asked in zip(("write", "read"), both, strict=True)
    },
    "videobuf1": Look(EARLY, "legacy", (videobuf1.TAKEN,), ("videobuf_dma_contig_user_get",)),
}


def _look(name: str) -> Subject:
    look = LOOKS[name]
    rows = dict.fromkeys(row.name for asked in look.asked for row in asked.rows)
    claims = matching(tuple(f"{row}@{look.version}" for row in rows))

    def ask(claim: Claim, source: SourceFile) -> Question:
        texts = Replaced(look.folder, source)
        return question_of(claim, texts, *row_named(claim.property, look.asked))

    source = look.folder.source(look.asked[0])
    return Subject(name, source, look.functions, claims, ask)


# Drivers that pin

DRIVERS: Mapping[str, tuple[str, Driver]] = {
    "exynos@v4_01": ("v4/01", EXYNOS_PINS),
    "exynos@v4_02": ("v4/02", EXYNOS_LONGTERM),
    "habana@v4_03": ("v4/03", HABANA_PINS),
    "habana@v4_04": ("v4/04", HABANA_LONGTERM),
}


def _driver(name: str) -> Subject:
    version, driver = DRIVERS[name]
    claims = matching((f"PIN-*@{version}",))

    def ask(claim: Claim, source: SourceFile) -> Question:
        return of_drivers.question(claim, replace(driver, own=source))

    own = read_source(driver.texts[0])
    return Subject(name, own, (driver.get, driver.release), claims, ask)


OPEN = frozenset(
    {
        "vfio@legacy",
        "vfio@merged",
        "videobuf1",
        *DRIVERS,
    }
)
"""Texts of which it is not settled for every mutant yet who notices it, or why nobody does."""
NAMES = tuple(name for name in (*FRAME_VERSIONS, *LOOKS, *DRIVERS) if name not in OPEN)
"""The texts that are mutated, by name; frame vectors by the version alone."""


@cache
def subject_named(name: str) -> Subject:
    """The text of that name."""
    if name in FRAME_VERSIONS:
        return _frames(name)
    return _look(name) if name in LOOKS else _driver(name)
