"""Workers: who does what, and what comes back."""

from __future__ import annotations

import os
from collections.abc import Callable

from staleproof.cli.workers import Died, Raised, Returned, Task, outcomes

Tell = Callable[[str], None]


class Unsendable(Exception):
    """An exception that cannot be made again from its arguments."""

    def __init__(self, one: str, two: str) -> None:
        super().__init__(f"{one} and {two}")


def pid(progress: Tell) -> int:
    """Which process this is."""
    progress("looking")
    return os.getpid()


def fail(progress: Tell) -> None:
    """Raise what cannot be sent."""
    raise Unsendable("this", "that")


def give_a_function(progress: Tell) -> object:
    """Return what cannot be sent."""
    return lambda: None


def die(progress: Tell) -> None:
    """End the process as a crash would."""
    os.kill(os.getpid(), 11)


HERE = "cli.test_workers"


def tasks(*functions: str, kin: str = "") -> list[Task]:
    """Tasks that call functions of this module."""
    return [Task(f"{f}{i}", f"{HERE}:{f}", (), kin) for i, f in enumerate(functions)]


def test_what_is_told_and_returned_comes_back() -> None:
    """Notes carry the name of their task."""
    notes: list[tuple[str, str]] = []

    ((task, outcome),) = outcomes(tasks("pid"), 2, lambda name, text: notes.append((name, text)))

    assert isinstance(outcome, Returned)
    assert outcome.value != os.getpid()
    assert notes == [(task.name, "looking")]


def test_what_cannot_be_sent_is_told_in_words() -> None:
    """An exception or a value that cannot be pickled does not take the worker down."""
    found = {t.name: o for t, o in outcomes(tasks("fail", "give_a_function"), 1, print)}

    assert isinstance(found["fail0"], Raised)
    assert str(found["fail0"].problem) == "Unsendable: this and that"
    assert isinstance(found["give_a_function1"], Raised)


def test_a_death_is_told_by_its_signal_and_costs_one_task() -> None:
    """The tasks before and after the fatal one have their answers."""
    found = {t.name: o for t, o in outcomes(tasks("pid", "die", "pid"), 1, print)}

    assert found["die1"] == Died("was ended by SIGSEGV")
    assert isinstance(found["pid0"], Returned)
    assert isinstance(found["pid2"], Returned)


def test_kin_go_to_one_worker() -> None:
    """Two workers, two families: each family has its worker."""
    mixed = [
        t
        for pair in zip(tasks(*["pid"] * 4, kin="a"), tasks(*["pid"] * 4, kin="b"), strict=True)
        for t in pair
    ]

    found = [
        (t.kin, o.value) for t, o in outcomes(mixed, 2, lambda *_: None) if isinstance(o, Returned)
    ]

    assert len(found) == 8
    processes = [{process for kin, process in found if kin == name} for name in ("a", "b")]
    # The family that is done first was never shared; what is left of the other may be.
    assert min(map(len, processes)) == 1
