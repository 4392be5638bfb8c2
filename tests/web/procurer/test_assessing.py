"""At the desk: two assess without seeing each other, an application goes back and comes again, appeals are noted."""

from datetime import timedelta

import pytest

from setori import registry
from setori.app import clock
from setori.days import local_day
from setori.people import Role
from setori.registry import AnswerCriteria, CriterionKind, DraftCriterion, DraftRulebook
from tests.domains import builders as a

MET = {"met-D1": "yes", "met-N1": "yes"}


@pytest.fixture
async def desk(world):
    """A second registrar, and an application to a rulebook that asks for two assessors."""
    registrar = world.actors[Role.REGISTRAR]
    at = clock()
    async with world.sessions.begin() as db:
        world.second = await a.an_actor(db, Role.REGISTRAR, world.procurer_id, "Toini Toinen", at=at)
        criteria = [
            DraftCriterion(code="D1", kind=CriterionKind.DECLARATION, text={"fi": "Vakuutus"}),
            DraftCriterion(code="N1", kind=CriterionKind.NUMBER, text={"fi": "Valmentajia"}),
        ]
        order = DraftRulebook(
            service_id=await a.a_service(db, "strict", at=at),
            title={"fi": "Kahden arvioijan kirja"},
            criteria=criteria,
            two_assessors=True,
        )
        rulebook_id = await registry.draft_rulebook(db, order, by=registrar, at=at)
        await registry.publish_rulebook(db, rulebook_id, by=registrar, at=at)
        world.applicant = await a.an_actor(
            db, Role.PROVIDER_OWNER, await a.a_provider(db, "Uusi Oy", at=at), "Olli Omistaja", at=at
        )
        application_id = await a.an_application(db, rulebook_id, world.applicant, at=at)
    world.application = f"/procurer/applications/{application_id}"
    world.application_id = application_id
    return world


async def test_two_assess_blind_and_a_third_click_decides(desk, visitor) -> None:
    first, second = await visitor(Role.REGISTRAR), await visitor(desk.second)
    page = (await first.get(desk.application)).text
    assert "The rulebook asks for two assessors." in page
    assert 'name="outcome"' not in page, "nothing to decide with yet"
    early = await first.post(f"{desk.application}/decision", **MET, outcome="approved", reason="Hyvä on.")
    assert early.status_code == 409
    assert "Both must mark the application" in early.text
    for who in (desk.actors[Role.REGISTRAR], desk.second):
        asked = await first.post(f"{desk.application}/assessors", person_id=str(who.person_id))
        assert asked.status_code == 303
    assert "Uusi Oy" in (await second.get("/procurer/applications?own=yes")).text

    half = await first.post(f"{desk.application}/assessment", **{"met-D1": "yes"}, do="done")
    assert half.status_code == 422
    assert 'href="#f-met-N1"' in half.text
    secret = {"met-D1": "yes", "met-N1": "no", "why-N1": "Salainen perustelu."}
    assert (await first.post(f"{desk.application}/assessment", **secret, do="keep")).status_code == 303
    assert "Salainen perustelu." in (await first.get(f"{desk.application}/assessment")).text
    assert (await first.post(f"{desk.application}/assessment", **secret, do="done")).status_code == 303
    for path in (desk.application, f"{desk.application}/assessment", "/procurer/applications"):
        assert "Salainen perustelu." not in (await second.get(path)).text
    assert (await second.post(f"{desk.application}/assessment", **MET, do="done")).status_code == 303

    page = (await second.get(desk.application)).text
    assert "Salainen perustelu." in page
    agreed = page.split('name="met-D1" value="yes"')[1][:40]
    assert "checked" in agreed, "what both found stands in the form"
    differed = page.split('name="met-N1" value="yes"')[1][:40]
    assert "checked" not in differed
    done = await second.post(f"{desk.application}/decision", **MET, outcome="approved", reason="Hyvä on.")
    assert done.status_code == 303


async def test_an_assessor_is_removed_only_after_asking(desk, visitor) -> None:
    who, me = await visitor(Role.REGISTRAR), desk.actors[Role.REGISTRAR].person_id
    await who.post(f"{desk.application}/assessors", person_id=str(me))
    page = (await who.get(f"{desk.application}/assessors/removal?person={me}")).text
    assert "no longer assesses application" in page
    gone = await who.post(f"{desk.application}/assessors/removal", person_id=str(me))
    assert gone.status_code == 303
    assert (await who.get(f"{desk.application}/assessment")).status_code == 404
    for nobody in (str(desk.owner.person_id), "nobody", ""):
        assert (await who.post(f"{desk.application}/assessors", person_id=nobody)).status_code == 404


