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
from typing import Any, TypeAlias

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


_Said: TypeAlias = Term | tuple[Sequence[Term], Mapping[Var, Var]] | None
"""What is said in a session: a formula, formulas under other names, or that a scope opens."""


def _formulas(said: _Said) -> Sequence[Term]:
    """The formulas in it, under the names that they have."""
    if said is None:
        return ()
    return (said,) if isinstance(said, Term) else said[0]


@dataclass
class Session:
    """A conversation with the solver: assertions stay, questions come with assumptions.

    The solver is begun when it is asked something, for then it is known what is spoken of: for
    truth values, words and functions alone it is quicker without its other theories.
    """

    budget: Budget = field(default_factory=Budget)
    lowering: Z3Lowering = field(default_factory=Z3Lowering)
    """May be shared with other sessions that speak of the same terms."""
    finite: bool = False
    """Nothing but truth values and words will be said: a core for that is several times faster."""
    why: str = ""

    def __post_init__(self) -> None:
        self._solver: z3.Solver | None = None
        self._said: list[_Said] = []
        self._told = 0
        self._is_ground = True
        self._is_of_words = True

    def add(self, *formulas: Term) -> None:
        """Assert for the rest of the session (or until the matching `pop`)."""
        self._said += formulas

    def add_renamed(self, formulas: Sequence[Term], names: Mapping[Var, Var]) -> None:
        """Assert the formulas with other names for their variables."""
        self._said.append((formulas, names))

    def allow(self, budget: Budget) -> None:
        """What each question may cost from now on."""
        self.budget = budget
        if self._solver is not None:
            self._set_budget(self._solver)

    def push(self) -> None:
        """Open a scope of assertions."""
        self._said.append(None)

    def pop(self) -> None:
        """Close the innermost scope of assertions."""
        while self._said.pop() is not None:
            pass
        if self._told > len(self._said):
            assert self._solver is not None
            self._solver.pop()
            self._told = len(self._said)

    def ask(self, *assumptions: Term) -> Answer:
        """Whether the assertions and the `assumptions` can hold together."""
        solver, lowered = self._informed(assumptions)
        self._assumed, self._assumed_handles = assumptions, lowered
        started = time.perf_counter()
        try:
            found = z3core.Z3_solver_check_assumptions(
                self._context, solver.solver, len(assumptions), lowered
            )
        except z3.Z3Exception as failure:
            self.why = str(failure)
            return Answer.UNKNOWN
        finally:
            clock.seconds += time.perf_counter() - started
            clock.questions += 1
        if found == z3.Z3_L_TRUE:
            self._model = solver.model()
            return Answer.SAT
        if found == z3.Z3_L_FALSE:
            return Answer.UNSAT
        self.why = solver.reason_unknown()
        return Answer.UNKNOWN

    @property
    def _context(self) -> Any:
        return self.lowering.context.ref()

    def _informed(self, assumptions: Sequence[Term]) -> tuple[z3.Solver, Any]:
        """The solver, told all that was said, and the assumptions as it knows them."""
        new = [f for said in self._said[self._told :] for f in _formulas(said)]
        for formula in new:
            self.lowering.handle(formula)
        lowered = self.lowering.handles(assumptions)
        self._is_ground &= not any(f.quantified for f in (*new, *assumptions))
        of_words = self._is_ground and self.lowering.is_of_words
        if self._solver is None or (self._is_of_words and not of_words):
            self._is_of_words = of_words
            self._solver, self._told = self._begun(), 0
        for said in self._said[self._told :]:
            self._tell(self._solver, said)
        self._told = len(self._said)
        return self._solver, lowered

    def _begun(self) -> z3.Solver:
        """A solver that was told nothing yet."""
        context = self.lowering.context
        if self.finite:
            solver = z3.SolverFor("QF_FD", ctx=context)
        else:
            # The incremental core: on these questions as fast as the tactics or faster, and
            # steadier.
            solver = z3.SimpleSolver(ctx=context)
            if self._is_of_words:
                solver.set("smt.logic", "QF_UFBV")
        self._set_budget(solver)
        return solver

    def _set_budget(self, solver: z3.Solver) -> None:
        solver.set("rlimit", self.budget.resources)
        solver.set("timeout", self.budget.seconds * 1000)

    def _tell(self, solver: z3.Solver, said: _Said) -> None:
        if said is None:
            solver.push()
        elif isinstance(said, Term):
            z3core.Z3_solver_assert(self._context, solver.solver, self.lowering.handle(said))
        else:
            for handle in self.lowering.renamed(*said):
                z3core.Z3_solver_assert(self._context, solver.solver, handle)

    def core(self) -> set[Term]:
        """The assumptions that the last answer UNSAT needed."""
        assert self._solver is not None
        context = self._context
        number = partial(z3core.Z3_get_ast_id, context)
        names = dict(zip(map(number, self._assumed_handles), self._assumed, strict=True))
        needed = z3.AstVector(
            z3core.Z3_solver_get_unsat_core(context, self._solver.solver), self.lowering.context
        )
        size = z3core.Z3_ast_vector_size(context, needed.vector)
        found = (z3core.Z3_ast_vector_get(context, needed.vector, i) for i in range(size))
        return {names[n] for n in map(number, found) if n in names}

    def value(self, term: Term) -> Value | None:
        """The value of `term` in the model of the last answer SAT (completed where free)."""
        return self.lowering.value(term, self._model)


def ask_once(formulas: Iterable[Term], budget: Budget) -> tuple[Answer, Session]:
    """One question in a session of its own, which can then be asked for values."""
    session = Session(budget)
    session.add(*formulas)
    return session.ask(), session
