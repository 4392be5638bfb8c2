"""Reading the books."""

from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from setori.ledger.models import Account
from setori.ledger.rules import AccountKind


async def find_account(
    db: AsyncSession, procurer_id: UUID, kind: AccountKind, owner_id: UUID | None
) -> Account | None:
    """The account of a procurer of one kind for one owner (None: the procurer's own)."""
    wanted = select(Account).where(
        Account.procurer_id == procurer_id,
        Account.kind == kind,
        col(Account.owner_id).is_not_distinct_from(owner_id),
    )
    return (await db.exec(wanted)).first()


async def list_balances(db: AsyncSession, account_ids: list[UUID]) -> dict[UUID, tuple[int, int, int]]:
    """Counters of bounded accounts in cents: id → (credits, debits, held)."""
    wanted = select(Account.id, Account.credits, Account.debits, Account.held).where(
        col(Account.id).in_(account_ids)
    )
    return {row[0]: (row[1], row[2], row[3]) for row in (await db.exec(wanted)).all()}
