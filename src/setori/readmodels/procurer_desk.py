"""What the procurer's people look at: budgets, vouchers, what waits for whom, and how a month adds up."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text

from setori.days import month_of
from setori.db import Database
from setori.errors import NotFound
from setori.texts import Texts

PAGE = 25


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many things wait for somebody at the procurer's desk. `own_drafts` were closed by whoever asks."""

    applications: int
    oldest_application_at: datetime | None
    rulebook_drafts: int
    in_force: int
    not_claimed: int
    not_chosen: int
    sessions: int
    disputed: int
    sampled: int
    ending: int
    months: int
    months_cents: int
    drafts: int
    drafts_cents: int
    own_drafts: int
    stopped: int
    breaks: int


@dataclass(frozen=True, slots=True)
class VoucherRow:
    """A voucher in a list: whose, in which state, how many sessions are left, with whom."""

    id: UUID
    person_name: str
    programme_name: Texts
    status: str
    units: int
    units_used: int
    units_held: int
    expires_on: date
    issued_at: datetime
    provider_name: str | None
    coach_name: str | None


@dataclass(frozen=True, slots=True)
class VoucherEvent:
    """One thing that happened to a voucher, for its timeline."""

    at: datetime
    what: str
    by: str | None
    units: int | None
    amount_cents: int | None
    reason: str


@dataclass(frozen=True, slots=True)
class VoucherPage:
    """A voucher as its case worker sees it."""

    row: VoucherRow
    person_id: UUID
    email: str
    phone: str
    language: str
    support_need: str | None
    unemployed: str | None
    age_band: str | None
    price_cap_cents: int
    value_cents: int
    left_cents: int
    held_cents: int
    issued_by: str
    service_name: Texts
    unit_minutes: int | None
    delivered_minutes: int
    events: tuple[VoucherEvent, ...]


@dataclass(frozen=True, slots=True)
class ApprovalPage:
    """An approval that may be suspended, with how many people have chosen the provider under it."""

    id: UUID
    provider_id: UUID
    provider_name: str
    service_id: UUID
    service_name: Texts
    starts_on: date
    ends_on: date | None
    chosen: int
    closed_as: str | None
    closed_code: str | None
    closed_reason: str
    conditions: str
    """In the words of the decision, also where the approval was adopted or has come back."""
    rulebook_id: UUID
    rulebook_title: Texts
    rulebook_version: int
    application_id: UUID | None


async def waiting(db: Database, procurer_id: UUID, *, person_id: UUID, on: date) -> Waiting:
    """What waits on a day, in one query."""
    given = {"procurer": procurer_id, "person": person_id, "today": on, "month": month_of(on)}
    return Waiting(*(await rows(db, WAITING, **given))[0])


async def list_vouchers(
    db: Database,
    procurer_id: UUID,
    *,
    status: str | None = None,
    q: str = "",
    before: UUID | None = None,
) -> tuple[list[VoucherRow], UUID | None]:
    """Vouchers, the newest first, and where the next page begins (None: this was the last)."""
    found = await rows(
        db,
        VOUCHERS,
        procurer=procurer_id,
        status=status,
        q=f"%{_literal(q)}%" if q else None,
        before=before,
        id=None,
        limit=PAGE + 1,
    )
    listed = [VoucherRow(*row[:11]) for row in found[:PAGE]]
    return listed, listed[-1].id if len(found) > PAGE else None


async def count_vouchers(db: Database, procurer_id: UUID) -> dict[str, int]:
    """How many vouchers there are in each state."""
    return dict(tuple(row) for row in await rows(db, VOUCHER_COUNTS, procurer=procurer_id))


async def find_voucher(db: Database, procurer_id: UUID, voucher_id: UUID) -> VoucherPage:
    """One voucher with all that happened to it. Raises NotFound for another procurer's."""
    found = await rows(
        db, VOUCHERS, procurer=procurer_id, status=None, q=None, before=None, id=voucher_id, limit=1
    )
    if not found:
        raise NotFound
    events = tuple(VoucherEvent(*row) for row in await rows(db, EVENTS, voucher=voucher_id))
    return VoucherPage(VoucherRow(*found[0][:11]), *(*found[0][11:], events))


