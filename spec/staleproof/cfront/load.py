"""The way in: a C file and a function's name to that function's graph, inlined."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from staleproof.cfront.cells import with_cells
from staleproof.cfront.cfg import function_graph
from staleproof.cfront.declarations import Declarations, kernel_declarations
from staleproof.cfront.inline import inlined
from staleproof.cfront.ir import (
    AddressOf,
    Assign,
    Call,
    Field,
    FieldArray,
    Function,
    Load,
    Step,
    expressions,
    walk,
)
from staleproof.cfront.parse import find_function
from staleproof.cfront.source import SourceFile, read_source
from staleproof.cfront.types import FunctionType, StructDefinition
from staleproof.cfront.values import fold
from staleproof.errors import EmptySourceError, UnsupportedCError


def load_function(
    source: SourceFile | Path,
    name: str,
    *,
    keep_calls: frozenset[str] = frozenset(),
    prototypes: Mapping[str, FunctionType] | None = None,
) -> Function:
    """The typed graph of the function, with the functions of the same text inlined.

    Calls of the names in `keep_calls` stay calls, though the text has their bodies. `prototypes`
    types the calls of functions that the text neither defines nor declares; those of the kernel
    that are known (structs.py) need not be in it. Raises only errors of staleproof.errors.
    """
    text = read_source(source) if isinstance(source, Path) else source
    if not text.text.strip():
        raise EmptySourceError(f"{text.name} is empty")
    try:
        return _load(text, name, keep_calls, prototypes)
    except RecursionError as error:
        if isinstance(error, UnsupportedCError) or hasattr(error, "code"):
            raise
        raise UnsupportedCError(
            f"{text.name}: the text is nested too deeply", fix="take apart the longest expression"
        ) from error


def _load(
    text: SourceFile,
    name: str,
    keep_calls: frozenset[str],
    prototypes: Mapping[str, FunctionType] | None,
) -> Function:
    file = Declarations(text, fold, kernel_declarations(fold), prototypes=prototypes)
    graphs: dict[str, Function] = {}

    def graph(wanted: str) -> Function:
        if wanted not in graphs:
            node = find_function(file.functions, wanted, file.root, text)
            graphs[wanted] = function_graph(node, file)
        return graphs[wanted]

    def body(wanted: str) -> Function | None:
        return graph(wanted) if wanted in file.functions and wanted not in keep_calls else None

    whole = with_cells(inlined(graph(name), body))
    return replace(whole, structs=_structs(whole, file))


def callees(function: Function) -> tuple[str, ...]:
    """The functions that the graph still calls, in the order of their first calls."""
    calls = [
        node.instruction.callee
        for node in function.nodes
        if isinstance(node, Step) and isinstance(node.instruction, Call)
    ]
    return tuple(dict.fromkeys(calls))


def function_names(source: SourceFile) -> tuple[str, ...]:
    """The functions that the text defines, in its order."""
    return tuple(Declarations(source, fold, None).functions)


def _structs(function: Function, file: Declarations) -> tuple[StructDefinition, ...]:
    tags: dict[str, None] = {}
    for node in function.nodes:
        match node:
            case Step(instruction=Assign(lvalue=Field(struct_tag=tag))):
                tags[tag] = None
        for expr in (e for top in expressions(node) for e in walk(top)):
            if isinstance(expr, FieldArray):
                tags[expr.struct_tag] = None
            if isinstance(expr, Load | AddressOf) and isinstance(expr.lvalue, Field):
                tags[expr.lvalue.struct_tag] = None
    found = [file.struct(tag) for tag in tags]
    return tuple(definition for definition in found if definition is not None)
