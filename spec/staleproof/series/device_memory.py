"""The patches of the series that touch mappings of device memory, and any subset of them."""

from __future__ import annotations

from collections.abc import Iterable

from staleproof.kernel.device_memory.files import Files
from staleproof.lang.model import Model, patched
from staleproof.series.p11_pci_exclusive.delta import PciProcfsIsExclusive
from staleproof.series.p12_devmem_mapping.delta import DevmemKeepsInode
from staleproof.series.p13_iomem_revoke.delta import IomemMapping
from staleproof.series.p14_sysfs_mapping.delta import SysfsAttributeMapping
from staleproof.series.p15_pci_revoke.delta import PciFilesAreRevoked

PATCHES: dict[int, type[Files]] = {
    11: PciProcfsIsExclusive,
    12: DevmemKeepsInode,
    13: IomemMapping,
    14: SysfsAttributeMapping,
    15: PciFilesAreRevoked,
}
"""By their number in the series. Patches 1 to 10 do not touch what this model has."""


def with_patches(model: type[Model], numbers: Iterable[int]) -> type[Model]:
    """The model after these patches of the series, in its order."""
    wanted = {*numbers}
    return patched(model, *(patch for number, patch in PATCHES.items() if number in wanted))


def numbers_of(version: str) -> tuple[int, ...]:
    """The patches that a version of the series has: ``v4/12`` is the kernel after the first 12."""
    if version == "legacy":
        return ()
    last = int(version.removeprefix("v4/")) if version.startswith("v4/") else max(PATCHES)
    return tuple(number for number in PATCHES if number <= last)
