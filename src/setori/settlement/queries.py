"""Reading statements and payment orders."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from setori.days import local_day
from setori.errors import Forbidden, NotFound
from setori.people import Actor, Role
from setori.settlement.models import PaymentOrder, Statement
from setori.settlement.rules import PaymentStatus, StatementStatus


@dataclass(frozen=True, slots=True)
class StatementRow:
    """A statement in a list, with the state of its latest payment order."""

    id: UUID
    number: int
    month: date
    procurer_id: UUID
    provider_id: UUID
    status: StatementStatus
    payment_status: PaymentStatus | None
    line_count: int
    total_cents: int


async def list_statements(
    db: AsyncSession, *, by: Actor, after: int | None = None, limit: int = 50
) -> tuple[list[StatementRow], int | None]:
    """Statements of the actor's organisation, the newest first, and the number after which the next page begins.

    A provider's owner sees drafts too: what is coming is no secret. Of a procurer's people those who see to money do.
    Raises Forbidden for everybody else.
    """
    if by.role in (Role.FINANCE, Role.APPROVER):
        whose = col(Statement.procurer_id) == by.organisation_id
    elif by.role is Role.PROVIDER_OWNER:
        whose = col(Statement.provider_id) == by.organisation_id
    else:
        raise Forbidden
    latest = (
        select(PaymentOrder.status)
        .where(col(PaymentOrder.statement_id) == Statement.id)
        .order_by(col(PaymentOrder.id).desc())
        .limit(1)
        .scalar_subquery()
    )
    wanted = select(Statement, latest).where(whose).order_by(col(Statement.number).desc()).limit(limit + 1)
    if after is not None:
        wanted = wanted.where(col(Statement.number) < after)
    found = (await db.exec(wanted)).all()
    rows = [
        StatementRow(
            id=statement.id,
            number=statement.number or 0,
            month=statement.month,
            procurer_id=statement.procurer_id,
            provider_id=statement.provider_id,
            status=statement.status,
            payment_status=payment,
            line_count=statement.line_count,
            total_cents=statement.total_cents,
        )
        for statement, payment in found[:limit]
    ]
    return rows, rows[-1].number if len(found) > limit else None


async def lock_statement(db: AsyncSession, statement_id: UUID, procurer_id: UUID) -> Statement:
    """A statement of this procurer, locked. Raises NotFound."""
    wanted = select(Statement).where(Statement.id == statement_id).with_for_update()
    found = (await db.exec(wanted.execution_options(populate_existing=True))).first()
    if found is None or found.procurer_id != procurer_id:
        raise NotFound
    return found


async def lock_order(db: AsyncSession, order_id: UUID) -> PaymentOrder | None:
    """A payment order, locked; None when there is none or somebody else has it in hand right now."""
    wanted = select(PaymentOrder).where(PaymentOrder.id == order_id).with_for_update(skip_locked=True)
    return (await db.exec(wanted.execution_options(populate_existing=True))).first()


async def wait_for_order(db: AsyncSession, order_id: UUID) -> PaymentOrder | None:
    """A payment order, locked as soon as whoever has it lets go."""
    wanted = select(PaymentOrder).where(PaymentOrder.id == order_id).with_for_update()
    return (await db.exec(wanted.execution_options(populate_existing=True))).first()


async def due_orders(db: AsyncSession, at: datetime, limit: int = 200) -> list[UUID]:
    """Payment orders that want something done by now: sent, asked about, or sent again."""
    wanted = (
        select(PaymentOrder.id)
        .where(
            col(PaymentOrder.next_at) <= at,
            col(PaymentOrder.status).in_(("queued", "sending", "submitted", "unknown")),
        )
        .order_by(col(PaymentOrder.next_at))
        .limit(limit)
    )
    return list((await db.exec(wanted)).all())


async def unmatched_since(db: AsyncSession) -> date | None:
    """The day from which the gateway's report is wanted: that of the oldest order sent and not matched; else None."""
    wanted = select(func.min(PaymentOrder.created_at)).where(
        col(PaymentOrder.status).in_(("submitted", "unknown", "paid", "frozen"))
    )
    oldest = (await db.exec(wanted)).one()
    return None if oldest is None else local_day(oldest)
