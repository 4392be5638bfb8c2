"""Why an offering cannot be chosen now: how the approvals behind it stand, area by area."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import text

from setori.db import Database


@dataclass(frozen=True, slots=True)
class Stand:
    """How the approval of one procurer stands under an offering.

    `state`: in_force, no_new_clients, not_partner (who delivers is not in the consortium), suspended, ended or none.
    `approval_id` and `since` (the first day on which it is so) are None where there is no approval.
    """

    offering_id: UUID
    procurer_name: str
    state: str
    approval_id: UUID | None
    since: date | None
    code: str | None


@dataclass(frozen=True, slots=True)
class Openness:
    """Where an offering can be chosen, and where its approval keeps it from that."""

    stands: list[Stand]

    @property
    def is_open(self) -> bool:
        """Whether the catalogue shows it in any area."""
        return any(one.state == "in_force" for one in self.stands)

    @property
    def obstacles(self) -> list[Stand]:
        """What stands in the way where the firm is or was approved."""
        return [one for one in self.stands if one.state not in ("in_force", "none")]


async def of_provider(db: Database, provider_id: UUID, *, on: date) -> dict[UUID, Openness]:
    """How it stands for every published offering of a provider."""
    return await _openness(db, provider_id, None, on)


async def of_offering(db: Database, offering_id: UUID, *, on: date) -> Openness:
    """How it stands for one offering."""
    return (await _openness(db, None, offering_id, on)).get(offering_id, Openness([]))


async def list_paused(db: Database, provider_id: UUID, *, on: date) -> set[UUID]:
    """The approvals of a provider that are closed to new clients on a day."""
    return {row.id for row in await _rows(db, PAUSED, provider=provider_id, day=on)}


async def _openness(
    db: Database, provider_id: UUID | None, offering_id: UUID | None, on: date
) -> dict[UUID, Openness]:
    found: dict[UUID, Openness] = {}
    for row in await _rows(db, STANDS, provider=provider_id, offering=offering_id, day=on):
        found.setdefault(row[0], Openness([])).stands.append(Stand(*row))
    return found


async def _rows(db: Database, statement: str, **given: Any) -> list[Any]:
    connection = await db.connection()
    return list((await connection.execute(text(statement), given)).all())


PAUSED = """
select distinct a.id from approval a join pause q on q.approval_id = a.id
where a.provider_id = :provider and a.valid_during @> cast(:day as date)
  and q.from_on <= cast(:day as date) and (q.until_on is null or q.until_on > cast(:day as date))
"""

# The approval that counts is the one of the day, else the latest there was.
STANDS = """
select f.id, coalesce(o.name, ''),
       case when a.id is null then 'none'
            when not a.is_now then coalesce(a.closed_as, 'ended')
            when not a.delivers then 'not_partner'
            when q.id is not null then 'no_new_clients' else 'in_force' end,
       a.id,
       case when not a.is_now then upper(a.valid_during) when a.delivers then q.from_on end,
       case when not a.is_now then a.closed_code when a.delivers then q.code end
from offering f
left join offering_area x on x.offering_id = f.id
left join organisation o on o.area_code = x.area_code and o.kind = 'procurer'
left join lateral (
  select b.id, b.valid_during, b.closed_as, b.closed_code, b.valid_during @> cast(:day as date) as is_now,
         f.deliverer_id = f.provider_id or exists (
           select from partner p where p.approval_id = b.id and p.firm_id = f.deliverer_id
             and p.during @> cast(:day as date)) as delivers
  from approval b
  where b.provider_id = f.provider_id and b.service_id = f.service_id and b.procurer_id = o.id
    and lower(b.valid_during) <= cast(:day as date)
  order by b.valid_during @> cast(:day as date) desc, lower(b.valid_during) desc limit 1) a on true
left join lateral (
  select u.id, u.code, u.from_on from pause u
  where u.approval_id = a.id and u.from_on <= cast(:day as date)
    and (u.until_on is null or u.until_on > cast(:day as date))
  order by u.from_on limit 1) q on true
where f.is_published and (cast(:provider as uuid) is null or f.provider_id = :provider)
  and (cast(:offering as uuid) is null or f.id = :offering)
order by f.id, o.name, o.id
"""
