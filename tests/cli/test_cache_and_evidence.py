"""The cache is never trusted further than its key; evidence differs in nothing but times."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path

import pytest

from fakes import engine
from fakes.claims import GOOD
from staleproof import cache as cache_module
from staleproof import evidence
from staleproof.cache import KEPT_GENERATIONS, Cache, _sources_at_first, generation, write_whole
from staleproof.errors import EvidenceError, NoEvidenceFolderError, OutputError
from staleproof.installed import version_of
from staleproof.verdict import ClaimResult, Verdict, Word


@pytest.fixture
def result() -> ClaimResult:
    """A refuted claim, with its trace."""
    return engine.decide(GOOD[2], lambda _: None)


@pytest.fixture
def kept(tmp_path: Path) -> Cache:
    """An empty cache, before something is decided."""
    cache = Cache(tmp_path / "cache")
    cache.begin()
    return cache


def test_what_is_kept_comes_back_equal(kept: Cache, result: ClaimResult) -> None:
    """Through the file nothing is lost, the trace included."""
    kept.put(result)

    assert kept.get(result.claim) == result
    assert kept.warnings == []


def test_the_summary_of_what_is_kept_comes_back_equal(kept: Cache, result: ClaimResult) -> None:
    """The short line of an entry tells the same as the long one, and is as carefully read."""
    kept.put(result)

    assert kept.summary(result.claim) == result.summary
    assert kept.summary("FAKE-1@v4") is None
    assert kept.warnings == []


def test_other_sources_or_solvers_have_other_entries(
    kept: Cache, result: ClaimResult, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A change of any source makes every kept verdict invisible."""
    kept.put(result)
    monkeypatch.setattr(cache_module, "generation", lambda: "f" * 64)

    assert kept.get(result.claim) is None


