"""Reading applications: a provider its own, a procurer those that were sent to it."""

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, tuple_
from sqlalchemy.orm import aliased
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from setori.db import Page, page_of
from setori.errors import Forbidden, NotFound
from setori.people import PROCURER_ROLES, PROVIDER_ROLES, Actor, Organisation, Role, names_of
from setori.registry.models import Answer, Application, CriterionVerdict, Decision, Rulebook
from setori.registry.queries.rulebooks import criteria_of, view_of
from setori.registry.queries.views import AnsweredCriterion, ApplicationRow, ApplicationView, DecisionView
from setori.registry.rules import ApplicationStatus, answer_problem

_Provider = aliased(Organisation)
_Procurer = aliased(Organisation)


async def list_queue(
    db: AsyncSession,
    *,
    by: Actor,
    status: ApplicationStatus = ApplicationStatus.SUBMITTED,
    after: UUID | None = None,
    limit: int = 24,
) -> Page[ApplicationRow]:
    """What waits for the registrar, the one that has waited longest first; or what has been decided, by status."""
    if by.role is not Role.REGISTRAR or status is ApplicationStatus.DRAFT:
        raise Forbidden
    which = and_(
        col(Application.procurer_id) == by.organisation_id,
        col(Application.status) == status,
        col(Application.submitted_at).is_not(None),
    )
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


async def find_application(db: AsyncSession, application_id: UUID, *, by: Actor) -> ApplicationView:
    """An application with its answers and decision. Another's, or one not yet sent to the procurer, raises NotFound."""
    rows = await _rows(db, and_(col(Application.id) == application_id, visible_to(by)), limit=1)
    if not rows:
        raise NotFound
    row = rows[0]
    answers = await answers_of(db, application_id)
    met = await _verdicts_of(db, application_id)
    criteria = []
    for criterion in await criteria_of(db, row.rulebook_id):
        value, verdict = answers.get(criterion.id, ""), met.get(criterion.id)
        criteria.append(
            AnsweredCriterion(
                view_of(criterion),
                value,
                answer_problem(criterion.kind, value, criterion.minimum, criterion.maximum)
                if value
                else None,
                verdict.met if verdict else None,
                verdict.reason if verdict else "",
            )
        )
    decision = await db.get(Decision, application_id)
    if decision is None:
        return ApplicationView(row, criteria, None)
    who = (await names_of(db, [decision.decided_by])).get(decision.decided_by, "")
    seen = DecisionView(decision.outcome, decision.reason, who, decision.decided_at)
    return ApplicationView(row, criteria, seen)


def visible_to(by: Actor) -> ColumnElement[bool]:
    """Which applications somebody may see: a provider's people their own, a procurer's people what was sent to them."""
    if by.role in PROVIDER_ROLES:
        return col(Application.provider_id) == by.organisation_id
    if by.role in PROCURER_ROLES:
        return and_(
            col(Application.procurer_id) == by.organisation_id, col(Application.submitted_at).is_not(None)
        )
    raise Forbidden


async def lock_application(db: AsyncSession, application_id: UUID, *, by: Actor) -> Application:
    """An application for writing, so that two people do not move it at the same time. Raises NotFound."""
    wanted = select(Application).where(Application.id == application_id, visible_to(by)).with_for_update()
    application = (await db.exec(wanted, execution_options={"populate_existing": True})).first()
    if application is None:
        raise NotFound
    return application


async def answers_of(db: AsyncSession, application_id: UUID) -> dict[UUID, str]:
    """The answers of an application by the criterion's id."""
    wanted = select(Answer.criterion_id, Answer.value).where(Answer.application_id == application_id)
    return dict((await db.exec(wanted)).all())


async def _verdicts_of(db: AsyncSession, application_id: UUID) -> dict[UUID, CriterionVerdict]:
    wanted = select(CriterionVerdict).where(CriterionVerdict.application_id == application_id)
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
        )
        for application, rulebook, procurer, provider in (await db.exec(wanted)).all()
    ]
