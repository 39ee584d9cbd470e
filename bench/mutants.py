"""Break each C function in every small way: a claim must notice each time.

Every mutant of the texts of frame_vector.c is examined. The table tells, for each version, who
noticed how many. Exit 1 when a mutant is noticed by nothing and is no equivalent either, or when an
equivalent is noticed after all. With --record the outcomes go to proofs/evidence/mutants/.
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

from staleproof.cfront.mutate import Mutant
from staleproof.kernel.frame_vector.mutants import (
    REFUSED,
    VERSIONS,
    Outcome,
    complaints,
    digest_of_claims,
    examine,
    mutants_of,
    read_equivalents,
    record,
)

PROOFS = Path(__file__).parents[1] / "proofs"
EVIDENCE = PROOFS / "evidence" / "mutants"
EQUIVALENTS = PROOFS / "mutants_equivalent.toml"
AT_ONCE = 60
"""How many mutants a process examines before another takes over: terms are kept for ever."""


def examined(task: tuple[str, Mutant]) -> tuple[str, str, Outcome]:
    """One mutant, examined in a worker."""
    version, mutant = task
    return version, mutant.name, examine(version, mutant)


def settled(version: str) -> dict[str, Outcome]:
    """Who noticed which mutant, by the record, and which are listed as equivalents and were
    examined against the claims of today.
    """
    path = EVIDENCE / f"{version}.json"
    document = json.loads(path.read_text()) if path.exists() else {"mutants": {}, "claims": ""}
    told = document["mutants"]
    # What is noticed stays so when claims are added; what nothing noticed has to be asked again.
    still_open = document["claims"] != digest_of_claims(version)
    equivalents = {} if still_open else read_equivalents(EQUIVALENTS)
    found = {}
    for mutant in mutants_of(version):
        entry, listed = told.get(mutant.name, {}), equivalents.get(f"{version} {mutant.name}")
        if entry.get("change") != mutant.change:
            continue
        if "by" in entry:
            found[mutant.name] = Outcome(entry["by"], entry["how"])
        elif listed is not None and listed.change == mutant.change:
            found[mutant.name] = Outcome("")
    return found


def run(versions: list[str], jobs: int, only_open: bool) -> dict[str, dict[str, Any]]:
    """The record of each version; with `only_open` what is settled is not examined again."""
    outcomes = {version: settled(version) if only_open else {} for version in versions}
    tasks = [
        (version, mutant)
        for version in versions
        for mutant in mutants_of(version)
        if mutant.name not in outcomes[version]
    ]
    done = 0
    for start in range(0, len(tasks), AT_ONCE * jobs):
        some = tasks[start : start + AT_ONCE * jobs]
        with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
            for future in as_completed(pool.submit(examined, task) for task in some):
                version, name, outcome = future.result()
                outcomes[version][name] = outcome
                done += 1
                said = f"{outcome.by} {outcome.how[:40]}" if outcome.by else "not noticed"
                print(f"{done}/{len(tasks)} {version} {name}: {said}", file=sys.stderr, flush=True)
    return {version: record(version, outcomes[version]) for version in versions}


def table(documents: Mapping[str, Mapping[str, Any]]) -> None:
    """Print who noticed how many mutants of each version."""
    names = sorted({by for d in documents.values() for by in d["noticed_by"]}, key=_order)
    print(f"{'':14}" + "".join(f"{version:>14}" for version in documents))
    for what, cell in (
        ("mutants", lambda d: len(d["mutants"])),
        *((by, lambda d, by=by: d["noticed_by"].get(by, "")) for by in names),
        ("equivalent", lambda d: d["unnoticed"]),
    ):
        print(f"{what:14}" + "".join(f"{cell(d):>14}" for d in documents.values()))


def _order(name: str) -> tuple[bool, bool, int, str]:
    family, _, number = name.partition("-")
    return name == REFUSED, family != "GVF", int(number) if number.isdigit() else 0, name


def main() -> int:
    """Examine, print, and compare with the list of equivalents."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("versions", nargs="*", metavar="VERSION", help=", ".join(VERSIONS))
    parser.add_argument("--jobs", type=int, default=2, help="processes (default: 2)")
    parser.add_argument(
        "--open", action="store_true", help="only what is neither noticed nor listed"
    )
    parser.add_argument("--record", action="store_true", help="write proofs/evidence/mutants/")
    options = parser.parse_args()
    unknown = [v for v in options.versions if v not in VERSIONS]
    if unknown:
        parser.error(f"no version {unknown[0]}; there are {', '.join(VERSIONS)}")
    started = time.perf_counter()
    documents = run(options.versions or list(VERSIONS), options.jobs, options.open)
    table(documents)
    print(f"({time.perf_counter() - started:.0f} s)")
    if options.record:
        EVIDENCE.mkdir(parents=True, exist_ok=True)
        for version, document in documents.items():
            text = json.dumps(document, indent=1) + "\n"
            (EVIDENCE / f"{version}.json").write_text(text)
    equivalents = read_equivalents(EQUIVALENTS)
    wrong = [line for d in documents.values() for line in complaints(d, equivalents)]
    for line in wrong:
        print(line)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
