"""What runs over mutants have in common: the command line, the processes, the records."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

PROOFS = Path(__file__).parents[1] / "proofs"
EVIDENCE = PROOFS / "evidence" / "mutants"


@dataclass(frozen=True)
class Study:
    """What is mutated, and what is done with each mutant.

    `mutants` names those of a subject, and `settled` tells what is known of some by the record.
    `examine`, of the two names, runs in other processes. `report` prints all records, and
    `complaints` says what is wrong with one.
    """

    doc: str
    what: str
    names: Sequence[str]
    at_once: int
    """How many mutants a process examines before another takes over: terms are kept for ever."""
    mutants: Callable[[str], Sequence[str]]
    settled: Callable[[str], dict[str, Any]]
    examine: Callable[[tuple[str, str]], Any]
    record: Callable[[str, Mapping[str, Any]], dict[str, Any]]
    report: Callable[[Mapping[str, Mapping[str, Any]]], None]
    complaints: Callable[[str, Mapping[str, Any]], list[str]]
    more: Sequence[str] = ()
    """What is mutated only if it is named."""


def recorded(name: str) -> dict[str, Any]:
    """The record of a subject, or an empty one."""
    path = EVIDENCE / f"{name}.json"
    document: dict[str, Any] = {"mutants": {}}
    return json.loads(path.read_text()) if path.exists() else document


def _run(study: Study, names: Sequence[str], jobs: int, only_open: bool) -> dict[str, Any]:
    """The record of each subject; with `only_open` what is settled is not examined again."""
    outcomes = {name: study.settled(name) if only_open else {} for name in names}
    tasks = [(n, key) for n in names for key in study.mutants(n) if key not in outcomes[n]]
    done = 0
    for start in range(0, len(tasks), study.at_once * jobs):
        some = tasks[start : start + study.at_once * jobs]
        with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
            running = {pool.submit(study.examine, task): task for task in some}
            for future in as_completed(running):
                name, key = running[future]
                outcomes[name][key] = future.result()
                done += 1
                said = f"{done}/{len(tasks)} {name} {key}: {outcomes[name][key]}"
                print(said, file=sys.stderr, flush=True)
    return {name: study.record(name, outcomes[name]) for name in names}


def main(study: Study) -> int:
    """Examine, print, record if asked to, and say what is wrong."""
    parser = argparse.ArgumentParser(description=study.doc.partition("\n")[0])
    known = (*study.names, *study.more)
    parser.add_argument("names", nargs="*", metavar=study.what, help=", ".join(known))
    parser.add_argument("--jobs", type=int, default=2, help="processes (default: 2)")
    parser.add_argument("--open", action="store_true", help="only what the record leaves open")
    parser.add_argument("--record", action="store_true", help="write proofs/evidence/mutants/")
    options = parser.parse_args()
    unknown = [name for name in options.names if name not in known]
    if unknown:
        parser.error(f"there is no {unknown[0]}; there are {', '.join(known)}")
    started = time.perf_counter()
    documents = _run(study, options.names or study.names, options.jobs, options.open)
    study.report(documents)
    print(f"({time.perf_counter() - started:.0f} s)")
    if options.record:
        EVIDENCE.mkdir(parents=True, exist_ok=True)
        for name, document in documents.items():
            (EVIDENCE / f"{name}.json").write_text(json.dumps(document, indent=1) + "\n")
    told = (line for name, d in documents.items() for line in study.complaints(name, d))
    wrong = list(dict.fromkeys(told))
    for line in wrong:
        print(line)
    return 1 if wrong else 0
