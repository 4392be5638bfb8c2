"""A month is closed into statements, and a second person approves each; approval orders the payment."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession
from stdnum.iso7064 import mod_97_10

from setori import ledger, people, registry
from setori.days import last_day, local_day
from setori.db import new_id, record
from setori.db.queue import enqueue
from setori.errors import Forbidden
from setori.ledger import AccountKind, PostingKind
from setori.people import Actor, Role
from setori.settlement import queries
from setori.settlement.commands import ClosePeriod
from setori.settlement.gateway import PaymentInstruction
from setori.settlement.models import PaymentOrder
from setori.settlement.refusals import FourEyes, MonthNotOver, NoBankAccount, NotDraft, NothingToSettle
from setori.settlement.rules import PaymentStatus, StatementStatus, can_close

# One provider after the other in the order of their ids, each alone with its month for this transaction: whoever
# confirms or reverses a session of theirs shares the same lock (redeeming.sql).
LOCK = text("""
    select pg_advisory_xact_lock(hashtextextended(cast(:procurer as text) || cast(p.id as text), 0))
    from (select distinct provider_id as id from redemption
          where procurer_id = :procurer and status = 'confirmed' and confirmed_on <= :until
            and (cast(:provider as uuid) is null or provider_id = :provider) order by 1) p
""")
CLOSE = text("""
    with owed as (
      select r.provider_id, count(*) as n, sum(r.amount_cents) as total from redemption r
      where r.procurer_id = :procurer and r.status = 'confirmed' and r.confirmed_on <= :until
        and (cast(:provider as uuid) is null or r.provider_id = :provider)
        and not exists (select from statement_line l where l.redemption_id = r.id)
        and not exists (select from statement s where s.procurer_id = r.procurer_id
                          and s.provider_id = r.provider_id and s.month >= :month)
      group by r.provider_id),
    closed as (
      insert into statement (id, procurer_id, provider_id, month, status, line_count, total_cents, closed_by, closed_at)
      select uuidv7(), :procurer, provider_id, :month, 'draft', n, total, :by, :at from owed
      returning id, provider_id)
    insert into statement_line (id, statement_id, redemption_id, amount_cents)
    select uuidv7(), c.id, r.id, r.amount_cents
    from closed c join redemption r on r.provider_id = c.provider_id
    where r.procurer_id = :procurer and r.status = 'confirmed' and r.confirmed_on <= :until
      and not exists (select from statement_line l where l.redemption_id = r.id)
    returning statement_id
""")


async def close_period(db: AsyncSession, order: ClosePeriod, *, by: Actor, at: datetime) -> list[UUID]:
    """Close a month into one draft statement per provider, of all confirmed sessions that no statement holds yet.

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


async def approve(db: AsyncSession, statement_id: UUID, *, by: Actor, at: datetime) -> UUID:
    """A second person approves a statement: the debt moves to a payout, and the payment order and its job are written.

    Nothing is sent here; a worker does that after the commit. Returns the payment order's id.
    Raises FourEyes for whoever closed it, NotDraft, NoBankAccount, NotFound for another procurer's.
    """
    if by.role is not Role.APPROVER or by.organisation_id is None:
        raise Forbidden
    statement = await queries.lock_statement(db, statement_id, by.organisation_id)
    if statement.status is not StatementStatus.DRAFT:
        raise NotDraft
    if statement.closed_by == by.person_id:
        raise FourEyes
    iban = await registry.find_iban(db, statement.provider_id)
    if iban is None:
        raise NoBankAccount
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
    statement.status = StatementStatus.APPROVED
    statement.approved_by = by.person_id
    statement.approved_at = at
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
    record(
        db,
        "statement.approve",
        statement.id,
        by_id=by.person_id,
        at=at,
        procurer_id=statement.procurer_id,
        order=str(order_id),
    )
    await enqueue(db, "pay", order_id)
    return order_id
