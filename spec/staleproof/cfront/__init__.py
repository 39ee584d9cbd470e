"""The C front end: the text of one C function to a typed control-flow graph, as C on LP64 means it.

No solver is used here, and tree-sitter is loaded when the first function is.
"""

from __future__ import annotations

from staleproof.cfront.load import callees, function_names, load_function
from staleproof.cfront.render import render, render_lvalue
from staleproof.cfront.source import SourceFile, read_source

__all__ = [
    "SourceFile",
    "callees",
    "function_names",
    "load_function",
    "read_source",
    "render",
    "render_lvalue",
]
