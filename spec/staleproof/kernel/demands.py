"""Demands of C and of callees: a proof of one says something where somebody comes to make it."""

from __future__ import annotations

from collections.abc import Iterable

from staleproof.cfront.translate import RETURN, Translation
from staleproof.lang.system import Property
from staleproof.lang.terms import FALSE


def comes_to(asking: Iterable[str]) -> Property:
    """The property that a run violates that comes to one of the locations that ask for it."""
    return Property("nothing is demanded", FALSE, at=frozenset(asking))


def witness_of(translation: Translation, prop: Property) -> Property | None:
    """The witness of a property that is a demand, which fails at a location of its own; None of any
    other.
    """
    if prop.conclusion is not FALSE or prop.at is None or RETURN in prop.at:
        return None
    return comes_to(a.source for a in translation.actions if a.target in prop.at)
