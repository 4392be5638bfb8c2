"""A letter opens its voucher, and nothing else of whoever it is for."""

from typing import Any

import httpx

from setori import vouchers
from setori.app import clock
from setori.people import Role
from setori.vouchers import IssueVoucher
from tests.conftest import RealDatabase
from tests.web.test_doors import token_on
from tests.world import a_market


async def test_a_letter_does_not_open_another_procurers_voucher(
    app: Any, client: httpx.AsyncClient, fresh_database: RealDatabase
) -> None:
    """Somebody who has never come in holds a voucher elsewhere: this letter's issuer must not come to it."""
    key = app.state.code_key
    here = await a_market(fresh_database, at=clock(), key=key)
    there = await a_market(fresh_database, at=clock(), key=key, area=("0037", "Pohjois-Pohjanmaa"))
    issued = []
    async with fresh_database.sessions.begin() as db:
        for market in (there, here):
            order = IssueVoucher(programme_id=market.programme_id, name="Aino", email="aino.oma@example.fi")
            desk = market.actors[Role.CASE_WORKER]
            issued.append(await vouchers.issue(db, order, key=key, by=desk, at=clock()))
    place = f"/claim/{issued[1].claim_token}"
    answer = await client.post(place, data={"_csrf": token_on(await client.get(place))})
    assert "setori" not in answer.cookies
    assert (await client.get("/roles")).status_code == 303, "nobody has come in"
