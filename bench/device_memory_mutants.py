"""Leave out each condition and each assignment of the systems of device memory: who notices?

The report tells of every mutant which claim notices it, and how; then of what no claim notices
which lemma does; then of what nothing notices why. Exit 1 when nothing notices a mutant and no
reason is given in proofs/device_memory_unnoticed.toml, or when one is given for nothing. With
--record the outcomes go to proofs/evidence/mutants/.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import Any

from runs import PROOFS, Study, main, recorded
from staleproof.engine.mutation import UNNOTICED, How
from staleproof.history.device_memory.mutants import (
    SUBJECTS,
    Outcome,
    complaints,
    examine,
    mutants_of,
    read_reasons,
    record,
)

REASONS = read_reasons(PROOFS / "device_memory_unnoticed.toml")


def examined(task: tuple[str, str]) -> Outcome:
    """One mutant, examined in a worker."""
    subject, name = task
    return examine(subject, next(m for m in mutants_of(subject) if m.name == name))


def names_of(subject: str) -> Sequence[str]:
    """The names of the mutants of a system."""
    return [m.name for m in mutants_of(subject)]


def settled(subject: str) -> dict[str, Outcome]:
    """What is recorded as noticed. What nothing noticed has to be asked again."""
    known = set(names_of(subject))
    return {
        name: Outcome(How[entry["how"]], entry["by"])
        for name, entry in recorded(subject)["mutants"].items()
        if name in known and "by" in entry
    }


def report(documents: Mapping[str, Mapping[str, Any]]) -> None:
    """Who noticed each mutant, and the sums."""
    everything = [(s, n, e) for s, d in documents.items() for n, e in d["mutants"].items()]
    for title, hows in (
        ("noticed by a proved claim", (How.REFUTED, How.VACUOUS, How.KILLER)),
        ("noticed by a refuted claim", (How.HELD,)),
        ("noticed by a lemma only", (How.LEMMA,)),
        ("noticed by nothing", UNNOTICED),
    ):
        some = [x for x in everything if How[x[2]["how"]] in hows]
        print(f"\n{title}: {len(some)}\n")
        for subject, name, entry in some:
            by = f"{entry.get('by', '')} {entry['how']}".strip()
            print(f"{by:44} {subject} {name}")
            if "by" not in entry:
                print(f"    {' '.join(REASONS.get(f'{subject} {name}', 'NO REASON').split())}")
    print()
    width = max(map(len, documents))
    print(f"{'':{width}}" + "".join(f"{how.name:>14}" for how in How))
    for subject, document in documents.items():
        counts = document["outcomes"]
        print(f"{subject:{width}}" + "".join(f"{counts[how.name] or '':>14}" for how in How))


if __name__ == "__main__":
    sys.exit(
        main(
            Study(
                doc=__doc__ or "",
                what="SYSTEM",
                names=tuple(SUBJECTS),
                at_once=400,
                mutants=names_of,
                settled=settled,
                examine=examined,
                record=record,
                report=report,
                complaints=lambda _, document: complaints(document, REASONS),
            )
        )
    )
