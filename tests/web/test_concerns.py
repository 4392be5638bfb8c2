"""A client tells in confidence on the pages, somebody named for it answers, and nobody else comes near."""

import re

from setori.app import clock
from setori.days import local_day, noon
from setori.people import Role
from tests.conftest import RealDatabase
from tests.web.visiting import visitor
from tests.world import a_market

WORDS = "He took my phone and shouted."


async def test_from_the_client_to_the_reader_and_back(client, app, fresh_database: RealDatabase) -> None:
    market = await a_market(fresh_database, at=noon(local_day(clock())), key=app.state.code_key)
    holder = await visitor(client, fresh_database.sessions, market.actors[Role.JOBSEEKER])
    reader = await visitor(client, fresh_database.sessions, market.actors[Role.SAFEGUARDING])
    assert 'href="/wallet/concerns"' in (await holder.get("/wallet")).text
    form = (await holder.get("/wallet/concerns")).text
    assert "Call 112" in form
    found = re.search(r'name="id" value="([^"]+)"', form)
    assert found
    concern_id = found[1]
    typed = {"id": concern_id, "voucher_id": str(market.voucher_id), "words": ""}
    empty = await holder.post("/wallet/concerns", typed)
    assert (empty.status_code, concern_id in empty.text) == (422, True)
    told = await holder.post("/wallet/concerns", typed | {"words": WORDS})
    assert told.headers["location"] == f"/wallet/concerns/{concern_id}"
    assert "Aino Virtanen" in (await reader.get("/safeguarding")).text
    path = f"/safeguarding/{concern_id}"
    assert WORDS in (await reader.get(path)).text
    early = await reader.post(f"{path}/answer", {"words": "We call you."})
    assert (early.status_code, "Take this up first" in early.text) == (409, True)
    assert (await reader.post(f"{path}/taking", {"seen_with": ""})).status_code == 303
    assert (await reader.post(f"{path}/answer", {"words": "We call you."})).status_code == 303
    assert "We call you." in (await holder.get(f"/wallet/concerns/{concern_id}")).text
    closing = {"done": "Spoke with the police.", "answer": "It is done."}
    assert (await reader.post(f"{path}/closing", closing)).status_code == 303
    mine = (await holder.get(f"/wallet/concerns/{concern_id}")).text
    assert "It is done." in mine
    assert "police" not in mine
    assert "Aino Virtanen" in (await reader.get("/safeguarding?done=yes")).text


async def test_every_other_role_gets_the_same_for_a_report_as_for_a_missing_one(
    client, app, fresh_database: RealDatabase
) -> None:
    market = await a_market(fresh_database, at=noon(local_day(clock())), key=app.state.code_key)
    holder = await visitor(client, fresh_database.sessions, market.actors[Role.JOBSEEKER])
    concern_id = "01900000-0000-7000-8000-000000000001"
    missing = "01900000-0000-7000-8000-000000000002"
    typed = {"id": concern_id, "voucher_id": str(market.voucher_id), "words": WORDS}
    assert (await holder.post("/wallet/concerns", typed)).status_code == 303
    for role, actor in market.actors.items():
        if role is Role.SAFEGUARDING:
            continue
        other = await visitor(client, fresh_database.sessions, actor)
        answers = {(await other.get(f"/safeguarding/{one}")).status_code for one in (concern_id, missing)}
        assert answers == {403}
        for page in ("/procurer", "/provider", "/wallet", "/provider/reviews"):
            assert WORDS not in (await other.get(page)).text
        if role is not Role.JOBSEEKER:
            assert (await other.get(f"/wallet/concerns/{concern_id}")).status_code == 403
