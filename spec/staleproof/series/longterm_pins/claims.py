"""The claim about every long-term pin of the series, as posted in v4."""

from __future__ import annotations

from staleproof.claims import claims_at
from staleproof.kernel.user_buffer.reasons import proved

CLAIMS = claims_at(
    "v4",
    "staleproof.series.longterm_pins.versions:v4",
    proved(
        "PIN-5",
        "?",
        """
        The pins of exynos g2d, of habanalabs and of frame vectors are those that the series
        changes, and of each of them user space says how long it lasts. Each is asked for with
        FOLL_LONGTERM; leaving it out of any one of them refutes this. Pins of other drivers are not
        in the text.
        """,
    ),
)
