"""Verdicts: the words, how they combine, the exit codes, the frozen record of a decided claim."""

from __future__ import annotations

import builtins
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import Enum
from typing import Any


class Word(Enum):
    """The seven verdict words, from best to worst. Each carries the sentence that explains it."""

    PROVED = "holds in every reachable state, no bound anywhere"
    REFUTED = "a replayed trace from an initial state violates it"
    HELD_TO_BOUND = "no violation up to a bound; this is not a proof"
    NOT_INDUCTIVE = "the lemmas do not suffice; the state shown is not known to be reachable"
    VACUOUS = "proved of nothing: an action never enabled, a premise never true, no initial state"
    UNDECIDED = "the solver said unknown, or the budget ran out"
    BROKEN = "the tool failed: a replay that disagrees, a crash, evidence that does not check"

    @property
    def rank(self) -> int:
        """Position from best (0) to worst."""
        return list(Word).index(self)


@dataclass(frozen=True, slots=True)
class Verdict:
    """A word and, where it takes one, its detail: the bound, the reason, what broke."""

    word: Word
    detail: str = ""

    def __str__(self) -> str:
        return f"{self.word.name}({self.detail})" if self.detail else self.word.name

    @staticmethod
    def worst(verdicts: Iterable[Verdict]) -> Verdict:
        """The combination of several verdicts. Of none: UNDECIDED, for nothing was shown."""
        return max(
            verdicts,
            key=lambda v: v.word.rank,
            default=Verdict(Word.UNDECIDED, "nothing was asked"),
        )


NO_LOOP = "absence of loops"
"""The method of a proof that every run ends because nothing loops."""

EXIT_AS_EXPECTED = 0
EXIT_DIFFERS = 1
EXIT_USAGE = 2
EXIT_UNDECIDED = 3
EXIT_BROKEN = 4


def exit_code(results: Iterable[tuple[Word, Word]]) -> int:
    """The exit code for pairs (expected word, word found)."""
    return worst_exit_code(_exit_code(expected, found) for expected, found in results)


def _exit_code(expected: Word, found: Word) -> int:
    if found is Word.BROKEN:
        return EXIT_BROKEN
    if found is expected:
        return EXIT_AS_EXPECTED
    return EXIT_UNDECIDED if found is Word.UNDECIDED else EXIT_DIFFERS


def worst_exit_code(codes: Iterable[int]) -> int:
    """The exit code for several things, each of which has one."""
    severity = [EXIT_AS_EXPECTED, EXIT_UNDECIDED, EXIT_DIFFERS, EXIT_BROKEN]
    return max(codes, key=severity.index, default=EXIT_AS_EXPECTED)


def exit_code_of_needs(needs: Iterable[PatchNeeds | ConfigNeeds]) -> int:
    """The exit code for what properties need: nothing was expected, so nothing differs."""
    return EXIT_UNDECIDED if any(n.undecided for n in needs) else EXIT_AS_EXPECTED


@dataclass(frozen=True, slots=True)
class Obligation:
    """One question put to a solver: `name`, content hash, the answer, by which solver, how long."""

    name: str
    digest: str
    answer: str
    solver: str
    seconds: float


@dataclass(frozen=True, slots=True)
class KillerResult:
    """A wrong variant of the system that had to come out REFUTED, and what it came out as."""

    name: str
    sentence: str
    verdict: str
    steps: int | None = None


@dataclass(frozen=True, slots=True)
class Summary:
    """What a list of claims tells of a decided one; the record without what it rests on."""

    claim: str
    expected: Word
    verdict: Verdict
    seconds: float
    assumptions: tuple[tuple[str, str], ...]
    killers: tuple[KillerResult, ...]

    def to_json(self) -> dict[str, Any]:
        """A JSON object; `from_json` reads it back to an equal summary."""
        return {
            "claim": self.claim,
            "expected": self.expected.name,
            "verdict": self.verdict.word.name,
            "detail": self.verdict.detail,
            "seconds": self.seconds,
            "assumptions": _assumptions_to_json(self.assumptions),
            "killers": [asdict(k) for k in self.killers],
        }

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Summary:
        """The summary that `to_json` wrote. Raises KeyError or TypeError on any other object."""
        return cls(
            claim=document["claim"],
            expected=Word[document["expected"]],
            verdict=Verdict(Word[document["verdict"]], document["detail"]),
            seconds=document["seconds"],
            assumptions=_assumptions_from_json(document["assumptions"]),
            killers=tuple(KillerResult(**k) for k in document["killers"]),
        )


