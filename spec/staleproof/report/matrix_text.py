"""Properties against versions, and what a property needs, as text of 72 columns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from staleproof.report.layout import TABLE_WIDTH, Paint, count, numbered, plain, style_of, wrapped
from staleproof.verdict import ClaimResult, ConfigNeeds, PatchNeeds, Undone, Word

LETTERS = {Word.PROVED: "P", Word.REFUTED: "R", Word.VACUOUS: "V"}
"""Any other verdict is shown as `?`: it decides nothing."""

Verdicts = Mapping[tuple[str, str], ClaimResult]
"""Per property and version the result."""


def matrix(
    properties: Sequence[str], versions: Sequence[str], results: Verdicts, paint: Paint = plain
) -> Iterator[str]:
    """The table: a row per property, a column per version, a letter per verdict."""
    numbered = "  ".join(f"{n} {version}" for n, version in enumerate(versions, 1))
    yield from wrapped(f"Versions: {numbered}", TABLE_WIDTH, "", "  ")
    yield ""
    wide = max(len("property"), *(len(p) for p in properties))
    numbers = "".join(f"{n:>3}" for n in range(1, len(versions) + 1))
    yield paint(f"{'property':{wide}}{numbers}", "strong")
    for name in properties:
        cells = "".join("  " + _cell(results.get((name, v)), paint) for v in versions)
        yield f"{name:{wide}}{cells}".rstrip()
    yield ""
    yield "P PROVED, R REFUTED, V VACUOUS, ? not decided; . no claim is made."


def _cell(result: ClaimResult | None, paint: Paint) -> str:
    if result is None:
        return "."
    letter = LETTERS.get(result.verdict.word, "?")
    return paint(letter, style_of(result.verdict, result.expected))


def patches_text(needs: PatchNeeds, paint: Paint = plain) -> Iterator[str]:
    """The minimal sets of patches, and the series without each of them."""
    yield paint(f"{needs.name}: the patches of the series that it needs", "strong")
    asked = f"all {needs.subsets} subsets asked, {count(needs.systems, 'different system')}"
    yield from wrapped(f"{_sets(needs)} ({asked}).", TABLE_WIDTH, "  ")
    for text in _notes(needs):
        yield from wrapped(text, TABLE_WIDTH, "  ")
    if needs.undecided:
        text = f"{count(needs.undecided, 'subset')} came out neither way."
        yield from (paint(line, "bad") for line in wrapped(text, TABLE_WIDTH, "  "))
    for undone in needs.without:
        yield ""
        gone = f" (and {numbered(undone.gone)})" if undone.gone else ""
        head = f"Without {undone.patch:02}{gone}: {undone.title}"
        yield from wrapped(head, TABLE_WIDTH, "  ", "    ")
        if not undone.steps:
            yield from wrapped(_without_steps(undone), TABLE_WIDTH, "    ")
            continue
        files = f", files: {undone.files}" if undone.files else ""
        yield f"    It is violated after {count(len(undone.steps), 'step')}{files}:"
        for number, step in enumerate(undone.steps, 1):
            yield from wrapped(step, TABLE_WIDTH, f"    {number:2}. ", "        ")


def _notes(needs: PatchNeeds) -> Iterator[str]:
    """What else is to be known of the subsets."""
    if needs.not_asked:
        subsets = count(needs.not_asked, "subset")
        yield f"With {subsets} more it is not asked: what it speaks of is not there."
    if needs.silent:
        yield f"It is VACUOUS, about nothing, with {_joined(needs.silent)}."
    for broken in needs.breaks:
        until = f", and {broken.until:02} repairs it" if broken.until else ""
        yield f"In the order of the series {broken.patch:02} breaks it{until}."


def _without_steps(undone: Undone) -> str:
    if undone.verdict == Word.PROVED.name:
        return "It holds all the same, with the rest of the series."
    if undone.verdict == Word.VACUOUS.name:
        return "Nothing is left that it could be about."
    if not undone.verdict:
        return "It is not asked: what it speaks of is not there."
    return f"It is {undone.verdict}; no run was found."


def _sets(needs: PatchNeeds) -> str:
    if not needs.minimal:
        return "No subset of the patches makes it hold"
    if needs.minimal != ((),):
        return f"It holds with {_joined(needs.minimal)}, and with no fewer"
    text = "It holds without any of them"
    return f"{text}, and is broken by {_joined(needs.broken)}" if needs.broken else text


def _joined(sets: Sequence[Sequence[int]]) -> str:
    return ", or with ".join(numbered(numbers) if numbers else "no patch" for numbers in sets)


def config_text(needs: ConfigNeeds, paint: Paint = plain) -> Iterator[str]:
    """The configurations under which a property holds."""
    yield paint(f"{needs.property}@{needs.version}: the configuration that it needs", "strong")
    yield from wrapped(_holds(needs), TABLE_WIDTH, "  ", "    ")
    if needs.undecided:
        text = f"{count(needs.undecided, 'configuration')} came out neither way."
        yield from (paint(line, "bad") for line in wrapped(text, TABLE_WIDTH, "  "))
    for options, word in needs.words:
        lines = wrapped(f"{options}: {word}", TABLE_WIDTH, "    ", "      ")
        yield from lines


def _holds(needs: ConfigNeeds) -> str:
    if not needs.undecided:
        return f"It holds: {needs.formula}."
    if any(word == Word.PROVED.name for _, word in needs.words):
        return f"It is shown to hold: {needs.formula}."
    return "It is not shown to hold under any configuration."
