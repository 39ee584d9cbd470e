"""A loop that counts up to a limit: one of its two claims holds."""

from __future__ import annotations

from staleproof.lang.sorts import BitVec
from staleproof.lang.substitute import assign
from staleproof.lang.system import Action, Property, System
from staleproof.lang.terms import Symbol, eq, neg, u_le, u_lt

B8 = BitVec(8)
count, least = Symbol("count", (), B8), Symbol("least", (), B8, mutable=False)
limit, marked = Symbol("limit", (), B8, mutable=False), Symbol("marked", (), B8)
WIDE = System(
    "counting",
    (count, least, limit, marked),
    (u_le(least(), limit()),),
    (
        Action(
            "enter",
            updates=(assign(count, (), 0), assign(marked, (), 0)),
            source="start",
            target="head",
        ),
        Action(
            "round",
            guard=(u_lt(count(), limit()),),
            updates=(assign(count, (), count() + 1), assign(marked, (), 7)),
            source="head",
            target="head",
        ),
        Action("leave", guard=(neg(u_lt(count(), limit())),), source="head", target="end"),
    ),
    entry="start",
    safety=(
        Property("ends at the limit", eq(count(), limit()), at=frozenset({"end"})),
        Property("does nothing", eq(count(), 0), at=frozenset({"end"})),
    ),
)
