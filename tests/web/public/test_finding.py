"""Five questions and three coaches, for anybody, and kept in the wallet of whoever has one."""

import re

import pytest

from setori import finding
from setori.app import clock
from setori.people import Role
from tests.conftest import RealDatabase
from tests.domains import builders as a
from tests.web.visiting import Visitor, visitor
from tests.world import Market, a_market


@pytest.fixture
async def market(app, fresh_database: RealDatabase) -> Market:
    market = await a_market(fresh_database, at=clock(), key=app.state.code_key)
    async with fresh_database.sessions.begin() as db:
        owner = market.actors[Role.PROVIDER_OWNER]
        coach = await a.a_coach(db, market.provider_id, "Fatima Warsame", at=clock(), helps=["patience"])
        await a.an_offering(db, owner, market.service_id, [coach], at=clock())
    return market


async def test_anybody_answers_five_questions_and_sees_why_and_what_against(client, market):
    anybody = Visitor(client)
    asked = (await anybody.get("/find")).text
    assert asked.count("<fieldset") >= 4
    page = (await anybody.get("/find/three?helps=patience&way=in_person")).text
    assert page.count('class="card pad found"') == 1, "one firm, one card"
    assert "Fatima Warsame" in page
    assert "Strong in what you asked for: patience." in page
    assert "Has not told any free times" in page
    assert "Keep them" not in page, "nobody is signed in"
    assert 'value="patience" checked' in (await anybody.get("/find?helps=patience")).text


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("helps=structure&helps=patience&helps=contacts", "Choose two at most."),
        ("near=Hevonkuusi", "We do not know this place."),
        ("way=teleport", "Check these"),
    ],
)
async def test_what_is_not_understood_is_said_and_nothing_is_lost(client, market, address, says):
    answer = await Visitor(client).get(f"/find/three?{address}&language=fi")
    assert answer.status_code == 422
    assert says in answer.text
    assert 'value="fi" selected' in answer.text


async def test_three_are_kept_in_the_wallet_by_whoever_walks_it(client, market, fresh_database):
    holder = await visitor(client, fresh_database.sessions, market.actors[Role.JOBSEEKER])
    found = (await holder.get("/find/three?helps=patience")).text
    assert "Keep them in my wallet" in found
    kept = await holder.post("/find/three", {"helps": "patience"})
    assert kept.headers["location"] == "/wallet?said=kept#found"
    async with fresh_database.sessions() as db:
        [(card, pick)] = await finding.show_kept(db, market.actors[Role.JOBSEEKER].person_id, at=clock())
    assert (card.coach_name, pick.reason) == ("Fatima Warsame", "strength")

    desk = await visitor(client, fresh_database.sessions, market.actors[Role.CASE_WORKER])
    path = f"/procurer/vouchers/{market.voucher_id}/find"
    assert "Find somebody for Aino Virtanen" in (await desk.get(path)).text
    assert "Found for Aino Virtanen" in (await desk.get(f"{path}/three?way=in_person")).text
    done = await desk.post(f"{path}/three", {"way": "in_person"})
    assert "They are in the wallet" in done.text
    async with fresh_database.sessions() as db:
        kept = await finding.find_kept(db, market.actors[Role.JOBSEEKER].person_id)
    assert kept.found_by == market.actors[Role.CASE_WORKER].person_id


async def test_a_strength_is_told_by_the_firm_and_two_at_most(client, market, fresh_database):
    owner = await visitor(client, fresh_database.sessions, market.actors[Role.PROVIDER_OWNER])
    listed = (await owner.get("/provider/coaches")).text
    path = re.search(r'href="(/provider/coaches/[0-9a-f-]{36})">Maija', listed)[1]
    assert "Change the coach" in (await owner.get(path)).text
    told = {"name": "Maija Mäkelä", "languages": "fi", "ways": "in_person", "asked": "1"}
    many = await owner.post(path, told | {"helps": ["structure", "patience", "contacts"]})
    assert many.status_code == 422
    done = await owner.post(path, told | {"helps": ["structure"], "is_active": "true"})
    assert done.headers["location"] == "/provider/coaches?said=changed"
    assert re.search(r'value="structure"[^>]* checked', (await owner.get(path)).text)
    gone = await owner.post(path, told)
    assert gone.status_code == 303
    assert "Not working now" in (await owner.get("/provider/coaches")).text
