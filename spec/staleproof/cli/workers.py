"""Processes that do work, so that a solver that dies or hangs takes nothing with it.

Each worker has a pipe of its own to the parent and is shared with nobody: no lock can stay taken
when one dies, and it is plain whose task it was. What is run is named as ``module:function`` and
gets a `progress` function, whose texts come through the same pipe.
"""

from __future__ import annotations

import gc
import importlib
import multiprocessing
import os
import pickle
import signal
import threading
import traceback
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing import connection
from multiprocessing.context import SpawnProcess
from typing import Any

OnNote = Callable[[str, str], None]
"""Hears the name of a task and what its `progress` was told."""

SPAWN = multiprocessing.get_context("spawn")


@dataclass(frozen=True, slots=True)
class Task:
    """One piece of work: a name, the function to call, and its arguments but for `progress`.

    Tasks of one `kin` go to one worker where that keeps no worker idle: they share what was found.
    """

    name: str
    function: str
    arguments: tuple[Any, ...]
    kin: str = ""


@dataclass(frozen=True, slots=True)
class Returned:
    """What the function returned."""

    value: Any


@dataclass(frozen=True, slots=True)
class Raised:
    """The exception that the function raised."""

    problem: Exception


@dataclass(frozen=True, slots=True)
class Died:
    """The process is gone without an answer; `how` says what ended it."""

    how: str


@dataclass(frozen=True, slots=True)
class _Note:
    text: str


Outcome = Returned | Raised | Died


def named(function: str) -> Callable[..., Any]:
    """The function of that name (``module:function``)."""
    module, name = function.split(":")
    found: Callable[..., Any] = getattr(importlib.import_module(module), name)
    return found


# In the worker


def _serve(pipe: connection.Connection) -> None:
    """Do one task after the other until the parent is gone."""
    # The parent decides what Ctrl-C means; it ends this process.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Terms are freed without it, and there are too many of them to look at often.
    gc.set_threshold(1_000_000, 20, 100)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    sending = threading.Lock()

    def send(message: Returned | Raised | _Note) -> None:
        with sending:
            pipe.send(message)

    while True:
        try:
            task: Task = pipe.recv()
        except EOFError:
            return
        send(_outcome(task, lambda text: send(_Note(text))))


def _end_with_parent() -> None:
    # A parent that is killed cannot end its workers, and a solver would go on for long.
    parent = multiprocessing.parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        os._exit(1)


def _outcome(task: Task, progress: Callable[[str], None]) -> Returned | Raised:
    try:
        outcome = Returned(named(task.function)(*task.arguments, progress=progress))
        pickle.dumps(outcome)
        return outcome
    except Exception as problem:
        if os.environ.get("STALEPROOF_DEBUG"):
            problem.add_note("".join(traceback.format_exception(problem)))
        return Raised(_portable(problem))


def _portable(problem: Exception) -> Exception:
    """The exception, or one that says the same where it cannot be sent to another process."""
    try:
        pickle.loads(pickle.dumps(problem))
    except Exception:
        return RuntimeError(f"{type(problem).__name__}: {problem}")
    return problem


# In the parent


class _Worker:
    """One process, the pipe to it, and the task it is at."""

    def __init__(self) -> None:
        self.pipe, theirs = SPAWN.Pipe()
        self.process: SpawnProcess = SPAWN.Process(target=_serve, args=(theirs,))
        self.task: Task | None = None
        self.kin = ""
        with _no_interrupt():
            self.process.start()
        theirs.close()

    def give(self, task: Task) -> None:
        """Start the task. A worker that is dead already is noticed when it should answer."""
        self.task, self.kin = task, task.kin
        with suppress(OSError):
            self.pipe.send(task)

    def hear(self) -> Outcome | _Note:
        """The next message; call when there is one, or when the pipe has ended."""
        try:
            message: Outcome | _Note = self.pipe.recv()
        except (EOFError, OSError):
            return Died(self._how())
        return message

    def _how(self) -> str:
        self.process.join(5)
        code = self.process.exitcode
        if code is None:
            return "hung up"
        return f"was ended by {signal.Signals(-code).name}" if code < 0 else f"exited with {code}"

    def end(self) -> None:
        """End the process, whatever it is at."""
        self.process.kill()
        self.process.join()
        self.pipe.close()


@contextmanager
def _no_interrupt() -> Iterator[None]:
    """Keep Ctrl-C waiting: a worker that is starting must neither hear it nor be forgotten."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def outcomes(
    tasks: Sequence[Task], jobs: int, on_note: OnNote
) -> Generator[tuple[Task, Outcome], None, None]:
    """Each task with its outcome, as they come; closing the generator ends all workers."""
    waiting = list(tasks)
    workers: list[_Worker] = []
    try:
        while waiting or any(w.task for w in workers):
            for worker in workers:
                if worker.task is None and waiting:
                    worker.give(_next(waiting, worker, workers))
            while waiting and len(workers) < jobs:
                workers.append(_Worker())
                workers[-1].give(_next(waiting, workers[-1], workers))
            busy: dict[Any, _Worker] = {w.pipe: w for w in workers if w.task is not None}
            for pipe in connection.wait(list(busy)):
                worker = busy[pipe]
                message, task = worker.hear(), worker.task
                assert task is not None
                if isinstance(message, _Note):
                    on_note(task.name, message.text)
                    continue
                worker.task = None
                if isinstance(message, Died):
                    workers.remove(worker)
                    worker.end()
                yield task, message
    finally:
        for worker in workers:
            worker.end()


def _next(waiting: list[Task], worker: _Worker, workers: Sequence[_Worker]) -> Task:
    """Take the task that suits the worker best: of its kin, else of no other worker's kin, else the
    last: what comes last of its kin needs the others least.
    """
    taken = {w.kin for w in workers if w is not worker}
    for suits in (lambda t: t.kin == worker.kin, lambda t: t.kin not in taken):
        best = next((t for t in waiting if suits(t)), None)
        if best is not None:
            waiting.remove(best)
            return best
    return waiting.pop()
