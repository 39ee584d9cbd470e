"""``staleproof diff``: two versions of a function, proved the same or told apart."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from cli.test_schemas import require_valid
from fakes.shell import Shell

Finished = subprocess.CompletedProcess[str]

HALVES = "int f(int a, int b)\n{\n\treturn a * 2 + b;\n}\n"
SUM = "int f(int a, int b)\n{\n\treturn a + a + b;\n}\n"
REFUSES_A = "int f(int a, int b)\n{\n\tif (a < 0)\n\t\treturn -22;\n\treturn 5;\n}\n"
REFUSES_B = REFUSES_A.replace("a < 0", "b < 0")
FOR = """\
unsigned int f(unsigned int n)
{
	unsigned int s = 0;
	unsigned int i;

	for (i = 0; i < n; i++)
		s += i;
	return s;
}
"""
WHILE = """\
unsigned int f(unsigned int n)
{
	unsigned int s = 0, i = 0;

	while (i < n) {
		s = i + s;
		i++;
	}
	return s;
}
"""
DOWNWARDS = """\
unsigned int f(unsigned int n)
{
	unsigned int s = 0;

	while (n > 0) {
		n--;
		s += n;
	}
	return s;
}
"""


def diff(shell: Shell, first: str, second: str, *more: str) -> Finished:
    """The command on two texts."""
    for name, text in (("a.c", first), ("b.c", second)):
        (shell.folder / name).write_text(text)
    paths = [str(shell.folder / name) for name in ("a.c", "b.c")]
    return shell.run("diff", *paths, "--function", "f", *more, fake=None)


def classes(done: Finished) -> set[tuple[str, str, str]]:
    """What differs in each class, and how A and B end there."""
    document = json.loads(done.stdout)
    require_valid(document, "diff")
    return {(d["what"], d["first"], d["second"]) for d in document["differences"]}


@pytest.mark.parametrize(("first", "second"), [(HALVES, SUM), (FOR, WHILE)])
def test_the_same_is_proved(shell: Shell, first: str, second: str) -> None:
    """Equal arithmetic, and equal sums over any number of rounds, are proved equal."""
    done = diff(shell, first, second)

    assert done.returncode == 0
    assert "PROVED: the two do the same for all inputs." in done.stdout


def test_each_class_is_told_once(shell: Shell) -> None:
    """Every pair of ends on which the two differ, and that there are no others."""
    done = diff(shell, REFUSES_A, REFUSES_B, "--json")

    assert done.returncode == 1
    assert classes(done) == {
        ("result", "returns -EINVAL", "returns a number above 0"),
        ("result", "returns a number above 0", "returns -EINVAL"),
    }
    assert json.loads(done.stdout)["others"]["verdict"] == "PROVED"


def test_a_condition_narrows_the_inputs(shell: Shell) -> None:
    """Where a equals b it makes no difference which of the two is asked."""
    assert diff(shell, REFUSES_A, REFUSES_B, "--when", "a == b").returncode == 0
    assert diff(shell, REFUSES_A, REFUSES_B, "--when", "a != b").returncode == 1


OPTION = """\
int f(int a, int b)
{
	if (IS_ENABLED(CONFIG_%s))
		return -22;
	return 5;
}
"""


def test_both_are_built_with_the_same_options(shell: Shell) -> None:
    """An option that either text or the condition names is set for both or for neither."""
    one, other = OPTION % "ONE", OPTION % "OTHER"
    plain = OPTION.replace("IS_ENABLED(CONFIG_%s)", "0")

    assert diff(shell, one, one).returncode == 0
    assert diff(shell, one, other).returncode == 1
    assert diff(shell, one, plain).returncode == 1
    assert diff(shell, one, plain, "--when", "!IS_ENABLED(CONFIG_ONE)").returncode == 0
    assert diff(shell, one, plain, "--when", "!IS_ENABLED(CONFIG_OTHER)").returncode == 1


LOOK = """\
int f(unsigned long a, unsigned int n)
{
	struct mm_struct *mm = current->mm;
	struct vm_area_struct *vma;
	int ret = 0;

	a = untagged_addr(a) & PAGE_MASK;
	mmap_read_lock(mm);
	vma = find_vma_intersection(mm, a, a + 1);
	if (vma && (vma->vm_flags & (VM_IO | VM_PFNMAP)))
		ret = -22;
	mmap_read_unlock(mm);
	return ret;
}
"""


def test_normal_memory_is_no_raw_mapping(shell: Shell) -> None:
    """Where the range is normal memory a test for VM_IO and VM_PFNMAP refuses nothing, but it may
    if no page of the range is asked about.
    """
    blind = LOOK.replace("VM_IO | VM_PFNMAP", "0")

    assert diff(shell, LOOK, blind).returncode == 1
    assert diff(shell, LOOK, blind, "--when", "normal_memory(a, 1)").returncode == 0
    assert diff(shell, LOOK, blind, "--when", "normal_memory(a, 0)").returncode == 1


PIN = """\
int f(unsigned long a, struct frame_vector *vec)
{
	a = untagged_addr(a);
	return pin_user_pages_fast(a, 1, FOLL_FORCE | FOLL_WRITE, (struct page **)(vec->ptrs));
}
"""
FLAGS = "FOLL_FORCE | FOLL_WRITE"
LONGTERM = {
    "without_dax(a, 1)": "-EOPNOTSUPP",
    f"without_cma(a, 1, {FLAGS})": "-EFAULT",
    f"longterm_memory(a, {FLAGS})": "-ENOMEM",
}
"""What can make a long-term pin fail where a short one does not, and an errno that tells of it."""


def test_a_long_term_pin_differs_for_three_reasons_alone(shell: Shell) -> None:
    """Where none of them is given it does what a short one does."""
    longterm = PIN.replace("FOLL_WRITE", "FOLL_WRITE | FOLL_LONGTERM")

    assert diff(shell, PIN, longterm, "--when", " && ".join(LONGTERM)).returncode == 0


@pytest.mark.parametrize("admitted", LONGTERM)
def test_each_reason_makes_a_difference(shell: Shell, admitted: str) -> None:
    """A page that a short pin gets is refused with the errno of that reason; and the list is
    complete.
    """
    longterm = PIN.replace("FOLL_WRITE", "FOLL_WRITE | FOLL_LONGTERM")
    others = " && ".join(reason for reason in LONGTERM if reason != admitted)
    done = diff(shell, PIN, longterm, "--when", others, "--json")

    refused = ("result", "returns a number above 0", f"returns {LONGTERM[admitted]}")
    assert refused in classes(done)
    assert json.loads(done.stdout)["others"]["verdict"] == "PROVED"


def test_a_page_that_is_moved_out_of_cma_is_another_page(shell: Shell) -> None:
    """Both pins get a page, and not the same."""
    longterm = PIN.replace("FOLL_WRITE", "FOLL_WRITE | FOLL_LONGTERM")
    condition = f"can_be_pinned(a, {FLAGS}) && without_dax(a, 1) && longterm_memory(a, {FLAGS})"
    done = diff(shell, PIN, longterm, "--when", condition, "--json")

    both = ("slot.pin_pfn", "returns a number above 0", "returns a number above 0")
    assert both in classes(done)


def test_what_can_be_pinned_is_pinned(shell: Shell) -> None:
    """A pin that does not fail gets what was asked for here, one page."""
    one = PIN.replace("return pin", "pin").replace("ptrs));", "ptrs));\n\treturn 1;")
    user = f"can_be_pinned(a, {FLAGS}) && in_user_space(a, 1)"

    assert diff(shell, PIN, one, "--when", user).returncode == 0
    assert diff(shell, PIN, one, "--when", "in_user_space(a, 1)").returncode == 1


def test_an_open_class_is_named(shell: Shell) -> None:
    """What was neither found nor excluded is told, with how far it was searched, and what to do."""
    done = diff(shell, FOR, DOWNWARDS)
    told = json.loads(diff(shell, FOR, DOWNWARDS, "--json").stdout)["unsettled"]

    assert told
    assert {t["what"] for t in told} == {"result"}
    assert "Open: no run of these classes was found" in done.stdout


def test_a_condition_that_is_never_met_is_vacuous(shell: Shell) -> None:
    """Nothing is proved of no inputs."""
    done = diff(shell, REFUSES_A, REFUSES_B, "--when", "a < 0 && a > 0", "--json")

    assert done.returncode == 1
    assert json.loads(done.stdout)["verdict"] == "VACUOUS"


def test_what_is_not_proved_is_not_called_the_same(shell: Shell) -> None:
    """Summing downwards needs a relation that is not found: no difference, but no proof."""
    done = diff(shell, FOR, DOWNWARDS)

    assert done.returncode == 3
    assert "UNDECIDED: no difference was found" in done.stdout
    assert "do the same" not in done.stdout


def test_a_wrong_bound_in_a_loop_is_found(shell: Shell) -> None:
    """One round more shows in the result."""
    done = diff(shell, FOR, FOR.replace("i < n", "i <= n"), "--when", "n < 100")

    assert done.returncode == 1


def test_an_unknown_callee_answers_both_alike(shell: Shell) -> None:
    """With --havoc the callee may return anything, the same for the same call."""
    text = "int g(int x);\nint f(int a, int b)\n{\n\treturn g(a) + b;\n}\n"
    other = text.replace("g(a) + b", "b + g(a)")
    refused = diff(shell, text, other)

    assert refused.returncode == 2
    assert "--havoc g" in refused.stderr
    assert diff(shell, text, other, "--havoc", "g").returncode == 0
    assert diff(shell, text, text.replace("g(a)", "g(b)"), "--havoc", "g").returncode == 1


@pytest.mark.parametrize(
    ("second", "message"),
    [
        ("int g(int a)\n{\n\treturn a;\n}\n", "defines no function f"),
        ("long f(int a, int b)\n{\n\treturn a;\n}\n", "f returns int in"),
        ("int f(long a, int b)\n{\n\treturn 0;\n}\n", "a is int in"),
    ],
)
def test_what_cannot_be_compared_is_told(shell: Shell, second: str, message: str) -> None:
    """A missing function, another type of result or of a parameter is bad input."""
    done = diff(shell, SUM, second)

    assert done.returncode == 2
    assert message in done.stderr


def test_a_wrong_condition_is_told(shell: Shell) -> None:
    """The message shows the condition."""
    done = diff(shell, SUM, HALVES, "--when", "c == 0")

    assert done.returncode == 2
    assert "c is not declared" in done.stderr


@pytest.mark.parametrize(
    ("condition", "changed"),
    [
        ("a++ > 0", "changes a:"),
        ("a = 3", "changes a:"),
        ("(b--, 1)", "changes b:"),
        ("a > 0 && ++b", "changes b:"),
        ("mmap_read_trylock(current->mm)", "mmap_lock.readers:"),
    ],
)
def test_a_condition_that_changes_something_is_refused(
    shell: Shell, condition: str, changed: str
) -> None:
    """`a = 3` is a typing error for `a == 3` and would be true of everything."""
    done = diff(shell, SUM, HALVES, "--when", condition)

    assert done.returncode == 2
    assert "SP501 the condition changes " in done.stderr
    assert changed in done.stderr


def test_a_condition_that_writes_to_an_object_is_refused(shell: Shell) -> None:
    """Not only parameters can be changed."""
    done = diff(shell, PIN, PIN, "--when", "vec->is_pfns = true")

    assert done.returncode == 2
    assert "the condition changes frame_vector.is_pfns" in done.stderr


def test_a_condition_about_more_than_the_parameters_is_refused(shell: Shell) -> None:
    """What find_vma() returns is not settled by them."""
    done = diff(shell, LOOK, LOOK, "--when", "find_vma(current->mm, a) != NULL")

    assert done.returncode == 2
    assert "SP501 the condition is no plain expression" in done.stderr


def test_calls_in_a_condition_may_have_variables_of_their_own(shell: Shell) -> None:
    """A function of the text that changes nothing but its own variables is a plain expression."""
    own = "static int up(int x)\n{\n\tx++;\n\treturn x;\n}\n"

    assert diff(shell, own + SUM, own + HALVES, "--when", "up(a) > 3").returncode == 0


def test_an_unknown_callee_has_to_be_called(shell: Shell) -> None:
    """By one of the two functions at least."""
    calls = "int g(int x);\nint f(int a, int b)\n{\n\treturn g(a) + b;\n}\n"
    done = diff(shell, calls, SUM, "--havoc", "gg")

    assert done.returncode == 2
    assert "SP501 f does not call gg" in done.stderr
    assert "did you mean g?" in done.stderr
    assert diff(shell, calls, SUM, "--havoc", "g").returncode == 1


def test_a_parameter_of_one_side_may_be_anything(shell: Shell) -> None:
    """It is noted, and it may make the difference."""
    text = "int f(int a, int b, int c)\n{\n\treturn a + a + b + c;\n}\n"
    done = diff(shell, SUM, text)

    assert done.returncode == 1
    assert "c is a parameter of B alone" in done.stdout
    assert diff(shell, SUM, text, "--when", "c == 0").returncode == 0


def test_the_report_fits_a_mail(shell: Shell) -> None:
    """Plain ASCII, 72 columns."""
    folder = "a_folder_with_a_long_name"
    (shell.folder / folder).mkdir()
    paths = [f"{folder}/{name}" for name in ("first.c", "second.c")]
    for path, text in zip(paths, (REFUSES_A, REFUSES_B), strict=True):
        (shell.folder / path).write_text(text)
    lines = shell.run("diff", *paths, "--function", "f", fake=None).stdout.splitlines()

    assert all(line.isascii() for line in lines)
    assert [line for line in lines if len(line) > 72] == []


def test_a_solver_that_never_knows_decides_nothing(shell: Shell) -> None:
    """Neither the same nor different."""
    for name, text in (("a.c", HALVES), ("b.c", SUM)):
        Path(shell.folder / name).write_text(text)
    paths = [str(shell.folder / name) for name in ("a.c", "b.c")]
    done = shell.run("diff", *paths, "--function", "f", "--json", fake="unknown")

    assert done.returncode == 3
    assert json.loads(done.stdout)["verdict"] == "UNDECIDED"
