"""Long terms on one line, with what occurs in them several times written once."""

from __future__ import annotations

from collections import Counter

from staleproof.lang.terms import Term, postorder, show

SHORT = 24
"""The length of a text that is not worth a name."""


def show_once(term: Term) -> str:
    """The term on one line with every long part written once: ``x1 <u x1 + 4096 where x1 = ...``.

    A part that speaks of something that the term quantifies over stays in its place.
    """
    nodes = list(postorder(term))
    uses = Counter(child for node in nodes for child in node.children)
    names: dict[Term, str] = {}
    told = []
    for node in nodes:
        if uses[node] > 1 and node.free <= term.free:
            text = show(node, names)
            if len(text) > SHORT:
                names[node] = f"x{len(names) + 1}"
                told.append(f"{names[node]} = {text}")
    ending = f" where {', '.join(told)}" if told else ""
    return f"{show(term, names)}{ending}"
