"""The systems of device memory: layers, patches, and what a property needs."""

from __future__ import annotations

import pytest

from staleproof.engine.search import Found, search
from staleproof.history.device_memory import versions as later
from staleproof.kernel.device_memory.boot import Boot
from staleproof.kernel.device_memory.guarantees import DeviceMemory
from staleproof.kernel.device_memory.opening import Opening
from staleproof.kernel.device_memory.publication import Publication
from staleproof.kernel.device_memory.questions import limits, scope
from staleproof.kernel.device_memory.rows import ROWS
from staleproof.lang.evaluate import Interpretation, Table
from staleproof.lang.model import build
from staleproof.lang.sorts import Value, default_value
from staleproof.lang.system import System
from staleproof.series.device_memory import versions as series
from staleproof.series.device_memory.needs import config_needs
from staleproof.series.needs import needs_of
from staleproof.trace.replay import Choice, Script, execute, replay
from staleproof.verdict import Word


def system(version: str, model: type = DeviceMemory) -> System:
    """The system of a model at a version of the series."""
    return build(series.at_version(version, model))


def test_each_patch_changes_the_system() -> None:
    """Every prefix of the series is another system, but that patch 14 waits for patch 15."""
    digests = [system(v).digest for v in ("legacy", "v4/11", "v4/12", "v4/13", "v4/14", "v4/15")]

    assert digests[3] == digests[4]
    assert len(set(digests)) == 5


def test_v4_and_merged_differ_at_boot_alone() -> None:
    """What was changed between posting and merge is the getter, and who waits for whom."""
    assert system("v4").digest == system("merged").digest
    assert system("v4", Boot).digest != system("merged", Boot).digest
    assert system("v4", Publication).digest == system("legacy", Publication).digest


@pytest.mark.parametrize("version", later.LATER)
def test_no_change_of_a_later_version_is_lost(version: str) -> None:
    """Each patch of it is in the model of some property, and changes its system."""
    models = {row.model for row in ROWS.values()}
    applied = {base for model in models for base in later.at_version(version, model).__mro__}
    changed = [
        model
        for model in models
        if build(later.at_version(version, model)).digest
        != build(series.at_version("merged", model)).digest
    ]

    assert set(later.LATER[version]) <= applied
    assert changed


def test_the_steps_of_the_window_are_those_of_later_versions() -> None:
    """But for the open, which names one file more, no later version changed them."""
    row = ROWS["REV-1"]
    old = system("v4")
    found = search(old, old.property_named(row.method), limits(row))
    assert isinstance(found, Found)
    newer = build(later.at_version("remap-cleanup", DeviceMemory))
    digests = {action.name: action.digest for action in newer.actions}
    changed = {
        c.action.name for c in found.script.choices if digests[c.action.name] != c.action.digest
    }

    assert found.steps == 8
    assert changed == {"open_file"}


def test_a_run_of_a_layer_is_replayed() -> None:
    """What is found of the files alone is replayed without a solver."""
    row = ROWS["REV-2"]
    small = system("v4", Opening)
    prop = small.property_named(row.method)
    found = search(small, prop, limits(row))

    assert isinstance(found, Found)
    assert [step.action for step in replay(small, prop, found.script).steps] == ["open_file"]


def test_a_part_of_a_vma_can_be_moved() -> None:
    """To move a part is a split and a move of one half: the other half keeps its PTE."""
    whole = system("legacy")
    v, moved, rest, new = range(4)
    both: dict[tuple[Value, ...], Value] = {
        (w, p): True for w in (v, moved, rest, new) for p in (0, 1)
    }
    for point in ((moved, 1), (rest, 0), (new, 1)):
        del both[point]
    entries: dict[str, dict[tuple[Value, ...], Value]] = {
        "kind": {(0,): "LEGACY_IO"},
        "own": {(0,): 2},
        "iomem": {(): 1},
        "region": {(0, 0): True},
        "in_zap": {(0, 0): True},
        "pfnmap": {(w,): True for w in range(4)},
        "covers": both,
    }
    universes = scope({"Vma": 4, "Page": 2}).sizes
    tables = {s: Table(entries.get(s.name, {}), default_value(s.range)) for s in whole.symbols}
    known = {action.name: action for action in whole.actions}

    def step(name: str, *values: int) -> Choice:
        return Choice(known[name], dict(zip(known[name].params, values, strict=True)))

    script = Script(
        Interpretation(tables, dict(universes)),
        (
            step("open_file", 0),
            step("begin_mmap", v, 0),
            step("begin_remap", v),
            step("install_pte", v, 0),
            step("install_pte", v, 1),
            step("return_from_mmap", v),
            step("link_vma", v),
            step("split_vma", v, moved, rest),
            step("begin_move", moved, new),
            step("move_pte", new, 0),
            step("end_move", new),
        ),
        {},
    )
    last = execute(whole, script)[-1].functions
    by_name = {symbol.name: function for symbol, function in last.items()}

    assert [by_name["stage"].at((w,)) for w in (v, moved, rest, new)] == [
        "GONE",
        "DETACHED",
        "LINKED",
        "LINKED",
    ]
    assert [point for point in both if by_name["pte"].at(point)] == [(rest, 1), (new, 0)]


def test_a_property_that_a_patch_breaks() -> None:
    """REV-4 needs no patch and is broken by 13, unless IO_STRICT_DEVMEM is configured."""
    needs = needs_of("REV-4", "")

    assert needs.minimal == ((),)
    assert needs.broken == ((13,),)
    assert needs.undecided == 0
    assert config_needs("REV-4", "v4").formula == "CONFIG_IO_STRICT_DEVMEM"


def test_a_property_that_no_option_decides() -> None:
    """SYS-3 holds in every configuration, and with every subset of the patches."""
    needs = needs_of("SYS-3", "")
    config = config_needs("SYS-3", "v4")

    assert (needs.minimal, needs.broken) == (((),), ())
    assert config.formula == "always"
    assert {word for _, word in config.words} == {Word.PROVED.name}