def _assumptions_to_json(assumptions: Iterable[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"id": a, "sentence": s} for a, s in assumptions]


def _assumptions_from_json(documents: Iterable[Mapping[str, str]]) -> tuple[tuple[str, str], ...]:
    return tuple((a["id"], a["sentence"]) for a in documents)


@dataclass(frozen=True, slots=True)
class ClaimResult:
    """A decided claim: all that a report needs, with no solver object in it.

    `vacuity` lists the non-vacuity questions and their answers; `lemmas` the invariants that the
    proof used; `trace` is the counterexample as an ITF document, or None.
    """

    claim: str
    property: str
    version: str
    expected: Word
    verdict: Verdict
    seconds: float
    solver_seconds: float
    assumptions: tuple[tuple[str, str], ...]
    killers: tuple[KillerResult, ...] = ()
    lemmas: tuple[str, ...] = ()
    vacuity: tuple[tuple[str, str], ...] = ()
    obligations: tuple[Obligation, ...] = ()
    system: str = ""
    solvers: tuple[str, ...] = ()
    trace: Mapping[str, Any] | None = None
    method: str = ""

    @builtins.property
    def as_expected(self) -> bool:
        return self.verdict.word is self.expected

    @builtins.property
    def summary(self) -> Summary:
        """What a list of claims tells of it."""
        return Summary(
            self.claim, self.expected, self.verdict, self.seconds, self.assumptions, self.killers
        )

    def to_json(self) -> dict[str, Any]:
        """A JSON object; `from_json` reads it back to an equal record."""
        document = asdict(self)
        document["expected"] = self.expected.name
        document["verdict"] = self.verdict.word.name
        document["detail"] = self.verdict.detail
        document["assumptions"] = _assumptions_to_json(self.assumptions)
        document["vacuity"] = [{"question": q, "answer": a} for q, a in self.vacuity]
        return document

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> ClaimResult:
        """The record that `to_json` wrote. Raises KeyError or TypeError on any other object."""
        fields = dict(document)
        fields["expected"] = Word[fields["expected"]]
        fields["verdict"] = Verdict(Word[fields.pop("verdict")], fields.pop("detail"))
        fields["assumptions"] = _assumptions_from_json(fields["assumptions"])
        fields["vacuity"] = tuple((v["question"], v["answer"]) for v in fields["vacuity"])
        fields["killers"] = tuple(KillerResult(**k) for k in fields["killers"])
        fields["obligations"] = tuple(Obligation(**o) for o in fields["obligations"])
        for name in ("lemmas", "solvers"):
            fields[name] = tuple(fields[name])
        return cls(**fields)


def says_nothing(results: Sequence[ClaimResult]) -> list[ClaimResult]:
    """Of the results for one file, those that count neither way: VACUOUS beside something PROVED.

    The file never has the case that they are about. Where nothing is PROVED at all, it may be that
    no run gets anywhere, so there they count. That a function ends in which nothing loops says
    nothing of how far its runs get.
    """
    if all(r.verdict.word is not Word.PROVED or r.method == NO_LOOP for r in results):
        return []
    return [r for r in results if r.verdict.word is Word.VACUOUS]


@dataclass(frozen=True, slots=True)
class Subject:
    """A property that patches may decide, whose it is where several drivers have it, and its kin:
    what is found out for one of them serves the others.
    """

    property: str
    of: str
    kin: str

    @builtins.property
    def name(self) -> str:
        """The property, and whose it is."""
        return whose(self.property, self.of)


def whose(name: str, of: str) -> str:
    """A property and whose it is: ``PIN-3 of habanalabs``."""
    return f"{name} of {of}" if of else name


