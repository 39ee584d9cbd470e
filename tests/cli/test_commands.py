"""What the commands print and how they end."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
import sys

import pytest

from fakes.shell import Shell


@pytest.mark.parametrize(
    ("fake", "code"), [("good", 0), ("differs", 1), ("undecided", 3), ("bad", 4)]
)
def test_the_exit_code_says_how_it_went(shell: Shell, fake: str, code: int) -> None:
    """Exit codes are those of the documentation, the worst of all claims."""
    assert shell.run("prove", fake=fake).returncode == code


def test_results_come_in_the_order_of_the_claims(shell: Shell) -> None:
    """However many jobs there are, the table has the order of the claims."""
    lines = shell.run("prove", "--jobs", "3").stdout.splitlines()

    names = [line.split()[0] for line in lines[1:4]]
    assert names == ["FAKE-1@legacy", "FAKE-1@v4", "FAKE-2@v4"]


def test_results_go_to_stdout_and_progress_to_stderr(shell: Shell) -> None:
    """Outside of a terminal, progress is one plain line per claim."""
    done = shell.run("prove", "--jobs", "1")

    assert "[1/3] FAKE-1@legacy PROVED (0.25 s)" in done.stderr.splitlines()
    assert "[1/3]" not in done.stdout
    assert "\x1b" not in done.stdout + done.stderr


def test_kept_verdicts_are_given_again(shell: Shell) -> None:
    """The second run decides nothing; --no-cache does."""
    first, second, third = (
        shell.run("prove"),
        shell.run("prove"),
        shell.run("prove", "--no-cache"),
    )

    assert first.stdout == second.stdout == third.stdout
    assert second.stderr == ""
    assert "[3/3]" in third.stderr


def test_undecided_and_broken_verdicts_are_not_kept(shell: Shell) -> None:
    """A crash or an exhausted budget is tried again next time."""
    shell.run("prove", fake="bad")

    names = {p.stem for p in (shell.folder / "cache").glob("*/*.json")}
    assert names == {"FAKE-1@legacy", "FAKE-1@v4", "FAKE-2@v4"}


def test_a_dying_worker_breaks_its_own_claim_only(shell: Shell) -> None:
    """The others are decided; the one that died is BROKEN."""
    done = shell.run("prove", "--jobs", "2", fake="bad")

    assert "DIES-1@v4             BROKEN" in done.stdout
    assert "RAISES-1@v4           BROKEN" in done.stdout
    assert "ZeroDivisionError: of the fake engine" in done.stdout
    assert "6 claims: 2 PROVED, 1 REFUTED, 1 UNDECIDED, 2 BROKEN" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr


def test_debugging_shows_the_traceback_of_a_worker(shell: Shell) -> None:
    """STALEPROOF_DEBUG=1 shows where the tool failed."""
    done = shell.run("prove", "RAISES-*", fake="bad", STALEPROOF_DEBUG="1")

    assert "in decide" in done.stdout


def test_a_broken_trace_is_broken(shell: Shell) -> None:
    """`trace` of a claim whose process dies prints the verdict and exits with 4."""
    done = shell.run("trace", "DIES-1@v4", fake="bad")

    assert done.returncode == 4
    assert done.stdout == "DIES-1@v4 is BROKEN(the process that worked on it exited with 7)\n"


@pytest.mark.parametrize("form", ["text", "mail", "itf", "json"])
def test_a_trace_comes_in_four_formats(shell: Shell, form: str) -> None:
    """Each format of a trace that is as expected exits with 0."""
    done = shell.run("trace", "FAKE-2@v4", "--format", form)

    assert done.returncode == 0
    if form in ("itf", "json"):
        document = json.loads(done.stdout)
        states = document["states"] if form == "itf" else document["trace"]["states"]
        assert len(states) == 3
    else:
        assert "Now GVF-2 is violated" in done.stdout


def test_check_shows_verdicts_and_traces(shell: Shell) -> None:
    """A refuted property of a user's function comes with its trace and exit code 1."""
    (shell.folder / "f.c").write_text("int f(void) { return 0; }\n")

    done = shell.run("check", "f.c", "--function", "f")
    narrowed = shell.run("check", "f.c", "--function", "f", "--property", "GVF-1")

    assert done.returncode == 1
    assert "GVF-2  REFUTED  A range that is mapped" in done.stdout
    assert "1. v4.c:70" in done.stdout
    assert done.stdout.endswith("2 properties: 1 PROVED, 1 REFUTED; 1 not as expected.\n")
    assert narrowed.returncode == 0
    assert "f: parsing" in done.stderr


