"""93bb8e352a91 (5.15): an attribute has the getter's address, and open() calls it."""

from __future__ import annotations

from staleproof.kernel.device_memory.boot import Boot
from staleproof.kernel.device_memory.sorts import File, Kind
from staleproof.lang.terms import FALSE, Term


class GetterAtOpen(Boot):
    """The creation of an attribute calls nothing; sysfs_kf_bin_open() calls the getter."""

    def creation_calls_getter(s, k: Kind) -> Term:
        """The creation of the attribute calls the getter: no more."""
        return FALSE

    def opens_with_getter(s, f: File) -> Term:
        """The open of a file whose attribute names the getter calls it."""
        return super().opens_with_getter(f) | s.named[s.kind[f]]
