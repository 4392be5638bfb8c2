"""A month's statement as both sides read it: the sum, its sessions one by one, and where the payment is.

A provider's owner sees the statements of the firm, a procurer's people those of their area.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text

from setori.db import Database
from setori.errors import Forbidden, NotFound
from setori.people import PROCURER_ROLES, Actor, Role
from setori.texts import Texts

PAGE = 24
LINES = 100


@dataclass(frozen=True, slots=True)
class StatementRow:
    """A statement: what one procurer owes one provider for a month, and the state of its newest payment order.

    `line_count` sessions and `fee_count` outcome fees, less `offset_cents` of the `opening_cents` that the provider
    owed for fees taken back, are the total.
    """

    id: UUID
    number: int
    month: date
    procurer_name: str
    provider_name: str
    status: str
    payment_status: str | None
    line_count: int
    total_cents: int
    closed_at: datetime
    approved_at: datetime | None
    paid_at: datetime | None
    reference: str | None
    iban_end: str | None
    """The last four characters of the account that it is paid to."""
    session_cents: int
    fee_count: int
    fee_cents: int
    opening_cents: int
    offset_cents: int

    @property
    def still_owed_cents(self) -> int:
        """What the provider owes after it."""
        return self.opening_cents - self.offset_cents


@dataclass(frozen=True, slots=True)
class StatementLine:
    """One session of a statement. Whose it was is not told here: payment needs no names of jobseekers."""

    redemption_id: UUID
    service_on: date
    units: int
    unit_price_cents: int
    amount_cents: int
    service_name: Texts
    coach_name: str | None
    confirmed_at: datetime


@dataclass(frozen=True, slots=True)
class FeeLine:
    """An outcome fee of a statement. Whose outcome it was is not told here, its claim tells."""

    claim_id: UUID
    paid_on: date
    kind: str
    months: int
    programme_name: Texts
    amount_cents: int


@dataclass(frozen=True, slots=True)
class OffsetLine:
    """What a statement keeps back of an outcome fee that was taken back, and why it was."""

    claim_id: UUID
    undone_at: datetime
    kind: str
    months: int
    reason: str
    amount_cents: int


async def list_statements(
    db: Database, *, by: Actor, after: int | None = None, limit: int = PAGE
) -> tuple[list[StatementRow], int | None]:
    """Statements, the newest first, and the number after which the next page begins (None: this was the last)."""
    listed = [StatementRow(*row) for row in await _statements(db, by, after=after, limit=limit + 1)]
    return listed[:limit], listed[limit - 1].number if len(listed) > limit else None


async def find_statement(db: Database, statement_id: UUID, *, by: Actor) -> StatementRow:
    """One statement. Raises NotFound for one that is not theirs to see."""
    found = await _statements(db, by, id=statement_id, limit=1)
    if not found:
        raise NotFound
    return StatementRow(*found[0])


async def list_lines(
    db: Database, statement: StatementRow, *, after: UUID | None = None, limit: int | None = LINES
) -> tuple[list[StatementLine], UUID | None]:
    """The sessions of a statement that was found, by day; all of them without a limit."""
    given = {"statement": statement.id, "after": after, "limit": None if limit is None else limit + 1}
    found = [StatementLine(*row) for row in await _rows(db, LINES_OF, given)]
    listed = found if limit is None else found[:limit]
    return listed, listed[-1].redemption_id if len(found) > len(listed) else None


async def list_fees(db: Database, statement: StatementRow) -> list[FeeLine]:
    """The outcome fees of a statement that was found, by day."""
    return [FeeLine(*row) for row in await _rows(db, FEES_OF, {"statement": statement.id})]


async def list_offsets(db: Database, statement: StatementRow) -> list[OffsetLine]:
    """What a statement that was found keeps back, the oldest first."""
    return [OffsetLine(*row) for row in await _rows(db, OFFSETS_OF, {"statement": statement.id})]


async def _statements(
    db: Database, by: Actor, *, after: int | None = None, id: UUID | None = None, limit: int
) -> list[Any]:
    is_provider, is_procurer = by.role is Role.PROVIDER_OWNER, by.role in PROCURER_ROLES
    if by.organisation_id is None or not (is_provider or is_procurer):
        raise Forbidden
    given = {
        "provider": by.organisation_id if is_provider else None,
        "procurer": by.organisation_id if is_procurer else None,
        "after": after,
        "id": id,
        "limit": limit,
    }
    return await _rows(db, STATEMENTS, given)


async def _rows(db: Database, query: str, given: dict[str, Any]) -> list[Any]:
    await db.flush()
    connection = await db.connection()
    return list((await connection.execute(text(query), given)).all())


STATEMENTS = """
select s.id, s.number, s.month, b.name, f.name, s.status, p.status, l.sessions, s.total_cents, s.closed_at,
       s.approved_at, p.paid_at, p.reference, right(p.creditor_iban, 4), l.session_cents, l.fees, l.fee_cents,
       s.opening_cents, s.offset_cents
from statement s
cross join lateral (
  select count(l.redemption_id)::int as sessions, count(l.outcome_step_id)::int as fees,
         coalesce(sum(l.amount_cents) filter (where l.redemption_id is not null), 0)::bigint as session_cents,
         coalesce(sum(l.amount_cents) filter (where l.outcome_step_id is not null), 0)::bigint as fee_cents
  from statement_line l where l.statement_id = s.id) l
join organisation b on b.id = s.procurer_id
join organisation f on f.id = s.provider_id
left join lateral (
  select status, paid_at, reference, creditor_iban from payment_order where statement_id = s.id
  order by created_at desc, id desc limit 1) p on true
where (cast(:provider as uuid) is null or s.provider_id = :provider)
  and (cast(:procurer as uuid) is null or s.procurer_id = :procurer)
  and (cast(:after as int) is null or s.number < :after)
  and (cast(:id as uuid) is null or s.id = :id)
order by s.number desc limit :limit
"""

LINES_OF = """
select r.id, r.service_on, r.units, r.unit_price_cents, l.amount_cents, s.name, k.name, r.resolved_at
from statement_line l
join redemption r on r.id = l.redemption_id
join service s on s.id = r.service_id
join choice c on c.id = r.choice_id
left join coach k on k.id = c.coach_id
where l.statement_id = :statement
  and (cast(:after as uuid) is null
       or (r.service_on, r.id) > (select service_on, id from redemption where id = :after))
order by r.service_on, r.id limit :limit
"""

FEES_OF = """
select t.claim_id, t.paid_on, t.kind, t.months, p.name, l.amount_cents
from statement_line l
join outcome_step t on t.id = l.outcome_step_id
join voucher v on v.id = t.voucher_id
join programme p on p.id = v.programme_id
where l.statement_id = :statement order by t.paid_on, t.id
"""

OFFSETS_OF = """
select t.claim_id, t.undone_at, t.kind, t.months, b.reason, k.amount_cents
from statement_offset k
join outcome_step t on t.id = k.outcome_step_id
join lateral (select reason from clawback where claim_id = t.claim_id and status = 'approved' limit 1) b on true
where k.statement_id = :statement order by t.undone_at, t.id
"""
