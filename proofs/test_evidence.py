"""The evidence is of the claims, of all of them, and of nothing else."""

from __future__ import annotations

import ast
from pathlib import Path

from staleproof.claims import all_claims, matching

HERE = Path(__file__).parent


def test_every_claim_has_evidence_and_no_evidence_is_left_over() -> None:
    """The files of proofs/evidence/ are those of the claims."""
    files = {p.stem for p in (HERE / "evidence").glob("*.json")}

    assert {c.name.replace("/", "_") for c in all_claims()} == files


def test_every_claim_is_proved_by_exactly_one_module() -> None:
    """No claim is left out of `pytest proofs`, and none is proved twice."""
    patterns = [
        ast.literal_eval(call.args[0])
        for path in sorted(HERE.glob("test_*.py"))
        for call in ast.walk(ast.parse(path.read_text()))
        if isinstance(call, ast.Call) and getattr(call.func, "id", "") == "matching"
        if isinstance(call.args[0], ast.Tuple) and call.args[0].elts
        if all(isinstance(e, ast.Constant) for e in call.args[0].elts)
    ]
    proved = [c.name for pattern in patterns for c in matching(pattern)]

    assert sorted(proved) == sorted(c.name for c in all_claims())


def test_evidence_is_the_same_wherever_it_is_recorded() -> None:
    """No recorded trace names a folder of the machine that it was found on."""
    root = str(HERE.parent)

    assert [p.name for p in HERE.glob("evidence/*.json") if root in p.read_text()] == []
