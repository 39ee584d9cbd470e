"""sysfs attributes with a mapping, at boot."""

from __future__ import annotations

from staleproof.kernel.device_memory.boot import Boot
from staleproof.lang.terms import TRUE, Term


class AttributeIsRead(Boot):
    """sysfs_kf_bin_open() looks at the mapping of the attribute, and passes over NULL."""

    def attribute_is_read(s) -> Term:
        """The open of a sysfs file looks at the attribute."""
        return TRUE
