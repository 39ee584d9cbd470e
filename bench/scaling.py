"""How the search for a trace grows: with the scope, and with the length of the run.

The window of REV-1@v4 is searched with more elements of one sort at a time, and runs without a
violation (REV-1a@v4) are searched to growing lengths.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping
from dataclasses import replace

from staleproof.claims import all_claims
from staleproof.engine.finite_search import FiniteSearch
from staleproof.engine.question import Question
from staleproof.engine.solve import Answer, Budget
from staleproof.lang.sorts import Unbounded
from staleproof.logic.scope import Scope
from staleproof.logic.z3_lowering import Z3Lowering

GROWING = ("Vma", "Page", "Claim")
MOST = 4
LENGTHS = (6, 9, 12, 15, 18)
BUDGET = Budget(resources=200_000_000, seconds=60)


def question(name: str) -> Question:
    """The question of a claim."""
    (claim,) = (c for c in all_claims() if c.name == name)
    asked: Question = claim.build()
    return asked


def sizes(asked: Question, **more: int) -> Scope:
    """The smallest scope of the question, with more elements of some sorts."""
    scope = asked.limits.scopes[0]
    found: Mapping[Unbounded, int] = {s: more.get(s.name, size) for s, size in scope.sizes.items()}
    return replace(scope, sizes=found)


def searched(asked: Question, scope: Scope, most: int) -> str:
    """How long a search takes and what comes out, as a cell of the table."""
    started = time.perf_counter()
    search = FiniteSearch(asked.system, (asked.prop,), scope, BUDGET, Z3Lowering())
    reached = search.run(most)
    seconds = time.perf_counter() - started
    said = {Answer.UNSAT: "none", Answer.UNKNOWN: "gave up"}
    what = f"{reached} steps" if isinstance(reached, int) else said[reached]
    return f"{seconds:6.2f} s {what:>8}"


def main() -> int:
    """Print both tables."""
    window, safe = question("REV-1@v4"), question("REV-1a@v4")
    print("a shortest trace of REV-1@v4, by the number of elements of one sort")
    print(f"{'':8}" + "".join(f"{n:>18}" for n in range(1, MOST + 1)))
    for sort in GROWING:
        cells = (searched(window, sizes(window, **{sort: n}), 18) for n in range(1, MOST + 1))
        print(f"{sort:8}" + "".join(f"{c:>18}" for c in cells), flush=True)
    cells = (
        searched(window, sizes(window, Vma=n, Page=n, Claim=n), 18) for n in range(1, MOST + 1)
    )
    print(f"{'all':8}" + "".join(f"{c:>18}" for c in cells), flush=True)
    print("no violation of REV-1a@v4, by the length of the run")
    print(f"{'VMAs':8}" + "".join(f"{n:>18}" for n in LENGTHS))
    for vmas in (1, 2):
        cells = (searched(safe, sizes(safe, Vma=vmas, Mm=vmas), n) for n in LENGTHS)
        print(f"{vmas:<8}" + "".join(f"{c:>18}" for c in cells), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
