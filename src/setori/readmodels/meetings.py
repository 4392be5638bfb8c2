"""Meetings for both sides: who meets whom, when and where, what may still be done, and what a calendar is told."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text

from setori.booking import BookingStatus, is_late
from setori.db import Database
from setori.errors import NotFound
from setori.people import PROVIDER_ROLES, Actor, Role
from setori.texts import Texts


@dataclass(frozen=True, slots=True)
class Meeting:
    """A meeting as either side sees it. `session_status` is that of the session recorded for it, if there is one."""

    id: UUID
    voucher_id: UUID
    coach_id: UUID
    status: str
    starts_at: datetime
    ends_at: datetime
    way: str
    place: str
    sequence: int
    notice_hours: int
    late_uses: bool
    no_show_uses: bool
    arranged_at: datetime
    answer_by: datetime | None
    closed_at: datetime | None
    reason: str
    session_id: UUID | None
    session_status: str | None
    coach_name: str
    provider_name: str
    client_name: str
    service_name: Texts
    is_coachs: bool

    @property
    def is_booked(self) -> bool:
        """Whether it is to come, or to be recorded."""
        return self.status == BookingStatus.BOOKED

    @property
    def is_offered(self) -> bool:
        """Whether somebody who waits is asked."""
        return self.status == BookingStatus.OFFERED

    @property
    def minutes(self) -> int:
        """How long it lasts."""
        return int((self.ends_at - self.starts_at).total_seconds() // 60)

    @property
    def notice_ends_at(self) -> datetime:
        """Until when it can be called off in good time."""
        return self.starts_at - timedelta(hours=self.notice_hours)

    @property
    def counts_unmet(self) -> bool:
        """Whether it was missed or called off late, and the terms let that use a session that is not recorded yet."""
        uses = {BookingStatus.MISSED: self.no_show_uses, BookingStatus.CALLED_OFF_LATE: self.late_uses}
        return bool(uses.get(BookingStatus(self.status))) and self.session_id is None

    def is_ahead(self, now: datetime) -> bool:
        """Whether it has not begun."""
        return self.starts_at > now

    def is_late(self, now: datetime) -> bool:
        """Whether calling it off now would be late."""
        return is_late(self.starts_at, self.notice_hours, now=now)


@dataclass(frozen=True, slots=True)
class Bookable:
    """A voucher for which times can be booked: with whom, how many more, until when, and on which terms."""

    voucher_id: UUID
    coach_id: UUID
    coach_name: str
    provider_name: str
    offering_id: UUID
    units_left: int
    booked: int
    expires_on: date
    notice_hours: int
    late_uses: bool
    no_show_uses: bool

    @property
    def left(self) -> int:
        """Sessions that have no time yet."""
        return max(self.units_left - self.booked, 0)


@dataclass(frozen=True, slots=True)
class Timeless:
    """Somebody who has chosen a coach and has sessions left, and no time for any of them."""

    voucher_id: UUID
    person_id: UUID
    name: str
    email: str
    language: str
    coach_id: UUID
    expires_on: date


async def list_timeless(db: Database, *, on: date, limit: int = 60) -> list[Timeless]:
    """Who has a coach and no time, the latest chosen first."""
    connection = await db.connection()
    return [
        Timeless(*row)
        for row in (await connection.execute(text(TIMELESS), {"day": on, "limit": limit})).all()
    ]


async def list_ahead(db: Database, by: Actor, *, at: datetime) -> list[Meeting]:
    """A jobseeker's meetings and offers that are to come, the earliest first."""
    return await _meetings(db, MINE_AHEAD, person=by.person_id, at=at)


async def find(db: Database, booking_id: UUID, *, by: Actor) -> Meeting:
    """One meeting, from either side. Raises NotFound."""
    found = await _meetings(db, ONE, id=booking_id, **_whose(by))
    if not found:
        raise NotFound
    return found[0]


async def list_of_coach(db: Database, coach_id: UUID, first: datetime, until: datetime) -> list[Meeting]:
    """A coach's meetings between two instants, but for offers that came to nothing."""
    return await _meetings(db, OF_COACH, coach=coach_id, first=first, until=until)


async def list_of_desk(db: Database, by: Actor, *, first: datetime, until: datetime) -> list[Meeting]:
    """What a provider's person has between two instants, and what waits to be recorded from before."""
    since = first - timedelta(days=30)
    return await _meetings(db, OF_DESK, first=first, since=since, until=until, **_whose(by))


