"""A provider applies: starts, answers as it comes, and sends when everything mandatory is there."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, text
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from setori import people
from setori.days import local_day
from setori.db import new_id, record
from setori.errors import Conflict, Forbidden, Invalid, NotFound
from setori.people import PROVIDER_ROLES, Actor, Organisation, Role
from setori.registry.commands import AnswerCriteria
from setori.registry.models import Answer, Application, Criterion, Rulebook
from setori.registry.queries.applications import answers_of, lock_application
from setori.registry.queries.register import approved_under
from setori.registry.queries.rulebooks import criteria_of
from setori.registry.rules import (
    FINAL,
    AlreadyApproved,
    ApplicationStatus,
    CriterionKind,
    NotComplete,
    NotYours,
    RulebookStatus,
    answer_problem,
    missing,
    move,
)


class NotOpen(Conflict):
    """Applications are made to the published version only."""

    sentence = "This rulebook is not open for applications. Look for its newest version."


async def start_application(db: AsyncSession, rulebook_id: UUID, *, by: Actor, at: datetime) -> UUID:
    """The firm's open application to a rulebook, begun if there is none. Raises NotFound, NotOpen, AlreadyApproved."""
    provider_id = _firm_of(by)
    rulebook = await db.get(Rulebook, rulebook_id)
    if rulebook is None or rulebook.status not in FINAL:
        raise NotFound
    if (open_one := await _open_one(db, provider_id, rulebook_id)) is not None:
        return open_one
    if rulebook.status is not RulebookStatus.PUBLISHED:
        raise NotOpen
    if await approved_under(db, rulebook.procurer_id, provider_id, rulebook.service_id, on=local_day(at)):
        raise AlreadyApproved
    begun = (
        insert(Application)
        .values(
            id=new_id(),
            procurer_id=rulebook.procurer_id,
            provider_id=provider_id,
            rulebook_id=rulebook_id,
            service_id=rulebook.service_id,
            status=ApplicationStatus.DRAFT,
            started_at=at,
        )
        .on_conflict_do_nothing(
            index_elements=["provider_id", "rulebook_id"],
            index_where=text("status in ('draft', 'submitted')"),
        )
        .returning(col(Application.id))
    )
    application_id: UUID | None = (await db.exec(begun)).scalar_one_or_none()
    if application_id is None:
        application_id = await _open_one(db, provider_id, rulebook_id)
        if application_id is None:
            raise Conflict
        return application_id
    await _answer_from_the_register(db, application_id, provider_id, rulebook_id, at=at)
    record(db, "application.started", application_id, by_id=by.person_id, at=at)
    await db.flush()
    return application_id


async def answer(
    db: AsyncSession, application_id: UUID, order: AnswerCriteria, *, by: Actor, at: datetime
) -> dict[str, str]:
    """Keep answers as they were typed, good or bad; what is wrong with each is told by its code.

    Nothing typed is ever lost: a bad answer only keeps the application from being sent. Raises NotFound, NotYours when
    it has been sent, Invalid for a code that the rulebook does not know.
    """
    _firm_of(by)
    application = await lock_application(db, application_id, by=by)
    if application.status is not ApplicationStatus.DRAFT:
        raise NotYours(status=application.status.value)
    asked = {
        criterion.code: criterion
        for criterion in await criteria_of(db, application.rulebook_id)
        if criterion.kind is not CriterionKind.REGISTRY_CHECK
    }
    unknown = sorted(set(order.answers) - set(asked))
    if unknown:
        raise Invalid(errors=dict.fromkeys(unknown, "The rulebook does not ask this."))
    await _keep(db, application_id, {asked[code].id: value for code, value in order.answers.items()}, at=at)
    record(db, "application.answered", application_id, by_id=by.person_id, at=at, codes=sorted(order.answers))
    await db.flush()
    return {
        code: problem
        for code, value in order.answers.items()
        if value and (problem := _problem(asked[code], value)) is not None
    }


