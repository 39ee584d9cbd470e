"""The C front end: the text of one C function to a typed control-flow graph, as C on LP64 means it.

No solver is used here, and tree-sitter is loaded when the first function is.
"""
