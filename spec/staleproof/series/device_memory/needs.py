"""What a property of device memory needs: which configuration.

Every configuration is asked: nothing is taken to be monotone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import product

from sympy import Symbol as Letter
from sympy import false, true
from sympy.logic import SOPform
from sympy.logic.boolalg import And, Boolean, Not, Or

from staleproof.engine.portfolio import word_of
from staleproof.engine.question import Question
from staleproof.kernel.device_memory.questions import limits, system_at
from staleproof.kernel.device_memory.rows import ROWS, Row
from staleproof.lang.sorts import BOOL
from staleproof.lang.substitute import Update, substitute, symbols_of
from staleproof.lang.system import Property, System
from staleproof.lang.terms import FALSE, Symbol, Term, eq, literal
from staleproof.series.device_memory.versions import at
from staleproof.verdict import ConfigNeeds, Word

OPTIONS = {
    "strict_devmem": "CONFIG_STRICT_DEVMEM",
    "io_strict_devmem": "CONFIG_IO_STRICT_DEVMEM",
    "relaxed": "iomem=relaxed",
    "told_strict": "iomem=strict",
}
"""The configuration of the model, in the words of Kconfig and of the command line."""

Progress = Callable[[str], None]


def _quiet(_: str) -> None:
    pass


def config_needs_if_any(name: str, version: str, progress: Progress) -> ConfigNeeds | None:
    """The configurations under which a property of device memory is PROVED; None of any other."""
    return config_needs(name, version, progress) if name in ROWS else None


def config_needs(name: str, version: str, progress: Progress = _quiet) -> ConfigNeeds:
    """The configurations under which the property, asked of all of them, is PROVED at a version of
    the series.
    """
    row = ROWS[name]
    system = system_at(row.model, at(version))
    prop = system.property_named(row.unconditional or row.method)
    options = [s for s in system.symbols if s.name in OPTIONS and not s.domain]
    holds: list[list[int]] = []
    impossible: list[list[int]] = []
    words: dict[str, str] = {}
    for values in product((False, True), repeat=len(options)):
        fixed = dict(zip(options, values, strict=True))
        bits = [int(v) for v in values]
        if any(_under(axiom, fixed) is FALSE for axiom in system.axioms):
            impossible.append(bits)
            continue
        told = ", ".join(OPTIONS[s.name] for s, v in fixed.items() if v) or "none of them"
        progress(f"with {told}")
        word = _word_under(row, system, prop, fixed)
        words[told] = word.name if word else Word.UNDECIDED.name
        if word is Word.PROVED:
            holds.append(bits)
    letters = [Letter(OPTIONS[s.name]) for s in options]
    formula = SOPform(letters, holds, impossible) if holds else false
    return ConfigNeeds(name, version, _written(formula), tuple(words.items()))


def _under(term: Term, fixed: dict[Symbol, bool]) -> Term:
    """The term with the options written in, if it speaks of nothing else."""
    if not symbols_of(term) <= set(fixed):
        return term
    updates = {s: Update(s, (), literal(v, BOOL)) for s, v in fixed.items()}
    return substitute(term, {}, updates)


def _word_under(row: Row, system: System, prop: Property, fixed: dict[Symbol, bool]) -> Word | None:
    given = (eq(s(), literal(v, BOOL)) for s, v in fixed.items())
    system = replace(system, axioms=(*system.axioms, *given), safety=(prop,))
    return word_of(Question(system, prop, limits=limits(row)))


def _written(formula: Boolean) -> str:
    """The formula as a sentence about options."""
    if formula == true:
        return "always"
    if formula == false:
        return "never"
    if isinstance(formula, Or):
        return ", or ".join(_parts(formula))
    return _part(formula)


def _part(formula: Boolean) -> str:
    if isinstance(formula, Not):
        return f"not {_part(formula.args[0])}"
    if isinstance(formula, And | Or):
        word = " and " if isinstance(formula, And) else " or "
        joined = word.join(_parts(formula))
        return f"({joined})" if isinstance(formula, Or) else joined
    return str(formula)


def _parts(formula: And | Or) -> list[str]:
    """What it joins, what must be off last."""
    return sorted((_part(a) for a in formula.args), key=lambda p: (p.startswith("not "), p))
