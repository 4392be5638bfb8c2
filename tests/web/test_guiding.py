"""Guiding on its pages: the client's yes and its end, the case worker's proposal, the service manager's desk."""

from datetime import timedelta
from urllib.parse import quote
from uuid import UUID

import httpx
import pytest
from litestar import Litestar

from setori import guiding
from setori.app import clock
from setori.days import local_day
from setori.guiding import InviteManager, Scope
from setori.people import Role
from tests.conftest import RealDatabase
from tests.domains import builders as a
from tests.web.test_meetings import Stage, a_stage, counted
from tests.web.visiting import Visitor

ALL = [scope.value for scope in Scope]


def given(*scopes: str, days: int = 30) -> dict[str, object]:
    return {"scopes": list(scopes) or ALL, "until_on": str(local_day(clock()) + timedelta(days=days))}


@pytest.fixture
async def stage(app: Litestar, client: httpx.AsyncClient, fresh_database: RealDatabase) -> Stage:
    return await a_stage(app, client, fresh_database)


@pytest.fixture
async def me(stage: Stage) -> Visitor:
    return await stage.visit(Role.JOBSEEKER)


@pytest.fixture
async def manager(stage: Stage) -> Visitor:
    return await stage.visit(Role.SERVICE_MANAGER)


async def invited(stage: Stage, *scopes: Scope) -> UUID:
    who = stage.market.actors[Role.SERVICE_MANAGER].person_id
    until = local_day(clock()) + timedelta(days=30)
    order = InviteManager(manager_id=who, scopes=list(scopes) or list(Scope), until_on=until)
    async with stage.database.sessions.begin() as db:
        return await guiding.invite(db, order, by=stage.holder, at=clock() - timedelta(hours=1))


async def test_a_case_worker_proposes_and_the_client_allows_less(stage: Stage, me, manager) -> None:
    desk = await stage.visit(Role.CASE_WORKER)
    path = f"/procurer/vouchers/{stage.market.voucher_id}"
    assert f"{path}/helper" in (await desk.get(path)).text
    who = str(stage.market.actors[Role.SERVICE_MANAGER].person_id)
    assert who in (await desk.get(f"{path}/helper")).text
    nobody = await desk.post(f"{path}/helper", given())
    assert nobody.status_code == 422
    nothing = await desk.post(f"{path}/helper", {"manager_id": who, "until_on": given()["until_on"]})
    assert nothing.status_code == 422
    assert "Tick at least one." in nothing.text
    assert (await desk.post(f"{path}/helper", {**given(), "manager_id": who})).status_code == 303
    again = await desk.post(f"{path}/helper", {**given(), "manager_id": who})
    assert again.status_code == 409
    wallet = (await me.get("/wallet")).text
    proposal = "/wallet/helpers/" + wallet.split('href="/wallet/helpers/')[1].split('"')[0]
    id = proposal.rsplit("/", 1)[1]
    assert (await manager.get(f"/guiding/clients/{id}")).status_code == 404
    assert "Nobody has said yes to you yet" in (await manager.get("/guiding")).text
    shown = (await me.get(proposal)).text
    assert " checked" not in shown, "nothing is ticked in advance, not even what is proposed"
    assert "Proposed: " in shown
    far = await me.post(f"{proposal}/yes", given("see", days=400))
    assert far.status_code == 422
    assert "a year from now at most" in far.text
    assert (await me.post(f"{proposal}/yes", given("see"))).status_code == 303
    assert "See my vouchers and sessions" in (await me.get(proposal)).text
    page = await manager.get(f"/guiding/clients/{id}")
    assert page.status_code == 200
    assert "Suggest a coach" not in page.text
    assert (
        await manager.get(f"/guiding/clients/{id}/coaches?voucher={stage.market.voucher_id}")
    ).status_code == 404
    assert "Looked at your page" in (await me.get("/wallet/looks")).text
    assert (await me.post(f"{proposal}/no")).status_code == 409


