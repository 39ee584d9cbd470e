"""Every error a user can meet: one class per cause, each with a code and a next step.

The codes are grouped by layer: SP1xx the language of systems, SP2xx the C front end, SP3xx the
engines, SP4xx claims and evidence, SP5xx files, caches and the command line.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """A position in a text: `line` and `column` count from 1; `source` is that whole line."""

    file: str
    line: int
    column: int
    source: str = ""
    length: int = 1

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


class StaleproofError(Exception):
    """The root of all errors of the tool: never raised itself.

    `why` says in one line why this stops the work, `fix` what to do next.
    """

    code = "SP000"
    why = ""
    fix = ""

    def __init__(
        self,
        message: str,
        *,
        place: Place | None = None,
        why: str | None = None,
        fix: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.place = place
        self.why = self.why if why is None else why
        self.fix = self.fix if fix is None else fix

    def render(self) -> str:
        """The error as a user reads it: code, message, place with a caret, why and fix."""
        lines = [f"{self.code} {self.message}"]
        if self.place is not None:
            lines.append(f"  --> {self.place}")
            if self.place.source:
                source = self.place.source.expandtabs(8)
                indent = len(self.place.source[: self.place.column - 1].expandtabs(8))
                number = str(self.place.line)
                length = max(1, min(self.place.length, len(source) - indent))
                lines.append(f" {number} | {source}")
                lines.append(f" {' ' * len(number)} | {' ' * indent}{'^' * length}")
        if self.why:
            lines.append(f"  why: {self.why}")
        if self.fix:
            lines.append(f"  fix: {self.fix}")
        return "\n".join(lines)


# SP1xx: the language of systems


class SortError(StaleproofError, TypeError):
    """An operator, symbol or update was given a term of the wrong sort."""

    code = "SP101"
    why = "a formula that mixes sorts has no meaning, so no verdict could rest on it"
    fix = "convert the operand, or use the operator of its sort (docs/writing-a-model.md)"


class SignError(StaleproofError, TypeError):
    """A bare comparison, division or right shift was used on bit-vectors."""

    code = "SP102"
    why = "bit-vectors carry no sign, and the seed's bug lives in exactly that difference"
    fix = "say the sign: u_lt or s_lt, u_div or s_div, u_shr or s_shr"


class ModelError(StaleproofError, ValueError):
    """A system, action or property is malformed: an unknown symbol, two updates of one, ..."""

    code = "SP103"
    why = "a malformed model proves nothing about the kernel"
    fix = "correct the declaration that the message names"


class EvaluationError(StaleproofError, ValueError):
    """A term could not be evaluated on a concrete state."""

    code = "SP104"
    why = "what cannot be evaluated cannot be replayed"
    fix = "give the state a value for the symbol, or bound the quantifier"