async def list_of_person(db: Database, person_id: UUID, first: datetime, until: datetime) -> list[Meeting]:
    """All meetings of a person in either role, for a calendar: also those called off, so that they leave it."""
    return await _meetings(db, OF_PERSON, person=person_id, first=first, until=until)


async def find_bookable(db: Database, by: Actor, voucher_id: UUID, *, at: datetime) -> Bookable:
    """A voucher of one's own that has a coach. Raises NotFound."""
    connection = await db.connection()
    given = {"person": by.person_id, "voucher": voucher_id, "since": at - timedelta(days=7)}
    row = (await connection.execute(text(BOOKABLE), given)).first()
    if row is None:
        raise NotFound
    return Bookable(*row)


def _whose(by: Actor) -> dict[str, Any]:
    """Which meetings somebody may see: a client one's own, a coach one's own, an owner those of the firm."""
    is_provider = by.role in PROVIDER_ROLES
    return {
        "client": by.person_id if by.is_client else None,
        "firm": by.organisation_id if is_provider else None,
        "coach": by.person_id if by.role is Role.COACH else None,
    }


async def _meetings(db: Database, where: str, **given: Any) -> list[Meeting]:
    await db.flush()
    connection = await db.connection()
    asked = given | {"viewer": given.get("person")}
    return [Meeting(*row) for row in (await connection.execute(text(MEETINGS + where), asked)).all()]


MEETINGS = """
select b.id, b.voucher_id, b.coach_id, b.status, b.starts_at, b.ends_at, b.way, b.place, b.sequence, b.notice_hours,
       b.late_uses, b.no_show_uses, b.arranged_at, b.answer_by, b.closed_at, b.reason, b.redemption_id, r.status,
       k.name, f.name, h.name, s.name, coalesce(k.person_id = cast(:viewer as uuid), false)
from booking b
join coach k on k.id = b.coach_id
join organisation f on f.id = k.provider_id
join person h on h.id = b.person_id
join voucher v on v.id = b.voucher_id
join service s on s.id = v.service_id
left join redemption r on r.id = b.redemption_id
"""

_SEEN = """(b.person_id = cast(:client as uuid)
            or (k.provider_id = cast(:firm as uuid)
                and (cast(:coach as uuid) is null or k.person_id = cast(:coach as uuid))))"""

ONE = f"where b.id = :id and {_SEEN}"

MINE_AHEAD = """
where b.person_id = :person and b.status in ('offered', 'booked') and b.ends_at > :at
order by b.starts_at, b.id limit 50
"""

OF_COACH = """
where b.coach_id = :coach and b.starts_at >= :first and b.starts_at < :until and b.status not in ('passed', 'released')
order by b.starts_at, b.id limit 200
"""

OF_DESK = f"""
where {_SEEN} and (
  (b.status = 'booked' and b.starts_at >= :since and b.starts_at < :until)
  or (b.redemption_id is null and b.closed_at >= :since
      and ((b.status = 'missed' and b.no_show_uses)
           or (b.status = 'called_off_late' and b.late_uses and b.starts_at < :first))))
order by b.starts_at, b.id limit 50
"""

OF_PERSON = """
where (b.person_id = :person or k.person_id = :person) and b.starts_at >= :first and b.starts_at < :until
  and b.status not in ('offered', 'passed')
order by b.starts_at, b.id limit 1000
"""

BOOKABLE = """
select v.id, k.id, k.name, f.name, c.offering_id, v.units - v.units_used - v.units_held,
       (select count(*)::int from booking b where b.voucher_id = v.id and b.coach_id = k.id and b.status = 'booked'
          and b.starts_at > :since),
       v.expires_on, t.notice_hours, t.late_cancel_uses, t.no_show_uses
from voucher v
join terms t on t.id = v.terms_id
join choice c on c.voucher_id = v.id and c.ended_at is null
join coach k on k.id = c.coach_id
join organisation f on f.id = k.provider_id
where v.id = :voucher and v.person_id = :person and v.status = 'chosen'
"""

TIMELESS = """
select v.id, h.id, h.name, h.email, h.language, c.coach_id, v.expires_on
from voucher v
join choice c on c.voucher_id = v.id and c.ended_at is null
join person h on h.id = v.person_id
where v.status = 'chosen' and v.units > v.units_used + v.units_held and v.expires_on > :day and c.coach_id is not null
  and exists (select from approval a where a.procurer_id = v.procurer_id and a.provider_id = c.provider_id
                and a.service_id = v.service_id and a.valid_during @> cast(:day as date))
  and not exists (select from booking b where b.voucher_id = v.id and b.status in ('offered', 'booked'))
order by c.chosen_at desc, v.id limit :limit
"""
