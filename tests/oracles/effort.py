"""How many examples Hypothesis tries: a fixed number in CI, more on request."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

FACTOR = int(os.environ.get("STALEPROOF_EXAMPLES", "1"))
"""Multiplies every number of examples; above 1 the examples are also new in every run."""


def examples(count: int) -> settings:
    """Settings of a property test that tries `count` examples in CI."""
    return settings(
        max_examples=count * FACTOR,
        derandomize=FACTOR == 1,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
