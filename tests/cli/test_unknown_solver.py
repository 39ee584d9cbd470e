"""A solver that never knows: no command ever says PROVED or REFUTED, and no exit code is 0."""

from __future__ import annotations

import json

import pytest

from fakes.shell import ROOT, Shell

V4 = ROOT / "spec" / "staleproof" / "series" / "p05_frame_vector" / "v4.c"


def test_prove_decides_nothing(shell: Shell) -> None:
    """Claims of each kind come out UNDECIDED, killers and all, and nothing is kept."""
    kinds = ("GVF-[1-3]@v4", "GVF-7@v4", "GVF-8@v4", "GVF-9@merged", "GVF-13@v4", "GVF-15@v4")
    done = shell.run("prove", *kinds, "--json", fake="unknown")

    claims = json.loads(done.stdout)["claims"]
    assert done.returncode == 3
    assert {c["verdict"] for c in claims} == {"UNDECIDED"}
    assert list((shell.folder / "cache").rglob("*.json")) == []


@pytest.mark.parametrize("form", ["text", "mail", "itf", "json"])
def test_trace_shows_no_trace(shell: Shell, form: str) -> None:
    """Without an answer there is no counterexample in any format."""
    done = shell.run("trace", "GVF-2@v4", "--format", form, fake="unknown")

    assert done.returncode == 3
    assert done.stdout.startswith("GVF-2@v4 is UNDECIDED")


def test_check_decides_nothing(shell: Shell) -> None:
    """A C function of the user's own is neither proved nor refuted."""
    arguments = ("check", str(V4), "--function", "get_vaddr_frames", "--json")
    done = shell.run(*arguments, fake="unknown")

    properties = json.loads(done.stdout)["properties"]
    assert done.returncode == 3
    assert {p["verdict"] for p in properties} == {"UNDECIDED"}


def test_list_and_explain_claim_nothing(shell: Shell) -> None:
    """They ask no solver, and show no verdict where there is none on record."""
    nowhere = str(shell.folder)
    listed = shell.run("list", "--json", fake="unknown", STALEPROOF_EVIDENCE=nowhere)
    explained = shell.run("explain", "GVF-2@v4", fake="unknown", STALEPROOF_EVIDENCE=nowhere)

    assert {c["verdict"] for c in json.loads(listed.stdout)["claims"]} == {None}
    assert "No verdict is on record" in explained.stdout
