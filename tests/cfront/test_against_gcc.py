"""The compiler and the front end agree on random expressions and random functions."""

from __future__ import annotations

import random
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from cfront.interpreter import run
from staleproof.cfront import SourceFile, load_function
from staleproof.cfront.evaluate import EvaluationFailure
from staleproof.cfront.ir import Convert, Function, Return
from staleproof.cfront.types import IntType
from staleproof.errors import UnsequencedError

pytestmark = pytest.mark.skipif(
    shutil.which("gcc") is None, reason="gcc is not installed, so there is nothing to compare with"
)

TYPES = {
    "b": "bool",
    "c": "char",
    "sc": "signed char",
    "uc": "unsigned char",
    "s": "short",
    "us": "unsigned short",
    "i": "int",
    "ui": "unsigned int",
    "l": "long",
    "ul": "unsigned long",
    "ll": "long long",
    "ull": "unsigned long long",
    "w8": "u8",
    "w32": "s32",
    "w64": "u64",
    "z": "size_t",
}
PARAMETERS = ", ".join(f"{type_} {name}" for name, type_ in TYPES.items())
PRELUDE = """
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
typedef unsigned char u8; typedef int s32; typedef unsigned long long u64;
#define __ARG_PLACEHOLDER_1 0,
#define __take_second_arg(__ignored, val, ...) val
#define __or(x, y) ___or(x, y)
#define ___or(x, y) ____or(__ARG_PLACEHOLDER_##x, y)
#define ____or(arg1_or_junk, y) __take_second_arg(arg1_or_junk 1, y)
#define __is_defined(x) ___is_defined(x)
#define ___is_defined(val) ____is_defined(__ARG_PLACEHOLDER_##val)
#define ____is_defined(arg1_or_junk) __take_second_arg(arg1_or_junk 1, 0)
#define IS_ENABLED(option) __or(__is_defined(option), __is_defined(option##_MODULE))
"""
# What a text declares, and an expression over x that depends on it.
DECLARED = {
    "macro": ("#define STEP ((1) + (2))", "x * STEP"),
    "negative macro": ("#define STEP -1", "x - STEP"),
    "character": ("#define STEP 'a'", "x * STEP"),
    "macro over lines": ("#define STEP (1 + \\\n 2) /* steps\n */", "x * STEP"),
    "macro defined behind its user": ("#define STEP (B)\n#define B 5", "x * STEP"),
    "macro of a struct": ("struct s { u8 a;\n#define FOLL_WRITE 2\n};", "FOLL_WRITE"),
    "annotations": ("#define __user\n#define __must_check __attribute__((cold))", "x"),
    "macro named like an annotation": ("#define notrace 7", "x - notrace - 1"),
    "enumerators": ("enum { A = 'b', B, D = A + 3, E = sizeof(int), F };", "A + B * 3 + D + F"),
    "largest enumerator": ("enum { A = 0x7fffffff, B = -2147483647 - 1, C };", "A - (long)C"),
    "unsigned enumerator": ("enum { A = 5U };", "A > -1"),
    "enumerator beside a large one": ("enum { A = 1, B = 0x80000000 };", "A > -1"),
    "comments": ("/*\n#define V 5\n#if 0\n*/\nenum { V /* #if 0 */ = 2 };", "V"),
    "left out": ("#if 0\ndon't /* #define V 5\n#else\nenum { V = 2 };\n#endif", "V"),
    "left in": ("#if 1\n#define V 5\n#elif X\n#define V 6\n#else\n#define V 7\n#endif", "V"),
    "typedef twice": ("typedef u8 t;\ntypedef unsigned char t;", "(t)x + (t)(-x)"),
    "kernel's own": ("#ifndef PAGE_SHIFT\n#define PAGE_SHIFT 12\n#endif", "PAGE_SHIFT"),
    "layout": ("struct s { u8 a; int b[3]; struct { u8 c; } d[2]; };", "sizeof(struct s)"),
    "layout with a variable": ("struct s { u8 a; int b; } *s, t[3];", "sizeof(struct s)"),
    "layout with a harmless word": (
        "#define __rcu\nstruct s { u8 a; int __rcu *b; } __attribute__((unused));",
        "sizeof(struct s)",
    ),
    "built in": ("#define CONFIG_X 1", "IS_ENABLED(CONFIG_X)"),
    "module": ("#define CONFIG_X_MODULE 1", "IS_ENABLED(CONFIG_X)"),
    "built in, in a macro": ("#define CONFIG_X 1\n#define V (IS_ENABLED(CONFIG_X))", "V"),
}
# Texts of several configurations, in each of which f() means one thing.
CONFIGURED = {
    "guard": (
        "#ifndef FOO_H\n#define FOO_H\n#define V 5\ntypedef u8 t;\nenum { W = 2 };\n"
        "long long f(long long x) { return V + W + (t)(x); }\n#endif"
    ),
    "same condition": (
        "#ifndef X\n#define V 5\n#endif\n"
        "#if !defined(X)\nlong long f(long long x) { return V; }\n#endif"
    ),
    "other branch": (
        "#ifdef X\n#define V 5\n#else\nenum { V = 6 };\n"
        "long long f(long long x) { return V; }\n#endif"
    ),
    "last branch": (
        "#ifdef X\nenum { V = 5 };\n#elif defined(Y)\nenum { V = 6 };\n#else\nenum { V = 7 };\n"
        "long long f(long long x) { return V; }\n#endif"
    ),
    "body of the same branch": (
        "#ifdef X\nint g(int x);\n#else\nint g(int x) { return 2; }\n"
        "long long f(long long x) { return g(x); }\n#endif"
    ),
    "left out": (
        "#if 0\nlong long f(long long x) { return 1; }\n#else\n"
        "long long f(long long x) { return 2; }\n#endif"
    ),
}
LITERALS = ["0", "1", "2", "7", "-1", "3U", "0xffffffff", "0x80000000", "2147483648", "1UL", "5LL"]
LITERALS += ["4294967295", "0x7fffffffffffffff", "'a'", "'\\xff'", "017", "0xffffffffffffffff"]
CASTS = ["int", "unsigned int", "u8", "signed char", "short", "unsigned short", "bool", "long"]
CASTS += ["unsigned long", "long long", "u64", "size_t", "char"]


