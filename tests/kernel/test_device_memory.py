"""The systems of device memory: layers, patches, and what a property needs."""

from __future__ import annotations

import pytest

from staleproof.claims import Claim, matching
from staleproof.engine.search import Found, search
from staleproof.errors import ReplayError
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
from staleproof.trace.model import Trace, changes
from staleproof.trace.replay import Choice, Script, check_violation, execute, replay
from staleproof.verdict import Word


def system(version: str, model: type = DeviceMemory) -> System:
    """The system of a model at a version of the series."""
    return build(series.at_version(version, model))


def test_each_patch_changes_the_system() -> None:
    """Every prefix of the series is another system, but that patch 14 waits for patch 15."""
    digests = [system(v).digest for v in ("legacy", "v4/11", "v4/12", "v4/13", "v4/14", "v4/15")]

    assert digests[3] == digests[4]
    assert len(set(digests)) == 5


def test_v4_and_merged_differ_by_the_getter() -> None:
    """What was changed between posting and merge is what an open gets, and who waits for whom."""
    merged = {action.name: action.digest for action in system("merged").actions}
    changed = [a.name for a in system("v4").actions if merged[a.name] != a.digest]

    assert changed == ["open_file"]
    assert system("v4", Boot).digest != system("merged", Boot).digest
    assert system("v4", Publication).digest == system("legacy", Publication).digest


OWN, DEVMEM_INODE, IOMEM_INODE = range(3)


def opened(version: str, kind: str, *, io_strict: bool) -> Value | None:
    """The f_mapping of a file that was opened; None where it cannot be."""
    files = system(version, Opening)
    values: dict[str, dict[tuple[Value, ...], Value]] = {
        "strict_devmem": {(): io_strict},
        "io_strict_devmem": {(): io_strict},
        "kind": {(0,): kind},
        "own": {(0,): OWN},
        "devmem": {(): DEVMEM_INODE},
        "iomem": {(): IOMEM_INODE},
    }
    tables = {s: Table(values.get(s.name, {}), default_value(s.range)) for s in files.symbols}
    (open_file,) = files.actions
    start = Interpretation(tables, dict(scope({}).sizes))
    script = Script(start, (Choice(open_file, dict.fromkeys(open_file.params, 0)),), {})
    try:
        last = execute(files, script)[-1]
    except ReplayError:
        return None
    return next(f.at((0,)) for s, f in last.functions.items() if s.name == "f_mapping")


GETTER_AT_OPEN = ("DEVMEM", "PCI_PROC")
BY_ATTRIBUTE = ("PCI_SYSFS", "LEGACY_IO")
UNNAMED = ("LEGACY_MEM", "ARCH_SYSFS")


class TestGetter:
    """What iomem_get_mapping() gives to whom."""

    @pytest.mark.parametrize("kind", GETTER_AT_OPEN)
    def test_the_stub_lets_no_open_return(self, kind: str) -> None:
        """In v4 the NULL of the stub is dereferenced before anybody has the file."""
        assert opened("v4", kind, io_strict=False) is None
        assert opened("v4", kind, io_strict=True) == IOMEM_INODE

    @pytest.mark.parametrize("kind", BY_ATTRIBUTE)
    def test_sysfs_passes_over_the_null_of_the_stub(self, kind: str) -> None:
        """The file keeps the mapping of its own inode."""
        assert opened("v4", kind, io_strict=False) == OWN
        assert opened("v4", kind, io_strict=True) == IOMEM_INODE

    @pytest.mark.parametrize("version", ["v4/13", "v4/14"])
    def test_patch_13_calls_it_for_devmem_alone(self, version: str) -> None:
        """PCI files have their own mappings until patch 15."""
        assert opened(version, "DEVMEM", io_strict=False) is None
        assert opened(version, "DEVMEM", io_strict=True) == IOMEM_INODE
        assert opened(version, "PCI_PROC", io_strict=False) == OWN
        assert opened(version, "PCI_SYSFS", io_strict=True) == OWN

    @pytest.mark.parametrize("io_strict", [False, True])
    def test_as_merged_it_gives_always(self, *, io_strict: bool) -> None:
        """The configuration makes no difference to what is opened with which mapping."""
        for kind in (*GETTER_AT_OPEN, *BY_ATTRIBUTE):
            assert opened("merged", kind, io_strict=io_strict) == IOMEM_INODE
        for kind in UNNAMED:
            assert opened("merged", kind, io_strict=io_strict) == OWN

    def test_without_it_removal_finds_what_is_mapped(self) -> None:
        """What v4 breaks it breaks where the getter is the real one."""
        assert config_needs("SYS-1a", "v4").formula == "not CONFIG_IO_STRICT_DEVMEM"
        assert config_needs("SYS-1a", "merged").formula == "never"


