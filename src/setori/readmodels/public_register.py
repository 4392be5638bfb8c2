"""The public register as data: firms with the history of their approvals, what they offer, and what has changed."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text

from setori.db import Database
from setori.texts import Texts


@dataclass(frozen=True, slots=True)
class PublicApproval:
    """An approval as anybody may know it; `ends_on` is the first day outside it."""

    id: UUID
    provider_id: UUID
    procurer_id: UUID
    procurer_name: str
    area_code: str | None
    service_id: UUID
    service_code: str
    service_name: Texts
    rulebook_id: UUID
    rulebook_version: int
    status: str
    new_clients: bool
    starts_on: date
    ends_on: date | None
    reason: str
    reason_code: str | None
    partners: list[dict[str, Any]]
    """Who delivers or has delivered under it beside the firm itself; `ends_on` is the first day outside."""


@dataclass(frozen=True, slots=True)
class PublicFirm:
    """A firm that is or was approved."""

    id: UUID
    name: str
    business_id: str | None
    foreign_register: str | None
    foreign_id: str | None
    is_sample: bool
    city: str
    website: str
    summary: Texts
    languages: list[str]
    approvals: tuple[PublicApproval, ...] = ()


@dataclass(frozen=True, slots=True)
class PublicOffering:
    """What a firm offers. `areas` are the codes and names of where; `is_open` whether it can be chosen anywhere."""

    id: UUID
    provider_id: UUID
    title: Texts
    summary: Texts
    service_code: str
    service_name: Texts
    price_cents: int
    unit: str
    minutes: int
    languages: list[str]
    ways: list[str]
    published_at: datetime
    areas: list[tuple[str, Texts]]
    is_open: bool
    is_suspended: bool
    deliverer_id: UUID
    deliverer_name: str


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """One thing that happened to an approval, for its firm's public page."""

    at: datetime
    what: str
    procurer_name: str
    service_name: Texts
    reason: str


async def list_history(db: Database, provider_id: UUID) -> list[HistoryRow]:
    """What has happened to a firm's approvals, from the audit trail, the newest first. Never by whom."""
    return [HistoryRow(*row) for row in await _rows(db, HISTORY, provider=provider_id)]


async def list_firms(
    db: Database, *, on: date, after: UUID | None = None, offset: int = 0, limit: int = 100
) -> list[PublicFirm]:
    """Firms by their id, which sorts by when they came: whoever comes while one pages is at the end."""
    found = await _rows(db, FIRMS, after=after, only=None, offset=offset, limit=limit)
    return await _with_approvals(db, found, on=on)


async def list_firms_by_id(db: Database, ids: Collection[UUID], *, on: date) -> dict[UUID, PublicFirm]:
    """These firms of the register."""
    found = await _rows(db, FIRMS, after=None, only=list(ids), offset=0, limit=len(ids))
    return {firm.id: firm for firm in await _with_approvals(db, found, on=on)}


async def find_firm(db: Database, provider_id: UUID, *, on: date) -> PublicFirm | None:
    """One firm of the register."""
    return (await list_firms_by_id(db, [provider_id], on=on)).get(provider_id)


async def count_firms(db: Database) -> int:
    """How many firms the register holds."""
    return int((await _rows(db, FIRM_COUNT))[0][0])


async def list_public_offerings(
    db: Database,
    *,
    on: date,
    only: UUID | None = None,
    provider_id: UUID | None = None,
    offset: int = 0,
    limit: int = 100,
) -> list[PublicOffering]:
    """What the firms of the register offer, by id."""
    found = await _rows(db, OFFERINGS, today=on, only=only, provider=provider_id, offset=offset, limit=limit)
    return [PublicOffering(*row) for row in found]


async def count_public_offerings(db: Database, *, provider_id: UUID | None = None) -> int:
    """How many offerings there are."""
    return int((await _rows(db, OFFERING_COUNT, provider=provider_id))[0][0])


async def _with_approvals(db: Database, found: Collection[Any], *, on: date) -> list[PublicFirm]:
    rows = await _rows(db, APPROVALS, today=on, firms=[row[0] for row in found])
    held: dict[UUID, list[PublicApproval]] = {}
    for row in rows:
        approval = PublicApproval(*row)
        held.setdefault(approval.provider_id, []).append(approval)
    return [replace(PublicFirm(*row), approvals=tuple(held.get(row[0], ()))) for row in found]