def expression(pick: random.Random, depth: int) -> str:
    """A random pure expression over all parameters."""
    if depth == 0 or pick.random() < 0.1:
        return pick.choice(list(TYPES)) if pick.random() < 0.75 else pick.choice(LITERALS)

    def inner() -> str:
        return expression(pick, depth - 1)

    kind = pick.randrange(12)
    if kind < 4:
        return f"({inner()} {pick.choice(['+', '-', '*', '&', '|', '^'])} {inner()})"
    if kind < 6:
        return f"({inner()} {pick.choice(['<', '<=', '>', '>=', '==', '!='])} {inner()})"
    if kind == 6:
        return f"({inner()} {pick.choice(['/', '%'])} {inner()})"
    if kind == 7:
        return f"({inner()} {pick.choice(['<<', '>>'])} ({inner()} & 15))"
    if kind == 8:
        return f"({pick.choice(['-', '~', '!', '+'])} {inner()})"
    if kind == 9:
        return f"({pick.choice(CASTS)})({inner()})"
    if kind == 10:
        return f"({inner()} {pick.choice(['&&', '||'])} {inner()})"
    return f"({inner()} ? {inner()} : {inner()})"


def changing(pick: random.Random) -> str:
    """A random expression with side effects; some of them are undefined, and refused."""
    name, other = pick.sample(list(TYPES), 2)
    simple = expression(pick, 1)
    return pick.choice(
        [
            f"{name}++ + {simple}",
            f"--{name} * {simple}",
            f"({name} {pick.choice(['+', '-', '*', '^', '|', '<<', '>>'])}= 3) - {simple}",
            f"({name} = {other} = {simple})",
            f"({name}++, {name} + {simple})",
            f"({simple} && {name}++) + {other}--",
            f"({simple} ? {name}++ : --{other})",
            f"({name} ?: {other}--)",
        ]
    )


def statement(pick: random.Random, depth: int) -> str:
    """A random statement. Loops end: each counts down fuel of its own."""
    name = pick.choice([n for n in TYPES if n != "b"])
    if depth == 0 or pick.random() < 0.3:
        return pick.choice(
            [
                f"{name} = {expression(pick, 2)};",
                f"{name} {pick.choice(['+', '-', '*', '&', '|', '^'])}= {expression(pick, 2)};",
                f"{name} = {changing(pick)};",
                f"{name}{pick.choice(['++', '--'])};",
                f"if ({changing(pick)}) {name} = {expression(pick, 1)};",
            ]
        )

    def inner() -> str:
        return statement(pick, depth - 1)

    condition = expression(pick, 2)
    leave = pick.choice(["", f"if ({expression(pick, 1)}) break;", ""])
    skip = pick.choice(["", f"if ({expression(pick, 1)}) continue;", ""])
    shape = pick.randrange(8)
    if shape == 0:
        return f"if ({condition}) {{ {inner()} }} else {{ {inner()} }}"
    if shape == 1:
        return f"if (!({condition}) || {changing(pick)}) {{ {inner()} {inner()} }}"
    if shape == 2:
        return f"for (int k = 0; k < {pick.randrange(5)}; k++) {{ {inner()} {leave} {skip} }}"
    if shape == 3:
        return f"{{ int n = 4; while (n-- > 0 && {condition}) {{ {skip} {inner()} {leave} }} }}"
    if shape == 4:
        return f"{{ short n = 3; do {{ {inner()} {skip} {leave} }} while (--n && {condition}); }}"
    if shape == 5:
        return f"{{ long {name} = {expression(pick, 1)}; {inner()} i ^= {name}; }}"
    if shape == 6:
        return (
            f"switch ({condition}) {{ case 0: {inner()} case 1: {inner()} break;"
            f" case -1: {inner()} break; default: {inner()} case 5: {inner()} }}"
        )
    return f"if ({condition}) goto out;"


