"""``staleproof matrix``: the table of what is claimed, and what a property needs."""

from __future__ import annotations

import json

from cli.test_schemas import require_valid
from fakes.shell import Shell


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
