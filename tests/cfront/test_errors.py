"""What the C front end refuses, it refuses with a code, the line, and what to do."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest

from cfront.texts import KERNEL_LIKE
from staleproof import errors
from staleproof.cfront import SourceFile, load_function, read_source
from staleproof.errors import StaleproofError

PARAMETERS = "int a, unsigned int n, struct frame_vector *vec, long *p, void *v"


def refused(text: str, name: str = "f") -> StaleproofError:
    """The error that loading the function ends in."""
    with pytest.raises(StaleproofError) as caught:
        load_function(SourceFile("f.c", text), name)
    return caught.value


def rendered(body: str) -> str:
    """The error for a function with that line in its body."""
    return refused(f"int f({PARAMETERS})\n{{\n\t{body}\n\treturn 0;\n}}\n").render()


def test_an_unknown_name_is_shown_with_its_nearest_neighbour() -> None:
    """The caret is under the name, tabs expanded."""
    assert rendered("return vek != NULL;") == (
        "SP210 vek is not declared\n"
        "  --> f.c:3:9\n"
        " 3 |         return vek != NULL;\n"
        "   |                ^^^\n"
        "  why: without its declaration neither its type nor its value is known\n"
        "  fix: did you mean vec? Otherwise declare it in the text"
    )


def test_text_that_does_not_parse_is_shown_where_it_stops() -> None:
    """A missing token is pointed at, not skipped."""
    assert rendered("list_for_each_entry(vec, v) { }") == (
        "SP206 expected ; here\n"
        "  --> f.c:3:29\n"
        " 3 |         list_for_each_entry(vec, v) { }\n"
        "   |                                    ^\n"
        "  why: what is guessed about a text that does not parse would be proved of another"
        " function\n"
        "  fix: correct the text; write out a macro that is no expression or statement"
    )


def test_a_missing_function_lists_those_of_the_file() -> None:
    """The nearest name comes first."""
    text = "int other(void) { return 1; }\nint fil(void) { return 1; }\n"
    assert refused(text, "fill").render() == (
        "SP207 f.c defines no function fill\n"
        "  why: only a function whose body is in the text can be checked\n"
        "  fix: name one of its functions: fil, other"
    )


def test_a_function_defined_twice_is_ambiguous() -> None:
    """The two sides of an #ifdef are not chosen between."""
    text = "#ifdef A\nint f(void) { return 1; }\n#else\nint f(void) { return 2; }\n#endif\n"
    assert refused(text).render() == (
        "SP208 f.c defines f 2 times (lines 2, 4)\n"
        "  --> f.c:4:5\n"
        " 4 | int f(void) { return 2; }\n"
        "   |     ^\n"
        "  why: which of them the kernel builds depends on a configuration that is not given\n"
        "  fix: cut the text down to the definition that you mean"
    )


def test_a_definition_that_does_not_parse_is_not_reported_as_missing() -> None:
    """An unknown macro in front of the function is pointed at."""
    error = refused("DEFINE_THING(x)\nint f(void) { return 1; }\n")
    assert error.code == "SP206"
    assert error.place is not None


