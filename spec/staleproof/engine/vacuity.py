"""Vacuity: whether a proof is about something.

Three questions: is there an initial state, can each action happen, does the property ever say
anything. The last is answered by a replayed run; an action is reported as dead when the
invariants show that it can never be taken.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from staleproof.engine.exploring import KnownRun, possible_actions
from staleproof.engine.induction import Inductive
from staleproof.engine.known_searches import search_once
from staleproof.engine.search import Found, Limits
from staleproof.engine.solve import Answer, Budget, Session
from staleproof.lang.recent import Recent
from staleproof.lang.sorts import BOOL
from staleproof.lang.system import Action, Property, System, are_relational
from staleproof.lang.terms import Term, conj, disj, has_quantifier, implies, neg, variable
from staleproof.logic.blocks import passage
from staleproof.logic.finite import FiniteSystem, written_out
from staleproof.logic.instantiate import Schema
from staleproof.logic.quantified import spoken
from staleproof.logic.runs import Taken
from staleproof.logic.scope import Scope
from staleproof.logic.z3_lowering import Z3Lowering
from staleproof.trace.replay import Script, check_violation

MOST_KNOWN = 50
"""How many answers about dead actions are kept."""

NEAR = Limits(scopes=Limits().scopes[:2], budget=Budget(resources=1_000_000))
"""How far a run to an action is searched for."""

_known: Recent[tuple[object, ...], list[int]] = Recent(MOST_KNOWN)
"""Which actions of a system are dead, by their places."""


def witness_run(system: System, witness: Property, limits: Limits) -> Script | None:
    """A replayed run that violates `witness`; None if the search found none."""
    found = search_once(system, witness, limits, shortest=False)
    if not isinstance(found, Found):
        return None
    check_violation(system, witness, found.script)
    return found.script


def dead_actions(
    inductive: Inductive,
    invariants: list[Property],
    runs: Sequence[KnownRun] = (),
    excluded: Collection[str] = (),
) -> list[Action]:
    """The actions that no run can take: what the invariants exclude. Failed demands are left out.

    An action is counted as possible unless shown otherwise; what the known `runs` show to be
    possible is not asked, nor what is `excluded`, by name: no run of a wider system can take it. Of
    systems that differ in nothing but what is claimed of them it is
    asked once.
    """
    key = _identity(inductive, invariants)
    numbers = _known.get(key)
    if numbers is None:
        dead = set(_dead_actions(inductive, invariants, runs, excluded))
        numbers = _known.put(key, [n for n, a in enumerate(inductive.system.actions) if a in dead])
    return [inductive.system.actions[n] for n in numbers]


def _identity(inductive: Inductive, invariants: list[Property]) -> tuple[object, ...]:
    """All that the answer depends on. A cut where nothing leads on makes no difference to it."""
    system = inductive.system
    sources = [s for s in inductive.reached() if system.leaving(s)]
    cuts = sorted(c for c in inductive.cuts if system.leaving(c))
    given = [
        ([(p.name, p.sort) for p in q.params], q.formula.digest, q.at and sorted(q.at))
        for q in invariants
    ]
    once = inductive.entry_is_visited_once
    return system.digest, inductive.budget, once, repr((sources, cuts, given))


def _dead_actions(
    inductive: Inductive,
    invariants: list[Property],
    runs: Sequence[KnownRun],
    excluded: Collection[str],
) -> list[Action]:
    system = inductive.system
    # That a demand never fails is proved where it is claimed.
    asked = {a for a in system.actions if system.leaving(a.target)}
    unclear = {a for a in asked if a.name not in excluded}
    if system.is_relational:
        small = all(are_relational(q.sorts) for q in invariants)
        possible = _possible_in_scope(system, invariants) if small else set()
    else:
        possible = _possible_in_runs(inductive, runs)
    for source in inductive.reached():
        known = [Schema(q.params, q.formula) for q in invariants if q.holds_at(source)]
        steps = passage(system, source, inductive.cuts)
        unsure = [s for s in steps if s.action in unclear and s.action not in possible]
        if not unsure:
            continue
        switches = {step: variable(f"taken!{n}", BOOL) for n, step in enumerate(unsure)}
        lowering = Z3Lowering(quantified=system.is_relational)
        session = Session(inductive.budget, lowering)
        whens = [implies(switch, step.when) for step, switch in switches.items()]
        facts = [*inductive.facts_at(source), *whens]
        session.add(*spoken(facts, known, relational=system.is_relational))
        possible |= _possible(session, switches)
    return [a for a in system.actions if a in asked and a not in possible]


def _possible_in_runs(inductive: Inductive, runs: Sequence[KnownRun]) -> set[Action]:
    """The actions that runs show to be possible: the known ones and, where nothing is cut, one that
    is looked for.

    There the only block is the whole function, and a question about it takes longer than to find
    a run over a small scope, which tells of many actions.
    """
    system = inductive.system
    possible = possible_actions(system, runs)
    if not any(cut != system.entry and system.leaving(cut) for cut in inductive.cuts):
        for action in system.actions:
            if action not in possible and system.leaving(action.target):
                possible = possible_actions(system, _run_to(system, action), possible)
    return possible


def _run_to(system: System, action: Action) -> list[KnownRun]:
    """A replayed run to a state in which the action can happen, if the search finds one soon."""
    never = Property(
        f"never {action.name}",
        neg(conj(*action.guard)),
        action.params,
        at=frozenset({action.source}),
    )
    found = search_once(system, never, NEAR, shortest=False)
    if not isinstance(found, Found):
        return []
    return [(found.script, check_violation(system, never, found.script))]


def _possible_in_scope(system: System, invariants: list[Property]) -> set[Action]:
    """The actions of a relational system that can happen in some small state that the invariants
    allow: the quickest to answer for most.
    """
    finite = _small(system)
    if finite is None:
        return set()
    session = Session(finite=True)
    session.add(*finite.given)
    session.add(*(neg(v.term) for q in invariants for v in finite.violations(q)))
    guards: dict[Action, list[Term]] = {}
    for instance in finite.instances:
        guards.setdefault(instance.action, []).append(instance.guard)
    return {a for a, ways in guards.items() if session.ask(disj(*ways)) is Answer.SAT}


def _small(system: System) -> FiniteSystem | None:
    """The system with two elements of each sort, or of one sort three, as the axioms may want."""
    sorts = system.unbounded_sorts
    for larger in (None, *sorts):
        sizes = {s: 3 if s is larger else 2 for s in sorts}
        finite = written_out(system, Scope(sizes, 1))
        session = Session(finite=True)
        session.add(*finite.given)
        if session.ask() is Answer.SAT:
            return finite
    return None


def _possible(session: Session, switches: Mapping[Taken, Term]) -> set[Action]:
    """The actions of the steps whose switch can be on: every model tells of many."""
    found: set[Action] = set()
    # The last first: a run that comes that far takes many actions, and to ask for one is easier.
    for step in reversed(list(switches)):
        if step.action not in found:
            if session.ask(switches[step]) is not Answer.SAT:
                break
            found |= _told(session, [s for s in switches if s.action not in found], switches)
    while waiting := [s for s in switches if s.action not in found]:
        answer = session.ask(disj(*(switches[s] for s in waiting)))
        if answer is Answer.UNSAT:
            break
        if answer is Answer.UNKNOWN:
            rest = (s for s in waiting if session.ask(switches[s]) is not Answer.UNSAT)
            return found | {s.action for s in rest}
        found |= _told(session, waiting, switches)
    return found


def _told(
    session: Session, waiting: Iterable[Taken], switches: Mapping[Taken, Term]
) -> set[Action]:
    """The actions of the steps that are taken in the model of the last answer."""
    found: set[Action] = set()
    for step in waiting:
        # A switch may be off although its step can be taken.
        told = [switches[step], *([] if has_quantifier(step.when) else [step.when])]
        if any(session.value(t) is True for t in told):
            found.add(step.action)
    return found
