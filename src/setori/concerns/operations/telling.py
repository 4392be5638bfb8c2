"""Telling in confidence. Mails say that something waits, and nothing of what or by whom."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from setori import people
from setori.concerns.commands import AddWords, TellConcern
from setori.concerns.models import Concern, ConcernMessage
from setori.concerns.refusals import ConcernClosed
from setori.concerns.rules import ConcernStatus
from setori.db import record
from setori.errors import Forbidden, NotFound
from setori.people import Actor, Role
from setori.vouchers import Voucher


async def tell(db: AsyncSession, order: TellConcern, *, by: Actor, at: datetime) -> UUID:
    """Keep what happened, for those who are named for it at the voucher's procurer. Told twice with one id is once.

    Where nobody is named, its approvers are told that somebody has to be. Raises Forbidden, NotFound.
    """
    if by.role is not Role.JOBSEEKER or by.through is not None:
        raise Forbidden
    voucher = await db.get(Voucher, order.voucher_id)
    if voucher is None or voucher.person_id != by.person_id:
        raise NotFound
    added = (
        insert(Concern)
        .values(
            **order.model_dump(),
            procurer_id=voucher.procurer_id,
            person_id=by.person_id,
            status=ConcernStatus.RECEIVED,
            told_at=at,
            done="",
        )
        .on_conflict_do_nothing(index_elements=["id"])
        .returning(col(Concern.id))
    )
    if (await db.exec(added)).scalar_one_or_none() is None:
        known = select(Concern.id).where(Concern.id == order.id, Concern.person_id == by.person_id)
        if (await db.exec(known)).first() is None:
            raise NotFound
        return order.id
    record(db, "concern.told", order.id, by_id=by.person_id, at=at, procurer_id=voucher.procurer_id)
    members = await people.list_members(db, voucher.procurer_id)
    readers = [one for one in members if one.role is Role.SAFEGUARDING and one.person_id != by.person_id]
    for one in readers:
        await people.notify(db, one.person_id, "concern_waits", {}, at=at)
    if not readers:
        for one in (member for member in members if member.role is Role.APPROVER):
            await people.notify(db, one.person_id, "concern_has_no_reader", {}, at=at)
    return order.id


async def add_words(db: AsyncSession, concern_id: UUID, order: AddWords, *, by: Actor, at: datetime) -> None:
    """Say more about what one has told. Raises NotFound, ConcernClosed."""
    wanted = select(Concern).where(Concern.id == concern_id, Concern.person_id == by.person_id)
    concern = (await db.exec(wanted.with_for_update())).first()
    if concern is None or by.role is not Role.JOBSEEKER or by.through is not None:
        raise NotFound
    if concern.status is ConcernStatus.CLOSED:
        raise ConcernClosed
    db.add(ConcernMessage(concern_id=concern_id, by_id=by.person_id, words=order.words, written_at=at))
    record(db, "concern.added_to", concern_id, by_id=by.person_id, at=at, procurer_id=concern.procurer_id)
    if concern.handler_id is not None:
        await people.notify(db, concern.handler_id, "concern_waits", {}, at=at)
