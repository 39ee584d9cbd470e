"""The one place that asks a solver. Every answer is one of three words; unknown stays unknown.

Budgets are z3's resource units, so that an answer does not depend on how busy the machine is; the
wall clock is a safety net far above them.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from functools import cache, partial
from importlib.metadata import version

import z3
from z3 import z3core

from staleproof.lang.sorts import Value
from staleproof.lang.terms import Term, Var
from staleproof.logic.z3_lowering import Z3Lowering


class Answer(Enum):
    """What a solver said."""

    SAT = "sat"
    UNSAT = "unsat"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Budget:
    """How much one question may cost: z3 resource units and, far above, seconds."""

    resources: int = 50_000_000
    seconds: int = 120


@dataclass(slots=True)
class Clock:
    """How much time solvers took, and how many questions they were asked."""

    seconds: float = 0.0
    questions: int = 0


clock = Clock()
"""The running account of this process; engines read differences of it."""


@cache
def solver_name() -> str:
    """The solver and its version, as evidence records it."""
    return f"z3 {version('z3-solver')}"


@dataclass
class Session:
    """A conversation with the solver: assertions stay, questions come with assumptions."""

    budget: Budget = field(default_factory=Budget)
    lowering: Z3Lowering = field(default_factory=Z3Lowering)
    """May be shared with other sessions that speak of the same terms."""
    finite: bool = False
    """Nothing but truth values and words will be said: a core for that is several times faster."""
    why: str = ""

    def __post_init__(self) -> None:
        self._lower = self.lowering
        context = self._lower.context
        self._context = context.ref()
        # The incremental core: on these questions as fast as the tactics or faster, and steadier.
        self._solver = (
            z3.SolverFor("QF_FD", ctx=context) if self.finite else z3.SimpleSolver(ctx=context)
        )
        self.allow(self.budget)

    def add(self, *formulas: Term) -> None:
        """Assert for the rest of the session (or until the matching `pop`)."""
        for formula in formulas:
            handle = self._lower.handle(formula)
            z3core.Z3_solver_assert(self._context, self._solver.solver, handle)

    def add_renamed(self, formulas: Sequence[Term], names: Mapping[Var, Var]) -> None:
        """Assert the formulas with other names for their variables."""
        for handle in self._lower.renamed(formulas, names):
            z3core.Z3_solver_assert(self._context, self._solver.solver, handle)

    def allow(self, budget: Budget) -> None:
        """What each question may cost from now on."""
        self._solver.set("rlimit", budget.resources)
        self._solver.set("timeout", budget.seconds * 1000)

    def push(self) -> None:
        """Open a scope of assertions."""
        self._solver.push()

    def pop(self) -> None:
        """Close the innermost scope of assertions."""
        self._solver.pop()

    def ask(self, *assumptions: Term) -> Answer:
        """Whether the assertions and the `assumptions` can hold together."""
        self._assumed = assumptions
        lowered = self._assumed_handles = self._lower.handles(assumptions)
        started = time.perf_counter()
        try:
            found = z3core.Z3_solver_check_assumptions(
                self._context, self._solver.solver, len(assumptions), lowered
            )
        except z3.Z3Exception as failure:
            self.why = str(failure)
            return Answer.UNKNOWN
        finally:
            clock.seconds += time.perf_counter() - started
            clock.questions += 1
        if found == z3.Z3_L_TRUE:
            self._model = self._solver.model()
            return Answer.SAT
        if found == z3.Z3_L_FALSE:
            return Answer.UNSAT
        self.why = self._solver.reason_unknown()
        return Answer.UNKNOWN

    def core(self) -> set[Term]:
        """The assumptions that the last answer UNSAT needed."""
        number = partial(z3core.Z3_get_ast_id, self._context)
        names = dict(zip(map(number, self._assumed_handles), self._assumed, strict=True))
        needed = z3.AstVector(
            z3core.Z3_solver_get_unsat_core(self._context, self._solver.solver), self._lower.context
        )
        size = z3core.Z3_ast_vector_size(self._context, needed.vector)
        found = (z3core.Z3_ast_vector_get(self._context, needed.vector, i) for i in range(size))
        return {names[n] for n in map(number, found) if n in names}

    def value(self, term: Term) -> Value | None:
        """The value of `term` in the model of the last answer SAT (completed where free)."""
        return self._lower.value(term, self._model)


def ask_once(formulas: Iterable[Term], budget: Budget) -> tuple[Answer, Session]:
    """One question in a session of its own, which can then be asked for values."""
    session = Session(budget)
    session.add(*formulas)
    return session.ask(), session
