"""A question for the engines: a system, what is asked of it, what shows that it is no accident."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum

from staleproof.engine.search import Limits
from staleproof.lang.system import Property, System
from staleproof.verdict import Obligation


class Kind(Enum):
    """What is asked: that a bad state is never reached, or that every run ends."""

    SAFETY = "safety"
    TERMINATION = "termination"


@dataclass(frozen=True, eq=False)
class Killer:
    """A wrong variant of the system, in which the property must come out REFUTED.

    `build` is called only when the killer is needed.
    """

    name: str
    sentence: str
    build: Callable[[], tuple[System, Property]]


@dataclass(frozen=True, eq=False)
class Question:
    """Does `prop` hold in every reachable state of `system`?

    `system.safety` may list more properties than `prop`: invariants are found once for all of
    them. `witness` is a property that a good model violates: a reachable state in which `prop`
    says something. Without one, that state is where the premise of `prop` holds. `before` is what
    was proved to make the system what it is; a proof about it rests on that, too.
    """

    system: System
    prop: Property
    kind: Kind = Kind.SAFETY
    witness: Property | None = None
    killers: tuple[Killer, ...] = ()
    limits: Limits = field(default_factory=Limits)
    search_first: bool = False
    before: tuple[Obligation, ...] = ()
