"""The letter that asks how it is: answered with a tap, without signing in, and not by looking."""

import re

import pytest

from setori import jobs, people, reviews
from setori.app import clock
from setori.people import Role
from tests.web.visiting import Visitor
from tests.world import a_market, a_session


@pytest.fixture
async def market(app, fresh_database):
    return await a_market(fresh_database, at=clock(), key=app.state.code_key)


async def test_a_letter_is_answered_with_a_tap_without_signing_in(app, client, market, fresh_database):
    await a_session(fresh_database.sessions, market, at=clock(), confirmed=True, key=app.state.code_key)
    assert await jobs.ask_how_it_is(fresh_database.sessions, clock) == 1
    async with fresh_database.sessions() as db:
        holder = market.actors[Role.JOBSEEKER]
        [waiting] = await reviews.list_waiting(db, by=holder, at=clock())
        letters = [one for one in (await people.list_outbox(db)).items if one.kind == "pulse_asked"]
    path = f"/how-is-it/{letters[0].params['code']}"
    anybody = Visitor(client)
    page = (await anybody.get(f"{path}?recommend=4")).text
    assert re.search(r'name="recommend" value="4"[^>]* checked', page)
    assert "Aino Virtanen" not in page, "whoever opens the letter learns nothing of whose it is"
    async with fresh_database.sessions() as db:
        assert (await reviews.find_pulse(db, waiting.id, by=holder, at=clock())).said is None, (
            "only looked at"
        )

    async def send(typed):
        csrf = re.search(r'name="_csrf" value="([^"]+)"', (await anybody.get(path)).text)[1]
        return await client.post(path, data={"_csrf": csrf, **typed}, headers=anybody.headers)

    nothing = await send({"text": "Kiva"})
    assert (nothing.status_code, "Answer one statement at least." in nothing.text) == (422, True)
    done = await send({"recommend": "4", "text": "Kiva"})
    assert done.headers["location"] == f"{path}?said=thanks"
    assert "What you said counts now." in (await anybody.get(f"{path}?said=thanks")).text
    offering = (await anybody.get(f"/offerings/{market.offering_id}")).text
    assert "Kiva" in offering
    assert (await anybody.get("/how-is-it/nothing")).status_code == 404
