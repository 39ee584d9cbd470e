"""What fake properties need of the patches: the names say what comes of it."""

from __future__ import annotations

import time
from collections.abc import Callable

from staleproof.verdict import Broken, ConfigNeeds, PatchNeeds, Subject, Undone

SUBJECTS = {
    "good": (Subject("FAKE-1", "", "a"), Subject("FAKE-2", "habanalabs", "b")),
    "undecided": (Subject("FAKE-1", "", "a"), Subject("UNDECIDED-1", "", "a")),
    "bad": (Subject("RAISES-1", "", "a"),),
    "slow": (Subject("FAKE-1", "", "a"), Subject("SLOW-1", "", "a")),
}


def good() -> list[Subject]:
    """Two that are found out."""
    return [*SUBJECTS["good"]]


def undecided() -> list[Subject]:
    """One of which the solver knows too little."""
    return [*SUBJECTS["undecided"]]


def bad() -> list[Subject]:
    """One that fails."""
    return [*SUBJECTS["bad"]]


def slow() -> list[Subject]:
    """One that does not come to an end."""
    return [*SUBJECTS["slow"]]


def needs(name: str, of: str, progress: Callable[[str], None]) -> PatchNeeds:
    """It holds with 03 and 04, and 05 breaks it."""
    progress("with no patch")
    if name.startswith("RAISES"):
        raise ZeroDivisionError("of the fake engine")
    if name.startswith("SLOW"):
        time.sleep(600)
    unsure = name.startswith("UNDECIDED")
    return PatchNeeds(
        property=name,
        of=of,
        patches=(3, 4, 5),
        minimal=((3, 4),),
        broken=(),
        silent=(),
        breaks=(Broken(5, None),),
        words=(((), "REFUTED"), ((3, 4), "PROVED"), ((3, 4, 5), "REFUTED")),
        subsets=6,
        systems=4,
        not_asked=0,
        undecided=int(unsure),
        without=(Undone(3, "the third", (4,), "REFUTED", "", ("mm/gup.c: pin_page",)),),
    )


def config(name: str, version: str, progress: Callable[[str], None]) -> ConfigNeeds | None:
    """FAKE-1 has no options; of FAKE-2 it is not decided whether it needs one."""
    progress("with none of them")
    if name == "FAKE-1":
        return None
    words = (("none of them", "UNDECIDED"), ("CONFIG_FAKE", "REFUTED"))
    return ConfigNeeds(name, version, "never", words)
