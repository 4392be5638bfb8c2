"""Reconciliation (täsmäytys): a line of the gateway's report matches one order, or is a break with a reason."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from setori import ledger
from setori.db import record
from setori.ledger import AccountKind, PostingKind
from setori.settlement import queries
from setori.settlement.gateway import ReportLine as Told
from setori.settlement.models import PaymentOrder, ReportLine, Statement
from setori.settlement.operations.paying import mark_paid
from setori.settlement.rules import PaymentStatus, StatementStatus


@dataclass(frozen=True, slots=True)
class Matched:
    """How a report went: lines seen for the first time and matched, breaks, and lines known before."""

    matched: int
    breaks: int
    known: int


async def match_report(db: AsyncSession, lines: list[Told], *, at: datetime) -> Matched:
    """Match a report's lines to orders. The same report again adds nothing.

    A line that was a break is looked at again, since its order may have moved, and matched when it is none any more.
    """
    ids = [line.id for line in lines]
    known = {
        row.id: row for row in (await db.exec(select(ReportLine).where(col(ReportLine.id).in_(ids)))).all()
    }
    matched = breaks = 0
    for line in sorted(lines, key=lambda told: (str(told.order_id), told.id)):
        seen = known.get(line.id)
        if seen is not None and (not seen.break_reason or not _is_the_same(line, seen)):
            continue
        order = await queries.wait_for_order(db, line.order_id) if line.order_id else None
        reason = _break_of(line, order)
        if seen is not None and reason == seen.break_reason:
            continue
        if seen is None:
            seen = known[line.id] = ReportLine(
                id=line.id,
                amount_cents=line.amount_cents,
                creditor_iban=line.creditor_iban,
                reference=line.reference,
                booked_on=line.booked_on,
                seen_at=at,
            )
            db.add(seen)
        seen.break_reason = reason
        seen.payment_order_id = None if reason or order is None else order.id
        if reason or order is None:
            breaks += 1
            continue
        if order.status is not PaymentStatus.PAID:
            await mark_paid(db, order, at)
        await _match(db, order, at)
        matched += 1
    await db.flush()
    return Matched(matched, breaks, len(lines) - matched - breaks)


def _is_the_same(line: Told, seen: ReportLine) -> bool:
    """Whether a line says what it said before; one that changed its figures stays the break that it was."""
    return (line.amount_cents, line.creditor_iban) == (seen.amount_cents, seen.creditor_iban)


def _break_of(line: Told, order: PaymentOrder | None) -> str:
    """Why a line matches nothing; empty when it does. A frozen order is settled by what the report says was paid."""
    if order is None:
        return "in the report but unknown to us"
    if order.status is PaymentStatus.MATCHED:
        return "paid twice"
    if order.status in (PaymentStatus.QUEUED, PaymentStatus.FAILED):
        return f"the order is {order.status.value}"
    if order.amount_cents != line.amount_cents:
        return "the amount differs"
    if order.creditor_iban != line.creditor_iban:
        return "the account differs"
    return ""


async def _match(db: AsyncSession, order: PaymentOrder, at: datetime) -> None:
    clearing = await ledger.open_account(db, order.procurer_id, AccountKind.BANK_CLEARING)
    bank = await ledger.open_account(db, order.procurer_id, AccountKind.BANK)
    await ledger.post(
        db,
        PostingKind.MATCH,
        procurer_id=order.procurer_id,
        debit=clearing,
        credit=bank,
        amount=order.amount_cents,
        reference=order.id,
        at=at,
        by_id=None,
    )
    order.status = PaymentStatus.MATCHED
    statement = await db.get(Statement, order.statement_id)
    assert statement is not None
    statement.status = StatementStatus.MATCHED
    record(db, "payment.match", order.id, by_id=None, at=at, procurer_id=order.procurer_id)
    await db.flush()
