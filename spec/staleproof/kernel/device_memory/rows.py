"""The properties by their names in claims: where each is stated, and what must break it."""

from __future__ import annotations

from dataclasses import dataclass

from staleproof.kernel.device_memory import wrong
from staleproof.kernel.device_memory.boot import Boot
from staleproof.kernel.device_memory.guarantees import DeviceMemory
from staleproof.kernel.device_memory.mmap_tests import MmapTests
from staleproof.kernel.device_memory.opening import Opening
from staleproof.kernel.device_memory.publication import Publication
from staleproof.kernel.device_memory.sysfs import SysfsRemoval
from staleproof.lang.model import Model

Wrong = type[Model]
Sizes = tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Row:
    """A property: the model that states it, the method that does, and its killers.

    `scopes` are those that are searched, one after the other: the sorts of which there is more
    than one element, and how many. `unconditional` states the property for every configuration,
    where the property itself has one in its premise.
    """

    model: type[Model]
    method: str
    killers: tuple[Wrong, ...] = ()
    scopes: tuple[Sizes, ...] = ((),)
    unconditional: str = ""


TWO_VMAS = (("Vma", 2), ("Mm", 2))
TWO_PAGES = (("Page", 2),)
REVOCATION = (wrong.ZapWithoutFlush, wrong.ZapEndsEarly)

ROWS = {
    "REV-1": Row(DeviceMemory, "no_stale_mapping"),
    "REV-1a": Row(
        DeviceMemory,
        "no_stale_mapping_found",
        REVOCATION,
        ((), TWO_VMAS),
        unconditional="found_in_any_configuration",
    ),
    "REV-1b": Row(
        DeviceMemory,
        "no_stale_mapping",
        (wrong.ZapEndsEarly, wrong.ClaimIsVisibleLate),
    ),
    "REV-1c": Row(DeviceMemory, "found_whenever_linked"),
    "REV-1d": Row(DeviceMemory, "found_if_unmapped_since", REVOCATION),
    "REV-1e": Row(DeviceMemory, "found_for_low_claims"),
    "REV-1f": Row(DeviceMemory, "found_if_relaxed"),
    "REV-1g": Row(DeviceMemory, "found_under_any_parent"),
    "REV-1h": Row(DeviceMemory, "found_if_unaligned", scopes=(TWO_PAGES,)),
    "REV-1i": Row(DeviceMemory, "found_of_any_file"),
    "REV-1j": Row(DeviceMemory, "found_of_common_files", REVOCATION),
    "REV-2": Row(Opening, "every_file_is_revoked"),
    "REV-2a": Row(Opening, "every_common_file_is_revoked", (wrong.OpenRedirectsNothing,)),
    "REV-4": Row(Boot, "open_gives_a_mapping", (wrong.GetterIsStub,)),
    "REV-5": Row(DeviceMemory, "no_stale_devmem", REVOCATION),
    "REV-7": Row(Publication, "readers_see_a_built_inode", (wrong.PlainStore, wrong.PlainLoad)),
    "REV-9": Row(DeviceMemory, "every_claim_revokes"),
    "PCI-1": Row(MmapTests, "no_exclusive_page_is_mapped", scopes=(TWO_PAGES,)),
    "PCI-2": Row(
        MmapTests,
        "procfs_needs_rawio",
        (wrong.ProcfsAsksNothing, wrong.ProcfsForgetsLockdown),
    ),
    "PCI-3": Row(MmapTests, "procfs_refuses_exclusive_bars", (wrong.ProcfsForgetsTheBar,)),
    "PCI-6": Row(MmapTests, "legacy_files_refuse_exclusive"),
    "SYS-1": Row(SysfsRemoval, "removed_files_are_unmapped"),
    "SYS-1a": Row(
        SysfsRemoval,
        "removed_files_are_unmapped_if_found",
        (wrong.DrainEndsEarly, wrong.DrainWithoutFlush),
    ),
    "SYS-2": Row(Boot, "getter_comes_after_init", (wrong.EarlyGetter,)),
    "SYS-2a": Row(Boot, "getter_survives_failed_init"),
    "SYS-3": Row(Boot, "unnamed_attributes_change_nothing", (wrong.EveryAttributeRedirects,)),
    "SYS-4": Row(Boot, "attributes_redirect", (wrong.GetterIsStub, wrong.AttributesAreNotRead)),
    "SYS-5": Row(Boot, "iomem_inode_stays", (wrong.InodeIsTakenAway,)),
    "SYS-6": Row(SysfsRemoval, "removed_files_are_not_mapped_anew", (wrong.RemovedFilesAreMapped,)),
    "MAP-1": Row(DeviceMemory, "ptes_come_after_the_link", (wrong.PteBeforeLink,)),
    "MAP-2": Row(MmapTests, "devmem_maps_what_is_allowed", (wrong.DevmemAsksNothing,)),
    "TLB-1": Row(DeviceMemory, "unlinked_first_vmas_are_in_no_tlb"),
    "TLB-2": Row(DeviceMemory, "unlinked_later_vmas_are_in_no_tlb", scopes=((("Vma", 2),),)),
    "TLB-3": Row(
        DeviceMemory,
        "translations_have_ptes",
        (wrong.MoveWithoutFlush,),
        scopes=((("Vma", 2),),),
    ),
    "FORK-1": Row(DeviceMemory, "parents_are_zapped_first", (wrong.CopiesComeFirst,), (TWO_VMAS,)),
    "RMP-1": Row(DeviceMemory, "failed_remaps_leave_no_pte", scopes=(TWO_PAGES,)),
}