async def _rows(db: Database, sql: str, **given: Any) -> list[Any]:
    connection = await db.connection()
    return list((await connection.execute(text(sql), given)).all())


FIRMS = """
select o.id, o.name, o.business_id, o.foreign_register, o.foreign_id, o.is_sample, coalesce(p.city, ''),
       coalesce(p.website, ''), coalesce(p.summary, '{}'), coalesce(p.languages, '[]')
from organisation o left join provider_profile p on p.provider_id = o.id
where o.kind = 'provider' and exists (select from approval a where a.provider_id = o.id)
  and (cast(:only as uuid[]) is null or o.id = any(:only)) and (cast(:after as uuid) is null or o.id > :after)
order by o.id offset :offset limit :limit
"""

HISTORY = """
select e.at, e.action, q.name, s.name,
       case when e.action in ('approval.suspended', 'approval.ended') then a.closed_reason else '' end
from approval a
join audit_entry e on e.subject_id = a.id and e.action in (
  'approval.begun', 'approval.suspended', 'approval.ended', 'approval.paused', 'approval.resumed')
join organisation q on q.id = a.procurer_id
join service s on s.id = a.service_id
where a.provider_id = :provider
order by e.at desc, e.id desc limit 100
"""

FIRM_COUNT = "select count(distinct provider_id) from approval"

APPROVALS = """
select a.id, a.provider_id, a.procurer_id, q.name, q.area_code, a.service_id, s.code, s.name, a.rulebook_id, r.version,
       case when a.valid_during @> cast(:today as date) then 'in_force'
            when a.closed_as = 'suspended' then 'suspended' else 'ended' end,
       a.valid_during @> cast(:today as date) and not exists (
         select from pause u where u.approval_id = a.id and u.from_on <= :today
           and (u.until_on is null or u.until_on > :today)),
       lower(a.valid_during), upper(a.valid_during), a.closed_reason, a.closed_code,
       (select coalesce(json_agg(json_build_object('firm_id', f.id, 'name', f.name, 'business_id', f.business_id,
                 'part', p.part, 'task', p.task, 'share_percent', p.share_percent, 'starts_on', lower(p.during),
                 'ends_on', upper(p.during)) order by lower(p.during), p.id), '[]')
        from partner p join organisation f on f.id = p.firm_id where p.approval_id = a.id)
from approval a
join organisation q on q.id = a.procurer_id
join service s on s.id = a.service_id
join rulebook r on r.id = a.rulebook_id
where a.provider_id = any(cast(:firms as uuid[]))
order by a.provider_id, lower(a.valid_during), a.id
"""

OFFERINGS = """
select f.id, f.provider_id, f.title, f.summary, s.code, s.name, f.price_cents, f.unit, f.minutes, f.languages, f.ways,
       f.published_at,
       (select coalesce(json_agg(json_build_array(r.code, r.name) order by r.code), '[]')
        from offering_area x join area r on r.code = x.area_code where x.offering_id = f.id),
       exists (select from approval a where a.provider_id = f.provider_id and a.service_id = f.service_id
               and a.valid_during @> cast(:today as date)
               and (f.deliverer_id = f.provider_id or exists (select from partner p where p.approval_id = a.id
                 and p.firm_id = f.deliverer_id and p.during @> cast(:today as date)))),
       exists (select from approval a where a.provider_id = f.provider_id and a.service_id = f.service_id
               and a.closed_as = 'suspended'), d.id, d.name
from offering f join service s on s.id = f.service_id join organisation d on d.id = f.deliverer_id
where f.is_published and (cast(:only as uuid) is null or f.id = :only)
  and (cast(:provider as uuid) is null or f.provider_id = :provider)
  and exists (select from approval a where a.provider_id = f.provider_id)
order by f.id offset :offset limit :limit
"""

OFFERING_COUNT = """
select count(*) from offering f where f.is_published and (cast(:provider as uuid) is null or f.provider_id = :provider)
  and exists (select from approval a where a.provider_id = f.provider_id)
"""
