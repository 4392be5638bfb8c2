"""Reading times: what is free, who meets whom, who waits, and what a calendar is told."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import func, or_
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from setori.booking import rules
from setori.booking.models import Booking, CalendarFeed, SpecialDay, WaitingPlace, WeeklyHours
from setori.booking.rules import BookingStatus, DayKind, Opening, Slot, Span, Special, Weekly
from setori.catalogue import Coach
from setori.days import local_day
from setori.errors import NotFound
from setori.people import PROVIDER_ROLES, Actor, Role

TAKEN = (BookingStatus.OFFERED, BookingStatus.BOOKED, BookingStatus.MET, BookingStatus.COACH_AWAY)
"""Times that are not free: a time that a coach called off stays closed."""

TO_RECORD = timedelta(days=7)
"""How long after a meeting its session is kept for it, though nobody has recorded it."""


@dataclass(frozen=True, slots=True)
class HoursView:
    """Hours of a week or of one day, as pages know them."""

    id: UUID
    weekday: int
    on_day: date | None
    kind: DayKind
    from_minute: int
    to_minute: int
    minutes: int
    buffer_minutes: int
    way: str | None
    place: str


async def find_coach(db: AsyncSession, coach_id: UUID, *, by: Actor) -> Coach:
    """A coach whose times somebody may keep: oneself, or one of the firm that one runs. Raises NotFound."""
    coach = await db.get(Coach, coach_id)
    if coach is None or not _may_keep(coach, by):
        raise NotFound
    return coach


async def list_hours(db: AsyncSession, coach_id: UUID) -> list[HoursView]:
    """A coach's weekly hours, from Monday on."""
    wanted = select(WeeklyHours).where(WeeklyHours.coach_id == coach_id)
    rows = await db.exec(wanted.order_by(col(WeeklyHours.weekday), col(WeeklyHours.from_minute)))
    return [
        HoursView(
            row.id,
            row.weekday,
            None,
            DayKind.EXTRA,
            row.from_minute,
            row.to_minute,
            row.minutes,
            row.buffer_minutes,
            row.way.value,
            row.place,
        )
        for row in rows.all()
    ]


async def list_special_days(db: AsyncSession, coach_id: UUID, *, since: date) -> list[HoursView]:
    """A coach's days that are otherwise, from a day on."""
    wanted = select(SpecialDay).where(SpecialDay.coach_id == coach_id, SpecialDay.on_day >= since)
    rows = await db.exec(wanted.order_by(col(SpecialDay.on_day), col(SpecialDay.from_minute)).limit(200))
    return [
        HoursView(
            row.id,
            row.on_day.isoweekday(),
            row.on_day,
            row.kind,
            row.from_minute,
            row.to_minute,
            row.minutes,
            row.buffer_minutes,
            row.way.value if row.way else None,
            row.place,
        )
        for row in rows.all()
    ]


async def list_free(
    db: AsyncSession,
    coach_ids: Collection[UUID],
    *,
    first: date,
    last: date,
    now: datetime,
    person_id: UUID | None = None,
    without: UUID | None = None,
) -> dict[UUID, list[Slot]]:
    """The free times of coaches from one day to another, in three queries however many coaches.

    With `person_id` what that person has elsewhere is left out; `without` is a meeting that does not count (it moves).
    """
    ids = list(coach_ids)
    weekly, specials = await _patterns(db, ids, first=first, last=last)
    if not weekly and not specials:
        return {coach_id: [] for coach_id in ids}
    taken, mine = await _taken(db, ids, first=first, last=last, person_id=person_id, without=without)
    return {
        coach_id: rules.free_slots(
            coach_id,
            weekly[coach_id],
            specials[coach_id],
            taken[coach_id],
            first=first,
            last=last,
            now=now,
            busy_elsewhere=mine,
        )
        for coach_id in ids
    }