@pytest.mark.parametrize(
    ("body", "code", "message", "column"),
    [
        ("return vec->nr_frame;", "SP212", "struct frame_vector has no member nr_frame", 14),
        ("return current->pid;", "SP212", "struct task_struct has no member pid", 18),
        ("a = a++;", "SP214", "a is changed twice, or changed and used, in no order", 2),
        ("p[a] = a++;", "SP214", "a is changed twice", 2),
        ("return a + a--;", "SP214", "a is changed and used in one expression", 13),
        ("vec->nr_frames += vec->nr_frames++;", "SP214", "the member nr_frames is changed", 2),
        ("return a + unheard(a);", "SP215", "the type of unheard() is not known", 13),
        ("goto gone;", "SP219", "no label gone", 7),
        ("int $a = 3;", "SP209", "not understood: the name $a has a $ in it", 6),
        ("goto in; { int b = 3; in: a = b; }", "SP209", "not understood: a jump to in, past", 7),
        ("break;", "SP219", "break outside of a loop", 2),
        ("switch (a) { case 1: case 1: ; }", "SP219", "case 1 occurs twice", 28),
        ("out: a = 1; out: ;", "SP219", "the label out is defined twice", 14),
        ("p = vec;", "SP213", "struct frame_vector * is not converted to long *", 2),
        ("p = a;", "SP213", "int is not converted to long * without a cast", 2),
        ("a = p;", "SP213", "long * is not converted to int without a cast", 2),
        ("return p * 2;", "SP213", "the operands of * are long * and int", 9),
        ("return *v;", "SP213", "* of void *", 10),
        ("return v + 1;", "SP213", "arithmetic on a void pointer", 9),
        ("PAGE_SIZE = 3;", "SP213", "PAGE_SIZE is a constant", 2),
        ("int a = 3;", "SP213", "a is declared twice in one block", 6),
        ("return;", "SP213", "return without a value", 2),
        ("a = min(a, n);", "SP213", "min() or max() of int and unsigned int", 6),
        ("a = 1.5;", "SP209", "not understood: the floating-point constant 1.5", 6),
        ("int q[3];", "SP209", "not understood: the local q of type int[3]", 6),
        ("struct page x;", "SP209", "not understood: the local x of type struct page", 14),
        ("static int s;", "SP209", "not understood: a local that is static", 2),
        ("volatile int w;", "SP209", "not understood: a volatile object", 2),
        ("a = ({ 3; });", "SP209", "not understood: a statement used as an expression", 6),
        ('asm("nop");', "SP209", "not understood: gnu asm expression", 2),
        ("vec->op(3);", "SP209", "not understood: a call through a pointer: vec->op(3)", 2),
        ("return f;", "SP209", "not understood: the function f used as a value", 9),
        ("return (a) - n * 2;", "SP209", "not understood: a is no type: (a) - n", 9),
        ("return b * (u64) - a;", "SP2", "", 0),
        ("return (u64)(p)[3];", "SP209", "not understood: a cast whose end is not clear", 9),
        ("a * n;", "SP209", "not understood: a is no type: a * n;", 2),
        ('pr_err("%d", a++);', "SP209", "not understood: a side effect in the arguments", 15),
        ("a = !*vec;", "SP209", "not understood: struct frame_vector as a value", 7),
        ("a = 'ab';", "SP209", "not understood: the character constant 'ab'", 6),
        ("mystery_t m;", "SP211", "the type mystery_t is not known", 2),
        ("enum color c;", "SP211", "the type enum color is not known", 2),
        ("a = sizeof(struct mm_struct);", "SP211", "the size of struct mm_struct", 6),
        ("a = 09;", "SP218", "09 is not an integer constant of C", 6),
        ("a = 99999999999999999999;", "SP218", "no type of C holds the constant", 6),
        ("switch (a) { case 1 / 0: ; }", "SP218", "not a constant expression", 20),
        ("kfree();", "SP217", "kfree is called with 0 arguments", 2),
        ("IS_ERR();", "SP217", "IS_ERR takes 1 argument, not 0", 2),
        ("#ifdef X\n\ta = 1;\n#endif", "SP209", "not understood: a preprocessor line", 2),
        ("list_for_each_entry(a, b) { }", "SP206", "expected ; here", 27),
    ],
)
def test_what_is_not_understood_is_refused_at_its_place(
    body: str, code: str, message: str, column: int
) -> None:
    """Each cause has its code, and the column of the token that is to blame."""
    error = refused(f"int f({PARAMETERS})\n{{\n\t{body}\n\treturn 0;\n}}\n")
    assert error.code.startswith(code)
    assert error.message.startswith(message)
    assert error.place is not None
    assert error.place.line == 3
    assert column in (0, error.place.column)
    assert error.why
    assert error.fix


