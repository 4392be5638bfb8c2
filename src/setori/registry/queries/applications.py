"""Reading applications: a provider its own, a procurer those that were sent to it."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, tuple_
from sqlalchemy.orm import aliased
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from setori.db import Page, page_of
from setori.errors import Forbidden, NotFound
from setori.people import PROVIDER_ROLES, Actor, Organisation, Person, Role
from setori.registry.models import Answer, Application, Assessment, CriterionVerdict, Filing, Rulebook
from setori.registry.queries.documents import document_of, documents_named, problem_of
from setori.registry.queries.filings import (
    AppealView,
    CompletionView,
    Course,
    asked_between,
    course_of,
    latest_filings,
)
from setori.registry.queries.rulebooks import criteria_of, view_of
from setori.registry.queries.seeing import visible_to
from setori.registry.queries.views import AnsweredCriterion, ApplicationRow, DecisionView, FormerAnswer
from setori.registry.rules import AppealOutcome, ApplicationStatus

_Provider = aliased(Organisation)
_Procurer = aliased(Organisation)

FRESH = {"populate_existing": True}
"""Answers are written past the session, so they are read past it too."""


@dataclass(frozen=True, slots=True)
class ApplicationView:
    """An application with its answers, for either side of the table.

    `decision` is the one that stands; `completion` what is asked while the application is returned.
    """

    row: ApplicationRow
    criteria: list[AnsweredCriterion]
    decision: DecisionView | None
    course: Course
    completion: CompletionView | None

    @property
    def resolved_appeals(self) -> list[AppealView]:
        """What came of appeals, as far as it bears on what stands: against the last decision, or deciding anew."""
        last = max((one.round for one in self.course.decisions), default=0)
        resolved = [one for one in self.course.appeals if one.outcome is not None]
        return [one for one in resolved if one.round == last or one.outcome is AppealOutcome.REOPENED]


async def list_queue(
    db: AsyncSession,
    *,
    by: Actor,
    status: ApplicationStatus = ApplicationStatus.SUBMITTED,
    only_own: bool = False,
    after: UUID | None = None,
    limit: int = 24,
) -> Page[ApplicationRow]:
    """What waits for the registrar, the one that has waited longest first; or what has been decided, by status.

    `only_own` leaves out what somebody else assesses.
    """
    if by.role is not Role.REGISTRAR or status is ApplicationStatus.DRAFT:
        raise Forbidden
    which = and_(
        col(Application.procurer_id) == by.organisation_id,
        col(Application.status) == status,
        col(Application.submitted_at).is_not(None),
    )
    if only_own:
        asked = exists().where(
            col(Assessment.application_id) == Application.id,
            col(Assessment.round) == Application.round,
            col(Assessment.assessor_id) == by.person_id,
        )
        which = and_(which, asked)
    place = tuple_(col(Application.submitted_at), col(Application.id))
    if after is not None:
        last = select(Application.submitted_at, Application.id).where(Application.id == after)
        which = and_(which, place > last.scalar_subquery())
    rows = await _rows(db, which, col(Application.submitted_at), col(Application.id), limit=limit + 1)
    return page_of(rows, [row.id for row in rows], limit)


async def list_applications(
    db: AsyncSession, *, by: Actor, after: UUID | None = None, limit: int = 24
) -> Page[ApplicationRow]:
    """A provider's own applications, the newest first."""
    if by.role not in PROVIDER_ROLES:
        raise Forbidden
    which: ColumnElement[bool] = col(Application.provider_id) == by.organisation_id
    place = tuple_(col(Application.started_at), col(Application.id))
    if after is not None:
        last = select(Application.started_at, Application.id).where(Application.id == after)
        which = and_(which, place < last.scalar_subquery())
    order = (col(Application.started_at).desc(), col(Application.id).desc())
    rows = await _rows(db, which, *order, limit=limit + 1)
    return page_of(rows, [row.id for row in rows], limit)