def test_the_generation_depends_on_every_source(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A changed C file, a renamed module, another solver: each gives another generation."""

    def now() -> str:
        generation.cache_clear()
        _sources_at_first.cache_clear()
        return generation()

    monkeypatch.setattr(cache_module, "PACKAGE", tmp_path)
    (tmp_path / "a.c").write_text("int x;")
    (tmp_path / "b.py").write_text("x = 1")
    first = now()
    (tmp_path / "a.c").write_text("int y;")
    second = now()
    (tmp_path / "b.py").rename(tmp_path / "c.py")
    third = now()
    monkeypatch.setattr(cache_module, "version_of", lambda _: "another version")
    fourth = now()
    generation.cache_clear()
    _sources_at_first.cache_clear()

    assert len({first, second, third, fourth}) == 4


@pytest.fixture
def sources(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder with one C text in place of all sources."""
    folder = tmp_path / "sources"
    folder.mkdir()
    (folder / "a.c").write_text("int x;")
    monkeypatch.setattr(cache_module, "PACKAGE", folder)
    for known in (generation, _sources_at_first):
        known.cache_clear()
    yield folder
    for known in (generation, _sources_at_first):
        known.cache_clear()


def edited(folder: Path) -> None:
    """A text is changed for one of the same length, at the same time of day."""
    times = (folder / "a.c").stat()
    (folder / "a.c").write_text("int y;")
    os.utime(folder / "a.c", ns=(times.st_atime_ns, times.st_mtime_ns))


def added(folder: Path) -> None:
    """There is one more text."""
    (folder / "b.c").write_text("int y;")


def removed(folder: Path) -> None:
    """A text is gone."""
    (folder / "a.c").unlink()


@pytest.mark.parametrize("touched", [edited, added, removed])
def test_a_verdict_on_sources_that_changed_meanwhile_is_not_kept(
    kept: Cache, result: ClaimResult, sources: Path, touched: Callable[[Path], None]
) -> None:
    """It may be about the old or about the new ones: a warning says so, once."""
    kept.begin()
    touched(sources)
    kept.put(result)
    kept.put(result)

    assert [w.code for w in kept.warnings] == ["SP506"]
    assert not kept.folder.exists()


def test_sources_that_stay_keep_their_verdicts(
    kept: Cache, result: ClaimResult, sources: Path
) -> None:
    """What is made beside them by running them is none of them."""
    kept.begin()
    (sources / "__pycache__").mkdir()
    (sources / "__pycache__" / "a.pyc").write_text("")
    kept.put(result)

    assert kept.get(result.claim) == result


@pytest.mark.parametrize("word", [Word.BROKEN, Word.UNDECIDED])
def test_no_verdict_is_not_kept(kept: Cache, result: ClaimResult, word: Word) -> None:
    """What failed is tried again."""
    kept.put(replace(result, verdict=Verdict(word, "why")))

    assert kept.get(result.claim) is None


DAMAGED = ": something is missing in it, or of the wrong kind"


@pytest.mark.parametrize(
    "damage",
    ["", "{", "[]", "null", '{"key": "0"}', '{"key": 1, "result": {}}', "\x00\x01", "[" * 100_000],
)
def test_a_damaged_entry_is_ignored_with_one_warning(
    kept: Cache, result: ClaimResult, damage: str
) -> None:
    """Whatever stands in the file, the claim is decided again."""
    kept.put(result)
    (path,) = kept.folder.glob("*/*.json")
    path.write_text(damage)

    assert kept.get(result.claim) is None
    (warning,) = kept.warnings
    assert warning.code == "SP504"
    assert warning.message.endswith((": it is cut off, or no JSON", DAMAGED))


def test_an_entry_of_another_claim_is_ignored(kept: Cache, result: ClaimResult) -> None:
    """A file that was copied over another is not believed."""
    kept.put(result)
    (path,) = kept.folder.glob("*/*.json")
    path.rename(path.with_name("FAKE-1@v4.json"))

    assert kept.get("FAKE-1@v4") is None
    assert len(kept.warnings) == 1


def test_a_changed_field_is_ignored(kept: Cache, result: ClaimResult) -> None:
    """A result of another shape, as an older release may have written, is not believed."""
    kept.put(result)
    (path,) = kept.folder.glob("*/*.json")
    path.write_text(path.read_text().replace('"REFUTED"', '"FINE"'))

    assert kept.get(result.claim) is None
    assert kept.summary(result.claim) is None
    assert len(kept.warnings) == 2


def full_disk(*_: object) -> None:
    """What the operating system says when a disk is full."""
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_a_full_disk_is_one_warning_and_leaves_nothing(
    kept: Cache, result: ClaimResult, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No half-written file stays, and the next verdict does not warn again."""
    monkeypatch.setattr(os, "fsync", full_disk)

    kept.put(result)
    kept.put(result)

    assert [w.message for w in kept.warnings] == [
        f"verdicts are not kept in {kept.folder}: No space left on device"
    ]
    assert [p for p in kept.folder.rglob("*") if p.is_file()] == []


def test_old_generations_are_removed(
    kept: Cache, result: ClaimResult, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The cache does not grow with every change of the sources."""
    for number in range(KEPT_GENERATIONS + 3):
        name = str(number) * 64
        monkeypatch.setattr(cache_module, "generation", lambda name=name: name)
        kept.put(result)
        os.utime(kept.folder / name[:16], (number, number))

    assert len(list(kept.folder.iterdir())) == KEPT_GENERATIONS


def test_versions_are_those_that_are_installed() -> None:
    """What is read off folder names is what the package metadata say."""
    for name in ("z3-solver", "tree-sitter", "tree-sitter-c", "sympy", "bitwuzla"):
        assert version_of(name) == version(name)
    assert version_of("no-such-distribution") is None


def test_a_file_is_replaced_whole_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a failed write the old content is there, and nothing beside it."""
    path = tmp_path / "x.json"
    path.write_text("old")
    monkeypatch.setattr(os, "replace", full_disk)

    with pytest.raises(OSError, match="No space left"):
        write_whole(path, "new")

    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty evidence folder."""
    monkeypatch.setenv("STALEPROOF_EVIDENCE", str(tmp_path))
    return tmp_path


def test_the_same_result_does_not_differ(folder: Path, result: ClaimResult) -> None:
    """Other times are no difference."""
    evidence.record(result)

    assert evidence.differences(replace(result, seconds=99.0, solver_seconds=98.0)) == []


def test_recording_twice_writes_the_same_bytes(folder: Path, result: ClaimResult) -> None:
    """Recording again changes nothing when nothing has changed."""
    first = evidence.record(result).read_bytes()
    second = evidence.record(replace(result, seconds=99.0)).read_bytes()

    assert first == second


def test_every_difference_is_named(folder: Path, result: ClaimResult) -> None:
    """A changed verdict, lemma or trace is told by its place."""
    evidence.record(result)
    changed = replace(result, verdict=Verdict(Word.PROVED), lemmas=("x <= y",), trace=None)

    found = evidence.differences(changed)

    assert 'verdict: recorded "REFUTED", found "PROVED"' in found
    assert "lemmas: 0 recorded, 1 found" in found
    assert any(line.startswith("trace: recorded {") for line in found)


def test_a_claim_without_evidence_differs(folder: Path, result: ClaimResult) -> None:
    """A new claim has to be recorded."""
    assert evidence.differences(result) == ["FAKE-2@v4 has no recorded evidence"]


def test_a_recorded_result_can_be_read_back(folder: Path, result: ClaimResult) -> None:
    """The record comes back with its times 0."""
    evidence.record(result)

    found = evidence.recorded_result(result.claim)

    assert found is not None
    assert found.trace == result.trace
    assert found.seconds == 0


def test_the_index_tells_of_all_that_is_recorded(folder: Path, result: ClaimResult) -> None:
    """What is recorded again replaces its line, and nothing else."""
    other = replace(result, claim="FAKE-0@v4")
    evidence.record(result)
    evidence.record(other)
    evidence.record(replace(result, verdict=Verdict(Word.PROVED)))

    found = evidence.recorded_summaries()

    assert {claim: s.verdict.word for claim, s in found.items()} == {
        "FAKE-0@v4": Word.REFUTED,
        "FAKE-2@v4": Word.PROVED,
    }
    assert (folder / evidence.INDEX).read_text() == evidence.index_text(folder)


@pytest.mark.parametrize("damage", ["{", "[]", '{"claim": "FAKE-2@v4"}'])
def test_a_damaged_index_is_told_and_made_anew(
    folder: Path, result: ClaimResult, damage: str
) -> None:
    """Reading it is an error; recording a claim mends it."""
    evidence.record(result)
    (folder / evidence.INDEX).write_text(damage)
    with pytest.raises(EvidenceError, match=evidence.INDEX):
        evidence.recorded_summaries()

    evidence.record(result)

    assert evidence.recorded_summaries() == {result.claim: replace(result.summary, seconds=0.0)}


@pytest.mark.parametrize("damage", ["", "[]", '{"claim": "other"}', '{"claim": "FAKE-2@v4"}'])
def test_damaged_evidence_is_an_error(folder: Path, result: ClaimResult, damage: str) -> None:
    """Evidence that cannot be read is not taken for missing."""
    evidence.record(result).write_text(damage)

    with pytest.raises(EvidenceError):
        evidence.recorded_result(result.claim)


def test_evidence_on_a_full_disk_is_an_error(
    folder: Path, result: ClaimResult, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Unlike the cache, evidence that cannot be written is told as an error."""
    monkeypatch.setattr(os, "fsync", full_disk)

    with pytest.raises(OutputError, match="No space left"):
        evidence.record(result)

    assert list(folder.iterdir()) == []


def test_evidence_needs_a_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, result: ClaimResult
) -> None:
    """Outside of a checkout nothing is recorded."""
    monkeypatch.delenv("STALEPROOF_EVIDENCE", raising=False)
    monkeypatch.chdir(tmp_path)

    with pytest.raises(NoEvidenceFolderError):
        evidence.record(result)
