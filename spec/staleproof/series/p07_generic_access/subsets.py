"""Properties of generic_access_phys() with patch 07 and without it."""

from __future__ import annotations

from functools import partial

from staleproof.engine.question import Question
from staleproof.kernel.iomem.questions import question_of, row_named
from staleproof.kernel.page_users.users import GenericAccessBefore
from staleproof.kernel.page_users.versions import LEGACY, asked
from staleproof.kernel.page_users.versions import Asked as Entry
from staleproof.kernel.pte_users import access
from staleproof.kernel.pte_users.versions import TEXTS as TEXTS_BEFORE
from staleproof.series.by_patches import Asked, ByPatches
from staleproof.series.p07_generic_access import retry
from staleproof.series.p07_generic_access.text_versions import TEXTS as TEXTS_AFTER
from staleproof.series.p07_generic_access.versions import AFTER

BEFORE: dict[str, Entry] = {**LEGACY, "GAP-8": (GenericAccessBefore, "no_stale_use", ())}


def _of_pages(name: str, chosen: frozenset[int]) -> Question | None:
    """What GAP-2 speaks of, the next page, is in the model with the patch only."""
    table = AFTER if chosen else BEFORE
    return asked(Asked(name), table) if name in table else None


def _of_the_loop(name: str, chosen: frozenset[int]) -> Question:
    return retry.question(Asked(name, "v4" if chosen else "legacy"))


def _of_the_text(name: str, chosen: frozenset[int]) -> Question:
    rows, texts = (access.AFTER, TEXTS_AFTER) if chosen else (access.BEFORE, TEXTS_BEFORE)
    return question_of(Asked(name), texts, *row_named(name, rows))


PROPERTIES = (
    *(ByPatches(name, (7,), partial(_of_pages, name), "page users") for name in AFTER),
    *(ByPatches(name, (7,), partial(_of_the_loop, name), "page users") for name in retry.KILLERS),
    *(
        ByPatches(row.name, (7,), partial(_of_the_text, row.name), "generic_access_phys")
        for of in access.AFTER
        for row in of.rows
    ),
)
