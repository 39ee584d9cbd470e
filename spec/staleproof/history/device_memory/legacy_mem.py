"""045a9277b561 (5.14): legacy_mem gets its mapping, as was meant."""

from __future__ import annotations

from staleproof.kernel.device_memory.sorts import Kind
from staleproof.lang.terms import Term, eq
from staleproof.series.p15_pci_revoke.delta import PciFilesAreRevoked


class LegacyMemIsRevoked(PciFilesAreRevoked):
    """The second of the two assignments names legacy_mem."""

    def attribute_names(s, k: Kind) -> Term:
        """The attributes that have a mapping, legacy_mem among them."""
        return super().attribute_names(k) | eq(k, Kind.LEGACY_MEM)