async def test_a_client_invites_and_ends_it_at_once(stage: Stage, me, manager) -> None:
    who = str(stage.market.actors[Role.SERVICE_MANAGER].person_id)
    assert f"/wallet/helpers/invitation?manager={who}" in (await me.get("/wallet/helpers")).text
    form = (await me.get(f"/wallet/helpers/invitation?manager={who}")).text
    assert " checked" not in form, "nothing is ticked before the client ticks it"
    until = str(local_day(clock()) + timedelta(days=90))
    assert f'value="{until}"' in form
    empty = await me.post("/wallet/helpers", {"manager_id": who, "until_on": until})
    assert empty.status_code == 422
    for wrong in ("nobody", str(stage.holder.person_id), str(stage.coach.person_id)):
        assert (await me.post("/wallet/helpers", {**given(), "manager_id": wrong})).status_code == 404
        assert (await me.get(f"/wallet/helpers/invitation?manager={wrong}")).status_code in (400, 404)
    done = await me.post("/wallet/helpers", {**given(), "manager_id": who})
    assert done.status_code == 303
    consent = done.headers["location"]
    assert (await me.post("/wallet/helpers", {**given(), "manager_id": who})).status_code == 409
    id = consent.rsplit("/", 1)[1]
    assert "Aino Virtanen" in (await manager.get("/guiding")).text
    assert (await manager.get(f"/guiding/clients/{id}")).status_code == 200
    assert "sees nothing of yours" in (await me.get(f"{consent}/end")).text
    assert (await manager.get(f"/guiding/clients/{id}")).status_code == 200, "asking ends nothing"
    assert (await me.post(f"{consent}/end")).status_code == 303
    gone = await manager.get(f"/guiding/clients/{id}")
    missing = await manager.get(f"/guiding/clients/{who}")
    assert gone.status_code == missing.status_code == 404
    assert gone.text == missing.text
    assert "has ended already" in (await me.get(f"{consent}/end")).text


async def test_a_suggestion_is_chosen_by_the_client_alone(stage: Stage, me, manager) -> None:
    id = await invited(stage)
    base, voucher = f"/guiding/clients/{id}", stage.market.voucher_id
    async with stage.database.sessions.begin() as db:
        owner = stage.market.actors[Role.PROVIDER_OWNER]
        coach = await a.a_coach(db, stage.market.provider_id, "Oona Toinen")
        offering = await a.an_offering(db, owner, stage.market.service_id, [coach], area_codes=["0011"])
    found = await manager.get(f"{base}/coaches?voucher={voucher}&q=oona")
    assert "Oona Toinen" in found.text
    assert "Maija" not in found.text
    assert "Nobody found" in (await manager.get(f"{base}/coaches?voucher={voucher}&q=zzz")).text
    assert (await manager.get(f"{base}/coaches?voucher={id}")).status_code == 404
    pair = f"voucher={voucher}&offering={offering}&coach={coach}"
    assert "Oona Toinen" in (await manager.get(f"{base}/suggestion?{pair}")).text
    form = {"voucher_id": str(voucher), "offering_id": str(offering), "coach_id": str(coach)}
    long = await manager.post(f"{base}/suggestions", {**form, "comment": "x" * 501})
    assert long.status_code == 422
    told = {**form, "comment": "Calm & <b>kind</b>."}
    assert (await manager.post(f"{base}/suggestions", told)).status_code == 303
    assert (await manager.post(f"{base}/suggestions", told)).status_code == 409
    wallet = (await me.get("/wallet")).text
    assert "Calm &amp; &lt;b&gt;kind&lt;/b&gt;." in wallet
    choose = f"/wallet/{voucher}/choose?offering={offering}&amp;coach={coach}"
    assert choose in wallet
    refused = await manager.post(f"/wallet/{voucher}/choice", {"offering_id": str(offering)})
    assert refused.status_code == 403
    pick = {"offering_id": str(offering), "coach_id": str(coach)}
    assert (await me.post(f"/wallet/{voucher}/choice", pick)).status_code == 303
    assert choose not in (await me.get("/wallet")).text
    assert "Chosen" in (await manager.get(base)).text


