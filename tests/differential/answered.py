"""A C text as gcc makes it, beside its system: each call is answered as it was in a system's run.

First the system goes its way, taking at random what the contracts leave open. Then the compiled
text is run. At each of its calls the function that is called, the arguments, and all memory that
is modelled have to be what they were in the run; it gets the answer of the run, and the memory
that the run had after it. At the end the result and the memory have to be the same.
"""

from __future__ import annotations

import ctypes
import functools
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

from staleproof.cfront.translate import RETURN

from .answered_memory import Objects
from .answered_stories import Story
from .compiler import build_directory, compile_with, shared_library
from .harness import HERE

STUBS: Final = HERE / "call_stubs"
STRICT: Final = ("-Werror=implicit-function-declaration", "-Werror=int-conversion")
MOST_PARAMETERS: Final = 6
WORDS: Final = ctypes.c_uint64 * MOST_PARAMETERS
ANSWER: Final = ctypes.CFUNCTYPE(ctypes.c_uint64, ctypes.c_char_p, ctypes.POINTER(ctypes.c_uint64))


@functools.cache
def _stubs(calls: tuple[str, ...]) -> Path:
    """A function of each name, which shows its call and answers as it is told to."""
    target = build_directory() / f"calls{len(list(build_directory().iterdir()))}.o"
    defined = f"-DCALLS={' '.join(f'CALL({name})' for name in calls)}"
    compile_with(
        "-Werror", "-O1", "-c", "-fPIC", f"-I{STUBS}", defined, STUBS / "world.c", "-o", target
    )
    return target


class Compiled:
    """A text with the function that is called, and a stub for each function that it calls."""

    def __init__(
        self, text: str, function: str, calls: Iterable[str], *, optimisation: str = "-O2"
    ) -> None:
        source = build_directory() / "text.c"
        source.write_text(text)
        stubs = _stubs(tuple(sorted(calls)))
        self._library = shared_library(*STRICT, optimisation, f"-I{STUBS}", source, stubs)
        self._library.run.restype = ctypes.c_uint64
        self._function = ctypes.cast(getattr(self._library, function), ctypes.c_void_p)
        self._callback = ANSWER(self._answer)
        address = ctypes.cast(self._callback, ctypes.c_void_p).value
        ctypes.c_void_p.in_dll(self._library, "answer").value = address

    def differences(self, story: Story, objects: Objects) -> list[str]:
        """What the compiled text does otherwise than the system: at most one thing, the first."""
        self._story, self._objects = story, objects
        self._done = 0
        self._found: list[str] = []
        returns = story.end == RETURN
        if not returns and not story.events:
            return []
        for name, value in story.settings.items():
            self._variable(name, value)
        objects.become(story.memory)
        words = WORDS(*story.given)
        result = self._library.run(self._function, words) & ((1 << story.width) - 1)
        if returns and not self._found:
            self._compare("makes this many calls", self._done, len(story.events))
            self._compare("returns", result, story.result)
            self._compare("leaves behind", objects.now(), story.final)
        return self._found[:1]

    def _variable(self, name: str, value: int) -> None:
        if name == "current->mm":
            ctypes.c_uint64.in_dll(self._library, "task").value = value
        else:
            ctypes.c_int.in_dll(self._library, name).value = value

    def _compare(self, what: str, code: Any, system: Any) -> None:
        if code != system:
            self._found.append(f"{what}: {code}, and not {system}")

    def _answer(self, name: bytes, words: Any) -> int:
        stop = ctypes.c_int.in_dll(self._library, "stop")
        if self._done == len(self._story.events):
            self._found.append(f"{name.decode()} is called after the last call of the system")
            stop.value = 1
            return 0
        event = self._story.events[self._done]
        self._done += 1
        self._compare(f"call {self._done} is one of", name.decode(), event.callee)
        if not self._found:
            for i, argument in enumerate(event.arguments):
                if argument is not None:
                    value, width = argument
                    mask = (1 << width) - 1
                    at = f"argument {i} of {event.callee}"
                    self._compare(at, words[i] & mask, value & mask)
            self._compare(f"memory at {event.callee}", self._objects.now(), event.before)
        is_last = self._done == len(self._story.events)
        if self._found or event.after is None or (is_last and self._story.end != RETURN):
            stop.value = 1
            return 0
        for i, size, value in event.stores:
            ctypes.memmove(words[i], value.to_bytes(8, "little"), size)
        self._objects.become(event.after)
        return event.result % (1 << 64)
