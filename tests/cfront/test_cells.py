"""A pointer that is only followed, or handed on, stands for one variable."""

from __future__ import annotations

import pytest

from staleproof.cfront import SourceFile, load_function
from staleproof.cfront.cells import OUT
from staleproof.cfront.ir import Assign, Call, Function, Step, expressions
from staleproof.cfront.render import render, render_lvalue

HANDED_ON = """
static int inner(unsigned long *where, int n)
{
	*where = *where + n;
	return 0;
}

int f(unsigned long *out, int n)
{
	unsigned long mine = 1;

	inner(%s, n);
	*out = mine;
	return 0;
}
"""


def load(text: str) -> Function:
    """The graph of `f`."""
    return load_function(SourceFile("f.c", text), "f")


def stores(function: Function) -> list[str]:
    """The assignments of the graph, silent conversions left out."""
    return [
        f"{render_lvalue(node.instruction.lvalue)} = {render(node.instruction.expr)}"
        for node in function.nodes
        if isinstance(node, Step) and isinstance(node.instruction, Assign)
    ]


def test_what_an_outer_pointer_points_to_is_a_parameter() -> None:
    """It has a value at the call, and whether anything else uses it is told as an assumption."""
    function = load("int f(int *p)\n{\n\t*p = *p + 1;\n\treturn *p;\n}\n")

    assert [p.name for p in function.parameters] == ["p", "*p"]
    assert stores(function) == ["*p = *p + 1"]
    assert OUT in function.notes


def test_a_pointer_that_is_not_followed_stays_what_it_is() -> None:
    """Its callee gets the pointer, and nothing is assumed."""
    function = load("int g(int *p);\nint f(int *p)\n{\n\treturn g(p);\n}\n")
    (call,) = (n.instruction for n in function.nodes if isinstance(n, Step))

    assert [p.name for p in function.parameters] == ["p"]
    assert OUT not in function.notes
    assert isinstance(call, Call)
    assert render(call.arguments[0]) == "p"


@pytest.mark.parametrize(
    ("argument", "stored", "assumed"),
    [
        ("&mine", "mine = mine + inner.n", True),
        ("out", "*out = *out + inner.n", True),
    ],
)
def test_an_address_that_is_handed_on_stays_that_of_its_variable(
    argument: str, stored: str, assumed: bool
) -> None:
    """Of a local of the caller's, or of what the caller's own pointer points to."""
    function = load(HANDED_ON % argument)

    assert stored in stores(function)
    assert "*out = mine" in stores(function)
    assert (OUT in function.notes) is assumed
    assert not any("inner.where" in render(e) for n in function.nodes for e in expressions(n))
