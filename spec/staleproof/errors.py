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


# SP3xx: the engines


class ReplayError(StaleproofError, RuntimeError):
    """A run that a solver found does not happen when the system is executed step by step."""

    code = "SP301"
    why = "solver and evaluator disagree, so at least one of them is wrong about this system"
    fix = "report it with the claim's name and the solver's version; the verdict is BROKEN"


# SP2xx: the C front end


class UnreadableSourceError(StaleproofError, OSError):
    """The C file does not exist, is a directory, or may not be read."""

    code = "SP201"
    why = "there is no text to read a function from"
    fix = "give the path of a C file that you may read"


class EmptySourceError(StaleproofError, ValueError):
    """The C file has no text."""

    code = "SP202"
    why = "an empty text defines no function"
    fix = "give a file that holds the definition of the function"


class UnknownCalleeError(StaleproofError, LookupError):
    """The function calls another one that has neither a body in the text nor a contract."""

    code = "SP203"
    why = "a callee without a contract could do anything, so nothing after it could be proved"
    fix = "add a contract (docs/contracts.md), or accept any behaviour with --havoc NAME"


class BinarySourceError(StaleproofError, ValueError):
    """The file is not text: it holds NUL bytes, or is not UTF-8."""

    code = "SP204"
    why = "C is read as UTF-8 text"
    fix = "give the C source, not an object file; convert other encodings to UTF-8"


class OversizeSourceError(StaleproofError, ValueError):
    """The C file is larger than 4 MiB."""

    code = "SP205"
    why = "no kernel source file is that large, so this is likely not the file you meant"
    fix = "give the file that holds the function, or cut the function out of it"


class CSyntaxError(StaleproofError, ValueError):
    """The text of the function, or of something that it uses, could not be parsed as C."""

    code = "SP206"
    why = "what is guessed about a text that does not parse would be proved of another function"
    fix = "correct the text; write out a macro that is no expression or statement"


class FunctionNotFoundError(StaleproofError, LookupError):
    """The text defines no function of that name."""

    code = "SP207"
    why = "only a function whose body is in the text can be checked"
    fix = "name one of the functions of the file"


class AmbiguousFunctionError(StaleproofError, LookupError):
    """The text defines several functions of that name, for example under #ifdef and #else."""

    code = "SP208"
    why = "which of them the kernel builds depends on a configuration that is not given"
    fix = "cut the text down to the definition that you mean"


class UnsupportedCError(StaleproofError, NotImplementedError):
    """The function uses a part of C that the front end does not understand."""

    code = "SP209"
    why = "only what is understood exactly is accepted, so that a proof is about this function"
    fix = "rewrite the line with what docs/c-front-end.md lists"


class UnknownNameError(StaleproofError, NameError):
    """A name in an expression is not a local, a known constant, or declared in the text."""

    code = "SP210"
    why = "without its declaration neither its type nor its value is known"
    fix = "declare it in the text, or define it: #define NAME 42"


class UnknownTypeError(StaleproofError, TypeError):
    """A type is not known: no typedef of the kernel's that is listed, and none in the text."""

    code = "SP211"
    why = "conversions depend on the width and sign of every type"
    fix = "add the typedef to the text (docs/c-front-end.md lists those known)"


class UnknownFieldError(StaleproofError, AttributeError):
    """A member of a struct is not known, or the struct itself is not."""

    code = "SP212"
    why = "the type of a member decides how its value is converted"
    fix = "put a definition of the struct, with this member, into the text"


class CTypeError(StaleproofError, TypeError):
    """Operands of types that C, or the kernel's warnings, do not allow together."""

    code = "SP213"
    why = "such a line does not compile in the kernel, or means something else than it says"
    fix = "write the conversion as a cast, or correct the type"


class UnsequencedError(StaleproofError, ValueError):
    """An expression changes something and uses it again, in no order that C fixes."""

    code = "SP214"
    why = "C leaves the result undefined, so there is no one meaning to prove anything about"
    fix = "split it into two statements"


class UnknownPrototypeError(StaleproofError, LookupError):
    """The value of a call is used in an expression, and the type of the callee is not known."""

    code = "SP215"
    why = "the type of the value decides how the rest of the expression is computed"
    fix = "declare the function in the text: long NAME(...);"


