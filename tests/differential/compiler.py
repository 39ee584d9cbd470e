"""The compiler that texts are compared by, and what it makes of them."""

from __future__ import annotations

import atexit
import ctypes
import functools
import itertools
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Final

COMPILER: Final = ("gcc", "-std=gnu11", "-fwrapv", "-fno-strict-aliasing", "-Wall")
_NUMBERS = itertools.count()


class BuildError(ValueError):
    """The compiler refused the text; the message is the compiler's own."""


@functools.cache
def build_directory() -> Path:
    """Where everything is built that is built in this session."""
    directory = tempfile.mkdtemp(prefix="staleproof-differential-")
    atexit.register(shutil.rmtree, directory, ignore_errors=True)
    return Path(directory)


def compile_with(*arguments: str | Path) -> str:
    """What the compiler says. Raises BuildError when it refuses."""
    done = subprocess.run(
        [*COMPILER, *map(str, arguments)], capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise BuildError(done.stderr)
    return done.stderr


def shared_library(*arguments: str | Path) -> ctypes.CDLL:
    """A library that this process can call. Raises BuildError."""
    target = build_directory() / f"library{next(_NUMBERS)}.so"
    compile_with("-shared", "-fPIC", *arguments, "-o", target)
    return ctypes.CDLL(str(target))
