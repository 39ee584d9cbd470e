"""``staleproof matrix``: the table of what is claimed, and what a property needs."""

from __future__ import annotations

import json

from cli.test_schemas import require_valid
from fakes.shell import Shell
from staleproof.verdict import PatchNeeds


def test_the_table_has_a_letter_per_verdict(shell: Shell) -> None:
    """Each property is a row, each version a column."""
    done = shell.run("matrix", "--no-needs")

    assert done.returncode == 0
    assert "P PROVED, R REFUTED" in done.stdout
    rows = {line.split()[0]: line.split()[1:] for line in done.stdout.splitlines() if line}
    assert rows["FAKE-1"] == ["P", "P"]
    assert rows["FAKE-2"] == [".", "R"]


def test_json_is_as_the_schema_says(shell: Shell) -> None:
    """The document of `matrix --json`, with fake claims."""
    document = json.loads(shell.run("matrix", "--json").stdout)

    require_valid(document, "matrix")
    words = [w for p in document["properties"] for w in p["verdicts"].values()]
    assert sorted(words) == ["PROVED", "PROVED", "REFUTED"]


def test_a_wrong_property_is_told(shell: Shell) -> None:
    """An unknown property is bad usage, and the nearest is suggested."""
    done = shell.run("matrix", "REV-1z", fake=None)

    assert done.returncode == 2
    assert "there is no property named REV-1z" in done.stderr
    assert "REV-1" in done.stderr


def test_what_a_property_needs(shell: Shell) -> None:
    """PCI-3 needs patch 11 alone, and no configuration."""
    done = shell.run("matrix", "PCI-3", "--json", fake=None)
    document = json.loads(done.stdout)

    require_valid(document, "matrix")
    (needs,) = document["needs"]
    assert needs["patches"]["minimal"] == [[11]]
    assert needs["patches"]["subsets"] == 32
    assert [u["patch"] for u in needs["patches"]["without"]] == [11]
    assert needs["patches"]["without"][0]["steps"]
    assert needs["configuration"]["formula"] == "always"


def test_what_breaks_a_property(shell: Shell) -> None:
    """REV-4 holds before the series, and is broken by patch 13 without IO_STRICT_DEVMEM."""
    done = shell.run("matrix", "REV-4", fake=None)

    assert "It holds without any of them, and is broken by 13" in " ".join(done.stdout.split())
    assert "It holds: CONFIG_IO_STRICT_DEVMEM." in done.stdout


def test_checks_that_are_off_find_nothing(shell: Shell) -> None:
    """PCI-1 is decided in every configuration: with iomem=relaxed nothing is exclusive."""
    done = shell.run("matrix", "PCI-1", fake=None)

    assert done.returncode == 0
    text = " ".join(done.stdout.split())
    assert "It holds: iomem=relaxed, or not CONFIG_STRICT_DEVMEM and not iomem=strict." in text
    assert "UNDECIDED" not in text


def test_a_configuration_that_is_not_decided_is_told(shell: Shell) -> None:
    """It does not pass for one in which the property does not hold, and the exit code says so."""
    done = shell.run("matrix", "FAKE-2")
    document = json.loads(shell.run("matrix", "FAKE-2", "--json").stdout)

    assert done.returncode == document["exit_code"] == 3
    assert "It is not shown to hold under any configuration." in done.stdout
    assert "1 configuration came out neither way." in done.stdout
    assert "never" not in done.stdout
    require_valid(document, "matrix")
    assert document["needs"][0]["configuration"]["undecided"] == 1


# What each patch is needed for


def test_what_each_patch_is_needed_for(shell: Shell) -> None:
    """A paragraph for each of the fifteen, one line on stderr for each property."""
    done = shell.run("matrix", "--patches", "--jobs", "1")

    assert done.returncode == 0
    assert [line[:2] for line in done.stdout.splitlines() if line[:2].isdigit()] == [
        f"{number:02}" for number in range(1, 16)
    ]
    assert "Needed with 04 for FAKE-1, FAKE-2 of habanalabs." in done.stdout
    assert "Breaks FAKE-1, FAKE-2 of habanalabs." in done.stdout
    assert done.stdout.count("Needed for nothing that is claimed.") == 13
    assert "[2/2] FAKE-2 of habanalabs with 6 subsets of patches" in done.stderr


def test_patches_as_json(shell: Shell) -> None:
    """The document of `matrix --patches --json`, with fake properties."""
    document = json.loads(shell.run("matrix", "--patches", "--json").stdout)

    require_valid(document, "patches")
    assert [p["patch"] for p in document["patches"] if p["needed_for"]] == [3, 4]


def test_some_properties_alone(shell: Shell) -> None:
    """Then nothing is said of all that is claimed."""
    done = shell.run("matrix", "--patches", "FAKE-1")

    assert "habanalabs:" in done.stdout
    assert "FAKE-2" not in done.stdout
    assert done.stdout.count("Needed for none of these properties.") == 13


def test_what_was_found_out_is_kept(shell: Shell) -> None:
    """The second time nothing is asked, unless that is wanted."""
    arguments = ("matrix", "--patches", "--jobs", "1")
    first, second = shell.run(*arguments), shell.run(*arguments)
    third = shell.run(*arguments, "--no-cache")

    assert first.stdout == second.stdout == third.stdout
    assert second.stderr == ""
    assert third.stderr == first.stderr


def test_what_is_not_decided_is_not_kept(shell: Shell) -> None:
    """And the exit code says so."""
    first = shell.run("matrix", "--patches", fake="undecided")
    second = shell.run("matrix", "--patches", fake="undecided")

    assert first.returncode == second.returncode == 3
    assert "UNDECIDED-1" in second.stderr
    assert "FAKE-1" not in second.stderr


def test_a_failure_is_told(shell: Shell) -> None:
    """No traceback, and an exit code of its own."""
    done = shell.run("matrix", "--patches", fake="bad")

    assert done.returncode == 4
    assert "ZeroDivisionError" in done.stderr
    assert "Traceback" not in done.stderr


def test_what_is_recorded_is_read_back(shell: Shell) -> None:
    """One line for each property, and those of an earlier run stay."""
    folder = shell.folder / "evidence"
    folder.mkdir()
    for names in ((), ("FAKE-1",)):
        done = shell.run("matrix", "--patches", "--record", *names, STALEPROOF_EVIDENCE=str(folder))
        assert done.returncode == 0

    lines = (folder / "patches.jsonl").read_text().splitlines()
    read = [PatchNeeds.from_json(json.loads(line)) for line in lines]
    assert [one.name for one in read] == ["FAKE-1", "FAKE-2 of habanalabs"]


def test_nothing_is_recorded_outside_of_a_checkout(shell: Shell) -> None:
    """Nor without --patches."""
    outside = shell.run("matrix", "--patches", "--record")
    without = shell.run("matrix", "--record")

    assert outside.returncode == 2
    assert "proofs/evidence/" in outside.stderr
    assert without.returncode == 2
    assert "--record is for --patches" in without.stderr


def test_nothing_is_known_without_a_solver(shell: Shell) -> None:
    """A solver that never knows makes no patch needed, and none needless."""
    done = shell.run("matrix", "--patches", "UFP-3b", "GAP-1", fake="unknown")

    assert done.returncode == 3
    assert done.stdout.count("Needed for none of these properties.") == 15
    assert "came out neither way: GAP-1, UFP-3b." in " ".join(done.stdout.split())
