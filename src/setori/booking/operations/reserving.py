"""A time is taken. Whoever writes meetings locks the coach first and the person second, so that nobody waits in a ring.

The locks spare two who want the same time a deadlock; that they cannot both have it, two constraints of the database
hold, whoever writes and however.
"""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlmodel.ext.asyncio.session import AsyncSession

from setori import people
from setori.booking import queries
from setori.booking.commands import Reservation
from setori.booking.models import Booking
from setori.booking.refusals import TimeTaken, YouAreBusy
from setori.booking.rules import BookingStatus, Slot
from setori.catalogue import Coach, Way
from setori.days import local_day
from setori.db import record
from setori.people import Actor

LOCK = text("select pg_advisory_xact_lock(hashtextextended('meeting:' || cast(:id as text), 0))")


async def reserve(db: AsyncSession, order: Reservation, *, by: Actor | None, at: datetime) -> UUID:
    """Book a free time. Whether the voucher allows it has been looked at before. Raises TimeTaken, YouAreBusy."""
    await lock(db, [order.coach_id], order.person_id)
    slot = await free_slot(db, order.coach_id, order.starts_at, person_id=order.person_id, at=at)
    if local_day(slot.starts_at) > order.last_day:
        raise TimeTaken
    who = by.hand_id if by else None
    booking = a_booking(order, slot, BookingStatus.BOOKED, arranged_by=who, arranged_at=at)
    with said_kindly():
        async with db.begin_nested():
            db.add(booking)
            await db.flush()
    record(db, "booking.booked", booking.id, by_id=who, at=at, procurer_id=order.procurer_id)
    await tell_coach(db, booking, "meeting_booked", at=at)
    await tell_client(db, booking, "meeting_confirmed", by=by, at=at)
    return booking.id


async def free_slot(
    db: AsyncSession,
    coach_id: UUID,
    starts_at: datetime,
    *,
    person_id: UUID,
    at: datetime,
    without: UUID | None = None,
) -> Slot:
    """The free time that begins at an instant. Raises TimeTaken, or YouAreBusy when only the person is not free."""
    day = local_day(starts_at)
    asked = {"first": day, "last": day, "now": at, "without": without}
    own = await queries.list_free(db, [coach_id], person_id=person_id, **asked)  # type: ignore[arg-type]
    found = next((slot for slot in own[coach_id] if slot.starts_at == starts_at), None)
    if found is not None:
        return found
    free = await queries.list_free(db, [coach_id], **asked)  # type: ignore[arg-type]
    raise YouAreBusy if any(slot.starts_at == starts_at for slot in free[coach_id]) else TimeTaken


async def lock(db: AsyncSession, coach_ids: Collection[UUID], person_id: UUID | None = None) -> None:
    """Let nobody else write meetings of these until the transaction ends: coaches in order, then the person."""
    connection = await db.connection()
    for coach_id in sorted(coach_ids):
        await connection.execute(LOCK, {"id": f"coach {coach_id}"})
    if person_id is not None:
        await connection.execute(LOCK, {"id": f"person {person_id}"})


@contextmanager
def said_kindly() -> Iterator[None]:
    """What the database's constraints refuse, in words of ours."""
    try:
        yield
    except IntegrityError as refused:
        said = str(refused.orig)
        if "booking_coach_is_at_one_place" in said:
            raise TimeTaken from None
        if "booking_person_is_at_one_place" in said:
            raise YouAreBusy from None
        raise


async def tell_client(
    db: AsyncSession, booking: Booking, kind: str, *, by: Actor | None = None, at: datetime, **more: Any
) -> None:
    """Write to the client about a meeting; when somebody did it for the client, also who."""
    coach = await db.get(Coach, booking.coach_id)
    params = _told(booking) | {"coach": coach.name if coach else "", **more}
    if by is not None and by.through is not None:
        kind, params["who"] = f"{kind}_for_you", by.through.name
    await people.notify(db, booking.person_id, kind, params, at=at)


async def tell_coach(db: AsyncSession, booking: Booking, kind: str, *, at: datetime, **more: Any) -> None:
    """Write to the coach about a meeting; one without a sign-in looks at the firm's pages instead."""
    coach = await db.get(Coach, booking.coach_id)
    if coach is not None and coach.person_id is not None:
        await people.notify(db, coach.person_id, kind, _told(booking) | more, at=at)


def _told(booking: Booking) -> dict[str, Any]:
    told = {"booking_id": str(booking.id), "voucher_id": str(booking.voucher_id)}
    return told | {"starts_at": booking.starts_at.isoformat(), "way": booking.way, "place": booking.place}


def _of(order: Reservation) -> dict[str, Any]:
    named = {
        "procurer_id",
        "voucher_id",
        "person_id",
        "coach_id",
        "notice_hours",
        "late_uses",
        "no_show_uses",
    }
    return order.model_dump(include=named)


def _times(slot: Slot) -> dict[str, Any]:
    when = {"starts_at": slot.starts_at, "ends_at": slot.ends_at, "busy_until": slot.busy_until}
    return when | {"way": Way(slot.way), "place": slot.place}


def put(booking: Booking, slot: Slot) -> None:
    """Let a meeting be at another time."""
    for name, value in _times(slot).items():
        setattr(booking, name, value)


def a_booking(order: Reservation, slot: Slot, status: BookingStatus, **more: Any) -> Booking:
    """A meeting that is not yet kept."""
    return Booking(**_of(order), **_times(slot), status=status, **more)