async def earliest_free(db: AsyncSession, coach_ids: Collection[UUID], *, now: datetime) -> dict[UUID, Slot]:
    """The first free time of each coach who has one in the next four weeks."""
    today = local_day(now)
    free = await list_free(db, coach_ids, first=today, last=today + timedelta(days=28), now=now)
    return {coach_id: slots[0] for coach_id, slots in free.items() if slots}


async def first_times(
    db: AsyncSession, coach_ids: Collection[UUID] | None, now: datetime
) -> dict[UUID, datetime]:
    """When the first free time of each coach begins who has one in the next four weeks; None asks for all coaches."""
    today = local_day(now)
    last = today + timedelta(days=28)
    ids = list(coach_ids) if coach_ids is not None else await _with_hours(db, today)
    weekly, specials = await _patterns(db, ids, first=today, last=last)
    open_ = [coach_id for coach_id in ids if coach_id in weekly or coach_id in specials]
    if not open_:
        return {}
    taken, _ = await _taken(db, open_, first=today, last=last, person_id=None, without=None)
    found = {}
    for coach_id in open_:
        begins = rules.first_free(
            coach_id, weekly[coach_id], specials[coach_id], taken[coach_id], first=today, last=last, now=now
        )
        if begins is not None:
            found[coach_id] = begins
    return found


async def _with_hours(db: AsyncSession, on: date) -> list[UUID]:
    weekly = select(WeeklyHours.coach_id)
    days = select(SpecialDay.coach_id).where(SpecialDay.on_day >= on, SpecialDay.kind == DayKind.EXTRA)
    return list((await db.exec(weekly.union(days))).scalars().all())  # type: ignore[call-overload]


async def has_hours(db: AsyncSession, coach_ids: Collection[UUID], *, on: date) -> set[UUID]:
    """Which of the coaches take bookings at all."""
    if not coach_ids:
        return set()
    weekly = select(WeeklyHours.coach_id).where(col(WeeklyHours.coach_id).in_(coach_ids))
    days = select(SpecialDay.coach_id).where(
        col(SpecialDay.coach_id).in_(coach_ids), SpecialDay.on_day >= on, SpecialDay.kind == DayKind.EXTRA
    )
    return set((await db.exec(weekly.union(days))).scalars().all())  # type: ignore[call-overload]


async def find_booking(db: AsyncSession, booking_id: UUID, *, by: Actor, lock: bool = False) -> Booking:
    """A meeting of one's own, from either side. Raises NotFound."""
    wanted = (
        select(Booking, Coach).join(Coach, col(Coach.id) == Booking.coach_id).where(Booking.id == booking_id)
    )
    if lock:
        wanted = wanted.with_for_update(of=Booking)
    found = (await db.exec(wanted.execution_options(populate_existing=True))).first()
    if found is None:
        raise NotFound
    booking, coach = found
    if not (_is_client(booking, by) or _may_keep(coach, by)):
        raise NotFound
    return booking


async def count_live(
    db: AsyncSession, voucher_id: UUID, coach_id: UUID, *, at: datetime, without: UUID | None = None
) -> int:
    """How many meetings with a coach are booked for a voucher and not yet recorded; the coach has a week for that."""
    wanted = select(func.count()).where(
        Booking.voucher_id == voucher_id,
        Booking.coach_id == coach_id,
        Booking.status == BookingStatus.BOOKED,
        Booking.starts_at > at - TO_RECORD,
    )
    if without is not None:
        wanted = wanted.where(Booking.id != without)
    return int((await db.exec(wanted)).one())


async def place_in_line(db: AsyncSession, voucher_id: UUID) -> int | None:
    """How many stand before and with one in the line of a coach; None for those who do not wait."""
    mine = (
        await db.exec(
            select(WaitingPlace).where(
                WaitingPlace.voucher_id == voucher_id, col(WaitingPlace.left_at).is_(None)
            )
        )
    ).first()
    if mine is None:
        return None
    before = select(func.count()).where(
        WaitingPlace.coach_id == mine.coach_id,
        col(WaitingPlace.left_at).is_(None),
        or_(
            col(WaitingPlace.since_at) < mine.since_at,
            (col(WaitingPlace.since_at) == mine.since_at) & (col(WaitingPlace.id) <= mine.id),
        ),
    )
    return int((await db.exec(before)).one())


