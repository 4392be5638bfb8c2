"""When the coaches of the sample world can be met, who has a time, and who waits for one."""

from datetime import datetime, time, timedelta

from setori import booking, vouchers
from setori.booking import BookTime, OpenHours
from setori.days import local_day
from setori.db import Database, Sessions
from setori.people import Actor, Role
from setori.readmodels import meetings
from setori.readmodels.meetings import Timeless
from setori.seeding.market import Market
from setori.seeding.reading import World, read_world

BOOKED = 40
WAIT = 3
AHEAD = timedelta(days=20)
EVERY = 3
"""Of a coach's free times each third is taken, so that there is something left to pick."""


async def open_calendars(sessions: Sessions, market: Market, *, at: datetime) -> None:
    """Coaches open hours, some clients have booked their next times, and a few wait for one to come free."""
    async with sessions.begin() as db:
        await _open_calendars(db, read_world(), market, at=at)


async def _open_calendars(db: Database, world: World, market: Market, *, at: datetime) -> None:
    before = at - timedelta(hours=2)
    for number, (coach_id, coach) in enumerate(market.coaches.items()):
        told = world.calendars[number % len(world.calendars)]
        for weekday in told["weekdays"]:
            order = OpenHours(
                weekday=weekday,
                from_time=time.fromisoformat(told["from"]),
                to_time=time.fromisoformat(told["to"]),
                way=told["way"],
                place=told["place"],
                minutes=told["minutes"],
                buffer_minutes=told["buffer"],
            )
            await booking.open_hours(db, coach_id, order, by=coach, at=before)
    mine = {told["email"] for told in world.personas}
    clients = [one for one in await meetings.list_timeless(db, on=local_day(at)) if one.email not in mine]
    first = local_day(before)
    free = await booking.list_free(
        db, {one.coach_id for one in clients}, first=first, last=first + AHEAD, now=before
    )
    wait = clients[-WAIT:]
    for one in clients[: min(BOOKED, len(clients) - WAIT)]:
        slots = [slot for slot in free[one.coach_id] if local_day(slot.starts_at) <= one.expires_on]
        if len(slots) < EVERY:
            continue
        taken = slots[EVERY - 1]
        free[one.coach_id] = [slot for slot in free[one.coach_id] if slot.starts_at > taken.starts_at]
        wanted = BookTime(starts_at=taken.starts_at)
        await vouchers.book(db, one.voucher_id, wanted, by=_holder(one), at=before)
    for one in wait:
        await vouchers.wait_for_time(db, one.voucher_id, by=_holder(one), at=before)


def _holder(one: Timeless) -> Actor:
    return Actor(one.person_id, Role.JOBSEEKER, None, one.name, one.language)
