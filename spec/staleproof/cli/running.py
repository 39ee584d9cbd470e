"""Running work in other processes, so that a solver that dies or hangs takes nothing with it.

What is run is named as ``module:function``. The work gets a `progress` function; what it says
comes back through a pipe. Ctrl-C ends the workers at once.
"""

from __future__ import annotations

import importlib
import multiprocessing
import multiprocessing.connection
import os
import signal
import threading
import traceback
from collections.abc import Callable, Generator, Iterable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

from staleproof.claims import Claim
from staleproof.errors import StaleproofError
from staleproof.verdict import ClaimResult, Verdict, Word

DECIDER = "staleproof.engine.portfolio:decide_claim"
"""Called with a claim and a progress function; returns its ClaimResult, killers included."""

CHECKER = "staleproof.cfront.check:check_file"
"""Called with path, function, properties, callees to havoc and a progress function."""

POLL_SECONDS = 0.05
LONGEST_NOTE = 1000
"""Bytes of one progress note: below PIPE_BUF, so that notes of several workers never mix."""

OnNote = Callable[[str, str], None]


@dataclass(frozen=True, slots=True)
class Task:
    """One piece of work: a name, the function to call, and its arguments but for `progress`."""

    name: str
    function: str
    arguments: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Died:
    """The process that worked on a task is gone, without an answer."""


_notes: Connection | None = None


def _start_worker(notes: Connection) -> None:
    # The parent decides what Ctrl-C means; it ends this process.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    global _notes
    _notes = notes
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    # A parent that is killed cannot end its workers, and their queues would wait for ever.
    parent = multiprocessing.parent_process()
    if parent is not None:
        multiprocessing.connection.wait([parent.sentinel])
        os._exit(1)


def named(function: str) -> Callable[..., Any]:
    """The function of that name (``module:function``)."""
    module, name = function.split(":")
    found: Callable[..., Any] = getattr(importlib.import_module(module), name)
    return found


def _work(task: Task) -> Any:
    function = named(task.function)

    def progress(text: str) -> None:
        if _notes is not None:
            _notes.send_bytes(f"{task.name}\0{text}".encode()[:LONGEST_NOTE])

    return function(*task.arguments, progress=progress)


class Workers:
    """A pool of processes that survives the death of one of them."""

    def __init__(self, jobs: int, on_note: OnNote) -> None:
        self._jobs = jobs
        self._on_note = on_note
        self._context = multiprocessing.get_context("spawn")
        self._reader, self._writer = self._context.Pipe(duplex=False)
        self._before = set(multiprocessing.active_children())

    def outcomes(self, tasks: Sequence[Task]) -> Generator[tuple[Task, Any], None, None]:
        """Each task with what it returned, the exception it raised, or `Died`, as they come."""
        waiting = list(reversed(tasks))
        try:
            while waiting:
                suspects = yield from self._until_one_dies(waiting)
                # Which of them killed its process is found out by running each alone.
                for suspect in suspects:
                    alone = [suspect]
                    died = yield from self._until_one_dies(alone, jobs=1)
                    for task in died:
                        yield task, Died()
        finally:
            self._end()

    def _until_one_dies(
        self, waiting: list[Task], jobs: int | None = None
    ) -> Generator[tuple[Task, Any], None, list[Task]]:
        """Work off `waiting`; returns the tasks that were under way when a process died."""
        jobs = min(jobs or self._jobs, len(waiting))
        pool = ProcessPoolExecutor(jobs, self._context, _start_worker, (self._writer,))
        running: dict[Future[Any], Task] = {}
        suspects: list[Task] = []
        try:
            while (waiting or running) and not suspects:
                while waiting and len(running) < jobs:
                    try:
                        future = pool.submit(_work, waiting[-1])
                    except BrokenProcessPool:
                        break
                    running[future] = waiting.pop()
                if not running:
                    break
                done, _ = wait(running, POLL_SECONDS, FIRST_COMPLETED)
                self._pass_on_notes()
                for future in done:
                    task = running.pop(future)
                    problem = future.exception()
                    if isinstance(problem, BrokenProcessPool):
                        suspects.append(task)
                    else:
                        yield task, problem if problem is not None else future.result()
            if suspects:
                suspects.extend(running.values())
        finally:
            pool.shutdown(wait=not suspects and not running, cancel_futures=True)
        return suspects

    def _pass_on_notes(self) -> None:
        while self._reader.poll():
            name, _, text = self._reader.recv_bytes().decode(errors="replace").partition("\0")
            self._on_note(name, text)

    def _end(self) -> None:
        for child in set(multiprocessing.active_children()) - self._before:
            child.kill()


def decide_here(claim: Claim) -> ClaimResult:
    """The result of one claim, decided in this process. Raises whatever the engines raise."""
    result: ClaimResult = named(DECIDER)(claim, progress=lambda _: None)
    return result


def decide_all(
    claims: Sequence[Claim], jobs: int, on_note: OnNote
) -> Generator[ClaimResult, None, None]:
    """The results of the claims as they come. What fails comes as BROKEN; nothing is left out."""
    by_name = {c.name: c for c in claims}
    tasks = [Task(c.name, DECIDER, (c,)) for c in claims]
    for task, outcome in Workers(jobs, on_note).outcomes(tasks):
        if isinstance(outcome, ClaimResult):
            yield outcome
        else:
            yield broken(by_name[task.name], reason(outcome))


def broken(claim: Claim, what: str) -> ClaimResult:
    """The result of a claim that could not be decided because the tool failed."""
    return ClaimResult(
        claim=claim.name,
        property=claim.property,
        version=claim.version,
        expected=claim.expected,
        verdict=Verdict(Word.BROKEN, what),
        seconds=0.0,
        solver_seconds=0.0,
        assumptions=(),
    )


def reason(outcome: object) -> str:
    """Why a task gave no result, in one line (with the traceback, if debugging)."""
    if isinstance(outcome, Died):
        return "the process that worked on it died"
    if isinstance(outcome, StaleproofError):
        return f"{outcome.code} {outcome.message}"
    if isinstance(outcome, BaseException):
        text = f"{type(outcome).__name__}: {outcome}".rstrip(": ")
        if os.environ.get("STALEPROOF_DEBUG"):
            text += "\n" + "".join(traceback.format_exception(outcome))
        return text
    return f"it returned {type(outcome).__name__}, not a result"


def check(
    path: str,
    function: str,
    properties: tuple[str, ...],
    havoc: tuple[str, ...],
    on_note: OnNote,
) -> list[ClaimResult]:
    """The results for one C function. Raises what the front end raises about the file."""
    task = Task(function, CHECKER, (path, function, properties, havoc))
    ((_, outcome),) = Workers(1, on_note).outcomes([task])
    if isinstance(outcome, Died):
        raise RuntimeError(reason(outcome))
    if isinstance(outcome, BaseException):
        raise outcome
    results: Iterable[ClaimResult] = outcome
    return list(results)
