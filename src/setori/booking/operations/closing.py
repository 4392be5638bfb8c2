"""What becomes of a meeting: moved, called off by either side, missed, held; offers taken, passed by or run out."""

from collections.abc import Collection
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from setori.booking import queries, rules
from setori.booking.commands import BookTime, SayWhy
from setori.booking.models import Booking, WaitingPlace
from setori.booking.operations import reserving, waiting
from setori.booking.refusals import AlreadyClosed, HasBegun, NotYetOver, OfferPassed, TimeTaken, TooLateToMove
from setori.booking.rules import LIVE, BookingStatus, Slot
from setori.days import local_day
from setori.db import record
from setori.errors import Forbidden
from setori.people import PROVIDER_ROLES, Actor

NEXT_TIMES = 3
"""How many other times are named to somebody whose meeting was called off."""

CALLED_OFF = frozenset(
    {BookingStatus.CALLED_OFF, BookingStatus.CALLED_OFF_LATE, BookingStatus.COACH_AWAY, BookingStatus.PASSED}
)
"""What calling off comes to, by either side; one that was held or missed has not been called off."""


async def move(
    db: AsyncSession, booking_id: UUID, order: BookTime, *, last_day: date, by: Actor, at: datetime
) -> None:
    """Move one's meeting to another free time of the same coach; the old one goes to those who wait.

    Raises NotFound, AlreadyClosed, HasBegun, TooLateToMove (when calling off now would use a session), TimeTaken,
    YouAreBusy.
    """
    booking = await _locked(db, booking_id, by=by, with_person=True)
    if booking.status is not BookingStatus.BOOKED:
        raise AlreadyClosed
    if booking.starts_at == order.starts_at:
        return
    if booking.starts_at <= at:
        raise HasBegun
    if booking.late_uses and rules.is_late(booking.starts_at, booking.notice_hours, now=at):
        raise TooLateToMove
    if local_day(order.starts_at) > last_day:
        raise TimeTaken
    slot = await reserving.free_slot(
        db, booking.coach_id, order.starts_at, person_id=booking.person_id, at=at, without=booking.id
    )
    old, was = _slot(booking), booking.starts_at
    with reserving.said_kindly():
        async with db.begin_nested():
            reserving.put(booking, slot)
            booking.sequence += 1
            booking.arranged_by, booking.arranged_at = by.hand_id, at
            await db.flush()
    _record(db, "booking.moved", booking, by, at)
    await reserving.tell_coach(db, booking, "meeting_moved", at=at, was=was.isoformat())
    await reserving.tell_client(db, booking, "meeting_moved_yours", by=by, at=at, was=was.isoformat())
    await waiting.offer(db, old, at=at)


async def call_off(
    db: AsyncSession, booking_id: UUID, order: SayWhy, *, by: Actor, at: datetime
) -> BookingStatus:
    """Call a meeting off, from either side, until it begins. Doing it twice is doing it once. Returns what it is now.

    A client's is late when less than the notice of the terms is left. A coach's tells the client the next free times.
    Raises NotFound, AlreadyClosed, HasBegun.
    """
    booking = await _locked(db, booking_id, by=by)
    if booking.status not in LIVE:
        if booking.closed_by == by.hand_id and booking.status in CALLED_OFF:
            return booking.status
        raise AlreadyClosed
    if booking.status is BookingStatus.OFFERED and by.is_client:
        return await _pass(db, booking, by=by, at=at)
    if booking.starts_at <= at:
        raise HasBegun
    if by.role in PROVIDER_ROLES:
        await _close(db, booking, BookingStatus.COACH_AWAY, order.reason, by=by, at=at)
        times = await _next_times(db, booking, at=at)
        await reserving.tell_client(
            db, booking, "meeting_off", at=at, reason=order.reason, times=[one.isoformat() for one in times]
        )
        return booking.status
    late = rules.is_late(booking.starts_at, booking.notice_hours, now=at)
    became = BookingStatus.CALLED_OFF_LATE if late else BookingStatus.CALLED_OFF
    await _close(db, booking, became, order.reason, by=by, at=at)
    await reserving.tell_coach(db, booking, "meeting_called_off", at=at)
    if by.through is not None:
        await reserving.tell_client(db, booking, "meeting_called_off", by=by, at=at)
    await waiting.offer(db, _slot(booking), at=at)
    return booking.status