async def test_times_for_the_client_and_who_sits_in(stage: Stage, me, manager) -> None:
    id = await invited(stage)
    base, voucher = f"/guiding/clients/{id}", stage.market.voucher_id
    slot, other = (await stage.slots())[20:22]
    day = local_day(slot.starts_at)
    listed = await manager.get(f"{base}/times?voucher={voucher}&since={day}")
    at = slot.starts_at.isoformat()
    path = f"{base}/meeting?voucher={voucher}&starts_at={quote(at, safe='/')}"
    assert path.replace("&", "&amp;") in listed.text
    assert "is told by mail" in (await manager.get(path)).text
    form = {"voucher_id": str(voucher), "starts_at": at}
    done = await manager.post(f"{base}/meetings", form)
    assert done.status_code == 303
    meeting = done.headers["location"]
    assert (await manager.post(f"{base}/meetings", form)).status_code == 409
    booking_id = meeting.rsplit("/", 1)[1]
    own, coachs = f"/meetings/{booking_id}", f"/provider/meetings/{booking_id}"
    coach = await stage.visit(Role.COACH)
    name = stage.market.actors[Role.SERVICE_MANAGER].name
    assert "Time arranged by" in (await me.get(own)).text
    assert name not in (await coach.get(coachs)).text
    assert (await manager.post(f"{meeting}/attendance")).status_code == 303
    for visit, page in ((me, own), (coach, coachs)):
        text = (await visit.get(page)).text
        assert "Sits in" in text
        assert name in text
    to = other.starts_at.isoformat()
    assert (await manager.get(f"{meeting}/times?since={day}")).status_code == 200
    assert (await manager.get(f"{meeting}/move?starts_at={quote(to)}")).status_code == 200
    assert (await manager.post(f"{meeting}/move", {"starts_at": to})).status_code == 303
    assert "Nothing of the voucher is used" in (await manager.get(f"{meeting}/cancellation")).text
    assert (await manager.post(f"{meeting}/cancellation", {"reason": "Kuume."})).status_code == 303
    assert "Called off in good time" in (await me.get(own)).text
    assert (await manager.post(f"{meeting}/attendance")).status_code == 409
    mail = (await me.get("/demo/mail")).text
    assert "varasi sinulle ajan" in mail
    looks = (await me.get("/wallet/looks")).text
    for deed in ("Booked a time for you", "Moved a meeting of yours", "Called a meeting of yours off"):
        assert deed in looks


async def test_the_pages_take_as_many_questions_for_many_as_for_few(stage: Stage, me, manager) -> None:
    await invited(stage)
    counts = []
    for _ in range(2):
        for page, visit in (("/guiding", manager), ("/wallet/looks", me), ("/wallet/helpers", me)):
            with counted() as sent:
                assert (await visit.get(page)).status_code == 200
            counts.append(len(sent))
        async with stage.database.sessions.begin() as db:
            for number in range(4):
                who = await a.an_actor(db, Role.SERVICE_MANAGER, stage.market.procurer_id, f"M {number}")
                until = local_day(clock()) + timedelta(days=3)
                order = InviteManager(manager_id=who.person_id, scopes=[Scope.SEE], until_on=until)
                id = await guiding.invite(db, order, by=stage.holder, at=clock())
                await guiding.look(db, id, by=who, at=clock())
    assert counts[:3] == counts[3:]


async def test_a_service_manager_steps_back(stage: Stage, me, manager) -> None:
    id = await invited(stage)
    base = f"/guiding/clients/{id}"
    assert "is told" in (await manager.get(f"{base}/end")).text
    assert (await manager.post(f"{base}/end")).status_code == 303
    assert (await manager.get(base)).status_code == 404
    assert (
        "walks beside you no more" in (await me.get("/demo/mail")).text
        or "ei enää kulje" in (await me.get("/demo/mail")).text
    )


async def test_looks_are_paged(stage: Stage, me) -> None:
    id = await invited(stage)
    by = stage.market.actors[Role.SERVICE_MANAGER]
    async with stage.database.sessions.begin() as db:
        for number in range(30):
            await guiding.look(db, id, by=by, at=clock() + timedelta(minutes=15 * number))
    first = (await me.get("/wallet/looks")).text
    assert first.count("Looked at your page") == 25
    following = first.split('rel="next"')[0].rsplit('href="', 1)[1].split('"')[0]
    assert (await me.get(following)).text.count("Looked at your page") == 5