def test_recursion_is_refused_with_its_path() -> None:
    """Direct or through others, and not if the call is kept."""
    text = "int g(int a);\nint f(int a) { return g(a); }\nint g(int a) { return f(a); }\n"
    error = refused(text)
    assert (error.code, error.message) == ("SP216", "f calls itself: f -> g -> f")
    load_function(SourceFile("f.c", text), "f", keep_calls=frozenset({"f"}))


@pytest.mark.parametrize(
    ("macro", "body"),
    [
        ("#define SIZE 1 + 1", "return SIZE * 2;"),
        ("#define SIZE 1\n#define SIZE 2", "return SIZE;"),
        ("#define SIZE 1\n#undef SIZE", "return SIZE;"),
        ("#define SIZE (SIZE)", "return SIZE;"),
        ("#define SIZE (n + 1)", "return SIZE;"),
        ("#define a 3", "return a;"),
        ("#define int long", "return sizeof(int);"),
        ("#define twice(x) ((x) * 2)", "return twice(a);"),
        ("#define nr_frames other", "return vec->nr_frames;"),
        ("#define SIZE (1) + (2)", "return a * SIZE;"),
        ("#define SIZE (10) - (2)", "return a * SIZE;"),
        ("#define SIZE (1), b = (2)", "return a * SIZE;"),
        ("#define SIZE (1); long b = (2)", "return a * SIZE;"),
        ("#define max(b, c) (b)\n#define SIZE (max(3, 4))", "return SIZE;"),
        ("#define u32 u8\ntypedef u32 t;", "return (t)(a);"),
        ("struct s { int b;\n#define a 7\n};", "return a;"),
        ("int g(int b) {\n#define a 7\nreturn b; }", "return a;"),
        ("enum { n = 7 };\n#define SIZE (n + 1)", "int n = a; return SIZE;"),
        ("enum { a = 7 };\n#define N (a)\n#define SIZE (N + 1)", "return SIZE;"),
        ("#define SIZE (sizeof(a))\ntypedef u8 a;", "return SIZE;"),
        ("#define CONFIG_X 0", "return IS_ENABLED(CONFIG_X);"),
        ("#define CONFIG_X", "return IS_ENABLED(CONFIG_X);"),
        ("#undef CONFIG_X", "return IS_ENABLED(CONFIG_X);"),
        ("", "return IS_ENABLED(CONFIG_X || CONFIG_Y);"),
    ],
)
def test_macros_that_are_no_plain_constants_are_refused(macro: str, body: str) -> None:
    """What the preprocessor would replace is never read as it stands."""
    error = refused(f"{macro}\nint f(int a, struct frame_vector *vec) {{ {body} }}\n")
    assert error.code in ("SP209", "SP218")


PACKED = "#define __packed __attribute__((packed))\n#define PACKED __packed\n"


@pytest.mark.parametrize(
    "around",
    [
        "struct s {} __attribute__((packed));",
        "struct s {} __attribute((packed, aligned(4)));",
        "struct s {} __attribute__((aligned(16)));",
        "struct __attribute__((packed)) s {};",
        "struct s {} __packed;",
        "struct __packed s {};",
        "struct s {} __aligned(32);",
        "struct s {} ____cacheline_aligned;",
        "struct s {} __randomize_layout;",
        "struct s {} PACKED;",
        "struct s {} __unheard_of;",
        "typedef struct {} __attribute__((packed)) s;",
        "typedef struct {} __packed s;",
        "typedef struct {} s __aligned(2);",
        "#pragma pack(1)\nstruct s {};",
        '_Pragma("pack(1)")\nstruct s {};',
        "struct s { char a; struct {} __packed b; };",
        "struct s { char a; struct {} __packed; };",
        "struct s { char a; int b __packed; };",
        "struct s { char a; _Alignas(16) int b; };",
        "enum e { A } __packed; struct s { char a; enum e b; };",
        "typedef u64 t __attribute__((aligned(1))); struct s { char a; t b; };",
        "typedef u64 __attribute__((aligned(1))) s64; struct s { char a; s64 b; };",
        "typedef u64 __aligned(1) s64; struct s { char a; s64 b; };",
        "#define u32 u8\nstruct s { char a; u32 b; };",
    ],
)
@pytest.mark.parametrize("defined", ["", PACKED])
def test_the_size_of_a_struct_with_attributes_is_not_known(around: str, defined: str) -> None:
    """Whichever way they are written, and whether or not the text defines the words."""
    text = around.replace("{}", "{ char tag; unsigned int value; }")
    size = "sizeof(s)" if "typedef struct" in around else "sizeof(struct s)"
    error = refused(f"{defined}{text}\nint f(void)\n{{\n\treturn {size};\n}}\n")
    assert error.code in ("SP206", "SP211")
    assert re.match("the (size of struct .* is not known|definition of s could not)", error.message)


