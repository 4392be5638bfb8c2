"""When the two sides do not agree: the client disputes, the provider answers, the procurer decides; and silence."""

from datetime import datetime
from uuid import UUID

import asyncpg
from sqlalchemy import func, text
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from setori.days import local_day
from setori.db import Wire, new_id, record
from setori.errors import Forbidden, NotFound
from setori.people import Actor, Role
from setori.vouchers import queries
from setori.vouchers.commands import AnswerDispute, DecideDispute, DisputeSession, LookAtSample
from setori.vouchers.models import SampleLook
from setori.vouchers.operations.redeeming import Receipt, answer_of
from setori.vouchers.refusals import AlreadyDecided, MonthClosed, TooManyUnits
from setori.vouchers.rules import ASK_AGAIN_BEFORE, Decision, RedemptionStatus

DISPUTE = "select * from dispute_redemption($1, $2, $3, $4, $5, $6, $7)"
DECIDE = "select * from decide_dispute($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"
SILENT_DUE = text("""
    select r.id from redemption r join voucher v on v.id = r.voucher_id join terms t on t.id = v.terms_id
    where r.status = 'held' and t.silent_days > 0
      and r.recorded_at <= cast(:at as timestamptz) - make_interval(days => t.silent_days)
    order by r.recorded_at limit 500
""")
CONFIRM_SILENTLY = text("""
    select (resolve_redemption(:id, 'confirmed', null, null, null, :at, :today, '', null, true)).verdict
""")


async def dispute(
    wire: Wire, redemption_id: UUID, order: DisputeSession, *, by: Actor, at: datetime
) -> Receipt:
    """The jobseeker says that a session is not right. Its money stays held, and the provider is asked for its side.

    Raises Forbidden, NotFound, AlreadyResolved.
    """
    if by.role is not Role.JOBSEEKER:
        raise Forbidden
    row = await wire.fetchrow(
        DISPUTE,
        redemption_id,
        by.person_id,
        order.kind.value,
        order.minutes,
        order.words,
        at,
        local_day(at),
    )
    return answer_of(row)


async def answer_dispute(
    db: AsyncSession, redemption_id: UUID, order: AnswerDispute, *, by: Actor, at: datetime
) -> None:
    """The provider tells its side; it may be told anew until the dispute is decided.

    Raises Forbidden, NotFound, AlreadyDecided.
    """
    if by.role not in (Role.COACH, Role.PROVIDER_OWNER) or by.organisation_id is None:
        raise Forbidden
    session, found = await queries.lock_dispute(db, redemption_id)
    if session.provider_id != by.organisation_id:
        raise NotFound
    if by.role is Role.COACH and not await queries.is_own_session(db, redemption_id, by.person_id):
        raise NotFound
    if session.status is not RedemptionStatus.DISPUTED:
        raise AlreadyDecided
    found.provider_words, found.answered_by, found.answered_at = order.words, by.person_id, at
    record(db, "dispute.answer", redemption_id, by_id=by.person_id, at=at, procurer_id=session.procurer_id)
    await db.flush()


async def decide_dispute(
    wire: Wire, redemption_id: UUID, order: DecideDispute, *, by: Actor, at: datetime
) -> Receipt:
    """The procurer decides what is paid. Both sides read the reason.

    Raises Forbidden, NotFound, AlreadyResolved, TooManyUnits, MonthClosed.
    """
    if by.role is not Role.CASE_WORKER or by.organisation_id is None:
        raise Forbidden
    try:
        row = await wire.fetchrow(
            DECIDE,
            redemption_id,
            by.organisation_id,
            order.decision.value,
            order.units,
            order.minutes,
            order.words,
            by.person_id,
            at,
            local_day(at),
            new_id(),
        )
    except asyncpg.CheckViolationError as wrong:
        if order.decision is Decision.CORRECTED and "a correction has" in str(wrong):
            raise TooManyUnits from wrong
        raise
    except asyncpg.ObjectNotInPrerequisiteStateError as closed:
        raise MonthClosed from closed
    return answer_of(row)


async def list_silent_due(db: AsyncSession, *, at: datetime) -> list[UUID]:
    """Sessions whose client has said nothing for as long as the terms wait, the oldest first, 500 at most."""
    connection = await db.connection()
    return list((await connection.execute(SILENT_DUE, {"at": at})).scalars().all())


async def confirm_silently(db: AsyncSession, redemption_id: UUID, *, at: datetime) -> bool:
    """Take silence for a yes, as the terms say. One session in a transaction: it shares the lock of its month.

    Returns whether it was done; somebody may have answered, or the month been closed, in the same moment.
    """
    given = {"id": redemption_id, "at": at, "today": local_day(at)}
    connection = await db.connection()
    verdict: str = (await connection.execute(CONFIRM_SILENTLY, given)).scalar_one()
    return verdict == "done"


async def ask_again(db: AsyncSession, *, at: datetime) -> int:
    """Write once more to those whose silence will soon count. Returns to how many."""
    return int((await db.exec(select(func.ask_again(at, ASK_AGAIN_BEFORE)))).one())


async def look_at_sample(
    db: AsyncSession, redemption_id: UUID, order: LookAtSample, *, by: Actor, at: datetime
) -> None:
    """Write down, once, what was found of a session that silence confirmed.

    Raises Forbidden, NotFound, AlreadyDecided.
    """
    if by.role is not Role.CASE_WORKER or by.organisation_id is None:
        raise Forbidden
    session = await queries.find_sampled(db, redemption_id, by.organisation_id)
    if await db.get(SampleLook, redemption_id) is not None:
        raise AlreadyDecided
    db.add(
        SampleLook(
            redemption_id=session.id,
            is_right=order.is_right,
            words=order.words,
            looked_by=by.person_id,
            looked_at=at,
        )
    )
    record(db, "sample.look", session.id, by_id=by.person_id, at=at, procurer_id=session.procurer_id)
    await db.flush()
