"""The toy models come out as they should, through every engine and from the class to the trace."""

from __future__ import annotations

import pytest

from engine.models.lock_server import ForgetfulServer, LockServer
from engine.models.revocation import (
    CheckAgain,
    InstallAfterLink,
    ReleasablePages,
    Repaired,
    Revocation,
)
from staleproof.engine.houdini import largest_inductive
from staleproof.engine.induction import Inductive, NotShown, Proved
from staleproof.engine.kinduction import prove_by_k_induction
from staleproof.engine.search import Found, Limits, NotFound, search
from staleproof.lang.model import Model, build, patched, without
from staleproof.trace.model import changes
from staleproof.trace.replay import replay

PROVED = {
    "lock server": LockServer,
    "both repairs": Repaired,
    "repairs and release": patched(Revocation, InstallAfterLink, CheckAgain, ReleasablePages),
    "nothing is claimed": without(Repaired, "claim_page"),
}
REFUTED: dict[str, tuple[type[Model], tuple[str, ...]]] = {
    "forgetful server": (
        ForgetfulServer,
        ("ask_for_lock", "ask_for_lock", "grant_lock", "grant_lock") + ("receive_grant",) * 2,
    ),
    "check, then act": (Revocation, ("check_page", "install_pte", "claim_page", "zap_ptes")),
    "only found in time": (
        InstallAfterLink,
        ("check_page", "link_vma", "claim_page", "zap_ptes", "install_pte"),
    ),
    "the repair of the check undone by the other": (
        patched(Revocation, CheckAgain, InstallAfterLink),
        ("check_page", "link_vma", "claim_page", "zap_ptes", "install_pte"),
    ),
    "only checked again": (CheckAgain, ("check_page", "install_pte", "claim_page", "zap_ptes")),
}


class TestVerdicts:
    """Each model has its verdict."""

    @pytest.mark.parametrize("model", PROVED.values(), ids=PROVED)
    def test_good_models_are_proved(self, model: type[Model]) -> None:
        """Induction with the model's lemmas proves the claim, and the search finds nothing."""
        system = build(model)
        outcome = Inductive(system).prove(system.safety, system.lemmas)

        assert isinstance(outcome, Proved)
        assert isinstance(search(system, system.safety[0], Limits(6)), NotFound)

    @pytest.mark.parametrize(("model", "steps"), REFUTED.values(), ids=REFUTED)
    def test_broken_models_are_refuted(self, model: type[Model], steps: tuple[str, ...]) -> None:
        """The shortest run into the violation is found and replays; nothing proves the claim."""
        system = build(model)
        (claim,) = system.safety
        found = search(system, claim, Limits(8))

        assert isinstance(found, Found)
        trace = replay(system, claim, found.script)
        assert sorted(steps) == sorted(step.action for step in trace.steps)
        assert isinstance(Inductive(system).prove(system.safety, system.lemmas), NotShown)
        assert isinstance(prove_by_k_induction(system, claim, 2), NotShown)

    @pytest.mark.parametrize("model", [LockServer, Repaired], ids=["lock server", "repaired"])
    def test_all_lemmas_survive_houdini(self, model: type[Model]) -> None:
        """What is inductive together is kept, the claim with it."""
        system = build(model)
        candidates = [*system.safety, *system.lemmas]

        assert candidates == largest_inductive(Inductive(system), candidates)

    def test_houdini_keeps_what_a_broken_model_still_has(self) -> None:
        """Of the broken model the claim is dropped, and the lemma that does not need it is kept."""
        system = build(Revocation)
        kept = largest_inductive(Inductive(system), [*system.safety, *system.lemmas])

        assert [q.name for q in kept] == ["zapped_pages_are_claimed"]

    def test_the_trace_tells_the_race(self) -> None:
        """The driver zaps, the PTE stays, since the mapping could not be found yet."""
        system = build(Revocation)
        found = search(system, system.safety[0], Limits(6))
        assert isinstance(found, Found)
        trace = replay(system, system.safety[0], found.script)

        assert ("pte", (0, 0), False, True) in changes(trace, 1)
        assert changes(trace, 3) == [("zapped", (0,), False, True)]
        assert trace.steps[3].kernel == "mm/memory.c: unmap_mapping_range"
        assert True is trace.states[-1].values["strict"][()]
