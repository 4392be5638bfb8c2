"""A month is closed into statements, and a second person approves each; approval orders the payment."""

import hashlib
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession
from stdnum.iso7064 import mod_97_10

from setori import ledger, people, registry
from setori.days import last_day, local_day
from setori.db import new_id, record
from setori.db.queue import enqueue
from setori.errors import Forbidden, NotFound
from setori.ledger import AccountKind, PostingKind
from setori.people import Actor, Role
from setori.settlement import queries
from setori.settlement.commands import ClosePeriod
from setori.settlement.gateway import PaymentInstruction
from setori.settlement.models import PaymentOrder, Statement
from setori.settlement.refusals import (
    AccountTooNew,
    ChangedSinceSeen,
    FourEyes,
    MonthNotOver,
    NoBankAccount,
    NotDraft,
    NothingToSettle,
)
from setori.settlement.rules import NEW_ACCOUNT_WAITS, PaymentStatus, StatementStatus, can_close

# One provider after the other in the order of their ids, each alone with its month for this transaction: whoever
# confirms or reverses a session of theirs shares the same lock (redeeming.sql).
LOCK = text("""
    select pg_advisory_xact_lock(hashtextextended(cast(:procurer as text) || cast(p.id as text), 0))
    from (select provider_id as id from redemption
          where procurer_id = :procurer and status = 'confirmed' and confirmed_on <= :until
            and (cast(:provider as uuid) is null or provider_id = :provider)
          union select provider_id from outcome_step
          where procurer_id = :procurer and paid_on <= :until
            and (cast(:provider as uuid) is null or provider_id = :provider) order by 1) p
""")
CLOSE = text("""
    with due as (
      select r.provider_id, r.id as redemption_id, null::uuid as step_id, r.amount_cents from redemption r
      where r.procurer_id = :procurer and r.status = 'confirmed' and r.confirmed_on <= :until
        and (cast(:provider as uuid) is null or r.provider_id = :provider)
        and not exists (select from statement_line l where l.redemption_id = r.id)
      union all
      select t.provider_id, null, t.id, t.amount_cents from outcome_step t
      where t.procurer_id = :procurer and t.undone is null and t.paid_on <= :until
        and (cast(:provider as uuid) is null or t.provider_id = :provider)
        and not exists (select from statement_line l where l.outcome_step_id = t.id)),
    owed as (
      select d.provider_id, count(*) as n, sum(d.amount_cents) as total from due d
      where not exists (select from statement s where s.procurer_id = :procurer
                          and s.provider_id = d.provider_id and s.month >= :month)
      group by d.provider_id),
    opening as (
      select o.provider_id, o.n, o.total, coalesce((
        select sum(t.amount_cents
                   - coalesce((select sum(k.amount_cents) from statement_offset k where k.outcome_step_id = t.id), 0))
        from outcome_step t where t.procurer_id = :procurer and t.provider_id = o.provider_id
          and t.undone = 'clawed_back'), 0) as cents
      from owed o),
    closed as (
      insert into statement (id, procurer_id, provider_id, month, status, line_count, total_cents, opening_cents,
                             offset_cents, closed_by, closed_at)
      select uuidv7(), :procurer, provider_id, :month, 'draft', n, total - least(total, cents), cents,
             least(total, cents), :by, :at
      from opening
      returning id, provider_id)
    insert into statement_line (id, statement_id, redemption_id, outcome_step_id, amount_cents)
    select uuidv7(), c.id, d.redemption_id, d.step_id, d.amount_cents
    from closed c join due d on d.provider_id = c.provider_id
    returning statement_id
""")
# What a provider owes back is kept from its statement, the oldest first, as far as the statement reaches.
OFFSET = text("""
    with owing as (
      select s.id as statement_id, s.offset_cents, t.id as step_id, t.undone_at, t.amount_cents
             - coalesce((select sum(k.amount_cents) from statement_offset k where k.outcome_step_id = t.id), 0) as cents
      from statement s
      join outcome_step t on t.procurer_id = s.procurer_id and t.provider_id = s.provider_id
        and t.undone = 'clawed_back'
      where s.id = any(:statements) and s.offset_cents > 0),
    lined_up as (
      select statement_id, step_id, cents, offset_cents,
             sum(cents) over (partition by statement_id order by undone_at, step_id) - cents as before
      from owing where cents > 0)
    insert into statement_offset (id, statement_id, outcome_step_id, amount_cents)
    select uuidv7(), statement_id, step_id, least(cents, offset_cents - before)
    from lined_up where before < offset_cents
""")
POST_OFFSETS = text("""
    insert into posting (id, procurer_id, kind, phase, debit_id, credit_id, amount, reference_id, booked_on, posted_at,
                         by_id)
    select k.id, s.procurer_id, 'offset', 'post', d.id, c.id, k.amount_cents, s.id, :today, :at, :by
    from statement_offset k
    join statement s on s.id = k.statement_id
    join account d on d.procurer_id = s.procurer_id and d.kind = 'provider_accrued' and d.owner_id = s.provider_id
    join account c on c.procurer_id = s.procurer_id and c.kind = 'receivable' and c.owner_id = s.provider_id
    where s.id = any(:statements)
""")


