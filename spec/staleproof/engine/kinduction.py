"""k-induction: a property that k steps in a row establish for the next one.

The base case is asked of the unbounded system, not of a finite scope.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence

from staleproof.engine.context import skolemised
from staleproof.engine.induction import NotShown, Proved, digest_of
from staleproof.engine.solve import Answer, Budget, Session, solver_name
from staleproof.lang.system import Property, System
from staleproof.lang.terms import FALSE, Term, implies, neg
from staleproof.logic.instantiate import Schema, ground
from staleproof.logic.runs import START, Run, merge, read, successors
from staleproof.verdict import Obligation


def prove_by_k_induction(
    system: System,
    goal: Property,
    most: int,
    lemmas: Sequence[Property] = (),
    budget: Budget | None = None,
) -> Proved | NotShown:
    """Prove `goal` with the least k up to `most`; `lemmas` must already be proved."""
    last: NotShown | None = None
    for k in range(1, most + 1):
        attempt = _attempt(system, goal, k, lemmas, budget or Budget())
        if isinstance(attempt, Proved):
            return attempt
        last = attempt
        if attempt.obligation.name.endswith("base"):
            break
    assert last is not None
    return last


def _attempt(
    system: System, goal: Property, k: int, lemmas: Sequence[Property], budget: Budget
) -> Proved | NotShown:
    obligations: list[Obligation] = []
    for name, facts, run, earlier in _questions(system, goal, k):
        denied = neg(skolemised(goal, read(run, goal.formula)))
        schemas = [
            Schema(known.params, implies(past.guard, read(past, known.formula)))
            for where, past in earlier
            for known in (goal, *lemmas)
            if known.holds_at(where)
        ]
        obligation = _ask(name, [*facts, run.guard, denied], schemas, budget)
        obligations.append(obligation)
        if obligation.answer != Answer.UNSAT.value:
            return NotShown(obligation, None)
    return Proved(tuple(obligations), tuple(lemmas))


def _questions(
    system: System, goal: Property, k: int
) -> Iterator[tuple[str, list[Term], Run, list[tuple[str, Run]]]]:
    """Per run that could end in a violation: what is known of its start, and its earlier states."""
    initial = [*system.axioms, *system.init]
    for _, location, run in _runs(system, system.entry, k - 1):
        if goal.holds_at(location):
            yield f"{goal.name}: base", initial, run, []
    for start in system.locations:
        runs = _runs(system, start, k)
        earlier = [(where, run) for depth, where, run in runs if depth < k]
        for depth, location, run in runs:
            if depth == k and goal.holds_at(location):
                yield f"{goal.name}: {k} steps", list(system.axioms), run, earlier


def _runs(system: System, start: str, most: int) -> list[tuple[int, str, Run]]:
    """Every (depth, location, merged run) up to `most` steps from `start`."""
    frontier: dict[str, Run] = {start: START}
    found = [(0, location, run) for location, run in frontier.items()]
    for depth in range(most):
        arrived: dict[str, list[Run]] = {}
        for location, run in frontier.items():
            for step, after in successors(system, location, run, f"@{depth}"):
                arrived.setdefault(step.target, []).append(after)
        frontier = {location: merge(runs) for location, runs in arrived.items()}
        found += [(depth + 1, location, run) for location, run in frontier.items()]
    return found


def _ask(name: str, facts: list[Term], schemas: list[Schema], budget: Budget) -> Obligation:
    if any(f is FALSE for f in facts):
        return Obligation(name, "-", Answer.UNSAT.value, "by rewriting", 0.0)
    started = time.perf_counter()
    assertions = ground(facts, schemas)
    session = Session(budget)
    session.add(*assertions)
    answer = session.ask()
    elapsed = round(time.perf_counter() - started, 4)
    return Obligation(name, digest_of(assertions), answer.value, solver_name(), elapsed)
