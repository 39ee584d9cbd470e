"""What became of device memory after 5.12, version by version."""

from __future__ import annotations

from functools import cache, partial

from staleproof.engine.question import Question
from staleproof.history.device_memory.fault_insertion import (
    CheckBeforeFault,
    CheckInFault,
    CheckUnderSharedLock,
    FaultInsertion,
    RecheckAfterLink,
)
from staleproof.history.device_memory.getter_at_open import GetterAtOpen
from staleproof.history.device_memory.legacy_mem import LegacyMemIsRevoked
from staleproof.history.device_memory.remap_cleanup import RemapCleansUp
from staleproof.history.device_memory.tlb_flush import FlushBeforeUnlink, FlushIfFirst
from staleproof.history.device_memory.wrong import (
    FaultAsksNothing,
    FlushIsForgotten,
    RemapKeepsPtes,
)
from staleproof.kernel.device_memory import questions
from staleproof.kernel.device_memory.files import Files
from staleproof.kernel.device_memory.questions import At, ClaimLike
from staleproof.kernel.device_memory.wrong import CopiesComeFirst
from staleproof.lang.model import Model, patched
from staleproof.series.device_memory import versions as series

LATER: dict[str, tuple[type[Files], ...]] = {
    "legacy-mem": (LegacyMemIsRevoked,),
    "getter-at-open": (LegacyMemIsRevoked, GetterAtOpen),
    "tlb-flush": (LegacyMemIsRevoked, FlushBeforeUnlink),
    "tlb-flush-stable": (LegacyMemIsRevoked, FlushIfFirst),
    "remap-cleanup": (LegacyMemIsRevoked, FlushBeforeUnlink, RemapCleansUp),
    "child-first": (LegacyMemIsRevoked, CopiesComeFirst),
    "vfio-fault": (LegacyMemIsRevoked, FlushBeforeUnlink, FaultInsertion),
    "fault-locked": (LegacyMemIsRevoked, FlushBeforeUnlink, FaultInsertion, CheckUnderSharedLock),
    "fault-checked": (LegacyMemIsRevoked, FlushBeforeUnlink, FaultInsertion, CheckInFault),
    "fault-unlocked": (LegacyMemIsRevoked, FlushBeforeUnlink, FaultInsertion, CheckBeforeFault),
    "fault-unflushed": (LegacyMemIsRevoked, FaultInsertion, CheckInFault),
    "recheck-after-link": (LegacyMemIsRevoked, FlushBeforeUnlink, RecheckAfterLink),
}
"""Each version is the merged series and these changes.

In child-first fork is wrong on purpose. vfio-fault is what vfio-pci does with its own files; what
follows it is in no kernel for the files of this model.
"""


KILLERS: dict[str, tuple[type[Model], ...]] = {
    "TLB-1": (FlushIsForgotten,),
    "TLB-2": (FlushIsForgotten,),
    "REV-1d": (FlushIsForgotten,),
    "REV-1b": (FaultAsksNothing,),
    "RMP-1": (RemapKeepsPtes,),
}
"""Wrong variants beside those that break the property at every version."""


def at_version(version: str, model: type[Model]) -> type[Model]:
    """A model of the kernel before the series, at a version after it."""
    merged = series.at_version("merged", model)
    return patched(merged, *series.fitting(model, LATER[version]))


@cache
def at(version: str) -> At:
    """What makes the models of that version."""
    return partial(at_version, version)


def question(claim: ClaimLike) -> Question:
    """The question of a claim about a kernel after the series."""
    return questions.question(claim, at(claim.version), KILLERS.get(claim.property, ()))
