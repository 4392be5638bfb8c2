"""Writing the books: opening accounts and posting to them. The database refuses what must not be."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError
from sqlmodel.ext.asyncio.session import AsyncSession

from setori.days import local_day
from setori.db import new_id
from setori.errors import Conflict
from setori.ledger.models import Account, Posting
from setori.ledger.queries import find_account
from setori.ledger.rules import AccountKind, Phase, PostingKind


class NotEnoughMoney(Conflict):
    """A bounded account would be overdrawn."""

    sentence = "There is not enough money left for this."


async def open_account(
    db: AsyncSession,
    procurer_id: UUID,
    kind: AccountKind,
    owner_id: UUID | None = None,
    *,
    id: UUID | None = None,
) -> UUID:
    """The account of a procurer for an owner, opened when there is none yet. Returns its id."""
    existing = await find_account(db, procurer_id, kind, owner_id)
    if existing is not None:
        return existing.id
    account_id = id or new_id()
    await db.exec(
        insert(Account).values(id=account_id, procurer_id=procurer_id, kind=kind, owner_id=owner_id)
    )
    return account_id


async def open_accounts(
    db: AsyncSession, procurer_id: UUID, kind: AccountKind, owner_ids: Sequence[UUID]
) -> None:
    """New accounts of many owners at once, each with its owner's id."""
    rows = [{"id": id, "procurer_id": procurer_id, "kind": kind, "owner_id": id} for id in owner_ids]
    if rows:
        await db.exec(insert(Account), params=rows)


async def post_all(
    db: AsyncSession,
    kind: PostingKind,
    moves: Sequence[tuple[UUID, UUID, int, UUID]],
    *,
    procurer_id: UUID,
    at: datetime,
    by_id: UUID | None,
) -> None:
    """Move money many times at once: (debit, credit, cents, reference) each. Raises NotEnoughMoney as `post` does."""
    told = {"procurer_id": procurer_id, "kind": kind, "phase": Phase.POST, "by_id": by_id}
    when = {"booked_on": local_day(at), "posted_at": at}
    rows = [
        {"id": new_id(), "debit_id": debit, "credit_id": credit, "amount": cents, "reference_id": about}
        | told
        | when
        for debit, credit, cents, about in moves
    ]
    try:
        if rows:
            await db.exec(insert(Posting), params=rows)
    except IntegrityError as refused:
        if "account_not_overdrawn" in str(refused):
            raise NotEnoughMoney from refused
        raise


async def post(
    db: AsyncSession,
    kind: PostingKind,
    *,
    procurer_id: UUID,
    debit: UUID,
    credit: UUID,
    amount: int,
    reference: UUID,
    at: datetime,
    by_id: UUID | None,
    id: UUID | None = None,
    reverses: UUID | None = None,
) -> UUID:
    """Move `amount` cents from one account to another, once for an id; `reverses` is the posting that it undoes.

    Raises NotEnoughMoney when it would overdraw; the transaction is then over, as after any refusal of the database.
    Who means to go on takes a savepoint first.
    """
    posting_id = id or new_id()
    row = {
        "id": posting_id,
        "procurer_id": procurer_id,
        "kind": kind,
        "phase": Phase.POST,
        "debit_id": debit,
        "credit_id": credit,
        "amount": amount,
        "reference_id": reference,
        "reverses_id": reverses,
        "booked_on": local_day(at),
        "posted_at": at,
        "by_id": by_id,
    }
    try:
        await db.exec(insert(Posting).values(**row))
    except IntegrityError as refused:
        if "account_not_overdrawn" in str(refused):
            raise NotEnoughMoney from refused
        raise
    return posting_id
