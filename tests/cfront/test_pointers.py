"""Pointers as values: what is said of them is what the compiled code does, or is refused."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from staleproof.cfront import SourceFile, load_function
from staleproof.cfront.translate import translate
from staleproof.errors import UnsupportedCError
from staleproof.kernel.equivalence.comparison import compare
from staleproof.kernel.world import WORLD
from staleproof.verdict import Word

VEC = "struct frame_vector *vec"
PAIRS = {
    "steps of a pointer": (
        f"long f({VEC}, unsigned long n) {{ void **p = vec->ptrs; return p + (u8)n - p; }}",
        f"long f({VEC}, unsigned long n) {{ return (u8)n; }}",
        True,
    ),
    "steps that wrap around": (
        f"long f({VEC}, unsigned long n) {{ void **p = vec->ptrs; return p + n - p; }}",
        f"long f({VEC}, unsigned long n) {{ return n; }}",
        False,
    ),
    "places that are the same": (
        f"long f({VEC}, unsigned long n) {{ void **p = vec->ptrs; return p + n == p; }}",
        f"long f({VEC}, unsigned long n) {{ return n * 8 == 0; }}",
        True,
    ),
    "a byte pointer that is cast back": (
        f"long f({VEC}, unsigned long n)\n"
        "{ void **p = vec->ptrs; char *q = (char *)p; return (void **)q + 1 - p; }",
        f"long f({VEC}, unsigned long n) {{ return 1; }}",
        True,
    ),
    "an array is not NULL": (
        f"long f({VEC}, unsigned long n) {{ return vec->ptrs != 0; }}",
        f"long f({VEC}, unsigned long n) {{ return 1; }}",
        True,
    ),
    "an array is no ERR_PTR": (
        f"long f({VEC}, unsigned long n) {{ return (void *)vec->ptrs == (void *)-12L; }}",
        f"long f({VEC}, unsigned long n) {{ return 0; }}",
        True,
    ),
    "NULL is not in the array that it was in": (
        f"long f({VEC}, unsigned long n)\n"
        "{ void **p = vec->ptrs; if (n) p = NULL; return p == vec->ptrs; }",
        f"long f({VEC}, unsigned long n) {{ return 1; }}",
        False,
    ),
    "an ERR_CAST that is none": (
        f"long f({VEC}, unsigned long n)\n"
        "{ void **p = vec->ptrs, **q = p + 1; q = ERR_CAST(p); return q == p; }",
        f"long f({VEC}, unsigned long n) {{ return 1; }}",
        True,
    ),
    "two strings": (
        f'long f({VEC}, unsigned long n) {{ const char *p = "abc", *q = "def"; return p == q; }}',
        f"long f({VEC}, unsigned long n) {{ return 1; }}",
        False,
    ),
    "two strings are two": (
        f'long f({VEC}, unsigned long n) {{ const char *p = "abc", *q = "def"; return p == q; }}',
        f"long f({VEC}, unsigned long n) {{ return 0; }}",
        True,
    ),
    "a string is not NULL": (
        f'long f({VEC}, unsigned long n) {{ const char *p = n ? "abc" : 0; return !p; }}',
        f"long f({VEC}, unsigned long n) {{ return !n; }}",
        True,
    ),
    "a string is no number": (
        f'long f({VEC}, unsigned long n) {{ return (unsigned long)"abc" == 1; }}',
        f"long f({VEC}, unsigned long n) {{ return 1; }}",
        False,
    ),
    "an object as void": (
        f"long f({VEC}, unsigned long n) {{ void *p = NULL; return (void *)vec == p; }}",
        f"long f({VEC}, unsigned long n) {{ return !vec; }}",
        None,
    ),
    "an object beside NULL": (
        f"long f({VEC}, unsigned long n) {{ return (void *)vec == NULL; }}",
        f"long f({VEC}, unsigned long n) {{ return !vec; }}",
        True,
    ),
    "an object beside itself": (
        f"long f({VEC}, unsigned long n) {{ {VEC[:-3]}w = vec; return (void *)vec == (void *)w; }}",
        f"long f({VEC}, unsigned long n) {{ return 1; }}",
        True,
    ),
}
"""By what it is about: two texts, and whether they do the same; None where one is refused."""

HEADER = """
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
typedef unsigned char u8;
static void *ERR_CAST(const void *p) { return (void *)p; }
struct frame_vector {
    unsigned int nr_allocated, nr_frames;
    bool got_ref, is_pfns;
    void *ptrs[8];
};
"""


@pytest.mark.parametrize("about", PAIRS)
def test_pointers_compare_as_they_do_in_c(about: str) -> None:
    """PROVED means the same, REFUTED means that some run tells the two apart."""
    first, second, same = PAIRS[about]
    sources = SourceFile("a.c", first), SourceFile("b.c", second)
    if same is None:
        with pytest.raises(UnsupportedCError):
            compare(sources, "f")
    else:
        assert compare(sources, "f").verdict.word is (Word.PROVED if same else Word.REFUTED)


@pytest.mark.skipif(shutil.which("gcc") is None, reason="gcc is not installed")
def test_the_table_is_what_gcc_makes_of_it(tmp_path: Path) -> None:
    """Of each pair, compiled: the numbers tell the two apart exactly if it says so."""
    bodies, calls, decided = [], [], {k: v for k, v in PAIRS.items() if v[2] is not None}
    for number, (first, second, _) in enumerate(decided.values()):
        for side, body in (("a", first), ("b", second)):
            bodies.append(body.replace("long f(", f"long {side}{number}("))
        tries = " + ".join(
            f"(a{number}(&v, {n}) != b{number}(&v, {n}))" for n in ("0", "1", "5", "1UL << 61")
        )
        calls.append(f'printf("%d\\n", ({tries}) != 0);')
    text = "\n".join([HEADER, *bodies, "int main(void) { struct frame_vector v;", *calls, "}"])
    (tmp_path / "f.c").write_text(text)
    flags = ["-w", "-O0", "-fwrapv", "-fno-strict-overflow", "-fno-strict-aliasing", "-std=gnu11"]
    binary = str(tmp_path / "f")
    subprocess.run(["gcc", *flags, "-o", binary, str(tmp_path / "f.c")], check=True)
    printed = subprocess.run([binary], check=True, capture_output=True, text=True).stdout.split()

    assert printed == [str(int(not same)) for *_, same in decided.values()]


REFUSED = {
    "a difference in bytes": (
        f"long f({VEC})\n{{\n\tvoid **p = vec->ptrs, **q = p + 1;\n\n"
        "\treturn (char *)q - (char *)p;\n}\n",
        5,
        "have 8 bytes, and are counted or accessed as char",
    ),
    "a step in bytes": (
        f"void *f({VEC})\n{{\n\treturn ((void **)((char *)vec->ptrs + 8))[0];\n}}\n",
        3,
        "counted or accessed as char",
    ),
    "a step over structs": (
        f"int f({VEC})\n{{\n\tstruct mine *p = (struct mine *)vec->ptrs;\n\n"
        "\treturn p + 1 == p;\n}\n",
        5,
        "counted or accessed as struct mine",
    ),
    "half of an element": (
        f"int f({VEC})\n{{\n\treturn ((int *)vec->ptrs)[0];\n}}\n",
        3,
        "counted or accessed as int",
    ),
    "an array as a number": (
        f"unsigned long f({VEC})\n{{\n\treturn (unsigned long)vec->ptrs;\n}}\n",
        3,
        "becomes an integer",
    ),
    "an array in a slot": (
        f"void f({VEC})\n{{\n\tvoid **p = vec->ptrs;\n\n\tp[0] = vec->ptrs;\n}}\n",
        5,
        "its address is not modelled",
    ),
    "an array beside another pointer": (
        f"int f({VEC}, struct page **p)\n{{\n\treturn p == (struct page **)vec->ptrs;\n}}\n",
        3,
        "cannot tell whether they are the same",
    ),
    "another pointer where one into an array was": (
        f"void f({VEC}, void **other, int c)\n{{\n\tvoid **p = vec->ptrs;\n\n\tif (c)\n"
        "\t\tp = other;\n\tp[0] = NULL;\n}\n",
        6,
        "p points into an array, and is given a pointer",
    ),
    "a parameter that comes to point into an array": (
        f"void f({VEC}, void **p)\n{{\n\tif (!p)\n\t\tp = vec->ptrs;\n\tp[0] = NULL;\n}}\n",
        1,
        "the parameter p is made to point into an array",
    ),
    "an object beside a void pointer": (
        f"int f({VEC}, void *p)\n{{\n\treturn vec == p;\n}}\n",
        3,
        "cannot tell whether they are the same",
    ),
    "objects of two kinds": (
        f"int f({VEC}, struct vm_area_struct *vma)\n{{\n\treturn (void *)vec == (void *)vma;\n}}\n",
        3,
        "cannot tell whether they are the same",
    ),
    "an object out of a void pointer": (
        f"int f(void *p)\n{{\n\t{VEC} = p;\n\n\treturn !vec;\n}}\n",
        3,
        "is not known to point to one",
    ),
    "an object out of a number": (
        f"int f(unsigned long p)\n{{\n\t{VEC} = ({VEC[:-3]})p;\n\n\treturn !vec;\n}}\n",
        3,
        "is not known to point to one",
    ),
    "an object as a number": (
        f"unsigned long f({VEC})\n{{\n\treturn (unsigned long)vec;\n}}\n",
        3,
        "becomes an integer",
    ),
    "an object returned as void": (
        f"void *f({VEC})\n{{\n\treturn vec;\n}}\n",
        3,
        "what is returned has the type void *",
    ),
    "an object or another pointer": (
        f"void *f({VEC}, void *p, int c)\n{{\n\treturn c ? vec : p;\n}}\n",
        3,
        "?: chooses between pointers",
    ),
    "the mm of another thread": (
        "int f(struct task_struct *t)\n{\n\treturn t->mm == current->mm;\n}\n",
        3,
        "that may be another than current",
    ),
    "an array where a contract wants a page": (
        f"unsigned long f({VEC})\n{{\n\treturn page_to_pfn((struct page *)vec->ptrs);\n}}\n",
        3,
        "page_to_pfn is given an address that is not modelled",
    ),
}


@pytest.mark.parametrize("about", REFUSED)
def test_what_the_model_cannot_tell_is_refused(about: str) -> None:
    """With the line, rather than with some answer."""
    text, line, said = REFUSED[about]
    with pytest.raises(UnsupportedCError) as caught:
        translate(load_function(SourceFile("f.c", text), "f"), WORLD)
    assert said in caught.value.message
    assert caught.value.place is not None
    assert caught.value.place.line == line


ERROR = f"struct frame_vector *f({VEC}, int a) {{ return a ? vec : ERR_PTR(-ENOMEM); }}"
BRANCHES = f"struct frame_vector *f({VEC}, int a) {{ if (a) return vec; return %s; }}"


def test_an_error_is_handed_on_as_what_the_caller_returns() -> None:
    """By ERR_CAST() as an object, by PTR_ERR() as a number."""
    head = f"{VEC}) {{ struct page **p = frame_vector_pages(vec); if (IS_ERR(p)) return"
    for text in (
        f"struct frame_vector *f({head} ERR_CAST(p); return vec; }}",
        f"long f({head} PTR_ERR(p); return 0; }}",
    ):
        source = SourceFile("f.c", text)
        assert compare((source, source), "f").verdict.word is Word.PROVED


@pytest.mark.parametrize(
    ("told", "word"), [("ERR_PTR(-ENOMEM)", Word.PROVED), ("NULL", Word.REFUTED)]
)
def test_an_object_or_an_error(told: str, word: Word) -> None:
    """`?:` between an object and an ERR_PTR is what an if makes of it."""
    sources = SourceFile("a.c", ERROR), SourceFile("b.c", BRANCHES % told)
    assert compare(sources, "f").verdict.word is word


def test_where_a_returned_pointer_points_is_not_compared() -> None:
    """The word of it would be the same for every element."""
    texts = [
        SourceFile(n, f"struct page **f({VEC}) {{ return (struct page **)vec->ptrs{more}; }}")
        for n, more in (("a.c", ""), ("b.c", " + 1"))
    ]
    with pytest.raises(UnsupportedCError, match="returns a pointer into an array") as caught:
        compare((texts[0], texts[1]), "f")
    assert caught.value.place is not None


HANDED = {
    "another value behind the pointer": ("int x = 1; return g(&x);", "int x = 2; return g(&x);", 0),
    "nothing yet behind the pointer": ("int x; g(&x); return x;", "int y; g(&y); return y;", 1),
    "what it may have written": ("int x = 5; g(&x); return x;", "int x = 5; g(&x); return 5;", 0),
    "another lock": ("return h(&a_lock);", "return h(&b_lock);", 0),
    "the same lock": ("return h(&a_lock);", "return h(&a_lock);", 1),
    "NULL": ("void **p = vec->ptrs; p = 0; return k(p);", "return k(vec->ptrs);", 0),
    "the same array": ("void **p = vec->ptrs; return k(p);", "return k(vec->ptrs);", 1),
}


@pytest.mark.parametrize("about", HANDED)
def test_a_callee_is_asked_the_same_only_if_it_is_given_the_same(about: str) -> None:
    """What an unknown callee answers may depend on all that it is given."""
    first, second, same = HANDED[about]
    declared = "int g(int *p);\nint h(rwlock_t *l);\nint k(void **p);\nrwlock_t a_lock, b_lock;\n"
    texts = [
        SourceFile(name, f"{declared}int f({VEC}) {{ {body} }}")
        for name, body in (("a.c", first), ("b.c", second))
    ]
    called = [callee for callee in ("g", "h", "k") if f"{callee}(" in first + second]
    result = compare((texts[0], texts[1]), "f", havoc=tuple(called))
    assert result.verdict.word is (Word.PROVED if same else Word.REFUTED)
