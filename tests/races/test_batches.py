"""Batches beside crashes, cuts of the budget, other workers and other batches: each row once, and never overdrawn."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from setori import vouchers
from setori.db import Sessions
from setori.ledger import NotEnoughMoney
from setori.people import Role
from setori.vouchers import CutBudget
from setori.vouchers.operations.batching import running
from tests.conftest import RealDatabase
from tests.domains.batching import (
    HEAD,
    WORTH,
    a_town,
    free,
    handed_in,
    issued,
    people,
    rows,
    run,
    started,
    status,
)
from tests.domains.builders import KEY
from tests.world import Market


@pytest.fixture
async def market(fresh_database: RealDatabase) -> Market:
    return await a_town(fresh_database)


class Crash(Exception):
    """The power goes."""


async def test_a_crash_in_the_middle_resumes_to_exactly_all(
    fresh_database: RealDatabase, market: Market, at, monkeypatch: pytest.MonkeyPatch
) -> None:
    sessions = fresh_database.sessions
    batch_id = await handed_in(sessions, market, people(40), at)
    await started(sessions, market, batch_id, at)
    real, calls = running.people.notify_all, []

    async def notify_all(*given: Any, **told: Any) -> None:
        calls.append(1)
        await real(*given, **told)
        if len(calls) in (3, 5):
            raise Crash

    monkeypatch.setattr(running.people, "notify_all", notify_all)
    for done in (14, 21):
        with pytest.raises(Crash):
            await run(sessions, batch_id, at)
        assert await issued(sessions, market, batch_id) == done, "the chunk in hand is undone as a whole"
        assert await status(sessions, batch_id) == "issuing"
    async with sessions.begin() as db:
        assert await vouchers.list_stalled(db, at=at) == []
        assert await vouchers.list_stalled(db, at=at + timedelta(minutes=1)) == [batch_id]
    await asyncio.gather(
        *(run(sessions, batch_id, at) for _ in range(3))
    )  # and three workers find it at once
    assert await issued(sessions, market, batch_id) == 40
    assert await status(sessions, batch_id) == "issued"
    counted = "select count(*), count(distinct reference_id) from posting where kind = 'issue'"
    assert await rows(sessions, counted) == [(41, 41)]


async def test_money_that_runs_out_stops_the_batch_and_it_goes_on_later(
    fresh_database: RealDatabase, market: Market, at
) -> None:
    sessions = fresh_database.sessions
    finance = market.actors[Role.FINANCE]
    async with sessions.begin() as db:
        cents = await free(db, market) - 9 * WORTH - 5
        cut = CutBudget(amount_cents=cents, reason="Sample")
        await vouchers.cut_budget(db, market.programme_id, cut, by=finance, at=at)
    batch_id = await handed_in(sessions, market, people(20), at)
    await started(sessions, market, batch_id, at)
    await run(sessions, batch_id, at)
    assert (await status(sessions, batch_id), await issued(sessions, market, batch_id)) == ("stopped", 9)
    async with sessions.begin() as db:
        grant = vouchers.GrantBudget(amount_cents=11 * WORTH, reason="Sample")
        await vouchers.grant_budget(db, market.programme_id, grant, by=finance, at=at)
    await started(sessions, market, batch_id, at)
    await run(sessions, batch_id, at)
    assert (await status(sessions, batch_id), await issued(sessions, market, batch_id)) == ("issued", 20)
    async with sessions.begin() as db:
        assert await free(db, market) == 5


@pytest.mark.parametrize("cut_first", [True, False], ids=["cut then issue", "issue then cut"])
async def test_a_cut_beside_the_batch_never_overdraws(
    fresh_database: RealDatabase, market: Market, at, cut_first: bool
) -> None:
    """Both in open transactions at once: the second waits for the first, and finds what it left."""
    sessions = fresh_database.sessions
    batch_id = await handed_in(sessions, market, people(95), at)
    await started(sessions, market, batch_id, at)
    cut = CutBudget(amount_cents=50 * WORTH, reason="Sample")
    finance = market.actors[Role.FINANCE]
    if cut_first:
        async with sessions() as db:
            await vouchers.cut_budget(db, market.programme_id, cut, by=finance, at=at)
            beside = asyncio.create_task(run(sessions, batch_id, at, chunk=60))
            await asyncio.sleep(0.3)
            assert not beside.done(), "it waits for the cut"
            await db.commit()
        await beside
        assert (await status(sessions, batch_id), await issued(sessions, market, batch_id)) == ("stopped", 49)
    else:
        async with sessions() as db:
            assert await running._step(db, batch_id, key=KEY, most=60, at=at)
            beside = asyncio.create_task(_cut(sessions, market, cut, at))
            await asyncio.sleep(0.3)
            assert not beside.done(), "it waits for the batch"
            await db.commit()
        with pytest.raises(NotEnoughMoney):
            await beside
        await run(sessions, batch_id, at)
        assert await issued(sessions, market, batch_id) == 95
    async with sessions.begin() as db:
        assert await free(db, market) >= 0


async def _cut(sessions: Sessions, market: Market, cut: CutBudget, at: Any) -> None:
    async with sessions.begin() as db:
        await vouchers.cut_budget(db, market.programme_id, cut, by=market.actors[Role.FINANCE], at=at)


async def test_two_batches_with_the_same_people_give_each_one_voucher(
    fresh_database: RealDatabase, market: Market, at
) -> None:
    sessions = fresh_database.sessions
    one = await handed_in(sessions, market, people(30), at)
    two = await handed_in(sessions, market, "\n".join([HEAD, *people(30).splitlines()[:0:-1]]), at)
    for batch_id in (one, two):
        await started(sessions, market, batch_id, at)
    await asyncio.gather(run(sessions, one, at), run(sessions, two, at))
    done = [await issued(sessions, market, batch_id) for batch_id in (one, two)]
    assert sum(done) == 30
    left = await rows(sessions, "select count(*) from batch_row where status = 'left_out'")
    assert left == [(30,)]
