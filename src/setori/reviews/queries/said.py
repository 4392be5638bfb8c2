"""Reading what was asked and what was said. Readers see what and when, never by whom."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from uuid import UUID

from sqlalchemy import ColumnElement, and_, or_, tuple_
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from setori import catalogue
from setori.catalogue import ExperiencePrior, Service
from setori.db import Page, page_of
from setori.errors import Forbidden, NotFound
from setori.people import PROVIDER_ROLES, Actor, Organisation, Role
from setori.quality.experience import Item
from setori.reviews.models import Pulse, Review, ReviewReply, ReviewReport
from setori.reviews.rules import Complaint, ReplyDecision, ReportDecision, Stage, is_open

_COUNTS = col(Review.replaced_at).is_(None)


@dataclass(frozen=True, slots=True)
class ReplyView:
    """What the firm replied. `decision` is None as long as nobody has looked at it."""

    text: str
    language: str
    written_at: datetime
    decision: ReplyDecision | None
    refused_for: Complaint | None


@dataclass(frozen=True, slots=True)
class ReviewView:
    """What somebody said. `coach_name` is empty when the offering names no coaches, `text` when it is hidden.

    `hidden_for` tells why its words are hidden.
    """

    id: UUID
    offering_id: UUID
    coach_id: UUID | None
    coach_name: str
    stage: Stage
    score: float
    items: dict[Item, int | None]
    text: str
    language: str
    written_at: datetime
    is_hidden: bool
    hidden_for: Complaint | None = None
    reply: ReplyView | None = None


@dataclass(frozen=True, slots=True)
class PulseView:
    """A question as whom it was asked sees it, with the answer that counts so far."""

    id: UUID
    voucher_id: UUID
    offering_id: UUID
    coach_id: UUID | None
    coach_name: str
    provider_name: str
    stage: Stage
    invited_at: datetime
    answered_at: datetime | None
    is_open: bool
    said: ReviewView | None

    @property
    def waits(self) -> bool:
        """Whether nothing was said yet, and can be."""
        return self.is_open and self.answered_at is None


def of_code(code: str) -> ColumnElement[bool]:
    """The pulse that a letter's code opens."""
    return col(Pulse.code_hash) == sha256(code.encode(errors="replace")).digest()


async def find_pulse(db: AsyncSession, pulse: UUID | str, *, by: Actor | None, at: datetime) -> PulseView:
    """One's own question, by its id or by the code of the letter. Raises NotFound."""
    which = (
        of_code(pulse)
        if isinstance(pulse, str)
        else and_(col(Pulse.id) == pulse, col(Pulse.person_id) == (by.person_id if by else None))
    )
    found = await _pulses(db, which, at)
    if not found:
        raise NotFound
    return found[0]


async def list_waiting(db: AsyncSession, *, by: Actor, at: datetime) -> list[PulseView]:
    """What a jobseeker is asked and has not answered, the newest first; a few at most."""
    if by.role is not Role.JOBSEEKER:
        raise Forbidden
    which = and_(
        col(Pulse.person_id) == by.person_id, col(Pulse.answered_at).is_(None), col(Pulse.closed_at).is_(None)
    )
    return [one for one in await _pulses(db, which, at) if one.waits]


async def list_uncounted(db: AsyncSession, *, on: date) -> list[UUID]:
    """The services whose figures were not counted on this day yet."""
    wanted = (
        select(Service.id)
        .outerjoin(ExperiencePrior, col(ExperiencePrior.service_id) == Service.id)
        .where(or_(col(ExperiencePrior.counted_on).is_(None), col(ExperiencePrior.counted_on) < on))
        .order_by(col(Service.id))
    )
    return list((await db.exec(wanted)).all())


async def list_of_voucher(db: AsyncSession, voucher_id: UUID, *, by: Actor, at: datetime) -> list[PulseView]:
    """What a jobseeker was asked about one's own voucher, the newest first."""
    return await _pulses(
        db, and_(col(Pulse.voucher_id) == voucher_id, col(Pulse.person_id) == by.person_id), at
    )


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
    return await _page(db, which, after=after, limit=limit, shows_replies=True)


async def find_own(db: AsyncSession, review_id: UUID, *, by: Actor) -> ReviewView:
    """What was said of one's own firm, with the reply to it. Raises Forbidden, NotFound."""
    if by.role not in PROVIDER_ROLES:
        raise Forbidden
    wanted = select(Review).where(Review.id == review_id, Review.provider_id == by.organisation_id, _COUNTS)
    row = (await db.exec(wanted)).first()
    if row is None:
        raise NotFound
    names = await catalogue.names_of_coaches(db, [row.coach_id] if row.coach_id else [])
    return _view(row, names, False, replies=await _replies(db, [row.id], True))


