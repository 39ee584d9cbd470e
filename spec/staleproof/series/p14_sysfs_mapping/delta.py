"""74b30195395c: opening a binary sysfs file takes the mapping that its attribute names."""

from __future__ import annotations

from staleproof.kernel.device_memory.files import Files
from staleproof.kernel.device_memory.sorts import File
from staleproof.lang.terms import Term, ite


class SysfsAttributeMapping(Files):
    """sysfs_kf_bin_open() sets f_mapping where the attribute names a mapping."""

    def mapping_of_sysfs(s, f: File) -> Term:
        """The mapping of the attribute, or else that of the file's own inode."""
        return ite(s.has_attribute_mapping(f), s.iomem, super().mapping_of_sysfs(f))
