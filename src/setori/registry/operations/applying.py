"""A provider applies: starts, answers as it comes, and sends when everything mandatory is there."""

from collections.abc import Mapping
from datetime import datetime, timedelta
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
from setori.registry.models import (
    Answer,
    Application,
    Assessment,
    Criterion,
    FiledDocument,
    Filing,
    Rulebook,
)
from setori.registry.operations.composing import close_with_application, refuse_unanswered
from setori.registry.operations.telling import about
from setori.registry.queries.applications import answers_of, written_of
from setori.registry.queries.documents import document_of, documents_named, problem_of, shelf_of
from setori.registry.queries.filings import Known, answered_before
from setori.registry.queries.register import approved_under
from setori.registry.queries.rulebooks import criteria_of
from setori.registry.queries.seeing import lock_application
from setori.registry.rules import (
    FINAL,
    WRITABLE,
    AlreadyApproved,
    ApplicationStatus,
    CriterionKind,
    NotComplete,
    NotYours,
    RulebookStatus,
    missing,
    move,
)


class NotOpen(Conflict):
    """Applications are made to the published version only."""

    sentence = "This rulebook is not open for applications. Look for its newest version."


class WrittenMeanwhile(Conflict):
    """A colleague has answered the same between the reading and the writing."""

    sentence = "A colleague of yours has changed this answer in the meantime. Look at both, then save again."

    def __init__(self, theirs: dict[str, str]) -> None:
        super().__init__()
        self.theirs = theirs


async def start_application(db: AsyncSession, rulebook_id: UUID, *, by: Actor, at: datetime) -> UUID:
    """The firm's open application to a rulebook, begun if there is none, with what the firm has answered elsewhere.

    Raises NotFound, NotOpen, AlreadyApproved.
    """
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
            round=0,
        )
        .on_conflict_do_nothing(
            index_elements=["provider_id", "rulebook_id"],
            index_where=text("status in ('draft', 'submitted', 'returned')"),
        )
        .returning(col(Application.id))
    )
    application_id: UUID | None = (await db.exec(begun)).scalar_one_or_none()
    if application_id is None:
        application_id = await _open_one(db, provider_id, rulebook_id)
        if application_id is None:
            raise Conflict
        return application_id
    await _answer_from_before(db, application_id, provider_id, rulebook_id, by=by, at=at)
    record(db, "application.started", application_id, by_id=by.person_id, at=at)
    await db.flush()
    return application_id


async def answer(
    db: AsyncSession, application_id: UUID, order: AnswerCriteria, *, by: Actor, at: datetime
) -> dict[str, str]:
    """Keep answers as they were typed, good or bad; what is wrong with each is told by its code.

    Nothing typed is ever lost: a bad answer only keeps the application from being sent. Raises NotFound, NotYours when
    it has been sent, Invalid for a code that the rulebook does not know, WrittenMeanwhile.
    """
    _firm_of(by)
    application = await lock_application(db, application_id, by=by)
    if application.status not in WRITABLE:
        raise NotYours(status=application.status.value)
    asked = {
        criterion.code: criterion
        for criterion in await criteria_of(db, application.rulebook_id)
        if criterion.kind is not CriterionKind.REGISTRY_CHECK
    }
    unknown = sorted(set(order.answers) - set(asked))
    if unknown:
        raise Invalid(errors=dict.fromkeys(unknown, "The rulebook does not ask this."))
    before = await written_of(db, application_id)
    _refuse_overwriting(order, {code: before.get(criterion.id) for code, criterion in asked.items()}, by)
    kept = {id: written.value for id, written in before.items()}
    typed = {asked[code].id: value for code, value in order.answers.items()}
    changed = {id: value for id, value in typed.items() if value != kept.get(id, "")}
    if changed:
        await _keep(db, application_id, changed, by=by, at=at)
        codes = sorted(code for code, criterion in asked.items() if criterion.id in changed)
        record(db, "application.answered", application_id, by_id=by.person_id, at=at, codes=codes)
    await db.flush()
    known = await documents_named(
        db,
        [(asked[code].kind, value) for code, value in order.answers.items()],
        provider_id=application.provider_id,
    )
    return {
        code: problem
        for code, value in order.answers.items()
        if value and (problem := problem_of(asked[code], value, known, on=local_day(at))) is not None
    }


