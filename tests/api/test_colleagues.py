"""Within a firm: what an owner may take back, and what a coach may not, by whichever way they come."""

from uuid import uuid4

import pytest

from setori import vouchers
from setori.app import clock
from setori.db import wire_of
from setori.errors import NotFound
from setori.people import Role
from setori.vouchers import GiveReason
from tests.api.conftest import answer_of, is_problem
from tests.domains import builders as a
from tests.web.visiting import visitor
from tests.world import a_session


async def test_a_colleagues_session_is_not_there_for_a_coach_by_any_way(
    app, client, market, machine, fresh_database
) -> None:
    """On the page, by the JSON face and in the operation: an owner's are all of the firm, a coach's are the own."""
    key, reason = app.state.code_key, GiveReason(reason="because")
    owner, coach = market.actors[Role.PROVIDER_OWNER], market.actors[Role.COACH]
    async with fresh_database.sessions.begin() as db:
        colleague = await a.an_actor(db, Role.COACH, market.provider_id, "Fatima Warsame", at=clock())
    by_owner, by_colleague = [
        await a_session(fresh_database.sessions, market, at=clock(), key=key, by=who)
        for who in (owner, colleague)
    ]
    stands_in = await visitor(client, fresh_database.sessions, colleague)
    for name in ("/provider/sessions/{}", "/provider/sessions/{}/reversal"):
        theirs, nobodys = [await stands_in.get(name.format(id)) for id in (by_owner, uuid4())]
        assert (theirs.status_code, theirs.content) == (404, nobodys.content), name
    page = "/provider/sessions/{}/reversal"
    assert (await stands_in.post(page.format(by_owner), {"reason": "because"})).status_code == 404
    program = await machine(colleague)
    theirs, nobodys = [
        await program.send("POST", f"/redemptions/{id}/reversal", reason.model_dump())
        for id in (by_owner, uuid4())
    ]
    assert answer_of(theirs) == answer_of(nobodys)
    assert is_problem(theirs, 404, "not-found")
    async with fresh_database.sessions.begin() as db:
        with pytest.raises(NotFound):
            await vouchers.reverse(await wire_of(db), by_owner, reason, by=colleague, at=clock())

    assert (await stands_in.get(page.format(by_colleague))).status_code == 200, "recorded for a colleague"
    own = await program.send("POST", f"/redemptions/{by_colleague}/reversal", reason.model_dump())
    assert (own.status_code, own.json()["status"]) == (200, "withdrawn")
    again = await a_session(fresh_database.sessions, market, at=clock(), key=key, by=colleague)
    for who, id in ((coach, by_owner), (owner, again)):
        taken = await (await machine(who)).send("POST", f"/redemptions/{id}/reversal", reason.model_dump())
        assert (taken.status_code, taken.json()["status"]) == (200, "withdrawn"), who.role