def test_check_does_not_count_what_says_nothing_about_the_file(shell: Shell) -> None:
    """VACUOUS beside something PROVED is no failure; alone it is one."""
    (shell.folder / "f.c").write_text("int f(void) { return 0; }\n")
    asked = ("check", "f.c", "--function", "f", "--property", "GVF-8")

    alone = shell.run(*asked)
    beside = shell.run(*asked, "--property", "GVF-1")
    document = json.loads(shell.run(*asked, "--property", "GVF-1", "--json").stdout)

    assert alone.returncode == 1
    assert alone.stdout.endswith("1 property: 1 VACUOUS; 1 not as expected.\n")
    assert beside.returncode == 0
    assert beside.stdout.endswith("2 properties: 1 PROVED, 1 VACUOUS; all as expected.\n")
    assert document["exit_code"] == 0
    assert [p["verdict"] for p in document["properties"]] == ["VACUOUS", "PROVED"]


def test_evidence_is_written_only_when_asked(shell: Shell) -> None:
    """--record writes one file per decided claim, without times, and their index."""
    folder = shell.folder / "evidence"
    folder.mkdir()

    shell.run("prove", fake="bad", STALEPROOF_EVIDENCE=str(folder))
    assert list(folder.iterdir()) == []
    shell.run("prove", "--record", fake="bad", STALEPROOF_EVIDENCE=str(folder))

    names = {p.name for p in folder.iterdir()}
    claims = {"FAKE-1@legacy.json", "FAKE-1@v4.json", "FAKE-2@v4.json"}
    assert names == {*claims, "index.jsonl"}
    assert "seconds" not in (folder / "FAKE-1@v4.json").read_text()


def test_list_shows_recorded_verdicts_where_nothing_is_kept(shell: Shell) -> None:
    """Without a cache, the evidence says what last came out."""
    folder = shell.folder / "evidence"
    folder.mkdir()
    shell.run("prove", "--record", STALEPROOF_EVIDENCE=str(folder))

    done = shell.run(
        "list",
        "--json",
        STALEPROOF_EVIDENCE=str(folder),
        STALEPROOF_CACHE=str(shell.folder / "empty"),
    )

    claims = json.loads(done.stdout)["claims"]
    assert [c["verdict"] for c in claims] == ["PROVED", "PROVED", "REFUTED"]


def on_terminal(shell: Shell, *arguments: str, **extra: str) -> str:
    """What a command prints on a terminal."""
    main, end = pty.openpty()
    done = subprocess.Popen(
        shell.command(arguments, "good"),
        cwd=shell.folder,
        env={**shell.environment, "TERM": "xterm", **extra},
        stdin=end,
        stdout=end,
        stderr=end,
    )
    os.close(end)
    parts = []
    while True:
        try:
            part = os.read(main, 65536)
        except OSError:
            break
        if not part:
            break
        parts.append(part)
    os.close(main)
    assert done.wait(60) == 0
    return b"".join(parts).decode()


COLOUR = re.compile(r"\x1b\[(3[0-7]|1|2)(;\d+)*m")


def test_colours_are_for_terminals(shell: Shell) -> None:
    """On a terminal verdicts are coloured, with a bar while they are awaited."""
    text = on_terminal(shell, "prove")

    assert "\x1b[32mPROVED\x1b[0m" in text
    assert "3/3" in text


def test_no_color_is_honoured(shell: Shell) -> None:
    """NO_COLOR takes the colours away."""
    assert not COLOUR.search(on_terminal(shell, "prove", NO_COLOR="1"))


HEAVY = ("z3", "bitwuzla", "sympy", "tree_sitter", "rich", "asyncio")


@pytest.mark.parametrize("arguments", [["list"], ["--help"], ["explain", "SP401"]])
def test_nothing_heavy_is_imported_for_a_list(shell: Shell, arguments: list[str]) -> None:
    """`list` answers at once because it imports no solver, no parser, no terminal library."""
    code = (
        "import sys\n"
        "from staleproof.cli.main import run\n"
        f"assert run({arguments!r}) == 0\n"
        f"print([m for m in {HEAVY!r} if m in sys.modules], file=sys.stderr)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=dict(shell.environment),
        cwd=shell.folder,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert done.stderr == "[]\n"


@pytest.mark.parametrize("command", ["list", "prove", "trace", "check", "explain"])
def test_every_command_has_help(shell: Shell, command: str) -> None:
    """--help fits 80 columns and exits with 0."""
    done = shell.run(command, "--help")

    assert done.returncode == 0
    assert done.stdout.startswith("Usage: staleproof ")
    assert max(map(len, done.stdout.splitlines())) <= 80


def test_the_exit_codes_stand_in_the_help(shell: Shell) -> None:
    """The meaning of every exit code is part of --help."""
    text = shell.run("--help").stdout

    for line in ("0  every verdict is as expected", "3  something is UNDECIDED", "4  BROKEN"):
        assert line in text
