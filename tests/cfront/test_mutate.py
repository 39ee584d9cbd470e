"""A mutant is the text with one place changed: which places, into what, under which name."""

from __future__ import annotations

import pytest

from staleproof.cfront import SourceFile
from staleproof.cfront.mutate import COMPARISONS, Mutant, mutants, text_of
from staleproof.cfront.parse import parse
from staleproof.errors import FunctionNotFoundError
from staleproof.history.text_mutants import NAMES, subject_named

TEXT = """\
/* Ä: bytes are not characters. */
int other(int a)
{
	return a == 1;
}

int f(unsigned long start, unsigned int n, struct vec *v)
{
	int i, left = 2;
	bool on = true;

	if (!v || on)
		goto out;
	else
		left = -EFAULT;
	for (i = 0; i < n; i++) {
		if (i & FOLL_WRITE)
			break;
		start += PAGE_SIZE;
	}
out:
	g((void *)v, left);
	return left;
}
"""
SOURCE = SourceFile("f.c", TEXT)


def changes(operator: str) -> list[str]:
    """The changes that one operator makes in `f`."""
    return [m.change for m in mutants(SOURCE, "f") if m.name.split(":")[2] == operator]


class TestOperators:
    """What each operator changes, in the order of the places."""

    def test_every_statement_is_dropped(self) -> None:
        """Simple statements and whole ifs and loops, a labelled one without its label."""
        assert changes("drop") == [
            "if (!v || on) goto out; else left = -EFAULT; -> ;",
            "goto out; -> ;",
            "left = -EFAULT; -> ;",
            "for (i = 0; i < n; i++) { if (i & FOLL_WRITE) break; start += PAGE_SIZE; } -> ;",
            "if (i & FOLL_WRITE) break; -> ;",
            "break; -> ;",
            "start += PAGE_SIZE; -> ;",
            "g((void *)v, left); -> ;",
            "return left; -> ;",
        ]

    def test_an_else_and_initialisers_are_dropped(self) -> None:
        """The rest of the if and of the declaration stays."""
        assert changes("drop-else") == ["else left = -EFAULT; -> "]
        assert changes("drop-initialiser") == ["left = 2 -> left", "on = true -> on"]

    def test_a_comparison_becomes_each_other(self) -> None:
        """Off by one, turned round, and all else that it could be."""
        assert changes("comparison") == [f"< -> {c}" for c in COMPARISONS if c != "<"]

    def test_truths_are_turned_round(self) -> None:
        """A negation goes; a condition without comparison gets one."""
        assert changes("truth") == ["!v -> v", "i & FOLL_WRITE -> !(i & FOLL_WRITE)"]

    def test_operators_become_their_counterparts(self) -> None:
        """Logic, counting, bits and sums."""
        assert changes("operator") == ["|| -> &&", "++ -> --", "& -> |", "+= -> -="]

    def test_constants_are_off_by_one_or_zero(self) -> None:
        """Numbers and names of constants; what is no constant stays."""
        found = changes("constant")

        assert found[:3] == ["2 -> (2 + 1)", "2 -> (2 - 1)", "2 -> 0"]
        assert found[3] == "true -> false"
        assert found[4:7] == ["EFAULT -> (EFAULT + 1)", "EFAULT -> (EFAULT - 1)", "EFAULT -> 0"]
        assert found[7:9] == ["0 -> (0 + 1)", "0 -> (0 - 1)"]
        assert [c.split()[0] for c in found[9:]] == ["FOLL_WRITE"] * 3 + ["PAGE_SIZE"] * 3

    def test_integers_get_the_other_types(self) -> None:
        """Locals and parameters, but no pointers and not what the function returns."""
        assert changes("type") == [
            "unsigned long -> int",
            "unsigned long -> unsigned int",
            "unsigned long -> long",
            "unsigned int -> int",
            "unsigned int -> long",
            "unsigned int -> unsigned long",
            "int -> unsigned int",
            "int -> long",
            "int -> unsigned long",
        ]

    def test_a_cast_is_dropped(self) -> None:
        """What was cast stays."""
        assert changes("cast") == ["(void *)v -> v"]


def test_names_tell_function_line_operator_and_occurrence() -> None:
    """A name is made of the place; no two mutants share one, and each time they are the same."""
    found = mutants(SOURCE, "f")

    assert [m.name for m in found][:3] == ["f:7:type:0", "f:7:type:1", "f:7:type:2"]
    assert len({m.name for m in found}) == len(found)
    assert found == mutants(SOURCE, "f")


def test_a_mutant_is_the_text_with_one_place_changed() -> None:
    """At line and column `old` stood and `new` stands; the rest, and the other lines, stay."""
    for m in mutants(SOURCE, "f"):
        assert m.text == replaced(TEXT, m)
        assert m.text.count("\n") == TEXT.count("\n")
        assert text_of(SourceFile("f.c", m.text), "other") == text_of(SOURCE, "other")


def replaced(text: str, mutant: Mutant) -> str:
    """The text with the mutant's one change made by line and column."""
    lines = text.split("\n")
    start = sum(len(line) + 1 for line in lines[: mutant.line - 1]) + mutant.column - 1
    assert text[start:].startswith(mutant.old)
    return text[:start] + mutant.new + text[start + len(mutant.old) :]


def test_a_function_that_is_not_there_has_no_mutants() -> None:
    """It is an error, as everywhere."""
    with pytest.raises(FunctionNotFoundError):
        mutants(SOURCE, "get_vaddr_frames")


@pytest.mark.parametrize("name", NAMES)
def test_mutants_of_the_texts_parse(name: str) -> None:
    """Every mutant of the real texts is C for the parser: what refuses one, knows its meaning."""
    broken = [
        m.name
        for m in subject_named(name).mutants
        if parse(SourceFile("mutant.c", m.text)).has_error
    ]

    assert broken == []
