"""Break each C function in every small way: a claim must notice each time.

The table tells, for each text, who noticed how many mutants. Exit 1 when a mutant is noticed by
nothing and is no equivalent either, or when an equivalent is noticed after all. With --record the
outcomes go to proofs/evidence/mutants/.
"""

from __future__ import annotations

import signal
import sys
from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

from runs import PROOFS, Study, main, recorded
from staleproof.history.text_mutants import NAMES, OPEN, subject_named
from staleproof.kernel.text_mutants import (
    REFUSED,
    Outcome,
    complaints,
    examine,
    read_equivalents,
    record,
)

EQUIVALENTS = read_equivalents(PROOFS / "mutants_equivalent.toml")
LONGEST = 600
"""How many seconds are spent on one mutant before it counts as not noticed."""


class OutOfTimeError(BaseException):
    """A mutant has taken too long; nothing on the way may take this for its own failure."""


def _too_long(*_: object) -> NoReturn:
    raise OutOfTimeError


def examined(task: tuple[str, str]) -> Outcome:
    """One mutant, examined in a worker."""
    name, key = task
    subject = subject_named(name)
    mutant = next(m for m in subject.mutants if m.name == key)
    signal.signal(signal.SIGALRM, _too_long)
    signal.alarm(LONGEST)
    try:
        return examine(subject, mutant)
    except OutOfTimeError:
        return Outcome("", "out of time")
    finally:
        signal.alarm(0)


def mutants_of(name: str) -> Sequence[str]:
    """The names of the mutants of a text."""
    return [m.name for m in subject_named(name).mutants]


def settled(name: str) -> dict[str, Outcome]:
    """Who noticed which mutant, by the record, and which are listed as equivalents and were
    examined against the claims of today.
    """
    subject, document = subject_named(name), recorded(name)
    # What is noticed stays so when claims are added; what nothing noticed has to be asked again.
    still_open = document.get("claims") != subject.digest_of_claims
    equivalents = {} if still_open else EQUIVALENTS
    found = {}
    for mutant in subject.mutants:
        entry = document["mutants"].get(mutant.name, {})
        listed = equivalents.get(f"{name} {mutant.name}")
        if entry.get("change") != mutant.change:
            continue
        if "by" in entry:
            found[mutant.name] = Outcome(entry["by"], entry["how"])
        elif listed is not None and listed.change == mutant.change:
            found[mutant.name] = Outcome("")
    return found


def table(documents: Mapping[str, Mapping[str, Any]]) -> None:
    """Print for each text how many mutants it has, and who noticed how many."""
    for name, document in documents.items():
        noticed = sorted(document["noticed_by"].items(), key=lambda item: _order(item[0]))
        told = ", ".join(f"{by} {count}" for by, count in noticed)
        print(f"{name}: {len(document['mutants'])} mutants")
        print(f"    noticed by {told}; not noticed {document['unnoticed']}")


def _order(name: str) -> tuple[bool, str, int, str]:
    family, _, number = name.partition("-")
    return name == REFUSED, family, int(number) if number.isdigit() else 0, name


if __name__ == "__main__":
    sys.exit(
        main(
            Study(
                doc=__doc__ or "",
                what="TEXT",
                names=NAMES,
                more=tuple(sorted(OPEN)),
                at_once=60,
                mutants=mutants_of,
                settled=settled,
                examine=examined,
                record=lambda name, outcomes: record(subject_named(name), outcomes),
                report=table,
                complaints=lambda name, d: complaints(subject_named(name), d, EQUIVALENTS),
            )
        )
    )
