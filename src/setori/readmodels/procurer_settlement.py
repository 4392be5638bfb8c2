"""The procurer's money: what is to be closed, statements with their payments, and how a month adds up."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from setori.days import last_day
from setori.db import Database
from setori.errors import NotFound
from setori.readmodels.procurer_desk import PAGE, rows


@dataclass(frozen=True, slots=True)
class MonthToClose:
    """A month with confirmed sessions and outcome fees of a provider that no statement holds yet."""

    month: date
    provider_id: UUID
    provider_name: str
    sessions: int
    fees: int
    total_cents: int


@dataclass(frozen=True, slots=True)
class Owed:
    """What closing a month would put into a provider's statement; `earlier` sessions are of months before it.

    The provider owes `owing_cents` for fees that were taken back; so much is kept as the total reaches.
    """

    provider_id: UUID
    provider_name: str
    sessions: int
    earlier: int
    total_cents: int
    fees: int
    owing_cents: int

    @property
    def to_pay_cents(self) -> int:
        """What the statement would pay."""
        return max(self.total_cents - self.owing_cents, 0)


@dataclass(frozen=True, slots=True)
class StatementRow:
    """A statement in a list, with the state of its payment in words. `line_count` are its sessions."""

    id: UUID
    number: int
    month: date
    provider_name: str
    status: str
    payment_status: str | None
    payment_reason: str
    line_count: int
    total_cents: int
    closed_by: str
    closed_by_id: UUID
    approved_by: str | None


@dataclass(frozen=True, slots=True)
class MonthSum:
    """A settled month three times: by its lines and offsets, the ledger, and the gateway's report. They must agree."""

    month: date
    statements: int
    sessions_cents: int
    ledger_cents: int
    paid_cents: int
    reported_cents: int
    waiting: int

    @property
    def is_reconciled(self) -> bool:
        """Whether all three say the same and nothing waits."""
        sums = {self.sessions_cents, self.ledger_cents, self.paid_cents, self.reported_cents}
        return len(sums) == 1 and self.waiting == 0


@dataclass(frozen=True, slots=True)
class Break:
    """A line of the gateway's report that matches nothing of ours, and why."""

    id: str
    amount_cents: int
    reference: str
    booked_on: date
    reason: str


@dataclass(frozen=True, slots=True)
class OrderRow:
    """A payment order, with when each thing happened to it."""

    id: UUID
    status: str
    amount_cents: int
    iban_end: str
    reference: str
    created_at: datetime
    first_sent_at: datetime | None
    paid_at: datetime | None
    matched_on: date | None
    attempts: int
    reason: str


@dataclass(frozen=True, slots=True)
class StatementPage:
    """A statement as finance and approvers see it. `iban_end` is what the provider's account ends in now."""

    row: StatementRow
    provider_id: UUID
    closed_at: datetime
    approved_at: datetime | None
    iban_end: str
    orders: tuple[OrderRow, ...]

    @property
    def is_moving(self) -> bool:
        """Whether its payment is on the way, so that the page is worth looking at again."""
        return bool(self.orders) and self.orders[0].status in (
            "queued",
            "sending",
            "submitted",
            "unknown",
            "paid",
        )


async def list_months_to_close(db: Database, procurer_id: UUID, *, before: date) -> list[MonthToClose]:
    """Confirmed sessions without a statement in months that are over, by month and provider."""
    return [MonthToClose(*row) for row in await rows(db, TO_CLOSE, procurer=procurer_id, before=before)]


async def list_owed(
    db: Database, procurer_id: UUID, month: date, provider_id: UUID | None = None
) -> list[Owed]:
    """What closing a month that is over would make statements of, by provider; of one provider when it is named."""
    given = {"procurer": procurer_id, "month": month, "until": last_day(month), "provider": provider_id}
    return [Owed(*row) for row in await rows(db, OWED, **given)]


