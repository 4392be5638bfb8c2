"""Reading statements and payment orders."""

from datetime import date, datetime
from uuid import UUID

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from setori.days import local_day
from setori.errors import NotFound
from setori.settlement.models import PaymentOrder, Statement


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
        col(PaymentOrder.status).in_(("submitted", "unknown", "paid"))
    )
    oldest = (await db.exec(wanted)).one()
    return None if oldest is None else local_day(oldest)
