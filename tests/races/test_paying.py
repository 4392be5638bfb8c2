"""A gateway that dies, hides or repeats itself is paid through once, and the books end matched."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest

from setori import jobs, settlement
from setori.app import clock
from setori.days import local_day, month_of, noon
from setori.gateway import HttpPaymentGateway
from setori.people import Role
from setori.settlement import ClosePeriod
from tests.conftest import RealDatabase
from tests.gateway.running import PLAIN, RunningGateway, until
from tests.world import a_market, a_session


@pytest.fixture
def gateway(tmp_path: Path) -> Iterator[RunningGateway]:
    """A gateway of the test's own that sends no webhooks: whatever is learnt is learnt by asking."""
    running = RunningGateway(tmp_path / "book.sqlite")
    running.turn()
    yield running
    running.stop()


@pytest.fixture
async def ours(gateway: RunningGateway) -> AsyncIterator[HttpPaymentGateway]:
    async with httpx.AsyncClient(verify=PLAIN, trust_env=False) as client:
        yield gateway.adapter(client)


@pytest.fixture
async def order_id(fresh_database: RealDatabase) -> UUID:
    """A payment order of two sessions of last month, approved just now."""
    month: date = month_of(month_of(local_day(clock())) - timedelta(days=1))
    market = await a_market(fresh_database, at=noon(month))
    for _ in range(2):
        await a_session(fresh_database.sessions, market, at=noon(month), confirmed=True)
    async with fresh_database.sessions.begin() as db:
        closing = ClosePeriod(month=month)
        (statement_id,) = await settlement.close_period(
            db, closing, by=market.actors[Role.FINANCE], at=clock()
        )
        return await settlement.approve(db, statement_id, by=market.actors[Role.APPROVER], at=clock())


async def row_of(database: RealDatabase, order_id: UUID) -> tuple[Any, ...]:
    """The order's state and its statement's, and how often it was sent and posted as paid."""
    async with database.sessions() as db:
        connection = await db.connection()
        row = await connection.exec_driver_sql(
            "select o.status, s.status, o.attempts, "
            "(select count(*) from posting p where p.reference_id = o.id and p.kind = 'pay') "
            "from payment_order o join statement s on s.id = o.statement_id where o.id = $1",
            (order_id,),
        )
        return tuple(row.one())


async def truth(gateway: RunningGateway) -> list[tuple[str, int, int]]:
    """What the gateway itself says that it has moved."""
    told = gateway.ask("GET", "/truth").json()["orders"]
    return [(one["idempotency_key"], one["times_moved"], one["amount_cents"]) for one in told]


async def moved(gateway: RunningGateway, order_id: UUID) -> None:
    """Wait until the gateway has moved the money, and only once."""
    await until(lambda: truth(gateway), lambda told: told == [(str(order_id), 1, 160_00)])


def later(**more: int) -> Any:
    """A clock that is ahead."""

    def tell() -> datetime:
        return clock() + timedelta(**more)

    return tell


async def matched(database: RealDatabase, ours: HttpPaymentGateway) -> int:
    return await jobs.fetch_report(database.sessions, ours, clock)


async def test_a_gateway_killed_between_its_commit_and_its_answer_has_paid_once(
    fresh_database, gateway, ours, order_id
) -> None:
    gateway.turn(fail="kill_after", times=1)
    await jobs.pay(fresh_database.sessions, ours, order_id, clock)
    assert gateway.process.wait(10) != 0
    assert (await row_of(fresh_database, order_id))[:3] == ("unknown", "approved", 1)
    await jobs.pay(fresh_database.sessions, ours, order_id, later(minutes=5))
    assert (await row_of(fresh_database, order_id))[0] == "unknown", "nobody can be asked"
    gateway.restart()
    await moved(gateway, order_id)
    await jobs.pay(fresh_database.sessions, ours, order_id, later(minutes=20))
    assert await row_of(fresh_database, order_id) == ("paid", "paid", 1, 1)
    await jobs.pay(fresh_database.sessions, ours, order_id, later(minutes=40))
    assert await matched(fresh_database, ours) == 1
    assert await matched(fresh_database, ours) == 0, "a report that was read adds nothing"
    assert await row_of(fresh_database, order_id) == ("matched", "matched", 1, 1)
    assert await truth(gateway) == [(str(order_id), 1, 160_00)]


async def test_an_order_that_never_reached_the_gateway_is_sent_again_under_its_key(
    fresh_database, gateway, ours, order_id
) -> None:
    gateway.turn(fail="cut_before", times=1)
    await jobs.pay(fresh_database.sessions, ours, order_id, clock)
    assert (await row_of(fresh_database, order_id))[0] == "unknown"
    await jobs.pay(fresh_database.sessions, ours, order_id, later(minutes=5))
    await moved(gateway, order_id)
    assert (await row_of(fresh_database, order_id))[2] == 2
    await jobs.pay(fresh_database.sessions, ours, order_id, later(minutes=20))
    assert await matched(fresh_database, ours) == 1
    assert await row_of(fresh_database, order_id) == ("matched", "matched", 2, 1)


async def test_without_a_single_webhook_the_sweep_learns_that_it_was_paid(
    fresh_database, gateway, ours, order_id
) -> None:
    assert await jobs.pay_due(fresh_database.sessions, ours, clock) == 1
    assert await jobs.pay_due(fresh_database.sessions, ours, clock) == 0, "the gateway is given time"
    await moved(gateway, order_id)
    assert await jobs.pay_due(fresh_database.sessions, ours, later(minutes=5)) == 1
    assert await row_of(fresh_database, order_id) == ("paid", "paid", 1, 1)
    assert await matched(fresh_database, ours) == 1


async def test_a_report_that_is_faster_than_the_asking_pays_and_matches_at_once(
    fresh_database, gateway, ours, order_id
) -> None:
    await jobs.pay(fresh_database.sessions, ours, order_id, clock)
    await moved(gateway, order_id)
    assert await matched(fresh_database, ours) == 1
    assert await row_of(fresh_database, order_id) == ("matched", "matched", 1, 1)
    await jobs.pay(fresh_database.sessions, ours, order_id, later(minutes=20))
    assert await row_of(fresh_database, order_id) == ("matched", "matched", 1, 1)


async def test_an_order_that_the_gateway_refuses_gives_the_debt_back_and_can_be_approved_again(
    fresh_database, gateway, ours, order_id
) -> None:
    gateway.turn(reject_ibans=["FI2112345600000785"])
    await jobs.pay(fresh_database.sessions, ours, order_id, clock)

    async def state() -> str:
        await jobs.pay(fresh_database.sessions, ours, order_id, later(minutes=5))
        return str((await row_of(fresh_database, order_id))[0])

    await until(state, lambda status: status == "failed")
    assert (await row_of(fresh_database, order_id))[1] == "draft"
    assert all(times == 0 for _, times, _ in await truth(gateway))


async def test_two_workers_at_once_send_an_order_once(fresh_database, gateway, ours, order_id) -> None:
    await asyncio.gather(*(jobs.pay(fresh_database.sessions, ours, order_id, clock) for _ in range(4)))
    await moved(gateway, order_id)
    assert (await row_of(fresh_database, order_id))[2] == 1
