"""An approval is adopted when our rulebook asks nothing that theirs did not, documents included."""

from datetime import timedelta

import pytest

from setori import registry
from setori.days import local_day
from setori.evidence import DocumentKind
from setori.people import Role
from setori.readmodels import standing
from setori.registry import (
    AdoptApproval,
    CriterionKind,
    DecideApplication,
    DraftCriterion,
    DraftRulebook,
    ReinstateApproval,
    SuspendApproval,
)
from tests.domains import builders as a


async def a_rulebook(db, registrar, service_id, **document) -> object:
    paper = DraftCriterion(
        code="P1", kind=CriterionKind.DOCUMENT, text={"fi": "Vakuutustodistus"}, **document
    )
    order = DraftRulebook(service_id=service_id, title={"fi": "Sääntökirja"}, criteria=[paper])
    rulebook_id = await registry.draft_rulebook(db, order, by=registrar, at=a.NOON)
    await registry.publish_rulebook(db, rulebook_id, by=registrar, at=a.NOON)
    return rulebook_id


THEIRS = {"document_kind": DocumentKind.LIABILITY_INSURANCE, "expires": True}


@pytest.mark.parametrize(
    ("ours", "beyond"),
    [
        (THEIRS, []),
        (THEIRS | {"grace_days": 14}, []),
        (THEIRS | {"document_kind": DocumentKind.LICENCE}, ["P1"]),
        ({"document_kind": DocumentKind.LIABILITY_INSURANCE}, []),
        ({"expires": True}, ["P1"]),
    ],
)
async def test_a_document_of_another_kind_is_asked_anew(db, ours, beyond) -> None:
    service_id, provider_id = await a.a_service(db), await a.a_provider(db)
    desks = []
    for code, name, document in (("0011", "Pirkanmaa", THEIRS), ("0022", "Varsinais-Suomi", ours)):
        procurer_id = await a.a_procurer(db, code, name)
        registrar = await a.an_actor(db, Role.REGISTRAR, procurer_id)
        desks.append((registrar, await a_rulebook(db, registrar, service_id, **document)))
    (_, their_rulebook), (us, our_rulebook) = desks
    approval_id = await a.an_approval(db, their_rulebook, provider_id)
    found = await registry.find_adoptable(db, approval_id, by=us, at=a.NOON)
    assert (found.rulebook_id, found.codes) == (our_rulebook, beyond)


async def test_conditions_go_where_an_approval_is_adopted_and_where_it_comes_back(db) -> None:
    """They are the decision's words, found again from an approval that has no application of its own."""
    desks = []
    service_id = await a.a_service(db)
    for code, name in (("0011", "Pirkanmaa"), ("0022", "Varsinais-Suomi")):
        procurer_id = await a.a_procurer(db, code, name)
        registrar = await a.an_actor(db, Role.REGISTRAR, procurer_id)
        desks.append((registrar, await a.a_rulebook(db, registrar, service_id)))
    (them, their_rulebook), (us, _) = desks
    provider_id = await a.a_provider(db)
    owner = await a.an_actor(db, Role.PROVIDER_OWNER, provider_id)
    application = await a.an_application(db, their_rulebook, owner)
    order = DecideApplication(outcome="approved", reason="All is well.", conditions="A second coach by May.")
    theirs = await registry.decide(db, application, order, by=them, at=a.NOON)
    assert (await standing.find_elsewhere(db, theirs)).conditions == "A second coach by May."

    adopted = await registry.adopt_elsewhere(db, theirs, AdoptApproval(reason="As there."), by=us, at=a.NOON)
    assert (await standing.find_elsewhere(db, adopted)).conditions == "A second coach by May."
    assert {one.conditions for one in await standing.list_held(db, provider_id, on=local_day(a.NOON))} == {
        "A second coach by May."
    }
    gone = SuspendApproval(reason="Not kept.", is_urgent=True)
    await registry.suspend(db, adopted, gone, by=us, at=a.NOON + timedelta(days=3))
    later = a.NOON + timedelta(days=5)
    back = await registry.reinstate(db, adopted, ReinstateApproval(reason="Kept now."), by=us, at=later)
    assert (await standing.find_elsewhere(db, back)).conditions == "A second coach by May."
