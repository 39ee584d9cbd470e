"""ITF documents keep everything of a trace."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakes.traces import trace
from oracles.effort import examples
from staleproof.errors import Place, TraceFileError
from staleproof.trace.itf import LARGEST_EXACT, LOCATION, from_itf, to_itf
from staleproof.trace.model import Column, State, Step, Trace

SORTS = {
    "Bool": st.booleans(),
    "Int": st.integers(-(2**80), 2**80),
    "BitVec64": st.integers(0, 2**64 - 1),
    "Stage": st.sampled_from(["NEW", "CHECKED"]),
    "Vma": st.integers(0, 9),
}


@st.composite
def columns(draw: st.DrawFn) -> tuple[Column, ...]:
    """Columns of distinct names and any sorts."""
    names = draw(st.lists(st.sampled_from("abcdefgh"), min_size=1, max_size=5, unique=True))
    sort = st.sampled_from(sorted(SORTS))
    return tuple(
        Column(
            name,
            tuple(draw(st.lists(sort, max_size=2))),
            draw(sort),
            draw(st.booleans()),
            draw(st.booleans()),
        )
        for name in names
    )


@st.composite
def traces(draw: st.DrawFn) -> Trace:
    """Traces with every kind of value in every place that can have it."""
    symbols = draw(columns())

    def named() -> tuple[tuple[str, str, Any], ...]:
        sorts = draw(st.dictionaries(st.sampled_from("pqr"), st.sampled_from(sorted(SORTS))))
        return tuple((n, s, draw(SORTS[s])) for n, s in sorts.items())

    def state() -> State:
        values: dict[str, Any] = {}
        for column in symbols:
            keys = st.tuples(*(SORTS[s] for s in column.domain))
            points = draw(st.lists(keys, max_size=3, unique=True)) if column.domain else [()]
            values[column.name] = {p: draw(SORTS[column.range]) for p in points}
        return State(draw(st.text(max_size=3)), values)

    text = st.text(max_size=5)
    places = st.none() | st.builds(Place, text, st.integers(1, 9), st.integers(1, 9), text)
    steps = tuple(
        Step(draw(text), named(), draw(text), draw(text), draw(text), draw(places), (draw(text),))
        for _ in range(draw(st.integers(0, 3)))
    )
    return Trace(
        property="p",
        system="s",
        system_digest="0",
        columns=symbols,
        universes={"Vma": 10},
        states=tuple(state() for _ in range(len(steps) + 1)),
        steps=steps,
        violation=named(),
        loops_to=draw(st.none() | st.just(0)),
    )


@examples(100)
@given(traces())
def test_reading_back_gives_an_equal_trace(original: Trace) -> None:
    """`from_itf` undoes `to_itf`, through JSON text too."""
    document = json.loads(json.dumps(to_itf(original)))

    assert original == from_itf(document)


def test_the_shape_is_that_of_adr_015() -> None:
    """Immutable symbols are params, mutable ones vars; functions are maps, points tuples."""
    document = to_itf(trace(loops_to=1), {"claim": "GVF-2@v4", "replay": "agrees"})

    assert document["params"] == ["nr_frames", "start", "vm_start", "vm_io"]
    assert document["vars"] == [LOCATION, "ret", "lock", "pte", "rounds"]
    assert document["loop"] == 1
    assert document["#meta"]["claim"] == "GVF-2@v4"
    assert document["#meta"]["system_hash"] == "0123456789abcdef"
    last = document["states"][2]
    assert last["#meta"]["index"] == 2
    assert last["pte"] == {"#map": [[{"#tup": ["Vma0", 0x7FFF_FFFF_F000]}, True]]}
    assert last["rounds"] == {"#bigint": str(-(2**70))}
    assert last["mbt::actionTaken"] == "install_pte"
    assert document["states"][1]["mbt::nondetPicks"] == {"result": 4294967282, "v": "Vma0"}


def test_integers_that_json_readers_round_are_bigints() -> None:
    """Up to 2**53 - 1 an integer is a JSON number, above it is a string."""
    column = Column("x", (), "BitVec64", mutable=True, signed=False)

    def written(value: int) -> Any:
        states = (State("-", {"x": {(): value}}),)
        base = replace(trace(), columns=(column,), states=states, steps=(), violation=())
        return to_itf(base)["states"][0]["x"]

    assert written(LARGEST_EXACT) == LARGEST_EXACT
    assert written(LARGEST_EXACT + 1) == {"#bigint": "9007199254740992"}


@pytest.mark.parametrize(
    "document",
    [{}, {"#meta": {}}, {"#meta": None, "states": []}, {**to_itf(trace()), "states": [{}]}],
)
def test_another_document_is_refused(document: dict[str, Any]) -> None:
    """A document that is not a trace of ours is an error of its own, not a crash."""
    with pytest.raises(TraceFileError, match="not a trace of staleproof"):
        from_itf(document)
