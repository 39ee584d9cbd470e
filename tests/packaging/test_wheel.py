"""The wheel is all that a user needs."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from fakes.shell import ROOT


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from this checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    offline = ["--no-deps", "--no-build-isolation"]
    subprocess.run(
        [sys.executable, "-m", "pip", "wheel", *offline, "--wheel-dir", str(folder), str(ROOT)],
        check=True,
        capture_output=True,
    )
    (built,) = folder.glob("staleproof-*.whl")
    return built


@pytest.fixture(scope="session")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that holds the unpacked wheel and nothing else."""
    folder = tmp_path_factory.mktemp("site")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder


def test_the_wheel_holds_every_source_and_c_text(wheel: Path) -> None:
    """What lies in spec/staleproof lies in the wheel, the C files included."""
    package = ROOT / "spec" / "staleproof"
    sources = {
        str(p.relative_to(ROOT / "spec"))
        for p in package.rglob("*")
        if p.is_file() and p.suffix in (".py", ".c", ".typed")
    }
    with zipfile.ZipFile(wheel) as archive:
        packed = set(archive.namelist())

    assert sources - packed == set()
    assert not any(n.startswith(("tests/", "proofs/", "docs/")) for n in packed)


@pytest.mark.parametrize("arguments", [["list"], ["prove", "GVF-2@v4"], ["trace", "GVF-2@v4"]])
def test_the_wheel_alone_runs(installed: Path, tmp_path: Path, arguments: list[str]) -> None:
    """Outside of the checkout, with the wheel's files only, the commands work."""
    code = (
        "import sys, staleproof\n"
        f"assert staleproof.__file__.startswith({str(installed)!r}), staleproof.__file__\n"
        "from staleproof.cli.main import run\n"
        f"if __name__ == '__main__': sys.exit(run({arguments!r}))\n"
    )
    script = tmp_path / "run.py"
    script.write_text(code)
    done = subprocess.run(
        [sys.executable, str(script)],
        cwd=tmp_path,
        env={
            **os.environ,
            "PYTHONPATH": str(installed),
            "STALEPROOF_CACHE": str(tmp_path / "cache"),
        },
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert "GVF-2@v4" in done.stdout
