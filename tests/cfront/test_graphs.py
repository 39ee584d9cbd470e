"""Statements become the control-flow graphs that C says they are."""

from __future__ import annotations

import subprocess
import sys

import pytest

from cfront.texts import KERNEL_LIKE
from staleproof.cfront import SourceFile, callees, load_function, render, render_lvalue
from staleproof.cfront.ir import (
    Assign,
    Branch,
    Call,
    Check,
    Declare,
    Function,
    Node,
    Return,
    Step,
    successors,
)
from staleproof.cfront.types import INT, VOID_POINTER, FunctionType


def load(text: str, name: str = "f", keep_calls: frozenset[str] = frozenset()) -> Function:
    """The graph of a function of the text."""
    return load_function(SourceFile("f.c", text), name, keep_calls=keep_calls)


def shown(node: Node) -> str:
    """One node on one line, silent conversions written out."""
    match node:
        case Step(instruction=Assign(lvalue=lvalue, expr=expr), successor=successor):
            left = render_lvalue(lvalue, implicit=True)
            return f"{left} = {render(expr, implicit=True)} -> {successor}"
        case Step(instruction=Call() as call, successor=successor):
            arguments = ", ".join(render(a, implicit=True) for a in call.arguments)
            target = f"{call.target.name} = " if call.target else ""
            return f"{target}{call.callee}({arguments}) -> {successor}"
        case Step(instruction=Check(kind=kind, expr=expr), successor=successor):
            return f"check {kind} {render(expr)} -> {successor}"
        case Step(instruction=Declare(local=local), successor=successor):
            return f"declare {local.name} -> {successor}"
        case Step(successor=successor):
            return f"skip -> {successor}"
        case Branch(condition=condition, if_true=if_true, if_false=if_false):
            return f"if {render(condition, implicit=True)} -> {if_true}, {if_false}"
        case Return(value=value):
            return "return" + (f" {render(value, implicit=True)}" if value else "")


def graph(body: str, parameters: str = "int a, unsigned int n, struct frame_vector *vec") -> str:
    """The nodes of a function with that body, one to a line."""
    function = load(f"int f({parameters})\n{{\n{body}\n}}\n")
    assert [node.number for node in function.nodes] == list(range(len(function.nodes)))
    assert all(s < len(function.nodes) for node in function.nodes for s in successors(node))
    return "\n".join(shown(node) for node in function.nodes)


def test_a_mixed_comparison_keeps_the_conversion_that_decides_it() -> None:
    """`int < unsigned int` compares two unsigned ints, and shows it on request only."""
    function = load("int f(int ret, unsigned int n) { return ret < n; }")
    value = function.nodes[0]
    assert isinstance(value, Return)
    assert value.value is not None
    assert render(value.value) == "ret < n"
    assert render(value.value, implicit=True) == "(unsigned int)ret < n"
    assert value.text == "return ret < n;"


def test_conditions_become_branches_in_order() -> None:
    """`&&`, `||` and `!` never evaluate more than C does."""
    assert graph("if (vec && !(vec->got_ref || a)) return 1; return 2;") == (
        "if vec -> 1, 4\n"
        "if vec->got_ref -> 4, 2\n"
        "if a -> 4, 3\n"
        "return 1\n"
        "return 2"
    )  # fmt: skip


def test_a_condition_with_harmless_operands_is_one_value() -> None:
    """Where no operand can go wrong, `&&` needs no branch."""
    assert graph("return a && n;") == "return a && n"


def test_a_dereference_behind_and_stays_behind_it() -> None:
    """`vec && vec->nr_frames` reads the member only if vec is not null."""
    assert graph("return vec && vec->nr_frames;") == (
        "if vec -> 1, 3\n"
        "if vec->nr_frames -> 2, 3\n"
        "$1 = 1 -> 4\n"
        "$1 = 0 -> 4\n"
        "return $1"
    )  # fmt: skip


