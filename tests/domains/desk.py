"""A desk with three registrars, a rulebook for one and one for two assessors, and a firm that applies."""

from datetime import date, timedelta

from setori.people import Role
from setori.registry import (
    AskForCompletion,
    AssessApplication,
    CriterionKind,
    DecideApplication,
    DraftCriterion,
    DraftRulebook,
    GiveVerdict,
    draft_rulebook,
    publish_rulebook,
)
from tests.domains.builders import NOON, a_procurer, a_provider, a_rulebook, a_service, an_actor

TODAY = date(2026, 3, 2)
APPROVE = DecideApplication(outcome="approved", reason="All criteria are met.")
REJECT = DecideApplication(outcome="rejected", reason="One criterion is not met.")
MET, UNMET = GiveVerdict(met=True), GiveVerdict(met=False, reason="Too few coaches.")
ALL_MET = AssessApplication(marks=dict.fromkeys(("D1", "N1", "T1", "R1"), MET), is_done=True)
COMPLETE = AskForCompletion(
    message="Tell more of the coaches.", due_on=TODAY + timedelta(days=14), to_mend={"N1": "How many?"}
)
LATER = NOON + timedelta(days=15)


class World:
    """A procurer with three registrars, a rulebook for one and one for two, and a firm with an owner and a coach."""


async def a_desk(db):
    """All of it."""
    it = World()
    it.procurer_id = await a_procurer(db)
    it.registrar, it.second, it.third = [
        await an_actor(db, Role.REGISTRAR, it.procurer_id, f"Registrar {n}") for n in (1, 2, 3)
    ]
    it.service_id = await a_service(db)
    it.rulebook_id = await a_rulebook(db, it.registrar, it.service_id)
    it.strict_id = await a_strict_rulebook(db, it.registrar)
    it.provider_id = await a_provider(db)
    it.owner = await an_actor(db, Role.PROVIDER_OWNER, it.provider_id, "Otso Omistaja")
    it.coach = await an_actor(db, Role.COACH, it.provider_id, "Maija Mäkelä")
    return it


async def a_strict_rulebook(db, registrar, code="career-guidance"):
    """The same criteria, to be marked by two."""
    criteria = [
        DraftCriterion(code="D1", kind=CriterionKind.DECLARATION, text={"fi": "Toinen vakuutus"}),
        DraftCriterion(code="N1", kind=CriterionKind.NUMBER, text={"fi": "Valmentajia"}),
        DraftCriterion(code="T1", kind=CriterionKind.TEXT, mandatory=False, text={"fi": "Kerro"}),
        DraftCriterion(code="R1", kind=CriterionKind.REGISTRY_CHECK, text={"fi": "Y-tunnus"}),
    ]
    order = DraftRulebook(
        service_id=await a_service(db, code),
        title={"fi": "Kahden arvioijan sääntökirja"},
        criteria=criteria,
        two_assessors=True,
        decision_days=10,
    )
    rulebook_id = await draft_rulebook(db, order, by=registrar, at=NOON)
    await publish_rulebook(db, rulebook_id, by=registrar, at=NOON)
    return rulebook_id
