"""C functions of one's own: what C and the contracts demand is decided, kind by kind."""

from __future__ import annotations

from pathlib import Path

import pytest

from staleproof.cfront import SourceFile, load_function
from staleproof.cfront.contracts import World
from staleproof.cfront.translate import translate
from staleproof.errors import StaleproofError, UnsupportedCError, UsageError
from staleproof.kernel.check import check_file
from staleproof.kernel.sentences import SENTENCES
from staleproof.kernel.world import WORLD
from staleproof.trace.itf import from_itf
from staleproof.verdict import ClaimResult, Word

LOCKED = """
unsigned long f(struct mm_struct *mm, unsigned long address)
{
	struct vm_area_struct *vma;
	unsigned long start = 0;

	mmap_read_lock(mm);
	vma = find_vma(mm, address);
%s
	return start;
}
"""
ELEMENT = """
int f(struct frame_vector *vec, int i)
{
	unsigned long *pfns = (unsigned long *)(vec->ptrs);

	if (%s)
		return -EFAULT;
	pfns[i] = 0;
	return 0;
}
"""
SLOT = """
unsigned long f(struct frame_vector *vec)
{
	%s slots = (%s)(vec->ptrs);

	if (vec->nr_frames == 0%s)
		return 0;
	return slots[0] != 0;
}
"""

LEFT_OUT = """
int f(int n)
{
again:
	switch (n) {
	case 0:
		n = 1;
		int x = 5;
		n = x;
		goto again;
	default:
		%sif (n)
			return x;
	}
	return n;
}
"""


def decided(folder: Path, text: str, *names: str, havoc: tuple[str, ...] = ()) -> list[ClaimResult]:
    """What `check` finds out about `f` in a file of that text."""
    path = folder / "own.c"
    path.write_text(text)
    return check_file(str(path), "f", names, havoc)


MISUSES = {
    "division by zero": (
        "C-DIVISION",
        "int f(int a, int b) { return a / b; }",
        "int f(int a, int b) { if (b <= 0) return 0; return a % b; }",
    ),
    "shift by the width": (
        "C-SHIFT",
        "unsigned long f(unsigned int n) { return 1UL << n; }",
        "unsigned long f(unsigned int n) { if (n > 63) return 0; return 1UL << n; }",
    ),
    "NULL vma": (
        "C-NULL",
        LOCKED % "\tstart = vma->vm_start;\n\tmmap_read_unlock(mm);",
        LOCKED % "\tif (vma)\n\t\tstart = vma->vm_start;\n\tmmap_read_unlock(mm);",
    ),
    "vma after unlock": (
        "C-UNLOCKED",
        LOCKED % "\tmmap_read_unlock(mm);\n\tif (vma)\n\t\tstart = vma->vm_start;",
        LOCKED % "\tif (vma)\n\t\tstart = vma->vm_start;\n\tmmap_read_unlock(mm);",
    ),
    "vma after the lock was dropped and taken": (
        "C-STALE-VMA",
        LOCKED % "\tmmap_read_unlock(mm);\n\tmmap_read_lock(mm);\n\tif (vma)\n"
        "\t\tstart = vma->vm_start;\n\tmmap_read_unlock(mm);",
        LOCKED % "\tmmap_read_unlock(mm);\n\tmmap_read_lock(mm);\n\tvma = find_vma(mm, address);\n"
        "\tif (vma)\n\t\tstart = vma->vm_start;\n\tmmap_read_unlock(mm);",
    ),
    "lock taken twice": (
        "C-LOCK",
        "void f(struct mm_struct *mm) { mmap_read_lock(mm); mmap_read_lock(mm); }",
        "void f(struct mm_struct *mm) { mmap_read_lock(mm); mmap_read_unlock(mm);"
        " mmap_read_lock(mm); mmap_read_unlock(mm); }",
    ),
    "lock released unheld": (
        "C-LOCK",
        "void f(struct mm_struct *mm) { mmap_read_unlock(mm); }",
        "void f(struct mm_struct *mm) { if (mmap_read_trylock(mm)) mmap_read_unlock(mm); }",
    ),
    "lock held at one of two returns": (
        "C-BALANCE",
        LOCKED % "\tif (!vma)\n\t\treturn 0;\n\tmmap_read_unlock(mm);",
        LOCKED % "\tif (!vma)\n\t\tgoto out;\n\tstart = vma->vm_start;\nout:\n"
        "\tmmap_read_unlock(mm);",
    ),
    "lock held when trylock gave it": (
        "C-BALANCE",
        "int f(struct mm_struct *mm) { return mmap_read_trylock(mm); }",
        "int f(struct mm_struct *mm) { if (!mmap_read_trylock(mm)) return 0;"
        " mmap_read_unlock(mm); return 1; }",
    ),
    "negative index": (
        "C-BOUNDS",
        ELEMENT % "i >= (int)vec->nr_allocated",
        ELEMENT % "i < 0 || i >= (int)vec->nr_allocated",
    ),
    "index that is the capacity": (
        "C-BOUNDS",
        ELEMENT % "i > vec->nr_allocated",
        ELEMENT % "i >= vec->nr_allocated",
    ),
    "quotient that overflows": (
        "C-DIVISION",
        "int f(int a, int b) { if (b == 0) return 0; return a / b; }",
        "int f(int a, int b) { if (b == 0 || b == -1) return 0; return a / b; }",
    ),
    "remainder that overflows": (
        "C-DIVISION",
        "long f(long a, long b) { if (b == 0) return 0; return a % b; }",
        "long f(long a, unsigned long b) { if (b == 0) return 0; return a % b; }",
    ),
    "initialiser that is jumped over": (
        "C-UNINITIALISED",
        LEFT_OUT % "",
        LEFT_OUT % "if (n) x = n; ",
    ),
    "local never set": (
        "C-UNINITIALISED",
        "int f(int n) { int r; if (n > 0) r = n; return r; }",
        "int f(int n) { int r; if (n > 0) r = n; if (n > 0) return r; return 1; }",
    ),
    "BUG_ON": (
        "C-BUG",
        "int f(int n) { BUG_ON(n > 3); return n; }",
        "int f(int n) { if (n > 3) n = 3; BUG_ON(n > 3); return n; }",
    ),
    "slot of another type": (
        "C-SLOT-TYPE",
        SLOT % ("unsigned long *", "unsigned long *", ""),
        SLOT % ("unsigned long *", "unsigned long *", " || !vec->is_pfns"),
    ),
    "loop that stands still": (
        "C-ENDS",
        "int f(int n) { int i; for (i = 0; i != n; ) ; return 0; }",
        "int f(int n) { int i; for (i = 0; i < n; i++) ; return 0; }",
    ),
}