async def submit(db: AsyncSession, application_id: UUID, *, by: Actor, at: datetime) -> None:
    """Send an application to the procurer. Raises NotComplete with a sentence for each criterion that is in the way."""
    if by.role is not Role.PROVIDER_OWNER:
        raise Forbidden
    application = await lock_application(db, application_id, by=by)
    move(application.status, ApplicationStatus.SUBMITTED)
    criteria = await criteria_of(db, application.rulebook_id)
    answers = await answers_of(db, application_id)
    by_code = {criterion.code: answers.get(criterion.id, "") for criterion in criteria}
    errors = {
        criterion.code: problem
        for criterion in criteria
        if by_code[criterion.code] and (problem := _problem(criterion, by_code[criterion.code])) is not None
    }
    errors |= missing(
        {criterion.code: criterion.kind for criterion in criteria if criterion.mandatory}, by_code
    )
    if errors:
        raise NotComplete(errors=errors)
    application.status = ApplicationStatus.SUBMITTED
    application.submitted_at = at
    application.submitted_by = by.person_id
    _record(db, "application.submitted", application, by, at)
    for member in await people.list_members(db, application.procurer_id):
        if member.role is Role.REGISTRAR:
            params = {"application_id": str(application.id), "number": application.number}
            await people.notify(db, member.person_id, "application_submitted", params, at=at)
    await db.flush()


async def withdraw(db: AsyncSession, application_id: UUID, *, by: Actor, at: datetime) -> None:
    """Take an application back before it is decided."""
    if by.role is not Role.PROVIDER_OWNER:
        raise Forbidden
    application = await lock_application(db, application_id, by=by)
    move(application.status, ApplicationStatus.WITHDRAWN)
    application.status = ApplicationStatus.WITHDRAWN
    _record(db, "application.withdrawn", application, by, at)
    await db.flush()


def _firm_of(by: Actor) -> UUID:
    if by.role not in PROVIDER_ROLES or by.organisation_id is None:
        raise Forbidden
    return by.organisation_id


async def _open_one(db: AsyncSession, provider_id: UUID, rulebook_id: UUID) -> UUID | None:
    wanted = select(Application.id).where(
        Application.provider_id == provider_id,
        Application.rulebook_id == rulebook_id,
        col(Application.status).in_([ApplicationStatus.DRAFT, ApplicationStatus.SUBMITTED]),
    )
    return (await db.exec(wanted)).first()


async def _answer_from_the_register(
    db: AsyncSession, application_id: UUID, provider_id: UUID, rulebook_id: UUID, *, at: datetime
) -> None:
    """What Setori knows by itself is not asked: a register check is answered with the firm's own id."""
    firm = await db.get_one(Organisation, provider_id)
    known = firm.business_id or f"{firm.foreign_register} {firm.foreign_id}"
    checks = [
        criterion.id
        for criterion in await criteria_of(db, rulebook_id)
        if criterion.kind is CriterionKind.REGISTRY_CHECK
    ]
    await _keep(db, application_id, dict.fromkeys(checks, known), at=at)


async def _keep(db: AsyncSession, application_id: UUID, values: dict[UUID, str], *, at: datetime) -> None:
    emptied = [criterion_id for criterion_id, value in values.items() if not value]
    if emptied:
        await db.exec(
            delete(Answer).where(
                col(Answer.application_id) == application_id, col(Answer.criterion_id).in_(emptied)
            )
        )
    rows = [
        {"application_id": application_id, "criterion_id": criterion_id, "value": value, "answered_at": at}
        for criterion_id, value in values.items()
        if value
    ]
    if rows:
        kept = insert(Answer).values(rows)
        await db.exec(
            kept.on_conflict_do_update(
                index_elements=["application_id", "criterion_id"],
                set_={"value": kept.excluded.value, "answered_at": kept.excluded.answered_at},
            )
        )


def _problem(criterion: Criterion, value: str) -> str | None:
    return answer_problem(criterion.kind, value, criterion.minimum, criterion.maximum)


def _record(db: AsyncSession, action: str, application: Application, by: Actor, at: datetime) -> None:
    record(db, action, application.id, by_id=by.person_id, at=at, procurer_id=application.procurer_id)
