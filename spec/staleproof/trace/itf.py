"""Traces as ITF documents, the JSON trace format of Apalache's ADR-015, and back.

Symbols that no action may change are ITF `params`, the others `vars`. Integers that a JSON reader
could round are written as ``{"#bigint": "..."}``; a symbol with arguments is a ``#map``; elements
of unbounded sorts are strings such as ``Vma0``. What ITF has no place for (locations, the kernel
function of a step, ...) rides in reserved keys, so that `from_itf` gives back an equal trace.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from staleproof.errors import Place, TraceFileError
from staleproof.lang.sorts import Value
from staleproof.trace.model import Arguments, Column, State, Step, Trace

ACTION_TAKEN = "mbt::actionTaken"
"""Of each state, the action that led to it (``init`` of the first)."""
NONDET_PICKS = "mbt::nondetPicks"
"""Of each state, the parameters chosen for that action."""
LOCATION = "staleproof::location"
"""Of each state, where control is."""

LARGEST_EXACT = 2**53 - 1
"""The largest integer that every JSON reader keeps exactly."""

Named = tuple[tuple[str, str, Value], ...]


def to_itf(trace: Trace, meta: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The trace as an ITF document.

    `meta` adds to ``#meta``: by convention `claim`, `solver` (name and version) and `replay`.
    """
    sorts = {c.name: c for c in trace.columns}
    document: dict[str, Any] = {
        "#meta": {
            "format": "ITF",
            "format-description": "https://apalache-mc.org/docs/adr/015adr-trace.html",
            "description": f"a run of {trace.system} that violates {trace.property}",
            **(meta or {}),
            "property": trace.property,
            "system": trace.system,
            "system_hash": trace.system_digest,
            "universes": dict(trace.universes),
            "columns": [_column_to_json(c) for c in trace.columns],
            "violation": _named_to_json(trace.violation, trace.universes),
        },
        "params": [c.name for c in trace.columns if not c.mutable],
        "vars": [LOCATION, *(c.name for c in trace.columns if c.mutable)],
        "states": [
            _state_to_json(index, state, trace, sorts) for index, state in enumerate(trace.states)
        ],
    }
    if trace.loops_to is not None:
        document["loop"] = trace.loops_to
    return document


def from_itf(document: Mapping[str, Any]) -> Trace:
    """The trace that `to_itf` wrote. Raises TraceFileError on any other document."""
    try:
        return _trace(document)
    except (KeyError, IndexError, TypeError, ValueError, AttributeError) as cause:
        raise TraceFileError(
            f"this ITF document is not a trace of staleproof: {type(cause).__name__}: {cause}"
        ) from cause


def _trace(document: Mapping[str, Any]) -> Trace:
    meta = document["#meta"]
    universes = {name: int(size) for name, size in meta["universes"].items()}
    columns = tuple(_column_from_json(c) for c in meta["columns"])
    states = document["states"]
    return Trace(
        property=meta["property"],
        system=meta["system"],
        system_digest=meta["system_hash"],
        columns=columns,
        universes=universes,
        states=tuple(_state_from_json(s, columns, universes) for s in states),
        steps=tuple(_step_from_json(s, universes) for s in states[1:]),
        violation=_named_from_json(meta["violation"], universes),
        loops_to=document.get("loop"),
    )


# Values


def _to_json(value: Value, sort: str, universes: Mapping[str, int]) -> Any:
    if isinstance(value, bool | str):
        return value
    if sort in universes:
        return f"{sort}{value}"
    return value if abs(value) <= LARGEST_EXACT else {"#bigint": str(value)}


def _from_json(value: Any, sort: str, universes: Mapping[str, int]) -> Value:
    if sort in universes:
        return int(value.removeprefix(sort))
    if isinstance(value, bool | int | str):
        return value
    return int(value["#bigint"])


def _named_to_json(named: Named, universes: Mapping[str, int]) -> list[dict[str, Any]]:
    return [{"name": n, "sort": s, "value": _to_json(v, s, universes)} for n, s, v in named]


