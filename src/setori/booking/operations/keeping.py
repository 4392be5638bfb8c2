"""A coach's hours are kept: those of every week, and the days that are otherwise. Meetings already booked stay."""

from datetime import datetime, time
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from setori.booking import queries
from setori.booking.commands import OpenHours, SetDay
from setori.booking.models import SpecialDay, WeeklyHours
from setori.booking.refusals import HoursOverlap
from setori.booking.rules import MINUTES_OF_DAY
from setori.db import new_id, record
from setori.errors import NotFound
from setori.people import Actor


async def open_hours(db: AsyncSession, coach_id: UUID, order: OpenHours, *, by: Actor, at: datetime) -> UUID:
    """Open hours in every week. Raises NotFound for a coach whose times one does not keep, HoursOverlap."""
    await queries.find_coach(db, coach_id, by=by)
    added = (
        insert(WeeklyHours)
        .values(
            id=new_id(),
            coach_id=coach_id,
            weekday=order.weekday,
            from_minute=_minute(order.from_time),
            to_minute=_minute(order.to_time),
            minutes=order.minutes,
            buffer_minutes=order.buffer_minutes,
            way=order.way,
            place=order.place,
        )
        .on_conflict_do_nothing()
        .returning(col(WeeklyHours.id))
    )
    hours_id: UUID | None = (await db.exec(added)).scalar_one_or_none()
    if hours_id is None:
        raise HoursOverlap
    record(db, "hours.opened", hours_id, by_id=by.person_id, at=at)
    return hours_id


async def remove_hours(db: AsyncSession, hours_id: UUID, *, by: Actor, at: datetime) -> UUID:
    """Close weekly hours. Returns the coach's id. Raises NotFound."""
    hours = await db.get(WeeklyHours, hours_id)
    if hours is None:
        raise NotFound
    await queries.find_coach(db, hours.coach_id, by=by)
    await db.delete(hours)
    record(db, "hours.closed", hours_id, by_id=by.person_id, at=at)
    await db.flush()
    return hours.coach_id


async def set_day(db: AsyncSession, coach_id: UUID, order: SetDay, *, by: Actor, at: datetime) -> UUID:
    """Make a day otherwise: away, or open besides the weekly hours. Raises NotFound."""
    await queries.find_coach(db, coach_id, by=by)
    day = SpecialDay(
        coach_id=coach_id,
        on_day=order.on_day,
        kind=order.kind,
        from_minute=_minute(order.from_time) if order.from_time else 0,
        to_minute=_minute(order.to_time) if order.to_time else MINUTES_OF_DAY,
        minutes=order.minutes,
        buffer_minutes=order.buffer_minutes,
        way=order.way if order.kind.value == "extra" else None,
        place=order.place,
    )
    db.add(day)
    record(db, "day.set", day.id, by_id=by.person_id, at=at, kind=order.kind.value)
    await db.flush()
    return day.id


async def remove_special_day(db: AsyncSession, day_id: UUID, *, by: Actor, at: datetime) -> UUID:
    """Let a day be as the weekly hours say again. Returns the coach's id. Raises NotFound."""
    day = await db.get(SpecialDay, day_id)
    if day is None:
        raise NotFound
    await queries.find_coach(db, day.coach_id, by=by)
    await db.delete(day)
    record(db, "day.cleared", day_id, by_id=by.person_id, at=at)
    await db.flush()
    return day.coach_id


def _minute(at: time) -> int:
    return at.hour * 60 + at.minute