async def test_an_application_is_returned_with_a_day_and_comes_back(desk, visitor) -> None:
    who = await visitor(Role.REGISTRAR)
    due = local_day(clock()) + timedelta(days=14)
    typed = {"message": "Kertokaa lisää.", "to_mend.N1": "Montako heitä on?"}
    wrong = await who.post(f"{desk.application}/completion", **typed, due_on="1.1.2020")
    assert wrong.status_code == 422
    assert "Choose a day ahead, within a year." in wrong.text
    assert "Montako heitä on?" in wrong.text, "what was typed stands"
    done = await who.post(
        f"{desk.application}/completion", **typed, due_on=f"{due.day}.{due.month}.{due.year}"
    )
    assert done.status_code == 303
    page = (await who.get(desk.application)).text
    assert "The provider completes this by" in page
    assert "Take it up" not in page
    assert (await who.post(f"{desk.application}/taking-up")).status_code == 409
    assert "Uusi Oy" in (await who.get("/procurer/applications?status=returned")).text
    async with desk.sessions.begin() as db:
        order = AnswerCriteria(answers={"N1": "777"})
        await registry.answer(db, desk.application_id, order, by=desk.applicant, at=clock())
    assert "777" not in (await who.get(desk.application)).text, "what is being written is not filed"
    async with desk.sessions.begin() as db:
        await registry.submit(db, desk.application_id, by=desk.applicant, at=clock())
    page = (await who.get(desk.application)).text
    assert "777" in page
    assert "Changed since the round before" in (await who.get(f"{desk.application}/filings/2")).text


@pytest.fixture
async def decided(world, visitor) -> str:
    """An application that was approved with conditions."""
    async with world.sessions.begin() as db:
        owner = await a.an_actor(db, Role.PROVIDER_OWNER, await a.a_provider(db, "Uusi Oy"))
        application_id = await a.an_application(db, world.rulebook_id, owner)
    path = f"/procurer/applications/{application_id}"
    who = await visitor(Role.REGISTRAR)
    met = {**MET, "met-T1": "yes", "met-R1": "yes", "outcome": "conditional", "reason": "Hyvä on."}
    bare = await who.post(f"{path}/decision", **met, conditions="")
    assert bare.status_code == 422
    assert "Write the conditions." in bare.text
    mixed = await who.post(f"{path}/decision", **met | {"outcome": "approved"}, conditions="Jotain.")
    assert mixed.status_code == 422
    done = await who.post(f"{path}/decision", **met, conditions="Kolmas valmentaja keväällä.")
    assert done.status_code == 303
    return path


async def test_an_approval_with_conditions_is_written_out_and_appealed(world, visitor, decided) -> None:
    who = await visitor(Role.REGISTRAR)
    assert "Kolmas valmentaja keväällä." in (await who.get(f"{decided}/decision")).text
    assert (await who.get(f"{decided}/decision.pdf")).content.startswith(b"%PDF-")
    today = local_day(clock())
    received = f"{today.day}.{today.month}.{today.year}"
    wrong = await who.post(f"{decided}/appeal", received_on="1.1.2020", demand="Ehto on kohtuuton.")
    assert wrong.status_code == 422
    assert "Ehto on kohtuuton." in wrong.text
    noted = await who.post(f"{decided}/appeal", received_on=received, demand="Ehto on kohtuuton.")
    assert noted.status_code == 303
    again = await who.post(f"{decided}/appeal", received_on=received, demand="Ehto on kohtuuton.")
    assert again.status_code == 409
    reopened = await who.post(f"{decided}/appeal/outcome", outcome="reopened", reason="Ei käy näin.")
    assert reopened.status_code == 422
    done = await who.post(f"{decided}/appeal/outcome", outcome="amended", reason="Vasta syksyllä.")
    assert done.status_code == 303
    page = (await who.get(decided)).text
    assert "Vasta syksyllä." in page
    assert "conditions changed" in page


async def test_the_queue_is_read_with_as_many_questions_however_long_it_is(
    world, visitor, statements_sent
) -> None:
    who = await visitor(Role.REGISTRAR)

    async def asked() -> int:
        statements_sent.clear()
        assert (await who.get("/procurer/applications")).status_code == 200
        return len(statements_sent)

    async def come(applications: int) -> None:
        me = world.actors[Role.REGISTRAR]
        async with world.sessions.begin() as db:
            for _ in range(applications):
                owner = await a.an_actor(db, Role.PROVIDER_OWNER, await a.a_provider(db))
                application_id = await a.an_application(db, world.rulebook_id, owner)
                await registry.assign(db, application_id, me.person_id, by=me, at=clock())

    await come(1)
    before = await asked()
    await come(6)
    assert await asked() == before
