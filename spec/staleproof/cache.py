"""Verdicts kept between runs, in files that can be thrown away at any time.

An entry answers only for the very sources and solver that made it: both are hashed into its key,
before the work begins, and nothing is kept if they are touched before it ends. What is BROKEN or
UNDECIDED is never kept, so a budget or a crash is not remembered as a verdict.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

from staleproof.errors import CacheEntryError, CacheUnwritableError, SourcesChangedError
from staleproof.installed import distributions, version_of
from staleproof.verdict import ClaimResult, PatchNeeds, Summary, Word

KEPT_GENERATIONS = 4
"""How many states of the sources keep their verdicts; older ones are removed."""

Kept = TypeVar("Kept", ClaimResult, Summary, PatchNeeds)

PACKAGE = Path(__file__).parent

BRIEF, WHOLE = range(2)
"""The lines of an entry: the summary of a verdict, and all of it. Others have one line."""


def default_folder() -> Path:
    """Where verdicts are kept: $STALEPROOF_CACHE, or staleproof/ in the user's cache folder."""
    named = os.environ.get("STALEPROOF_CACHE")
    if named:
        return Path(named)
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "staleproof"


@cache
def generation() -> str:
    """A hash of every source of this package, its C texts included, and of the solvers' versions.

    No solver is imported for it.
    """
    hasher = hashlib.sha256()
    for path in _sources_at_first().files:
        hasher.update(f"{os.path.relpath(path, PACKAGE)}\0".encode())
        hasher.update(hashlib.sha256(Path(path).read_bytes()).digest())
    for distribution in ("z3-solver", "bitwuzla", "sympy", "tree-sitter", "tree-sitter-c"):
        hasher.update(f"{distribution} {version_of(distribution) or 'none'}\0".encode())
    return hasher.hexdigest()


@dataclass(frozen=True, slots=True)
class _Sources:
    """What tells that nothing was touched on which the hash depends, in a tenth of the hash's time:
    the stamps of each file, by its path, and what is installed.
    """

    files: dict[str, tuple[int, ...]]
    installed: tuple[str, ...]


@cache
def _sources_at_first() -> _Sources:
    """The sources when this process first asked: what it hashes is no older than that."""
    return _sources()


def _sources() -> _Sources:
    return _Sources(dict(sorted(_files(str(PACKAGE)))), distributions())


def _files(folder: str) -> Iterator[tuple[str, tuple[int, ...]]]:
    """Every source in a folder, with what changes when it is written to."""
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir():
                yield from _files(entry.path)
            elif entry.name.endswith((".py", ".c")):
                found = entry.stat()
                stamps = found.st_mtime_ns, found.st_ctime_ns
                yield entry.path, (found.st_size, found.st_ino, *stamps)


