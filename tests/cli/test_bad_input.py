"""Whatever is typed or lies on the disk: a clear message, the right exit code, no traceback."""

from __future__ import annotations

import os
import shlex
import subprocess
from pathlib import Path

import pytest

from fakes.shell import Shell


def refused(done: subprocess.CompletedProcess[str], code: str, exit_code: int = 2) -> str:
    """Check that a command failed with this error and nothing else; returns the message."""
    assert done.returncode == exit_code, done.stderr
    assert code in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
    return done.stderr


@pytest.mark.parametrize("command", ["trace", "explain", "prove", "list"])
def test_a_wrong_claim_name_suggests_the_nearest(shell: Shell, command: str) -> None:
    """A typo in a claim's name is answered with the name that was probably meant."""
    message = refused(shell.run(command, "FAKE-2@v5"), "SP401")

    assert "did you mean FAKE-2@v4" in message


@pytest.mark.parametrize("command", ["trace", "explain", "prove", "list"])
@pytest.mark.parametrize("name", ["FAKE-1", "fake-1", "FAKE-1@v99", "FAKE-1 "])
def test_a_wrong_version_suggests_those_that_there_are(
    shell: Shell, command: str, name: str
) -> None:
    """Where the property is right, no other property is suggested."""
    message = refused(shell.run(command, name), "SP401")

    assert "did you mean FAKE-1@legacy or FAKE-1@v4? See" in message


def test_a_claim_in_small_letters_suggests_itself(shell: Shell) -> None:
    """And nothing else."""
    assert "did you mean FAKE-1@v4? See" in refused(shell.run("explain", "fake-1@V4"), "SP401")


@pytest.mark.parametrize("name", ["FAKE-2@v4", "FAKE-2@", "fake-2"])
def test_a_claim_is_no_property(shell: Shell, name: str) -> None:
    """`matrix` takes the name without the version, and says so."""
    message = refused(shell.run("matrix", name), "SP401")

    assert "without its version" in message
    assert "did you mean FAKE-2" in message


@pytest.mark.parametrize("command", ["trace", "explain", "prove", "list", "matrix"])
@pytest.mark.parametrize("name", ["", " "])
def test_an_empty_name_is_told(shell: Shell, command: str, name: str) -> None:
    """Instead of a message with a hole in it."""
    assert "is empty" in refused(shell.run(command, name), "SP501")


def test_a_pattern_without_claims_is_an_error(shell: Shell) -> None:
    """Proving nothing must not look like success."""
    message = refused(shell.run("prove", "NOPE-*"), "SP401")

    assert "no claim matches NOPE-*" in message
    assert "staleproof list" in message


def test_an_unknown_command_suggests_the_nearest(shell: Shell) -> None:
    """A typo in a command is answered with the command."""
    assert "Did you mean 'prove'?" in refused(shell.run("proof"), "SP501")


@pytest.mark.parametrize(
    "arguments",
    [
        ("prove", "--cach"),
        ("prove", "--jobs", "0"),
        ("prove", "--jobs", "many"),
        ("trace",),
        ("trace", "FAKE-2@v4", "--format", "pdf"),
        ("check", "x.c"),
        ("check", "x.c", "--function", ""),
        ("check", "x.c", "--function", "f", "--property", ""),
        ("check", "x.c", "--function", "f", "--havoc", " "),
        ("diff", "x.c", "y.c", "--function", ""),
        ("diff", "x.c", "y.c", "--function", "f", "--when", ""),
        ("--colour",),
    ],
)
def test_a_wrong_option_says_where_to_look(shell: Shell, arguments: tuple[str, ...]) -> None:
    """Unknown options, bad values and missing arguments point to the right --help."""
    assert "--help" in refused(shell.run(*arguments), "SP501")


@pytest.mark.parametrize("option", ["--format", "--no-cache=1"])
def test_an_option_without_its_value_points_to_its_command(shell: Shell, option: str) -> None:
    """Not to the list of commands."""
    message = refused(shell.run("trace", "FAKE-2@v4", option), "SP501")

    assert "see: staleproof trace --help" in message


