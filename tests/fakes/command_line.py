"""The real command line on fake claims: ``python command_line.py SET ARGUMENT...``."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from fakes.claims import SETS
from staleproof import claims
from staleproof.claims import Claim
from staleproof.cli import main, running


def install(name: str) -> None:
    """Replace the claims by a set of fake ones, and the engines by fake ones.

    The set ``unknown`` is the real claims and engines, on a solver that always says unknown.
    """
    if name == "unknown":
        running.DECIDER = "fakes.unknown:decide"
        running.CHECKER = "fakes.unknown:check"
        running.COMPARER = "fakes.unknown:compare"
        running.PATCH_NEEDS = "fakes.unknown:needs"
        return

    def fake_claims() -> tuple[Claim, ...]:
        return SETS[name]

    claims.all_claims = fake_claims
    running.DECIDER = "fakes.engine:decide"
    running.CHECKER = "fakes.engine:check"
    running.SUBJECTS = f"fakes.needs:{name}"
    running.PATCH_NEEDS = "fakes.needs:needs"
    running.CONFIG_NEEDS = "fakes.needs:config"


if __name__ == "__main__":
    install(sys.argv[1])
    sys.exit(main.run(sys.argv[2:]))
