"""The portfolio: which engine answers a question, and what a verdict needs besides its answer.

PROVED takes an induction whose lemmas were found, a run that shows the property says something,
and killers that come out REFUTED. REFUTED takes a replayed run. Whatever is neither is said to
be what it is.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from staleproof.engine.candidates import says_something
from staleproof.engine.induction import NotShown, Proved, describe
from staleproof.engine.kinduction import prove_by_k_induction
from staleproof.engine.known_searches import search_once
from staleproof.engine.question import Killer, Kind, Question
from staleproof.engine.search import Found, GaveUp
from staleproof.engine.second import second_solver_name
from staleproof.engine.solve import clock, solver_name
from staleproof.engine.study import Study, study_of
from staleproof.engine.termination import Ends, find_endless_run, prove_termination
from staleproof.engine.vacuity import witness_run
from staleproof.errors import ReplayError
from staleproof.lang.system import Property, System
from staleproof.lang.terms import FALSE
from staleproof.trace.itf import to_itf
from staleproof.trace.model import Trace
from staleproof.trace.replay import Script, check_violation, replay
from staleproof.verdict import NO_LOOP, ClaimResult, KillerResult, Obligation, Verdict, Word

Progress = Callable[[str], None]

MOST_K = 2
"""How far k-induction is tried where induction with the found lemmas does not suffice."""


class ClaimLike(Protocol):
    """What is needed of a claim."""

    @property
    def name(self) -> str: ...
    @property
    def version(self) -> str: ...
    @property
    def expected(self) -> Word: ...
    def build(self) -> Any: ...
    @property
    def property(self) -> str: ...


@dataclass
class Answer:
    """What was found out about a question."""

    verdict: Verdict
    method: str = ""
    lemmas: tuple[str, ...] = ()
    obligations: tuple[Obligation, ...] = ()
    vacuity: tuple[tuple[str, str], ...] = ()
    trace: Trace | None = None
    solvers: tuple[str, ...] = field(default_factory=lambda: (solver_name(),))
    killers: list[KillerResult] = field(default_factory=list)
    shown: Script | None = None
    """A replayed run in which the property says something."""


def decide_claim(claim: ClaimLike, progress: Progress = lambda _: None) -> ClaimResult:
    """The claim, decided: verdict, killers, vacuity, assumptions, trace."""
    question: Question = claim.build()
    return record(claim.name, claim.property, claim.version, claim.expected, question, progress)


def record(
    claim: str,
    name: str,
    version: str,
    expected: Word,
    question: Question,
    progress: Progress = lambda _: None,
) -> ClaimResult:
    """The record of a question, decided."""
    started, solver_before = time.perf_counter(), clock.seconds
    answer = decide(question, progress)
    system = question.system
    return ClaimResult(
        claim=claim,
        property=name,
        version=version,
        expected=expected,
        verdict=answer.verdict,
        seconds=round(time.perf_counter() - started, 3),
        solver_seconds=round(clock.seconds - solver_before, 3),
        assumptions=tuple((a.name, a.sentence) for a in system.assumptions),
        killers=tuple(answer.killers),
        lemmas=answer.lemmas,
        vacuity=answer.vacuity,
        obligations=answer.obligations,
        system=system.digest,
        solvers=answer.solvers,
        trace=None if answer.trace is None else _document(claim, answer.trace),
        method=answer.method,
    )


def _document(claim: str, trace: Trace) -> Mapping[str, Any]:
    meta = {"claim": claim, "solver": solver_name(), "replay": "agrees"}
    return to_itf(trace, meta)


def decide(question: Question, progress: Progress = lambda _: None) -> Answer:
    """The verdict on a question, with all that a verdict needs."""
    try:
        if question.kind is Kind.TERMINATION:
            answer = _termination(question, progress)
        else:
            answer = _safety(question, progress)
        if answer.verdict.word is Word.PROVED:
            _kill(question, answer, progress)
    except ReplayError as failure:
        answer = Answer(Verdict(Word.BROKEN, f"replay: {failure.message}"))
    return answer


def word_of(question: Question, *, shortest: bool = False) -> Word | None:
    """The verdict on a question, and nothing else: no killers, no run that shows that the property
    says something. None where it is not sure.

    `shortest`: the shortest violation will be asked for, too, so let it be what is looked for.
    """
    if question.kind is Kind.TERMINATION:
        word = decide(replace(question, killers=())).verdict.word
        return word if word in (Word.PROVED, Word.REFUTED, Word.VACUOUS) else None
    if question.search_first and _is_violated(question, shortest):
        return Word.REFUTED
    study = study_of(question.system, lambda _: None)
    outcome = study.outcome_of(question.prop)
    if isinstance(outcome, Proved):
        never = _is_silent(question, study)
        return Word.VACUOUS if isinstance(never, Proved) else Word.PROVED
    if not question.search_first and _is_violated(question, shortest):
        return Word.REFUTED
    return None


def _is_violated(question: Question, shortest: bool) -> bool:
    found = search_once(question.system, question.prop, question.limits, shortest=shortest)
    if isinstance(found, Found):
        check_violation(question.system, question.prop, found.script)
    return isinstance(found, Found)


# Safety


def _safety(question: Question, progress: Progress) -> Answer:
    if question.search_first:
        progress("searching for a violation")
        found = _refutation(question)
        if found is not None:
            return found
    study = study_of(question.system, progress)
    outcome = study.outcome_of(question.prop)
    if isinstance(outcome, Proved):
        return _proved(question, study, outcome, "induction", progress)
    if not question.search_first:
        progress("searching for a violation")
        found = _refutation(question)
        if found is not None:
            return found
    deeper = prove_by_k_induction(question.system, question.prop, MOST_K, study.invariants)
    if isinstance(deeper, Proved):
        return _proved(question, study, deeper, "k-induction", progress)
    return _not_shown(outcome, study.inductive.unsure)


def _refutation(question: Question) -> Answer | None:
    """REFUTED with its trace; None when the search found nothing or gave up."""
    found = search_once(question.system, question.prop, question.limits)
    if not isinstance(found, Found):
        return None
    return _refuted(found, replay(question.system, question.prop, found.script))


def _refuted(found: Found, trace: Trace, that: str = "") -> Answer:
    """REFUTED by a run; `that` says what kind of run."""
    kind = (
        f"shortest run{that}" if found.shortest_over else f"run{that} (there may be a shorter one)"
    )
    method = f"{kind}: {found.steps} steps"
    solvers = (solver_name(), *((second_solver_name(),) if found.asked_second else ()))
    return Answer(Verdict(Word.REFUTED), method, trace=trace, solvers=solvers)


def _not_shown(outcome: NotShown, unsure: bool) -> Answer:
    """NOT_INDUCTIVE, unless the solver gave up on this, or on a lemma that might have helped."""
    obligation = outcome.obligation
    if outcome.unknown or unsure:
        return Answer(Verdict(Word.UNDECIDED, f"the solver gave up on {obligation.name}"))
    return Answer(Verdict(Word.NOT_INDUCTIVE, obligation.name), obligations=(obligation,))


def _proved(
    question: Question, study: Study, outcome: Proved, method: str, progress: Progress
) -> Answer:
    """PROVED, if the property says something somewhere; VACUOUS if it is proved that it never
    does.
    """
    progress("asking whether the property says anything")
    answer = Answer(
        Verdict(Word.PROVED),
        f"{method}{_with(study.inductive.system, outcome.lemmas)}",
        tuple(describe(q) for q in outcome.lemmas),
        (*question.before, *outcome.obligations),
    )
    never = _is_silent(question, study)
    if not isinstance(never, Proved):
        answer.shown = _shown(question, study, _witness(question))
    if answer.shown is not None:
        steps = len(answer.shown.choices)
        answer.vacuity = (
            ("is there an initial state?", "yes, that of the run below"),
            ("does the property say anything?", f"yes, after a replayed run of {steps} steps"),
            ("is any action never taken?", _list(study.dead)),
        )
        return answer
    if isinstance(never, Proved):
        answer.verdict = Verdict(Word.VACUOUS, "its premise is never true, which is proved")
        answer.vacuity = (
            ("does the property say anything?", "no: proved"),
            ("is any action never taken?", _list(study.dead)),
        )
        answer.lemmas = tuple(describe(q) for q in never.lemmas)
        answer.obligations = (*answer.obligations, *never.obligations)
        return answer
    return Answer(Verdict(Word.UNDECIDED, "no run was found in which the property says anything"))


def _with(system: System, lemmas: Sequence[Property]) -> str:
    """Whose lemmas a proof leans on."""
    if not lemmas:
        return " without lemmas"
    return " with the model's lemmas" if set(lemmas) <= set(system.lemmas) else " with found lemmas"


def _shown(question: Question, study: Study, witness: Property) -> Script | None:
    """A replayed run that violates `witness`; None if none was found."""
    known = study.examples.violating(witness)
    return known or witness_run(question.system, witness, question.limits)


def _is_silent(question: Question, study: Study) -> Proved | NotShown | None:
    """Whether it is proved that the property never says anything; None where no block ends, or a
    run shows that it does.
    """
    witness = _witness(question)
    if study.examples.violating(witness) is not None:
        return None
    return study.silence_of(question.prop) if question.witness is None else study.never(witness)


def _witness(question: Question) -> Property:
    """The property that a run violates in which what is asked for says something."""
    return question.witness or says_something(question.prop)


def _list(names: list[str]) -> str:
    return "no" if not names else "never: " + "; ".join(names)


# Termination


def _termination(question: Question, progress: Progress) -> Answer:
    if question.search_first:
        found = _endless(question)
        if found is not None:
            return found
    study = study_of(question.system, progress)
    progress("looking for ranking words")
    outcome = prove_termination(study.inductive, study.invariants)
    if isinstance(outcome, Ends):
        return _ends(question, study, outcome)
    found = None if question.search_first else _endless(question)
    if found is not None:
        return found
    if outcome.unsure:
        return Answer(Verdict(Word.UNDECIDED, "the solver gave up while ranking words were sought"))
    return Answer(Verdict(Word.NOT_INDUCTIVE, f"no ranking word at {outcome.head}"))


def _ends(question: Question, study: Study, outcome: Ends) -> Answer:
    """PROVED, if a run comes to a loop or, where nothing loops, there is a run."""
    start = Property("no initial state", FALSE, at=frozenset({question.system.entry}))
    if outcome.rankings:
        witness = question.witness
        shown = None if witness is None else _shown(question, study, witness)
    else:
        at_once = replace(question.limits, depth=0)
        shown = study.known.violating(start) or witness_run(question.system, start, at_once)
    if shown is None:
        return _without_run(study.never(start), outcome)
    if not outcome.rankings:
        begins = ("is there an initial state?", "yes, replayed")
        loops = ("is there a loop that runs?", "no: every run is finite as it is")
        return Answer(Verdict(Word.PROVED), NO_LOOP, vacuity=(begins, loops))
    lemmas = (*(str(r) for r in outcome.rankings), *(describe(q) for q in outcome.lemmas))
    said = f"yes, a replayed run of {len(shown.choices)} steps reaches its head"
    vacuity = (("is there a loop that runs?", said),)
    return Answer(Verdict(Word.PROVED), "ranking words", lemmas, vacuity=vacuity)


def _without_run(never: Proved | NotShown | None, outcome: Ends) -> Answer:
    """VACUOUS, if it is proved that there is no initial state."""
    if isinstance(never, Proved):
        return Answer(
            Verdict(Word.VACUOUS, "there is no initial state, which is proved"),
            lemmas=tuple(describe(q) for q in never.lemmas),
            obligations=never.obligations,
            vacuity=(("is there an initial state?", "no: proved"),),
        )
    wanted = (
        "run was found that goes round a loop" if outcome.rankings else "initial state was found"
    )
    return Answer(Verdict(Word.UNDECIDED, f"no {wanted}"))


def _endless(question: Question) -> Answer | None:
    found = find_endless_run(question.system, question.limits)
    if found is None:
        return None
    trace, run = found
    return _refuted(run, trace, " that repeats a state")


# Killers


def _kill(question: Question, answer: Answer, progress: Progress) -> None:
    """Each killer must be refuted; a proof that a wrong variant survives is no proof."""
    for killer in question.killers:
        progress(f"killer: {killer.name}")
        result = _killed(killer, question, answer.shown)
        answer.killers.append(result)
        what = f"the killer {killer.name} is {result.verdict}"
        if result.verdict == Word.UNDECIDED.name and answer.verdict.word is not Word.BROKEN:
            answer.verdict = Verdict(Word.UNDECIDED, what)
        elif result.verdict != Word.REFUTED.name:
            answer.verdict = Verdict(Word.BROKEN, what)


def _killed(killer: Killer, question: Question, shown: Script | None) -> KillerResult:
    system, prop = killer.build()
    if question.kind is Kind.TERMINATION:
        endless = find_endless_run(system, question.limits, shortest=False)
        verdict = Word.REFUTED if endless else Word.UNDECIDED
        steps = endless[1].steps if endless else None
        return KillerResult(killer.name, killer.sentence, verdict.name, steps)
    examples = study_of(question.system, lambda _: None).examples
    known = examples.violating_variant(system, prop, shown)
    if known is not None:
        steps = len(known.choices)
        return KillerResult(killer.name, killer.sentence, Word.REFUTED.name, steps)
    likely = None if shown is None else len(shown.choices)
    limits = replace(question.limits, likely=likely)
    found = search_once(system, prop, limits, shortest=False)
    if isinstance(found, Found):
        check_violation(system, prop, found.script)
        return KillerResult(killer.name, killer.sentence, Word.REFUTED.name, found.steps)
    word = Word.UNDECIDED if isinstance(found, GaveUp) else Word.HELD_TO_BOUND
    return KillerResult(killer.name, killer.sentence, word.name)