def inputs(pick: random.Random) -> dict[str, int]:
    """One value for each parameter, near the edges of its type more often than not."""
    chosen: dict[str, int] = {}
    widths = {"b": 1, "c": 8, "sc": 8, "uc": 8, "s": 16, "us": 16, "i": 32, "ui": 32, "w8": 8}
    unsigned = {"b", "uc", "us", "ui", "ul", "ull", "w8", "w64", "z"}
    widths["w32"] = 32
    for name in TYPES:
        width = widths.get(name, 64)
        value = pick.choice([0, 1, 2, -1, 5, 1 << (width - 1), (1 << (width - 1)) - 1, -14])
        value = pick.choice([value, pick.getrandbits(width)]) & ((1 << width) - 1)
        if name not in unsigned and value >> (width - 1):
            value -= 1 << width
        chosen[name] = value
    return chosen


def literal(value: int) -> str:
    """The value as an argument of a C call."""
    return f"{value}ULL" if value >= 0 else f"(-{-value - 1}LL - 1)"


def compiled(functions: str, calls: list[str], where: Path) -> list[str]:
    """The lines that the calls print when gcc has built them."""
    parts = [calls[n : n + 200] for n in range(0, len(calls), 200)]
    mains = "\n".join(
        f"static void part{n}(void) {{ {' '.join(part)} }}" for n, part in enumerate(parts)
    )
    starts = " ".join(f"part{n}();" for n in range(len(parts)))
    text = f"{PRELUDE}{functions}\n{mains}\nint main(void) {{ {starts} return 0; }}\n"
    source, binary = where / "batch.c", where / "batch"
    source.write_text(text)
    flags = ["-w", "-O0", "-fwrapv", "-fsigned-char", "-std=gnu11"]
    subprocess.run(["gcc", *flags, "-o", str(binary), str(source)], check=True)
    done = subprocess.run([str(binary)], check=True, capture_output=True, text=True)
    return done.stdout.splitlines()


def runs(
    functions: dict[str, Function], pick: random.Random, count: int
) -> Iterator[tuple[str, dict[str, int], int]]:
    """Each function on a few inputs, where C gives it a value."""
    for name, function in functions.items():
        for _ in range(count):
            chosen = inputs(pick)
            try:
                value = run(function, chosen)
            except EvaluationFailure:
                continue
            assert value is not None
            yield name, chosen, value


def called(name: str, chosen: dict[str, int]) -> str:
    """A call that prints its value."""
    arguments = ", ".join(literal(v) for v in chosen.values())
    return f'printf("%lld\\n", {name}({arguments}));'


@pytest.mark.parametrize("seed", range(3))
def test_expressions_have_the_values_and_types_that_gcc_gives_them(
    seed: int, tmp_path: Path
) -> None:
    """Value, width and sign of each random expression are those of the compiled one."""
    pick = random.Random(f"expressions {seed}")
    texts = {f"f{n}": expression(pick, pick.randrange(1, 5)) for n in range(250)}
    bodies = {
        name: f"long long {name}({PARAMETERS}) {{ return {text}; }}" for name, text in texts.items()
    }
    functions = {
        name: load_function(SourceFile("f.c", body), name) for name, body in bodies.items()
    }
    tried = list(runs(functions, pick, 8))
    calls = [called(name, chosen) for name, chosen, _ in tried]
    kinds = [
        f"static int t{name}({PARAMETERS})"
        f" {{ return 2 * sizeof({text}) + ((__typeof__({text}))-1 < 1); }}"
        for name, text in texts.items()
    ]
    calls += [f'printf("%d\\n", t{name}({", ".join("0" * len(TYPES))}));' for name in texts]
    printed = compiled("\n".join([*bodies.values(), *kinds]), calls, tmp_path)

    for (name, chosen, value), line in zip(tried, printed, strict=False):
        assert value == int(line), (texts[name], chosen)
    for name, line in zip(texts, printed[len(tried) :], strict=True):
        assert type_of_result(functions[name]) in (None, int(line)), texts[name]
    assert len(tried) > 1000


