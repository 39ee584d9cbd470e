"""`pytest proofs` shows each claim with its verdict, and fails when anything but a time differs."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from fakes.shell import ROOT, Shell

MODULE = """
import pytest
from staleproof import claims

@pytest.mark.parametrize("claim", claims.matching(("FAKE-*",)), ids=lambda claim: claim.name)
def test_claim(claim, prove):
    prove(claim)
"""


@pytest.fixture
def proofs(shell: Shell) -> Shell:
    """A folder proofs/ over the fake claims, with their evidence."""
    folder = shell.folder / "proofs"
    (folder / "evidence").mkdir(parents=True)
    shutil.copy(ROOT / "proofs" / "conftest.py", folder)
    (folder / "test_fake.py").write_text(MODULE)
    evidence = str(folder / "evidence")
    shell.run("prove", "--record", STALEPROOF_EVIDENCE=evidence)
    return Shell(shell.folder, {**shell.environment, "STALEPROOF_EVIDENCE": evidence})


def run(proofs: Shell, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run ``pytest proofs ARGUMENTS``."""
    plain = ["-p", "fakes.pytest_plugin", "-p", "no:cacheprovider", "--import-mode=importlib"]
    return subprocess.run(
        [sys.executable, "-m", "pytest", "proofs", *plain, "--rootdir=.", *arguments],
        cwd=proofs.folder,
        env={**proofs.environment, "PYTHONPATH": str(ROOT / "tests")},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.mark.parametrize("jobs", ["0", "2"])
def test_there_is_a_line_per_claim(proofs: Shell, jobs: str) -> None:
    """Name and verdict, once each, however many processes there are."""
    done = run(proofs, "-n", jobs)

    assert done.returncode == 0, done.stdout
    words = [line.split()[:2] for line in done.stdout.splitlines() if line.startswith("FAKE-")]
    assert sorted(words) == [
        ["FAKE-1@legacy", "PROVED"],
        ["FAKE-1@v4", "PROVED"],
        ["FAKE-2@v4", "REFUTED"],
    ]
    assert "3 passed" in done.stdout


def test_claims_can_be_selected(proofs: Shell) -> None:
    """-k takes a property's name."""
    done = run(proofs, "-k", "FAKE-2")

    assert "1 passed, 2 deselected" in done.stdout


def test_the_verdict_is_in_the_junit_report(proofs: Shell) -> None:
    """Other programs find claim and verdict as properties of the test."""
    run(proofs, "--junitxml", "report.xml")

    tree = ElementTree.parse(proofs.folder / "report.xml")
    properties = {(p.get("name"), p.get("value")) for p in tree.iter("property")}
    assert {("claim", "FAKE-2@v4"), ("verdict", "REFUTED")} <= properties


def test_a_difference_fails(proofs: Shell) -> None:
    """Evidence that does not come out again is shown by its place."""
    path = Path(proofs.environment["STALEPROOF_EVIDENCE"]) / "FAKE-1@v4.json"
    path.write_text(path.read_text().replace("ret <= nr_frames", "ret < nr_frames"))

    done = run(proofs)

    assert done.returncode == 1
    assert 'lemmas[0]: recorded "ret < nr_frames", found "ret <= nr_frames"' in done.stdout
    assert "NOT AS EXPECTED OR RECORDED" in done.stdout
    assert "1 failed, 2 passed" in done.stdout


GROUPED = """
import os
import pytest

MARKED = [pytest.param(n, marks=pytest.mark.xdist_group(f"group {n // 4}")) for n in range(8)]

@pytest.mark.parametrize("number", MARKED)
def test_marked(number, record_property):
    record_property("group", number // 4)
    record_property("worker", os.environ["PYTEST_XDIST_WORKER"])
"""


def test_claims_about_one_system_go_to_one_process(tmp_path: Path) -> None:
    """What was found out for one of them is known to the next: so `make proofs` groups them."""
    (tmp_path / "test_grouped.py").write_text(GROUPED)
    options = ["-n", "2", "--dist", "loadgroup", "--junitxml=out.xml", "-p", "no:cacheprovider"]
    subprocess.run([sys.executable, "-m", "pytest", *options], cwd=tmp_path, check=True, timeout=60)
    told = [
        tuple(p.attrib["value"] for p in case.iter("property"))
        for case in ElementTree.parse(tmp_path / "out.xml").iter("testcase")
    ]

    assert len(told) == 8
    assert len(set(told)) == 2