async def close_period(db: AsyncSession, order: ClosePeriod, *, by: Actor, at: datetime) -> list[UUID]:
    """Close a month into one draft statement per provider, of sessions and outcome fees that no statement holds yet.

    What a provider owes back for fees that were taken back is kept from it.

    Returns the statements' ids. Raises MonthNotOver, and NothingToSettle when there is nothing (also the second time).
    """
    if by.role is not Role.FINANCE or by.organisation_id is None:
        raise Forbidden
    if not can_close(order.month, today=local_day(at)):
        raise MonthNotOver
    await db.flush()
    connection = await db.connection()
    whose = {
        "procurer": by.organisation_id,
        "provider": order.provider_id,
        "month": order.month,
        "until": last_day(order.month),
    }
    await connection.execute(LOCK, {k: v for k, v in whose.items() if k != "month"})
    lines = (await connection.execute(CLOSE, {**whose, "by": by.person_id, "at": at})).all()
    closed = sorted({line.statement_id for line in lines})
    if not closed:
        raise NothingToSettle
    await connection.execute(OFFSET, {"statements": closed})
    posted = {"statements": closed, "today": local_day(at), "at": at, "by": by.person_id}
    await connection.execute(POST_OFFSETS, posted)
    for statement_id in closed:
        record(
            db,
            "statement.close",
            statement_id,
            by_id=by.person_id,
            at=at,
            procurer_id=by.organisation_id,
        )
    await db.flush()
    return closed


async def mark_of_payment(db: AsyncSession, statement_id: UUID, *, by: Actor) -> str:
    """What an approver sees, in short: the account and the sum. Raises NotFound for another procurer's."""
    statement = await db.get(Statement, statement_id)
    if statement is None or statement.procurer_id != by.organisation_id:
        raise NotFound
    return _mark(await registry.find_iban(db, statement.provider_id), statement.total_cents)


def _mark(iban: str | None, cents: int) -> str:
    return hashlib.sha256(f"{iban}|{cents}".encode()).hexdigest()[:32]


async def approve(
    db: AsyncSession, statement_id: UUID, *, by: Actor, at: datetime, seen: str | None = None
) -> UUID | None:
    """A second person approves a statement: the debt moves to a payout, and the payment order and its job are written.

    Nothing is sent here; a worker does that after the commit. Returns the payment order's id, None when the provider
    owed as much as it earned and nothing is paid. `seen` is the mark of what the approver looked at.
    Raises FourEyes for whoever closed it, NotDraft, NoBankAccount, AccountTooNew, ChangedSinceSeen when the account or
    the sum is another by now, NotFound for another procurer's.
    """
    if by.role is not Role.APPROVER or by.organisation_id is None:
        raise Forbidden
    statement = await queries.lock_statement(db, statement_id, by.organisation_id)
    if statement.status is not StatementStatus.DRAFT:
        raise NotDraft
    if statement.closed_by == by.person_id:
        raise FourEyes
    if statement.total_cents == 0:
        _approved(db, statement, StatementStatus.OFFSET, by=by, at=at)
        await db.flush()
        return None
    iban = await registry.find_iban(db, statement.provider_id)
    if iban is None:
        raise NoBankAccount
    changed_at = await registry.iban_changed_at(db, statement.provider_id)
    if changed_at is not None and at < changed_at + NEW_ACCOUNT_WAITS:
        raise AccountTooNew
    if seen is not None and seen != _mark(iban, statement.total_cents):
        raise ChangedSinceSeen
    name = (await people.names_of(db, [statement.provider_id]))[statement.provider_id]
    order_id = new_id()
    number = str(statement.number)
    instruction = PaymentInstruction(
        order_id=order_id,
        amount_cents=statement.total_cents,
        creditor_name=name,
        creditor_iban=iban,
        reference=f"RF{mod_97_10.calc_check_digits(number + 'RF')}{number}",
        execution_on=local_day(at),
    )
    _approved(db, statement, StatementStatus.APPROVED, by=by, at=at, order=str(order_id))
    db.add(
        PaymentOrder(
            id=order_id,
            procurer_id=statement.procurer_id,
            statement_id=statement.id,
            provider_id=statement.provider_id,
            status=PaymentStatus.QUEUED,
            amount_cents=statement.total_cents,
            creditor_name=name,
            creditor_iban=iban,
            reference=instruction.reference,
            body=instruction.body(),
            created_at=at,
            next_at=at,
        )
    )
    await db.flush()
    payout = await ledger.open_account(db, statement.procurer_id, AccountKind.PAYOUT, order_id, id=order_id)
    accrued = await ledger.open_account(
        db, statement.procurer_id, AccountKind.PROVIDER_ACCRUED, statement.provider_id
    )
    await ledger.post(
        db,
        PostingKind.SETTLE,
        procurer_id=statement.procurer_id,
        debit=accrued,
        credit=payout,
        amount=statement.total_cents,
        reference=order_id,
        at=at,
        by_id=by.person_id,
    )
    await enqueue(db, "pay", order_id)
    return order_id


def _approved(
    db: AsyncSession, statement: Statement, status: StatementStatus, *, by: Actor, at: datetime, **told: str
) -> None:
    statement.status = status
    statement.approved_by = by.person_id
    statement.approved_at = at
    record(
        db,
        "statement.approve",
        statement.id,
        by_id=by.person_id,
        at=at,
        procurer_id=statement.procurer_id,
        **told,
    )
