"""Recorded evidence: what came out when a claim was last decided, times left out.

It is written by ``staleproof prove --record`` alone, and ``pytest proofs`` fails when a claim,
decided again, comes out differently in anything that is not a time.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from staleproof.cache import damage, write_whole
from staleproof.errors import EvidenceError, NoEvidenceFolderError, OutputError
from staleproof.verdict import ClaimResult, PatchNeeds, Summary

TIMES = frozenset({"seconds", "solver_seconds"})
"""The fields that evidence leaves out, wherever they stand."""

SHIPPED = Path(__file__).parent / "recorded"
"""Where a wheel carries the evidence of the release it was built from."""

BESIDE = Path(__file__).parents[2] / "proofs" / "evidence"
"""Where a checkout has it, for a package that is used from there."""


def find_folder() -> Path | None:
    """The evidence folder: $STALEPROOF_EVIDENCE, or proofs/evidence/ here or further up."""
    named = os.environ.get("STALEPROOF_EVIDENCE")
    if named:
        return Path(named)
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / "proofs" / "evidence").is_dir() and (folder / "spec" / "staleproof").is_dir():
            return folder / "proofs" / "evidence"
    return None


def folder_to_read() -> Path | None:
    """The evidence folder of this checkout or, outside of one, what the wheel carries."""
    folders = (find_folder(), SHIPPED, BESIDE)
    return next((f for f in folders if f is not None and f.is_dir()), None)


INDEX = "index.jsonl"
"""The summaries of a folder's evidence, one on each line: all that `list` reads."""


def file_of(claim: str, folder: Path) -> Path:
    """The evidence file of a claim."""
    return folder / f"{claim.replace('/', '_')}.json"


def without_times(document: Any) -> Any:
    """A copy of a JSON document with every time left out."""
    if isinstance(document, dict):
        return {k: without_times(v) for k, v in document.items() if k not in TIMES}
    if isinstance(document, list | tuple):
        return [without_times(item) for item in document]
    return document


def record(result: ClaimResult) -> Path:
    """Write the evidence of a decided claim.

    Raises NoEvidenceFolderError outside of a checkout and OutputError when it cannot be written.
    """
    folder = _folder_to_write()
    path = file_of(result.claim, folder)
    text = json.dumps(without_times(result.to_json()), indent=1, sort_keys=True) + "\n"
    try:
        write_whole(path, text)
        _add_to_index(folder, without_times(result.summary.to_json()))
    except OSError as cause:
        raise OutputError(
            f"the evidence of {result.claim} is not written: {path}: {cause.strerror}"
        ) from cause
    return path


PATCHES = "patches.jsonl"
"""What each property needs of the patches, one on each line; written by
``staleproof matrix --patches --record``."""


def record_needs(needs: Iterable[PatchNeeds]) -> Path:
    """Write what properties need of the patches; what is recorded of others stays.

    Raises NoEvidenceFolderError outside of a checkout and OutputError when it cannot be written.
    """
    path = _folder_to_write() / PATCHES
    known = {one.name: one for one in (*recorded_needs(), *needs)}
    documents = (known[name].to_json() for name in sorted(known))
    text = "".join(f"{json.dumps(document, sort_keys=True)}\n" for document in documents)
    try:
        write_whole(path, text)
    except OSError as cause:
        raise OutputError(
            f"what patches are for is not written: {path}: {cause.strerror}"
        ) from cause
    return path


def recorded_needs() -> list[PatchNeeds]:
    """What was recorded of the patches; nothing where nothing is.

    Raises EvidenceError when the file is damaged.
    """
    folder = folder_to_read()
    if folder is None or not (folder / PATCHES).is_file():
        return []
    path = folder / PATCHES
    try:
        return [PatchNeeds.from_json(json.loads(line)) for line in path.read_bytes().splitlines()]
    except (OSError, ValueError, LookupError, TypeError) as cause:
        raise EvidenceError(
            f"what patches are for cannot be read: {path}: {damage(cause)}"
        ) from cause


def _folder_to_write() -> Path:
    folder = find_folder()
    if folder is None or not folder.is_dir():
        raise NoEvidenceFolderError(
            "there is no folder proofs/evidence/ to record verdicts in"
            if folder is None
            else f"STALEPROOF_EVIDENCE names no folder: {folder}"
        )
    return folder


