"""Whom the public registers are to be asked about now: approved firms each night, applicants when they apply."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import text

from setori.db import Database


@dataclass(frozen=True, slots=True)
class FirmToAsk:
    """A firm, the offices whose turn it is, and the procurers who approve it on the day."""

    provider_id: UUID
    business_id: str
    offices: tuple[str, ...]
    procurer_ids: tuple[UUID, ...]


async def list_firms_to_ask(
    db: Database, offices: Sequence[str], *, on: date, at: datetime, limit: int = 50
) -> list[FirmToAsk]:
    """Firms with a Business ID that are approved or applying, whose night has come or who have told something new."""
    connection = await db.connection()
    given = {"offices": list(offices), "today": on, "now": at, "limit": limit}
    rows = (await connection.execute(text(DUE), given)).all()
    return [FirmToAsk(row.id, row.business_id, tuple(row.offices), tuple(row.procurers)) for row in rows]


DUE = """
with approved as (
  select provider_id, array_agg(distinct procurer_id) as procurers
  from approval where valid_during @> cast(:today as date) group by 1
), applying as (
  select provider_id, max(greatest(started_at, submitted_at)) as told_at
  from application where status not in ('approved', 'rejected', 'withdrawn') group by 1
), known as (
  select o.id, o.business_id, coalesce(a.procurers, '{}') as procurers, greatest(b.told_at, p.updated_at) as told_at
  from organisation o
  left join approved a on a.provider_id = o.id
  left join applying b on b.provider_id = o.id
  left join provider_profile p on p.provider_id = o.id
  where o.business_id is not null and (a.provider_id is not null or b.provider_id is not null)
)
select k.id, k.business_id, k.procurers, array_agg(w.office order by w.office) as offices
from known k cross join unnest(cast(:offices as text[])) w(office)
left join fact_asking a on a.provider_id = k.id and a.office = w.office
where a.provider_id is null or a.next_at <= :now or (a.failures = 0 and a.asked_at < k.told_at and k.told_at <= :now)
group by k.id, k.business_id, k.procurers
order by min(coalesce(a.next_at, '-infinity')), k.id limit :limit
"""
