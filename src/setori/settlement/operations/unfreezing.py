"""A stopped payment, put right by people: the gateway is asked again, or the payment is called unpaid with a reason."""

from datetime import datetime
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from setori.db import record
from setori.db.queue import enqueue
from setori.errors import Forbidden
from setori.people import Actor, Role
from setori.settlement import queries
from setori.settlement.commands import CallUnpaid
from setori.settlement.models import PaymentOrder, ReportLine
from setori.settlement.operations.paying import fail
from setori.settlement.refusals import MoneyLeft, NotFrozen, TooEarlyToCallUnpaid
from setori.settlement.rules import UNPAID_AFTER, PaymentStatus


async def ask_again(db: AsyncSession, statement_id: UUID, *, by: Actor, at: datetime) -> None:
    """Let the worker ask the gateway about a statement's stopped payment. Asking moves no money.

    If the answer agrees by now, the payment goes its way; if it does not, it is stopped again.
    Raises Forbidden, NotFound, NotFrozen.
    """
    order = await _frozen(db, statement_id, by, Role.FINANCE, Role.APPROVER)
    order.status = PaymentStatus.UNKNOWN
    order.next_at = at
    order.reason = ""
    record(db, "payment.ask", order.id, by_id=by.person_id, at=at, procurer_id=order.procurer_id)
    await db.flush()
    await enqueue(db, "pay", order.id)


async def call_unpaid(
    db: AsyncSession, statement_id: UUID, told: CallUnpaid, *, by: Actor, at: datetime
) -> None:
    """Call a stopped payment unpaid: the debt is back with the provider, and the statement waits for a new approval.

    Only an approver says so, two days after the first sending, and never against a line of the gateway's report.
    Raises Forbidden, NotFound, NotFrozen, TooEarlyToCallUnpaid, MoneyLeft.
    """
    order = await _frozen(db, statement_id, by, Role.APPROVER)
    if order.first_sent_at is not None and at - order.first_sent_at < UNPAID_AFTER:
        raise TooEarlyToCallUnpaid
    left = select(ReportLine.id).where(col(ReportLine.reference) == order.reference).limit(1)
    if (await db.exec(left)).first() is not None:
        raise MoneyLeft
    await fail(db, order, told.reason, at, by_id=by.person_id)


async def _frozen(db: AsyncSession, statement_id: UUID, by: Actor, *roles: Role) -> PaymentOrder:
    if by.role not in roles or by.organisation_id is None:
        raise Forbidden
    statement = await queries.lock_statement(db, statement_id, by.organisation_id)
    wanted = select(PaymentOrder.id).where(
        PaymentOrder.statement_id == statement.id, col(PaymentOrder.status) == PaymentStatus.FROZEN
    )
    order_id = (await db.exec(wanted)).first()
    order = await queries.wait_for_order(db, order_id) if order_id else None
    if order is None or order.status is not PaymentStatus.FROZEN:
        raise NotFrozen
    return order
