"""Fake engines, called in worker processes as the real ones are."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

from fakes.traces import trace
from staleproof.cfront import load_function
from staleproof.claims import Claim
from staleproof.lang.sorts import BOOL, BitVec, Unbounded
from staleproof.lang.system import Assumption, Property
from staleproof.lang.terms import Symbol, neg, s_lt, variable, word
from staleproof.trace.itf import to_itf
from staleproof.verdict import ClaimResult, KillerResult, Obligation, Verdict, Word

VMA = Unbounded("Vma")
RET = Symbol("ret", (), BitVec(32), signed=True)
PTE = Symbol("pte", (VMA,), BOOL)
V = variable("v", VMA)
PROPERTY = Property("FAKE", neg(PTE(V)), (V,), s_lt(RET(), word(0, 32)), frozenset({"return"}))
ASSUMPTIONS = (("LP64", "Pointers and long have 64 bits, int has 32."),)

Tell = Callable[[str], None]


def decide(claim: Claim, progress: Tell) -> ClaimResult:
    """Decide by the name of the property."""
    progress("thinking")
    kind = claim.property.split("-")[0]
    if kind == "RAISES":
        raise ZeroDivisionError("of the fake engine")
    if kind == "DIES":
        os._exit(7)
    if kind == "SLOW":
        time.sleep(600)
    if kind == "UNDECIDED":
        return result(claim, Verdict(Word.UNDECIDED, "the budget of 50000000 units ran out"))
    if claim.property == "FAKE-2":
        return result(claim, Verdict(Word.REFUTED))
    return result(claim, Verdict(Word.PROVED))


def result(claim: Claim, verdict: Verdict) -> ClaimResult:
    """A result with something in every field that fits the verdict."""
    proved, refuted = verdict.word is Word.PROVED, verdict.word is Word.REFUTED
    return ClaimResult(
        claim=claim.name,
        property=claim.property,
        version=claim.version,
        expected=claim.expected,
        verdict=verdict,
        seconds=0.25,
        solver_seconds=0.125,
        assumptions=ASSUMPTIONS,
        killers=(KillerResult("no_lock", "The lock is not taken.", "REFUTED", 3),)
        if proved
        else (),
        lemmas=("ret <= nr_frames",) if proved else (),
        vacuity=(("an initial state exists", "yes"),),
        obligations=(Obligation("initially", "00ff", "unsat", "z3 5.4.1.0", 0.1),),
        system="get_vaddr_frames 0123456789abcdef",
        solvers=("z3 5.4.1.0",),
        trace=to_itf(trace(), {"claim": claim.name, "replay": "agrees"}) if refuted else None,
        method="induction" if proved else "search",
    )


def question(claim: Claim) -> object:
    """As much of a question as `explain` looks at."""
    system = SimpleNamespace(
        name="fake",
        digest="0123456789abcdef",
        assumptions=tuple(Assumption(*a) for a in ASSUMPTIONS),
    )
    return SimpleNamespace(system=system, prop=PROPERTY)


def check(
    path: str,
    function: str,
    properties: tuple[str, ...],
    havoc: tuple[str, ...],
    progress: Tell,
) -> list[ClaimResult]:
    """Prove all of every function that the front end takes, but refute GVF-2; GVF-8 is VACUOUS."""
    progress("parsing")
    load_function(Path(path), function)
    names = properties or ("GVF-1", "GVF-2")
    words = {"GVF-2": Word.REFUTED, "GVF-8": Word.VACUOUS}
    claims = [
        Claim(name, "file", Word.PROVED, f"{name} holds", "", "fakes.engine:question")
        for name in names
    ]
    verdicts = [Verdict(words.get(name, Word.PROVED)) for name in names]
    return [result(c, verdict) for c, verdict in zip(claims, verdicts, strict=True)]
