"""The months behind: lived, closed, paid and matched, one after the other.

The procurers' markets live side by side, as they do: the first in this process, the others in a helper of its own, so
that two cores work. At the end of a month all wait for each other, and no month is closed before its last session.
"""

import asyncio
import gc
from collections.abc import Awaitable, Callable
from datetime import date, datetime, timedelta
from functools import partial
from uuid import UUID

from setori import jobs, settlement
from setori.days import local_day, month_of, next_month, noon
from setori.db import Sessions
from setori.people import Role
from setori.seeding.helper import Helper
from setori.seeding.history import Life, plan_lives
from setori.seeding.market import Market
from setori.seeding.reading import World, read_world
from setori.settlement import ClosePeriod, PaymentGateway

_others: list[Life] = []
"""In the second process: the lives of the other procurers' markets."""


async def plan_others(sessions: Sessions, market: Market, seed: int, *, at: datetime, key: bytes) -> None:
    """Plan what is to happen in the markets of the other procurers; work of the second process."""
    _others[:] = plan_lives(read_world(), market, seed, at=at, key=key)[1:]


async def live_others(sessions: Sessions, until: datetime) -> None:
    """Live through all that happens in the other procurers' markets up to a moment; work of the second process."""
    async with asyncio.TaskGroup() as side_by_side:
        for life in _others:
            side_by_side.create_task(life.go_on(sessions, until, lambda: None))


async def live(
    sessions: Sessions,
    world: World,
    market: Market,
    helper: Helper,
    seed: int,
    *,
    at: datetime,
    key: bytes,
    gateway: PaymentGateway,
    progress: Callable[[int, int, str], None],
    pause: Callable[[], Awaitable[None]],
) -> None:
    """Live through the months up to now. Each is closed, paid and matched early in the next; the last one waits."""
    await helper.do(plan_others, market, seed, at=at, key=key)
    first = plan_lives(world, market, seed, at=at, key=key)[0]
    gc.freeze()
    month = market.began_on
    begin = noon(market.began_on - timedelta(days=20))
    orders: list[UUID] = []
    closed_at = begin
    while True:
        close_at = noon(next_month(month)) + timedelta(days=3)

        def tell(month: date = month) -> None:
            gone = (max(first.is_at, begin) - begin) / (at - begin)
            progress(14 + int(82 * min(gone, 1.0)), 100, f"life in {month:%m/%Y}")

        async with asyncio.TaskGroup() as side_by_side:
            side_by_side.create_task(helper.do(live_others, min(close_at, at)))
            # Paying touches nothing that a session touches, so the others may go on living meanwhile.
            await _pay(sessions, orders, closed_at, gateway, pause)
            await first.go_on(sessions, min(close_at, at), tell)
        if close_at > at:
            break
        await jobs.expire(sessions, partial(_same, close_at))
        is_settled = next_month(next_month(month)) <= local_day(at)
        orders = await _close(sessions, market, month, close_at) if is_settled else []
        month, closed_at = next_month(month), close_at
    await _let_one_wait(sessions, market, at)
    await jobs.expire(sessions, partial(_same, at))


async def _let_one_wait(sessions: Sessions, market: Market, at: datetime) -> None:
    """One statement of last month waits for its approval, so that the approver's desk has something on it."""
    desk = next(iter(market.desks.values()))
    last_month = month_of(month_of(local_day(at)) - timedelta(days=1))
    order = ClosePeriod(month=last_month, provider_id=next(iter(market.owners)))
    async with sessions.begin() as db:
        try:
            await settlement.close_period(
                db, order, by=desk.staff[Role.FINANCE][0], at=at - timedelta(hours=20)
            )
        except (settlement.MonthNotOver, settlement.NothingToSettle):
            return


async def _close(sessions: Sessions, market: Market, month: date, at: datetime) -> list[UUID]:
    orders: list[UUID] = []
    async with sessions.begin() as db:
        for desk in market.desks.values():
            closer, approver = desk.staff[Role.FINANCE][0], desk.staff[Role.APPROVER][0]
            for statement_id in await settlement.close_period(db, ClosePeriod(month=month), by=closer, at=at):
                later = at + timedelta(hours=3)
                order_id = await settlement.approve(db, statement_id, by=approver, at=later)
                orders += [order_id] if order_id else []
    return orders


async def _pay(
    sessions: Sessions,
    orders: list[UUID],
    closed_at: datetime,
    gateway: PaymentGateway,
    pause: Callable[[], Awaitable[None]],
) -> None:
    if not orders:
        return
    paid = closed_at + timedelta(hours=4)
    for order_id in orders:
        await jobs.pay(sessions, gateway, order_id, lambda: paid)
    await pause()
    await jobs.fetch_report(sessions, gateway, lambda: paid + timedelta(days=1))


def _same(at: datetime) -> datetime:
    return at