class RecursiveFunctionError(StaleproofError, RecursionError):
    """A function of the text calls itself, directly or through others, and would be inlined."""

    code = "SP216"
    why = "inlining a function into itself never ends"
    fix = "give the function a contract and keep its calls (docs/contracts.md)"


class ArgumentCountError(StaleproofError, TypeError):
    """A call has more or fewer arguments than the function or macro takes."""

    code = "SP217"
    why = "such a call does not compile"
    fix = "correct the call, or declare the version of the function that is meant in the text"


class ConstantValueError(StaleproofError, ValueError):
    """A literal, macro or constant expression has no value: too large, not constant, malformed."""

    code = "SP218"
    why = "a constant without a value cannot be computed with"
    fix = "write the value itself"


class LabelError(StaleproofError, LookupError):
    """A goto without its label, a label or case that occurs twice, a break outside of a loop."""

    code = "SP219"
    why = "control has nowhere to go, or two places"
    fix = "correct the label or the statement"


# SP4xx: claims and evidence


class UnknownClaimError(StaleproofError, LookupError):
    """A claim was named, or a pattern given, that matches no claim."""

    code = "SP401"
    why = "a claim is a property at a version, such as GVF-2@v4"
    fix = "see all names with: staleproof list"


class NoTraceError(StaleproofError, LookupError):
    """A counterexample was asked of a claim that has none, because it was not refuted."""

    code = "SP402"
    why = "only what is REFUTED has a trace"
    fix = "see the verdict with: staleproof explain CLAIM"


class EvidenceError(StaleproofError, ValueError):
    """Recorded evidence cannot be read, or what was found again differs from it."""

    code = "SP403"
    why = "a verdict that does not come out again is no verdict"
    fix = "find out why; if the change is meant, record it with: staleproof prove CLAIM --record"


class TraceFileError(StaleproofError, ValueError):
    """An ITF document is not a trace that this tool wrote."""

    code = "SP404"
    why = "a trace can be shown only if every step and value of it is known"
    fix = "write the document again with: staleproof trace CLAIM --format itf"


class NoEvidenceFolderError(StaleproofError, LookupError):
    """Verdicts were to be recorded, but there is no proofs/evidence/ to record them in."""

    code = "SP405"
    why = "evidence belongs to a checkout of the project, next to the proofs"
    fix = "run inside a checkout, or name the folder in STALEPROOF_EVIDENCE"


class UnknownErrorCodeError(StaleproofError, LookupError):
    """An error code was to be explained that no error has."""

    code = "SP406"
    why = "every error has a code of the form SPnnn"
    fix = "see all codes in docs/errors.md"


# SP5xx: files, cache, command line


class UsageError(StaleproofError, ValueError):
    """The command line is not understood: an unknown command or option, a missing argument."""

    code = "SP501"
    why = "nothing was done, because it is not clear what was wanted"
    fix = "see: staleproof --help"


class OutputError(StaleproofError, OSError):
    """Results could not be written: the disk is full, or the folder cannot be written to."""

    code = "SP502"
    why = "part of the results would be missing, so all of them count as missing"
    fix = "make room, or write somewhere else, and repeat the command"


class CacheUnwritableError(StaleproofError, OSError):
    """A verdict could not be kept for later. A warning only: the verdict itself stands."""

    code = "SP503"
    why = "the next run will have to prove the same again"
    fix = "make room, or name a folder that can be written to in STALEPROOF_CACHE"


class CacheEntryError(StaleproofError, ValueError):
    """A kept verdict could not be read and was set aside. A warning only: it is decided again."""

    code = "SP504"
    why = "a damaged entry says nothing about the claim"
    fix = "nothing to do: the entry is replaced"


class InternalError(StaleproofError, RuntimeError):
    """The tool itself failed. This is a mistake in staleproof, whatever the input was."""

    code = "SP505"
    why = "no verdict of this run can be trusted beyond what was printed before"
    fix = "repeat with STALEPROOF_DEBUG=1 for the traceback, and report it with the command"


class SourcesChangedError(StaleproofError, RuntimeError):
    """The sources changed while something was decided. A warning only: the verdict is not kept."""

    code = "SP506"
    why = "it is not known which sources the verdict is about, the old or the new ones"
    fix = "repeat the command"
