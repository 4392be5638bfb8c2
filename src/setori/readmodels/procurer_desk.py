"""What the procurer's people look at: budgets, vouchers, what waits for whom, and how a month adds up."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text

from setori.db import Database
from setori.errors import NotFound
from setori.texts import Texts

PAGE = 25


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many things wait for somebody at the procurer's desk."""

    applications: int
    drafts: int
    sessions: int
    not_chosen: int
    breaks: int


@dataclass(frozen=True, slots=True)
class ProgrammeRow:
    """A programme with its money in cents: granted = free + on_vouchers + used; `returned` has come back to free."""

    id: UUID
    name: Texts
    service_name: Texts
    units: int
    price_cap_cents: int
    validity_days: int
    is_open: bool
    granted: int
    free: int
    on_vouchers: int
    used: int
    returned: int
    voucher_count: int


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
    email: str
    value_cents: int
    left_cents: int
    held_cents: int
    issued_by: str
    events: tuple[VoucherEvent, ...]


@dataclass(frozen=True, slots=True)
class MonthToClose:
    """A month with confirmed sessions of a provider that no statement holds yet."""

    month: date
    provider_id: UUID
    provider_name: str
    sessions: int
    total_cents: int


@dataclass(frozen=True, slots=True)
class StatementRow:
    """A statement in a list, with the state of its payment in words."""

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
    """A settled month three times: by its sessions, the ledger and the gateway's report. They must agree."""

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


async def waiting(db: Database, procurer_id: UUID) -> Waiting:
    """What waits, in one query."""
    row = (await _rows(db, WAITING, procurer=procurer_id))[0]
    return Waiting(*row)


async def list_programmes(db: Database, procurer_id: UUID) -> list[ProgrammeRow]:
    """All programmes of a procurer with their money, open ones first."""
    return [ProgrammeRow(*row) for row in await _rows(db, PROGRAMMES, procurer=procurer_id)]


async def list_vouchers(
    db: Database,
    procurer_id: UUID,
    *,
    status: str | None = None,
    q: str = "",
    before: UUID | None = None,
) -> tuple[list[VoucherRow], UUID | None]:
    """Vouchers, the newest first, and where the next page begins (None: this was the last)."""
    rows = await _rows(
        db,
        VOUCHERS,
        procurer=procurer_id,
        status=status,
        q=f"%{_literal(q)}%" if q else None,
        before=before,
        id=None,
        limit=PAGE + 1,
    )
    listed = [VoucherRow(*row[:11]) for row in rows[:PAGE]]
    return listed, listed[-1].id if len(rows) > PAGE else None


async def find_voucher(db: Database, procurer_id: UUID, voucher_id: UUID) -> VoucherPage:
    """One voucher with all that happened to it. Raises NotFound for another procurer's."""
    rows = await _rows(
        db, VOUCHERS, procurer=procurer_id, status=None, q=None, before=None, id=voucher_id, limit=1
    )
    if not rows:
        raise NotFound
    events = [VoucherEvent(*row) for row in await _rows(db, EVENTS, voucher=voucher_id)]
    email, value, left, held, issued_by = rows[0][11:]
    return VoucherPage(VoucherRow(*rows[0][:11]), email, value, left, held, issued_by, tuple(events))


async def list_months_to_close(db: Database, procurer_id: UUID, *, before: date) -> list[MonthToClose]:
    """Confirmed sessions without a statement in months that are over, by month and provider."""
    return [MonthToClose(*row) for row in await _rows(db, TO_CLOSE, procurer=procurer_id, before=before)]


async def list_statements(
    db: Database, procurer_id: UUID, *, status: str | None = None, after: int | None = None
) -> tuple[list[StatementRow], int | None]:
    """Statements, the newest first, and the number after which the next page begins."""
    rows = await _rows(db, STATEMENTS, procurer=procurer_id, status=status, after=after, limit=PAGE + 1)
    listed = [StatementRow(*row) for row in rows[:PAGE]]
    return listed, listed[-1].number if len(rows) > PAGE else None


async def list_months(db: Database, procurer_id: UUID) -> list[MonthSum]:
    """Each settled month as sessions, ledger and payments say it, the newest first."""
    return [MonthSum(*row) for row in await _rows(db, MONTHS, procurer=procurer_id)]


async def list_breaks(db: Database) -> list[Break]:
    """Report lines that match nothing, the newest first; the gateway is one for all procurers."""
    return [Break(*row) for row in await _rows(db, BREAKS)]


