"""The months behind: lived, closed, paid and matched, one after the other.

The procurers' markets live side by side, as they do: the first in this process, the others in a helper of its own, so
that two cores work. At the end of a month all wait for each other, and no month is closed before its last session.
"""

import asyncio
import gc
import multiprocessing
import traceback
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import date, datetime, timedelta
from functools import partial
from multiprocessing.connection import Connection
from typing import Self
from uuid import UUID

from setori import jobs, processes, settlement
from setori.days import local_day, month_of, next_month, noon
from setori.db import Sessions, make_sessions
from setori.people import Role
from setori.seeding.history import Life, plan_lives
from setori.seeding.market import Market
from setori.seeding.reading import World, read_world
from setori.settlement import ClosePeriod, PaymentGateway


class HelperFailed(Exception):
    """The second process of the loading ended badly; the message carries what it said."""


class Helper:
    """A second process that lives the lives of the other procurers, up to the moment it is told."""

    def __init__(self, url: str) -> None:
        spawn = multiprocessing.get_context("spawn")
        self._pipe, theirs = spawn.Pipe()
        self._process = spawn.Process(target=_help, args=(url, theirs), daemon=True)
        self._process.start()
        theirs.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._pipe.close()  # it ends by itself when nobody speaks to it any more
        self._process.join(5)
        if self._process.is_alive():
            self._process.kill()

    def tell(self, market: Market, seed: int, at: datetime, key: bytes) -> None:
        """Tell what the market is like."""
        self._pipe.send((market, seed, at, key))

    async def go_on(self, until: datetime) -> None:
        """Have it live up to a moment."""
        self._pipe.send(until)
        try:
            failure = await asyncio.to_thread(self._pipe.recv)
        except EOFError:
            failure = "it ended without a word"
        if failure:
            raise HelperFailed(failure)


def _help(url: str, pipe: Connection) -> None:
    """The second process: ends when the first one does."""
    with suppress(EOFError, KeyboardInterrupt):
        processes.run(_live_told(url, pipe))


async def _live_told(url: str, pipe: Connection) -> None:
    world = read_world()
    market, seed, at, key = await asyncio.to_thread(pipe.recv)
    lives = plan_lives(world, market, seed, at=at, key=key)[1:]
    gc.freeze()
    engine, sessions = make_sessions(url, is_loading=True)
    try:
        while True:
            until = await asyncio.to_thread(pipe.recv)
            failure = ""
            try:
                await _live_until(lives, sessions, until, lambda: None)
            except Exception:
                failure = traceback.format_exc()
            pipe.send(failure)
    finally:
        await engine.dispose()


async def _live_until(
    lives: list[Life], sessions: Sessions, until: datetime, tell: Callable[[], None]
) -> None:
    async with asyncio.TaskGroup() as side_by_side:
        for life in lives:
            side_by_side.create_task(life.go_on(sessions, until, tell))


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
    helper.tell(market, seed, at, key)
    first = plan_lives(world, market, seed, at=at, key=key)[0]
    gc.freeze()
    month = market.began_on
    begin = noon(market.began_on - timedelta(days=20))
    while True:
        close_at = noon(next_month(month)) + timedelta(days=3)

        def tell(month: date = month) -> None:
            gone = (max(first.is_at, begin) - begin) / (at - begin)
            progress(14 + int(82 * min(gone, 1.0)), 100, f"life in {month:%m/%Y}")

        async with asyncio.TaskGroup() as side_by_side:
            side_by_side.create_task(helper.go_on(min(close_at, at)))
            side_by_side.create_task(first.go_on(sessions, min(close_at, at), tell))
        if close_at > at:
            break
        await jobs.expire(sessions, partial(_same, close_at))
        if next_month(next_month(month)) <= local_day(at):
            await _settle(sessions, market, month, close_at, gateway, pause)
        month = next_month(month)
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


async def _settle(
    sessions: Sessions,
    market: Market,
    month: date,
    at: datetime,
    gateway: PaymentGateway,
    pause: Callable[[], Awaitable[None]],
) -> None:
    orders: list[UUID] = []
    async with sessions.begin() as db:
        for desk in market.desks.values():
            closer, approver = desk.staff[Role.FINANCE][0], desk.staff[Role.APPROVER][0]
            for statement_id in await settlement.close_period(db, ClosePeriod(month=month), by=closer, at=at):
                later = at + timedelta(hours=3)
                order_id = await settlement.approve(db, statement_id, by=approver, at=later)
                orders += [order_id] if order_id else []
    paid = at + timedelta(hours=4)
    for order_id in orders:
        await jobs.pay(sessions, gateway, order_id, lambda: paid)
    await pause()
    asked = paid + timedelta(hours=1)
    for order_id in orders:
        await jobs.pay(sessions, gateway, order_id, lambda: asked)
    await jobs.fetch_report(sessions, gateway, lambda: asked + timedelta(days=1))


def _same(at: datetime) -> datetime:
    return at
