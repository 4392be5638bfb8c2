"""The line of those who wait: a time that comes free is offered to the first, who alone may take it for some hours."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import text, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from setori.booking import queries, rules
from setori.booking.commands import Reservation
from setori.booking.models import Booking, WaitingPlace
from setori.booking.operations.reserving import a_booking, said_kindly, tell_client
from setori.booking.refusals import AlreadyWaiting, TimeTaken, YouAreBusy
from setori.booking.rules import BookingStatus, Slot
from setori.days import local_day
from setori.db import record
from setori.people import Actor

TRY_LOCK = text(
    "select pg_try_advisory_xact_lock(hashtextextended('meeting:person ' || cast(:id as text), 0))"
)
ASKED_AT_MOST = 20
"""How far down the line one goes for one time."""


async def join_line(db: AsyncSession, order: Reservation, *, by: Actor, at: datetime) -> UUID:
    """Wait for a time of a coach; `starts_at` of the order says nothing here. Raises AlreadyWaiting."""
    if await queries.place_in_line(db, order.voucher_id) is not None:
        raise AlreadyWaiting
    place = WaitingPlace(
        procurer_id=order.procurer_id,
        voucher_id=order.voucher_id,
        person_id=order.person_id,
        coach_id=order.coach_id,
        last_day=order.last_day,
        notice_hours=order.notice_hours,
        late_uses=order.late_uses,
        no_show_uses=order.no_show_uses,
        since_at=at,
    )
    db.add(place)
    record(db, "waiting.joined", place.id, by_id=by.person_id, at=at, procurer_id=order.procurer_id)
    await db.flush()
    return place.id


async def leave_line(db: AsyncSession, voucher_id: UUID, *, by: Actor | None, at: datetime) -> bool:
    """Wait no more. Returns whether one did."""
    left = (
        update(WaitingPlace)
        .where(col(WaitingPlace.voucher_id) == voucher_id, col(WaitingPlace.left_at).is_(None))
        .values(left_at=at)
        .returning(col(WaitingPlace.id))
    )
    place_id = (await db.exec(left)).scalar_one_or_none()
    if place_id is None:
        return False
    record(db, "waiting.left", place_id, by_id=by.person_id if by else None, at=at)
    return True


async def wait_longer(db: AsyncSession, voucher_id: UUID, last_day: date) -> None:
    """A voucher is valid longer, and so is its place in the line."""
    mine = (col(WaitingPlace.voucher_id) == voucher_id, col(WaitingPlace.left_at).is_(None))
    await db.exec(update(WaitingPlace).where(*mine).values(last_day=last_day))


async def offer(db: AsyncSession, freed: Slot, *, at: datetime) -> UUID | None:
    """Offer a freed time to the first in line who can. Returns the offer's id; None leaves the time free for anybody.

    The coach is locked already. Whoever is busy, has an offer open or passed this very time by is not asked.
    """
    until = rules.answer_by(freed.starts_at, now=at)
    day = local_day(freed.starts_at)
    if until is None:
        return None
    line = await _line(db, freed)
    if not line:
        return None
    free = await queries.list_free(db, [freed.coach_id], first=day, last=day, now=at)
    slot = next((slot for slot in free[freed.coach_id] if slot.starts_at == freed.starts_at), None)
    if slot is None:
        return None
    for place in line:
        asked = await _ask(db, place, slot, until, at=at)
        if asked is not None:
            return asked
    return None


async def _line(db: AsyncSession, freed: Slot) -> list[WaitingPlace]:
    asked = (
        select(Booking.id)
        .where(
            Booking.voucher_id == WaitingPlace.voucher_id,
            (Booking.status == BookingStatus.OFFERED)
            | ((Booking.status == BookingStatus.PASSED) & (Booking.starts_at == freed.starts_at)),
        )
        .exists()
    )
    wanted = (
        select(WaitingPlace)
        .where(
            WaitingPlace.coach_id == freed.coach_id,
            col(WaitingPlace.left_at).is_(None),
            WaitingPlace.last_day >= local_day(freed.starts_at),
            ~asked,
        )
        .order_by(col(WaitingPlace.since_at), col(WaitingPlace.id))
        .limit(ASKED_AT_MOST)
    )
    return list((await db.exec(wanted)).all())


async def _ask(
    db: AsyncSession, place: WaitingPlace, slot: Slot, until: datetime, *, at: datetime
) -> UUID | None:
    connection = await db.connection()
    # Somebody who is booking something else this very moment is not waited for: that could close a ring.
    if not (await connection.execute(TRY_LOCK, {"id": str(place.person_id)})).scalar_one():
        return None
    order = Reservation(
        procurer_id=place.procurer_id,
        voucher_id=place.voucher_id,
        person_id=place.person_id,
        coach_id=place.coach_id,
        starts_at=slot.starts_at,
        last_day=place.last_day,
        notice_hours=place.notice_hours,
        late_uses=place.late_uses,
        no_show_uses=place.no_show_uses,
    )
    offered = a_booking(order, slot, BookingStatus.OFFERED, arranged_at=at, answer_by=until)
    try:
        with said_kindly():
            async with db.begin_nested():
                db.add(offered)
                await db.flush()
    except (YouAreBusy, TimeTaken):
        return None
    record(db, "booking.offered", offered.id, by_id=None, at=at, procurer_id=place.procurer_id)
    await tell_client(db, offered, "time_offered", at=at, answer_by=until.isoformat())
    return offered.id


async def to_the_end(db: AsyncSession, voucher_id: UUID, *, at: datetime) -> None:
    """Whoever did not answer lets the others go first."""
    waits = (col(WaitingPlace.voucher_id) == voucher_id, col(WaitingPlace.left_at).is_(None))
    await db.exec(update(WaitingPlace).where(*waits).values(since_at=at))
