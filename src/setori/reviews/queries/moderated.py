"""What a procurer decides on: words that were reported, and replies of firms. It is never told who wrote."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from setori.db import Page, page_of
from setori.errors import Forbidden, NotFound
from setori.people import Actor, Organisation, Person, Role
from setori.reviews.models import Review, ReviewReply, ReviewReport
from setori.reviews.rules import Complaint, ReplyDecision, ReportDecision


@dataclass(frozen=True, slots=True)
class ReportView:
    """Reported words as the procurer of the voucher sees them: what was said, why it was reported, and the decision."""

    id: UUID
    review_id: UUID
    provider_name: str
    text: str
    language: str
    score: float
    written_at: datetime
    reason: Complaint
    words: str
    reported_at: datetime
    due_on: date
    decision: ReportDecision | None
    hidden_for: Complaint | None
    decision_words: str
    decided_by: str | None
    decided_at: datetime | None
    shown_at: datetime | None

    @property
    def is_hidden(self) -> bool:
        """Whether this decision keeps the words hidden now."""
        return self.decision is ReportDecision.HIDDEN and self.shown_at is None


@dataclass(frozen=True, slots=True)
class ReplyToCheck:
    """A firm's reply as the procurer of the voucher sees it, under what it replies to."""

    id: UUID
    provider_name: str
    said: str
    said_language: str
    score: float
    said_at: datetime
    text: str
    language: str
    written_at: datetime
    due_on: date
    decision: ReplyDecision | None
    refused_for: Complaint | None
    decided_by: str | None
    decided_at: datetime | None


async def list_reports(
    db: AsyncSession, *, by: Actor, is_open: bool, after: UUID | None = None, limit: int = 25
) -> Page[ReportView]:
    """Reported words of one's procurer's vouchers: those to decide, the oldest first, or the decided."""
    which = col(ReviewReport.decision).is_(None) == is_open
    if after is not None:
        which = and_(which, col(ReviewReport.id) > after if is_open else col(ReviewReport.id) < after)
    rows = await _reports(db, which, by, limit + 1, oldest_first=is_open)
    return page_of(rows, [row.id for row in rows], limit)


async def find_report(db: AsyncSession, report_id: UUID, *, by: Actor) -> ReportView:
    """One of them. Raises Forbidden, NotFound."""
    found = await _reports(db, col(ReviewReport.id) == report_id, by, 1)
    if not found:
        raise NotFound
    return found[0]


async def _reports(
    db: AsyncSession, which: ColumnElement[bool], by: Actor, limit: int, *, oldest_first: bool = False
) -> list[ReportView]:
    if by.role is not Role.REGISTRAR:
        raise Forbidden
    in_order = col(ReviewReport.id) if oldest_first else col(ReviewReport.id).desc()
    wanted = (
        select(ReviewReport, Review, Organisation.name, Person.name)
        .join(Review, col(Review.id) == ReviewReport.review_id)
        .join(Organisation, col(Organisation.id) == Review.provider_id)
        .outerjoin(Person, col(Person.id) == ReviewReport.decided_by)
        .where(which, ReviewReport.procurer_id == by.organisation_id)
        .order_by(in_order)
        .limit(limit)
    )
    return [
        ReportView(
            told.id,
            told.review_id,
            provider,
            said.text,
            said.language,
            said.score,
            said.written_at,
            told.reason,
            told.words,
            told.reported_at,
            told.due_on,
            told.decision,
            told.hidden_for,
            told.decision_words,
            decided,
            told.decided_at,
            told.shown_at,
        )
        for told, said, provider, decided in (await db.exec(wanted)).all()
    ]


async def list_replies(
    db: AsyncSession, *, by: Actor, is_open: bool, after: UUID | None = None, limit: int = 25
) -> Page[ReplyToCheck]:
    """Replies to reviews of one's procurer's vouchers: those to decide, the oldest first, or the decided."""
    which = col(ReviewReply.decision).is_(None) == is_open
    if after is not None:
        which = and_(which, col(ReviewReply.id) > after if is_open else col(ReviewReply.id) < after)
    rows = await _replies(db, which, by, limit + 1, oldest_first=is_open)
    return page_of(rows, [row.id for row in rows], limit)


async def find_reply(db: AsyncSession, reply_id: UUID, *, by: Actor) -> ReplyToCheck:
    """One of them. Raises Forbidden, NotFound."""
    found = await _replies(db, col(ReviewReply.id) == reply_id, by, 1)
    if not found:
        raise NotFound
    return found[0]


async def _replies(
    db: AsyncSession, which: ColumnElement[bool], by: Actor, limit: int, *, oldest_first: bool = False
) -> list[ReplyToCheck]:
    if by.role is not Role.REGISTRAR:
        raise Forbidden
    wanted = (
        select(ReviewReply, Review, Organisation.name, Person.name)
        .join(Review, col(Review.id) == ReviewReply.review_id)
        .join(Organisation, col(Organisation.id) == Review.provider_id)
        .outerjoin(Person, col(Person.id) == ReviewReply.decided_by)
        .where(which, ReviewReply.procurer_id == by.organisation_id)
        .order_by(col(ReviewReply.id) if oldest_first else col(ReviewReply.id).desc())
        .limit(limit)
    )
    return [
        ReplyToCheck(
            told.id,
            provider,
            said.text if said.hidden_at is None else "",
            said.language,
            said.score,
            said.written_at,
            told.text,
            told.language,
            told.written_at,
            told.due_on,
            told.decision,
            told.refused_for,
            decided,
            told.decided_at,
        )
        for told, said, provider, decided in (await db.exec(wanted)).all()
    ]
