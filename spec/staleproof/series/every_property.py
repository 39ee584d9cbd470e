"""Every property that patches of the series may decide."""

from __future__ import annotations

from functools import cache

from staleproof.series.by_patches import ByPatches
from staleproof.series.device_memory import subsets as device_memory
from staleproof.series.longterm_pins import subsets as longterm_pins
from staleproof.series.p05_frame_vector import subsets as frame_vector
from staleproof.series.p07_generic_access import subsets as generic_access
from staleproof.series.p08_unsafe_follow_pfn import subsets as unsafe_follow_pfn
from staleproof.series.p10_vfio_unsafe import subsets as routes
from staleproof.series.p13_iomem_revoke import subsets as iomem_revoke
from staleproof.verdict import Subject


@cache
def every_property() -> tuple[ByPatches, ...]:
    """In the order of the patches that decide them."""
    return (
        *longterm_pins.TEXTS,
        *longterm_pins.BUFFERS,
        *frame_vector.PROPERTIES,
        *generic_access.PROPERTIES,
        *unsafe_follow_pfn.PROPERTIES,
        *routes.PROPERTIES,
        *iomem_revoke.PROPERTIES,
        *device_memory.PROPERTIES,
    )


def subjects() -> list[Subject]:
    """Their names."""
    return [Subject(p.property, p.of, p.kin) for p in every_property()]
