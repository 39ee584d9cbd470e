"""efd532a679af, merged with the series: legacy_io and legacy_mem are created late."""

from __future__ import annotations

from staleproof.kernel.device_memory.boot import Boot
from staleproof.lang.terms import TRUE, Term


class LegacyFilesWait(Boot):
    """pci_create_legacy_files() waits for pci_sysfs_init(), as the files of devices do."""

    def legacy_files_wait(s) -> Term:
        """They do."""
        return TRUE