def type_of_result(function: Function) -> int | None:
    """Twice the size, plus one if signed, of what is returned, before its last conversion."""
    last = next(n for n in function.nodes if isinstance(n, Return)).value
    assert last is not None
    type_ = last.expr.type if isinstance(last, Convert) and last.implicit else last.type
    assert isinstance(type_, IntType)
    return 2 * (type_.width // 8) + type_.signed


@pytest.mark.parametrize("seed", range(3))
def test_functions_return_what_gcc_makes_them_return(seed: int, tmp_path: Path) -> None:
    """Branches, loops, switches, jumps and side effects run in the order of the compiled code."""
    pick = random.Random(f"functions {seed}")
    bodies: dict[str, str] = {}
    functions: dict[str, Function] = {}
    for n in range(160):
        name = f"f{n}"
        inside = " ".join(statement(pick, 3) for _ in range(3))
        mixed = " ^ ".join(TYPES)
        body = f"long long {name}({PARAMETERS}) {{ {inside} out: return {mixed}; }}"
        try:
            functions[name] = load_function(SourceFile("f.c", body), name)
        except UnsequencedError:
            continue
        bodies[name] = body
    tried = list(runs(functions, pick, 6))
    printed = compiled(
        "\n".join(bodies.values()), [called(name, chosen) for name, chosen, _ in tried], tmp_path
    )

    for (name, chosen, value), line in zip(tried, printed, strict=True):
        assert value == int(line), (bodies[name], chosen)
    assert len(tried) > 200


HELPERS = """
static int bump(int *p) { return (*p)++; }
static int set(int *p) { *p = 5; return 1; }
"""
BODIES = [
    # To a call, a compound assignment is one evaluation: it reads after the call, or stores before.
    "int x = a; x += bump(&x); return x;",
    "int x = a; x -= 2 * bump(&x); return x;",
    "int x = a; x = bump(&x); return x;",
    "int x = a; { int y = a; int *p = &y; y *= bump(&x); x += y; } return x;",
    # A middle that is left out, and again in what stands for it.
    "return a / 3 ?: (a / 2 ?: (a ?: 7));",
    "int x = 0; return (x ?: a++) + 0;",
    # Names that the system has for itself.
    "int result = a; result++; return result;",
    # Ways past a declaration.
    "switch (a) { case 0: ; int x = 5; a = x; break; default: x = 2; a += x; } return a;",
    "int n = 3; { again: ; int x = n; if (--n > x) goto again; a += x; } return a;",
]


def test_functions_written_by_hand_return_what_gcc_makes_them_return(tmp_path: Path) -> None:
    """What random functions do not come to, on small numbers."""
    bodies = {f"f{n}": f"long f{n}(int a) {{ {body} }}" for n, body in enumerate(BODIES)}
    functions = {
        name: load_function(SourceFile("f.c", f"{HELPERS}{body}"), name)
        for name, body in bodies.items()
    }
    tried = [(name, {"a": value}) for name in bodies for value in range(-3, 9)]
    calls = [called(name, chosen) for name, chosen in tried]
    printed = compiled("\n".join([HELPERS, *bodies.values()]), calls, tmp_path)

    for (name, chosen), line in zip(tried, printed, strict=True):
        assert run(functions[name], chosen) == int(line), (bodies[name], chosen)


def agreed(text: str, tmp_path: Path) -> None:
    """Compare f(300) of the text with the compiled one's."""
    function = load_function(SourceFile("f.c", text), "f")
    printed = compiled(text, [called("f", {"x": 300})], tmp_path)
    assert [str(run(function, {"x": 300}))] == printed


@pytest.mark.parametrize("name", DECLARED)
def test_what_a_text_declares_means_what_gcc_takes_it_for(name: str, tmp_path: Path) -> None:
    """Macros, enumerators, typedefs and structs."""
    declared, expression = DECLARED[name]
    agreed(f"{declared}\nlong long f(long long x) {{ return {expression}; }}\n", tmp_path)


@pytest.mark.parametrize("name", CONFIGURED)
def test_a_definition_counts_where_its_condition_holds(name: str, tmp_path: Path) -> None:
    """A function under a condition uses what stands under the same."""
    agreed(CONFIGURED[name] + "\n", tmp_path)
