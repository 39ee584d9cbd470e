"""v5 of the patch: follow_pfn() is exported to modules under the GPL alone."""

from __future__ import annotations

from staleproof.kernel.page_users.routes import REFUSES, Routes
from staleproof.kernel.page_users.sorts import Reader, User
from staleproof.lang.terms import Term


class ExportedToGplAlone(Routes):
    """Another module has unsafe_follow_pfn() only, which the option refuses."""

    assumptions = (REFUSES,)

    def gets_number(s, r: Reader) -> Term:
        """Another user, one under the GPL, or the option is not set."""
        other = (s.user[r] == User.MODULE) & ~s.is_gpl[r]
        return super().gets_number(r) & ~(s.strict & other)
