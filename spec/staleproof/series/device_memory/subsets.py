"""Properties of device memory after any of patches 11 to 15."""

from __future__ import annotations

from functools import cache, partial

from staleproof.engine.question import Question
from staleproof.kernel.device_memory.questions import At, limits, system_at
from staleproof.kernel.device_memory.rows import ROWS
from staleproof.lang.model import Model
from staleproof.series.by_patches import ByPatches
from staleproof.series.device_memory.versions import PATCHES, fitting, with_patches


def _numbers(model: type[Model]) -> tuple[int, ...]:
    return tuple(n for n, patch in PATCHES.items() if [*fitting(model, [patch])])


@cache
def _with(numbers: frozenset[int]) -> At:
    """One function per subset, by which systems are found again."""
    return partial(_patched, numbers)


def _patched(numbers: frozenset[int], model: type[Model]) -> type[Model]:
    return with_patches(model, numbers)


GETTER = {"SYS-2a": frozenset({13, 15})}
"""Of what speaks of iomem_get_mapping() alone, the patches that define it and call it."""


def _question(name: str, chosen: frozenset[int]) -> Question | None:
    if name in GETTER and not chosen & GETTER[name]:
        return None
    row = ROWS[name]
    system = system_at(row.model, _with(chosen))
    prop = system.property_named(row.method)
    return Question(system.with_safety(prop), prop, limits=limits(row))


PROPERTIES = tuple(
    ByPatches(name, numbers, partial(_question, name), row.model.__name__)
    for name, row in ROWS.items()
    if (numbers := _numbers(row.model))
)
