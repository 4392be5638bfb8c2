"""Reading reviews. Readers see what was said and when, never by whom."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, tuple_
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from setori import catalogue, vouchers
from setori.db import Page, page_of
from setori.errors import Conflict, Forbidden, NotFound
from setori.people import PROVIDER_ROLES, Actor, Role
from setori.reviews.models import Review
from setori.vouchers import RedemptionStatus, ReviewableSession

_COUNTS = col(Review.replaced_at).is_(None)


class NotConfirmed(Conflict):
    """Only a session that was held, and that the jobseeker has confirmed, can be reviewed."""

    sentence = "A session can be reviewed once you have confirmed it."


class AlreadyReviewed(Conflict):
    """One session, one review."""

    sentence = "You have already reviewed this session. Thank you."


@dataclass(frozen=True, slots=True)
class ReviewView:
    """What somebody said. `coach_name` is empty when the offering names no coaches."""

    id: UUID
    redemption_id: UUID
    offering_id: UUID
    coach_id: UUID | None
    coach_name: str
    rating: int
    text: str
    language: str
    written_at: datetime


async def find_reviewable(db: AsyncSession, redemption_id: UUID, *, by: Actor) -> ReviewableSession:
    """One's own confirmed session, which may be reviewed once. Raises Forbidden, NotFound, NotConfirmed."""
    if by.role is not Role.JOBSEEKER:
        raise Forbidden
    session = await vouchers.redemption_for_review(db, redemption_id)
    if session is None or session.person_id != by.person_id:
        raise NotFound
    if session.status is not RedemptionStatus.CONFIRMED:
        raise NotConfirmed
    return session


async def find_reviewed(db: AsyncSession, redemption_ids: Collection[UUID]) -> dict[UUID, int]:
    """Which of these sessions have been reviewed: redemption id → rating."""
    if not redemption_ids:
        return {}
    wanted = select(Review.redemption_id, Review.rating).where(col(Review.redemption_id).in_(redemption_ids))
    return dict((await db.exec(wanted)).all())


async def list_of_offering(
    db: AsyncSession,
    offering_id: UUID,
    *,
    coach_id: UUID | None = None,
    after: UUID | None = None,
    limit: int = 10,
) -> Page[ReviewView]:
    """What was said of an offering, or of one coach in it, the newest first."""
    which = and_(col(Review.offering_id) == offering_id, _COUNTS)
    if coach_id is not None:
        which = and_(which, col(Review.coach_id) == coach_id)
    return await _page(db, which, after=after, limit=limit)


async def list_of_provider(
    db: AsyncSession, *, by: Actor, after: UUID | None = None, limit: int = 24
) -> Page[ReviewView]:
    """What was said of one's own firm, the newest first."""
    if by.role not in PROVIDER_ROLES:
        raise Forbidden
    which = and_(col(Review.provider_id) == by.organisation_id, _COUNTS)
    return await _page(db, which, after=after, limit=limit)


async def list_of_person(
    db: AsyncSession, *, by: Actor, after: UUID | None = None, limit: int = 24
) -> Page[ReviewView]:
    """What a jobseeker has said, the newest first."""
    return await _page(db, col(Review.person_id) == by.person_id, after=after, limit=limit)


async def _page(
    db: AsyncSession, which: ColumnElement[bool], *, after: UUID | None, limit: int
) -> Page[ReviewView]:
    wanted = select(Review).where(which)
    if after is not None:
        last = select(Review.written_at, Review.id).where(Review.id == after).scalar_subquery()
        wanted = wanted.where(tuple_(col(Review.written_at), col(Review.id)) < last)
    wanted = wanted.order_by(col(Review.written_at).desc(), col(Review.id).desc()).limit(limit + 1)
    found = (await db.exec(wanted)).all()
    names = await catalogue.names_of_coaches(db, [row.coach_id for row in found if row.coach_id])
    rows = [
        ReviewView(
            row.id,
            row.redemption_id,
            row.offering_id,
            row.coach_id,
            names.get(row.coach_id, "") if row.coach_id else "",
            row.rating,
            row.text,
            row.language,
            row.written_at,
        )
        for row in found
    ]
    return page_of(rows, [row.id for row in rows], limit)
