"""The claims about every long-term pin of the series, as posted in v4, and about buffers."""

from __future__ import annotations

from staleproof.claims import claims_at
from staleproof.kernel.page_users import reasons as page_users
from staleproof.kernel.page_users.claims import NUMBERS_FOR_A_DEVICE
from staleproof.kernel.user_buffer.reasons import LONG_TERM, proved

BUFFERS = "staleproof.series.longterm_pins.versions:buffers"

PINS_OF_THE_SERIES = """
    The pins of exynos g2d, of habanalabs and of frame vectors are those that the series changes,
    and of each of them user space says how long it lasts: PIN-5 at v4 is these three. Pins of other
    drivers are not in the texts.
"""
ALL_IS_PINNED = """
    Whatever is kept is pinned: exynos g2d and habanalabs take nothing else (patches 01 and 03), and
    of frame vectors the walk for numbers is dead (GVF-19@v4). The owner of a page waits for pins.
"""
DAX_IS_REFUSED = "FOLL_LONGTERM refuses such a page, in whichever VMA of the range it comes."
MIGRATION_FAILS = """
    Up to 5.12 a long-term pin migrates a page out of CMA before it returns, and if that fails it
    pins the page where it is. That the migration does not fail is what GVF-10a leaves out.
"""

_PINS = claims_at(
    "v4",
    "staleproof.series.longterm_pins.versions:v4",
    *(proved(name, "?", PINS_OF_THE_SERIES, LONG_TERM) for name in ("PIN-5e", "PIN-5h", "PIN-5v")),
)
_BUFFERS = (
    *claims_at(
        "v4/01",
        BUFFERS,
        page_users.proved("GVF-9e", "new", "From patch 01 on, exynos g2d pins."),
    ),
    *claims_at("v4/02", BUFFERS, page_users.refuted("GVF-9h", "new", NUMBERS_FOR_A_DEVICE)),
    *claims_at(
        "v4/03",
        BUFFERS,
        page_users.proved("GVF-9h", "new", "From patch 03 on, habanalabs pins."),
    ),
    *claims_at("v4/04", BUFFERS, page_users.refuted("GVF-9v", "new", NUMBERS_FOR_A_DEVICE)),
    *claims_at(
        "v4",
        BUFFERS,
        page_users.proved("GVF-8s", "H vacuous (path dead)", ALL_IS_PINNED),
        page_users.proved("GVF-9s", "H vacuous", ALL_IS_PINNED),
        page_users.proved("GVF-9v", "H vacuous", ALL_IS_PINNED),
        page_users.refuted("GVF-10s", "weak: H unless migration fails", MIGRATION_FAILS),
        page_users.proved("GVF-11s", "?", DAX_IS_REFUSED),
        page_users.proved("GVF-16s", "H vacuous", ALL_IS_PINNED),
    ),
)
CLAIMS = (*_PINS, *_BUFFERS)
