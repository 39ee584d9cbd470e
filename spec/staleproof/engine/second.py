"""A second solver, reached through SMT-LIB text, asked to confirm what the first one said.

Bitwuzla is an optional package; without it nothing is confirmed and nothing is lost. What it
cannot read (integers) stays unknown. Its opinion never makes a verdict: a proof stands when z3
finds it, and falls when the second solver contradicts it. It may say that no shorter run violates
a property, which is then recorded.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from staleproof.engine.solve import Answer, clock
from staleproof.installed import version_of
from staleproof.lang.terms import Term
from staleproof.logic.smtlib import to_smtlib

SECONDS = 60
"""How long the second solver may think about one question."""


def is_available() -> bool:
    """Whether the second solver is installed, and its version known: verdicts are kept for that."""
    return version_of("bitwuzla") is not None and find_spec("bitwuzla") is not None


@cache
def second_solver_name() -> str:
    """The second solver and its version, as evidence records it."""
    return f"bitwuzla {import_module('bitwuzla').version()}" if is_available() else "none"


def confirm(formulas: Iterable[Term], seconds: int = SECONDS) -> Answer:
    """What the second solver says of a ground question; unknown when there is none."""
    if not is_available():
        return Answer.UNKNOWN
    return ask_text(to_smtlib(formulas, only_words=True), seconds)


def ask_text(text: str, seconds: int = SECONDS) -> Answer:
    """What the second solver says of a question in SMT-LIB."""
    solver: Any = import_module("bitwuzla")
    options = solver.Options()
    options.set(solver.Option.TIME_LIMIT_PER, seconds * 1000)
    parser = solver.Parser(solver.TermManager(), options)
    started = time.perf_counter()
    try:
        parser.parse(text, True, False)
        result = parser.bitwuzla().check_sat()
    except solver.BitwuzlaException:
        return Answer.UNKNOWN
    finally:
        clock.seconds += time.perf_counter() - started
        clock.questions += 1
    return {solver.Result.SAT: Answer.SAT, solver.Result.UNSAT: Answer.UNSAT}.get(
        result, Answer.UNKNOWN
    )
