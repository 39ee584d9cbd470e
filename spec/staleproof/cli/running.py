"""What the commands ask of the engines and of the C front end: the one place that names them."""

from __future__ import annotations

import os
import traceback
from collections.abc import Generator, Sequence
from typing import Any

from staleproof.claims import Claim
from staleproof.cli.workers import Died, OnNote, Outcome, Raised, Task, named, outcomes
from staleproof.errors import StaleproofError
from staleproof.verdict import (
    ClaimResult,
    Comparison,
    ConfigNeeds,
    PatchNeeds,
    Subject,
    Verdict,
    Word,
)

SENTENCES = "staleproof.kernel.sentences:sentence_of"
"""Called with the name of a property that a C file can be asked; returns what it says."""

DECIDER = "staleproof.engine.portfolio:decide_claim"
"""Called with a claim and a progress function; returns its ClaimResult, killers included."""

CHECKER = "staleproof.kernel.check:check_file"
"""Called with path, function, properties, callees to havoc and a progress function."""

COMPARER = "staleproof.kernel.equivalence.comparison:compare_files"
"""Called with two paths, function, condition, callees to havoc and a progress function."""

PATCH_NEEDS = "staleproof.series.needs:needs_of"
"""Called with a property, whose it is, and a progress function; returns its PatchNeeds."""

SUBJECTS = "staleproof.series.every_property:subjects"
"""Called with nothing; returns the Subject of each property that patches may decide."""

CONFIG_NEEDS = "staleproof.series.device_memory.needs:config_needs_if_any"
"""Called with a property, a version and a progress function; returns its ConfigNeeds, or None."""


def decide_here(claim: Claim) -> ClaimResult:
    """The result of one claim, decided in this process. Raises whatever the engines raise."""
    result: ClaimResult = named(DECIDER)(claim, progress=lambda _: None)
    return result


def decide_all(
    claims: Sequence[Claim], jobs: int, on_note: OnNote
) -> Generator[ClaimResult, None, None]:
    """The results of the claims as they come. What fails comes as BROKEN; nothing is left out."""
    by_name = {c.name: c for c in claims}
    # A search shares little with others, so it can go to any process in the end.
    ordered = sorted(claims, key=lambda c: c.expected is Word.REFUTED)
    tasks = [Task(c.name, DECIDER, (c,), c.kin or c.version) for c in ordered]
    work = outcomes(tasks, jobs, on_note)
    try:
        for task, outcome in work:
            value = None if isinstance(outcome, Raised | Died) else outcome.value
            if isinstance(value, ClaimResult):
                yield value
            else:
                yield _broken(by_name[task.name], _reason(outcome))
    finally:
        work.close()


def _broken(claim: Claim, what: str) -> ClaimResult:
    """The result of a claim that could not be decided because the tool failed."""
    return ClaimResult(
        claim=claim.name,
        property=claim.property,
        version=claim.version,
        expected=claim.expected,
        verdict=Verdict(Word.BROKEN, what),
        seconds=0.0,
        solver_seconds=0.0,
        assumptions=(),
    )


def _reason(outcome: Outcome) -> str:
    """Why a task gave no result, in one line (with the traceback, if debugging)."""
    if isinstance(outcome, Died):
        return f"the process that worked on it {outcome.how}"
    if not isinstance(outcome, Raised):
        return f"it returned {type(outcome.value).__name__}, not a result"
    problem = outcome.problem
    if isinstance(problem, StaleproofError):
        return f"{problem.code} {problem.message}"
    text = f"{type(problem).__name__}: {problem}".rstrip(": ")
    if os.environ.get("STALEPROOF_DEBUG"):
        text += "\n" + "".join(traceback.format_exception(problem))
    return text


def sentences(results: Sequence[ClaimResult]) -> dict[str, str]:
    """What the properties say that a C file was asked."""
    return {r.property: named(SENTENCES)(r.property) for r in results}


def check(
    path: str,
    function: str,
    properties: tuple[str, ...],
    havoc: tuple[str, ...],
    on_note: OnNote,
) -> list[ClaimResult]:
    """The results for one C function. Raises what the front end raises about the file."""
    return list(_alone(Task(function, CHECKER, (path, function, properties, havoc)), on_note))


def compare(
    paths: tuple[str, str],
    function: str,
    condition: str,
    havoc: tuple[str, ...],
    on_note: OnNote,
) -> Comparison:
    """One C function in two files, compared. Raises what the front end raises about the files."""
    found = _alone(Task(function, COMPARER, (*paths, function, condition, havoc)), on_note)
    assert isinstance(found, Comparison)
    return found


def subjects() -> list[Subject]:
    """The properties that patches of the series may decide."""
    found: list[Subject] = named(SUBJECTS)()
    return found


def patch_needs(
    wanted: Sequence[Subject], jobs: int, on_note: OnNote
) -> Generator[PatchNeeds, None, None]:
    """What each property needs, as it comes. Raises what the engines raise."""
    tasks = [Task(s.name, PATCH_NEEDS, (s.property, s.of), s.kin) for s in wanted]
    work = outcomes(tasks, jobs, on_note)
    try:
        for _, outcome in work:
            found = _value(outcome)
            assert isinstance(found, PatchNeeds)
            yield found
    finally:
        work.close()


def config_needs(name: str, version: str, on_note: OnNote) -> ConfigNeeds | None:
    """The configurations that a property needs; None where it has none to choose from."""
    found = _alone(Task(name, CONFIG_NEEDS, (name, version)), on_note)
    assert found is None or isinstance(found, ConfigNeeds)
    return found


def _alone(task: Task, on_note: OnNote) -> Any:
    """What one task returns; raises what it raises."""
    ((_, outcome),) = outcomes([task], 1, on_note)
    return _value(outcome)


def _value(outcome: Outcome) -> Any:
    if isinstance(outcome, Raised):
        raise outcome.problem
    if isinstance(outcome, Died):
        raise RuntimeError(_reason(outcome))
    return outcome.value
