"""The patches of the series that touch mappings of device memory, and any subset of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache, partial

from staleproof.engine.question import Question
from staleproof.kernel.device_memory import questions
from staleproof.kernel.device_memory.files import Files
from staleproof.kernel.device_memory.publication import Publication
from staleproof.kernel.device_memory.questions import At, ClaimLike
from staleproof.lang.model import Model, patched
from staleproof.series.p11_pci_exclusive.delta import PciProcfsIsExclusive
from staleproof.series.p12_devmem_mapping.delta import DevmemKeepsInode
from staleproof.series.p13_iomem_revoke.delta import GetterMayBeStub, IomemMapping
from staleproof.series.p14_sysfs_mapping.delta import SysfsAttributeMapping
from staleproof.series.p15_pci_revoke.boot import LegacyFilesWait
from staleproof.series.p15_pci_revoke.delta import PciFilesAreRevoked

KERNEL = "staleproof.kernel."

PATCHES: dict[int, type[Files]] = {
    11: PciProcfsIsExclusive,
    12: DevmemKeepsInode,
    13: GetterMayBeStub,
    14: SysfsAttributeMapping,
    15: PciFilesAreRevoked,
}
"""By their number in the series. Patches 1 to 10 do not touch what this model has."""


MERGED: tuple[type[Files], ...] = (
    PciProcfsIsExclusive,
    DevmemKeepsInode,
    IomemMapping,
    SysfsAttributeMapping,
    PciFilesAreRevoked,
    LegacyFilesWait,
)
"""The same, as merged for 5.12, and what was merged with them."""


def fitting(model: type[Model], patches: Iterable[type[Model]]) -> Iterator[type[Model]]:
    """Those of the patches whose layers the model is built on."""
    for patch in patches:
        layers = (base for base in patch.__mro__[1:] if base.__module__.startswith(KERNEL))
        if all(issubclass(model, layer) for layer in layers):
            yield patch


def with_patches(model: type[Model], numbers: Iterable[int]) -> type[Model]:
    """The model after these patches of the series, in its order."""
    wanted = {*numbers}
    chosen = (patch for number, patch in PATCHES.items() if number in wanted)
    return patched(model, *fitting(model, chosen))


def numbers_of(version: str) -> tuple[int, ...]:
    """The patches that a version of the series has: ``v4/12`` is the kernel after the first 12."""
    if version == "legacy":
        return ()
    last = int(version.removeprefix("v4/")) if version.startswith("v4/") else max(PATCHES)
    return tuple(number for number in PATCHES if number <= last)


def at_version(version: str, model: type[Model]) -> type[Model]:
    """A model of the kernel before the series, at a version of the series."""
    if model is Publication:
        return model
    if version == "merged":
        return patched(model, *fitting(model, MERGED))
    return with_patches(model, numbers_of(version))


@cache
def at(version: str) -> At:
    """What makes the models of that version of the series."""
    return partial(at_version, version)


def question(claim: ClaimLike) -> Question:
    """The question of a claim about the kernel before the series, or a version of the series."""
    return questions.question(claim, at(claim.version))