async def submit(db: AsyncSession, application_id: UUID, *, by: Actor, at: datetime) -> None:
    """Send an application to the procurer, or send it again when it was returned; what was sent is kept for ever.

    Raises NotComplete with a sentence for each criterion that is in the way, NotYours, StillInvited.
    """
    if by.role is not Role.PROVIDER_OWNER:
        raise Forbidden
    application = await lock_application(db, application_id, by=by)
    if application.status not in WRITABLE:
        raise NotYours(status=application.status.value)
    move(application.status, ApplicationStatus.SUBMITTED)
    criteria = await criteria_of(db, application.rulebook_id)
    answers = await answers_of(db, application_id)
    by_code = {criterion.code: answers.get(criterion.id, "") for criterion in criteria}
    known = await documents_named(
        db, [(one.kind, by_code[one.code]) for one in criteria], provider_id=application.provider_id
    )
    errors = {
        one.code: problem
        for one in criteria
        if by_code[one.code]
        and (problem := problem_of(one, by_code[one.code], known, on=local_day(at))) is not None
    }
    errors |= missing(
        {criterion.code: criterion.kind for criterion in criteria if criterion.mandatory}, by_code
    )
    if errors:
        raise NotComplete(errors=errors)
    await refuse_unanswered(db, application_id)
    again = application.status is ApplicationStatus.RETURNED
    rulebook = await db.get_one(Rulebook, application.rulebook_id)
    application.status = ApplicationStatus.SUBMITTED
    application.submitted_at = at
    application.submitted_by = by.person_id
    application.round += 1
    application.due_on = local_day(at) + timedelta(days=rulebook.decision_days)
    filed = {code: value for code, value in by_code.items() if value}
    db.add(
        Filing(
            application_id=application.id,
            round=application.round,
            answers=filed,
            filed_at=at,
            filed_by=by.person_id,
        )
    )
    await db.flush()
    db.add_all(
        FiledDocument(
            application_id=application.id, round=application.round, criterion_id=one.id, version_id=sent.id
        )
        for one in criteria
        if (sent := document_of(one, by_code[one.code], known)) is not None
    )
    assessors = await _same_assessors(db, application, at=at) if again else []
    _record(db, "application.submitted", application, by, at, round=application.round)
    params = await about(db, {"application_id": str(application.id), "number": application.number})
    for member in await people.list_members(db, application.procurer_id):
        if member.role is Role.REGISTRAR and (not assessors or member.person_id in assessors):
            await people.notify(db, member.person_id, "application_submitted", params, at=at)
    await db.flush()


async def withdraw(db: AsyncSession, application_id: UUID, *, by: Actor, at: datetime) -> None:
    """Take an application back before it is decided. What was filed stays."""
    if by.role is not Role.PROVIDER_OWNER:
        raise Forbidden
    application = await lock_application(db, application_id, by=by)
    move(application.status, ApplicationStatus.WITHDRAWN)
    application.status = ApplicationStatus.WITHDRAWN
    application.withdrawn_at = at
    application.withdrawn_by = by.person_id
    application.due_on = None
    await close_with_application(db, application, None, by=by, at=at)
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
        col(Application.status).in_([*WRITABLE, ApplicationStatus.SUBMITTED]),
    )
    return (await db.exec(wanted)).first()


def _refuse_overwriting(order: AnswerCriteria, kept: Mapping[str, Answer | None], by: Actor) -> None:
    """Raise WrittenMeanwhile when a colleague's answer would be lost that the writer has not seen."""
    theirs = {}
    for code, seen in order.over.items():
        answer, typed = kept.get(code), order.answers.get(code)
        if answer is None or typed is None or answer.answered_by == by.person_id:
            continue
        if _same_lines(answer.value) not in (_same_lines(seen), _same_lines(typed)):
            theirs[code] = answer.value
    if theirs:
        raise WrittenMeanwhile(theirs)


