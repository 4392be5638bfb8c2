"""Reading what figures are made of, and the figures themselves."""

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from setori.figures.models import OutcomeFigure, PublishedFigure, RegisterOutcome
from setori.figures.rules import Client, Said, stratum_from


async def list_finished(db: AsyncSession, service_id: UUID) -> list[Client]:
    """Everybody who has finished in a service, once for each provider: the one that held most sessions on a voucher."""
    return [
        Client(provider_id, finished_on, stratum_from(need, unemployed, age), known, reached)
        for provider_id, finished_on, need, unemployed, age, known, reached in await _rows(
            db, FINISHED, service=service_id
        )
    ]


async def list_services_due(db: AsyncSession, on: date) -> list[UUID]:
    """The services in which an outcome of somebody may be known and was not counted today yet.

    Three months are 89 days at least.
    """
    return [row[0] for row in await _rows(db, DUE, today=on)]


async def list_months(db: AsyncSession) -> list[date]:
    """The months whose figures were published, the latest first."""
    return [row[0] for row in await _rows(db, "select month from figure_month order by month desc")]


async def find_taken_in(db: AsyncSession, provider_id: UUID, subject: str) -> dict[int, RegisterOutcome]:
    """What a register said of a provider's subject before, by months."""
    wanted = select(RegisterOutcome).where(
        RegisterOutcome.provider_id == provider_id, RegisterOutcome.subject == subject
    )
    return {one.months: one for one in (await db.exec(wanted)).all()}


async def list_register(db: AsyncSession, register_code: str) -> list[Any]:
    """A register's outcomes by months, provider and service: subjects, completed, reached, source."""
    return await _rows(db, REGISTER, register=register_code)


async def list_outcomes(db: AsyncSession) -> list[OutcomeFigure]:
    """All outcome figures, by provider and service."""
    wanted = select(OutcomeFigure).order_by(
        col(OutcomeFigure.provider_id), col(OutcomeFigure.service_id), col(OutcomeFigure.months)
    )
    return list((await db.exec(wanted)).all())


async def list_experiences(db: AsyncSession) -> dict[tuple[UUID, UUID], Said]:
    """What clients said of each provider in each service."""
    return {(row[0], row[1]): Said(*row[2:]) for row in await _rows(db, EXPERIENCES)}


async def list_told(db: AsyncSession) -> dict[tuple[UUID, UUID], list[PublishedFigure]]:
    """Everything that was ever published, by provider and service, the latest last."""
    found: dict[tuple[UUID, UUID], list[PublishedFigure]] = {}
    for row in (await db.exec(select(PublishedFigure).order_by(col(PublishedFigure.month)))).all():
        found.setdefault((row.provider_id, row.service_id), []).append(row)
    return found


async def _rows(db: AsyncSession, query: str, **given: Any) -> list[Any]:
    await db.flush()
    connection = await db.connection()
    return list((await connection.execute(text(query), given)).all())


# Nobody counts twice for a provider: what was recorded first stands, and how long anything is known to have lasted.
FINISHED = """
with held as (
  select r.voucher_id, r.provider_id, sum(r.units) as units, max(r.service_on) as last_on
  from redemption r join voucher v on v.id = r.voucher_id
  where r.status = 'confirmed' and v.service_id = :service and v.status in ('used', 'expired', 'cancelled')
  group by r.voucher_id, r.provider_id),
main as (
  select distinct on (voucher_id) voucher_id, provider_id, max(last_on) over (partition by voucher_id) as finished_on
  from held order by voucher_id, units desc, held.last_on desc, provider_id)
select m.provider_id, min(m.finished_on),
       (array_agg(v.support_need order by v.issued_at, v.id))[1],
       (array_agg(v.unemployed order by v.issued_at, v.id))[1],
       (array_agg(v.age_band order by v.issued_at, v.id))[1],
       coalesce(max(f.months), 0), coalesce(max(c.months), 0)
from main m
join voucher v on v.id = m.voucher_id
left join lateral (select max(months) as months from outcome_fee where terms_id = v.terms_id) f on true
left join lateral (
  select max(months) as months from outcome_claim where voucher_id = v.id and status = 'verified') c on true
group by m.provider_id, v.person_id
order by m.provider_id, v.person_id
"""

EXPERIENCES = """
select provider_id, service_id, respondents, shrunk, sd, invited, answered, counted_on
from experience where offering_id is null and respondents > 0
"""

REGISTER = """
select months, provider_id, service_id, count(*)::int, sum(completed)::int, sum(reached)::int, max(source)
from register_outcome where register_code = :register
group by months, provider_id, service_id order by months, provider_id, service_id
"""

DUE = """
select s.id from service s
where (exists (select from outcome_figure f where f.service_id = s.id)
       or exists (select from redemption r join voucher v on v.id = r.voucher_id
                  where v.service_id = s.id and r.status = 'confirmed' and r.service_on <= cast(:today as date) - 89
                    and v.status in ('used', 'expired', 'cancelled')
                    and exists (select from outcome_fee e where e.terms_id = v.terms_id)))
  and not exists (select from outcome_figure f where f.service_id = s.id and f.counted_on >= :today)
order by s.id
"""
