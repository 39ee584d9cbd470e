"""What is left out of a small system is noticed in the right way, or shown to be unneeded."""

from __future__ import annotations

from functools import cache

import pytest

from staleproof.engine.mutation import UNNOTICED, Asked, How, Notice, Study, notice, study
from staleproof.engine.search import Limits
from staleproof.lang.kinds import Element
from staleproof.lang.model import Model, action, build, initial, lemma, safety, without
from staleproof.lang.mutants import mutants
from staleproof.lang.quantify import every
from staleproof.lang.state import Relation
from staleproof.lang.terms import Term, conj, implies
from staleproof.logic.scope import Scope

NEAR = Limits(6, (Scope({}, 1),))


class Page(Element):
    """A page."""


class Claims(Model):
    """A page is claimed, zapped, used and given back."""

    pte: Relation[Page]
    claimed: Relation[Page]
    zapped: Relation[Page]
    in_use: Relation[Page]
    told: Relation[Page]

    @initial
    def nothing_has_begun(s) -> Term:
        """At the start no page is mapped or claimed."""
        return every(
            Page,
            lambda p: conj(~s.pte[p], ~s.claimed[p], ~s.zapped[p], ~s.in_use[p], ~s.told[p]),
        )

    @action
    def map_page(s, p: Page) -> None:
        """A page that is not claimed is mapped."""
        s.require(~s.claimed[p], ~s.pte[p])
        s.pte[p] = True

    @action
    def claim_page(s, p: Page) -> None:
        """A page is claimed."""
        s.claimed[p] = True

    @action
    def zap_page(s, p: Page) -> None:
        """A claimed page is zapped."""
        s.require(s.claimed[p])
        s.pte[p] = False
        s.zapped[p] = True

    @action
    def use_page(s, p: Page) -> None:
        """A page that was zapped is used, and the log is told."""
        s.require(s.zapped[p])
        s.in_use[p] = True
        s.told[p] = True

    @safety
    def used_pages_are_unmapped(s, p: Page) -> Term:
        """A page in use is not mapped."""
        return implies(s.in_use[p], ~s.pte[p])

    @safety
    def claimed_pages_are_unmapped(s, p: Page) -> Term:
        """A claimed page is not mapped."""
        return implies(s.claimed[p], ~s.pte[p])

    @safety
    def nothing_is_told_of_unused_pages(s, p: Page) -> Term:
        """What the log is told of is in use."""
        return implies(s.told[p], s.in_use[p])

    @lemma
    def zapped_pages_are_unmapped(s, p: Page) -> Term:
        """A page that was zapped is claimed and not mapped."""
        return implies(s.zapped[p], s.claimed[p] & ~s.pte[p])

    @lemma
    def used_pages_were_zapped(s, p: Page) -> Term:
        """A page in use was zapped."""
        return implies(s.in_use[p], s.zapped[p])


SYSTEM = build(Claims)
MUTANTS = {m.name: m for a in SYSTEM.actions for m in mutants(a)}


@cache
def known(*methods: str) -> Study:
    """What is known of the system, if that is all that is asked of it."""
    asked = [Asked(SYSTEM.property_named(m), NEAR) for m in methods]
    return study(SYSTEM, asked, (NEAR,))


USED, CLAIMED, TOLD = (p.name for p in SYSTEM.safety)
EXPECTED = {
    "map_page: without require ~claimed(p)": Notice(How.REFUTED, USED),
    "map_page: without require ~pte(p)": Notice(How.STILL_PROVED),
    "map_page: without pte": Notice(How.HELD, CLAIMED),
    "claim_page: without claimed": Notice(How.VACUOUS, USED),
    "zap_page: without require claimed(p)": Notice(How.REFUTED, USED),
    "zap_page: without pte": Notice(How.REFUTED, USED),
    "zap_page: without zapped": Notice(How.VACUOUS, USED),
    "use_page: without require zapped(p)": Notice(How.REFUTED, USED),
    "use_page: without in_use": Notice(How.VACUOUS, USED),
    "use_page: without told": Notice(How.STILL_PROVED),
}


class TestNotice:
    """Each mutant is noticed by what tells most."""

    def test_all_mutants_are_expected(self) -> None:
        """None is forgotten here."""
        assert {*MUTANTS} == {*EXPECTED}

    @pytest.mark.parametrize("name", EXPECTED)
    def test_two_properties(self, name: str) -> None:
        """One is proved and one refuted, and the log is nobody's concern."""
        assert notice(known(USED, CLAIMED), MUTANTS[name]) == EXPECTED[name]

    def test_a_further_claim_notices_more(self) -> None:
        """Who claims something of the log notices that nothing is told."""
        mutant = MUTANTS["use_page: without told"]

        assert notice(known(USED, CLAIMED, TOLD), mutant) == Notice(How.VACUOUS, TOLD)

    def test_a_lemma_is_the_last_to_notice(self) -> None:
        """Without the properties that notice it, it is a lemma that is violated."""
        mutant = MUTANTS["zap_page: without require claimed(p)"]

        assert notice(known(TOLD), mutant) == Notice(How.LEMMA, "zapped_pages_are_unmapped")

    def test_what_breaks_a_wrong_variant(self) -> None:
        """A killer that lacks the zap is refuted; with nothing mapped it is not any more."""

        class ZapForgotten(Claims):
            """A page is used without a zap."""

            @action
            def use_page(s, p: Page) -> None:
                """A claimed page is used."""
                s.require(s.claimed[p])
                s.in_use[p] = True

        wrong = build(ZapForgotten)
        killer = (wrong, wrong.property_named(USED))
        asked = [Asked(SYSTEM.property_named(USED), NEAR, (killer,))]
        found = notice(study(SYSTEM, asked, (NEAR,)), MUTANTS["map_page: without pte"])

        assert found == Notice(How.KILLER, USED)


class TestStudy:
    """What is known of a system is what was decided."""

    def test_proved_and_refuted(self) -> None:
        """A property is one or the other."""
        found = known(USED, CLAIMED)

        assert [p.name for p in found.proved] == [USED]
        assert [t.noticed.how for t in found.runs] == [How.VACUOUS, How.HELD]
        assert found.settled == (USED, CLAIMED)

    def test_what_says_nothing_is_no_witness(self) -> None:
        """A property that is proved because nothing happens notices nothing."""
        idle = build(without(Claims, "use_page"))
        found = study(idle, [Asked(idle.property_named(USED), NEAR)], (NEAR,))

        assert found.proved == ()
        assert found.runs == ()

    def test_a_bound_is_no_proof(self) -> None:
        """What neither a proof nor a run settles is told apart from what is proved."""
        assert {How.STILL_PROVED, How.STILL_HELD} == {*UNNOTICED}
