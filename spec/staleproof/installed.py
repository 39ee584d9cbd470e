"""Which distributions are installed, read off the names of their folders.

importlib.metadata knows it too, but takes longer to import than `list` takes for all else.
"""

from __future__ import annotations

import os
import sys
from functools import cache


def version_of(distribution: str) -> str | None:
    """The version of a distribution; None where it is not installed."""
    stem = distribution.replace("-", "_") + "-"
    for name in _known_distributions():
        if name.startswith(stem):
            return name.removeprefix(stem)
    return None


def distributions() -> tuple[str, ...]:
    """Name and version of everything that is installed now, in the order of the search path."""
    found = []
    for folder in sys.path:
        if os.path.isdir(folder):
            names = sorted(os.listdir(folder))
            found += [n.removesuffix(".dist-info") for n in names if n.endswith(".dist-info")]
    return tuple(name.lower() for name in found)


@cache
def _known_distributions() -> tuple[str, ...]:
    return distributions()