def test_a_callee_that_is_not_called_is_refused(shell: Shell) -> None:
    """--havoc of a name that is mistyped would change nothing; the nearest is suggested."""
    (shell.folder / "f.c").write_text("int get(int);\nint f(int x)\n{\n\treturn get(x);\n}\n")
    check = ("check", "f.c", "--function", "f", "--havoc", "get")
    done = shell.run(*check, "--havoc", "gett", fake=None)

    assert "did you mean get?" in refused(done, "SP501 f does not call gett")
    assert shell.run(*check, fake=None).returncode == 0


def test_a_trace_of_a_proved_claim_is_refused(shell: Shell) -> None:
    """What is proved has no counterexample, and that is said."""
    done = shell.run("trace", "FAKE-1@v4")

    assert done.returncode == 2
    assert "SP402 FAKE-1@v4 is PROVED" in done.stderr
    assert done.stdout == ""


def test_an_unknown_error_code_is_refused(shell: Shell) -> None:
    """`explain` knows what codes there are."""
    refused(shell.run("explain", "SP999"), "SP406")


# C files


TEXT = "int f(int x)\n{\n\treturn x;\n}\n"


def check(shell: Shell, content: str | bytes, function: str = "f") -> str:
    """The message for a file of that content; nothing goes to stdout, and no traceback."""
    path = shell.folder / "file.c"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    done = shell.run("check", "file.c", "--function", function)

    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
    return done.stderr


def test_a_good_file_is_no_bad_input(shell: Shell) -> None:
    """The control of the tests below."""
    (shell.folder / "file.c").write_text(TEXT)

    assert shell.run("check", "file.c", "--function", "f", "--property", "X").returncode == 0


def test_a_missing_file_is_refused(shell: Shell) -> None:
    """A path to nothing."""
    assert "No such file" in refused(shell.run("check", "none.c", "--function", "f"), "SP2")


def test_a_folder_is_refused(shell: Shell) -> None:
    """A path to a folder."""
    assert "directory" in refused(shell.run("check", ".", "--function", "f"), "SP2")


@pytest.mark.skipif(os.geteuid() == 0, reason="root can read everything")
def test_an_unreadable_file_is_refused(shell: Shell) -> None:
    """A file that this user may not read."""
    path = shell.folder / "closed.c"
    path.write_text(TEXT)
    path.chmod(0)

    assert "ermission denied" in refused(shell.run("check", str(path), "--function", "f"), "SP2")


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"", "is empty"),
        (b" \n\t\n", "is empty"),
        (b"int f(void)\n{\n\0", "NUL"),
        (b"\x7fELF\x02\x01\x01\0\0", "NUL"),
        (b"int f;\n/* \xff\xfe */", "not UTF-8"),
        (b"int x;\n" * (50 << 20 >> 3), "larger than 4 MiB"),
    ],
    ids=["nothing", "blanks", "nul", "elf", "latin", "50-megabytes"],
)
def test_what_is_no_c_text_is_refused(shell: Shell, content: bytes, what: str) -> None:
    """Empty, binary and enormous files are told from C text before they are parsed."""
    assert what in check(shell, content)


def test_a_function_that_is_not_there_is_refused(shell: Shell) -> None:
    """The message names the function."""
    assert "no_such_function" in check(shell, TEXT, "no_such_function")


@pytest.mark.parametrize(
    ("content", "line"),
    [
        ("int f(int x)\n{\n\treturn x +;\n}\n", 3),
        ('int f(int x)\n{\n\tasm volatile("");\n\treturn x;\n}\n', 3),
        ("int f(int x)\n{\n\treturn x", 1),
        ("int f(float x)\n{\n\treturn x;\n}\n", 1),
    ],
    ids=["syntax", "asm", "cut-off", "float"],
)
def test_an_error_in_c_shows_the_line_and_what_to_do(shell: Shell, content: str, line: int) -> None:
    """What is not understood is shown where it stands, with a caret, and a next step."""
    message = check(shell, content)

    assert f"--> file.c:{line}:" in message
    assert f" {line} | " in message
    assert "^" in message
    assert "  fix: " in message


# Disks