def test_do_while_tests_after_its_body() -> None:
    """The body comes first, and continue goes to the test."""
    assert graph("do { if (a == 3) continue; a++; } while (a < n); return a;") == (
        "if a == 3 -> 2, 1\n"
        "a = a + 1 -> 2\n"
        "if (unsigned int)a < n -> 0, 3\n"
        "return a"
    )  # fmt: skip


def test_for_continues_at_its_update() -> None:
    """Continue skips the rest of the body, not the update; the loop variable is the block's own."""
    assert graph("for (int a = 0; a < 9; a++) { if (n) continue; n = a; } return a;") == (
        "a@2 = 0 -> 1\n"
        "if a@2 < 9 -> 2, 5\n"
        "if n -> 4, 3\n"
        "n = (unsigned int)a@2 -> 4\n"
        "a@2 = a@2 + 1 -> 1\n"
        "return a"
    )  # fmt: skip


def test_switch_falls_through_until_break() -> None:
    """Cases are compared in the order of the text, default last."""
    text = "switch (a) { default: n = 1; case 2: n = 2; break; case 3: return 3; } return 0;"
    assert graph(text) == (
        "if a == 2 -> 3, 1\n"
        "if a == 3 -> 4, 2\n"
        "n = (unsigned int)1 -> 3\n"
        "n = (unsigned int)2 -> 5\n"
        "return 3\n"
        "return 0"
    )  # fmt: skip


def test_goto_goes_backwards_and_forwards() -> None:
    """An empty endless loop keeps one node of its own."""
    assert graph("again: if (a) goto out; goto again; out: for (;;) ;") == (
        "if a -> 1, 0\n"
        "skip -> 1"
    )  # fmt: skip


def test_the_end_of_a_function_that_owes_a_value_is_a_check() -> None:
    """Running off the end is a violation, and no node at all where it cannot happen."""
    assert graph("if (a) return 1;") == (
        "if a -> 1, 2\n"
        "return 1\n"
        "check missing return 1 -> 3\n"
        "return 0"
    )  # fmt: skip


def test_side_effects_come_out_in_order() -> None:
    """A postfix ++ hands on the old value, a prefix one the new value."""
    assert graph("n = a++ + 1; vec->nr_frames = --n; return (a = 3, a) + (int)n;") == (
        "$1 = a -> 1\n"
        "a = $1 + 1 -> 2\n"
        "n = (unsigned int)($1 + 1) -> 3\n"
        "n = n - (unsigned int)1 -> 4\n"
        "vec->nr_frames = n -> 5\n"
        "a = 3 -> 6\n"
        "return a + (int)n"
    )  # fmt: skip


def test_memory_is_not_read_again_for_the_value_of_an_assignment() -> None:
    """`a = vec->nr_frames = e` stores one value twice, though e reads vec->nr_frames."""
    assert graph("n = vec->nr_frames = vec->nr_frames + 1; return 0;") == (
        "$1 = vec->nr_frames + (unsigned int)1 -> 1\n"
        "vec->nr_frames = $1 -> 2\n"
        "n = $1 -> 3\n"
        "return 0"
    )  # fmt: skip


def test_pointers_move_by_elements_with_the_sign_of_the_index() -> None:
    """An int index is sign-extended, an unsigned one zero-extended; `&p[i]` is `p + i`."""
    body = "*p = p[a]; p = &p[n]; p -= a; return p - q;"
    assert graph(body, "long *p, long *q, int a, unsigned int n") == (
        "*p = p[(long)a] -> 1\n"
        "p = p + (unsigned long)n -> 2\n"
        "p = p - (long)a -> 3\n"
        "return (int)(p - q)"
    )  # fmt: skip


def test_an_array_member_decays_to_its_first_element() -> None:
    """`vec->ptrs` is a pointer, and needs a cast to become one of another type."""
    assert graph("((struct page **)vec->ptrs)[a] = vec->ptrs[n]; return 0;") == (
        "((struct page **)vec->ptrs)[(long)a] = (struct page *)vec->ptrs[(unsigned long)n] -> 1\n"
        "return 0"
    )  # fmt: skip


