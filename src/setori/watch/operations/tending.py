"""Looking after a flag: one registrar takes it up, asks the firm, hears it, and writes down what it was."""

from datetime import datetime
from uuid import UUID

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from setori import people
from setori.days import local_day
from setori.db import record
from setori.errors import Forbidden, NotFound
from setori.people import Actor, Role
from setori.watch.commands import AnswerFlag, AskProvider, CloseFlag, TakeFlag
from setori.watch.models import Flag
from setori.watch.refusals import FlagMoved, FlagTakenMeanwhile, NotHeardYet, NotYourFlag
from setori.watch.rules import ANSWER_WITHIN, FLAG_MOVES, FlagStatus, may_close


async def take(db: AsyncSession, flag_id: UUID, order: TakeFlag, *, by: Actor, at: datetime) -> None:
    """Take a flag up, or take it over from the colleague who was seen to have it. Taking it twice is taking it once.

    Raises Forbidden, NotFound, FlagMoved when it is closed, FlagTakenMeanwhile.
    """
    flag = await _locked(db, flag_id, by)
    if flag.status is FlagStatus.CLOSED:
        raise FlagMoved
    if flag.owner_id == by.person_id:
        return
    if flag.owner_id != order.seen_with:
        raise FlagTakenMeanwhile
    if flag.status is FlagStatus.FOUND:
        flag.status = FlagStatus.TAKEN_UP
    flag.owner_id, flag.taken_at = by.person_id, at
    await db.flush()
    record(db, "flag.taken", flag_id, by_id=by.person_id, at=at, procurer_id=flag.procurer_id)


async def ask(db: AsyncSession, flag_id: UUID, order: AskProvider, *, by: Actor, at: datetime) -> None:
    """Ask the firm, which reads the evidence with the question. Raises Forbidden, NotFound, NotYourFlag, FlagMoved."""
    flag = await _locked(db, flag_id, by, in_own_hands=True)
    if FlagStatus.ASKED not in FLAG_MOVES[flag.status]:
        raise FlagMoved
    flag.status, flag.question, flag.asked_at = FlagStatus.ASKED, order.question, at
    flag.answer_by = local_day(at) + ANSWER_WITHIN
    await db.flush()
    record(db, "flag.asked", flag_id, by_id=by.person_id, at=at, procurer_id=flag.procurer_id)
    await _tell_firm(db, flag, "flag_asked", at=at)


async def answer(db: AsyncSession, flag_id: UUID, order: AnswerFlag, *, by: Actor, at: datetime) -> None:
    """The firm says how it is; once. Raises Forbidden, NotFound before it was asked, FlagMoved."""
    if by.role is not Role.PROVIDER_OWNER:
        raise Forbidden
    wanted = select(Flag).where(Flag.id == flag_id, Flag.provider_id == by.organisation_id)
    flag = (await db.exec(wanted.with_for_update().execution_options(populate_existing=True))).first()
    if flag is None or flag.asked_at is None:
        raise NotFound
    if FlagStatus.ANSWERED not in FLAG_MOVES[flag.status]:
        raise FlagMoved
    flag.status, flag.answer = FlagStatus.ANSWERED, order.answer
    flag.answered_by, flag.answered_at = by.person_id, at
    await db.flush()
    record(db, "flag.answered", flag_id, by_id=by.person_id, at=at, procurer_id=flag.procurer_id)
    if flag.owner_id:
        await people.notify(db, flag.owner_id, "flag_answered", {"flag_id": str(flag.id)}, at=at)


async def close(db: AsyncSession, flag_id: UUID, order: CloseFlag, *, by: Actor, at: datetime) -> None:
    """Write down what it was. A firm that was asked is told. Nothing else happens by it.

    Raises Forbidden, NotFound, NotYourFlag, FlagMoved, NotHeardYet.
    """
    flag = await _locked(db, flag_id, by, in_own_hands=True)
    if FlagStatus.CLOSED not in FLAG_MOVES[flag.status]:
        raise FlagMoved
    is_overdue = flag.answer_by is not None and local_day(at) > flag.answer_by
    if not may_close(flag.status, order.outcome, is_overdue=is_overdue):
        raise NotHeardYet
    flag.status, flag.outcome, flag.closing_words = FlagStatus.CLOSED, order.outcome, order.words
    flag.closed_by, flag.closed_at = by.person_id, at
    await db.flush()
    record(
        db,
        "flag.closed",
        flag_id,
        by_id=by.person_id,
        at=at,
        procurer_id=flag.procurer_id,
        outcome=order.outcome.value,
    )
    if flag.asked_at is not None:
        await _tell_firm(db, flag, "flag_closed", at=at)


async def _locked(db: AsyncSession, flag_id: UUID, by: Actor, *, in_own_hands: bool = False) -> Flag:
    if by.role is not Role.REGISTRAR:
        raise Forbidden
    wanted = select(Flag).where(Flag.id == flag_id, Flag.procurer_id == by.organisation_id)
    flag = (await db.exec(wanted.with_for_update().execution_options(populate_existing=True))).first()
    if flag is None:
        raise NotFound
    if in_own_hands and flag.owner_id != by.person_id:
        raise NotYourFlag
    return flag


async def _tell_firm(db: AsyncSession, flag: Flag, kind: str, *, at: datetime) -> None:
    for member in await people.list_members(db, flag.provider_id):
        if member.role is Role.PROVIDER_OWNER:
            await people.notify(db, member.person_id, kind, {"flag_id": str(flag.id)}, at=at)
