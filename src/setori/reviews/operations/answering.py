"""Answering a pulse, with the browser's sign-in or with the letter's code."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from setori.days import local_day
from setori.db import new_id, record
from setori.errors import NotFound
from setori.people import Actor
from setori.reviews.commands import AnswerPulse
from setori.reviews.models import Pulse, Review
from setori.reviews.operations.counting import lock, recount
from setori.reviews.queries import of_code
from setori.reviews.refusals import NotOpen
from setori.reviews.rules import is_open


async def answer(
    db: AsyncSession,
    pulse: UUID | str,
    order: AnswerPulse,
    *,
    by: Actor | None,
    at: datetime,
    language: str = "fi",
    counts: bool = True,
) -> UUID:
    """Say how it is, once or anew: the latest answer counts. The figures that everybody sees change with it.

    `pulse` is its id, answered by whom it was asked, or the code of the letter. `counts` is False for whoever counts
    everything afterwards. Returns the review's id. Raises NotFound, NotOpen, Invalid.
    """
    score = order.score
    wanted = select(Pulse).with_for_update(of=Pulse)
    wanted = wanted.where(Pulse.id == pulse) if isinstance(pulse, UUID) else wanted.where(of_code(pulse))
    asked = (await db.exec(wanted, execution_options={"populate_existing": True})).first()
    if asked is None or (isinstance(pulse, UUID) and (by is None or by.person_id != asked.person_id)):
        raise NotFound
    if not is_open(at, asked.invited_at, asked.answered_at, asked.closed_at):
        raise NotOpen
    if counts:
        await lock(db, asked.provider_id, asked.service_id)
    await db.exec(
        update(Review)
        .where(col(Review.pulse_id) == asked.id, col(Review.replaced_at).is_(None))
        .values(replaced_at=at)
    )
    review = Review(
        id=new_id(),
        pulse_id=asked.id,
        person_id=asked.person_id,
        provider_id=asked.provider_id,
        service_id=asked.service_id,
        offering_id=asked.offering_id,
        coach_id=asked.coach_id,
        stage=asked.stage,
        respect=order.respect,
        plan=order.plan,
        job_market=order.job_market,
        influence=order.influence,
        recommend=order.recommend,
        score=score,
        text=order.text,
        language=language,
        written_at=at,
    )
    db.add(review)
    asked.answered_at = asked.answered_at or at
    db.add(asked)
    record(db, "review.written", review.id, by_id=asked.person_id, at=at, stage=asked.stage.value)
    await db.flush()
    if counts:
        await recount(db, asked.provider_id, asked.service_id, on=local_day(at))
    return review.id