def test_arguments_and_results_are_converted() -> None:
    """The kernel's prototypes are known; a result of another type goes through a temporary."""
    assert graph("a = pin_user_pages_locked(n, n, 0, NULL, &a); return a;") == (
        "$1 = pin_user_pages_locked((unsigned long)n, (unsigned long)n, (unsigned int)0, NULL, &a)"
        " -> 1\n"
        "a = (int)$1 -> 2\n"
        "return a"
    )  # fmt: skip


def test_what_is_dropped_leaves_no_node() -> None:
    """Messages and might_sleep() are no part of the graph; WARN_ON() is its condition."""
    body = 'might_sleep(); pr_err("%d", vec->nr_frames); if (WARN_ON(a)) return 1; return 0;'
    assert graph(body) == (
        "if a -> 1, 2\n"
        "return 1\n"
        "return 0"
    )  # fmt: skip


def test_bug_on_is_a_check_of_its_own() -> None:
    """BUG_ON(c) asks that c is zero; after BUG() nothing runs."""
    assert graph("BUG_ON(a > 3); if (a) BUG(); return 0;") == (
        "check BUG_ON a > 3 -> 1\n"
        "if a -> 2, 4\n"
        "check BUG 1 -> 3\n"
        "skip -> 3\n"
        "return 0"
    )  # fmt: skip


def test_min_evaluates_each_argument_once() -> None:
    """Both sides are converted to the type of min_t() before they are compared."""
    assert graph("return min_t(unsigned long, a++, n);") == (
        "$1 = a -> 1\n"
        "a = $1 + 1 -> 2\n"
        "return (int)((unsigned long)$1 < (unsigned long)n ? (unsigned long)$1 : (unsigned long)n)"
    )


def test_a_local_without_a_value_is_declared() -> None:
    """It is uninitialised from there on, in each round of a loop again."""
    assert graph("int b; b = a; return b;").startswith("declare b -> 1")


def test_casts_of_typedef_names_are_casts() -> None:
    """`(u64)-a` parses as a difference, and means a cast."""
    assert graph("return (u64)-a > (u64)(n) && (u8)~a;") == (
        "return (unsigned long long)-a > (unsigned long long)n && (unsigned char)~a"
    )


def test_the_text_of_a_node_is_its_piece_of_the_file() -> None:
    """Place and text of a branch are those of the tested operand."""
    function = load(
        "int f(int a,\n      int b)\n{\n\tif (a &&\n\t    b  == 2)\n\t\treturn 1;\n\treturn 0;\n}"
    )
    branches = [n for n in function.nodes if isinstance(n, Branch)]
    assert [(b.text, b.place.line, b.place.column) for b in branches] == [
        ("a", 4, 6),
        ("b == 2", 5, 6),
    ]


def test_calls_of_functions_of_the_text_are_inlined() -> None:
    """The callee's locals carry its name, and its return becomes an assignment."""
    text = (
        "static long twice(long x) { long y = x * 2; return y; }\n"
        "int f(int a) { return twice(a) + 1; }\n"
    )
    function = load(text)
    assert [shown(n) for n in function.nodes] == [
        "twice.x = (long)a -> 1",
        "twice.y = twice.x * (long)2 -> 2",
        "$1 = twice.y -> 3",
        "return (int)($1 + (long)1)",
    ]
    assert [n.function for n in function.nodes] == ["f", "twice", "twice", "f"]
    assert callees(function) == ()


def test_calls_that_are_kept_stay_calls() -> None:
    """A callee with a contract is not looked into, though the text has its body."""
    text = "static int g(int x) { return h(x); }\nint h(int x);\nint f(int a) { return g(a); }\n"
    assert callees(load(text)) == ("h",)
    assert callees(load(text, keep_calls=frozenset({"g"}))) == ("g",)