async def count_applications(db: Database, procurer_id: UUID) -> dict[str, int]:
    """How many applications that were sent there are in each state."""
    return dict(tuple(row) for row in await rows(db, APPLICATION_COUNTS, procurer=procurer_id))


async def find_approval(db: Database, procurer_id: UUID, approval_id: UUID) -> ApprovalPage:
    """An approval with how many people it touches. Raises NotFound for another procurer's."""
    found = await rows(db, APPROVAL, procurer=procurer_id, id=approval_id)
    if not found:
        raise NotFound
    return ApprovalPage(*found[0])


async def list_services(db: Database) -> dict[UUID, Texts]:
    """The names of all services by id, in the order of their codes."""
    return dict(tuple(row) for row in await rows(db, "select id, name from service order by code"))


async def rows(db: Database, query: str, **given: Any) -> list[Any]:
    """The rows of one statement, for the read models of this desk."""
    await db.flush()
    connection = await db.connection()
    return list((await connection.execute(text(query), given)).all())


def _literal(q: str) -> str:
    return q.replace("\0", "").replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


WAITING = """
select a.n, a.oldest,
       (select count(*) from rulebook where procurer_id = :procurer and status = 'draft'),
       (select count(distinct provider_id) from approval
        where procurer_id = :procurer and valid_during @> cast(:today as date)),
       v.not_claimed, v.not_chosen,
       (select count(*) from redemption where procurer_id = :procurer and status = 'held'),
       (select count(*) from redemption where procurer_id = :procurer and status = 'disputed'),
       (select count(*) from redemption r where procurer_id = :procurer and is_sampled
          and not exists (select from sample_look l where l.redemption_id = r.id)),
       v.ending, c.months, c.cents, d.n, d.cents, d.own,
       (select count(*) from payment_order o join statement s on s.id = o.statement_id
        where o.procurer_id = :procurer and (o.status = 'frozen' or (o.status = 'failed' and s.status = 'draft'))),
       (select count(*) from report_line r left join statement s on substring(r.reference from 5) = s.number::text
        where r.break_reason <> '' and (s.procurer_id = :procurer or s.id is null))
from (select count(*) as n, min(submitted_at) as oldest from application
      where procurer_id = :procurer and status = 'submitted') a,
     (select count(*) filter (where status = 'issued') as not_claimed,
             count(*) filter (where status = 'claimed') as not_chosen,
             count(*) filter (where expires_on between cast(:today as date) and cast(:today as date) + 30) as ending
      from voucher where procurer_id = :procurer and status in ('issued', 'claimed', 'chosen')) v,
     (select count(distinct date_trunc('month', u.due_on))::int as months,
             coalesce(sum(u.amount_cents), 0)::bigint as cents
      from (
        select r.confirmed_on as due_on, r.amount_cents from redemption r
        where r.procurer_id = :procurer and r.status = 'confirmed' and r.confirmed_on < :month
          and not exists (select from statement_line l where l.redemption_id = r.id)
        union all
        select t.paid_on, t.amount_cents from outcome_step t
        where t.procurer_id = :procurer and t.undone is null and t.paid_on < :month
          and not exists (select from statement_line l where l.outcome_step_id = t.id)) u) c,
     (select count(*) as n, coalesce(sum(total_cents), 0)::bigint as cents,
             count(*) filter (where closed_by = :person) as own
      from statement where procurer_id = :procurer and status = 'draft') d
"""