def _same_lines(value: str) -> str:
    return value.replace("\r\n", "\n")


async def _same_assessors(db: AsyncSession, application: Application, *, at: datetime) -> list[UUID]:
    """Whoever assessed the round before assesses this one, as far as they still keep the register."""
    former = select(Assessment).where(
        Assessment.application_id == application.id, Assessment.round == application.round - 1
    )
    members = await people.list_members(db, application.procurer_id)
    keep = {member.person_id for member in members if member.role is Role.REGISTRAR}
    assessors = [one for one in (await db.exec(former)).all() if one.assessor_id in keep]
    db.add_all(
        Assessment(
            application_id=application.id,
            round=application.round,
            assessor_id=one.assessor_id,
            assigned_by=one.assigned_by,
            assigned_at=at,
        )
        for one in assessors
    )
    return [one.assessor_id for one in assessors]


async def _answer_from_before(
    db: AsyncSession, application_id: UUID, provider_id: UUID, rulebook_id: UUID, *, by: Actor, at: datetime
) -> None:
    """What is known is not asked again: a register check is the firm's own id, other answers are the latest filed.

    A declaration is copied only where its words are the same: a yes to other words would be nobody's yes. A document is
    the newest version of what the wallet holds of the kind, or of what was filed before, as long as it holds.
    """
    firm = await db.get_one(Organisation, provider_id)
    own_id = firm.business_id or f"{firm.foreign_register} {firm.foreign_id}"
    criteria = await criteria_of(db, rulebook_id)
    before = await answered_before(db, provider_id, [criterion.code for criterion in criteria])
    values: dict[UUID, str] = {}
    sources: dict[UUID, UUID] = {}
    shelf = await shelf_of(db, provider_id, on=local_day(at))
    for criterion in criteria:
        known = _fitting(criterion, before)
        if criterion.kind is CriterionKind.REGISTRY_CHECK:
            values[criterion.id] = own_id
        elif criterion.kind is CriterionKind.DOCUMENT:
            renewed = shelf.renewed(criterion, known.value) if known else None
            if (kept := renewed or shelf.of_kind(criterion)) is not None:
                values[criterion.id] = str(kept)
            if renewed and known:
                sources[criterion.id] = known.application_id
        elif known is not None:
            values[criterion.id] = known.value
            sources[criterion.id] = known.application_id
    await _keep(db, application_id, values, by=by, at=at, sources=sources)


def _fitting(criterion: Criterion, before: list[Known]) -> Known | None:
    """The newest earlier answer to the same thing."""
    for known in before:
        if (known.code, known.kind) == (criterion.code, criterion.kind) and (
            criterion.kind is not CriterionKind.DECLARATION or known.text == criterion.text
        ):
            return known
    return None


async def _keep(
    db: AsyncSession,
    application_id: UUID,
    values: Mapping[UUID, str],
    *,
    by: Actor,
    at: datetime,
    sources: Mapping[UUID, UUID] | None = None,
) -> None:
    emptied = [criterion_id for criterion_id, value in values.items() if not value]
    if emptied:
        await db.exec(
            delete(Answer).where(
                col(Answer.application_id) == application_id, col(Answer.criterion_id).in_(emptied)
            )
        )
    rows = [
        {
            "application_id": application_id,
            "criterion_id": criterion_id,
            "value": value,
            "answered_at": at,
            "answered_by": by.person_id,
            "source_id": (sources or {}).get(criterion_id),
        }
        for criterion_id, value in values.items()
        if value
    ]
    if rows:
        kept = insert(Answer).values(rows)
        fresh = ("value", "answered_at", "answered_by", "source_id")
        await db.exec(
            kept.on_conflict_do_update(
                index_elements=["application_id", "criterion_id"],
                set_={name: kept.excluded[name] for name in fresh},
            )
        )


def _record(
    db: AsyncSession, action: str, application: Application, by: Actor, at: datetime, **detail: int
) -> None:
    record(
        db, action, application.id, by_id=by.person_id, at=at, procurer_id=application.procurer_id, **detail
    )
