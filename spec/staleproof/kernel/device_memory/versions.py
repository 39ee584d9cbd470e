"""Device memory in the kernel before the series."""

from __future__ import annotations

from staleproof.engine.question import Question
from staleproof.kernel.device_memory import questions
from staleproof.kernel.device_memory.questions import ClaimLike
from staleproof.lang.model import Model


def unchanged(model: type[Model]) -> type[Model]:
    """The model as it is: no patch of the series is applied."""
    return model


def legacy(claim: ClaimLike) -> Question:
    """The kernel before the series: /dev/mem is revoked, PCI files are not."""
    return questions.question(claim, unchanged)
