"""045a9277b561 (5.14): legacy_mem gets its mapping, as was meant."""

from __future__ import annotations

from staleproof.kernel.device_memory.sorts import File, Kind
from staleproof.lang.terms import Term
from staleproof.series.p15_pci_revoke.delta import PciFilesAreRevoked


class LegacyMemIsRevoked(PciFilesAreRevoked):
    """The second of the two assignments names legacy_mem."""

    def has_attribute_mapping(s, f: File) -> Term:
        """The attributes that have a mapping, legacy_mem among them."""
        return super().has_attribute_mapping(f) | s.is_kind(f, Kind.LEGACY_MEM)
