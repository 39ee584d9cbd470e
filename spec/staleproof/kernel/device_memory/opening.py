"""Which mapping a file has once it is open."""

from __future__ import annotations

from staleproof.kernel.device_memory.files import Files
from staleproof.kernel.device_memory.sorts import File, Kind
from staleproof.lang.model import lemma, safety
from staleproof.lang.terms import Term, conj, eq, implies


class Opening(Files):
    """Files are opened, and each gets its mapping."""

    @safety
    def every_file_is_revoked(s, f: File) -> Term:
        """Where claims zap a mapping, an open file that can map device memory has that one."""
        return implies(s.io_strict_devmem & s.opened[f], eq(s.f_mapping[f], s.revoked_mapping))

    @safety
    def every_common_file_is_revoked(s, f: File) -> Term:
        """The same of all files but those that alpha makes with attributes of its own."""
        return implies(
            conj(s.io_strict_devmem, s.opened[f], ~s.is_kind(f, Kind.ARCH_SYSFS)),
            eq(s.f_mapping[f], s.revoked_mapping),
        )

    @lemma
    def open_files_have_their_mapping(s, f: File) -> Term:
        """The mapping of an open file is the one that its open gave it."""
        return implies(s.opened[f], eq(s.f_mapping[f], s.mapping_at_open(f)))
