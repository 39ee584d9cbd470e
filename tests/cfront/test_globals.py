"""Globals and configuration: their addresses and values are what the world says they are."""

from __future__ import annotations

from pathlib import Path

import pytest

from staleproof.cfront import SourceFile, load_function
from staleproof.cfront.contracts import CallSite, Effect, GlobalAddress, Outcome, World
from staleproof.cfront.translate import RETURN, Translation, translate
from staleproof.engine.portfolio import decide
from staleproof.engine.question import Question
from staleproof.errors import StaleproofError, UnsupportedCError
from staleproof.kernel.check import check_file
from staleproof.kernel.iomem.resource import iomem_resource, ioport_resource
from staleproof.kernel.iomem.world import MAPPING
from staleproof.lang.system import Property
from staleproof.lang.terms import Term, eq, iff, neg, word
from staleproof.verdict import Word

AT_RETURN = frozenset({RETURN})


def translated(text: str, world: World = MAPPING) -> Translation:
    """The function `f` of a text."""
    return translate(load_function(SourceFile("f.c", text), "f"), world)


def verdict(translation: Translation, claimed: Term) -> Word:
    """Whether that holds at the return."""
    prop = Property("claimed", claimed, at=AT_RETURN)
    return decide(Question(translation.system((prop,)), prop)).verdict.word


def returns(translation: Translation) -> Term:
    """What `f` returns."""
    assert translation.result is not None
    return translation.result()


def test_an_option_is_one_or_zero_and_both_are_considered() -> None:
    """IS_ENABLED has the type int, and the value of the configuration."""
    found = translated("int f(void) { return IS_ENABLED(CONFIG_STRICT_DEVMEM) - 3; }")
    option = MAPPING.globals["CONFIG_STRICT_DEVMEM"]

    assert verdict(found, iff(eq(returns(found), word(-2, 32)), option)) is Word.PROVED
    assert verdict(found, eq(returns(found), word(-2, 32))) is Word.REFUTED
    assert verdict(found, eq(returns(found), word(-3, 32))) is Word.REFUTED


def test_a_load_with_acquire_is_a_load() -> None:
    """Of a global and of a field, behind a pointer."""
    text = (
        "static struct inode *devmem_inode;\n"
        "int f(struct vm_area_struct *vma)\n{\n"
        "\tif (!vma)\n\t\treturn 2;\n"
        "\tif (smp_load_acquire(&vma->vm_pgoff) != vma->vm_pgoff)\n\t\treturn 3;\n"
        "\treturn smp_load_acquire(&devmem_inode) == READ_ONCE(devmem_inode);\n}\n"
    )
    found = translated(text)

    assert verdict(found, neg(eq(returns(found), 0)) & neg(eq(returns(found), 3))) is Word.PROVED


def test_the_address_of_a_global_is_its_object() -> None:
    """It can be kept, compared, and is not that of another global."""
    text = (
        "int f(struct resource *p)\n{\n"
        "\tstruct resource *root = &iomem_resource;\n\n"
        "\tif (root == &ioport_resource)\n\t\treturn 2;\n"
        "\treturn p == root;\n}\n"
    )
    found = translated(text)
    p = found.parameters["p"]()

    assert verdict(found, neg(eq(returns(found), 2))) is Word.PROVED
    assert verdict(found, iff(eq(returns(found), 1), eq(p, iomem_resource()))) is Word.PROVED
    assert verdict(found, iff(eq(returns(found), 1), eq(p, ioport_resource()))) is Word.REFUTED


def test_a_callee_sees_which_global_it_is_given() -> None:
    """The address of what is no object is its name."""
    seen: list[object] = []

    def take(call: CallSite) -> Effect:
        seen.extend(call.arguments)
        return Effect((Outcome("taken"),))

    world = World(contracts={"read_lock": take})
    translated("void f(void) { read_lock(&resource_lock); }", world)

    assert seen == [GlobalAddress("resource_lock")]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("int f(int a) { return IS_ENABLED(a); }", "IS_ENABLED of a"),
        ("int f(void) { return IS_ENABLED(CONFIG_OTHER); }", "CONFIG_OTHER is not modelled"),
        ("rwlock_t *f(void) { return &resource_lock; }", "an address is kept"),
        (
            "void f(struct resource *p) { p->start = 0; }",
            "res->start is written where the tree is only looked at",
        ),
        ("void f(struct resource *p) { p->parent = p; }", "res->parent is not modelled"),
        ("void f(rwlock_t *lock) { read_lock(lock); }", "a lock other than resource_lock"),
    ],
)
def test_what_is_not_modelled_is_refused(text: str, said: str) -> None:
    """An option or a global that nobody knows is an error, and so is a lock of another kind."""
    with pytest.raises(StaleproofError, match=said):
        translated(text)


def test_options_are_refused_where_the_world_has_none(tmp_path: Path) -> None:
    """`check` knows no configuration, and says so."""
    path = tmp_path / "f.c"
    path.write_text("int f(void) { return IS_ENABLED(CONFIG_STRICT_DEVMEM); }")

    with pytest.raises(UnsupportedCError, match="CONFIG_STRICT_DEVMEM is not modelled"):
        check_file(str(path), "f")
