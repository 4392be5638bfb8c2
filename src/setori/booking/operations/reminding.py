"""Both sides are reminded of a meeting, two days and three hours before, and never in the night."""

from datetime import datetime, timedelta

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from setori.booking import rules
from setori.booking.models import Booking, BookingReminder
from setori.booking.operations import reserving
from setori.booking.rules import REMINDED_BEFORE, BookingStatus

AHEAD = timedelta(hours=max(REMINDED_BEFORE) + 12)
"""A reminder that would fall into the night is sent in the evening before."""


async def remind_due(db: AsyncSession, *, at: datetime) -> int:
    """Remind of the meetings whose moment has come, each once for each time that it is arranged for.

    Returns how many were reminded of. When several moments have gone by, only the last one is made good.
    """
    if rules.is_quiet(at):
        return 0
    told = select(BookingReminder.booking_id).where(
        BookingReminder.booking_id == Booking.id,
        BookingReminder.starts_at == Booking.starts_at,
        BookingReminder.hours == min(REMINDED_BEFORE),
    )
    wanted = select(Booking).where(
        Booking.status == BookingStatus.BOOKED,
        Booking.starts_at > at,
        Booking.starts_at < at + AHEAD,
        ~told.exists(),
    )
    sent = 0
    for booking in (await db.exec(wanted.order_by(col(Booking.starts_at), col(Booking.id)))).all():
        due = [
            hours
            for hours in REMINDED_BEFORE
            if rules.is_reminder_due(booking.starts_at, booking.arranged_at, hours, now=at)
        ]
        if due and await _is_first(db, booking, min(due), at=at):
            await reserving.tell_client(db, booking, "meeting_reminder", at=at)
            await reserving.tell_coach(db, booking, "meeting_reminder_coach", at=at)
            sent += 1
    await db.flush()
    return sent


async def _is_first(db: AsyncSession, booking: Booking, hours: int, *, at: datetime) -> bool:
    kept = (
        insert(BookingReminder)
        .values(booking_id=booking.id, starts_at=booking.starts_at, hours=hours, sent_at=at)
        .on_conflict_do_nothing()
        .returning(col(BookingReminder.hours))
    )
    return (await db.exec(kept)).scalar_one_or_none() is not None
