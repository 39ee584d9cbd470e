"""The assumptions that are printed are those that a system rests on, and none is forgotten."""

from __future__ import annotations

from pathlib import Path

import pytest

from staleproof.claims import matching
from staleproof.kernel.check import check_file
from staleproof.kernel.world import ABOUT, WORLD
from staleproof.lang.substitute import symbols_of

LANGUAGE = {"c-lp64", "c-wrapv"}
OF_THE_MM = {"VMA-SHAPE", "MMAP-LOCK", "MMAP-UNHELD", "FSDAX-NOT-RAW", "c-page-size"}


def assumed(folder: Path, text: str) -> set[str]:
    """The assumptions printed with the verdicts about `f`."""
    path = folder / "own.c"
    path.write_text(text)
    return {name for r in check_file(str(path), "f", ("C-ENDS",)) for name, _ in r.assumptions}


def test_integers_rest_on_the_language_alone(tmp_path: Path) -> None:
    """They are no kernel matter."""
    assert assumed(tmp_path, "int f(int a) { return a / 2; }") == LANGUAGE


def test_a_vma_brings_what_is_assumed_of_the_mm(tmp_path: Path) -> None:
    """But nothing of page tables or vectors."""
    text = (
        "unsigned long f(struct mm_struct *mm, unsigned long a)\n{\n"
        "\tstruct vm_area_struct *vma;\n\tunsigned long end = 0;\n\n"
        "\tmmap_read_lock(mm);\n\tvma = find_vma(mm, a);\n"
        "\tif (vma)\n\t\tend = vma->vm_end;\n\tmmap_read_unlock(mm);\n\treturn end;\n}\n"
    )
    assert assumed(tmp_path, text) == LANGUAGE | OF_THE_MM


def test_a_vector_that_comes_in_is_assumed_to_be_made(tmp_path: Path) -> None:
    """As what the function gets, it is somebody else's work."""
    text = "unsigned int f(struct frame_vector *vec) { return vec->nr_frames; }\n"
    assert {"VEC-MADE", "VEC-FILLED"} <= assumed(tmp_path, text)


@pytest.mark.parametrize("version", ["legacy", "v4", "no-fallback"])
def test_a_vector_that_is_made_on_the_way_is_not_assumed_to_be(version: str) -> None:
    """GVF-7 is about a function without a vector among its arguments, GVF-15 about one with it."""
    about_caller, about_put = matching((f"GVF-7@{version}", f"GVF-15@{version}"))
    of_caller = {a.name for a in about_caller.build().system.assumptions}
    of_put = {a.name for a in about_put.build().system.assumptions}

    assert "VEC-MADE" not in of_caller
    assert "VEC-MADE" in of_put


def test_what_an_assumption_speaks_of_is_known() -> None:
    """No name in the table is one that no assumption has."""
    assert ABOUT.keys() <= {a.name for a in WORLD.assumptions}


def test_an_axiom_is_never_used_without_its_assumption() -> None:
    """Whatever symbol an axiom speaks of, some assumption speaks of it too."""
    for axiom in WORLD.axioms:
        assert any(speaks(s) for s in symbols_of(axiom) for speaks in ABOUT.values()), axiom
