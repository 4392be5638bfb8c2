"""How approvals stand: for the procurer who gave them, for the provider who holds them, and for others to adopt."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import text

from setori.db import Database, Page, page_of
from setori.texts import Texts

PAGE = 25


@dataclass(frozen=True, slots=True)
class HeldApproval:
    """An approval that a provider holds, with the reason why it is closed to new clients, if it is."""

    id: UUID
    procurer_id: UUID
    procurer_name: str
    service_id: UUID
    service_name: Texts
    starts_on: date
    pause_code: str | None
    pause_reason: str | None
    places: int | None
    waiting_days: int | None
    is_idle: bool
    """Whether it is closed because nothing was delivered for long, so that one may ask to be opened again."""
    plea: str
    plea_reply: str
    conditions: str


@dataclass(frozen=True, slots=True)
class ClosedApproval:
    """An approval that a provider holds no more: suspended or ended, since when and why."""

    id: UUID
    procurer_name: str
    service_name: Texts
    starts_on: date
    ends_on: date
    status: str
    code: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """A provider approved by another procurer for a service that we have a rulebook for, and not by us."""

    approval_id: UUID
    provider_id: UUID
    provider_name: str
    business_id: str | None
    procurer_name: str
    service_name: Texts
    starts_on: date


@dataclass(frozen=True, slots=True)
class Given:
    """By whom an approval was given, since when, and on what conditions (none: nothing)."""

    procurer_name: str
    starts_on: date
    conditions: str


@dataclass(frozen=True, slots=True)
class Room:
    """What a provider says of its room for an area's people."""

    area_code: str
    places: int
    waiting_days: int


async def list_held(db: Database, provider_id: UUID, *, on: date) -> list[HeldApproval]:
    """The approvals in force of a provider, by procurer."""
    rows = await _rows(db, HELD, provider=provider_id, day=on)
    return [HeldApproval(*row) for row in rows]


async def list_closed(db: Database, provider_id: UUID, *, on: date) -> list[ClosedApproval]:
    """What a provider was suspended from or ended in the last two years and has not got back, the newest first."""
    return [ClosedApproval(*row) for row in await _rows(db, CLOSED, provider=provider_id, day=on)]


async def list_elsewhere(
    db: Database, procurer_id: UUID, *, on: date, q: str = "", after: UUID | None = None
) -> Page[Elsewhere]:
    """Whom others have approved and we could adopt, by the provider's name."""
    rows = await _rows(
        db, ELSEWHERE, procurer=procurer_id, day=on, q=f"%{_literal(q)}%", after=after, limit=PAGE + 1
    )
    found = [Elsewhere(*row) for row in rows]
    return page_of(found, [one.approval_id for one in found], PAGE)


async def find_elsewhere(db: Database, approval_id: UUID) -> Given:
    """By whom, since when and on what conditions an approval was given."""
    return Given(*(await _rows(db, GIVEN, id=approval_id))[0])


async def room_of(db: Database, provider_id: UUID, service_id: UUID, *, on: date) -> list[Room]:
    """What a provider says of its room for a service, where it is approved on a day and open to new clients."""
    rows = await _rows(db, ROOM, provider=provider_id, service=service_id, day=on)
    return [Room(*row) for row in rows]


async def list_rooms(
    db: Database, pairs: Sequence[tuple[UUID, UUID]], *, on: date
) -> dict[tuple[UUID, UUID], list[Room]]:
    """What providers say of their room, each for a service, as `room_of` has it. Who says nothing is left out."""
    found: dict[tuple[UUID, UUID], list[Room]] = {}
    given = {"providers": [one for one, _ in pairs], "services": [one for _, one in pairs]}
    for provider_id, service_id, *rest in await _rows(db, ROOMS, **given, day=on):
        found.setdefault((provider_id, service_id), []).append(Room(*rest))
    return found


def _literal(q: str) -> str:
    return q.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_").lower()


async def _rows(db: Database, statement: str, **given: Any) -> list[Any]:
    connection = await db.connection()
    return list((await connection.execute(text(statement), given)).all())


HELD = """
select a.id, o.id, o.name, s.id, s.name, lower(a.valid_during), q.code, q.reason, c.places, c.waiting_days,
       n.id is not null, coalesce(n.plea, ''), coalesce(n.plea_reply, ''), approval_conditions(a.id)
from approval a join organisation o on o.id = a.procurer_id join service s on s.id = a.service_id
left join lateral (select code, reason from pause q where q.approval_id = a.id and q.until_on is null
                   order by q.begun_at limit 1) q on true
left join pause n on n.approval_id = a.id and n.until_on is null and n.code = 'no_delivery'
left join capacity c on c.provider_id = a.provider_id and c.service_id = a.service_id and c.procurer_id = a.procurer_id
where a.provider_id = :provider and a.valid_during @> cast(:day as date)
order by o.name, s.id
"""

GIVEN = """
select o.name, lower(a.valid_during), approval_conditions(a.id)
from approval a join organisation o on o.id = a.procurer_id where a.id = :id
"""

CLOSED = """
select a.id, o.name, s.name, lower(a.valid_during), upper(a.valid_during), coalesce(a.closed_as, 'ended'),
       a.closed_code, a.closed_reason
from approval a join organisation o on o.id = a.procurer_id join service s on s.id = a.service_id
where a.provider_id = :provider and (a.closed_as is not null or upper(a.valid_during) <= cast(:day as date))
  and upper(a.valid_during) > cast(:day as date) - 730
  and not exists (select from approval b where b.provider_id = a.provider_id and b.procurer_id = a.procurer_id
                    and b.service_id = a.service_id and lower(b.valid_during) >= upper(a.valid_during))
order by upper(a.valid_during) desc, a.id limit 50
"""

ELSEWHERE = """
select a.id, f.id, f.name, f.business_id, o.name, s.name, lower(a.valid_during)
from approval a join organisation f on f.id = a.provider_id join organisation o on o.id = a.procurer_id
join service s on s.id = a.service_id
where a.valid_during @> cast(:day as date) and a.procurer_id <> :procurer
  and not exists (select from pause q where q.approval_id = a.id and q.until_on is null)
  and exists (select from rulebook r where r.procurer_id = :procurer and r.service_id = a.service_id
                and r.status = 'published')
  and not exists (select from approval b where b.procurer_id = :procurer and b.provider_id = a.provider_id
                    and b.service_id = a.service_id and b.valid_during @> cast(:day as date))
  and lower(f.name) like :q
  and (cast(:after as uuid) is null
       or (lower(f.name), a.id) > (select lower(g.name), b.id
                                     from approval b join organisation g on g.id = b.provider_id where b.id = :after))
order by lower(f.name), a.id limit :limit
"""

_ROOM = """
from capacity c join organisation o on o.id = c.procurer_id
join approval a on a.provider_id = c.provider_id and a.service_id = c.service_id and a.procurer_id = c.procurer_id
where a.valid_during @> cast(:day as date)
  and not exists (select from pause q where q.approval_id = a.id and q.until_on is null)
"""

ROOM = f"""
select o.area_code, c.places, c.waiting_days {_ROOM}
  and c.provider_id = :provider and c.service_id = :service
order by o.area_code
"""

ROOMS = f"""
select c.provider_id, c.service_id, o.area_code, c.places, c.waiting_days {_ROOM}
  and (c.provider_id, c.service_id) in (select * from unnest(cast(:providers as uuid[]), cast(:services as uuid[])))
order by o.area_code
"""
