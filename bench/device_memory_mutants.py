"""Leave out each condition and each assignment of the systems of device memory: who notices?

The report tells of every mutant which claim notices it, and how; then of what no claim notices
which lemma does; then of what nothing notices why. Exit 1 when nothing notices a mutant and no
reason is given in proofs/device_memory_unnoticed.toml, or when one is given for nothing. With
--record the outcomes go to proofs/evidence/mutants/.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from pathlib import Path
from typing import Any

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

PROOFS = Path(__file__).parents[1] / "proofs"
EVIDENCE = PROOFS / "evidence" / "mutants"
REASONS = PROOFS / "device_memory_unnoticed.toml"
AT_ONCE = 400
"""How many mutants a process examines before another takes over: terms are kept for ever."""


def examined(task: tuple[str, str]) -> tuple[str, str, Outcome]:
    """One mutant, examined in a worker."""
    subject, name = task
    mutant = next(m for m in mutants_of(subject) if m.name == name)
    return subject, name, examine(subject, mutant)


def settled(subject: str) -> dict[str, Outcome]:
    """What is recorded as noticed. What nothing noticed has to be asked again."""
    path = EVIDENCE / f"{subject}.json"
    told = json.loads(path.read_text())["mutants"] if path.exists() else {}
    known = {m.name for m in mutants_of(subject)}
    return {
        name: Outcome(How[entry["how"]], entry["by"])
        for name, entry in told.items()
        if name in known and "by" in entry
    }


def run(subjects: list[str], jobs: int, only_open: bool) -> dict[str, dict[str, Any]]:
    """The record of each system; with `only_open` what is noticed is not examined again."""
    outcomes = {subject: settled(subject) if only_open else {} for subject in subjects}
    tasks = [
        (subject, mutant.name)
        for subject in subjects
        for mutant in mutants_of(subject)
        if mutant.name not in outcomes[subject]
    ]
    done = 0
    for start in range(0, len(tasks), AT_ONCE * jobs):
        some = tasks[start : start + AT_ONCE * jobs]
        with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
            for future in as_completed([pool.submit(examined, task) for task in some]):
                subject, name, outcome = future.result()
                outcomes[subject][name] = outcome
                done += 1
                said = f"{outcome.how.name} {outcome.by}"
                print(f"{done}/{len(tasks)} {subject} {name}: {said}", file=sys.stderr, flush=True)
    return {subject: record(subject, outcomes[subject]) for subject in subjects}


def report(documents: Mapping[str, Mapping[str, Any]], reasons: Mapping[str, str]) -> None:
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
                print(f"    {' '.join(reasons.get(f'{subject} {name}', 'NO REASON').split())}")
    print()
    width = max(map(len, documents))
    print(f"{'':{width}}" + "".join(f"{how.name:>14}" for how in How))
    for subject, document in documents.items():
        counts = document["outcomes"]
        print(f"{subject:{width}}" + "".join(f"{counts[how.name] or '':>14}" for how in How))


def main() -> int:
    """Examine, print, and compare with the list of reasons."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("systems", nargs="*", metavar="SYSTEM", help=", ".join(SUBJECTS))
    parser.add_argument("--jobs", type=int, default=2, help="processes (default: 2)")
    parser.add_argument("--open", action="store_true", help="only what is not recorded as noticed")
    parser.add_argument("--record", action="store_true", help="write proofs/evidence/mutants/")
    options = parser.parse_args()
    unknown = [s for s in options.systems if s not in SUBJECTS]
    if unknown:
        parser.error(f"no system {unknown[0]}; there are {', '.join(SUBJECTS)}")
    started = time.perf_counter()
    documents = run(options.systems or list(SUBJECTS), options.jobs, options.open)
    reasons = read_reasons(REASONS)
    report(documents, reasons)
    print(f"({time.perf_counter() - started:.0f} s)")
    if options.record:
        EVIDENCE.mkdir(parents=True, exist_ok=True)
        for subject, document in documents.items():
            text = json.dumps(document, indent=1) + "\n"
            (EVIDENCE / f"{subject}.json").write_text(text)
    wrong = list(dict.fromkeys(line for d in documents.values() for line in complaints(d, reasons)))
    for line in wrong:
        print(line)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