def shortest(name: str, version: str) -> Trace:
    """The shortest run that violates a property at a version of the series, replayed."""
    row = ROWS[name]
    small = system(version, row.model)
    prop = small.property_named(row.method)
    found = search(small, prop, limits(row))
    assert isinstance(found, Found)
    return replay(small, prop, found.script)


def kind_of_file(trace: Trace) -> Value:
    """What the one file of a run is."""
    return trace.states[0].values["kind"][(0,)]


class TestRuns:
    """What is shown could happen, and is told in its words."""

    def test_remap_fails_with_a_pte_to_be_set(self) -> None:
        """A page table is missing only for a page that has no PTE yet."""
        last = shortest("RMP-1", "v4").states[-1].values

        assert sorted(last["pte"].values()) == [False, True]

    def test_the_stub_is_told(self) -> None:
        """The step says where the NULL is, and the state that it is there."""
        trace = shortest("REV-4", "v4")

        assert trace.steps[-1].action == "open_with_stub"
        assert [*changes(trace, 1)] == [("f_mapping_is_null", (0,), False, True)]

    def test_legacy_io_is_created_by_its_own_function(self) -> None:
        """It is not pci_create_attr() that comes too early."""
        trace = shortest("SYS-2", "v4")
        (step,) = trace.steps

        assert step.kernel == "drivers/pci/pci-sysfs.c: pci_create_legacy_files"
        assert [value for _, _, value in step.params] == ["LEGACY_IO"]
        assert [*changes(trace, 0)] == [("null_dereferenced", (), False, True)]

    def test_a_missing_inode_is_told(self) -> None:
        """The getter finds NULL after an initcall that has failed; nothing is created or opened."""
        trace = shortest("SYS-2a", "merged")

        assert [*changes(trace, 1)] == [("null_dereferenced", (), False, True)]

    @pytest.mark.parametrize("name", ["REV-2", "REV-2a"])
    def test_the_file_that_patch_15_left_out(self, name: str) -> None:
        """It is shown in a kernel that zaps, and not one whose getter is a stub."""
        trace = shortest(name, "v4")

        assert kind_of_file(trace) == "LEGACY_MEM"
        assert trace.states[0].values["io_strict_devmem"][()] is True


ABOUT_LEGACY_FILES = ("PCI-6", "REV-1i", "REV-1j", "REV-2", "REV-2a")


@pytest.mark.parametrize(
    "claim",
    [
        pytest.param(claim, id=claim.name)
        for claim in matching(("*@v4",))
        if claim.property in ROWS
        and claim.expected is Word.REFUTED
        and claim.property not in ABOUT_LEGACY_FILES
    ],
)
def test_runs_with_legacy_io_are_runs_of_a_bar(claim: Claim) -> None:
    """With a test of the BAR right after mmap has begun, resourceN in sysfs does it as well."""
    row = ROWS[claim.property]
    whole = system("v4", row.model)
    prop = whole.property_named(row.method)
    found = search(whole, prop, limits(row))
    assert isinstance(found, Found)
    script = found.script
    by_name = {symbol.name: symbol for symbol in script.initial.functions}
    kind = by_name["kind"]
    if script.initial.functions[kind].at((0,)) != "LEGACY_IO":
        return
    bar = script.initial.functions[by_name["bar"]].at((0,))
    test_bar = next(action for action in whole.actions if action.name == "test_bar")
    choices: list[Choice] = []
    for choice in script.choices:
        choices.append(choice)
        if choice.action.name == "begin_mmap":
            vma = choice.environment[choice.action.params[0]]
            tested = dict(zip(test_bar.params, (vma, bar), strict=True))
            choices.append(Choice(test_bar, tested))
    functions = {**script.initial.functions, kind: Table({}, "PCI_SYSFS")}
    start = Interpretation(functions, script.initial.universes)

    check_violation(whole, prop, Script(start, tuple(choices), script.violation))


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


def test_nothing_is_exclusive_unless_checks_are_strict() -> None:
    """PCI-1 holds where nothing is exclusive, and nowhere else."""
    formula = config_needs("PCI-1", "v4").formula

    assert formula == "iomem=relaxed, or not CONFIG_STRICT_DEVMEM and not iomem=strict"


def test_a_property_that_no_option_decides() -> None:
    """SYS-3 holds in every configuration, and with every subset of the patches."""
    needs = needs_of("SYS-3", "")
    config = config_needs("SYS-3", "v4")

    assert (needs.minimal, needs.broken) == (((),), ())
    assert config.formula == "always"
    assert {word for _, word in config.words} == {Word.PROVED.name}
