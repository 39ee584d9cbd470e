"""Liveness: which state constants can still matter, and where."""

from __future__ import annotations

from staleproof.lang.substitute import symbols_of
from staleproof.lang.system import System
from staleproof.lang.terms import Symbol


def live_constants(system: System) -> dict[str, frozenset[Symbol]]:
    """Per location the state constants whose value there can still matter.

    That is: some path reads them, in a guard, an update or a property, before it sets them.
    """
    reads = {
        action: symbols_of(*action.guard, *(u.value for u in action.updates))
        for action in system.actions
    }
    sets = {a: {u.symbol for u in a.updates if not u.formals} for a in system.actions}
    live = {loc: set[Symbol]() for loc in system.locations}
    for prop in (*system.safety, *system.lemmas):
        for location in system.locations:
            if prop.holds_at(location):
                live[location] |= symbols_of(prop.formula)
    changed = True
    while changed:
        changed = False
        for action in reversed(system.actions):
            needed = reads[action] | (live[action.target] - sets[action])
            if not needed <= live[action.source]:
                live[action.source] |= needed
                changed = True
    return {location: frozenset(symbols) for location, symbols in live.items()}
