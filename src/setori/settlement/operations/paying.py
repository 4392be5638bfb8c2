"""Paying: a worker takes an order step by step, and every step is committed before the gateway is called.

The rules are those of the design's money page: an order whose outcome is unknown is never replaced; the same key and
the same bytes are sent again only after the gateway said that it does not know the key, and not after twenty hours.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from setori import ledger
from setori.db import record
from setori.db.queue import enqueue
from setori.ledger import AccountKind, PostingKind
from setori.settlement import queries
from setori.settlement.gateway import GatewayPayment, Later, Outcome, Refused, Submitted, Unknown
from setori.settlement.models import GatewayEvent, PaymentOrder, Statement
from setori.settlement.rules import POLL_AFTER, RESEND_FOR, PaymentStatus, StatementStatus, wait

SENDING_MAY_TAKE = timedelta(seconds=60)


class StepKind(StrEnum):
    """What the worker does next with an order."""

    SEND = "send"
    ASK = "ask"


@dataclass(frozen=True, slots=True)
class Step:
    """One call to the gateway: send these bytes under this key, or ask about it."""

    kind: StepKind
    order_id: UUID
    body: bytes
    amount_cents: int


async def list_due(db: AsyncSession, *, at: datetime) -> list[UUID]:
    """Orders that wait for a step by now, the longest waiting first."""
    return await queries.due_orders(db, at)


async def next_step(db: AsyncSession, order_id: UUID, *, at: datetime) -> Step | None:
    """Claim an order's next step; None when there is nothing to do or another has it. Commit before calling."""
    order = await queries.lock_order(db, order_id)
    if order is None or order.next_at is None or order.next_at > at:
        return None
    if order.status is PaymentStatus.QUEUED:
        return await _send(db, order, at)
    if order.status is PaymentStatus.SENDING:
        # The worker died between its commit and the answer: nobody knows whether the gateway heard.
        order.status = PaymentStatus.UNKNOWN
    if order.status in (PaymentStatus.UNKNOWN, PaymentStatus.SUBMITTED):
        order.next_at = at + SENDING_MAY_TAKE
        await db.flush()
        return Step(StepKind.ASK, order.id, order.body, order.amount_cents)
    return None


async def _send(db: AsyncSession, order: PaymentOrder, at: datetime) -> Step:
    order.status = PaymentStatus.SENDING
    order.attempts += 1
    order.first_sent_at = order.first_sent_at or at
    order.next_at = at + SENDING_MAY_TAKE
    await db.flush()
    return Step(StepKind.SEND, order.id, order.body, order.amount_cents)


async def record_sent(db: AsyncSession, order_id: UUID, outcome: Outcome, *, at: datetime) -> None:
    """Write down what came back when an order was sent."""
    order = await queries.wait_for_order(db, order_id)
    if order is None or order.status is not PaymentStatus.SENDING:
        return
    match outcome:
        case Submitted(payment=payment):
            await _learn(db, order, payment, at)
        case Refused(status=401 | 403, reason=reason):
            # The gateway does not know us: nothing is wrong with the order, a person has to mend the token.
            order.status = PaymentStatus.QUEUED if order.attempts == 1 else PaymentStatus.UNKNOWN
            order.attempts -= 1 if order.attempts == 1 else 0
            order.next_at = at + timedelta(minutes=1)
            order.reason = f"The gateway does not accept our token: {reason}"[:500]
        case Refused(status=status, reason=reason) if order.attempts == 1:
            await fail(db, order, f"{status}: {reason}", at)
        case Unknown(why=why, freeze=True):
            order.status = PaymentStatus.FROZEN
            order.next_at = None
            order.reason = why[:500]
            record(db, "payment.freeze", order.id, by_id=None, at=at, procurer_id=order.procurer_id)
        case Refused() | Unknown():
            # A refusal after an earlier unknown says nothing about the first sending: ask.
            order.status = PaymentStatus.UNKNOWN
            order.next_at = at + wait(order.attempts)
        case Later(after_s=seconds):
            order.status = PaymentStatus.QUEUED if order.attempts == 1 else PaymentStatus.UNKNOWN
            order.attempts -= 1 if order.attempts == 1 else 0
            order.next_at = at + timedelta(seconds=seconds)
    await db.flush()