async def list_closed(
    db: Database, procurer_id: UUID, month: date, provider_id: UUID | None = None
) -> list[StatementRow]:
    """The statements that a month was closed into, by provider; of one provider when it is named."""
    given = {"procurer": procurer_id, "status": None, "after": None, "id": None, "limit": None}
    found = [
        row for row in await rows(db, STATEMENTS, **given, month=month) if provider_id in (None, row[12])
    ]
    return sorted((StatementRow(*row[:12]) for row in found), key=lambda row: row.provider_name)


async def list_statements(
    db: Database, procurer_id: UUID, *, status: str | None = None, after: int | None = None
) -> tuple[list[StatementRow], int | None]:
    """Statements, the newest first, and the number after which the next page begins."""
    given = {
        "procurer": procurer_id,
        "status": status,
        "after": after,
        "id": None,
        "month": None,
        "limit": PAGE + 1,
    }
    found = await rows(db, STATEMENTS, **given)
    listed = [StatementRow(*row[:12]) for row in found[:PAGE]]
    return listed, listed[-1].number if len(found) > PAGE else None


async def count_statements(db: Database, procurer_id: UUID) -> dict[str, int]:
    """How many statements there are in each state."""
    return dict(tuple(row) for row in await rows(db, STATEMENT_COUNTS, procurer=procurer_id))


async def find_statement(db: Database, procurer_id: UUID, statement_id: UUID) -> StatementPage:
    """A statement with its payment orders. Raises NotFound for another procurer's."""
    given = {
        "procurer": procurer_id,
        "status": None,
        "after": None,
        "id": statement_id,
        "month": None,
        "limit": 1,
    }
    found = await rows(db, STATEMENTS, **given)
    if not found:
        raise NotFound
    orders = tuple(OrderRow(*row) for row in await rows(db, ORDERS, statement=statement_id))
    return StatementPage(StatementRow(*found[0][:12]), *(*found[0][12:], orders))


async def list_months(db: Database, procurer_id: UUID) -> list[MonthSum]:
    """Each settled month as sessions, ledger and payments say it, the newest first."""
    return [MonthSum(*row) for row in await rows(db, MONTHS, procurer=procurer_id)]


async def list_breaks(db: Database, procurer_id: UUID) -> list[Break]:
    """Report lines that match nothing of ours, the newest first. The gateway is one for all procurers: a line with the
    reference of another procurer's statement is not shown, one that nobody knows is shown to all."""
    return [Break(*row) for row in await rows(db, BREAKS, procurer=procurer_id)]


TO_CLOSE = """
select date_trunc('month', d.due_on)::date as month, d.provider_id, o.name, count(*) filter (where d.is_session)::int,
       count(*) filter (where not d.is_session)::int, sum(d.amount_cents)::bigint
from (
  select r.provider_id, r.confirmed_on as due_on, r.amount_cents, true as is_session from redemption r
  where r.procurer_id = :procurer and r.status = 'confirmed' and r.confirmed_on < :before
    and not exists (select from statement_line l where l.redemption_id = r.id)
  union all
  select t.provider_id, t.paid_on, t.amount_cents, false from outcome_step t
  where t.procurer_id = :procurer and t.undone is null and t.paid_on < :before
    and not exists (select from statement_line l where l.outcome_step_id = t.id)) d
join organisation o on o.id = d.provider_id
group by 1, 2, 3 order by 1, 3
"""