async def list_of_person(
    db: AsyncSession, *, by: Actor, after: UUID | None = None, limit: int = 24
) -> Page[ReviewView]:
    """What a jobseeker has said and what counts of it, the newest first, also what is hidden from others."""
    which = and_(col(Review.person_id) == by.person_id, _COUNTS)
    return await _page(db, which, after=after, limit=limit, shows_hidden=True)


async def _page(
    db: AsyncSession,
    which: ColumnElement[bool],
    *,
    after: UUID | None,
    limit: int,
    shows_hidden: bool = False,
    shows_replies: bool = False,
) -> Page[ReviewView]:
    wanted = select(Review).where(which)
    if after is not None:
        last = select(Review.written_at, Review.id).where(Review.id == after).scalar_subquery()
        wanted = wanted.where(tuple_(col(Review.written_at), col(Review.id)) < last)
    wanted = wanted.order_by(col(Review.written_at).desc(), col(Review.id).desc()).limit(limit + 1)
    found = (await db.exec(wanted)).all()
    names = await catalogue.names_of_coaches(db, [row.coach_id for row in found if row.coach_id])
    why = await _reasons(db, [row.id for row in found if row.hidden_at is not None])
    replies = await _replies(db, [row.id for row in found], shows_replies)
    rows = [_view(row, names, shows_hidden, why.get(row.id), replies) for row in found]
    return page_of(rows, [row.id for row in rows], limit)


async def _pulses(db: AsyncSession, which: ColumnElement[bool], at: datetime) -> list[PulseView]:
    wanted = (
        select(Pulse, Review, Organisation.name)
        .join(Organisation, col(Organisation.id) == Pulse.provider_id)
        .outerjoin(Review, and_(col(Review.pulse_id) == Pulse.id, _COUNTS))
        .where(which)
        .order_by(col(Pulse.invited_at).desc(), col(Pulse.id))
        .limit(20)
    )
    found = (await db.exec(wanted)).all()
    names = await catalogue.names_of_coaches(db, [pulse.coach_id for pulse, *_ in found if pulse.coach_id])
    why = await _reasons(db, [said.id for _, said, _ in found if said and said.hidden_at])
    return [
        PulseView(
            pulse.id,
            pulse.voucher_id,
            pulse.offering_id,
            pulse.coach_id,
            names.get(pulse.coach_id, "") if pulse.coach_id else "",
            provider_name,
            pulse.stage,
            pulse.invited_at,
            pulse.answered_at,
            is_open(at, pulse.invited_at, pulse.answered_at, pulse.closed_at),
            _view(review, names, True, why.get(review.id)) if review else None,
        )
        for pulse, review, provider_name in found
    ]


async def _replies(db: AsyncSession, ids: list[UUID], shows_all: bool) -> dict[UUID, ReplyView]:
    """The newest reply to each review; only those that everybody may read, unless their firm asks."""
    if not ids:
        return {}
    wanted = select(ReviewReply).where(col(ReviewReply.review_id).in_(ids)).order_by(col(ReviewReply.id))
    if not shows_all:
        wanted = wanted.where(ReviewReply.decision == ReplyDecision.SHOWN)
    return {
        row.review_id: ReplyView(row.text, row.language, row.written_at, row.decision, row.refused_for)
        for row in (await db.exec(wanted)).all()
    }


async def _reasons(db: AsyncSession, ids: list[UUID]) -> dict[UUID, Complaint]:
    """Why words are hidden, by review."""
    if not ids:
        return {}
    wanted = (
        select(ReviewReport.review_id, ReviewReport.hidden_for)
        .where(
            col(ReviewReport.review_id).in_(ids),
            ReviewReport.decision == ReportDecision.HIDDEN,
            col(ReviewReport.shown_at).is_(None),
        )
        .order_by(col(ReviewReport.id))
    )
    return {row[0]: Complaint(row[1]) for row in (await db.exec(wanted)).all() if row[1] is not None}


def _view(
    row: Review,
    names: dict[UUID, str],
    shows_hidden: bool,
    hidden_for: Complaint | None = None,
    replies: Mapping[UUID, ReplyView] | None = None,
) -> ReviewView:
    return ReviewView(
        row.id,
        row.offering_id,
        row.coach_id,
        names.get(row.coach_id, "") if row.coach_id else "",
        row.stage,
        row.score,
        {item: getattr(row, item.value) for item in Item},
        row.text if row.hidden_at is None or shows_hidden else "",
        row.language,
        row.written_at,
        row.hidden_at is not None,
        hidden_for,
        replies.get(row.id) if replies else None,
    )


async def find_shown(db: AsyncSession, review_id: UUID) -> ReviewView:
    """A review with words that everybody sees. Raises NotFound."""
    wanted = select(Review).where(
        Review.id == review_id, _COUNTS, col(Review.hidden_at).is_(None), Review.text != ""
    )
    row = (await db.exec(wanted)).first()
    if row is None:
        raise NotFound
    names = await catalogue.names_of_coaches(db, [row.coach_id] if row.coach_id else [])
    return _view(row, names, False)
