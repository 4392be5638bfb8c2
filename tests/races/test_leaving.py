"""Changing the coach beside recording, and confirming beside the voucher's end: two transactions, in both orders."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from setori import jobs, vouchers
from setori.db import Database, Sessions, new_id, wire_of
from setori.errors import Conflict
from setori.people import Role
from setori.vouchers import RECORD_AFTER_END, ChooseOffering
from tests.conftest import RealDatabase
from tests.domains import builders as a
from tests.domains.builders import KEY, NOON
from tests.world import Market, a_market, a_session

Act = Callable[[Database], Awaitable[Any]]


@pytest.fixture
def sessions(fresh_database: RealDatabase) -> Sessions:
    return fresh_database.sessions


@pytest.fixture
async def market(fresh_database: RealDatabase) -> Market:
    return await a_market(fresh_database, units=3)


async def in_turn(sessions: Sessions, first: Act, second: Act) -> list[Any]:
    """Both in transactions of their own: the second comes while the first holds its locks. A refusal is an answer."""

    async def done(act: Act) -> Any:
        try:
            async with sessions.begin() as db:
                return await act(db)
        except Conflict as refusal:
            return refusal

    async with sessions() as db:
        answer = await first(db)
        await db.flush()
        beside = asyncio.create_task(done(second))
        await asyncio.sleep(0.2)  # whether it waits by now or begins later, the order of the two is the same
        await db.commit()
    return [answer, await beside]


async def figures(sessions: Sessions, market: Market) -> dict[str, Any]:
    """The voucher's state and money, and what is owed to the first provider."""
    query = text(
        "select v.status, v.units_used, v.units_held, a.held, a.credits - a.debits - a.held as free,"
        " coalesce((select sum(p.amount) from posting p join account o on o.id = p.credit_id"
        "   where p.kind = 'redeem' and p.phase = 'capture' and o.kind = 'provider_accrued'"
        "     and o.owner_id = :provider), 0)::bigint as owed"
        " from voucher v join account a on a.id = v.id where v.id = :id"
    )
    async with sessions.begin() as db:
        given = {"id": market.voucher_id, "provider": market.provider_id}
        return dict((await db.exec(query, params=given)).mappings().one())


async def another_offering(sessions: Sessions, market: Market) -> ChooseOffering:
    """Another firm's coach whom the voucher may choose too."""
    async with sessions.begin() as db:
        found = await db.exec(text("select id from rulebook where status = 'published'"))
        provider_id = await a.a_provider(db, "Toinen Oy")
        await a.an_approval(db, found.scalar_one(), provider_id, starts_on=market.starts_on)
        owner = await a.an_actor(db, Role.PROVIDER_OWNER, provider_id)
        coach_id = await a.a_coach(db, provider_id, "Toini Toinen")
        offering_id = await a.an_offering(db, owner, market.service_id, [coach_id], area_codes=["0011"])
    return ChooseOffering(offering_id=offering_id, coach_id=coach_id)


@pytest.mark.parametrize("first", ["switch", "record"])
async def test_a_session_recorded_while_the_client_changes_is_the_former_coachs(
    sessions: Sessions, market: Market, first: str
) -> None:
    other = await another_offering(sessions, market)
    holder, coach, redemption_id = market.actors[Role.JOBSEEKER], market.actors[Role.COACH], new_id()

    async def switch(db: Database) -> Any:
        return await vouchers.choose(db, market.voucher_id, other, by=holder, at=NOON)

    async def record(db: Database) -> Any:
        wire = await wire_of(db)
        return await vouchers.redeem(wire, redemption_id, market.order(), key=KEY, by=coach, at=NOON)

    acts = {"switch": switch, "record": record}
    answers = await in_turn(sessions, acts.pop(first), acts.popitem()[1])
    assert not any(isinstance(one, Conflict) for one in answers), "it was held that day, before the change"
    assert (await figures(sessions, market))["units_held"] == 1
    async with sessions.begin() as db:
        await vouchers.confirm(await wire_of(db), redemption_id, by=holder, at=NOON)
    told = await figures(sessions, market)
    assert (told["units_used"], told["owed"]) == (1, market.price_cents), (
        "paid to whom the session was held by"
    )


@pytest.mark.parametrize("first", ["confirm", "expire"])
async def test_a_session_confirmed_while_the_voucher_ends_is_paid_and_the_rest_returns(
    sessions: Sessions, market: Market, first: str
) -> None:
    redemption_id = await a_session(sessions, market)
    after = NOON + timedelta(days=(market.expires_on - market.starts_on).days + 1) + RECORD_AFTER_END

    async def confirm(db: Database) -> Any:
        holder = market.actors[Role.JOBSEEKER]
        return await vouchers.confirm(await wire_of(db), redemption_id, by=holder, at=after)

    async def expire(db: Database) -> Any:
        return await vouchers.expire_due(db, at=after)

    acts = {"confirm": confirm, "expire": expire}
    answers = await in_turn(sessions, acts.pop(first), acts.popitem()[1])
    assert not any(isinstance(answer, Conflict) for answer in answers)
    await jobs.expire(sessions, lambda: after)  # a night that met the client's lock passes the voucher by
    told = await figures(sessions, market)
    assert (told["status"], told["units_used"], told["units_held"]) == ("expired", 1, 0)
    assert (told["held"], told["free"], told["owed"]) == (0, 0, market.price_cents)
