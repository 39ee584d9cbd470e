"""Which parts of a text stand under a condition of the preprocessor, and which are left out.

The lines are read from the text itself: `#if` and its like may stand anywhere in it, also where it
does not parse. Only a number decides a condition (`#if 0`); any other may hold or not.
"""

from __future__ import annotations

import re
from collections.abc import Set
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TypeAlias

Condition: TypeAlias = tuple[str, bool]
"""A condition as it is written, and whether it holds."""

_COMMENT = re.compile(
    rb"""//(?:\\\r?\n|[^\n])*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'""", re.DOTALL
)
_DIRECTIVE = re.compile(
    rb"^[ \t]*#[ \t]*(?P<word>if|ifn?def|elif|elifn?def|else|endif)\b(?P<rest>(?:\\\r?\n|[^\n])*)",
    re.MULTILINE,
)
DEFINITION = re.compile(rb"^[ \t]*(?P<start>#)[ \t]*(?:define|undef)[ \t]+(?P<name>\w+)", re.M)
_DEFINED = re.compile(r"defined ?\( ?(\w+) ?\)|defined (\w+)")
_NUMBER = re.compile(r"\(? ?(\d+) ?\)?")


@dataclass(slots=True)
class _Group:
    """An `#if` and its `#elif` and `#else`, as far as they have been read."""

    at: int
    failed: frozenset[Condition] = frozenset()
    """That the conditions of the branches before this one do not hold."""
    decided: bool = False
    """A branch before this one is taken for sure."""
    start: int = 0
    holding: frozenset[Condition] = frozenset()
    dead: bool = False


@dataclass(frozen=True, slots=True)
class _Branch:
    start: int
    stop: int
    holding: frozenset[Condition]
    dead: bool


@dataclass(slots=True)
class Conditionals:
    """The conditions of a text. Offsets count its bytes."""

    data: bytes
    code: bytes = field(init=False)
    """The text with its comments blanked out, at the same offsets."""
    _branches: list[_Branch] = field(default_factory=list)
    _changing: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        self.code = _COMMENT.sub(_without_comment, self.data)
        self._changing = frozenset(m["name"].decode() for m in DEFINITION.finditer(self.code))
        groups: list[_Group] = []
        for line in _DIRECTIVE.finditer(self.code):
            word = line["word"].decode()
            if word.startswith("if"):
                groups.append(_Group(line.start()))
            elif groups:
                self._close(groups[-1], line.start())
            if word == "endif":
                del groups[-1:]
            elif groups:
                self._open(groups[-1], word, line)
        for group in groups:
            self._close(group, len(self.data))

    def _open(self, group: _Group, word: str, line: re.Match[bytes]) -> None:
        group.start, group.dead, group.holding = line.end(), group.decided, group.failed
        if word == "else":
            return
        text = " ".join(line["rest"].replace(b"\\\n", b" ").decode(errors="replace").split())
        number = _NUMBER.fullmatch(text) if word.endswith("if") else None
        if number is not None:
            group.dead = group.decided or int(number[1]) == 0
            group.decided = group.decided or int(number[1]) != 0
            return
        name, holds = self._condition(word, text, group.at)
        group.holding = group.failed | {(name, holds)}
        group.failed |= {(name, not holds)}

    def _condition(self, word: str, text: str, at: int) -> Condition:
        holds = True
        if word.endswith("def"):
            text, holds = f"defined({text})", not word.endswith("ndef")
        elif re.fullmatch(r"! ?\w+ ?(\( ?\w+ ?\)|\w+)?", text):
            text, holds = text[1:].strip(), False
        if match := _DEFINED.fullmatch(text):
            text = f"defined({match[1] or match[2]})"
        # What the text itself defines may hold at one place and not at another.
        if self._changing & set(re.findall(r"\w+", text)):
            text = f"{text} at {at}"
        return text, holds

    def _close(self, group: _Group, stop: int) -> None:
        self._branches.append(_Branch(group.start, stop, group.holding, group.dead))

    def dead(self, offset: int) -> bool:
        """True of what is left out in every configuration: `#if 0`."""
        return any(b.dead and b.start <= offset < b.stop for b in self._branches)

    def holding(self, offset: int) -> frozenset[Condition]:
        """What holds of the configuration wherever this part of the text is there."""
        around = (b.holding for b in self._branches if b.start <= offset < b.stop)
        return frozenset().union(*around)

    def live(self) -> bytes:
        """The text with that blanked out that is always left out."""
        text = bytearray(self.data)
        for branch in self._branches:
            if branch.dead:
                part = self.data[branch.start : branch.stop]
                text[branch.start : branch.stop] = re.sub(rb"[^\n]", b" ", part)
        return bytes(text)


def contradict(one: Set[Condition], other: Set[Condition]) -> bool:
    """True if the two can never hold of one configuration."""
    return any((name, not holds) in other for name, holds in one)


@lru_cache(maxsize=8)
def conditionals(data: bytes) -> Conditionals:
    """The conditions of a text."""
    return Conditionals(data)


def _without_comment(match: re.Match[bytes]) -> bytes:
    return re.sub(rb"[^\n]", b" ", match[0]) if match[0][:1] == b"/" else match[0]