async def record_found(
    db: AsyncSession, order_id: UUID, payment: GatewayPayment | None, *, at: datetime
) -> Step | None:
    """Write down what the gateway knows of an order. When it knows nothing, the order may be sent again: the step."""
    order = await queries.wait_for_order(db, order_id)
    if order is None or order.status not in (PaymentStatus.UNKNOWN, PaymentStatus.SUBMITTED):
        return None
    if payment is not None:
        await _learn(db, order, payment, at)
        return None
    if order.status is PaymentStatus.SUBMITTED:
        order.next_at = at + POLL_AFTER
        order.reason = "The gateway accepted this order and now does not know it."
        await db.flush()
        return None
    if order.first_sent_at is None or at - order.first_sent_at > RESEND_FOR:
        order.next_at = at + wait(99)
        order.reason = "Unknown for over 20 hours: a person has to ask the gateway."
        await db.flush()
        return None
    return await _send(db, order, at)


async def receive_event(db: AsyncSession, event_id: str, payload: dict[str, Any], *, at: datetime) -> bool:
    """Store a webhook once. It is a hint: the order it names is asked about soon. Returns whether it was new."""
    stored = await db.exec(
        insert(GatewayEvent)
        .values(id=event_id, payload=payload, received_at=at)
        .on_conflict_do_nothing()
        .returning(col(GatewayEvent.id))
    )
    if stored.first() is None:
        return False
    try:
        order_id = UUID(str(payload["data"]["idempotency_key"]))
    except (KeyError, TypeError, ValueError):
        return True
    order = await queries.wait_for_order(db, order_id)
    if order is not None and order.status in (PaymentStatus.SUBMITTED, PaymentStatus.UNKNOWN):
        order.next_at = at
        await db.flush()
        await enqueue(db, "pay", order_id)
    return True


async def _learn(db: AsyncSession, order: PaymentOrder, payment: GatewayPayment, at: datetime) -> None:
    order.gateway_payment_id = payment.id
    if payment.amount_cents != order.amount_cents:
        order.status = PaymentStatus.FROZEN
        order.next_at = None
        order.reason = f"The gateway says {payment.amount_cents} cents, the order {order.amount_cents}."
        record(db, "payment.freeze", order.id, by_id=None, at=at, procurer_id=order.procurer_id)
    elif payment.status == "booked":
        await mark_paid(db, order, at)
    elif payment.status == "rejected":
        await fail(db, order, payment.reason or "rejected", at)
    else:
        order.status = PaymentStatus.SUBMITTED
        order.next_at = at + POLL_AFTER
    await db.flush()


async def mark_paid(db: AsyncSession, order: PaymentOrder, at: datetime) -> None:
    """The gateway has paid: the payout is emptied into the clearing account, once."""
    order.status = PaymentStatus.PAID
    order.paid_at = at
    order.next_at = None
    order.reason = ""
    clearing = await ledger.open_account(db, order.procurer_id, AccountKind.BANK_CLEARING)
    await ledger.post(
        db,
        PostingKind.PAY,
        procurer_id=order.procurer_id,
        debit=order.id,
        credit=clearing,
        amount=order.amount_cents,
        reference=order.id,
        at=at,
        by_id=None,
    )
    await _move_statement(db, order, StatementStatus.PAID)
    record(db, "payment.paid", order.id, by_id=None, at=at, procurer_id=order.procurer_id)
    await db.flush()


async def fail(
    db: AsyncSession, order: PaymentOrder, reason: str, at: datetime, *, by_id: UUID | None = None
) -> None:
    """Nothing was paid, for good: the debt is back with the provider, and the statement waits for a new approval."""
    order.status = PaymentStatus.FAILED
    order.reason = reason[:500]
    order.next_at = None
    accrued = await ledger.open_account(
        db, order.procurer_id, AccountKind.PROVIDER_ACCRUED, order.provider_id
    )
    await ledger.post(
        db,
        PostingKind.UNSETTLE,
        procurer_id=order.procurer_id,
        debit=order.id,
        credit=accrued,
        amount=order.amount_cents,
        reference=order.id,
        at=at,
        by_id=by_id,
    )
    statement = await db.get(Statement, order.statement_id)
    assert statement is not None
    statement.status = StatementStatus.DRAFT
    statement.approved_by = None
    statement.approved_at = None
    record(db, "payment.fail", order.id, by_id=by_id, at=at, procurer_id=order.procurer_id)
    await db.flush()


async def _move_statement(db: AsyncSession, order: PaymentOrder, to: StatementStatus) -> None:
    statement = await db.get(Statement, order.statement_id)
    assert statement is not None
    statement.status = to
