"""What later kernels do about pages of user buffers."""

from __future__ import annotations

from staleproof.kernel.page_users.buffers import Buffers
from staleproof.kernel.page_users.sorts import Reader
from staleproof.lang.terms import FALSE, Term


class MigrationMustSucceed(Buffers):
    """5.13: a long-term pin of a page that cannot be migrated out of CMA fails."""

    def may_stay_in_cma(s) -> Term:
        """It may not."""
        return FALSE


class NoFallback(Buffers):
    """6647e76ab623 (6.2): get_vaddr_frames() pins, and reads no numbers from page tables."""

    def takes_raw(s, r: Reader) -> Term:
        """No driver does."""
        return FALSE
