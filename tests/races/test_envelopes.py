"""Vouchers out of one personal budget at the same time, and beside its end: in two transactions, in both orders."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from setori import envelopes, vouchers
from setori.days import local_day
from setori.db import Database, Sessions
from setori.db.invariants import count_broken
from setori.envelopes import DrawVoucher, EndEnvelope, EnvelopeEmpty, EnvelopeOver, GiveEnvelope, OverLimit
from setori.people import Role
from setori.vouchers import GiveReason
from tests.conftest import RealDatabase
from tests.domains.builders import KEY, NOON
from tests.races.test_leaving import in_turn
from tests.world import CAP_CENTS, Market, a_market


@pytest.fixture
def sessions(fresh_database: RealDatabase) -> Sessions:
    return fresh_database.sessions


@pytest.fixture
async def market(fresh_database: RealDatabase) -> Market:
    return await a_market(fresh_database, units=3)


async def given(sessions: Sessions, market: Market, *, amount: int, limit: int) -> UUID:
    order = GiveEnvelope(
        programme_id=market.programme_id,
        voucher_id=market.voucher_id,
        name="Aino Virtanen",
        email="aino@example.fi",
        amount_cents=amount,
        expires_on=local_day(NOON) + timedelta(days=200),
        limits={market.service_id: limit},
        reason="The plan of 2 March.",
    )
    async with sessions.begin() as db:
        return await envelopes.give(db, order, by=market.actors[Role.CASE_WORKER], at=NOON)


async def drawn(db: Database, market: Market, envelope_id: UUID) -> Any:
    order, desk = DrawVoucher(programme_id=market.programme_id, units=1), market.actors[Role.CASE_WORKER]
    return await envelopes.draw(db, envelope_id, order, key=KEY, by=desk, at=NOON)


async def left(sessions: Sessions, envelope_id: UUID) -> int:
    query = text("select credits - debits - held from account where kind = 'envelope' and owner_id = :id")
    async with sessions.begin() as db:
        return int((await db.exec(query, params={"id": envelope_id})).scalar_one())


@pytest.mark.parametrize(
    ("amount", "limit", "refusal"),
    [(5 * CAP_CENTS, 20 * CAP_CENTS, EnvelopeEmpty), (20 * CAP_CENTS, 5 * CAP_CENTS, OverLimit)],
    ids=["the money is short", "the limit is short"],
)
async def test_of_twenty_vouchers_at_once_exactly_five_come_out(
    sessions: Sessions, market: Market, fresh_database: RealDatabase, amount: int, limit: int, refusal: type
) -> None:
    envelope_id = await given(sessions, market, amount=amount, limit=limit)

    async def one() -> Any:
        try:
            async with sessions.begin() as db:
                return await drawn(db, market, envelope_id)
        except refusal as refused:
            return refused

    answers = await asyncio.gather(*(one() for _ in range(20)))
    assert sum(not isinstance(answer, Exception) for answer in answers) == 5
    assert await left(sessions, envelope_id) == amount - 5 * CAP_CENTS
    assert not any((await count_broken(fresh_database.owner_url)).values())


@pytest.mark.parametrize("first", ["draw", "end"])
async def test_a_voucher_out_of_a_budget_that_ends_is_had_or_refused(
    sessions: Sessions, market: Market, fresh_database: RealDatabase, first: str
) -> None:
    envelope_id = await given(sessions, market, amount=5 * CAP_CENTS, limit=5 * CAP_CENTS)

    async def draw(db: Database) -> Any:
        return await drawn(db, market, envelope_id)

    async def end(db: Database) -> Any:
        order = EndEnvelope(reason="Moved away.")
        return await envelopes.end(db, envelope_id, order, by=market.actors[Role.CASE_WORKER], at=NOON)

    acts = {"draw": draw, "end": end}
    answers = await in_turn(sessions, acts.pop(first), acts.popitem()[1])
    assert isinstance(answers[1], EnvelopeOver) is (first == "end")
    assert await left(sessions, envelope_id) == 0
    assert not any((await count_broken(fresh_database.owner_url)).values())


@pytest.mark.parametrize("first", ["return", "end"])
async def test_what_comes_back_while_the_budget_ends_is_the_programmes(
    sessions: Sessions, market: Market, fresh_database: RealDatabase, first: str
) -> None:
    envelope_id = await given(sessions, market, amount=5 * CAP_CENTS, limit=5 * CAP_CENTS)
    desk = market.actors[Role.CASE_WORKER]
    async with sessions.begin() as db:
        issued = await drawn(db, market, envelope_id)

    async def back(db: Database) -> Any:
        return await vouchers.cancel(db, issued.voucher_id, GiveReason(reason="because"), by=desk, at=NOON)

    async def end(db: Database) -> Any:
        return await envelopes.end(db, envelope_id, EndEnvelope(reason="Moved away."), by=desk, at=NOON)

    acts = {"return": back, "end": end}
    await in_turn(sessions, acts.pop(first), acts.popitem()[1])
    assert await left(sessions, envelope_id) == 0
    assert not any((await count_broken(fresh_database.owner_url)).values())