@pytest.mark.parametrize("misuse", MISUSES)
def test_a_misuse_is_found_as_its_own_property(tmp_path: Path, misuse: str) -> None:
    """The trace is one that was replayed, and no longer than needed to read."""
    name, wrong, _ = MISUSES[misuse]
    (result,) = decided(tmp_path, wrong, name)
    assert result.verdict.word is Word.REFUTED
    assert result.trace is not None
    assert result.trace["#meta"]["replay"] == "agrees"
    trace = from_itf(result.trace)
    assert 1 <= len(trace.steps) <= 8
    assert (trace.loops_to is not None) == (name == "C-ENDS")


@pytest.mark.parametrize("misuse", MISUSES)
def test_the_corrected_function_is_proved(tmp_path: Path, misuse: str) -> None:
    """Without an annotation in it, and every other property with it; each says what it is."""
    name, _, right = MISUSES[misuse]
    results = {r.property: r.verdict.word for r in decided(tmp_path, right)}
    assert set(results.values()) == {Word.PROVED}
    assert name in results
    assert results.keys() <= SENTENCES.keys()


def test_only_what_takes_mmap_lock_is_asked_to_give_it_back(tmp_path: Path) -> None:
    """Of a get_vaddr_frames GVF-12 says it."""
    without = "void f(struct mm_struct *mm) { mmap_read_unlock(mm); }"
    get = (
        "int f(unsigned long start, unsigned int nr_frames, struct frame_vector *vec)\n"
        "{ mmap_read_lock(current->mm); return -EFAULT; }"
    )
    assert {r.property for r in decided(tmp_path, without)} == {"C-LOCK", "C-ENDS"}
    results = {r.property: r.verdict.word for r in decided(tmp_path, get)}
    assert "C-BALANCE" not in results
    assert results["GVF-12"] is Word.REFUTED


class TestUnknownCallees:
    """What is not known is refused, or taken as an assumption that is printed."""

    text = "int frob(int n);\nint f(int n)\n{\n\treturn 8 / frob(n);\n}\n"

    def test_a_callee_without_a_contract_is_refused_at_its_call(self, tmp_path: Path) -> None:
        """With the option that would accept it."""
        with pytest.raises(StaleproofError) as caught:
            decided(tmp_path, self.text)
        assert caught.value.code == "SP203"
        assert caught.value.place is not None
        assert caught.value.place.line == 4
        assert "--havoc frob" in caught.value.fix

    def test_havoc_lets_it_return_anything_and_says_so(self, tmp_path: Path) -> None:
        """Zero is among what it may return."""
        results = {r.property: r for r in decided(tmp_path, self.text, havoc=("frob",))}
        assert results["C-DIVISION"].verdict.word is Word.REFUTED
        assert results["C-ENDS"].verdict.word is Word.PROVED
        assert all("HAVOC-frob" in dict(r.assumptions) for r in results.values())

    def test_a_caller_that_checks_what_comes_back_is_proved(self, tmp_path: Path) -> None:
        """The assumption stands beside the proof."""
        text = "int frob(int n);\nint f(int n) { int d = frob(n); return d ? 8 / d : 0; }\n"
        checked = text.replace("return d ? 8 / d : 0;", "if (!d) return 0; return 8 / d;")
        (result,) = decided(tmp_path, checked, "C-DIVISION", havoc=("frob",))
        assert result.verdict.word is Word.PROVED
        assert "HAVOC-frob" in dict(result.assumptions)

    def test_it_may_write_to_what_it_is_given_the_address_of(self, tmp_path: Path) -> None:
        """And says that it may."""
        text = "int frob(int *n);\nint f(void) { int d = 1; frob(&d); return 8 / d; }\n"
        (result,) = decided(tmp_path, text, "C-DIVISION", havoc=("frob",))
        assert result.verdict.word is Word.REFUTED
        assert "may write to" in dict(result.assumptions)["HAVOC-frob"]