class Cache:
    """The verdicts kept in one folder. `warnings` collects what went wrong; nothing else raises."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = default_folder() if folder is None else folder
        self.warnings: list[CacheUnwritableError | CacheEntryError | SourcesChangedError] = []
        self._writable = True
        self._begun = False
        self._empty: bool | None = None

    def begin(self) -> None:
        """Note of which sources verdicts will be kept. Called before anything is decided: work that
        reads the sources later reads these, or what it finds is not kept.
        """
        generation()
        self._begun = True

    def _path(self, claim: str) -> Path:
        return self.folder / generation()[:16] / f"{claim.replace('/', '_')}.json"

    def _is_empty(self) -> bool:
        """Whether nothing is kept at all: then no entry is worth the hash of all sources."""
        if self._empty is None:
            self._empty = not (self.folder.is_dir() and any(self.folder.iterdir()))
        return self._empty

    @staticmethod
    def _key(claim: str) -> str:
        return hashlib.sha256(f"{claim}\0{generation()}".encode()).hexdigest()

    def get(self, claim: str) -> ClaimResult | None:
        """The verdict kept for the claim, or None when there is none that can be relied on."""
        return self._read(claim, WHOLE, ClaimResult.from_json)

    def summary(self, claim: str) -> Summary | None:
        """The summary of the verdict kept for the claim, which takes less time to read; or None."""
        return self._read(claim, BRIEF, Summary.from_json)

    def needs(self, name: str) -> PatchNeeds | None:
        """What is kept of the patches that the property of that name needs, or None."""
        return self._read(_about_patches(name), BRIEF, PatchNeeds.from_json)

    def _read(
        self, claim: str, line: int, from_json: Callable[[dict[str, Any]], Kept]
    ) -> Kept | None:
        if self._is_empty():
            return None
        path = self._path(claim)
        try:
            with path.open("rb") as stream:
                text = list(islice(stream, line + 1))
        except OSError:
            return None
        try:
            document: dict[str, Any] = json.loads(text[line])
            result = from_json(document["result"])
            other = document["key"] != self._key(claim) or _entry_of(result) != claim
        except (LookupError, TypeError, ValueError, AttributeError, RecursionError) as cause:
            self._ignore(claim, path, damage(cause))
            return None
        if other:
            self._ignore(claim, path, "it was written for another claim, or by other sources")
            return None
        return result

    def _ignore(self, claim: str, path: Path, why: str) -> None:
        what = f"ignored a damaged cache entry of {claim}: {path}: {why}"
        self.warnings.append(CacheEntryError(what))

    def put(self, result: ClaimResult) -> None:
        """Keep the verdict. A folder that cannot be written to is one warning, not an error."""
        if result.verdict.word not in (Word.BROKEN, Word.UNDECIDED):
            self._write(result.summary, result)

    def put_needs(self, needs: PatchNeeds) -> None:
        """Keep which patches a property needs, unless something of it is not decided."""
        if not needs.undecided:
            self._write(needs)

    def _write(self, *lines_of: ClaimResult | Summary | PatchNeeds) -> None:
        assert self._begun, "what is kept was decided after `begin`"
        if not self._writable:
            return
        entry = _entry_of(lines_of[0])
        path, key = self._path(entry), self._key(entry)
        self._empty = None
        lines = (
            json.dumps({"key": key, "result": kept.to_json()}, separators=(",", ":"))
            for kept in lines_of
        )
        try:
            if _sources() != _sources_at_first():
                what = f"the sources changed before there was a verdict on {entry}"
                return self._stop(SourcesChangedError(what))
            if not path.parent.exists():
                path.parent.mkdir(parents=True)
                self._forget_old_generations()
            write_whole(path, "\n".join(lines) + "\n")
        except OSError as cause:
            what = f"verdicts are not kept in {self.folder}: {cause.strerror}"
            self._stop(CacheUnwritableError(what))

    def _stop(self, why: CacheUnwritableError | SourcesChangedError) -> None:
        """Keep nothing from now on."""
        self._writable = False
        self.warnings.append(why)

    def _forget_old_generations(self) -> None:
        import shutil

        folders = [p for p in self.folder.iterdir() if p.is_dir()]
        folders.sort(key=lambda p: p.stat().st_mtime, reverse=True)
        for old in folders[KEPT_GENERATIONS:]:
            shutil.rmtree(old, ignore_errors=True)


def _about_patches(name: str) -> str:
    return f"patches of {name}"


def _entry_of(kept: ClaimResult | Summary | PatchNeeds) -> str:
    """The name under which it is kept."""
    return _about_patches(kept.name) if isinstance(kept, PatchNeeds) else kept.claim


def damage(cause: Exception) -> str:
    """What is wrong with a document, told from what reading it raised."""
    if isinstance(cause, OSError) and cause.strerror:
        return cause.strerror
    if isinstance(cause, json.JSONDecodeError | UnicodeDecodeError | IndexError | RecursionError):
        return "it is cut off, or no JSON"
    return "something is missing in it, or of the wrong kind"


def write_whole(path: Path, text: str) -> None:
    """Write the file entirely or not at all: another process never sees half of it."""
    half = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with half.open("w", encoding="utf-8") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(half, path)
    except BaseException:
        half.unlink(missing_ok=True)
        raise
