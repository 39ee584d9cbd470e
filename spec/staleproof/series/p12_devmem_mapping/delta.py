"""0fb1b1ed7dd9: open_port() of /dev/mem sets filp->f_mapping and no longer inode->i_mapping."""

from __future__ import annotations

from staleproof.kernel.device_memory.files import Files
from staleproof.kernel.device_memory.sorts import File
from staleproof.lang.terms import Term


class DevmemKeepsInode(Files):
    """f_mapping becomes inode->i_mapping, which nothing has redirected to devmem_inode any more."""

    def mapping_of_devmem(s, f: File) -> Term:
        """The mapping of the device node's own inode."""
        return s.own[f]
