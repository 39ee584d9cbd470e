"""The reference page of all errors, made from errors.py."""

from __future__ import annotations

import inspect
from collections.abc import Iterator

from staleproof import errors
from staleproof.errors import StaleproofError
from staleproof.report.layout import TERMINAL_WIDTH, Paint, plain, wrapped

LAYERS = {
    "1": "The language of systems",
    "2": "The C front end",
    "3": "The engines",
    "4": "Claims and evidence",
    "5": "Files, cache and command line",
}


def all_errors() -> list[type[StaleproofError]]:
    """Every error a user can meet, by its code."""
    classes = [
        value
        for value in vars(errors).values()
        if inspect.isclass(value)
        and issubclass(value, StaleproofError)
        and value is not StaleproofError
    ]
    return sorted(classes, key=lambda e: e.code)


def meaning(error: type[StaleproofError]) -> str:
    """What the error says, as one paragraph."""
    return " ".join((inspect.getdoc(error) or "").split())


def error_text(error: type[StaleproofError], paint: Paint = plain) -> Iterator[str]:
    """One error as `explain` prints it."""
    yield paint(f"{error.code} {error.__name__}", "strong")
    yield from wrapped(meaning(error), TERMINAL_WIDTH, "  ")
    yield from wrapped(error.why, TERMINAL_WIDTH, "  why: ")
    yield from wrapped(error.fix, TERMINAL_WIDTH, "  fix: ")


def page() -> str:
    """The page in Markdown."""
    lines = [
        "# Errors",
        "",
        "Every message starts with a code. `staleproof explain CODE` prints what stands here.",
        "This page is made from `spec/staleproof/errors.py` by `make pages`.",
    ]
    layer = ""
    for error in all_errors():
        if error.code[2] != layer:
            layer = error.code[2]
            lines.extend(["", f"## SP{layer}xx: {LAYERS[layer]}"])
        lines.extend(["", f"### {error.code} {error.__name__}", ""])
        lines.extend([meaning(error), ""])
        lines.append(f"- why: {error.why}")
        lines.append(f"- fix: {error.fix}")
    return "\n".join(lines) + "\n"
