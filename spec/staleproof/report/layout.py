"""Laying out plain text: wrapped paragraphs, aligned tables, and paint that is off by default."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterable, Sequence

from staleproof.verdict import Verdict, Word

Paint = Callable[[str, str], str]
"""Gives a text a style: ``good``, ``bad``, ``doubtful``, ``strong`` or ``quiet``."""

TERMINAL_WIDTH = 100
MAIL_WIDTH = 72
TABLE_WIDTH = 72


def plain(text: str, style: str) -> str:
    """Paint without colour."""
    return text


def wrapped(text: str, width: int, first: str = "", rest: str | None = None) -> list[str]:
    """The text in lines of at most `width`, led by `first` and then `rest`. Nothing is lost.

    Only a word longer than a whole line is broken.
    """
    rest = " " * len(first) if rest is None else rest
    words = text.split()
    if words and max(map(len, words)) <= width - max(len(first), len(rest)):
        return _filled(words, width, first, rest)
    lines = textwrap.wrap(
        " ".join(words),
        width,
        initial_indent=first,
        subsequent_indent=rest,
        break_on_hyphens=False,
    )
    return lines or [first.rstrip()]


def _filled(words: Sequence[str], width: int, first: str, rest: str) -> list[str]:
    """The words in lines, none of them too long for one: in a tenth of the time of textwrap."""
    lines = [first + words[0]]
    for word in words[1:]:
        if len(lines[-1]) + 1 + len(word) <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(rest + word)
    return lines


def aligned(
    rows: Sequence[Sequence[str]], indent: str = "", right: Sequence[int] = ()
) -> list[str]:
    """The rows with their columns aligned, two spaces between; columns in `right` to the right."""
    if not rows:
        return []
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    return [
        indent
        + "  ".join(
            cell.rjust(width) if i in right else cell.ljust(width)
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]


def style_of(verdict: Verdict, expected: Word) -> str:
    """How a verdict is painted: good only when it is decided and as expected."""
    if verdict.word in (Word.UNDECIDED, Word.HELD_TO_BOUND):
        return "doubtful"
    return "good" if verdict.word is expected else "bad"


def count(number: int, what: str, plural: str = "") -> str:
    """A number with its noun: ``1 step``, ``2 steps``."""
    return f"{number} {what}" if number == 1 else f"{number} {plural or what + 's'}"


def numbered(patches: Iterable[int]) -> str:
    """Patches by their numbers: ``08 and 10``."""
    return " and ".join(f"{number:02}" for number in patches)


def ascii_only(text: str) -> str:
    """The text with every other character written as its escape."""
    return text.encode("ascii", "backslashreplace").decode("ascii")
