"""What a property of device memory needs: which patches of the series, and which configuration.

Every subset of the patches is a system that is asked, and every configuration: nothing is taken to
be monotone, for patch 12 takes away what others give. Subsets with equal systems are asked once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from itertools import combinations, product

from sympy import Symbol as Letter
from sympy import false, true
from sympy.logic import SOPform
from sympy.logic.boolalg import And, Boolean, Not, Or

from staleproof.engine.known_searches import search_once
from staleproof.engine.portfolio import word_of
from staleproof.engine.question import Question
from staleproof.engine.search import Found
from staleproof.kernel.device_memory.boot import Boot
from staleproof.kernel.device_memory.questions import limits, system_at
from staleproof.kernel.device_memory.rows import ROWS, Row
from staleproof.lang.evaluate import FunctionValue
from staleproof.lang.model import Model
from staleproof.lang.sorts import BOOL
from staleproof.lang.substitute import Update, substitute, symbols_of
from staleproof.lang.system import Property, System
from staleproof.lang.terms import FALSE, Symbol, Term, eq, literal
from staleproof.series.device_memory.versions import AT_BOOT, PATCHES, at, with_patches
from staleproof.trace.replay import replay
from staleproof.verdict import ConfigNeeds, PatchNeeds, Undone, Word

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


def has_patches(name: str) -> bool:
    """Whether the property is one that patches of the series may decide."""
    return name in ROWS and bool(_numbers(ROWS[name].model))


def _numbers(model: type[Model]) -> tuple[int, ...]:
    if issubclass(model, Boot):
        return tuple(AT_BOOT)
    return tuple(n for n, patch in PATCHES.items() if issubclass(model, patch.__bases__))


def patch_needs(name: str, progress: Progress = _quiet) -> PatchNeeds:
    """The minimal sets of patches with which the property is PROVED; per patch, the series without.

    `name` is a key of `ROWS`.
    """
    row = ROWS[name]
    numbers = _numbers(row.model)
    known: dict[str, Word | None] = {}
    words: dict[frozenset[int], Word | None] = {}
    for chosen in _subsets(numbers):
        progress(f"{name} with {_list(chosen)}")
        system = system_at(row.model, partial(_with, tuple(sorted(chosen))))
        if system.digest not in known:
            # Of the series without one patch the shortest run will be told.
            is_told = len(chosen) == len(numbers) - 1
            known[system.digest] = _word(row, system, shortest=is_told)
        words[chosen] = known[system.digest]
    minimal = _least(words, Word.PROVED)
    broken = _least(words, Word.REFUTED) if frozenset() in minimal else []
    needed = sorted({n for chosen in minimal for n in chosen})
    unsure = sum(word is None for word in words.values())
    return PatchNeeds(
        property=name,
        minimal=_sorted(minimal),
        broken=_sorted(broken),
        subsets=len(words),
        systems=len(known),
        undecided=unsure,
        without=tuple(_undone(row, numbers, n) for n in needed),
    )


def _least(words: Mapping[frozenset[int], Word | None], wanted: Word) -> list[frozenset[int]]:
    """The subsets that came out so and have no part that did; smaller ones come first."""
    found: list[frozenset[int]] = []
    for chosen, word in words.items():
        if word is wanted and not any(less < chosen for less in found):
            found.append(chosen)
    return found


def _sorted(sets: Iterable[frozenset[int]]) -> tuple[tuple[int, ...], ...]:
    return tuple(tuple(sorted(chosen)) for chosen in sets)


def _with(numbers: tuple[int, ...], model: type[Model]) -> type[Model]:
    return with_patches(model, numbers)


def _subsets(numbers: tuple[int, ...]) -> Iterator[frozenset[int]]:
    for size in range(len(numbers) + 1):
        for chosen in combinations(numbers, size):
            yield frozenset(chosen)


def _list(numbers: Iterable[int]) -> str:
    return ", ".join(map(str, sorted(numbers))) or "no patch"


def _word(row: Row, system: System, *, shortest: bool) -> Word | None:
    """PROVED, REFUTED or VACUOUS; None where it is not sure."""
    prop = system.property_named(row.method)
    question = Question(system.with_safety(prop), prop, limits=limits(row))
    return word_of(question, shortest=shortest)


def _undone(row: Row, numbers: tuple[int, ...], number: int) -> Undone:
    """The whole series without one patch."""
    rest = tuple(n for n in numbers if n != number)
    system = system_at(row.model, partial(_with, rest))
    prop = system.property_named(row.method)
    patch = (AT_BOOT if issubclass(row.model, Boot) else PATCHES)[number]
    assert patch.__doc__ is not None
    title = " ".join(patch.__doc__.split("\n\n")[0].split())
    found = search_once(system, prop, limits(row))
    if not isinstance(found, Found):
        return Undone(number, title, "", ())
    replay(system, prop, found.script)
    steps = tuple(
        f"{choice.action.kernel}: {choice.action.name}" for choice in found.script.choices
    )
    kinds = {
        v for s, f in found.script.initial.functions.items() if s.name == "kind" for v in _all(f)
    }
    return Undone(number, title, ", ".join(sorted(kinds)), steps)


def _all(function: FunctionValue) -> set[str]:
    """The values of a function at the points that matter."""
    return {str(function.at(point)) for point in function.support()}


# Configurations


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
        progress(f"{name}@{version} with {told}")
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
    return _part(formula)


def _part(formula: Boolean) -> str:
    if isinstance(formula, Not):
        return f"not {_part(formula.args[0])}"
    if isinstance(formula, And | Or):
        word = " and " if isinstance(formula, And) else " or "
        parts = sorted((_part(a) for a in formula.args), key=lambda p: (p.startswith("not "), p))
        joined = word.join(parts)
        return f"({joined})" if isinstance(formula, Or) else joined
    return str(formula)
