"""A firm's owner appeals on a page of its own: the last day in the decision, the reasons, a receipt."""

from datetime import timedelta

import pytest

from setori import registry
from setori.app import clock
from setori.days import local_day
from setori.registry import DecideApplication, RecordAppeal, ResolveAppeal
from setori.web import i18n
from tests.domains import builders as a
from tests.reading import words_of

NO = DecideApplication(outcome="rejected", reason="Too few coaches.")


@pytest.fixture
async def application(world):
    async with world.sessions.begin() as db:
        application_id = await a.an_application(db, world.rulebook_id, world.rival, at=clock())
        await registry.decide(db, application_id, NO, by=world.registrar, at=clock())
    return application_id


async def test_from_the_decision_to_the_receipt_and_the_registrars_desk(world, visitor, application) -> None:
    owner, registrar = await visitor(world.rival), await visitor(world.registrar)
    base = f"/provider/applications/{application}"
    async with world.sessions() as db:
        last_day = (await registry.find_application(db, application, by=world.rival)).decision.appeal_until
    i18n.language.set("en")
    for where in (base, f"{base}/decision", f"{base}/appeal"):
        assert f"The last day to ask for it is {i18n.day(last_day)}." in (await owner.get(where)).text
    assert f'href="{base}/appeal"' in (await owner.get(base)).text
    assert (await owner.get(f"{base}/appeal/receipt")).status_code == 404
    empty = await owner.post(f"{base}/appeal", {"demand": " "})
    assert empty.status_code == 422
    sent = await owner.post(f"{base}/appeal", {"demand": "Count <them> again."})
    assert (sent.status_code, sent.headers["location"]) == (303, f"{base}/appeal/receipt")
    receipt = (await owner.get(sent.headers["location"])).text
    assert "Your appeal has been sent." in receipt
    assert "Count &lt;them&gt; again." in receipt
    again = await owner.post(f"{base}/appeal", {"demand": "Once more."})
    assert again.status_code == 409
    assert "is open already" in again.text
    desk = (await registrar.get(f"/procurer/applications/{application}")).text
    assert "Count &lt;them&gt; again." in desk
    assert "in Setori" in desk
    done = await registrar.post(
        f"/procurer/applications/{application}/appeal/outcome",
        {"outcome": "stands", "reason": "We counted them again."},
    )
    assert done.status_code == 303
    assert "We counted them again." in (await owner.get(base)).text


async def test_without_a_decision_or_in_time_there_is_no_appeal(world, visitor) -> None:
    long_ago = clock() - timedelta(days=40)
    async with world.sessions.begin() as db:
        late = await a.an_application(db, world.rulebook_id, world.rival, at=long_ago)
        await registry.decide(db, late, NO, by=world.registrar, at=long_ago)
        waiting = await a.an_application(db, world.rulebook_id, world.rival, at=clock())
    owner = await visitor(world.rival)
    assert (await owner.get(f"/provider/applications/{waiting}/appeal")).status_code == 404
    assert "was " in (page := (await owner.get(f"/provider/applications/{late}/appeal")).text)
    assert "<textarea" not in page
    refused = await owner.post(f"/provider/applications/{late}/appeal", {"demand": "Look again."})
    assert refused.status_code == 409
    assert "The last day to appeal against this decision was" in refused.text


async def test_a_coach_may_not_appeal(world, visitor, application) -> None:
    coach = await visitor(world.coach)
    assert (await coach.get(f"/provider/applications/{application}/appeal")).status_code == 403


YES = DecideApplication(outcome="approved", reason="Good enough.", conditions="A third coach in spring.")


async def resolved(world, application_id, outcome: str) -> None:
    async with world.sessions.begin() as db:
        appeal = RecordAppeal(received_on=local_day(clock()), demand="Look at it again.")
        await registry.record_appeal(db, application_id, appeal, by=world.registrar, at=clock())
        order = ResolveAppeal(outcome=outcome, reason="Autumn will do.")
        await registry.resolve_appeal(db, application_id, order, by=world.registrar, at=clock())


@pytest.mark.parametrize(
    ("decision", "outcome", "says"),
    [
        (NO, "stands", "Appeal dismissed: the decision stands"),
        (NO, "not_examined", "Appeal not examined: the decision stands"),
        (YES, "amended", "Appeal accepted: the conditions change as told below"),
    ],
)
async def test_the_outcome_stands_on_the_decision_and_at_the_head_for_both_sides(
    world, visitor, decision, outcome, says
) -> None:
    async with world.sessions.begin() as db:
        application_id = await a.an_application(db, world.rulebook_id, world.rival, at=clock())
        await registry.decide(db, application_id, decision, by=world.registrar, at=clock())
    await resolved(world, application_id, outcome)
    for side, who in (("provider", world.rival), ("procurer", world.registrar)):
        reader, base = await visitor(who), f"/{side}/applications/{application_id}"
        head = (await reader.get(base)).text.split(decision.reason)[0]
        for page in (head, (await reader.get(f"{base}/decision")).text):
            assert says in page
            assert "Autumn will do." in page
        pdf = words_of((await reader.get(f"{base}/decision.pdf")).content)
        assert says.replace(" ", "") in pdf
        assert "Autumnwilldo." in pdf


async def test_a_decision_that_is_made_anew_says_so_at_its_head(world, visitor, application) -> None:
    await resolved(world, application, "reopened")
    base = f"/provider/applications/{application}"
    owner, says = await visitor(world.rival), "Appeal accepted: the application is decided anew"
    assert says in (await owner.get(base)).text
    async with world.sessions.begin() as db:
        await registry.decide(db, application, YES, by=world.registrar, at=clock())
    assert says in (await owner.get(f"{base}/decision")).text
