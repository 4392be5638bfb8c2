"""Reporting words and deciding on them. A hidden text counts on, and nobody deletes: it can be shown again."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from setori import people
from setori.days import local_day
from setori.db import new_id, record
from setori.errors import Forbidden, Invalid, NotFound
from setori.people import Actor, Role
from setori.reviews.commands import DecideReport, ReportReview
from setori.reviews.models import Pulse, Review, ReviewReport
from setori.reviews.refusals import DecidedAlready
from setori.reviews.rules import ReportDecision, decide_by


async def report(db: AsyncSession, review_id: UUID, order: ReportReview, *, by: Actor, at: datetime) -> None:
    """Ask the procurer of the voucher to look at words that everybody sees. What waits already is reported once.

    Raises NotFound for what is not shown or has no words.
    """
    wanted = (
        select(Review, Pulse.procurer_id)
        .join(Pulse, col(Pulse.id) == Review.pulse_id)
        .where(
            Review.id == review_id,
            col(Review.replaced_at).is_(None),
            col(Review.hidden_at).is_(None),
            Review.text != "",
        )
    )
    found = (await db.exec(wanted)).first()
    if found is None:
        raise NotFound
    procurer_id = found[1]
    added = (
        insert(ReviewReport)
        .values(
            id=new_id(),
            review_id=review_id,
            procurer_id=procurer_id,
            by_id=by.hand_id,
            reason=order.reason,
            words=order.words,
            reported_at=at,
            due_on=decide_by(local_day(at)),
            decision_words="",
        )
        .on_conflict_do_nothing()
        .returning(col(ReviewReport.id))
    )
    report_id: UUID | None = (await db.exec(added)).scalar_one_or_none()
    if report_id is None:
        return
    reason = order.reason.value
    record(db, "review.reported", report_id, by_id=by.hand_id, at=at, procurer_id=procurer_id, reason=reason)
    for member in await people.list_members(db, procurer_id):
        if member.role is Role.REGISTRAR:
            given = {"report_id": str(report_id)}
            await people.notify(db, member.person_id, "review_reported", given, at=at)


async def decide_report(
    db: AsyncSession, report_id: UUID, order: DecideReport, *, by: Actor, at: datetime
) -> None:
    """Hide the words, which count on, or let them stand. The author is told kindly why, the reporter is not told who.

    Raises Forbidden, NotFound, DecidedAlready, Invalid when no reason is given for hiding.
    """
    told = await _locked(db, report_id, by)
    if told.decision is not None:
        raise DecidedAlready
    hides = order.decision is ReportDecision.HIDDEN
    if hides and order.hidden_for is None:
        raise Invalid(errors={"hidden_for": "Choose the reason."})
    told.decision, told.decided_by, told.decided_at = order.decision, by.person_id, at
    told.hidden_for, told.decision_words = (order.hidden_for if hides else None), order.words
    await db.flush()
    if hides:
        await db.exec(update(Review).where(col(Review.id) == told.review_id).values(hidden_at=at))
        author = select(Review.person_id, Review.pulse_id).where(Review.id == told.review_id)
        person_id, pulse_id = (await db.exec(author)).one()
        given = {"pulse_id": str(pulse_id)}
        await people.notify(db, person_id, "review_hidden", given, at=at)
    decision = order.decision.value
    record(
        db,
        "review.report_decided",
        report_id,
        by_id=by.person_id,
        at=at,
        procurer_id=told.procurer_id,
        decision=decision,
    )


async def show_again(db: AsyncSession, report_id: UUID, *, by: Actor, at: datetime) -> None:
    """Show words again that a decision hid. Raises Forbidden, NotFound, DecidedAlready when they are not hidden."""
    told = await _locked(db, report_id, by)
    if told.decision is not ReportDecision.HIDDEN or told.shown_at is not None:
        raise DecidedAlready
    told.shown_by, told.shown_at = by.person_id, at
    await db.flush()
    await db.exec(update(Review).where(col(Review.id) == told.review_id).values(hidden_at=None))
    record(db, "review.shown_again", report_id, by_id=by.person_id, at=at, procurer_id=told.procurer_id)


async def _locked(db: AsyncSession, report_id: UUID, by: Actor) -> ReviewReport:
    if by.role is not Role.REGISTRAR:
        raise Forbidden
    wanted = select(ReviewReport).where(
        ReviewReport.id == report_id, ReviewReport.procurer_id == by.organisation_id
    )
    found = (await db.exec(wanted.with_for_update().execution_options(populate_existing=True))).first()
    if found is None:
        raise NotFound
    return found