def test_nested_inlining_keeps_each_name_once() -> None:
    """A function that is inlined twice shares its locals; one inlined deeper keeps its own name."""
    text = (
        "static int inc(int x) { return x + 1; }\n"
        "static int two(int x) { return inc(inc(x)); }\n"
        "int f(int a) { return inc(a) + two(a); }\n"
    )
    function = load(text)
    assert {v.name for v in function.locals} == {"$1", "$2", "inc.x", "two.x", "two.$1", "two.$2"}
    assert "c-call-order" in {note.id for note in function.notes}


def test_given_prototypes_type_the_calls() -> None:
    """A contract's prototype converts arguments and result where the text has none."""
    source = SourceFile("f.c", "long f(long a) { return mine(a, NULL) < 1u; }")
    prototypes = {"mine": FunctionType((INT, VOID_POINTER), INT)}
    function = load_function(source, "f", prototypes=prototypes)
    assert [shown(n) for n in function.nodes] == [
        "$1 = mine((int)a, NULL) -> 1",
        "return (long)((unsigned int)$1 < 1u)",
    ]


def test_an_unknown_callee_has_the_type_that_is_wanted() -> None:
    """The assumption is noted, and the call says that no prototype was known."""
    function = load("int f(int a) { int b = unheard_of(a); return b; }")
    call = function.nodes[0]
    assert isinstance(call, Step)
    assert isinstance(call.instruction, Call)
    assert not call.instruction.prototype_known
    assert call.instruction.return_type == INT
    assert "c-prototype-unheard_of" in {note.id for note in function.notes}


def test_a_function_is_read_out_of_a_whole_file() -> None:
    """Macros, annotations, other functions and exports do not stand in its way."""
    function = load(KERNEL_LIKE, "fill")
    assert [shown(n) for n in function.nodes] == [
        "h = (unsigned int)-1 -> 1",
        "declare i -> 2",
        "i = 0 -> 3",
        "if i < LIMIT -> 4, 6",
        "b->slots[(long)i] = (unsigned long long)(len < 3UL ? len : 3UL) -> 5",
        "i = i + 1 -> 3",
        "$1 = b->state -> 7",
        "if $1 == BUSY -> 9, 8",
        "if $1 == DONE -> 14, 12",
        "next_count.b = b -> 10",
        "$2 = (int)(next_count.b->count + (unsigned int)1) -> 11",
        "total = total + $2 -> 14",
        "$3 = b->in.deep -> 13",
        "return $3 ? $3 : -EINVAL",
        "return (int)(h & (unsigned int)FLAGS)",
    ]
    tags = {s.tag for s in function.structs}
    assert "box" in tags
    assert function.place.line == 48


def test_the_package_loads_no_parser_until_it_parses() -> None:
    """Importing staleproof.cfront leaves tree_sitter alone."""
    code = "import sys, staleproof.cfront; sys.exit('tree_sitter' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize(
    ("body", "size"),
    [
        ("struct frame_vector", 16),
        ("u64 *", 8),
        ("vec->nr_frames", 4),
        ("vec->is_pfns", 1),
        ("*vec", 16),
        ("vec", 8),
    ],
)
def test_sizes_are_those_of_lp64(body: str, size: int) -> None:
    """Sizeof takes types and expressions, and evaluates neither."""
    function = load(f"unsigned long f(struct frame_vector *vec) {{ return sizeof({body}); }}")
    node = function.nodes[0]
    assert isinstance(node, Return)
    assert node.value is not None
    assert (node.value.value, render(node.value)) == (size, f"sizeof({body})")  # type: ignore[union-attr]


def test_what_rests_on_the_size_of_pages_says_so() -> None:
    """Through macros as well; but not if the text says how large its pages are."""
    used = "#define ROOM (PAGE_SIZE * 2)\nlong f(long n) { return n * ROOM; }"
    own = "#define PAGE_SIZE 4096\nlong f(long n) { return n * PAGE_SIZE; }"
    assert "c-page-size" in {note.id for note in load(used).notes}
    assert "c-page-size" not in {note.id for note in load(own).notes}