def _named_from_json(items: list[Mapping[str, Any]], universes: Mapping[str, int]) -> Named:
    return tuple(
        (i["name"], i["sort"], _from_json(i["value"], i["sort"], universes)) for i in items
    )


# Columns


def _column_to_json(column: Column) -> dict[str, Any]:
    return {
        "name": column.name,
        "domain": list(column.domain),
        "range": column.range,
        "mutable": column.mutable,
        "signed": column.signed,
        "meant": column.meant,
    }


def _column_from_json(item: Mapping[str, Any]) -> Column:
    return Column(
        item["name"],
        tuple(item["domain"]),
        item["range"],
        item["mutable"],
        item["signed"],
        item.get("meant", True),
    )


# States and steps


def _state_to_json(
    index: int, state: State, trace: Trace, sorts: Mapping[str, Column]
) -> dict[str, Any]:
    step = trace.steps[index - 1] if index else None
    item: dict[str, Any] = {"#meta": {"index": index}, LOCATION: state.location}
    for name, points in state.values.items():
        item[name] = _function_to_json(points, sorts[name], trace.universes)
    item[ACTION_TAKEN] = "init" if step is None else step.action
    item[NONDET_PICKS] = {}
    if step is not None:
        item[NONDET_PICKS] = {n: _to_json(v, s, trace.universes) for n, s, v in step.params}
        item["#meta"]["step"] = _step_to_json(step)
    return item


def _function_to_json(
    points: Mapping[Arguments, Value], column: Column, universes: Mapping[str, int]
) -> Any:
    if not column.domain:
        return _to_json(points[()], column.range, universes)
    return {
        "#map": [
            [_key_to_json(k, column, universes), _to_json(v, column.range, universes)]
            for k, v in points.items()
        ]
    }


def _key_to_json(key: Arguments, column: Column, universes: Mapping[str, int]) -> Any:
    parts = [_to_json(v, s, universes) for v, s in zip(key, column.domain, strict=True)]
    return parts[0] if len(parts) == 1 else {"#tup": parts}


def _state_from_json(
    item: Mapping[str, Any], columns: tuple[Column, ...], universes: Mapping[str, int]
) -> State:
    values: dict[str, Mapping[Arguments, Value]] = {}
    for column in columns:
        if column.name not in item:
            continue
        found = item[column.name]
        if not column.domain:
            values[column.name] = {(): _from_json(found, column.range, universes)}
            continue
        values[column.name] = {
            _key_from_json(k, column, universes): _from_json(v, column.range, universes)
            for k, v in found["#map"]
        }
    return State(item[LOCATION], values)


def _key_from_json(key: Any, column: Column, universes: Mapping[str, int]) -> Arguments:
    parts = key["#tup"] if isinstance(key, dict) and "#tup" in key else [key]
    return tuple(_from_json(v, s, universes) for v, s in zip(parts, column.domain, strict=True))


def _step_to_json(step: Step) -> dict[str, Any]:
    place = step.place
    return {
        "doc": step.doc,
        "kernel": step.kernel,
        "holds": step.holds,
        "sorts": {name: sort for name, sort, _ in step.params},
        "place": None
        if place is None
        else {
            "file": place.file,
            "line": place.line,
            "column": place.column,
            "source": place.source,
            "length": place.length,
        },
        "notes": list(step.notes),
    }


def _step_from_json(item: Mapping[str, Any], universes: Mapping[str, int]) -> Step:
    step = item["#meta"]["step"]
    picks, sorts = item[NONDET_PICKS], step["sorts"]
    return Step(
        action=item[ACTION_TAKEN],
        params=tuple((n, s, _from_json(picks[n], s, universes)) for n, s in sorts.items()),
        doc=step["doc"],
        kernel=step["kernel"],
        holds=step["holds"],
        place=None if step["place"] is None else Place(**step["place"]),
        notes=tuple(step["notes"]),
    )
