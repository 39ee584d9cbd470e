"""Which property of a system notices a mutant of it, and how.

Proved properties are looked at first: some may be violated, or say nothing any more, or hold of
their wrong variants, too. Then refuted ones: their runs may be gone, so the mutant is too strong.
What is left may break a lemma. All this is shown by runs that are replayed, or by a search that
found none; a proof that merely fails shows nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import Enum

from staleproof.engine.candidates import says_something
from staleproof.engine.induction import Inductive, Proof, Proved
from staleproof.engine.search import Found, Limits, NotFound, search, search_some
from staleproof.errors import ReplayError
from staleproof.lang.mutants import Mutant
from staleproof.lang.system import Property, System
from staleproof.trace.replay import Choice, Script, check_violation


class How(Enum):
    """What became of the property that noticed a mutant; or of all, where none did."""

    REFUTED = "a proved property is violated"
    VACUOUS = "a proved property says nothing any more, to the bound"
    KILLER = "a wrong variant passes, to the bound"
    HELD = "a refuted property holds, to the bound"
    LEMMA = "a lemma is violated"
    STILL_PROVED = "nothing: all that was proved is proved of the mutant"
    STILL_HELD = "nothing: no violation was found, to the bound"


UNNOTICED = (How.STILL_PROVED, How.STILL_HELD)


@dataclass(frozen=True, slots=True)
class Notice:
    """What noticed a mutant: the name of a property, or nothing."""

    how: How
    by: str = ""


@dataclass(frozen=True, slots=True)
class Telling:
    """A property with a run of a system that violates it, and how far to look for another."""

    system: System
    prop: Property
    script: Script
    limits: Limits
    noticed: Notice


@dataclass(frozen=True, eq=False)
class Study:
    """What is known of a system: what is proved of it, and runs that there have to be.

    `reach` says how far violations are looked for, the cheapest first.
    """

    system: System
    proved: tuple[Property, ...]
    lemmas: tuple[Property, ...]
    runs: tuple[Telling, ...]
    reach: tuple[Limits, ...]

    @property
    def settled(self) -> tuple[str, ...]:
        """The names of the properties that are proved or refuted."""
        refuted = (t.prop.name for t in self.runs if t.noticed.how is How.HELD)
        return (*(p.name for p in self.proved), *refuted)


@dataclass(frozen=True, slots=True)
class Asked:
    """A property that is to be proved or refuted: how far its runs are looked for, and its wrong
    variants, of which it has to be refuted.
    """

    prop: Property
    limits: Limits
    killers: tuple[tuple[System, Property], ...] = ()


def study(system: System, asked: Sequence[Asked], reach: Sequence[Limits]) -> Study:
    """Decide each property by induction with the lemmas, or by a run. What neither decides, and
    what is proved but says nothing, is left out.
    """
    proof = Proof(Inductive(system), system.lemmas)
    lemmas = tuple(q for q in system.lemmas if isinstance(proof.prove([q]), Proved))
    proved: list[Property] = []
    runs: list[Telling] = []
    for a in asked:
        name = a.prop.name
        if not isinstance(proof.prove([a.prop]), Proved):
            runs += _telling(system, a.prop, a.limits, Notice(How.HELD, name))
            continue
        speaks = _telling(system, says_something(a.prop), a.limits, Notice(How.VACUOUS, name))
        if speaks:
            proved.append(a.prop)
            runs += speaks
            for wrong, prop in a.killers:
                runs += _telling(wrong, prop, a.limits, Notice(How.KILLER, name))
    order = (How.VACUOUS, How.KILLER, How.HELD)
    runs.sort(key=lambda t: (len(t.limits.scopes), order.index(t.noticed.how)))
    return Study(system, tuple(proved), lemmas, tuple(runs), tuple(reach))


def _telling(system: System, prop: Property, limits: Limits, noticed: Notice) -> list[Telling]:
    """A run that violates the property; none if the search finds none."""
    found = search(system, prop, limits, shortest=False)
    if not isinstance(found, Found):
        return []
    check_violation(system, prop, found.script)
    return [Telling(system, prop, found.script, limits, noticed)]


def notice(known: Study, mutant: Mutant) -> Notice:
    """What notices the mutant."""
    changed = mutant.within(known.system)
    stands = _is_still_proved(known, mutant)
    everything = (*known.proved, *known.lemmas)
    first, farther = (None, ()) if stands else _violated(changed, everything, known.reach)
    # Where a lemma is violated first, a proved property may be so in a longer run.
    claim = first if first is None or first in known.proved else None
    if first is not None and claim is None:
        claim, _ = _violated(changed, known.proved, farther)
    if claim is not None:
        return Notice(How.REFUTED, claim.name)
    if not mutant.only_adds_runs:
        lost = next(_lost(known, mutant), None)
        if lost is not None:
            return lost
    if first is not None:
        return Notice(How.LEMMA, first.name)
    return Notice(How.STILL_PROVED if stands else How.STILL_HELD)


def _is_still_proved(known: Study, mutant: Mutant) -> bool:
    """Whether the mutated action preserves all that is proved; the other actions do so anyway."""
    if mutant.action is None:
        return True
    alone = known.system.with_actions([mutant.action])
    return isinstance(Inductive(alone).prove([*known.proved, *known.lemmas]), Proved)


def _violated(
    system: System, props: Sequence[Property], reach: Sequence[Limits]
) -> tuple[Property | None, Sequence[Limits]]:
    """One of the properties that some run violates, and the reach from where it was found on; None
    if no run was found.
    """
    for number, limits in enumerate(reach if props else ()):
        found = search_some(system, props, limits)
        if isinstance(found, Found):
            check_violation(system, found.prop, found.script)
            return found.prop, reach[number:]
    return None, ()


def _lost(known: Study, mutant: Mutant) -> Iterator[Notice]:
    """The properties whose runs are gone, and no other was found."""
    for telling in known.runs:
        same = mutant.counterpart(telling.system)
        if same is None:
            continue
        changed = same.within(telling.system)
        if _has_run(changed, same, telling):
            continue
        found = search(changed, telling.prop, telling.limits, shortest=False)
        if isinstance(found, NotFound):
            yield telling.noticed
        elif isinstance(found, Found):
            check_violation(changed, telling.prop, found.script)


def _has_run(changed: System, mutant: Mutant, telling: Telling) -> bool:
    """Whether the very run that violates the property is one of the mutant, and violates it."""
    choices = []
    for choice in telling.script.choices:
        action = mutant.action if choice.action.name == mutant.of.name else choice.action
        if action is None:
            return False
        choices.append(Choice(action, choice.environment))
    try:
        check_violation(changed, telling.prop, replace(telling.script, choices=tuple(choices)))
    except ReplayError:
        return False
    return True