@pytest.mark.parametrize("arguments", [("list",), ("prove",), ("--help",), ("--version",)])
def test_a_full_disk_under_the_output_is_told(shell: Shell, arguments: tuple[str, ...]) -> None:
    """Results that cannot be written are an error, not a success."""
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            shell.command(arguments, "good"),
            cwd=shell.folder,
            env=dict(shell.environment),
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            timeout=60,
            check=False,
        )

    assert done.returncode == 4
    assert "SP502 the results could not be written: No space left on device" in done.stderr
    assert "Traceback" not in done.stderr


def closed(shell: Shell, descriptors: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command as ``staleproof ARGUMENTS 2>&-`` does, with these descriptors closed."""
    command = shlex.join(shell.command(arguments, "good"))
    return subprocess.run(
        ["sh", "-c", f"exec {command} {descriptors}"],
        cwd=shell.folder,
        env=dict(shell.environment),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("arguments", [("list",), ("prove",), ("--help",), ("trace", "FAKE-2@v4")])
def test_a_closed_output_is_told(shell: Shell, arguments: tuple[str, ...]) -> None:
    """There is nowhere to write results to, which is no mistake of the tool."""
    done = closed(shell, ">&-", *arguments)

    assert done.returncode == 4
    assert "SP502 the results could not be written: standard output is closed" in done.stderr
    assert "SP505" not in done.stderr
    assert closed(shell, ">&- 2>&-", *arguments).returncode == 4


@pytest.mark.parametrize("descriptors", ["2>&-", "<&-", "<&- 2>&-"])
@pytest.mark.parametrize("arguments", [("prove", "--no-cache"), ("trace", "FAKE-2@v4")])
def test_results_come_without_the_other_streams(
    shell: Shell, arguments: tuple[str, ...], descriptors: str
) -> None:
    """Nobody hears of the progress, and the results are the same."""
    done = closed(shell, descriptors, *arguments)

    assert done.returncode == 0
    assert done.stdout == shell.run(*arguments).stdout


def test_a_reader_that_goes_away_is_no_error(shell: Shell) -> None:
    """``staleproof list | head -0`` prints no complaint."""
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        shell.command(("list",), "good"),
        cwd=shell.folder,
        env=dict(shell.environment),
        stdout=writer,
        stderr=subprocess.PIPE,
        text=True,
        timeout=60,
        check=False,
    )
    os.close(writer)

    assert done.returncode == 141
    assert done.stderr == ""


def test_an_unwritable_cache_costs_a_warning_only(shell: Shell) -> None:
    """The verdict is printed all the same."""
    (shell.folder / "file").write_text("")

    done = shell.run("prove", STALEPROOF_CACHE=str(shell.folder / "file"))

    assert done.returncode == 0
    assert done.stderr.count("warning: SP503 verdicts are not kept in") == 1
    assert "3 claims: 2 PROVED, 1 REFUTED; all as expected." in done.stdout


def test_a_damaged_cache_entry_is_decided_again(shell: Shell) -> None:
    """One warning, the right verdict, and a whole entry afterwards."""
    shell.run("prove")
    (entry,) = (shell.folder / "cache").glob("*/FAKE-2@v4.json")
    entry.write_text(entry.read_text()[:100])

    damaged, healed = shell.run("prove"), shell.run("prove")

    assert damaged.returncode == healed.returncode == 0
    assert damaged.stderr.count("warning: SP504") == 1
    assert "FAKE-2@v4 REFUTED" in damaged.stderr
    assert healed.stderr == ""


def test_recording_outside_of_a_checkout_is_refused(shell: Shell) -> None:
    """Evidence is not written into whatever folder one happens to be in."""
    refused(shell.run("prove", "--record"), "SP405")


def test_damaged_evidence_is_a_warning_of_list(shell: Shell) -> None:
    """`list` shows what it can."""
    folder = shell.folder / "evidence"
    folder.mkdir()
    (folder / "index.jsonl").write_text("{")

    done = shell.run("list", STALEPROOF_EVIDENCE=str(folder))

    assert done.returncode == 0
    assert "warning: SP403" in done.stderr
