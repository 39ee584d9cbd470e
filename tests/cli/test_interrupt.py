"""Ctrl-C and sudden death leave nothing half-done behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time

import pytest

from fakes.shell import Shell


def started(shell: Shell, line: str, *arguments: str) -> subprocess.Popen[str]:
    """A command that will not end by itself, once it has printed `line`."""
    running = subprocess.Popen(
        shell.command((*(arguments or ("prove",)), "--jobs", "1"), "slow"),
        cwd=shell.folder,
        env=dict(shell.environment),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert running.stderr is not None
    while line not in running.stderr.readline():
        assert running.poll() is None
    return running


def group_is_gone(group: int) -> bool:
    """Whether every process of the group has ended within some seconds."""
    for _ in range(100):
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.1)
    return False


@pytest.mark.parametrize("whole_group", [True, False])
def test_ctrl_c_is_one_line_and_keeps_what_was_finished(shell: Shell, whole_group: bool) -> None:
    """Exit code 130, no traceback, no process left, the finished verdicts in the cache, whole."""
    running = started(shell, "[3/4]")

    (os.killpg if whole_group else os.kill)(running.pid, signal.SIGINT)
    stdout, stderr = running.communicate(timeout=20)

    assert running.returncode == 130
    assert stdout == ""
    assert stderr == "interrupted; verdicts that were finished are kept\n"
    assert group_is_gone(running.pid)
    files = [p for p in (shell.folder / "cache").rglob("*") if p.is_file()]
    assert {p.stem for p in files} == {"FAKE-1@legacy", "FAKE-1@v4", "FAKE-2@v4"}
    assert all(json.loads(line) for p in files for line in p.read_text().splitlines())


def test_workers_do_not_outlive_a_killed_command(shell: Shell) -> None:
    """When the command is killed outright, its workers end by themselves."""
    running = started(shell, "[3/4]")

    running.kill()
    running.communicate(timeout=20)

    assert group_is_gone(running.pid)


def test_ctrl_c_keeps_what_was_found_out_of_patches(shell: Shell) -> None:
    """The same of `matrix --patches`."""
    running = started(shell, "[1/2]", "matrix", "--patches")

    os.killpg(running.pid, signal.SIGINT)
    stdout, stderr = running.communicate(timeout=20)

    assert (running.returncode, stdout) == (130, "")
    assert stderr == "interrupted; verdicts that were finished are kept\n"
    assert group_is_gone(running.pid)
    files = [p for p in (shell.folder / "cache").rglob("*") if p.is_file()]
    assert {p.stem for p in files} == {"patches of FAKE-1"}
