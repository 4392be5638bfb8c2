"""After the decision: an appeal is recorded, and what came of it; a rejection may come back to be decided anew."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from setori.days import local_day
from setori.db import record
from setori.errors import Conflict, Forbidden, Invalid
from setori.people import Actor, Role
from setori.registry.commands import FileAppeal, RecordAppeal, ResolveAppeal
from setori.registry.models import Appeal, Application, Decision, Rulebook
from setori.registry.operations.rulebooks import registrar_of
from setori.registry.operations.telling import tell_owners, tell_registrars
from setori.registry.queries.seeing import lock_application
from setori.registry.rules import AppealOutcome, ApplicationStatus, NotYours, appeal_until, move


class AppealOpen(Conflict):
    """One appeal at a time."""

    sentence = "An appeal against this decision is open already."


class AppealTooLate(Conflict):
    """A decision is appealed against in time."""

    sentence = "The last day to appeal against this decision was {day}."


class NoAppeal(Conflict):
    """There is nothing to resolve."""

    sentence = "No appeal against this decision is open."


class AppliedAgain(Conflict):
    """A rejection is not decided anew beside a new application."""

    sentence = "The provider has applied anew in the meantime. Decide that application instead."


async def record_appeal(
    db: AsyncSession, application_id: UUID, order: RecordAppeal, *, by: Actor, at: datetime
) -> UUID:
    """Note an appeal that has come. Raises NotFound, NotYours without a decision, AppealOpen, Invalid for its day."""
    registrar_of(by)
    application = await lock_application(db, application_id, by=by)
    decision = await _decision(db, application)
    if not local_day(decision.decided_at) <= order.received_on <= local_day(at):
        raise Invalid(errors={"received_on": "Choose a day between the decision and today."})
    if await _open_appeal(db, application) is not None:
        raise AppealOpen
    appeal = Appeal(
        application_id=application.id,
        round=application.round,
        received_on=order.received_on,
        demand=order.demand,
        recorded_by=by.person_id,
        recorded_at=at,
    )
    db.add(appeal)
    await db.flush()
    _record(db, "appeal.recorded", appeal.id, application, by, at)
    await db.flush()
    return appeal.id


async def file_appeal(
    db: AsyncSession, application_id: UUID, order: FileAppeal, *, by: Actor, at: datetime
) -> UUID:
    """The provider itself appeals against the decision that stands; the registrars are told. Returns the appeal's id.

    Raises Forbidden, NotFound, NotYours without a decision, AppealOpen, AppealTooLate.
    """
    if by.role is not Role.PROVIDER_OWNER:
        raise Forbidden
    application = await lock_application(db, application_id, by=by)
    decision = await _decision(db, application)
    last_day = appeal_until(local_day(decision.decided_at))
    if local_day(at) > last_day:
        raise AppealTooLate(day=last_day)
    if await _open_appeal(db, application) is not None:
        raise AppealOpen
    appeal = Appeal(
        application_id=application.id,
        round=application.round,
        received_on=local_day(at),
        demand=order.demand,
        by_provider=True,
        recorded_by=by.person_id,
        recorded_at=at,
    )
    db.add(appeal)
    await db.flush()
    _record(db, "appeal.filed", appeal.id, application, by, at)
    params = {"application_id": str(application.id), "number": application.number}
    await tell_registrars(db, application.procurer_id, "appeal_filed", params, at=at)
    await db.flush()
    return appeal.id


async def resolve_appeal(
    db: AsyncSession, application_id: UUID, order: ResolveAppeal, *, by: Actor, at: datetime
) -> None:
    """Write down what came of the open appeal. Accepted against a rejection, the application comes back to the desk.

    The former decision stays to be read. Raises NotFound, NoAppeal, Invalid for an outcome that does not fit the
    decision, AppliedAgain.
    """
    registrar_of(by)
    application = await lock_application(db, application_id, by=by)
    appeal = await _open_appeal(db, application)
    if appeal is None:
        raise NoAppeal
    decision = await _decision(db, application)
    if order.outcome is AppealOutcome.REOPENED and decision.outcome is not ApplicationStatus.REJECTED:
        raise Invalid(errors={"outcome": "Only a rejection is decided anew."})
    if order.outcome is AppealOutcome.AMENDED and not decision.conditions:
        raise Invalid(errors={"outcome": "This decision has no conditions that could change."})
    appeal.outcome = order.outcome
    appeal.outcome_reason = order.reason
    appeal.resolved_by = by.person_id
    appeal.resolved_at = at
    _record(db, f"appeal.{order.outcome.value}", appeal.id, application, by, at)
    await db.flush()
    if order.outcome is AppealOutcome.REOPENED:
        await _reopen(db, application, at=at)
    params = {"application_id": str(application.id), "outcome": order.outcome.value}
    await tell_owners(db, application.provider_id, "appeal_resolved", params, at=at)
    await db.flush()


async def _reopen(db: AsyncSession, application: Application, *, at: datetime) -> None:
    move(application.status, ApplicationStatus.SUBMITTED)
    rulebook = await db.get_one(Rulebook, application.rulebook_id)
    try:
        async with db.begin_nested():
            application.status = ApplicationStatus.SUBMITTED
            application.round += 1
            application.due_on = local_day(at) + timedelta(days=rulebook.decision_days)
            await db.flush()
    except IntegrityError as refused:
        if "one_open_application" in str(refused):
            raise AppliedAgain from refused
        raise


async def _decision(db: AsyncSession, application: Application) -> Decision:
    decision = await db.get(Decision, (application.id, application.round))
    if decision is None:
        raise NotYours(status=application.status.value)
    return decision


async def _open_appeal(db: AsyncSession, application: Application) -> Appeal | None:
    wanted = select(Appeal).where(Appeal.application_id == application.id, col(Appeal.outcome).is_(None))
    return (await db.exec(wanted, execution_options={"populate_existing": True})).first()


def _record(
    db: AsyncSession, action: str, appeal_id: UUID, application: Application, by: Actor, at: datetime
) -> None:
    record(
        db,
        action,
        appeal_id,
        by_id=by.person_id,
        at=at,
        procurer_id=application.procurer_id,
        application_id=str(application.id),
    )