def _add_to_index(folder: Path, summary: dict[str, Any]) -> None:
    # Most of what is recorded anew is as it was.
    if (folder / INDEX).is_file() and _lines([summary]) in (folder / INDEX).read_text("utf-8"):
        return
    try:
        documents = {**_index(folder), summary["claim"]: summary}
    except (ValueError, LookupError, TypeError):
        text = index_text(folder)
    else:
        text = _lines(documents.values())
    write_whole(folder / INDEX, text)


def index_text(folder: Path) -> str:
    """The index that belongs to the evidence in a folder."""
    documents = (json.loads(path.read_bytes()) for path in folder.glob("*.json"))
    results = (ClaimResult.from_json(_with_times(document)) for document in documents)
    return _lines(without_times(result.summary.to_json()) for result in results)


def _lines(summaries: Iterable[dict[str, Any]]) -> str:
    ordered = sorted(summaries, key=lambda summary: str(summary["claim"]))
    return "".join(f"{json.dumps(summary, sort_keys=True)}\n" for summary in ordered)


def _index(folder: Path) -> dict[str, dict[str, Any]]:
    """The summaries of a folder's evidence by claim; none where there is no index yet."""
    try:
        lines = (folder / INDEX).read_bytes().splitlines()
    except FileNotFoundError:
        return {}
    documents = [json.loads(line) for line in lines]
    return {document["claim"]: document for document in documents}


def recorded(claim: str) -> dict[str, Any] | None:
    """The evidence of a claim, or None. Raises EvidenceError when its file is damaged."""
    folder = folder_to_read()
    if folder is None:
        return None
    path = file_of(claim, folder)
    try:
        document = json.loads(path.read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as cause:
        raise EvidenceError(
            f"the evidence of {claim} cannot be read: {path}: {damage(cause)}"
        ) from cause
    if not isinstance(document, dict) or document.get("claim") != claim:
        raise EvidenceError(f"the file {path} holds no evidence of {claim}")
    return document


def recorded_summaries() -> dict[str, Summary]:
    """The summaries of all recorded evidence, by claim, with all times 0.

    Raises EvidenceError when the index is damaged.
    """
    folder = folder_to_read()
    if folder is None:
        return {}
    try:
        documents = _index(folder).values()
        found = [Summary.from_json({**document, "seconds": 0.0}) for document in documents]
    except (OSError, ValueError, LookupError, TypeError) as cause:
        raise EvidenceError(
            f"the index of the evidence cannot be read: {folder / INDEX}: {damage(cause)}"
        ) from cause
    return {summary.claim: summary for summary in found}


def recorded_result(claim: str) -> ClaimResult | None:
    """The recorded verdict as a record, with all times 0. Raises EvidenceError if damaged."""
    document = recorded(claim)
    if document is None:
        return None
    try:
        return ClaimResult.from_json(_with_times(document))
    except (KeyError, TypeError, AttributeError) as cause:
        raise EvidenceError(f"the evidence of {claim} cannot be read: {damage(cause)}") from cause


def _with_times(document: dict[str, Any]) -> dict[str, Any]:
    """The document of a result, all of whose times are 0."""
    obligations = [{**o, "seconds": 0.0} for o in document.get("obligations", ())]
    return {**document, "obligations": obligations, "seconds": 0.0, "solver_seconds": 0.0}


def differences(result: ClaimResult) -> list[str]:
    """Where the result differs from the recorded evidence: one line each, none when alike."""
    document = recorded(result.claim)
    if document is None:
        return [f"{result.claim} has no recorded evidence"]
    # Through JSON, so that both sides are made of the same plain values.
    found = json.loads(json.dumps(without_times(result.to_json())))
    return list(_differences(document, found, ""))


def _differences(recorded: Any, found: Any, where: str) -> Iterator[str]:
    if isinstance(recorded, dict) and isinstance(found, dict):
        for key in sorted(recorded.keys() | found.keys()):
            place = f"{where}.{key}" if where else key
            if key not in found:
                yield f"{place}: recorded, but not found again"
            elif key not in recorded:
                yield f"{place}: found, but not recorded"
            else:
                yield from _differences(recorded[key], found[key], place)
    elif isinstance(recorded, list) and isinstance(found, list):
        if len(recorded) != len(found):
            yield f"{where}: {len(recorded)} recorded, {len(found)} found"
        for index, (old, new) in enumerate(zip(recorded, found, strict=False)):
            yield from _differences(old, new, f"{where}[{index}]")
    elif recorded != found:
        yield f"{where}: recorded {_short(recorded)}, found {_short(found)}"


def _short(value: Any) -> str:
    text = json.dumps(value)
    return text if len(text) <= 200 else f"{text[:200]}... ({len(text)} characters)"
