"""Each PIN row: whether it is asked of the get or of the release, and what must kill it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from staleproof.errors import ModelError
from staleproof.kernel.user_buffer import properties
from staleproof.kernel.user_buffer.properties import Subject
from staleproof.lang.system import Property

Edit = tuple[str, str]
"""What stands in the text once, and what takes its place."""


def nothing_known(s: Subject, prop: Property, head: str) -> tuple[Property, ...]:
    """Nothing that would not be found."""
    return ()


@dataclass(frozen=True)
class Wrong:
    """A wrong variant of the text that must be refuted."""

    name: str
    sentence: str
    edits: tuple[Edit, ...]

    def fits(self, text: str) -> bool:
        """Whether every edit has its one place in the text."""
        return all(text.count(old) == 1 for old, _ in self.edits)


@dataclass(frozen=True, eq=False)
class Row:
    """A property, what makes it, and its killers; those count that fit the text."""

    name: str
    make: Callable[[Subject], Property]
    of_release: bool = False
    from_anywhere: bool = False
    """Asked of calls of which nothing is known."""
    of_vectors: bool = False
    """Asked of a driver with a frame vector, too; any other of an array of its own alone."""
    lemmas: Callable[[Subject, Property, str], tuple[Property, ...]] = nothing_known
    """What may be known at the head of a loop."""
    killers: tuple[Wrong, ...] = ()


_PARTIAL = "\t\tcount = ret;\n\t\tret = -EFAULT;\n\t\tgoto unpin;"
_ERRNO = "\t\tif (ret < 0)\n\t\t\tgoto free_pages;"
_UNPIN = "unpin:\n\tunpin_user_pages(pages, count);\nfree_pages:"
_UNMAP = "\tdma_unmap_sgtable(dev, buf->sgt, DMA_BIDIRECTIONAL, 0);\n"
_GIVE_BACK = "\tunpin_user_pages_dirty_lock(buf->pages, buf->npages, true);\n"
_LIST_FAILED = {
    "exynos": "GFP_KERNEL);\n\tif (ret < 0)\n\t\tgoto free_sgt;",
    "habana": "GFP_ATOMIC);\n\tif (ret < 0)\n\t\tgoto unpin;",
}

_FLAGS = {
    "PIN-5e": ("exynos", "count, FOLL_FORCE | FOLL_WRITE"),
    "PIN-5h": ("habanalabs", "count, FOLL_WRITE | FOLL_FORCE"),
    "PIN-5v": ("frame vectors", "nr_frames, FOLL_FORCE | FOLL_WRITE"),
}
_SHORT_TERM: dict[str, tuple[Wrong, ...]] = {
    name: (
        Wrong(
            f"short-term pin of {whose}",
            "FOLL_LONGTERM is not asked for",
            ((f"{flags} | FOLL_LONGTERM", flags),),
        ),
    )
    for name, (whose, flags) in _FLAGS.items()
}
_SHORT_TERM["PIN-5"] = tuple(wrong for (wrong,) in _SHORT_TERM.values())


_ASKED_FOR = Wrong(
    "all unpinned",
    "a partial pin gives back as many pages as were asked for",
    ((_PARTIAL, "\t\tret = -EFAULT;\n\t\tgoto unpin;"),),
)
_PARTIAL_KEPT = Wrong(
    "partial pin kept",
    "a partial pin is not given back",
    ((_PARTIAL, "\t\tret = -EFAULT;\n\t\tgoto free_pages;"),),
)
_LIST_KEPT = tuple(
    Wrong(
        "pins of the list kept",
        "the error path of the scatter list does not unpin",
        ((failed, failed[: failed.index("goto")] + "goto free_pages;"),),
    )
    for failed in _LIST_FAILED.values()
)
_READS = Wrong(
    "errno unpinned",
    "after an errno of the pin the array is unpinned",
    ((_ERRNO, "\t\tif (ret < 0)\n\t\t\tgoto unpin;"),),
)
_PARTIAL_TAKEN = Wrong(
    "part is enough",
    "a partial pin is a success",
    ((_PARTIAL, "\t\tcount = ret;"),),
)
_ZERO_FOR_ERRNO = Wrong(
    "errno lost",
    "a failed pin is a success",
    ((_ERRNO, "\t\tif (ret < 0) {\n\t\t\tret = 0;\n\t\t\tgoto free_pages;\n\t\t}"),),
)
_UNPIN_FIRST = Wrong(
    "unpin first",
    "the pages are given back before the DMA mapping is gone",
    ((_UNMAP, _GIVE_BACK), (_GIVE_BACK, _UNMAP)),
)
_PUT = "\tput_vaddr_frames(buf->vec);\n"
_PUT_FIRST = Wrong(
    "put first",
    "the frames are put before the DMA mapping is gone",
    ((_UNMAP, _PUT + _UNMAP), (_PUT + "\tframe_vector_destroy", "\tframe_vector_destroy")),
)
_NEVER_UNMAPPED = Wrong("mapping kept", "the release does not unmap", ((_UNMAP, "\t;\n"),))

ROWS = (
    Row("PIN-1", properties.pin_1, killers=(_ASKED_FOR, _PARTIAL_KEPT, *_LIST_KEPT)),
    Row(
        "PIN-1a",
        properties.pin_1a,
        of_release=True,
        killers=(
            Wrong("pins kept", "the release does not unpin", ((_GIVE_BACK, ""),)),
            Wrong(
                "unpinned twice",
                "the release unpins once more",
                ((_GIVE_BACK, _GIVE_BACK + "\tunpin_user_pages(buf->pages, buf->npages);\n"),),
            ),
        ),
    ),
    Row("PIN-2", properties.pin_2, killers=(_READS,)),
    Row("PIN-2a", properties.pin_2a, from_anywhere=True),
    Row(
        "PIN-3",
        properties.pin_3,
        of_vectors=True,
        killers=(_ZERO_FOR_ERRNO,),
        lemmas=properties.comes_through,
    ),
    Row("PIN-3a", properties.pin_3a, killers=(_PARTIAL_TAKEN,), lemmas=properties.comes_through),
    Row(
        "PIN-4",
        properties.pin_4,
        of_release=True,
        of_vectors=True,
        killers=(_UNPIN_FIRST, _PUT_FIRST, _NEVER_UNMAPPED),
    ),
    Row(
        "PIN-4a",
        properties.pin_4a,
        killers=(
            Wrong(
                "success taken for an error",
                "the answer of the DMA mapping is tested the wrong way round",
                (("\tif (ret)\n\t\tgoto free_table;", "\tif (!ret)\n\t\tgoto free_table;"),),
            ),
        ),
    ),
    *(
        Row(
            name,
            partial(properties.pin_5, name=name),
            from_anywhere=True,
            of_vectors=True,
            killers=killers,
        )
        for name, killers in _SHORT_TERM.items()
    ),
    Row(
        "PIN-6",
        properties.pin_6,
        of_release=True,
        killers=(
            Wrong(
                "clean pages",
                "the pages are given back without a mark",
                (("buf->npages, true)", "buf->npages, false)"),),
            ),
        ),
    ),
    Row(
        "PIN-7",
        properties.pin_7,
        killers=(Wrong("not counted", "npages is not set", (("\tbuf->npages = count;\n", ""),)),),
    ),
)
"""All of them."""


def row_named(name: str) -> Row:
    """The row of that name. Raises ModelError when there is none."""
    for row in ROWS:
        if row.name == name:
            return row
    raise ModelError(f"there is no row {name}")


def asked_with(row: Row) -> tuple[Row, ...]:
    """The rows that are asked of the same calls of the same drivers, itself among them."""
    calls = (row.of_release, row.from_anywhere, row.of_vectors)
    return tuple(r for r in ROWS if (r.of_release, r.from_anywhere, r.of_vectors) == calls)
