"""Writing reviews."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from setori import catalogue
from setori.db import new_id, record
from setori.people import Actor
from setori.reviews.commands import WriteReview
from setori.reviews.models import Review
from setori.reviews.queries import AlreadyReviewed, find_reviewable


async def write(
    db: AsyncSession, redemption_id: UUID, order: WriteReview, *, by: Actor, at: datetime
) -> UUID:
    """Say what one's own confirmed session was like, once. The figures that everybody sees change with it.

    Raises Forbidden, NotFound, NotConfirmed, AlreadyReviewed.
    """
    session = await find_reviewable(db, redemption_id, by=by)
    written = (
        insert(Review)
        .values(
            id=new_id(),
            redemption_id=redemption_id,
            person_id=by.person_id,
            provider_id=session.provider_id,
            offering_id=session.offering_id,
            coach_id=session.coach_id,
            rating=order.rating,
            text=order.text,
            language=by.language,
            written_at=at,
        )
        .on_conflict_do_nothing(index_elements=["redemption_id"])
        .returning(col(Review.id))
    )
    review_id: UUID | None = (await db.exec(written)).scalar_one_or_none()
    if review_id is None:
        raise AlreadyReviewed
    await catalogue.add_rating(db, session.offering_id, session.coach_id, order.rating)
    record(db, "review.written", review_id, by_id=by.person_id, at=at, rating=order.rating)
    await db.flush()
    return review_id
