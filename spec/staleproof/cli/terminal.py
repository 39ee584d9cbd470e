"""Streams: results on stdout, all else on stderr, colours only where somebody looks at them."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, TextIO

import click

from staleproof.errors import OutputError
from staleproof.report.layout import Paint, plain

STREAMS = ("stdin", "stdout", "stderr")
"""In the order of their file descriptors."""

STYLES: dict[str, dict[str, Any]] = {
    "good": {"fg": "green"},
    "bad": {"fg": "red", "bold": True},
    "doubtful": {"fg": "yellow"},
    "strong": {"bold": True},
    "quiet": {"dim": True},
}


def set_up_streams() -> None:
    """Let no character of a user's file make printing fail, nor a stream that the caller closed.

    Raises OutputError if that is the one for results.
    """
    without = {name for name in STREAMS if getattr(sys, name) is None}
    for name in STREAMS:
        if name in without:
            _open_nowhere(name)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    if "stdout" in without:
        raise OutputError("the results could not be written: standard output is closed")


def _open_nowhere(name: str) -> None:
    """Let a stream lead nowhere, before some other file gets its descriptor."""
    descriptor = STREAMS.index(name)
    nowhere = os.open(os.devnull, os.O_RDWR)
    if nowhere != descriptor:
        os.dup2(nowhere, descriptor)
        os.close(nowhere)
    setattr(sys, name, os.fdopen(descriptor, "r" if name == "stdin" else "w", closefd=False))


def in_colour(stream: TextIO) -> bool:
    """Whether the stream is a terminal whose user wants colours."""
    wanted = not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    return wanted and stream.isatty()


def paint_for(stream: TextIO) -> Paint:
    """The paint that suits the stream."""
    return _painted if in_colour(stream) else plain


def _painted(text: str, style: str) -> str:
    return click.style(text, **STYLES[style])


def show(lines: Iterable[str]) -> None:
    """Print results. Raises OutputError when they cannot be written."""
    with _writing():
        for line in lines:
            sys.stdout.write(f"{line}\n")


def flush_results() -> None:
    """Make sure that the results are out. Raises OutputError when they cannot be written."""
    with _writing():
        sys.stdout.flush()


@contextmanager
def _writing() -> Iterator[None]:
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as cause:
        what = f"the results could not be written: {cause.strerror}"
        raise OutputError(what) from cause


def say(line: str) -> None:
    """Tell the user something that is not a result. Nothing can be done if even that fails."""
    try:
        sys.stderr.write(f"{line}\n")
        sys.stderr.flush()
    except OSError:
        pass
