"""An application is answered question by question, kept as typed, checked, sent, and taken back or decided."""

import re
from uuid import uuid4

import pytest

from setori import registry
from setori.app import clock
from setori.registry import DecideApplication, GiveVerdict


@pytest.fixture
async def application(world, visitor) -> str:
    """The page of an application that a rival firm has begun."""
    owner = await visitor(world.rival)
    begun = await owner.post(f"/provider/rulebooks/{world.rulebook_id}/applications")
    assert begun.status_code == 303
    return begun.headers["location"]


async def test_one_applies_question_by_question_and_gets_a_number(world, visitor, application) -> None:
    owner = await visitor(world.rival)
    assert "1 of 4 done" in (await owner.get(application)).text, "the register has answered for itself"
    sent = await owner.post(f"{application}/answers", {"answers.D1": "yes"})
    assert sent.headers["location"] == f"{application}/questions/N1"
    sent = await owner.post(f"{application}/answers", {"answers.N1": "4"})
    assert sent.headers["location"] == f"{application}/questions/T1"
    sent = await owner.post(f"{application}/answers", {"answers.T1": ""})
    assert sent.headers["location"] == f"{application}/check"
    sent = await owner.post(f"{application}/submission")
    assert sent.status_code == 303
    receipt = (await owner.get(sent.headers["location"])).text
    assert re.search(r"Its number is \d+\.", receipt)
    assert "What happens next" in receipt


async def test_a_bad_answer_is_told_and_kept(world, visitor, application) -> None:
    owner = await visitor(world.rival)
    wrong = await owner.post(f"{application}/answers", {"answers.N1": "many"})
    assert wrong.status_code == 422
    assert "Write a whole number." in wrong.text
    assert 'value="many"' in (await owner.get(f"{application}/questions/N1")).text


async def test_what_is_in_the_way_of_sending_is_told_with_links(world, visitor, application) -> None:
    owner = await visitor(world.rival)
    refused = await owner.post(f"{application}/submission")
    assert refused.status_code == 422
    assert "<title>Error:" in refused.text
    assert f"{application}/questions/D1" in refused.text.split("<dl")[0]
    assert "Answer this: it is mandatory." in refused.text


async def test_an_application_is_withdrawn_only_after_asking(world, visitor, application) -> None:
    owner = await visitor(world.rival)
    assert "does not decide it" in (await owner.get(f"{application}/withdrawal")).text
    done = await owner.post(f"{application}/withdrawal")
    assert "has been withdrawn" in (await owner.get(done.headers["location"])).text
    again = await owner.post(f"{application}/withdrawal")
    assert again.status_code == 409


async def test_the_decision_says_what_was_not_met_and_how_to_appeal(world, visitor, application) -> None:
    owner = await visitor(world.rival)
    await owner.post(f"{application}/answers", {"answers.D1": "yes", "answers.N1": "4"})
    await owner.post(f"{application}/submission")
    order = DecideApplication(
        outcome="rejected",
        reason="Valmentajia on liian vähän.",
        verdicts={"N1": GiveVerdict(met=False, reason="Tarvitaan viisi.")},
    )
    async with world.sessions.begin() as db:
        await registry.decide(db, application.split("/")[-1], order, by=world.registrar, at=clock())
    page = (await owner.get(application)).text
    assert "Valmentajia on liian vähän." in page
    assert "Tarvitaan viisi." in page
    assert "within 14 days" in page


async def test_another_firms_application_is_the_same_404_as_a_missing_one(
    world, visitor, application
) -> None:
    other = await visitor(world.owner)
    missing = f"/provider/applications/{uuid4()}"
    for tail in ("", "/check", "/questions/D1", "/withdrawal"):
        theirs, none = await other.get(application + tail), await other.get(missing + tail)
        assert (theirs.status_code, none.status_code) == (404, 404)
    assert (await other.post(f"{application}/answers", {"answers.D1": "yes"})).status_code == 404
    assert (await other.post(f"{application}/submission")).status_code == 404


async def test_a_firm_that_is_approved_is_told_so_instead_of_applying_again(world, visitor) -> None:
    owner = await visitor(world.owner)
    refused = await owner.post(f"/provider/rulebooks/{world.rulebook_id}/applications")
    assert refused.status_code == 409
    assert "already approved" in refused.text
