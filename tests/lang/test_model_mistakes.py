"""What a model author gets wrong is an error at the line that is wrong."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from lang.mappings import Mappings, Page, Vma
from staleproof.errors import ModelError, SignError, SortError, StaleproofError
from staleproof.lang.kinds import Members, Truth, Word
from staleproof.lang.model import Model, action, build, safety
from staleproof.lang.state import Constant, Flag, Relation, Signed
from staleproof.lang.terms import TRUE, Term, conj

MISTAKES: list[Callable[[], type[Model]]] = []


def mistake(make: Callable[[], type[Model]]) -> Callable[[], type[Model]]:
    """A model with one mistake; the docstring tells what the message has to contain."""
    MISTAKES.append(make)
    return make


@mistake
def wrong_annotation() -> type[Model]:
    """Message: count of Wrong is annotated with int."""

    class Wrong(Model):
        """A model."""

        count: Constant[int]  # type: ignore[type-var]

    return Wrong


@mistake
def no_docstring() -> type[Model]:
    """Message: docstring of action step."""

    class Wrong(Mappings):
        """A model."""

        @action(adds=True)
        def step(s) -> None:
            s.enabled = True

    return Wrong


@mistake
def two_sentences() -> type[Model]:
    """Message: docstring of safety holds."""

    class Wrong(Mappings):
        """A model."""

        @safety
        def holds(s) -> Term:
            """This holds.

            And this is more.
            """
            return s.enabled

    return Wrong


@mistake
def unknown_state() -> type[Model]:
    """Message: s.enabld, which it does not declare; is enabled meant."""

    class Wrong(Mappings):
        """A model."""

        @action(adds=True)
        def step(s) -> None:
            """A step."""
            s.enabld = True

    return Wrong


@mistake
def unknown_reading() -> type[Model]:
    """Message: s.stages, which it does not declare; is stage meant."""

    class Wrong(Mappings):
        """A model."""

        @action(adds=True)
        def step(s) -> None:
            """A step."""
            s.require(s.stages)  # type: ignore[attr-defined]

    return Wrong


@mistake
def fixed_state() -> type[Model]:
    """Message: assigns covers, which never changes."""

    class Wrong(Mappings):
        """A model."""

        @action(adds=True)
        def step(s, v: Vma, p: Page) -> None:
            """A step."""
            s.covers[v, p] = True

    return Wrong


@mistake
def config() -> type[Model]:
    """Message: assigns strict, which never changes."""

    class Wrong(Mappings):
        """A model."""

        @action(adds=True)
        def step(s) -> None:
            """A step."""
            s.strict = True  # type: ignore[assignment]

    return Wrong


@mistake
def whole_relation() -> type[Model]:
    """Message: assigns dirty as a whole."""

    class Wrong(Mappings):
        """A model."""

        @action(adds=True)
        def step(s) -> None:
            """A step."""
            s.dirty = True

    return Wrong


@mistake
def late_requirement() -> type[Model]:
    """Message: requires something after an assignment."""

    class Wrong(Mappings):
        """A model."""

        @action(adds=True)
        def step(s) -> None:
            """A step."""
            s.enabled = True
            s.require(s.strict)

    return Wrong


@mistake
def late_reading() -> type[Model]:
    """Message: reads enabled after assigning it."""

    class Wrong(Mappings):
        """A model."""

        @action(adds=True)
        def step(s, p: Page) -> None:
            """A step."""
            s.enabled = True
            s.dirty[p] = s.enabled

    return Wrong


@mistake
def property_assigns() -> type[Model]:
    """Message: safety holds assigns enabled."""

    class Wrong(Mappings):
        """A model."""

        @safety
        def holds(s) -> Term:
            """It holds."""
            s.enabled = True
            return s.strict

    return Wrong


@mistake
def property_requires() -> type[Model]:
    """Message: safety holds requires something."""

    class Wrong(Mappings):
        """A model."""

        @safety
        def holds(s) -> Term:
            """It holds."""
            s.require(s.strict)
            return s.enabled

    return Wrong


@mistake
def property_returns_nothing() -> type[Model]:
    """Message: safety holds returns nothing."""

    class Wrong(Mappings):
        """A model."""

        @safety
        def holds(s) -> None:
            """It holds."""
            s.enabled == s.strict  # noqa: B015

    return Wrong


@mistake
def action_returns() -> type[Model]:
    """Message: action step returns something."""

    class Wrong(Mappings):
        """A model."""

        @action(adds=True)
        def step(s) -> Term:
            """A step."""
            s.enabled = True
            return s.strict

    return Wrong


@mistake
def idle_action() -> type[Model]:
    """Message: action step changes nothing."""

    class Wrong(Mappings):
        """A model."""

        @action(adds=True)
        def step(s) -> None:
            """A step."""
            s.require(s.strict)

    return Wrong


@mistake
def python_and() -> type[Model]:
    """Message: truth of a term."""

    class Wrong(Mappings):
        """A model."""

        @safety
        def holds(s, p: Page) -> Term:
            """It holds."""
            return s.dirty[p] and s.enabled

    return Wrong


@mistake
def unsorted_parameter() -> type[Model]:
    """Message: the parameter p of step has no sort."""

    class Wrong(Mappings):
        """A model."""

        @action(adds=True)
        def step(s, p) -> None:  # type: ignore[no-untyped-def]
            """A step."""
            s.dirty[p] = True

    return Wrong


@mistake
def parameter_of_no_sort() -> type[Model]:
    """Message: p of step is annotated with bool."""

    class Wrong(Mappings):
        """A model."""

        @action(adds=True)
        def step(s, p: bool) -> None:
            """A step."""
            s.enabled = p

    return Wrong


@mistake
def default_parameter() -> type[Model]:
    """Message: the parameter p of step is not a plain one."""

    class Wrong(Mappings):
        """A model."""

        @action(adds=True)
        def step(s, p: Truth = TRUE) -> None:  # type: ignore[assignment]
            """A step."""
            s.enabled = p

    return Wrong


@mistake
def part_of_a_row() -> type[Model]:
    """Message: pte is assigned at a part of a row."""

    class Wrong(Mappings):
        """A model."""

        @action(adds=True)
        def step(s, v: Vma) -> None:
            """A step."""
            s.pte[v, 1:2] = False

    return Wrong


@mistake
def reading_a_row() -> type[Model]:
    """Message: pte is read at a row."""

    class Wrong(Mappings):
        """A model."""

        @safety
        def holds(s, v: Vma) -> Term:
            """It holds."""
            return s.pte[v, :]  # type: ignore[index]

    return Wrong


@mistake
def iterating() -> type[Model]:
    """Message: dirty is iterated."""

    class Wrong(Mappings):
        """A model."""

        @safety
        def holds(s) -> Term:
            """It holds."""
            return conj(*s.dirty)

    return Wrong


@mistake
def wrong_role() -> type[Model]:
    """Message: makes map_page, a action, a safety."""

    class Wrong(Mappings):
        """A model."""

        @safety
        def map_page(s) -> Term:  # type: ignore[override]
            """It holds."""
            return s.enabled

    return Wrong


@mistake
def hiding() -> type[Model]:
    """Message: hides map_page."""

    class Wrong(Mappings):
        """A model."""

        def map_page(s, v: Vma, p: Page) -> None:
            """A step."""
            s.pte[v, p] = True

    return Wrong


@mistake
def replacing_nothing() -> type[Model]:
    """Message: replaces map_pages, which is not there."""

    class Wrong(Mappings):
        """A model."""

        @action
        def map_pages(s, v: Vma, p: Page) -> None:
            """A step."""
            s.pte[v, p] = True

    return Wrong


@mistake
def adding_again() -> type[Model]:
    """Message: adds map_page, which is there already."""

    class Wrong(Mappings):
        """A model."""

        @action(adds=True)
        def map_page(s, v: Vma, p: Page) -> None:
            """A step."""
            s.pte[v, p] = True

    return Wrong


@mistake
def dropping_nothing() -> type[Model]:
    """Message: drops map_pages, which is not there."""

    class Wrong(Mappings):
        """A model."""

        drops = ("map_pages",)

    return Wrong


@mistake
def declared_again() -> type[Model]:
    """Message: declares dirty again."""

    class Wrong(Mappings):
        """A model."""

        dirty: Flag  # type: ignore[assignment]

    return Wrong


@mistake
def state_with_a_value() -> type[Model]:
    """Message: declares fresh and gives it a value."""

    class Wrong(Mappings):
        """A model."""

        fresh: Flag = TRUE  # type: ignore[assignment]

    return Wrong


@mistake
def name_in_use() -> type[Model]:
    """Message: declares require."""

    class Wrong(Mappings):
        """A model."""

        require: Flag  # type: ignore[assignment]

    return Wrong


@mistake
def no_arguments() -> type[Model]:
    """Message: lonely of Wrong has no arguments."""

    class Wrong(Mappings):
        """A model."""

        lonely: Relation[()]

    return Wrong


@mistake
def signed_truth() -> type[Model]:
    """Message: sign of Wrong is signed."""

    class Wrong(Mappings):
        """A model."""

        sign: Signed[Flag]

    return Wrong


class TestMistakes:
    """Each mistake has its message and its place."""

    @pytest.mark.parametrize("make", MISTAKES, ids=lambda make: make.__name__)
    def test_a_mistake_is_named_and_placed(self, make: Callable[[], type[Model]]) -> None:
        """The message names it, and the place is in this file, within the wrong model."""
        message = str(make.__doc__).removeprefix("Message: ").removesuffix(".")
        with pytest.raises(StaleproofError, match=message) as caught:
            build(make())
        place = caught.value.place

        assert place is not None
        assert Path(place.file).name == "test_model_mistakes.py"
        start = make.__code__.co_firstlineno
        assert start < place.line < start + 20
        assert place.source.strip()

    def test_the_place_is_the_expression(self) -> None:
        """A sort error inside of a method is shown with a caret under the expression."""
        with pytest.raises(StaleproofError) as caught:
            build(python_and())
        rendered = caught.value.render()

        assert "return s.dirty[p] and s.enabled" in rendered
        assert "^^^" in rendered

    def test_wrong_sorts_are_found(self) -> None:
        """An argument of another sort is a SortError, a bare comparison a SignError."""

        class Swapped(Mappings):
            """A model."""

            @safety
            def holds(s, v: Vma, p: Page) -> Term:
                """It holds."""
                return s.pte[p, v]  # type: ignore[index]

        class Unsigned(Mappings):
            """A model."""

            @safety
            def holds(s) -> Term:
                """It holds."""
                return s.pins < 3

        for model, kind in ((Swapped, SortError), (Unsigned, SignError)):
            with pytest.raises(kind) as caught:
                build(model)
            assert caught.value.place is not None

    def test_sorts_have_no_instances(self) -> None:
        """A sort class is used as an annotation only."""
        with pytest.raises(ModelError, match="no instances"):
            Page()

    def test_sorts_say_what_they_need(self) -> None:
        """An enumeration has members, a word a width."""
        with pytest.raises(ModelError, match="no members"):
            type("Empty", (Members,), {})
        with pytest.raises(ModelError, match="0 bits"):
            type("Nothing", (Word,), {}, width=0)

    def test_a_model_is_used_by_building_it(self) -> None:
        """Outside of its methods a model has no state to speak of."""
        with pytest.raises(ModelError, match="outside of its methods"):
            Mappings().require(True)
