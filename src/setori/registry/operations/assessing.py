"""Before the decision: who assesses, their marks, and the way back to the provider for completion."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from setori import people
from setori.days import local_day
from setori.db import record
from setori.errors import Conflict, Invalid, NotFound
from setori.people import Actor, Role
from setori.registry.commands import AskForCompletion, AssessApplication
from setori.registry.judging import Judged, unmarked
from setori.registry.models import Application, Assessment, CompletionRequest, Criterion, Mark, Rulebook
from setori.registry.operations.approving import FRESH
from setori.registry.operations.rulebooks import registrar_of
from setori.registry.operations.telling import about, tell_owners
from setori.registry.queries.assessments import assessments_of
from setori.registry.queries.filings import latest_filing
from setori.registry.queries.rulebooks import criteria_of
from setori.registry.queries.seeing import lock_application
from setori.registry.rules import (
    TWO,
    ApplicationStatus,
    CriterionKind,
    NotYours,
    is_revealed,
    move,
)

REMINDED_BEFORE = timedelta(days=3)
"""So long before the last day to complete an application its owners are reminded."""


class EnoughAssessors(Conflict):
    """Where two are asked for there are two, and nobody joins who may have seen the marks."""

    sentence = "This application has its assessors already."


class AssessmentDone(Conflict):
    """What was given for good stays."""

    sentence = "This assessment is done and no longer changes."


class NotDueYet(Conflict):
    """The provider has the time that it was given."""

    sentence = "The provider has until {day} to complete the application."


async def assign(
    db: AsyncSession, application_id: UUID, assessor_id: UUID, *, by: Actor, at: datetime
) -> None:
    """Ask a registrar of one's own procurer to assess an application; asking twice changes nothing.

    Raises NotFound, NotYours when it does not wait for a decision, EnoughAssessors.
    """
    application = await _waiting(db, application_id, by=by)
    members = await people.list_members(db, application.procurer_id)
    if not any(one.person_id == assessor_id and one.role is Role.REGISTRAR for one in members):
        raise NotFound
    asked = await assessments_of(db, application.id, application.round)
    if any(one.assessor_id == assessor_id for one in asked):
        return
    rulebook = await db.get_one(Rulebook, application.rulebook_id)
    done = [one.done_at is not None for one in asked]
    if is_revealed(done, two=rulebook.two_assessors) or len(asked) >= TWO:
        raise EnoughAssessors
    db.add(
        Assessment(
            application_id=application.id,
            round=application.round,
            assessor_id=assessor_id,
            assigned_by=by.person_id,
            assigned_at=at,
        )
    )
    _record(db, "application.assigned", application, by, at, assessor_id=str(assessor_id))
    if assessor_id != by.person_id:
        params = {"application_id": str(application.id), "number": application.number}
        await people.notify(db, assessor_id, "application_assigned", await about(db, params), at=at)
    await db.flush()


async def unassign(
    db: AsyncSession, application_id: UUID, assessor_id: UUID, *, by: Actor, at: datetime
) -> None:
    """Let an assessor go who has not done; what was marked so far goes too. Raises NotFound, AssessmentDone."""
    application = await _waiting(db, application_id, by=by)
    asked = await _asked(db, application, assessor_id)
    await db.exec(
        delete(Mark).where(
            col(Mark.application_id) == application.id,
            col(Mark.round) == application.round,
            col(Mark.assessor_id) == assessor_id,
        )
    )
    await db.delete(asked)
    _record(db, "application.unassigned", application, by, at, assessor_id=str(assessor_id))
    await db.flush()


async def assess(
    db: AsyncSession, application_id: UUID, order: AssessApplication, *, by: Actor, at: datetime
) -> None:
    """Keep one's own marks; when all are there and it is said to be done, give them for good.

    Raises NotFound (also to a registrar who was not asked), NotYours, AssessmentDone, Invalid for each criterion that
    lacks its mark or its reason.
    """
    application = await _waiting(db, application_id, by=by)
    asked = await _asked(db, application, by.person_id)
    criteria = await criteria_of(db, application.rulebook_id)
    errors = _lacking(order, criteria, await latest_filing(db, application.id))
    if errors:
        raise Invalid(errors=errors)
    ids = {criterion.code: criterion.id for criterion in criteria}
    rows = [
        {
            "application_id": application.id,
            "round": application.round,
            "assessor_id": by.person_id,
            "criterion_id": ids[code],
            "met": mark.met,
            "reason": mark.reason,
            "marked_at": at,
        }
        for code, mark in order.marks.items()
    ]
    if rows:
        kept = insert(Mark).values(rows)
        fresh = ("met", "reason", "marked_at")
        await db.exec(
            kept.on_conflict_do_update(
                index_elements=["application_id", "round", "assessor_id", "criterion_id"],
                set_={name: kept.excluded[name] for name in fresh},
            )
        )
    if order.is_done:
        asked.done_at = at
        _record(db, "application.assessed", application, by, at)
    await db.flush()


async def ask_for_completion(
    db: AsyncSession, application_id: UUID, order: AskForCompletion, *, by: Actor, at: datetime
) -> None:
    """Return an application to its provider, with what to mend and until when. What was filed stays as it was.

    Raises NotFound, NotYours, Invalid for a day that is not ahead or a criterion that was not asked.
    """
    application = await _waiting(db, application_id, by=by)
    move(application.status, ApplicationStatus.RETURNED)
    errors: dict[str, str] = {}
    if not 0 < (order.due_on - local_day(at)).days <= 365:
        errors["due_on"] = "Choose a day ahead, within a year."
    askable = {
        criterion.code
        for criterion in await criteria_of(db, application.rulebook_id)
        if criterion.kind is not CriterionKind.REGISTRY_CHECK
    }
    unknown = {code: "The rulebook does not ask this." for code in order.to_mend if code not in askable}
    if errors or unknown:
        raise Invalid(errors=errors | unknown)
    application.status = ApplicationStatus.RETURNED
    application.due_on = order.due_on
    db.add(
        CompletionRequest(
            application_id=application.id,
            round=application.round,
            message=order.message,
            to_mend={code: words for code, words in order.to_mend.items() if words},
            due_on=order.due_on,
            asked_by=by.person_id,
            asked_at=at,
        )
    )
    _record(db, "application.returned", application, by, at, due_on=order.due_on.isoformat())
    params = {"application_id": str(application.id), "due_on": order.due_on.isoformat()}
    await tell_owners(db, application.provider_id, "application_returned", params, at=at)
    await db.flush()


async def remind_to_complete(db: AsyncSession, *, at: datetime) -> int:
    """Tell the owners of each returned application that its last day is near, once a return. Returns how many."""
    today = local_day(at)
    wanted = (
        select(Application, CompletionRequest.asked_at)
        .join(
            CompletionRequest,
            (col(CompletionRequest.application_id) == Application.id)
            & (col(CompletionRequest.round) == Application.round),
        )
        .where(
            Application.status == ApplicationStatus.RETURNED,
            col(Application.due_on).between(today, today + REMINDED_BEFORE),
        )
        .order_by(col(Application.id))
        .with_for_update(of=Application)
    )
    reminded = 0
    for application, asked_at in (await db.exec(wanted, execution_options=FRESH)).all():
        asked_on = local_day(asked_at)
        if asked_on == today or (application.reminded_on is not None and application.reminded_on >= asked_on):
            continue
        assert application.due_on is not None
        application.reminded_on = today
        reminded += 1
        params = {"application_id": str(application.id), "closes_on": application.due_on.isoformat()}
        await tell_owners(db, application.provider_id, "completion_due", params, at=at)
    await db.flush()
    return reminded


async def take_up(db: AsyncSession, application_id: UUID, *, by: Actor, at: datetime) -> None:
    """Take an application that was not completed in time back to the desk, to be decided as it was filed.

    Raises NotFound, NotYours, NotDueYet.
    """
    registrar_of(by)
    application = await lock_application(db, application_id, by=by)
    if application.status is not ApplicationStatus.RETURNED:
        raise NotYours(status=application.status.value)
    if application.due_on is not None and local_day(at) <= application.due_on:
        raise NotDueYet(day=application.due_on)
    application.status = ApplicationStatus.SUBMITTED
    application.round += 1
    application.due_on = local_day(at)
    _record(db, "application.taken_up", application, by, at)
    await db.flush()


async def _waiting(db: AsyncSession, application_id: UUID, *, by: Actor) -> Application:
    """An application that waits for a decision, for writing. Raises Forbidden, NotFound, NotYours."""
    registrar_of(by)
    application = await lock_application(db, application_id, by=by)
    if application.status is not ApplicationStatus.SUBMITTED:
        raise NotYours(status=application.status.value)
    return application


async def _asked(db: AsyncSession, application: Application, assessor_id: UUID) -> Assessment:
    for one in await assessments_of(db, application.id, application.round):
        if one.assessor_id == assessor_id:
            if one.done_at is not None:
                raise AssessmentDone
            return one
    raise NotFound


def _lacking(order: AssessApplication, criteria: list[Criterion], filed: Mapping[str, str]) -> dict[str, str]:
    codes = [criterion.code for criterion in criteria]
    errors = {code: "The rulebook does not ask this." for code in order.marks if code not in codes}
    if order.is_done:
        judged = [Judged(one.code, one.kind, one.mandatory, filed.get(one.code, "")) for one in criteria]
        lacking = dict.fromkeys(unmarked(judged, order.marks), "Mark whether this is met.")
        for code in codes:
            mark = order.marks.get(code)
            if mark is not None and not mark.met and not mark.reason:
                lacking[code] = "Tell why this is not met."
        errors |= {code: lacking[code] for code in codes if code in lacking}
    return errors


def _record(
    db: AsyncSession, action: str, application: Application, by: Actor, at: datetime, **detail: str
) -> None:
    record(
        db, action, application.id, by_id=by.person_id, at=at, procurer_id=application.procurer_id, **detail
    )
