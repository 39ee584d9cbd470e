"""A system without its loops, where no run goes round one more than a few times.

The first rounds are told apart, so what happens in them is exact. It is asked at once whether a run
can come to the rounds that are left, or to an end that is not wanted. If none can, a run takes only
actions of the first rounds; and if these go in no circle, the system that has no others is the same
system, and every question about it is one about paths.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from staleproof.engine.context import Context
from staleproof.engine.induction import Inductive, digest_of
from staleproof.engine.solve import Answer, Session, solver_name
from staleproof.lang.system import System
from staleproof.lang.terms import disj
from staleproof.logic.blocks import loop_heads, reachable
from staleproof.logic.peeling import copies_of, peeled
from staleproof.verdict import Obligation

ROUNDS = 3
"""How many rounds have locations of their own."""


@dataclass(frozen=True, eq=False)
class Loopless:
    """A system that has the same runs to the wanted ends, and no others; `shown` is the proof."""

    system: System
    shown: tuple[Obligation, ...]


def loopless(system: System, ends: Collection[str]) -> Loopless | None:
    """The system with no loop, and with no end but the wanted ones; None where that is not shown.

    The system's own properties must speak of the wanted ends alone.
    """
    heads = loop_heads(system)
    apart = peeled(system, heads, ROUNDS)
    inductive = Inductive(apart, [head for head in heads if head in apart.locations])
    further = [b for b in inductive.blocks if b.source == apart.entry and b.target not in ends]
    context = Context(
        inductive.facts_at(apart.entry), None, Session(inductive.budget), inductive.definitions
    )
    leads_on = disj(*(b.guard for b in further))
    if context.ask(context.switch(leads_on)) is not Answer.UNSAT:
        return None
    name = f"{system.name}: no run comes to {', '.join(b.target for b in further)}"
    digest = digest_of([*context.facts, leads_on])
    shown = Obligation(name, digest, Answer.UNSAT.value, solver_name(), 0.0)
    # To a cut that no block from the entry ends at, no run comes first.
    never = {c for c in inductive.cuts if c != apart.entry and c not in ends}
    kept = _kept(system, apart, never, ends)
    return None if loop_heads(kept) else Loopless(kept, (shown,))


def _kept(system: System, apart: System, never: set[str], ends: Collection[str]) -> System:
    """The actions of which some copy lies on a way to a wanted end that meets nothing that no run
    comes to.
    """
    ways = apart.with_actions(a for a in apart.actions if a.target not in never)
    reached = reachable(ways)
    leading: dict[str, list[str]] = {}
    for action in ways.actions:
        if action.source in reached:
            leading.setdefault(action.target, []).append(action.source)
    back = [end for end in ends if end in leading]
    for location in back:
        back += [s for s in leading.get(location, ()) if s not in back]
    taken = {a.name for a in ways.actions if a.source in reached and a.target in back}
    return system.with_actions(
        a for a in system.actions if any(name in taken for name in copies_of(a.name, ROUNDS))
    )
