"""A system without its loops, where no run goes round one.

Its first rounds are told apart, so what happens in them is exact: there a loop head that is met
once is no loop head. It is asked at once whether a run can come to the rounds that are left, or to
an end that is not wanted. If none can, a run takes only actions of the first rounds; and if these
go in no circle, the system of these actions is as good as the whole: every question about it is one
about paths, and no lemma is needed at a loop head.
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

ROUNDS = (3, 2, 1)
"""How many rounds have locations of their own: many tell apart more, few have fewer circles."""


@dataclass(frozen=True, eq=False)
class Loopless:
    """A system that has the same runs to the wanted ends, and no others; `shown` is the proof."""

    system: System
    shown: tuple[Obligation, ...]


def loopless(system: System, ends: Collection[str]) -> Loopless | None:
    """The system with no loop, and with no end but the wanted ones; None where that is not shown.

    The system's own properties must speak of the wanted ends alone.
    """
    for rounds in ROUNDS:
        apart = peeled(system, loop_heads(system), rounds)
        shown = _no_other_end(system, apart, ends)
        if shown is None:
            return None
        kept = _on_the_way(system, apart, ends, rounds)
        if not loop_heads(kept):
            return Loopless(kept, (shown,))
    return None


def _no_other_end(system: System, apart: System, ends: Collection[str]) -> Obligation | None:
    """That no run comes to a cut other than the wanted ends; None if it is not shown."""
    inductive = Inductive(apart, _left(system, apart))
    further = [b for b in inductive.blocks if b.source == apart.entry and b.target not in ends]
    facts = inductive.facts_at(apart.entry)
    context = Context(facts, None, Session(inductive.budget), inductive.definitions)
    leads_on = disj(*(b.guard for b in further))
    if context.ask(context.switch(leads_on)) is not Answer.UNSAT:
        return None
    name = f"{system.name}: no run comes to {', '.join(b.target for b in further)}"
    digest = digest_of([*context.facts, leads_on])
    return Obligation(name, digest, Answer.UNSAT.value, solver_name(), 0.0)


def _left(system: System, apart: System) -> list[str]:
    """The loop heads of the rounds that are left."""
    return [head for head in loop_heads(system) if head in apart.locations]


def _on_the_way(system: System, apart: System, ends: Collection[str], rounds: int) -> System:
    """The actions of which some copy lies on a way to a wanted end that meets no other cut."""
    cuts = {*_left(system, apart), *loop_heads(apart)}
    ways = apart.with_actions(a for a in apart.actions if a.target not in cuts)
    reached = reachable(ways)
    leading: dict[str, list[str]] = {}
    for action in ways.actions:
        if action.source in reached:
            leading.setdefault(action.target, []).append(action.source)
    back = [end for end in ends if end in leading]
    for location in back:
        back += [s for s in dict.fromkeys(leading.get(location, ())) if s not in back]
    taken = {a.name for a in ways.actions if a.source in reached and a.target in back}
    return system.with_actions(
        a for a in system.actions if any(name in taken for name in copies_of(a.name, rounds))
    )
