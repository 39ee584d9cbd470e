"""videobuf-dma-contig and frame vectors call unsafe_follow_pfn(), which the option refuses."""

from __future__ import annotations

from staleproof.kernel.page_users.routes import REFUSES, Routes
from staleproof.kernel.page_users.sorts import Reader, User
from staleproof.lang.terms import Term


class Videobuf1IsRefused(Routes):
    """Strict, videobuf1 gets no number."""

    assumptions = (REFUSES,)

    def gets_number(s, r: Reader) -> Term:
        """Another user, or the option is not set."""
        return super().gets_number(r) & ~(s.strict & (s.user[r] == User.VIDEOBUF1))


class Videobuf2IsRefused(Routes):
    """Strict, videobuf2 gets no number."""

    assumptions = (REFUSES,)

    def gets_number(s, r: Reader) -> Term:
        """Another user, or the option is not set."""
        return super().gets_number(r) & ~(s.strict & (s.user[r] == User.VIDEOBUF2))
