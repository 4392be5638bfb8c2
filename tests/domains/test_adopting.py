"""An approval is adopted when our rulebook asks nothing that theirs did not, documents included."""

import pytest

from setori import registry
from setori.evidence import DocumentKind
from setori.people import Role
from setori.registry import CriterionKind, DraftCriterion, DraftRulebook
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
