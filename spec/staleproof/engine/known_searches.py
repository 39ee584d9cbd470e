"""Searches that this process has made before: versions that share a system share its runs, too.

A system's digest leaves out nothing but places and words, so the run that was found is told with
the actions of the system that is asked about now.
"""

from __future__ import annotations

from dataclasses import replace

from staleproof.engine.search import Found, GaveUp, Limits, NotFound, search
from staleproof.lang.recent import Recent
from staleproof.lang.system import Property, System
from staleproof.trace.replay import Script

MOST_KNOWN = 200
"""How many answers are kept."""

_known: Recent[tuple[object, ...], Found | NotFound] = Recent(MOST_KNOWN)


def search_once(
    system: System, prop: Property, limits: Limits, *, shortest: bool = True
) -> Found | NotFound | GaveUp:
    """What `search` says, or has said of the same question about the same system."""
    key = (system.digest, _identity(prop), _extent(limits), shortest)
    answer = _known.get(key)
    if answer is None:
        found = search(system, prop, limits, shortest=shortest)
        if isinstance(found, GaveUp):
            return found
        answer = _known.put(key, found)
    if isinstance(answer, Found):
        return replace(answer, prop=prop, script=_retold(answer.script, system))
    return answer


def _identity(prop: Property) -> object:
    params = tuple((p.name, p.sort) for p in prop.params)
    return prop.name, prop.formula.digest, params, prop.at


def _extent(limits: Limits) -> object:
    scopes = tuple(s.key for s in limits.scopes)
    return limits.depth, scopes, limits.budget, limits.likely


def _retold(script: Script, system: System) -> Script:
    """The run in the words of the system, which does the same."""
    actions = {a.name: a for a in system.actions}
    choices = tuple(replace(c, action=actions[c.action.name]) for c in script.choices)
    return replace(script, choices=choices)