async def live_feed(db: AsyncSession, person_id: UUID) -> CalendarFeed | None:
    """The calendar address that a person has in use."""
    wanted = select(CalendarFeed).where(
        CalendarFeed.person_id == person_id, col(CalendarFeed.ended_at).is_(None)
    )
    return (await db.exec(wanted)).first()


async def find_feed(db: AsyncSession, token_hash: bytes) -> UUID:
    """Whose calendar an address is. Raises NotFound for one that is unknown or was ended."""
    wanted = select(CalendarFeed.person_id).where(
        CalendarFeed.token_hash == token_hash, col(CalendarFeed.ended_at).is_(None)
    )
    found = (await db.exec(wanted)).first()
    if found is None:
        raise NotFound
    return found


async def _patterns(
    db: AsyncSession, ids: list[UUID], *, first: date, last: date
) -> tuple[dict[UUID, list[Weekly]], dict[UUID, list[Special]]]:
    weekly: dict[UUID, list[Weekly]] = defaultdict(list)
    specials: dict[UUID, list[Special]] = defaultdict(list)
    for row in (await db.exec(select(WeeklyHours).where(col(WeeklyHours.coach_id).in_(ids)))).all():
        weekly[row.coach_id].append(Weekly(row.weekday, _opening(row, row.way.value)))
    days = select(SpecialDay).where(
        col(SpecialDay.coach_id).in_(ids), SpecialDay.on_day >= first, SpecialDay.on_day <= last
    )
    for day in (await db.exec(days)).all():
        opening = _opening(day, day.way.value) if day.way else None
        specials[day.coach_id].append(Special(day.on_day, day.kind, day.from_minute, day.to_minute, opening))
    return weekly, specials


def _opening(row: WeeklyHours | SpecialDay, way: str) -> Opening:
    return Opening(row.from_minute, row.to_minute, row.minutes, row.buffer_minutes, way, row.place)


async def _taken(
    db: AsyncSession,
    ids: list[UUID],
    *,
    first: date,
    last: date,
    person_id: UUID | None,
    without: UUID | None,
) -> tuple[dict[UUID, list[Span]], list[Span]]:
    whose = col(Booking.coach_id).in_(ids)
    wanted = select(Booking).where(
        or_(whose, col(Booking.person_id) == person_id) if person_id else whose,
        col(Booking.status).in_(TAKEN),
        Booking.starts_at < rules.instant_of(last + timedelta(days=1), 0),
        Booking.busy_until > rules.instant_of(first, 0),
    )
    taken: dict[UUID, list[Span]] = defaultdict(list)
    mine: list[Span] = []
    for one in (await db.exec(wanted)).all():
        if one.id == without:
            continue
        taken[one.coach_id].append(Span(one.starts_at, one.busy_until))
        if one.person_id == person_id and one.status is not BookingStatus.COACH_AWAY:
            mine.append(Span(one.starts_at, one.ends_at))
    return taken, mine


def _is_client(booking: Booking, by: Actor) -> bool:
    return by.is_client and booking.person_id == by.person_id


def _may_keep(coach: Coach, by: Actor) -> bool:
    if by.role not in PROVIDER_ROLES or coach.provider_id != by.organisation_id:
        return False
    return by.role is Role.PROVIDER_OWNER or coach.person_id == by.person_id


def coach_ids_of(bookings: Iterable[Booking]) -> list[UUID]:
    """The coaches of meetings, each once, in the order in which they are locked."""
    return sorted({booking.coach_id for booking in bookings})
