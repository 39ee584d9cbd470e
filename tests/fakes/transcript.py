"""Transcripts: Markdown that shows commands and what they print, and is run as a test.

A file starts with a line ``claims: SET`` (``real`` for the real ones). Each section has a title,
prose, the command in a ``sh`` block, then what it prints: a ``text`` block after ``stdout:`` and
after ``stderr:`` (left out where nothing is printed), and a line ``exit: CODE``.
Times, hashes and paths of temporary folders are masked.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from fakes.shell import Shell

SECTION = re.compile(
    r"^## (?P<title>.+?)\n(?P<prose>.*?)"
    r"```sh\n(?P<command>.*?)\n```\n"
    r"(?P<expected>.*?^exit: \d+)$",
    re.DOTALL | re.MULTILINE,
)
TIME = re.compile(r" *\d+\.\d\d s")
MASKS = (
    (re.compile(r"\b[0-9a-f]{16}\b"), "<hash>"),
    (re.compile(r"/tmp/\S+/"), "<folder>/"),
)


@dataclass(frozen=True, slots=True)
class Section:
    """One command and what it is expected to print."""

    path: Path
    claims: str | None
    title: str
    command: str
    expected: str

    def printed(self, shell: Shell) -> str:
        """What the command prints now, in the form of a transcript."""
        program, *arguments = shlex.split(self.command)
        assert program == "staleproof"
        done = shell.run(*arguments, fake=self.claims)
        parts = []
        for name, text in (("stdout", done.stdout), ("stderr", done.stderr)):
            if text:
                parts.append(f"\n{name}:\n```text\n{masked(text).rstrip()}\n```\n")
        return "".join(parts) + f"\nexit: {done.returncode}"


def masked(text: str) -> str:
    """The text without what differs from run to run."""
    text = TIME.sub(lambda time: "#.## s".rjust(len(time[0])), text)
    for pattern, replacement in MASKS:
        text = pattern.sub(replacement, text)
    return text


def sections(path: Path) -> Iterator[Section]:
    """The sections of a transcript."""
    text = path.read_text()
    claims = re.search(r"^claims: (\w+)$", text, re.MULTILINE)
    assert claims is not None, f"{path} does not say which claims it is about"
    fake = None if claims[1] == "real" else claims[1]
    for match in SECTION.finditer(text):
        yield Section(path, fake, match["title"], match["command"], match["expected"])


def rewritten(section: Section, printed: str) -> None:
    """Put what is printed now in the place of what was expected."""
    text = section.path.read_text()
    old = f"```sh\n{section.command}\n```\n{section.expected}"
    assert text.count(old) == 1, section.title
    section.path.write_text(text.replace(old, f"```sh\n{section.command}\n```\n{printed}"))
