"""From a claim about page users to the question for the engines."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from staleproof.engine.question import Killer, Question
from staleproof.engine.search import Limits
from staleproof.kernel.page_users import sorts
from staleproof.lang.kinds import Element
from staleproof.lang.model import Model, build, patched
from staleproof.lang.sorts import Unbounded
from staleproof.lang.system import Property, System
from staleproof.logic.scope import Scope
from staleproof.verdict import Word

LONGEST = 14
"""The longest run that is searched for; the deepest hole takes 9 steps."""

SYSTEMS: dict[type[Model], System] = {}


def question(
    model: type[Model], method: str, expected: Word, killers: Sequence[type[Model]] = ()
) -> Question:
    """The question whether the model has the property that a method of it states."""
    if model not in SYSTEMS:
        SYSTEMS[model] = build(model)
    system = SYSTEMS[model]
    prop = system.property_named(method)
    return Question(
        system=system.with_safety(prop),
        prop=prop,
        killers=tuple(_killer(model, method, wrong) for wrong in killers),
        limits=limits(),
        search_first=expected is Word.REFUTED,
    )


def _killer(model: type[Model], method: str, wrong: type[Model]) -> Killer:
    assert wrong.__doc__ is not None

    def made() -> tuple[System, Property]:
        system = build(patched(model, wrong))
        return system, system.property_named(method)

    return Killer(wrong.__name__, wrong.__doc__.split("\n\n")[0], made)


@cache
def limits() -> Limits:
    """One element of each sort, and then two of pages and addresses: a page has a next one."""
    kinds = [k for k in vars(sorts).values() if isinstance(k, type) and issubclass(k, Element)]
    names = [k.declared for k in kinds if isinstance(k.declared, Unbounded)]
    small = dict.fromkeys(names, 1)
    large = {s: 2 if s.name in ("Page", "Slot", "Mm") else 1 for s in names}
    return Limits(LONGEST, (Scope(small, 1), Scope(large, 1)))