async def _rows(db: Database, statement: str, **given: Any) -> list[Any]:
    connection = await db.connection()
    return list((await connection.execute(text(statement), given)).all())


def _literal(q: str) -> str:
    return q.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


WAITING = """
select (select count(*) from application where procurer_id = :procurer and status = 'submitted'),
       (select count(*) from statement where procurer_id = :procurer and status = 'draft'),
       (select count(*) from redemption where procurer_id = :procurer and status = 'held'),
       (select count(*) from voucher where procurer_id = :procurer and status = 'claimed'),
       (select count(*) from report_line where break_reason <> '')
"""

PROGRAMMES = """
select p.id, p.name, s.name, p.units, p.price_cap_cents, p.validity_days, p.is_open,
       coalesce(b.credits, 0) - coalesce(m.returned, 0) - coalesce(m.cut, 0),
       coalesce(b.credits - b.debits, 0), coalesce(v.free, 0),
       coalesce(m.issued, 0) - coalesce(m.returned, 0) - coalesce(v.free, 0),
       coalesce(m.returned, 0), coalesce(v.n, 0)
from programme p
join service s on s.id = p.service_id
left join account b on b.procurer_id = p.procurer_id and b.kind = 'budget' and b.owner_id = p.id
left join lateral (
  select sum(amount) filter (where kind = 'return') as returned, sum(amount) filter (where kind = 'issue') as issued,
         sum(amount) filter (where kind = 'deappropriate') as cut
  from posting where (credit_id = b.id and kind = 'return') or (debit_id = b.id and kind in ('issue', 'deappropriate'))
) m on true
left join lateral (
  select count(*) as n, sum(a.credits - a.debits) as free
  from voucher v join account a on a.id = v.id where v.programme_id = p.id) v on true
where p.procurer_id = :procurer
order by p.is_open desc, p.id
"""

VOUCHERS = """
select v.id, h.name, p.name, v.status, v.units, v.units_used, v.units_held, v.expires_on, v.issued_at,
       o.name, k.name, h.email, v.value_cents, a.credits - a.debits - a.held, a.held, w.name
from voucher v
join person h on h.id = v.person_id
join programme p on p.id = v.programme_id
join account a on a.id = v.id
join person w on w.id = v.issued_by
left join choice c on c.voucher_id = v.id and c.ended_at is null
left join organisation o on o.id = c.provider_id
left join coach k on k.id = c.coach_id
where v.procurer_id = :procurer
  and (cast(:status as text) is null or v.status = :status)
  and (cast(:q as text) is null or h.name ilike :q or h.email ilike :q)
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
  select v.closed_at, v.status, null, null, null, '' from voucher v
  where v.id = :voucher and v.closed_at is not null
) e order by at
"""

TO_CLOSE = """
select date_trunc('month', r.confirmed_on)::date as month, r.provider_id, o.name, count(*)::int,
       sum(r.amount_cents)::bigint
from redemption r join organisation o on o.id = r.provider_id
where r.procurer_id = :procurer and r.status = 'confirmed' and r.confirmed_on < :before
  and not exists (select from statement_line l where l.redemption_id = r.id)
group by 1, 2, 3 order by 1, 3
"""

STATEMENTS = """
select s.id, s.number, s.month, o.name, s.status, p.status, coalesce(p.reason, ''), s.line_count, s.total_cents,
       c.name, s.closed_by, a.name
from statement s
join organisation o on o.id = s.provider_id
join person c on c.id = s.closed_by
left join person a on a.id = s.approved_by
left join lateral (
  select status, reason from payment_order where statement_id = s.id order by id desc limit 1) p on true
where s.procurer_id = :procurer
  and (cast(:status as text) is null or s.status = :status)
  and (cast(:after as int) is null or s.number < :after)
order by s.number desc limit :limit
"""

MONTHS = """
select s.month, count(*)::int, coalesce(sum(l.total), 0)::bigint, coalesce(sum(j.settled), 0)::bigint,
       coalesce(sum(j.paid), 0)::bigint, coalesce(sum(j.reported), 0)::bigint,
       count(*) filter (where s.status <> 'matched')::int
from statement s
left join lateral (
  select sum(r.amount_cents) as total from statement_line l join redemption r on r.id = l.redemption_id
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
select id, amount_cents, reference, booked_on, break_reason from report_line
where break_reason <> '' order by booked_on desc, id limit 100
"""
