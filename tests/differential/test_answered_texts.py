"""The C texts about single PTEs and pinned buffers do what their systems do, call by call.

What a contract says that a function answers is taken for granted here: the text gets that answer.
"""

from __future__ import annotations

import random
import shutil

import pytest

from .answered_texts import SEED, TEXTS
from .answered_worlds import start
from .running import Run

pytestmark = pytest.mark.skipif(
    shutil.which("gcc") is None, reason="gcc is not installed, so there is nothing to compare with"
)

each_text = pytest.mark.parametrize("name", TEXTS)


@each_text
@pytest.mark.parametrize("optimisation", ["-O0", "-O2"])
def test_the_same_is_done(name: str, optimisation: str) -> None:
    """The compiled text makes the calls of the system, and leaves the same result and memory."""
    text = TEXTS[name]

    assert list(text.differences(text.code, optimisation)) == []


@each_text
def test_worlds_are_lawful(name: str) -> None:
    """The axioms and what is known at the call hold in the worlds that are played."""
    machine, chance = TEXTS[name].machine, random.Random(SEED)
    for _ in range(5):
        state = start(machine, chance, taken=TEXTS[name].is_release)
        Run(machine.system, machine.translation, state).demand_lawful()


@each_text
def test_each_step_is_taken_or_proved_dead(name: str) -> None:
    """The runs take every step that the evidence does not call dead, and none that it does."""
    text = TEXTS[name]
    taken = set().union(*(story.taken for story in text.stories))

    assert text.steps - taken - text.dead == set()
    assert not text.claim or not taken & text.dead


@pytest.mark.parametrize(
    ("name", "code"),
    [
        pytest.param(name, code, id=f"{name} {i}")
        for name, text in TEXTS.items()
        for i, code in enumerate(text.wrong)
    ],
)
def test_wrong_variants_are_told_apart(name: str, code: str) -> None:
    """A compiled text with a mistake in it does something else than the system does."""
    assert any(TEXTS[name].differences(code, "-O0"))