@pytest.mark.parametrize(
    ("declared", "used", "code", "message"),
    [
        ("enum { A = 1, B = 0x80000000 };", "B > 0", "SP218", "the enumerator B is 2147483648"),
        ("enum { A = 1ULL << 40 };", "A > 0", "SP218", "the enumerator A is 1099511627776"),
        ("enum { A = 0x7fffffff, B };", "B", "SP218", "the enumerator B is 2147483648"),
        ("enum { A = -2147483649 };", "A", "SP218", "the enumerator A is -2147483649"),
        ("enum e { A = 1, B = 1UL << 31 };", "(enum e)a", "SP218", "the enumerator B is"),
        ("enum { A,\n#ifdef X\nB,\n#endif\nC };", "C", "SP209", "not understood: a preprocessor"),
        ("enum { A,\n#ifdef X\nB,\n#endif\nC };", "B", "SP209", "not understood: a preprocessor"),
        ("enum { A,\n#define D 3\nC };", "C", "SP209", "not understood: a preprocessor line"),
        ("enum { A __attribute__((deprecated)), C };", "C", "SP206", "the enum could not be"),
        ("enum e { A } __attribute__((packed));", "(enum e)a", "SP209", "not understood: the type"),
        ("enum __attribute__((packed)) e { A };", "(enum e)a", "SP209", "not understood: the type"),
        ("enum e { A } __packed;", "(enum e)a", "SP209", "not understood: the type of an enum"),
        (
            "typedef int t __attribute__((mode(DI)));",
            "(t)(a)",
            "SP209",
            "not understood: the type t",
        ),
        ("typedef u8 unheard_of t;", "(t)(a)", "SP206", "the definition of t could not"),
        (
            "int g(int b __attribute__((mode(DI))));",
            "g(a)",
            "SP209",
            "not understood: the attribute __attribute__((mode(DI)))",
        ),
        ("", "sizeof(enum { A, B })", "SP209", "not understood: a type defined inside a function"),
        ("typedef u8 t[];", "sizeof(t)", "SP211", "the size of unsigned char[] is not known"),
    ],
)
def test_a_declaration_that_is_not_understood_is_refused_when_it_is_used(
    declared: str, used: str, code: str, message: str
) -> None:
    """Numbers and types that are not those of C's plain enums and typedefs."""
    error = refused(f"{declared}\nlong f(int a)\n{{\n\treturn {used};\n}}\n")
    assert error.code == code
    assert error.message.startswith(message)
    load_function(SourceFile("f.c", f"{declared}\nlong f(int a) {{ return a; }}\n"), "f")


CONDITIONS = {
    "typedef": ("typedef u32 t;", "typedef u8 t;", "return (t)(a);"),
    "enumerator": ("enum { V = 1 };", "enum { V = 2 };", "return V;"),
    "macro": ("#define V 1", "enum { V = 2 };", "return V;"),
    "enum": ("enum e { A = -1 };", "enum e { A };", "return (enum e)a > -1;"),
    "prototype": ("long g(long b);", "int g(int b);", "return g(a);"),
    "body": ("int g(int b);", "int g(int b) { return b; }", "return g(a);"),
    "variable": ("int v;", "long v;", "return sizeof(v);"),
    "kernel's constant": ("#define PAGE_SHIFT 13", "", "return PAGE_SHIFT;"),
    "kernel's enumerator": ("enum { PAGE_SHIFT = 13 };", "", "return PAGE_SHIFT;"),
    "kernel's type": ("typedef u8 u32;", "", "return (u32)(a);"),
    "default": ("#define V 5", "", "return V;"),
    "IS_ENABLED": ("#define CONFIG_A 1", "", "return IS_ENABLED(CONFIG_A);"),
}


