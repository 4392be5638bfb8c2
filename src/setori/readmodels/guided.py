"""One client as a service manager sees it: only what the consent allows, and never a note."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text

from setori.db import Database
from setori.errors import NotFound
from setori.guiding import Beside, Scope
from setori.texts import Texts


@dataclass(frozen=True, slots=True)
class GuidedVoucher:
    """A voucher of the client. What is left of it, and whom the client has chosen, only with the consent to see."""

    id: UUID
    programme_name: Texts
    service_id: UUID
    area_code: str
    status: str
    units: int | None
    units_used: int | None
    units_held: int | None
    expires_on: date
    coach_name: str | None
    provider_name: str | None
    is_bookable: bool
    can_choose: bool

    @property
    def units_left(self) -> int:
        """Sessions that can still be recorded."""
        return (self.units or 0) - (self.units_used or 0) - (self.units_held or 0)


@dataclass(frozen=True, slots=True)
class GuidedSession:
    """A recorded session: when, with whom and how it stands. What was written of it stays with those who wrote it."""

    service_on: date
    who: str
    status: str
    minutes: int | None


@dataclass(frozen=True, slots=True)
class GuidedMeeting:
    """A meeting to come, and whether the service manager sits in."""

    id: UUID
    starts_at: datetime
    way: str
    place: str
    coach_name: str
    is_attended: bool


@dataclass(frozen=True, slots=True)
class GuidedClient:
    """All that one page shows; what the consent does not allow is not read."""

    vouchers: list[GuidedVoucher]
    sessions: list[GuidedSession]
    meetings: list[GuidedMeeting]


async def find_client(db: Database, beside: Beside, *, at: datetime, on: date) -> GuidedClient:
    """What the consent allows to see of a client."""
    may = beside.scopes
    return GuidedClient(
        await _vouchers(db, beside, None, on=on) if may & {Scope.SEE, Scope.SHORTLIST, Scope.BOOK} else [],
        [GuidedSession(*row) for row in await _rows(db, SESSIONS, beside)] if Scope.SEE in may else [],
        await _meetings(db, beside, at) if may & {Scope.SEE, Scope.BOOK, Scope.ATTEND} else [],
    )


async def find_voucher(db: Database, beside: Beside, voucher_id: UUID, *, on: date) -> GuidedVoucher:
    """One voucher of the client. Raises NotFound."""
    found = await _vouchers(db, beside, voucher_id, on=on)
    if not found:
        raise NotFound
    return found[0]


async def _vouchers(
    db: Database, beside: Beside, voucher_id: UUID | None, *, on: date
) -> list[GuidedVoucher]:
    given = {
        "id": voucher_id,
        "day": on,
        "sees": Scope.SEE in beside.scopes,
        "books": bool(_any(beside.scopes, Scope.SEE, Scope.BOOK)),
    }
    return [GuidedVoucher(*row) for row in await _rows(db, VOUCHERS, beside, **given)]


async def _meetings(db: Database, beside: Beside, at: datetime) -> list[GuidedMeeting]:
    rows = await _rows(db, MEETINGS, beside, at=at, consent=beside.consent_id)
    return [GuidedMeeting(*row) for row in rows]


def _any(scopes: Collection[Scope], *wanted: Scope) -> bool:
    return any(scope in scopes for scope in wanted)


async def _rows(db: Database, statement: str, beside: Beside, **given: Any) -> list[Any]:
    await db.flush()
    connection = await db.connection()
    whose = {"client": beside.client.person_id, "procurer": beside.procurer_id}
    return list((await connection.execute(text(statement), whose | given)).all())


VOUCHERS = """
select v.id, p.name, v.service_id, o.area_code, v.status,
       case when :sees then v.units end, case when :sees then v.units_used end, case when :sees then v.units_held end,
       v.expires_on, case when :books then k.name end, case when :books then f.name end,
       v.status = 'chosen' and v.expires_on >= :day and c.coach_id is not null
         and exists (select from weekly_hours w where w.coach_id = c.coach_id),
       v.status in ('claimed', 'chosen') and v.expires_on >= :day
         and (v.units > v.units_used + v.units_held or c.id is null)
from voucher v
join programme p on p.id = v.programme_id
join organisation o on o.id = v.procurer_id
left join choice c on c.voucher_id = v.id and c.ended_at is null
left join coach k on k.id = c.coach_id
left join organisation f on f.id = c.provider_id
where v.person_id = :client and v.procurer_id = :procurer and v.status <> 'issued'
  and (cast(:id as uuid) is null or v.id = :id)
order by (v.status in ('claimed', 'chosen')) desc, v.id desc limit 30
"""

SESSIONS = """
select r.service_on, coalesce(k.name, f.name), r.status, r.minutes
from redemption r
join voucher v on v.id = r.voucher_id
join organisation f on f.id = r.provider_id
left join coach k on k.id = r.coach_id
where v.person_id = :client and v.procurer_id = :procurer
order by r.service_on desc, r.id desc limit 30
"""

MEETINGS = """
select b.id, b.starts_at, b.way, b.place, k.name,
       exists (select from sitting_in s where s.booking_id = b.id and s.consent_id = :consent)
from booking b join coach k on k.id = b.coach_id
where b.person_id = :client and b.procurer_id = :procurer and b.status = 'booked' and b.ends_at > :at
order by b.starts_at, b.id limit 30
"""
