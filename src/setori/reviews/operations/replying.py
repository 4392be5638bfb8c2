"""A firm's reply to what a client said: written once, looked at by the procurer, then read by everybody."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from setori import people
from setori.days import local_day
from setori.db import new_id, record
from setori.errors import Forbidden, Invalid, NotFound
from setori.people import Actor, Role
from setori.reviews.commands import DecideReply, WriteReply
from setori.reviews.models import Pulse, Review, ReviewReply
from setori.reviews.refusals import DecidedAlready, RepliedAlready
from setori.reviews.rules import ReplyDecision, decide_by


async def reply(
    db: AsyncSession, review_id: UUID, order: WriteReply, *, by: Actor, at: datetime, language: str
) -> UUID:
    """Answer what a client said of one's firm. Nobody else reads it before the procurer has decided.

    Returns the reply's id. Raises Forbidden, NotFound for what is not said of the firm any more, RepliedAlready.
    """
    if by.role is not Role.PROVIDER_OWNER:
        raise Forbidden
    wanted = (
        select(Pulse.procurer_id)
        .join(Review, col(Review.pulse_id) == Pulse.id)
        .where(
            Review.id == review_id,
            Review.provider_id == by.organisation_id,
            col(Review.replaced_at).is_(None),
        )
    )
    procurer_id = (await db.exec(wanted)).first()
    if procurer_id is None:
        raise NotFound
    added = (
        insert(ReviewReply)
        .values(
            id=new_id(),
            review_id=review_id,
            procurer_id=procurer_id,
            by_id=by.person_id,
            text=order.text,
            language=language,
            written_at=at,
            due_on=decide_by(local_day(at)),
        )
        .on_conflict_do_nothing()
        .returning(col(ReviewReply.id))
    )
    reply_id: UUID | None = (await db.exec(added)).scalar_one_or_none()
    if reply_id is None:
        raise RepliedAlready
    record(db, "review.replied", reply_id, by_id=by.person_id, at=at, procurer_id=procurer_id)
    for member in await people.list_members(db, procurer_id):
        if member.role is Role.REGISTRAR:
            given = {"reply_id": str(reply_id)}
            await people.notify(db, member.person_id, "review_replied", given, at=at)
    return reply_id


async def decide_reply(
    db: AsyncSession, reply_id: UUID, order: DecideReply, *, by: Actor, at: datetime
) -> None:
    """Show a firm's reply to everybody, or refuse it for a reason that its writer is told.

    Raises Forbidden, NotFound, DecidedAlready, Invalid when no reason is given for refusing.
    """
    if by.role is not Role.REGISTRAR:
        raise Forbidden
    wanted = select(ReviewReply).where(
        ReviewReply.id == reply_id, ReviewReply.procurer_id == by.organisation_id
    )
    told = (await db.exec(wanted.with_for_update().execution_options(populate_existing=True))).first()
    if told is None:
        raise NotFound
    if told.decision is not None:
        raise DecidedAlready
    refuses = order.decision is ReplyDecision.REFUSED
    if refuses and order.refused_for is None:
        raise Invalid(errors={"refused_for": "Choose the reason."})
    told.decision, told.decided_by, told.decided_at = order.decision, by.person_id, at
    told.refused_for = order.refused_for if refuses else None
    await db.flush()
    kind = "reply_refused" if refuses else "reply_shown"
    await people.notify(db, told.by_id, kind, {}, at=at)
    record(
        db,
        "review.reply_decided",
        reply_id,
        by_id=by.person_id,
        at=at,
        procurer_id=told.procurer_id,
        decision=order.decision.value,
    )
