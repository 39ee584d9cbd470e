"""cb10c28ac82c (6.10): follow_pfn() is deleted."""

from __future__ import annotations

from staleproof.kernel.page_users.routes import Routes
from staleproof.kernel.page_users.sorts import Reader, User
from staleproof.lang.terms import Term


class FollowPfnIsGone(Routes):
    """A module is left with follow_pte(), which returns with the page-table lock held."""

    def gets_number(s, r: Reader) -> Term:
        """No module gets a number without the lock."""
        return super().gets_number(r) & (s.user[r] != User.MODULE)
