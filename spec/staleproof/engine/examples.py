"""Runs of a system that are known: what one of them shows need not be searched for again."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

from staleproof.engine.exploring import KnownRun
from staleproof.engine.following import followed, violation
from staleproof.engine.search import Finder, Found, Limits
from staleproof.errors import ReplayError
from staleproof.lang.system import Property, System
from staleproof.trace.replay import Script, check_violation, execute


class Examples:
    """Runs of one system, in the order in which they were found."""

    def __init__(self, system: System) -> None:
        self._system = system
        self._runs: list[KnownRun] = []

    @property
    def runs(self) -> Sequence[KnownRun]:
        """All of them."""
        return tuple(self._runs)

    def add_from(self, wider: Examples) -> None:
        """The runs of a wider system that are runs of this one, too."""
        for script, _ in wider.runs:
            with suppress(ReplayError):
                self._runs.append((script, execute(self._system, script)))

    def add(self, prop: Property, limits: Limits, finder: Finder | None = None) -> None:
        """See to it that some run violates the property, if the search finds one."""
        if self.violating(prop) is None:
            found = (finder or Finder(self._system)).some(prop, limits)
            if isinstance(found, Found):
                self._runs.append((found.script, execute(self._system, found.script)))

    def violating(self, prop: Property) -> Script | None:
        """The beginning of a run, replayed, that violates the property; None if none is known."""
        for script, states in self._runs:
            locations = [self._system.entry, *(c.action.target for c in script.choices)]
            for steps, (location, state) in enumerate(zip(locations, states, strict=True)):
                values = violation(prop, location, state)
                if values is not None:
                    begun = replace(script, choices=script.choices[:steps], violation=values)
                    check_violation(self._system, prop, begun)
                    return begun
        return None

    def violating_variant(
        self, variant: System, prop: Property, shown: Script | None = None
    ) -> Script | None:
        """A run of a variant of the system, replayed, that violates the property and that a known
        run leads to, or the one that is `shown`; None if none does.
        """
        for script in (*(s for s, _ in self._runs), *([] if shown is None else [shown])):
            run = followed(variant, prop, script)
            try:
                if run is not None:
                    check_violation(variant, prop, run)
                    return run
            except ReplayError:
                continue
        return None