async def find_application(
    db: AsyncSession, application_id: UUID, *, by: Actor, on: date | None = None
) -> ApplicationView:
    """An application with its answers and decision. Another's, or one not yet sent to the procurer, raises NotFound.

    The provider sees the answers as they stand, the procurer as they were last filed. Given a day, documents that have
    ended by then are told of as problems.
    """
    rows = await _rows(db, and_(col(Application.id) == application_id, visible_to(by)), limit=1)
    if not rows:
        raise NotFound
    row = rows[0]
    course = await course_of(db, application_id)
    is_own = by.role in PROVIDER_ROLES
    answers = await _answers(db, application_id) if is_own else {}
    sent = [] if is_own else await latest_filings(db, application_id)
    filed = sent[0].answers if sent else {}
    met = await _verdicts_of(db, application_id, row.round)
    request = course.completions[-1] if row.status is ApplicationStatus.RETURNED else None
    asked = await criteria_of(db, row.rulebook_id)
    values = {
        one.code: (answers[one.id].value if one.id in answers else "") if is_own else filed.get(one.code, "")
        for one in asked
    }
    earlier = _changed(sent)
    named = [(one.kind, value) for one in asked for value in (values[one.code], earlier.get(one.code, ""))]
    known = await documents_named(db, named, provider_id=row.provider_id)
    to_mend = asked_between(course, sent[1].round, sent[0].round) if earlier else None
    criteria = []
    for criterion in asked:
        written, verdict = answers.get(criterion.id), met.get(criterion.id)
        value, former = values[criterion.code], None
        if criterion.code in earlier:
            before = earlier[criterion.code]
            was_asked = None if to_mend is None else criterion.code in to_mend
            former = FormerAnswer(sent[1].round, before, document_of(criterion, before, known), was_asked)
        criteria.append(
            AnsweredCriterion(
                view_of(criterion),
                value,
                problem_of(criterion, value, known, on=on) if value and is_own else None,
                verdict.met if verdict else None,
                verdict.reason if verdict else "",
                request.to_mend.get(criterion.code, "") if request else "",
                written.source if written else None,
                written.by if written else "",
                written.at if written else None,
                document_of(criterion, value, known),
                former,
            )
        )
    decided = [one for one in course.decisions if one.round == row.round]
    return ApplicationView(row, criteria, decided[0] if decided else None, course, request)


def _changed(sent: list[Filing]) -> dict[str, str]:
    """What was answered before, by the codes whose answers the last filing has changed."""
    if len(sent) < 2:
        return {}
    last, before = (one.answers for one in sent)
    codes = sorted({*last, *before})
    return {code: before.get(code, "") for code in codes if before.get(code, "") != last.get(code, "")}


async def answers_of(db: AsyncSession, application_id: UUID) -> dict[UUID, str]:
    """The answers of an application by the criterion's id."""
    return {id: answer.value for id, answer in (await written_of(db, application_id)).items()}


async def written_of(db: AsyncSession, application_id: UUID) -> dict[UUID, Answer]:
    """The same with who wrote them."""
    wanted = select(Answer).where(Answer.application_id == application_id)
    found = await db.exec(wanted, execution_options=FRESH)
    return {answer.criterion_id: answer for answer in found.all()}


@dataclass(frozen=True, slots=True)
class _Written:
    value: str
    source: int | None
    by: str
    at: datetime


async def _answers(db: AsyncSession, application_id: UUID) -> dict[UUID, _Written]:
    source = aliased(Application)
    wanted = (
        select(Answer, source.number, Person.name)
        .outerjoin(source, col(source.id) == Answer.source_id)
        .outerjoin(Person, col(Person.id) == Answer.answered_by)
        .where(Answer.application_id == application_id)
    )
    return {
        answer.criterion_id: _Written(answer.value, number, name or "", answer.answered_at)
        for answer, number, name in (await db.exec(wanted, execution_options=FRESH)).all()
    }


async def _verdicts_of(db: AsyncSession, application_id: UUID, round: int) -> dict[UUID, CriterionVerdict]:
    wanted = select(CriterionVerdict).where(
        CriterionVerdict.application_id == application_id, CriterionVerdict.round == round
    )
    return {verdict.criterion_id: verdict for verdict in (await db.exec(wanted)).all()}


async def _rows(
    db: AsyncSession, which: ColumnElement[bool], *order: Any, limit: int
) -> list[ApplicationRow]:
    wanted = (
        select(Application, Rulebook, _Procurer.name, _Provider.name)
        .join(Rulebook, col(Rulebook.id) == Application.rulebook_id)
        .join(_Procurer, col(_Procurer.id) == Application.procurer_id)
        .join(_Provider, col(_Provider.id) == Application.provider_id)
        .where(which)
        .order_by(*order)
        .limit(limit)
    )
    return [
        ApplicationRow(
            application.id,
            application.number or 0,
            application.status,
            application.procurer_id,
            procurer,
            application.provider_id,
            provider,
            application.service_id,
            rulebook.id,
            rulebook.title,
            rulebook.version,
            application.started_at,
            application.submitted_at,
            application.round,
            application.due_on,
        )
        for application, rulebook, procurer, provider in (await db.exec(wanted)).all()
    ]
