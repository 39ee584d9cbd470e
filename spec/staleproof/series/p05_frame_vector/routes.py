"""04769cb1c45a, as posted in v4: videobuf2 comes to no number, since the walk is dead."""

from __future__ import annotations

from staleproof.kernel.page_users.routes import Routes
from staleproof.kernel.page_users.sorts import Reader, User
from staleproof.lang.terms import Term
from staleproof.series.longterm_pins.deltas import DEAD


class Videobuf2DoesNotAsk(Routes):
    """After a pin that fails, no number is asked for, whatever the option."""

    assumptions = (DEAD,)

    def gets_number(s, r: Reader) -> Term:
        """Another user."""
        return super().gets_number(r) & (s.user[r] != User.VIDEOBUF2)