async def miss(db: AsyncSession, booking_id: UUID, order: SayWhy, *, by: Actor, at: datetime) -> None:
    """The coach says that the client did not come. Raises Forbidden, NotFound, AlreadyClosed, NotYetOver."""
    if by.role not in PROVIDER_ROLES:
        raise Forbidden
    booking = await _locked(db, booking_id, by=by)
    if booking.status is BookingStatus.MISSED:
        return
    if booking.status is not BookingStatus.BOOKED:
        raise AlreadyClosed
    if booking.starts_at > at:
        raise NotYetOver
    await _close(db, booking, BookingStatus.MISSED, order.reason, by=by, at=at)
    await reserving.tell_client(db, booking, "meeting_missed", at=at)


async def mark_held(
    db: AsyncSession, booking_id: UUID, redemption_id: UUID | None, *, by: Actor, at: datetime
) -> None:
    """The meeting has taken place, and this session was recorded for it. Raises NotFound, AlreadyClosed, NotYetOver.

    A session recorded in any way closes the meeting of its day by itself, in the database; this is for other days.
    """
    booking = await _locked(db, booking_id, by=by)
    if booking.status is BookingStatus.MET:
        return
    if booking.status not in (BookingStatus.BOOKED, BookingStatus.MISSED):
        raise AlreadyClosed
    if booking.starts_at > at:
        raise NotYetOver
    booking.redemption_id = redemption_id
    await _close(db, booking, BookingStatus.MET, "", by=by, at=at)


async def accept(db: AsyncSession, booking_id: UUID, *, by: Actor, at: datetime) -> None:
    """Take the time that one was offered. Whether the voucher allows it has been looked at. Raises OfferPassed."""
    booking = await _locked(db, booking_id, by=by, with_person=True)
    if booking.status is BookingStatus.BOOKED:
        return
    if booking.status is not BookingStatus.OFFERED or booking.answer_by is None or booking.answer_by < at:
        raise OfferPassed
    booking.status = BookingStatus.BOOKED
    booking.sequence += 1
    booking.arranged_by, booking.arranged_at = by.hand_id, at
    await db.flush()
    _record(db, "booking.booked", booking, by, at)
    await waiting.leave_line(db, booking.voucher_id, by=by, at=at)
    await reserving.tell_coach(db, booking, "meeting_booked", at=at)


async def decline(db: AsyncSession, booking_id: UUID, *, by: Actor, at: datetime) -> None:
    """Leave an offered time to the next one, and keep one's place in the line. Raises OfferPassed."""
    booking = await _locked(db, booking_id, by=by)
    if booking.status is BookingStatus.PASSED:
        return
    if booking.status is not BookingStatus.OFFERED:
        raise OfferPassed
    await _pass(db, booking, by=by, at=at)


async def pass_unanswered(db: AsyncSession, *, at: datetime) -> int:
    """Let one offer go on whose deadline is over. Returns 1, or 0 when there is none: call again until then."""
    due = select(Booking.id, Booking.coach_id).where(
        Booking.status == BookingStatus.OFFERED, col(Booking.answer_by) < at
    )
    found = (await db.exec(due.order_by(col(Booking.answer_by), col(Booking.id)).limit(1))).first()
    if found is None:
        return 0
    booking_id, coach_id = found
    await reserving.lock(db, [coach_id])
    wanted = select(Booking).where(Booking.id == booking_id).with_for_update()
    booking = (await db.exec(wanted.execution_options(populate_existing=True))).one()
    if booking.status is BookingStatus.OFFERED:
        await waiting.to_the_end(db, booking.voucher_id, at=at)
        await _pass(db, booking, by=None, at=at)
    return 1