@pytest.mark.parametrize("name", CONDITIONS)
@pytest.mark.parametrize("condition", ["#ifdef X", "#ifndef V", "#if defined(X) && Y > 3"])
def test_what_a_configuration_decides_is_ambiguous(name: str, condition: str) -> None:
    """The two sides of an #ifdef are not chosen between, nor is one that may be missing."""
    one, other, body = CONDITIONS[name]
    text = f"{condition}\n{one}\n#else\n{other}\n#endif\nlong f(int a) {{ {body} }}\n"
    error = refused(text)
    assert error.code == "SP208"
    assert error.place is not None
    unused = text.replace(body, "return a;")
    load_function(SourceFile("f.c", unused), "f")


def test_a_function_that_is_left_out_is_missing() -> None:
    """What stands under `#if 0` is no part of the text."""
    assert refused("#if 0\nint f(void) { return 1; }\n#endif\n").code == "SP207"


def test_unfit_files_have_one_error_each(tmp_path: Path) -> None:
    """Missing, a folder, empty, binary, in another encoding, too large."""
    cases = {
        "empty.c": (b" \n", "SP202"),
        "binary.c": (b"int\0f", "SP204"),
        "latin.c": ("int é;".encode("latin-1"), "SP204"),
        "large.c": (b"/" * (4 * 1024 * 1024 + 1), "SP205"),
    }
    for name, (data, code) in cases.items():
        (tmp_path / name).write_bytes(data)
        with pytest.raises(StaleproofError) as caught:
            read_source(tmp_path / name)
        assert caught.value.code == code
    for path in (tmp_path / "none.c", tmp_path):
        with pytest.raises(OSError, match="cannot read") as missing:
            read_source(path)
        assert isinstance(missing.value, errors.UnreadableSourceError)


def test_deep_nesting_is_an_error_and_no_crash() -> None:
    """A text nested thousands deep is refused as such."""
    deep = "(" * 3000 + "a" + ")" * 3000
    assert refused(f"int f(int a) {{ return {deep}; }}").code == "SP209"


def test_a_mutilated_text_never_ends_in_a_traceback() -> None:
    """Words taken out, doubled or swapped give a graph or an error of the tool's own."""
    pick = random.Random("mutilated")
    words = re.findall(r"\w+|\s+|[^\w\s]", KERNEL_LIKE)
    reports: list[str] = []
    for _ in range(250):
        mutant = list(words)
        for _ in range(pick.randrange(1, 4)):
            at, other = pick.randrange(len(mutant)), pick.randrange(len(mutant))
            change = pick.randrange(3)
            if change == 0:
                del mutant[at]
            elif change == 1:
                mutant.insert(at, mutant[other])
            else:
                mutant[at], mutant[other] = mutant[other], mutant[at]
        try:
            load_function(SourceFile("f.c", "".join(mutant)), "fill")
        except StaleproofError as error:
            reports.append(error.render())
    assert len(reports) > 50
    assert all(report.startswith("SP2") for report in reports)


def test_each_code_belongs_to_one_cause() -> None:
    """The SP2xx codes are distinct, and each class says why and what to do."""
    classes = [
        c
        for c in vars(errors).values()
        if isinstance(c, type) and issubclass(c, StaleproofError) and c.code.startswith("SP2")
    ]
    codes = [c.code for c in classes]
    assert len(set(codes)) == len(codes) >= 19
    assert all(c.__doc__ and c.why and c.fix and len(c.__bases__) == 2 for c in classes)