# The same sessions and outcome fees that `close_period` takes.
OWED = """
select d.provider_id, o.name, count(*) filter (where d.is_session)::int,
       count(*) filter (where d.is_session and d.due_on < :month)::int, sum(d.amount_cents)::bigint,
       count(*) filter (where not d.is_session)::int, w.cents
from (
  select r.provider_id, r.confirmed_on as due_on, r.amount_cents, true as is_session from redemption r
  where r.procurer_id = :procurer and r.status = 'confirmed' and r.confirmed_on <= :until
    and not exists (select from statement_line l where l.redemption_id = r.id)
  union all
  select t.provider_id, t.paid_on, t.amount_cents, false from outcome_step t
  where t.procurer_id = :procurer and t.undone is null and t.paid_on <= :until
    and not exists (select from statement_line l where l.outcome_step_id = t.id)) d
join organisation o on o.id = d.provider_id
cross join lateral (
  select coalesce(sum(t.amount_cents - coalesce(
           (select sum(k.amount_cents) from statement_offset k where k.outcome_step_id = t.id), 0)), 0)::bigint as cents
  from outcome_step t
  where t.procurer_id = :procurer and t.provider_id = d.provider_id and t.undone = 'clawed_back') w
where (cast(:provider as uuid) is null or d.provider_id = :provider)
  and not exists (select from statement s where s.procurer_id = :procurer
                    and s.provider_id = d.provider_id and s.month >= :month)
group by d.provider_id, o.name, w.cents order by 2
"""

STATEMENTS = """
select s.id, s.number, s.month, o.name, s.status, p.status, coalesce(p.reason, ''),
       (select count(*) from statement_line l where l.statement_id = s.id and l.redemption_id is not null)::int,
       s.total_cents,
       c.name, s.closed_by, a.name, s.provider_id, s.closed_at, s.approved_at, coalesce(right(f.iban, 4), '')
from statement s
join organisation o on o.id = s.provider_id
join person c on c.id = s.closed_by
left join person a on a.id = s.approved_by
left join provider_profile f on f.provider_id = s.provider_id
left join lateral (
  select status, reason from payment_order where statement_id = s.id order by id desc limit 1) p on true
where s.procurer_id = :procurer
  and (cast(:status as text) is null or s.status = :status)
  and (cast(:after as int) is null or s.number < :after)
  and (cast(:id as uuid) is null or s.id = :id)
  and (cast(:month as date) is null or s.month = :month)
order by s.number desc limit cast(:limit as int)
"""

STATEMENT_COUNTS = """
select status, count(*)::int from statement where procurer_id = :procurer group by status
"""

ORDERS = """
select o.id, o.status, o.amount_cents, right(o.creditor_iban, 4), o.reference, o.created_at, o.first_sent_at, o.paid_at,
       r.booked_on, o.attempts, o.reason
from payment_order o left join report_line r on r.payment_order_id = o.id
where o.statement_id = :statement order by o.id desc
"""

MONTHS = """
select s.month, count(*)::int, coalesce(sum(l.total), 0)::bigint, coalesce(sum(j.settled), 0)::bigint,
       coalesce(sum(j.paid), 0)::bigint, coalesce(sum(j.reported), 0)::bigint,
       count(*) filter (where s.status not in ('matched', 'offset'))::int
from statement s
left join lateral (
  select sum(coalesce(r.amount_cents, t.amount_cents)) - s.offset_cents as total from statement_line l
  left join redemption r on r.id = l.redemption_id left join outcome_step t on t.id = l.outcome_step_id
  where l.statement_id = s.id) l on true
left join lateral (
  select sum(case p.kind when 'settle' then p.amount when 'unsettle' then -p.amount end) as settled,
         sum(case p.kind when 'pay' then p.amount end) as paid,
         (select sum(t.amount_cents) from report_line t join payment_order o on o.id = t.payment_order_id
          where o.statement_id = s.id) as reported
  from payment_order o join posting p on p.reference_id = o.id where o.statement_id = s.id) j on true
where s.procurer_id = :procurer
group by s.month order by s.month desc limit 24
"""

BREAKS = """
select r.id, r.amount_cents, r.reference, r.booked_on, r.break_reason from report_line r
left join statement s on substring(r.reference from 5) = s.number::text
where r.break_reason <> '' and (s.procurer_id = :procurer or s.id is null)
order by r.booked_on desc, r.id limit 100
"""