@dataclass(frozen=True, slots=True)
class Undone:
    """The series without one patch, and without those that cannot be there without it (`gone`).

    `verdict` is the word, "" where the property is not asked without the patch; `steps` are
    those of a violation, `files` the kinds of the files in that run.
    """

    patch: int
    title: str
    gone: tuple[int, ...]
    verdict: str
    files: str
    steps: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Broken:
    """A patch with which the series loses a property, and the patch that gives it back, if any."""

    patch: int
    until: int | None


@dataclass(frozen=True, slots=True)
class PatchNeeds:
    """The minimal sets of patches with which a property is PROVED, of all subsets asked.

    `of` says whose property it is, where it is asked of several drivers; `patches` are those that
    may decide it. `broken` are, where it is PROVED with no patch, the minimal sets with which it is
    REFUTED; `silent` the minimal sets with which it is VACUOUS; `breaks` the patches with which the
    series, in its order, loses it. `words` has the verdict for each subset; `systems` is how many
    of them are different systems, `not_asked` how many more subsets have not what it speaks of,
    `undecided` how many came out neither way; `without` has an entry for each patch of
    some minimal set.
    """

    property: str
    of: str
    patches: tuple[int, ...]
    minimal: tuple[tuple[int, ...], ...]
    broken: tuple[tuple[int, ...], ...]
    silent: tuple[tuple[int, ...], ...]
    breaks: tuple[Broken, ...]
    words: tuple[tuple[tuple[int, ...], str], ...]
    subsets: int
    systems: int
    not_asked: int
    undecided: int
    without: tuple[Undone, ...]

    @builtins.property
    def name(self) -> str:
        """The property, and whose it is."""
        return whose(self.property, self.of)

    def to_json(self) -> dict[str, Any]:
        """A JSON object; `from_json` reads it back to an equal record."""
        document = asdict(self)
        document["words"] = [{"with": list(s), "verdict": word} for s, word in self.words]
        return document

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> PatchNeeds:
        """The record that `to_json` wrote. Raises KeyError or TypeError on any other object."""
        fields = dict(document)
        for name in ("minimal", "broken", "silent"):
            fields[name] = tuple(map(tuple, fields[name]))
        fields["patches"] = tuple(fields["patches"])
        fields["breaks"] = tuple(Broken(**b) for b in fields["breaks"])
        fields["words"] = tuple((tuple(w["with"]), w["verdict"]) for w in fields["words"])
        fields["without"] = tuple(
            Undone(**{**u, "gone": tuple(u["gone"]), "steps": tuple(u["steps"])})
            for u in fields["without"]
        )
        return cls(**fields)


@dataclass(frozen=True, slots=True)
class ConfigNeeds:
    """The configurations under which a property is PROVED at a version: a formula, and the words.

    `words` has, per possible configuration (the options that are on), the verdict. Of those that
    are not decided the `formula` says that the property does not hold, though it may.
    """

    property: str
    version: str
    formula: str
    words: tuple[tuple[str, str], ...]

    @builtins.property
    def undecided(self) -> int:
        """How many configurations came out neither way."""
        return sum(word == Word.UNDECIDED.name for _, word in self.words)


@dataclass(frozen=True, slots=True)
class Difference:
    """A class of inputs on which two functions differ, with one replayed run of both.

    `what` differs; `first` and `second` say how each function ends there; `trace` is an ITF
    document in which the steps of the two are named A and B.
    """

    what: str
    first: str
    second: str
    steps: int
    trace: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Unsettled:
    """A class of inputs on which two functions may differ: neither a run nor a proof was found."""

    what: str
    first: str
    second: str
    searched: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two C functions compared: PROVED equivalent, or REFUTED with every class of differences.

    `rest` says of all other inputs what is known: that there the two are the same is PROVED, or was
    only searched to a bound. `unsettled` are the classes of those to which a proof does not reach.
    """

    first: str
    second: str
    function: str
    condition: str
    verdict: Verdict
    rest: Verdict
    differences: tuple[Difference, ...]
    unsettled: tuple[Unsettled, ...]
    notes: tuple[str, ...]
    assumptions: tuple[tuple[str, str], ...]
    seconds: float
