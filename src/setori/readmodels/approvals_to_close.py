"""Approvals that Setori closes to new clients by itself: of firms that are gone, and without delivery for long."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import text

from setori.db import Database

WARNED_BEFORE_DAYS = 30
"""So long before it is closed for want of delivery a provider is warned."""


@dataclass(frozen=True, slots=True)
class Idle:
    """Approvals without a captured session: those to warn now, and those whose time after the warning is over."""

    to_warn: list[UUID]
    to_close: list[UUID]


async def list_gone(db: Database, answer: str, code: str, *, on: date) -> list[UUID]:
    """Approvals in force of firms of which the business register says this now.

    Silence changes nothing here: what counts is the last answer. What a registrar has opened again since the register
    said so is left open.
    """
    return [row.id for row in await _rows(db, GONE, answer=answer, code=code, day=on)]


async def list_idle(db: Database, *, on: date) -> Idle:
    """Approvals in force whose rulebook wants a captured session within some months, and that have had none.

    The months count from the last session, from the first day of the approval, or from when it was opened again.
    """
    rows = await _rows(db, IDLE, day=on, days=WARNED_BEFORE_DAYS)
    return Idle([row.id for row in rows if not row.is_warned], [row.id for row in rows if row.is_over])


async def _rows(db: Database, statement: str, **given: Any) -> Sequence[Any]:
    connection = await db.connection()
    return (await connection.execute(text(statement), given)).all()


GONE = """
select a.id from approval a
join business_fact f on f.provider_id = a.provider_id and f.is_current and f.kind = 'standing' and f.answer = :answer
where a.valid_during @> cast(:day as date)
  and not exists (select from pause p where p.approval_id = a.id and p.begun_by is null and p.code = :code
                    and p.until_on is not null and p.begun_at >= f.told_at)
order by a.id
"""

IDLE = """
with quiet as (
  select a.id, a.warned_on, b.no_delivery_months as months,
         greatest(lower(a.valid_during),
                  (select max(r.service_on) from redemption r
                    where r.procurer_id = a.procurer_id and r.provider_id = a.provider_id
                      and r.service_id = a.service_id and r.status = 'confirmed'),
                  (select max(p.until_on) from pause p where p.approval_id = a.id and p.code = 'no_delivery')) as since
  from approval a join rulebook b on b.id = a.rulebook_id
  where a.valid_during @> cast(:day as date) and b.no_delivery_months is not null
    and not exists (select from pause p where p.approval_id = a.id and p.code = 'no_delivery' and p.until_on is null)
), due as (
  select id, coalesce(warned_on > since, false) as is_warned, warned_on,
         (since + make_interval(months => months))::date as closes_on
  from quiet
)
select id, is_warned,
       is_warned and cast(:day as date) >= closes_on and cast(:day as date) >= warned_on + cast(:days as int) as is_over
from due where cast(:day as date) >= closes_on - cast(:days as int) order by id
"""