def test_an_unknown_property_is_answered_with_the_nearest(tmp_path: Path) -> None:
    """And with all that the function can be asked."""
    with pytest.raises(UsageError) as caught:
        decided(tmp_path, "int f(int a, int b) { return a / b; }", "C-DIVISON")
    assert "did you mean C-DIVISION?" in caught.value.fix
    assert "C-ENDS" in caught.value.fix


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("struct mine { int x; };\nint f(struct mine *m)\n{\n\treturn m->x;\n}\n", 4),
        ("struct mine { int x; };\nvoid f(struct mine *m)\n{\n\tm->x = 1;\n}\n", 4),
        ("void f(struct vm_area_struct *vma)\n{\n\tvma->vm_flags = 0;\n}\n", 3),
        ("int count;\nint f(int n)\n{\n\tcount = n;\n\treturn n;\n}\n", 4),
        ("int count;\nint f(int n)\n{\n\treturn n + count;\n}\n", 4),
        ("int f(int n, int m)\n{\n\tint *p = n ? &n : &m;\n\n\treturn *p;\n}\n", 3),
        ("int f(int *p, int i)\n{\n\tint a = 0;\n\n\treturn a + p[i];\n}\n", 5),
        ("int f(int *p)\n{\n\tif (!p)\n\t\treturn 0;\n\treturn *p;\n}\n", 3),
        ("int f(int *p, int *q)\n{\n\treturn p < q;\n}\n", 3),
    ],
)
def test_what_is_not_modelled_is_refused_where_it_stands(
    tmp_path: Path, text: str, line: int
) -> None:
    """An error of the translation has the line, the source and a caret, like one of the parser."""
    with pytest.raises(UnsupportedCError) as caught:
        decided(tmp_path, text)
    assert caught.value.place is not None
    assert caught.value.place.line == line
    assert "^" in caught.value.render()


OWN_NAMES = """
static int pin(struct vm_area_struct *vma, unsigned long start)
{
	int result = -EFAULT;
	unsigned long pfn;

	if (vma && start < vma->vm_end)
		result = follow_pfn(vma, start, &pfn);
	return result;
}
int f(struct vm_area_struct *vma, unsigned long start, struct frame_vector *vec)
{
	struct page **pages = (struct page **)(vec->ptrs);
	int result = 0;
	int now = 0;

	if (vec->nr_allocated)
		result = pin_user_pages_fast(start, 1, FOLL_WRITE, pages);
	if (result < 0)
		now += pin(vma, start);
	return now + result;
}
"""


def test_locals_are_none_of_the_models_constants_whatever_they_are_called() -> None:
    """They have the function's name in theirs where the model has that name, inlined or not."""
    translation = translate(load_function(SourceFile("own.c", OWN_NAMES), "f"), WORLD)
    names = [s.name for s in translation.system(()).symbols]
    own = {s.name for s in translation.symbols if s is not translation.result}

    assert {"result@f", "now@f", "pin.result@f"} <= own
    assert {"result", "now", "pin.result"} <= set(names) - own
    assert len(names) == len(set(names))


def test_a_lone_function_needs_nothing_else_of_its_file() -> None:
    """Neither includes nor a world: integers alone are no kernel matter."""
    source = SourceFile("lone.c", "int f(int n) { while (n > 0) n--; return n; }\n")
    translation = translate(load_function(source, "f"), World())
    system = translation.system(())
    assert list(translation.parameters) == ["n"]
    assert translation.kinds == frozenset()
    assert {a.target for a in system.actions} >= {"return"}
    assert system.axioms == ()


def test_other_functions_of_the_file_do_not_matter(tmp_path: Path) -> None:
    """What stands around the function, even if it is refused itself, changes no verdict."""
    text = "int g(int n) { return unheard_of(n); }\nint f(int a) { return a / 2; }\n"
    results = decided(tmp_path, text)
    assert {r.verdict.word for r in results} == {Word.PROVED}