async def release(
    db: AsyncSession, voucher_ids: Collection[UUID], *, by: Actor | None = None, at: datetime
) -> int:
    """Let go of everything booked that is still to come for vouchers which end or go to another coach.

    Both sides are told, places in lines are given up, and the times go to those who wait. Returns how many there were.
    """
    ids = list(voucher_ids)
    if not ids:
        return 0
    for voucher_id in await _who_wait(db, ids):
        await waiting.leave_line(db, voucher_id, by=by, at=at)
    ahead = (col(Booking.voucher_id).in_(ids), col(Booking.status).in_(LIVE), Booking.starts_at > at)
    seen = (await db.exec(select(Booking).where(*ahead))).all()
    if not seen:
        return 0
    await reserving.lock(db, queries.coach_ids_of(seen))
    wanted = select(Booking).where(*ahead).order_by(col(Booking.coach_id), col(Booking.id))
    wanted = wanted.with_for_update().execution_options(populate_existing=True)
    bookings = (await db.exec(wanted)).all()
    for booking in bookings:
        was = booking.status
        await _close(db, booking, BookingStatus.RELEASED, "", by=by, at=at)
        if was is BookingStatus.BOOKED:
            await reserving.tell_client(db, booking, "meeting_released", at=at)
            await reserving.tell_coach(db, booking, "meeting_released_coach", at=at)
    for booking in bookings:
        await waiting.offer(db, _slot(booking), at=at)
    return len(bookings)


async def _who_wait(db: AsyncSession, voucher_ids: list[UUID]) -> list[UUID]:
    wanted = select(WaitingPlace.voucher_id).where(
        col(WaitingPlace.voucher_id).in_(voucher_ids), col(WaitingPlace.left_at).is_(None)
    )
    return list((await db.exec(wanted.order_by(col(WaitingPlace.id)))).all())


async def _locked(db: AsyncSession, booking_id: UUID, *, by: Actor, with_person: bool = False) -> Booking:
    booking = await queries.find_booking(db, booking_id, by=by)
    await reserving.lock(db, [booking.coach_id], booking.person_id if with_person else None)
    return await queries.find_booking(db, booking_id, by=by, lock=True)


async def _close(
    db: AsyncSession, booking: Booking, to: BookingStatus, reason: str, *, by: Actor | None, at: datetime
) -> None:
    booking.status, booking.reason = to, reason
    booking.sequence += 1
    booking.closed_at, booking.closed_by = at, by.hand_id if by else None
    await db.flush()
    _record(db, f"booking.{to.value}", booking, by, at)


async def _pass(db: AsyncSession, booking: Booking, *, by: Actor | None, at: datetime) -> BookingStatus:
    await _close(db, booking, BookingStatus.PASSED, "", by=by, at=at)
    await waiting.offer(db, _slot(booking), at=at)
    return booking.status


async def _next_times(db: AsyncSession, booking: Booking, *, at: datetime) -> list[datetime]:
    today = local_day(at)
    free = await queries.list_free(
        db,
        [booking.coach_id],
        first=today,
        last=today + timedelta(days=21),
        now=at,
        person_id=booking.person_id,
    )
    return [slot.starts_at for slot in free[booking.coach_id][:NEXT_TIMES]]


def _slot(booking: Booking) -> Slot:
    return Slot(
        booking.coach_id,
        booking.starts_at,
        booking.ends_at,
        booking.busy_until,
        booking.way.value,
        booking.place,
    )


def _record(db: AsyncSession, action: str, booking: Booking, by: Actor | None, at: datetime) -> None:
    who = by.hand_id if by else None
    record(db, action, booking.id, by_id=who, at=at, procurer_id=booking.procurer_id)
