"""Progress on stderr: a bar on a terminal, one plain line per finished claim otherwise."""

from __future__ import annotations

import sys
from types import TracebackType
from typing import Self

from staleproof.cli.terminal import in_colour, say
from staleproof.verdict import ClaimResult


class Progress:
    """Tells how far a command is; what it prints is never a result."""

    def __init__(self, total: int, *, detailed: bool = False) -> None:
        self._total = total
        self._done = 0
        self._detailed = detailed

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def note(self, claim: str, text: str) -> None:
        """Something happens within a claim."""
        if self._detailed:
            say(f"{claim}: {text}")

    def finished(self, result: ClaimResult, *, kept: bool = False) -> None:
        """A claim is decided, now or (`kept`) in an earlier run."""
        text = f"{result.verdict.word.name} ({result.seconds:.2f} s)"
        self.done(result.claim, text, kept=kept)

    def done(self, name: str, text: str, *, kept: bool = False) -> None:
        """A part of the work is done, now or (`kept`) in an earlier run."""
        self._done += 1
        if not kept:
            say(f"[{self._done}/{self._total}] {name} {text}")

    def close(self) -> None:
        """Leave the terminal as it was."""


class Bar(Progress):
    """Progress on a terminal."""

    def __init__(self, total: int, *, detailed: bool = False) -> None:
        super().__init__(total, detailed=detailed)
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
        from rich.progress import Progress as RichProgress

        self._bar = RichProgress(
            BarColumn(bar_width=24),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("{task.description}", markup=False),
            console=Console(stderr=True, no_color=not in_colour(sys.stderr)),
            transient=True,
        )
        self._task = self._bar.add_task("", total=total)
        self._bar.start()

    def note(self, claim: str, text: str) -> None:
        self._bar.update(self._task, description=f"{claim}: {text}")

    def done(self, name: str, text: str, *, kept: bool = False) -> None:
        self._bar.update(self._task, advance=1, description=name)

    def close(self) -> None:
        self._bar.stop()


def progress(total: int, *, detailed: bool = False) -> Progress:
    """The progress that suits stderr; `detailed` also tells what happens within a claim."""
    return (Bar if sys.stderr.isatty() else Progress)(total, detailed=detailed)