VOUCHERS = """
select v.id, h.name, p.name, v.status, v.units, v.units_used, v.units_held, v.expires_on, v.issued_at,
       o.name, k.name, h.id, coalesce(h.email, ''), coalesce(h.phone, ''), h.language,
       v.support_need, v.unemployed, v.age_band, v.price_cap_cents, v.value_cents, a.credits - a.debits - a.held,
       a.held, w.name, s.name, c.unit_minutes,
       (select coalesce(sum(coalesce(r.minutes, r.units * d.unit_minutes)), 0)::int from redemption r
        join choice d on d.id = r.choice_id
        where r.voucher_id = v.id and r.status in ('held', 'disputed', 'confirmed'))
from voucher v
join service s on s.id = v.service_id
join person h on h.id = v.person_id
join programme p on p.id = v.programme_id
join account a on a.id = v.id
join person w on w.id = v.issued_by
left join choice c on c.voucher_id = v.id and c.ended_at is null
left join organisation o on o.id = c.provider_id
left join coach k on k.id = c.coach_id
where v.procurer_id = :procurer
  and (cast(:status as text) is null or v.status = :status)
  and (cast(:q as text) is null or h.name ilike :q or h.email ilike :q or h.phone ilike :q)
  and (cast(:before as uuid) is null or v.id < :before)
  and (cast(:id as uuid) is null or v.id = :id)
order by v.id desc limit :limit
"""

EVENTS = """
select * from (
  select v.issued_at as at, 'issued' as what, w.name as by, v.units, v.value_cents, '' as reason
  from voucher v join person w on w.id = v.issued_by where v.id = :voucher
  union all
  select v.claimed_at, 'claimed', null, null, null, '' from voucher v
  where v.id = :voucher and v.claimed_at is not null
  union all
  select c.chosen_at, 'chosen', o.name, null, c.unit_price_cents, '' from choice c
  join organisation o on o.id = c.provider_id where c.voucher_id = :voucher
  union all
  select r.recorded_at, 'recorded', w.name, r.units, r.amount_cents, '' from redemption r
  join person w on w.id = r.recorded_by where r.voucher_id = :voucher
  union all
  select r.resolved_at, r.status, w.name, r.units, r.amount_cents, r.reason from redemption r
  left join person w on w.id = r.resolved_by where r.voucher_id = :voucher and r.resolved_at is not null
  union all
  select e.at, 'extended', w.name, null, null, coalesce(e.detail ->> 'reason', '') from audit_entry e
  left join person w on w.id = e.by_id where e.subject_id = :voucher and e.action = 'voucher.extend'
  union all
  select c.ended_at, 'left', o.name, null, null, c.left_words from choice c
  join organisation o on o.id = c.provider_id where c.voucher_id = :voucher and c.left_because is not null
  union all
  select d.opened_at, 'disputed', null, null, null, d.client_words from dispute d
  join redemption r on r.id = d.redemption_id where r.voucher_id = :voucher
  union all
  select v.closed_at, v.status, w.name, null, null, coalesce(n.detail ->> 'reason', '') from voucher v
  left join audit_entry n on n.subject_id = v.id and n.action = 'voucher.cancel'
  left join person w on w.id = n.by_id
  where v.id = :voucher and v.closed_at is not null
) e order by at
"""

VOUCHER_COUNTS = """
select status, count(*)::int from voucher where procurer_id = :procurer group by status
"""

APPROVAL = """
select a.id, o.id, o.name, s.id, s.name, lower(a.valid_during), upper(a.valid_during),
       (select count(distinct c.voucher_id) from choice c join voucher v on v.id = c.voucher_id
        where c.procurer_id = a.procurer_id and c.provider_id = a.provider_id and c.ended_at is null
          and v.service_id = a.service_id and v.status = 'chosen')::int,
       a.closed_as, a.closed_code, a.closed_reason, approval_conditions(a.id),
       r.id, r.title, r.version, a.application_id
from approval a join organisation o on o.id = a.provider_id join service s on s.id = a.service_id
join rulebook r on r.id = a.rulebook_id
where a.procurer_id = :procurer and a.id = :id
"""

APPLICATION_COUNTS = """
select status, count(*)::int from application
where procurer_id = :procurer and submitted_at is not null group by status
"""
